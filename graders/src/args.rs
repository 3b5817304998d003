//! Walks over the arguments of a program, telling options from operands
//! (POSIX 12.2 Utility Syntax Guidelines; GNU long options).

use crate::shell::Word;

/// An option as it is named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag<'a> {
    /// `-x`
    Short(char),
    /// `--long`, with its dashes
    Long(&'a str),
}

/// One argument.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arg<'a> {
    /// An option, and its value where it takes one.
    Option(Flag<'a>, Option<&'a str>),
    /// Anything that is not an option, nor the value of one.
    Operand(&'a Word),
}

/// The arguments of a program; `takes_value` knows its options.
pub(crate) struct Args<'a, F> {
    rest: &'a [Word],
    /// What is left of a group of short options: `tf` of `-itf`.
    cluster: &'a str,
    /// After `--`, all are operands.
    ended: bool,
    takes_value: F,
}

impl<'a, F: Fn(Flag<'_>) -> bool> Args<'a, F> {
    pub(crate) fn new(words: &'a [Word], takes_value: F) -> Self {
        Self { rest: words, cluster: "", ended: false, takes_value }
    }

    /// What has not been given yet.
    pub(crate) fn rest(&self) -> &'a [Word] {
        self.rest
    }

    /// From here on, all are operands.
    pub(crate) fn end_options(&mut self) {
        self.ended = true;
    }

    fn shift(&mut self) -> Option<&'a Word> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn short(&mut self) -> Option<Arg<'a>> {
        let mut letters = self.cluster.chars();
        let flag = Flag::Short(letters.next()?);
        self.cluster = letters.as_str();
        if !(self.takes_value)(flag) {
            return Some(Arg::Option(flag, None));
        }
        let attached = std::mem::take(&mut self.cluster);
        let value = if attached.is_empty() { self.shift().map(|word| word.text.as_str()) } else { Some(attached) };
        Some(Arg::Option(flag, value))
    }
}

impl<'a, F: Fn(Flag<'_>) -> bool> Iterator for Args<'a, F> {
    type Item = Arg<'a>;

    fn next(&mut self) -> Option<Arg<'a>> {
        if let Some(option) = self.short() {
            return Some(option);
        }
        let word = self.shift()?;
        let text = word.text.as_str();
        if self.ended || text == "-" || !text.starts_with('-') {
            return Some(Arg::Operand(word));
        }
        if text == "--" {
            self.ended = true;
            return self.next();
        }
        if let Some((name, value)) = text.split_once('=').filter(|_| text.starts_with("--")) {
            return Some(Arg::Option(Flag::Long(name), Some(value)));
        }
        if text.starts_with("--") {
            let flag = Flag::Long(text);
            let value = (self.takes_value)(flag).then(|| self.shift()).flatten();
            return Some(Arg::Option(flag, value.map(|word| word.text.as_str())));
        }
        self.cluster = text.strip_prefix('-').unwrap_or_default();
        self.short()
    }
}
