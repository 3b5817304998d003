//! Reads one word: quotes and expansions (POSIX 2.2 Quoting, 2.6 Word
//! Expansions). Expansions are passed over, not made.

use super::Lexer;
use crate::shell::Word;

/// A word, with what only the parser needs to know of it.
#[derive(Debug, Default)]
pub(in crate::shell) struct Lexed {
    pub(in crate::shell) word: Word,
    /// Any part was quoted: then it is no reserved word.
    pub(in crate::shell) quoted: bool,
    /// It starts with an unquoted `NAME=`.
    pub(in crate::shell) assigns: bool,
    pub(in crate::shell) substitutions: Vec<String>,
    pub(in crate::shell) unterminated: bool,
    pattern: String,
    globbing: bool,
}

impl Lexed {
    /// A character that may have a meaning in a pattern.
    fn push_active(&mut self, c: char) {
        self.word.text.push(c);
        self.pattern.push(c);
    }

    /// A character that means itself.
    fn push_quoted(&mut self, c: char) {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            self.pattern.push('\\');
        }
        self.push_active(c);
    }

    fn push_unknowable(&mut self, raw: &str) {
        self.word.unknowable = true;
        self.word.text.push_str(raw);
        self.pattern.push_str(raw);
    }

    fn finished(mut self) -> Self {
        if self.globbing {
            self.word.glob = Some(std::mem::take(&mut self.pattern));
        }
        self
    }
}

impl<'a> Lexer<'a> {
    pub(in crate::shell) fn at_process_substitution(&self) -> bool {
        self.rest.starts_with("<(") || self.rest.starts_with(">(")
    }

    pub(in crate::shell) fn word(&mut self) -> Lexed {
        let mut word = Lexed::default();
        if self.at_process_substitution() {
            let start = self.rest;
            self.bump();
            self.substitution(start, &mut word);
        } else if self.peek() == Some('~') {
            word.word.unknowable = true;
        }
        let mut before_equals = true;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' if self.eat_continuation() => {}
                '\\' => {
                    word.quoted = true;
                    self.bump();
                    // A backslash at the very end of the line is itself.
                    word.push_quoted(self.bump().unwrap_or('\\'));
                }
                '\'' => self.single_quotes(&mut word),
                '"' => self.double_quotes(&mut word),
                '$' => self.dollar(false, &mut word),
                '`' => self.backticks(&mut word),
                _ => {
                    self.bump();
                    if c == '=' && before_equals {
                        before_equals = false;
                        word.assigns = !word.quoted && is_name(&word.word.text);
                    }
                    word.globbing |= matches!(c, '*' | '?' | '[');
                    word.push_active(c);
                }
            }
        }
        if let Some(tabbed) = self.delimiter.take() {
            self.here_docs.push((word.word.text.clone(), tabbed));
        }
        word.finished()
    }

    fn single_quotes(&mut self, word: &mut Lexed) {
        word.quoted = true;
        self.bump();
        let end = self.rest.find('\'');
        word.unterminated |= end.is_none();
        for c in self.take(end.unwrap_or(self.rest.len())).chars() {
            word.push_quoted(c);
        }
        self.bump();
    }

    fn double_quotes(&mut self, word: &mut Lexed) {
        word.quoted = true;
        self.bump();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.bump();
                    return;
                }
                '\\' if self.eat_continuation() => {}
                '\\' => {
                    self.bump();
                    // POSIX 2.2.3: elsewhere the backslash stays.
                    match self.peek() {
                        Some(next @ ('$' | '`' | '"' | '\\')) => {
                            self.bump();
                            word.push_quoted(next);
                        }
                        _ => word.push_quoted('\\'),
                    }
                }
                '$' => self.dollar(true, word),
                '`' => self.backticks(word),
                _ => {
                    self.bump();
                    word.push_quoted(c);
                }
            }
        }
        word.unterminated = true;
    }

    fn dollar(&mut self, quoted: bool, word: &mut Lexed) {
        let start = self.rest;
        self.bump();
        match self.peek() {
            Some('\'') if !quoted => self.ansi_quotes(word),
            Some('"') if !quoted => self.double_quotes(word),
            Some('(') => self.substitution(start, word),
            Some('{') => {
                self.balanced('{', '}', word);
                word.push_unknowable(passed(start, self.rest));
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                self.take(end.unwrap_or(self.rest.len()));
                word.push_unknowable(passed(start, self.rest));
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.bump();
                word.push_unknowable(passed(start, self.rest));
            }
            _ => word.push_quoted('$'),
        }
    }

    /// `(…)` after a `$`, `<` or `>`; `$((…))` is arithmetic and runs nothing.
    fn substitution(&mut self, start: &str, word: &mut Lexed) {
        let body = self.balanced('(', ')', word);
        if !body.starts_with('(') {
            word.substitutions.push(body.to_owned());
        }
        word.push_unknowable(passed(start, self.rest));
    }

    /// What is between `open`, which is next, and the `close` that ends it.
    fn balanced(&mut self, open: char, close: char, word: &mut Lexed) -> &'a str {
        let mut depth = 0usize;
        let mut quote = None;
        let mut escaped = false;
        for (at, c) in self.rest.char_indices() {
            match quote {
                _ if escaped => escaped = false,
                Some('\'') if c != '\'' => {}
                _ if c == '\\' => escaped = true,
                Some(mark) if c == mark => quote = None,
                Some(_) => {}
                None if c == '\'' || c == '"' => quote = Some(c),
                None if c == open => depth += 1,
                None if c == close => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        self.bump();
                        let body = self.take(at.saturating_sub(open.len_utf8()));
                        self.bump();
                        return body;
                    }
                }
                None => {}
            }
        }
        word.unterminated = true;
        self.bump();
        self.take(self.rest.len())
    }

    fn backticks(&mut self, word: &mut Lexed) {
        let start = self.rest;
        self.bump();
        let mut script = String::new();
        loop {
            match self.bump() {
                None => {
                    word.unterminated = true;
                    break;
                }
                Some('`') => break,
                Some('\\') if self.rest.starts_with(['`', '\\', '$']) => script.extend(self.bump()),
                Some(c) => script.push(c),
            }
        }
        word.substitutions.push(script);
        word.push_unknowable(passed(start, self.rest));
    }

    /// `$'…'` (POSIX 2.2.4), roughly: numeric escapes stay as written.
    fn ansi_quotes(&mut self, word: &mut Lexed) {
        word.quoted = true;
        self.bump();
        loop {
            match self.bump() {
                None => {
                    word.unterminated = true;
                    break;
                }
                Some('\'') => break,
                Some('\\') => match self.bump() {
                    Some('n') => word.push_quoted('\n'),
                    Some('t') => word.push_quoted('\t'),
                    Some('r') => word.push_quoted('\r'),
                    Some(c @ ('\\' | '\'' | '"' | '?')) => word.push_quoted(c),
                    Some(c) => {
                        word.push_quoted('\\');
                        word.push_quoted(c);
                    }
                    None => {}
                },
                Some(c) => word.push_quoted(c),
            }
        }
    }
}

/// The part of `start` that was consumed to arrive at `rest`.
fn passed<'s>(start: &'s str, rest: &str) -> &'s str {
    start.get(..start.len().saturating_sub(rest.len())).unwrap_or_default()
}

/// Whether `text` can stand before `=` in an assignment; `NAME+` for `NAME+=`.
fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('+').unwrap_or(text);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
