//! What must hold of arbitrary bytes, a file a target. `make fuzz` tries it with bytes that nobody has thought of, and
//! the tests with those that were found on the way (`fuzz/corpus`). No release has any of this.
#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold has to end loudly")]

pub mod archive;
pub mod events;
pub mod expression;
pub mod lab;
pub mod markdown;
pub mod shell;
#[cfg(test)]
mod tests;

use labrun_lab::visible::visible;

/// A target: what is done with some bytes. It panics where something does not hold of them.
pub type Target = fn(&[u8]);

/// All targets, each under the name of its file in `fuzz/fuzz_targets`.
pub const TARGETS: [(&str, Target); 6] = [
    ("archive", archive::run),
    ("events", events::run),
    ("expression", expression::run),
    ("lab", lab::run),
    ("markdown", markdown::run),
    ("shell", shell::run),
];

/// A screen without labrun's own colours.
///
/// # Panics
/// Where a style that a line opens is still open at its end.
#[must_use]
pub fn without_colours(screen: &str) -> String {
    let mut text = String::new();
    for line in screen.split_inclusive('\n') {
        let mut parts = line.split("\x1b[");
        text.push_str(parts.next().unwrap_or_default());
        let mut last = "0";
        for part in parts {
            let (codes, rest) = part.split_once('m').expect("an escape that is no colour");
            assert!(codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{line:?}");
            last = codes;
            text.push_str(rest);
        }
        assert_eq!(last, "0", "a style is still open: {line:?}");
    }
    text
}

/// Nothing in a text would be obeyed or swallowed by a terminal.
///
/// # Panics
/// Where something would.
pub fn assert_shown(text: &str) {
    let shown = visible(text);
    let at = shown.bytes().zip(text.bytes()).position(|(a, b)| a != b);
    let around = |at: usize| text.chars().skip(at.saturating_sub(40)).take(80).collect::<String>();
    assert!(shown == text, "hidden text reaches a screen: {:?}", around(at.unwrap_or_default()));
}
