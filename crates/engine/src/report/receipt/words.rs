//! Finding receipts in what people paste: chats, mails, and lists have words around them, quotation marks, formatting, and
//! line breaks in the middle.

use super::{MARK, MOST_STEPS, Receipt, ReceiptError, body};

/// What the mark begins with.
const NAME: &str = "labrun";

/// Characters that chats put between letters and that have no width.
const UNSEEN: [char; 8] =
    ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}'];

/// The receipts in a text, each with its line.
pub(in crate::report) struct Words {
    text: String,
    /// Everything before this byte was read.
    at: usize,
    /// The line that was last asked for, and the byte that it was counted up to.
    counted: (usize, usize),
}

/// A mark in a text: where it begins and ends, its version as a word, and whether a letter or digit precedes it.
struct Mark {
    begin: usize,
    end: usize,
    version: String,
    glued: bool,
}

impl Words {
    /// The receipts in this text.
    pub(in crate::report) fn of(text: &str) -> Self {
        Self { text: text.replace(UNSEEN, ""), at: 0, counted: (1, 0) }
    }

    /// The next mark: `labrun1`, in any case, whatever a chat put in front of it.
    fn mark(&self) -> Option<Mark> {
        let bytes = self.text.as_bytes();
        let is_mark = |begin: usize| {
            let name = bytes.get(begin..begin + NAME.len())?;
            let rest = name.eq_ignore_ascii_case(NAME.as_bytes()).then(|| &self.text[begin + NAME.len()..])?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let ends = !rest[digits..].starts_with(char::is_alphanumeric);
            let end = begin + NAME.len() + digits;
            let glued = self.text[..begin].ends_with(char::is_alphanumeric);
            ((1..=3).contains(&digits) && ends).then(|| Mark {
                begin,
                end,
                version: self.text[begin..end].to_ascii_lowercase(),
                glued,
            })
        };
        (self.at..bytes.len().saturating_sub(NAME.len())).find_map(is_mark)
    }

    /// The rest, from the next character on that can be in a name.
    fn skip(&mut self) -> &str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(|ch| !is_of_name(ch)).len();
        &self.text[self.at..]
    }

    /// A name or the count: the next run of what can be in one. Markdown puts a backslash before some signs.
    fn field(&mut self) -> Result<String, ReceiptError> {
        let rest = self.skip();
        let mut field = String::new();
        let mut length = 0;
        let mut chars = rest.chars().peekable();
        while let Some(ch) = chars.next() {
            match ch {
                '\\' if chars.peek().is_some_and(|next| is_of_name(*next) && !next.is_alphanumeric()) => {}
                _ if is_of_name(ch) => field.push(ch),
                _ => break,
            }
            length += ch.len_utf8();
        }
        // Where the next receipt begins, this one ends.
        if field.is_empty() || version(&field).is_some() {
            return Err(ReceiptError::CutOff);
        }
        self.at += length;
        Ok(field)
    }

    /// The body: letters and digits until they are as many as the first of them say.
    fn body(&mut self) -> Result<String, ReceiptError> {
        let mut text = String::new();
        let mut length = None;
        while length.is_none_or(|length| text.len() < length) {
            let rest = &self.text[self.at..];
            let rest = rest.trim_start_matches(|ch: char| !ch.is_alphanumeric());
            let word = rest.split(char::is_whitespace).next().unwrap_or_default();
            if word.is_empty() || version(word).is_some() {
                return Err(ReceiptError::CutOff);
            }
            let run = word.find(|ch: char| !ch.is_alphanumeric()).map_or(word, |end| &word[..end]);
            let begin = self.text.len() - rest.len();
            if let Some(odd) = run.chars().find(|ch| !ch.is_ascii_alphanumeric()) {
                self.at = begin + run.len();
                return Err(ReceiptError::Symbol(odd));
            }
            let known = text.len();
            text += run;
            length = length.or(body::length(&text)?);
            // What follows a whole body in the same word is not of it: a comma and the next cell, or another receipt.
            text.truncate(length.unwrap_or(text.len()).max(known));
            let after = &word[run.len()..];
            let goes_on = after.contains(char::is_alphanumeric) && length.is_none_or(|length| text.len() < length);
            let odd = after.chars().next().filter(|_| goes_on);
            self.at = begin + text.len() - known;
            if let Some(odd) = odd {
                return Err(ReceiptError::Symbol(odd));
            }
        }
        Ok(text)
    }

    fn receipt(&mut self) -> Result<Receipt, ReceiptError> {
        let (lab, learner, count) = (self.field()?, self.field()?, self.field()?);
        let counted = counted(&count).ok_or_else(|| ReceiptError::Count(shown(&count)))?;
        let text = self.body()?;
        let learner_named = (learner != "-").then(|| unescaped(&learner)).transpose()?;
        let readable = format!("{lab} {learner} {count}");
        body::decode(&text, &readable, &unescaped(&lab)?, learner_named.as_deref(), counted)
    }

    /// Whether a receipt's words follow, which tells one that is glued to a letter from a word that ends like it.
    fn is_followed_by_fields(&mut self) -> bool {
        let at = self.at;
        let fields = [self.field(), self.field(), self.field()];
        self.at = at;
        matches!(&fields[2], Ok(count) if self::counted(count).is_some())
    }

    fn line(&mut self, at: usize) -> usize {
        let (line, counted) = self.counted;
        let line = line + self.text[counted..at].matches('\n').count();
        self.counted = (line, at);
        line
    }
}

impl Iterator for Words {
    /// The line that a receipt begins in, and what is in it.
    type Item = (usize, Result<Receipt, ReceiptError>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mark = self.mark()?;
            self.at = mark.end;
            if mark.glued && !self.is_followed_by_fields() {
                continue;
            }
            let line = self.line(mark.begin);
            let read = if mark.version == MARK { self.receipt() } else { Err(ReceiptError::Version(mark.version)) };
            return Some((line, read));
        }
    }
}

/// Whether a character can be in a receipt's name or count.
fn is_of_name(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | '%' | '/')
}

/// The mark in a word, whatever a chat put around it; telephones begin a line with a capital.
fn version(word: &str) -> Option<String> {
    let mark = word.trim_matches(|ch: char| !ch.is_ascii_alphanumeric()).to_ascii_lowercase();
    let number = mark.strip_prefix("labrun")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(mark)
}

/// `13/14`: how many passed, of how many.
fn counted(word: &str) -> Option<(usize, usize)> {
    let (passed, steps) = word.split_once('/')?;
    let (passed, steps) = (passed.parse().ok()?, steps.parse().ok()?);
    (passed <= steps && steps <= MOST_STEPS).then_some((passed, steps))
}

/// A word that is not what was expected, short enough for a message.
fn shown(word: &str) -> String {
    word.chars().take(20).collect()
}

/// A name as one word of plain characters: of others the UTF-8 bytes, as in a URL.
pub(super) fn escaped(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut word = String::with_capacity(name.len());
    for byte in name.bytes() {
        // A single dash is nobody's name, and what looks like a mark would begin another receipt.
        if is_plain(byte) && name != "-" && version(name).is_none() {
            word.push(char::from(byte));
        } else {
            word += &format!("%{byte:02x}");
        }
    }
    word
}

fn unescaped(word: &str) -> Result<String, ReceiptError> {
    let mut parts = word.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or(ReceiptError::Symbol('%'))?);
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).map_err(|_| ReceiptError::Content)
}
