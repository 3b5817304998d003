//! Shows a lab's Markdown on a terminal.
//!
//! Labs describe tasks, hints and explanations in CommonMark with tables.
//! [`render`] turns that into wrapped, optionally coloured lines. The text comes
//! from lab files, so it is untrusted: nothing in it reaches the terminal as a
//! control sequence, and no input makes the renderer panic or run away.
//!
//! `blocks` follows the parser and decides what goes where, `page` writes it
//! with its prefixes and gaps, `rich` wraps styled text, `table` fits columns.

mod blocks;
mod page;
mod rich;
mod table;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

/// Widths that can be laid out. Below, words no longer fit beside a list
/// marker; above, nobody reads, and rules and padding would only cost memory.
const WIDTHS: RangeInclusive<usize> = 20..=300;

/// Columns that always remain for text beside the page indent.
const MIN_TEXT: usize = 16;

/// How a page is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal, the indent included; held within 20 to 300.
    pub width: usize,
    /// Whether to style text with ANSI SGR codes.
    pub colour: bool,
    /// Spaces before every line that is not empty. Less where the width would
    /// leave fewer than 16 columns for text.
    pub indent: usize,
}

/// Renders `markdown` for a terminal.
///
/// Every line ends with a newline; the text neither starts nor ends with an
/// empty line. No line is wider than `style.width`, except for what cannot or
/// must not be broken: long words, and code, which is never wrapped so that it
/// can be copied. With colour every line closes the styles it opens; without,
/// inline code keeps its backticks. HTML is shown as written.
#[must_use]
pub fn render(markdown: &str, style: &Style) -> String {
    let width = style.width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let style = Style { width, indent: style.indent.min(width - MIN_TEXT), ..*style };
    // A carriage return is part of a line ending here, not a control character.
    blocks::Blocks::new(style).render(&markdown.replace("\r\n", "\n"))
}
