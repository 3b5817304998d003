//! The layout that all screens share: width, colour, wrapping.

use textwrap::{Options, WordSplitter};

use super::markdown::{self, Style};
use super::theme::{Role, Theme};
use labrun_lab::visible::visible;

/// A width and a theme: what screens are laid out for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Colours.
    pub theme: Theme,
    /// Whether the reader sits in the practice shell, where every command is graded and `lab` is a word.
    pub in_shell: bool,
    /// Whether the reader types `sudo labrun`.
    pub by_sudo: bool,
}

/// A count and its word, which gets an `s` where there is more or less than one.
pub(super) fn counted(count: impl Into<u64>, word: &str) -> String {
    match count.into() {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

impl Page {
    /// Lines wrapped to the width, the first one after `first`, the others below its text.
    pub(super) fn wrap(&self, first: &str, text: &str) -> String {
        self.wrap_under(first, &" ".repeat(console::measure_text_width(first)), text)
    }

    /// Lines wrapped to the width, the first one after `first`, the others after `indent`.
    pub(super) fn wrap_under(&self, first: &str, indent: &str, text: &str) -> String {
        let text = visible(text);
        let mut wrapped = String::new();
        for (number, line) in text.lines().enumerate() {
            let initial = if number == 0 { first } else { indent };
            let options = Options::new(self.width)
                .initial_indent(initial)
                .subsequent_indent(indent)
                .break_words(false)
                // A name with dashes in it is one word.
                .word_splitter(WordSplitter::NoHyphenation);
            for line in textwrap::wrap(line, options) {
                wrapped += line.trim_end();
                wrapped.push('\n');
            }
        }
        wrapped
    }

    /// A text after a coloured word: `error: …`.
    #[must_use]
    pub fn labelled(&self, role: Role, label: &str, text: &str) -> String {
        let first = format!("{}: ", self.theme.paint(role, label));
        self.wrap(&first, text)
    }

    /// A heading of its own.
    #[must_use]
    pub fn title(&self, title: &str) -> String {
        self.heading_line(title) + "\n"
    }

    /// A heading, with what belongs to it right below.
    pub(super) fn heading_line(&self, text: &str) -> String {
        self.wrap("", text).lines().map(|line| self.theme.paint(Role::Title, line) + "\n").collect()
    }

    /// Something beside the point.
    #[must_use]
    pub fn quiet(&self, text: &str) -> String {
        self.wrap("", text).lines().map(|line| self.theme.paint(Role::Quiet, line) + "\n").collect()
    }

    /// Markdown of a lab.
    #[must_use]
    pub fn markdown(&self, text: &str) -> String {
        markdown::render(text, &Style { width: self.width, colour: self.theme.colour, indent: 2 })
    }
}
