//! Makes invisible characters visible.
//!
//! Text from lab files goes straight to a terminal. A control character there
//! could recolour the screen, move the cursor or retitle the window, and a
//! bidirectional control could show a command as something other than what is
//! copied. None of them is dropped: what a file contains must be seen.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Distance between tab stops, in columns.
const TAB: usize = 4;

/// Returns `text` with every control and invisible formatting character
/// replaced by something that shows on screen and does nothing.
///
/// C0 controls and DEL become their Control Pictures (`ESC` is `␛`); C1
/// controls, bidirectional controls and zero-width or otherwise invisible
/// format characters become `\u{…}`. Newlines stay; a tab becomes the spaces
/// up to the next tab stop. The result has nothing left to replace, so calling
/// this twice does no harm.
///
/// Joiners are included, so an emoji made of several (`👩‍💻`) shows its parts.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(|ch| ch == '\t' || is_hidden(ch)) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(clean);
    let line = clean.rsplit('\n').next().unwrap_or_default();
    let mut column: usize = line.chars().map(columns).sum();
    for ch in rest.chars() {
        match ch {
            '\n' => {
                out.push(ch);
                column = 0;
            }
            '\t' => {
                let spaces = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            _ if is_hidden(ch) => {
                let before = out.len();
                push_picture(&mut out, ch);
                column += out[before..].chars().count();
            }
            _ => {
                out.push(ch);
                column += columns(ch);
            }
        }
    }
    Cow::Owned(out)
}

/// Returns JSON with every such character escaped, which says the same: they stand in its texts alone.
pub fn escaped(json: &str) -> Cow<'_, str> {
    if !json.contains(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for ch in json.chars() {
        if is_hidden(ch) {
            let mut units = [0; 2];
            out.extend(ch.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(ch);
        }
    }
    Cow::Owned(out)
}

fn columns(ch: char) -> usize {
    ch.width().unwrap_or(0)
}

/// Whether a terminal would obey or swallow `ch` instead of showing it.
fn is_hidden(ch: char) -> bool {
    match ch {
        '\n' | '\t' => false,
        _ if ch.is_control() => true,
        '\u{ad}' // soft hyphen
        | '\u{61c}' // Arabic letter mark, a bidirectional control
        | '\u{180e}' // Mongolian vowel separator
        | '\u{200b}'..='\u{200f}' // zero-width spaces and joiners, LRM, RLM
        | '\u{2028}'..='\u{202e}' // line separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}' // joiner, invisible operators, isolates
        | '\u{feff}' // byte order mark
        | '\u{fff9}'..='\u{fffb}' // interlinear annotation
        | '\u{e0000}'..='\u{e007f}' => true, // tags: an invisible ASCII
        _ => false,
    }
}

fn push_picture(out: &mut String, ch: char) {
    let picture = match ch {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(ch)),
        '\x7f' => Some('\u{2421}'),
        _ => None,
    };
    match picture {
        Some(picture) => out.push(picture),
        None => out.extend(ch.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "plain\ntext", "naïve 漢字 👍🏽 ❤\u{fe0f} e\u{301}", "a\u{a0}b"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn controls_show() {
        assert_eq!(visible("\x1b[31mred\x07"), "␛[31mred␇");
        assert_eq!(visible("a\r\nb\0\x7f"), "a␍\nb␀␡");
        assert_eq!(visible("\u{9b}2J\u{85}"), "\\u{9b}2J\\u{85}");
        assert_eq!(visible("rm \u{202e}x\u{feff}"), "rm \\u{202e}x\\u{feff}");
    }

    #[test]
    fn json_says_the_same_and_hides_nothing() {
        let all: String = ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e00ff}').collect();
        let json = serde_json::json!({"a": all, &all: [1]});
        let text = json.to_string();
        let escaped = escaped(&text);
        assert!(!escaped.contains(is_hidden));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"), json);
        assert!(matches!(super::escaped("{\"a\":\"ü 漢\"}"), Cow::Borrowed(_)));
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(visible("\ta\n漢\tb\nabcd\te"), "    a\n漢  b\nabcd    e");
    }

    #[test]
    fn nothing_hidden_survives_and_a_second_pass_changes_nothing() {
        let all: String = ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e00ff}').collect();
        let once = visible(&all);
        assert!(!once.chars().any(is_hidden));
        assert!(matches!(visible(&once), Cow::Borrowed(_)));
        for ch in ["\u{200b}", "\u{200f}", "\u{202a}", "\u{2060}", "\u{2064}", "\u{2066}", "\u{2069}"] {
            assert_ne!(visible(ch), ch);
        }
    }
}
