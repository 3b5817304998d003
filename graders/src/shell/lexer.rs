//! Splits a line into words and operators (POSIX 2.3 Token Recognition, 2.7.4
//! Here-Document).
//!
//! One pass, and every character is consumed once, so it is linear.

mod word;

use super::RedirectKind;
use super::work;
pub(super) use word::Lexed;

/// A token of the line.
#[derive(Debug)]
pub(super) enum Token {
    Word(Lexed),
    Redirect(RedirectKind, u32),
    Control(Control),
}

/// Operators that end a simple command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    And,
    Or,
    Semicolon,
    Newline,
    Pipe,
    Background,
    Open,
    Close,
}

/// Stands for output and errors, in `&>`: no descriptor in front of an operator has so many digits.
pub(super) const BOTH: u32 = 1_000;

enum Sign {
    Control(Control),
    Redirect(RedirectKind),
    /// `<<-` allows tabs before its delimiter, so it needs a row of its own.
    TabbedHereDoc,
}

/// Longest first, since the first that fits is taken.
const OPERATORS: &[(&str, Sign)] = &[
    ("&>>", Sign::Redirect(RedirectKind::Append)),
    ("&>", Sign::Redirect(RedirectKind::Write)),
    ("<<<", Sign::Redirect(RedirectKind::HereString)),
    ("<<-", Sign::TabbedHereDoc),
    ("<<", Sign::Redirect(RedirectKind::HereDoc)),
    ("<&", Sign::Redirect(RedirectKind::Duplicate)),
    (">&", Sign::Redirect(RedirectKind::Duplicate)),
    (">>", Sign::Redirect(RedirectKind::Append)),
    (">|", Sign::Redirect(RedirectKind::Write)),
    ("<>", Sign::Redirect(RedirectKind::Read)),
    (">", Sign::Redirect(RedirectKind::Write)),
    ("<", Sign::Redirect(RedirectKind::Read)),
    ("&&", Sign::Control(Control::And)),
    ("||", Sign::Control(Control::Or)),
    ("|&", Sign::Control(Control::Pipe)),
    (";;", Sign::Control(Control::Semicolon)),
    (";&", Sign::Control(Control::Semicolon)),
    (";", Sign::Control(Control::Semicolon)),
    ("|", Sign::Control(Control::Pipe)),
    ("&", Sign::Control(Control::Background)),
    ("(", Sign::Control(Control::Open)),
    (")", Sign::Control(Control::Close)),
];

/// The tokens of a line, one at a time.
pub(super) struct Lexer<'a> {
    pub(super) rest: &'a str,
    /// The next word is the delimiter of a here-document (true: `<<-`).
    pub(super) delimiter: Option<bool>,
    /// Here-documents whose bodies start after the next newline.
    pub(super) here_docs: Vec<(String, bool)>,
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blanks();
        if self.eat("\n") {
            self.skip_here_docs();
            return Some(Token::Control(Control::Newline));
        }
        self.peek()?;
        if let Some(fd) = self.io_number() {
            return self.operator(Some(fd));
        }
        self.operator(None).or_else(|| Some(Token::Word(self.word())))
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { rest: line, delimiter: None, here_docs: Vec::new() }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        work::did(1);
        c
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else {
            return false;
        };
        self.rest = rest;
        true
    }

    /// Moves on by `length` bytes and gives what was passed over.
    pub(super) fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        work::did(taken.len());
        taken
    }

    pub(super) fn eat_continuation(&mut self) -> bool {
        self.eat("\\\n") || self.eat("\\\r\n")
    }

    fn skip_blanks(&mut self) {
        while self.eat_continuation() || self.eat(" ") || self.eat("\t") || self.eat("\r") {}
        if self.peek() == Some('#') {
            self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn skip_here_docs(&mut self) {
        for (delimiter, tabbed) in std::mem::take(&mut self.here_docs) {
            while !self.rest.is_empty() {
                let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
                self.rest = rest;
                work::did(line.len() + 1);
                let line = line.strip_suffix('\r').unwrap_or(line);
                let line = if tabbed { line.trim_start_matches('\t') } else { line };
                if line == delimiter {
                    break;
                }
            }
        }
    }

    /// The number in front of a redirection, as in `2>`; at most three digits.
    fn io_number(&mut self) -> Option<u32> {
        let digits = self.rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at_checked(digits)?;
        if !rest.starts_with(['<', '>']) {
            return None;
        }
        let fd = number.parse().ok()?;
        self.rest = rest;
        Some(fd)
    }

    fn operator(&mut self, fd: Option<u32>) -> Option<Token> {
        if fd.is_none() && self.at_process_substitution() {
            return None;
        }
        let (text, sign) = OPERATORS.iter().find(|(text, _)| self.eat(text))?;
        let kind = match sign {
            Sign::Control(control) => return Some(Token::Control(*control)),
            Sign::TabbedHereDoc => RedirectKind::HereDoc,
            Sign::Redirect(kind) => *kind,
        };
        if kind == RedirectKind::HereDoc {
            self.delimiter = Some(matches!(sign, Sign::TabbedHereDoc));
        }
        let usual = match text.as_bytes().first() {
            Some(b'<') => 0,
            Some(b'&') => BOTH,
            _ => 1,
        };
        Some(Token::Redirect(kind, fd.unwrap_or(usual)))
    }
}
