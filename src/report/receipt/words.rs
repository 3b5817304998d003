//! Finding receipts in what people paste: chats, mails and lists have words around them, marks of quotation, and line
//! breaks in the middle.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::{MARK, MOST_STEPS, Receipt, ReceiptError, body};

/// The words of a text, each with its line.
pub(in crate::report) struct Words<'a> {
    rest: Peekable<IntoIter<(usize, &'a str)>>,
}

impl<'a> Words<'a> {
    /// Of this text.
    pub(in crate::report) fn of(text: &'a str) -> Self {
        let lines = text.lines().zip(1..);
        let words = lines.flat_map(|(line, number)| line.split_whitespace().map(move |word| (number, word)));
        // Marks of quotation before a line are no words.
        let words: Vec<_> = words.filter(|(_, word)| !word.bytes().all(|byte| matches!(byte, b'>' | b'|'))).collect();
        Self { rest: words.into_iter().peekable() }
    }

    fn word(&mut self) -> Result<&'a str, ReceiptError> {
        // Where the next receipt begins, this one ends.
        let next = self.rest.next_if(|(_, word)| version(word).is_none());
        next.map(|(_, word)| word).ok_or(ReceiptError::CutOff)
    }

    fn receipt(&mut self) -> Result<Receipt, ReceiptError> {
        let (lab, learner, count) = (self.word()?, self.word()?, self.word()?);
        let counted = counted(count).ok_or_else(|| ReceiptError::Count(shown(count)))?;
        let mut text = String::new();
        let mut length = None;
        while length.is_none_or(|length| text.len() < length) {
            text += self.word()?.trim_matches(|ch: char| !ch.is_alphanumeric());
            if let Some(odd) = text.chars().find(|ch| !ch.is_ascii_alphanumeric()) {
                return Err(ReceiptError::Symbol(odd));
            }
            length = length.or(body::length(&text)?);
        }
        if length != Some(text.len()) {
            return Err(ReceiptError::Checksum);
        }
        let learner_named = (learner != "-").then(|| unescaped(learner)).transpose()?;
        let readable = format!("{lab} {learner} {count}");
        body::decode(&text, &readable, &unescaped(lab)?, learner_named.as_deref(), counted)
    }
}

impl Iterator for Words<'_> {
    /// The line that a receipt begins in, and what is in it.
    type Item = (usize, Result<Receipt, ReceiptError>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, word) = self.rest.next()?;
            match version(word) {
                Some(mark) if mark == MARK => return Some((line, self.receipt())),
                Some(newer) => return Some((line, Err(ReceiptError::Version(newer)))),
                None => {}
            }
        }
    }
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
