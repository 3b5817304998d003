//! Strict reading of the tar inside a bundle.
//!
//! The engine reads these bytes with Go's `archive/tar`, podman with the same. A tar that two readers may take for two
//! things is refused: the formats of tar disagree about prefixes, extended headers, sparse files, numbers, content after
//! links, and about where an archive ends. The exports of engines need none of that: regular files, folders and symbolic
//! links, with short names of plain characters.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use super::{BLOCK, padded};

/// The size of a header, in bytes: one block.
const HEADER: usize = 512;

/// The most entries that an export may have. One with the 127 layers that an engine allows has some 500.
const MAX_ENTRIES: usize = 10_000;

/// The most that an extended header may have, in bytes.
const MAX_RECORDS: u64 = 4096;

/// The records of extended headers that change neither a name nor a size nor a kind.
const HARMLESS: [&str; 3] = ["mtime", "atime", "ctime"];

/// The kinds of entry that an export has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Symlink,
}

/// One entry of an archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path, without a slash at the end.
    pub path: String,
    pub kind: Kind,
    /// The size of its content, in bytes.
    pub bytes: u64,
    /// Where a link leads; empty for anything else.
    pub target: String,
    /// Where its content begins, in bytes from the start of the archive.
    pub at: u64,
}

/// Why an archive was not read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Readers could differ about it.
    Ambiguous,
    /// The file could not be read.
    Io(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => Self::Ambiguous,
            _ => Self::Io(error),
        }
    }
}

/// The entries of an archive, and nothing but entries in it.
///
/// # Errors
/// [`Refusal::Ambiguous`] at the first thing that two readers may take for two things.
pub(super) fn entries(archive: &mut (impl Read + Seek)) -> Result<Vec<Entry>, Refusal> {
    let (mut found, mut paths) = (Vec::new(), BTreeSet::new());
    archive.seek(SeekFrom::Start(0))?;
    let mut at = 0;
    loop {
        let mut header = [0; HEADER];
        archive.read_exact(&mut header)?;
        at += BLOCK;
        if header.iter().all(|byte| *byte == 0) {
            return ends(archive).map(|()| found);
        }
        let (kind, entry) = parse(&header, at).ok_or(Refusal::Ambiguous)?;
        let next = padded(entry.bytes).and_then(|bytes| at.checked_add(bytes)).ok_or(Refusal::Ambiguous)?;
        match kind {
            Some(_) if found.len() < MAX_ENTRIES && paths.insert(entry.path.clone()) => found.push(entry),
            None if entry.bytes <= MAX_RECORDS => {
                let mut records = Vec::new();
                archive.take(entry.bytes).read_to_end(&mut records)?;
                if !are_harmless(&records) {
                    return Err(Refusal::Ambiguous);
                }
            }
            _ => return Err(Refusal::Ambiguous),
        }
        at = next;
        archive.seek(SeekFrom::Start(at))?;
    }
}

/// After the first empty block: at least one more, and only zeros.
fn ends(archive: &mut impl Read) -> Result<(), Refusal> {
    let (mut buffer, mut rest) = (vec![0; 64 * 1024], 0);
    loop {
        match archive.read(&mut buffer)? {
            0 if rest >= BLOCK => return Ok(()),
            0 => return Err(Refusal::Ambiguous),
            read if buffer[..read].iter().all(|byte| *byte == 0) => rest += read as u64,
            _ => return Err(Refusal::Ambiguous),
        }
    }
}

/// A header, and what kind of entry it is of; none for an extended header.
fn parse(header: &[u8; HEADER], at: u64) -> Option<(Option<Kind>, Entry)> {
    let magic = &header[257..265];
    // The prefix and what follows it: the formats differ about what it means.
    let plain = (magic == b"ustar\x0000" || magic == b"ustar  \0") && header[345..].iter().all(|byte| *byte == 0);
    if !plain || number(&header[148..156])? != sum(header) {
        return None;
    }
    let (path, bytes) = (text(&header[..100])?, number(&header[124..136])?);
    let target = text(&header[157..257])?;
    let kind = match header[156] {
        b'0' => Some(Kind::File),
        b'5' => Some(Kind::Folder),
        b'2' => Some(Kind::Symlink),
        b'x' => None,
        _ => return None,
    };
    let is_whole = match kind {
        Some(Kind::File) => is_path(&path) && target.is_empty(),
        Some(Kind::Folder) => bytes == 0 && target.is_empty() && path.strip_suffix('/').is_some_and(is_path),
        Some(Kind::Symlink) => bytes == 0 && is_path(&path) && is_path(target.trim_start_matches("../")),
        None => target.is_empty(),
    };
    let path = path.strip_suffix('/').unwrap_or(&path).to_owned();
    let kind_of_entry = kind.unwrap_or(Kind::File);
    is_whole.then_some((kind, Entry { path, kind: kind_of_entry, bytes, target, at }))
}

fn sum(header: &[u8; HEADER]) -> u64 {
    let byte = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { u64::from(b' ') } else { u64::from(*byte) };
    header.iter().enumerate().map(byte).sum()
}

/// An octal number: digits, and then nothing but zeros and blanks.
fn number(field: &[u8]) -> Option<u64> {
    let digits = field.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, rest) = field.split_at(digits);
    let ends = !digits.is_empty() && !rest.is_empty() && rest.iter().all(|byte| matches!(byte, 0 | b' '));
    ends.then(|| digits.iter().fold(0, |number, digit| number * 8 + u64::from(digit - b'0')))
}

/// A text that ends at its first zero, with only zeros after it.
fn text(field: &[u8]) -> Option<String> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let (text, rest) = field.split_at(end);
    rest.iter().all(|byte| *byte == 0).then(|| std::str::from_utf8(text).ok().map(str::to_owned)).flatten()
}

/// A relative path of plain characters, in its shortest form. Those are no compressed archive's first bytes, either.
fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_plain);
    path.split('/').all(is_part) && !path.starts_with("BZh")
}

/// Whether an extended header has only records that change nothing.
fn are_harmless(records: &[u8]) -> bool {
    let Ok(mut rest) = std::str::from_utf8(records) else { return false };
    while !rest.is_empty() {
        let record = rest.split_once(' ').and_then(|(length, _)| rest.get(..length.parse().ok()?));
        let Some(record) = record.filter(|record| record.ends_with('\n')) else { return false };
        let key = record.split_once(' ').and_then(|(_, record)| record.split_once('=')).map(|(key, _)| key);
        let one_line = record.matches('\n').count() == 1;
        if !one_line || !key.is_some_and(|key| HARMLESS.contains(&key)) {
            return false;
        }
        rest = &rest[record.len()..];
    }
    true
}
