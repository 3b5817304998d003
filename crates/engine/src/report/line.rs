//! A line of text that comes from somebody else: short, and nothing in it is hidden.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use labrun_lab::visible::visible;

/// The longest that is kept, in characters; labs' titles are far shorter.
const LONGEST: usize = 120;

/// One line without control, bidirectional, zero-width and other unseen characters: each is replaced by something that
/// shows. Too long ones end with `…`.
///
/// What a report has of names, titles and ids is made of these, wherever it came from; a format has only its own special
/// characters to escape.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Line(String);

impl Line {
    /// Makes what is hidden visible, and the text a short line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        // What is not shown need not be looked at: a hidden character becomes at most ten.
        let start: String = text.trim().chars().take(LONGEST + 1).collect();
        let mut line = String::with_capacity(start.len());
        for ch in visible(&start).chars() {
            match ch {
                '\n' => line.push('␊'),
                _ if is_unseen(ch) => line.extend(ch.escape_unicode()),
                _ => line.push(ch),
            }
        }
        if let Some((end, _)) = line.char_indices().nth(LONGEST) {
            line.truncate(end);
            line.push('…');
        }
        Self(line)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a terminal need not be kept from, but nobody sees; and what XML 1.0 cannot hold
/// (<https://www.w3.org/TR/xml/#charsets>).
fn is_unseen(ch: char) -> bool {
    matches!(
        ch,
        '\u{34f}' // combining grapheme joiner
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' // Khmer inherent vowels
        | '\u{2800}' // blank Braille pattern
        | '\u{fffe}' | '\u{ffff}'
    )
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl Borrow<str> for Line {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_in_a_line_and_it_stays_what_it_is() {
        let hostile = "  a\u{1b}[2Jb\nc\u{202e}d\u{200b}e\u{3164}f\tg\u{ffff}  ";
        let line = Line::new(hostile);
        assert_eq!(line.as_str(), "a␛[2Jb␊c\\u{202e}d\\u{200b}e\\u{3164}f    g\\u{ffff}");
        assert_eq!(Line::new(line.as_str()), line);
        let long = Line::new(&"\u{202e}".repeat(1_000_000));
        assert_eq!((long.as_str().chars().count(), long.as_str().ends_with('…')), (LONGEST + 1, true));
        assert_eq!(Line::new("Ünïcode 漢字 שלום").as_str(), "Ünïcode 漢字 שלום");
    }
}
