//! Markdown on a terminal: nothing but newlines, text and labrun's own colours, and within its width what can be broken.

use unicode_width::UnicodeWidthStr;

use super::{assert_shown, without_colours};
use crate::ui::markdown::{Style, render};

/// The longest word that has to find room.
const WORD: usize = 8;

/// The first byte is the width, the second colour and indent; the rest is Markdown.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let [width, how, rest @ ..] = bytes else { return };
    let Ok(markdown) = std::str::from_utf8(rest) else { return };
    let style = Style { width: usize::from(*width), colour: how % 2 == 1, indent: usize::from(how / 2 % 16) };
    let page = render(markdown, &style);
    let text = without_colours(&page);
    assert_shown(&text);
    assert!(text.is_empty() || text.ends_with('\n'));
    assert!(!text.starts_with('\n') && !text.ends_with("\n\n"), "{text:?}");
    assert!(style.colour || page == text);
    if is_breakable(markdown) {
        let width = style.width.clamp(20, 300);
        for line in text.lines() {
            assert!(line.width() <= width, "{} instead of {width}: {line:?}", line.width());
        }
    }
}

/// Short words of plain ASCII, and nothing that is code or becomes some.
fn is_breakable(markdown: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ' || byte == b'\n';
    // What may join words, or show more than was written: code, links, entities, HTML.
    markdown.bytes().all(plain)
        && !markdown.contains(['`', '~', '[', '&', '<', '\\'])
        && !markdown.contains("    ")
        && markdown.split_whitespace().all(|word| word.len() <= WORD)
}
