//! From the bytes of a file to text: what editors, PowerShell, and chats save; and a word for what is no text.

/// A text, and whether letters in it could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// The text, without a byte order mark.
    pub(super) text: String,
    /// Some bytes are not UTF-8; a `�` replaces each.
    pub(super) lossy: bool,
}

/// Files that are recognized by their first bytes, and what to do with each.
const BINARY: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it is a ZIP archive or an Office document: unpack it, or save it as plain text"),
    (b"PK\x05\x06", "it is an empty ZIP archive"),
    (b"\x1f\x8b", "it is compressed with gzip: unpack it first"),
    (b"BZh", "it is compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ\0", "it is compressed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it first"),
    (b"Rar!\x1a\x07", "it is a RAR archive: unpack it first"),
    (b"%PDF-", "it is a PDF: copy the receipt out of it into a text file"),
    (b"\x89PNG", "it is a picture: a receipt is read as text, so have it pasted"),
    (b"\xff\xd8\xff", "it is a picture: a receipt is read as text, so have it pasted"),
    (b"GIF8", "it is a picture: a receipt is read as text, so have it pasted"),
    (b"\xd0\xcf\x11\xe0", "it is an old Office document: save it as plain text"),
    (b"SQLite format 3\0", "it is a database, such as labrun's own progress: labrun report makes a report of it"),
];

/// The text in these bytes: UTF-8, or UTF-16 in either byte order, with or without a byte order mark.
///
/// # Errors
/// What it is instead of a text, in words.
pub(super) fn decode(bytes: &[u8]) -> Result<Text, String> {
    if let Some((_, what)) = BINARY.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err((*what).to_owned());
    }
    let is_text = |text: &str| !text.chars().any(|ch| ch.is_control() && !ch.is_whitespace() && ch != '\u{1b}');
    let no_text = || "it is no text: neither a report nor receipts".to_owned();
    if let Some(order) = utf16(bytes) {
        let units = bytes.strip_prefix(order.mark()).unwrap_or(bytes);
        let text = order.decode(units).filter(|text| is_text(text));
        return text.map(|text| Text { text, lossy: false }).ok_or_else(no_text);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(no_text());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text { text: text.to_owned(), lossy: false }),
        // A chat that an old editor saved: receipts are ASCII, whatever the letters around them are.
        Err(_) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            if is_text(&text) { Ok(Text { text, lossy: true }) } else { Err(no_text()) }
        }
    }
}

/// The order of the two bytes of a UTF-16 unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn mark(self) -> &'static [u8] {
        match self {
            Self::Little => b"\xff\xfe",
            Self::Big => b"\xfe\xff",
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<String> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| match self {
            Self::Little => u16::from_le_bytes(*pair),
            Self::Big => u16::from_be_bytes(*pair),
        };
        let units: Vec<u16> = pairs.iter().map(unit).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    }
}

/// Whether these bytes look like UTF-16: by their mark; or by zeros in every second place, since most of what is handed in
/// is ASCII.
fn utf16(bytes: &[u8]) -> Option<Order> {
    if let Some(order) = [Order::Little, Order::Big].into_iter().find(|order| bytes.starts_with(order.mark())) {
        return Some(order);
    }
    let (pairs, _) = bytes.get(..bytes.len().min(1024))?.as_chunks::<2>();
    let zeros = |place: usize| pairs.iter().filter(|pair| pair[place] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let most = |zeros: usize| !pairs.is_empty() && zeros * 10 >= pairs.len() * 7;
    match (most(first), most(second)) {
        (false, true) => Some(Order::Little),
        (true, false) => Some(Order::Big),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<String> {
        decode(bytes).ok().map(|text| text.text)
    }

    #[test]
    fn text_is_read_in_every_encoding_of_an_editor() {
        let text = "ada: labrun1 Größe 漢 🎉\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with(b"\xef\xbb\xbf", text.as_bytes()),
            with(b"\xff\xfe", &little),
            with(b"\xfe\xff", &big),
            little,
            big,
        ] {
            assert_eq!(read(&bytes).as_deref(), Some(text), "{bytes:?}");
        }
        assert_eq!(read(b"").as_deref(), Some(""));
        assert_eq!(read(b"\xff\xfe").as_deref(), Some(""));
    }

    #[test]
    fn letters_of_an_old_editor_do_not_hide_the_rest() {
        let text = decode(b"Gr\xf6\xdfe: labrun1").expect("it is text");
        assert_eq!((text.text.as_str(), text.lossy), ("Gr\u{fffd}\u{fffd}e: labrun1", true));
    }

    #[test]
    fn what_is_no_text_is_refused_with_a_word() {
        for (bytes, word) in [
            (b"PK\x03\x04rest".as_slice(), "ZIP"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\x89PNG\r\n\x1a\n", "picture"),
            (b"SQLite format 3\0", "database"),
            (b"\xff\xfe\x00", "no text"),
            (b"\xff\xfe\x00\xd8", "no text"),
            (b"abc\0def", "no text"),
            (b"\xe9\x01\x02\x03", "no text"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "no text"),
        ] {
            let error = decode(bytes).expect_err("it is no text");
            assert!(error.contains(word), "{bytes:?}: {error}");
        }
    }
}
