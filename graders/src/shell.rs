//! A small reader of POSIX-shell lines, only as deep as grading needs.
//!
//! It turns what a learner typed (at bash, zsh or fish), or the script of
//! `sh -c SCRIPT`, into the simple commands it holds, in order. The rules are
//! those of POSIX.1-2024, Shell Command Language: 2.2 Quoting, 2.3 Token
//! Recognition, 2.4 Reserved Words, 2.7 Redirection, 2.9 Shell Commands; plus
//! the few bash forms people do type (`$'…'`, `<<<`, `|&`, `&>`, `<(…)`).
//!
//! Nothing is expanded or run. Compound commands are flattened: of a loop or
//! an `if`, every simple command is listed as though each branch were taken;
//! `course` tells which of them ran, as far as the exit code proves it.
//! Work is linear in the line, and a line over [`MAX_LINE`] gives no commands.

mod alias;
mod course;
mod lexer;
mod parse;
mod streams;
#[cfg(test)]
mod tests;
mod tree;
pub(crate) mod work;

use std::rc::Rc;

pub use alias::expand;
pub use course::Ended;
pub(crate) use course::{Exit, Fate, Reach, Sink};
pub(crate) use streams::To;

/// The longest line that is looked at, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// The simple commands of `line`, in the order they are written.
///
/// Never fails: of a line that no shell would accept, it gives its best guess.
#[must_use]
pub fn commands(line: &str) -> Vec<Command> {
    if line.len() > MAX_LINE {
        return Vec::new();
    }
    parse::parse(line).0
}

/// The simple commands of a line that ended so, each with what became of it.
#[must_use]
pub(crate) fn course(line: &str, ended: &Ended) -> Vec<(Command, Fate)> {
    course_among(line, ended, &[])
}

/// The same where these directories are known to be there: `cd` to one of them does not fail.
#[must_use]
pub(crate) fn course_among(line: &str, ended: &Ended, directories: &[&str]) -> Vec<(Command, Fate)> {
    if line.len() > MAX_LINE {
        return Vec::new();
    }
    let (commands, items) = parse::parse(line);
    let fates = match &items {
        Some(items) => course::fates(&commands, items, ended, directories),
        None => vec![Fate::UNKNOWN; commands.len()],
    };
    commands.into_iter().zip(fates).collect()
}

/// One simple command (POSIX 2.9.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// `NAME=value` words before the program, after quote removal.
    pub assignments: Vec<String>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Its redirections, in order. The input of an enclosing loop or group
    /// (`while read x; do …; done < FILE`) is added to the commands within
    /// that have no input of their own, since it is their standard input.
    pub redirects: Vec<Redirect>,
    /// How it follows the command before it.
    pub joined_by: Joint,
    /// The scripts of `$(…)`, backticks and `<(…)` in it: they run as well.
    pub substitutions: Vec<String>,
    /// Subshells `( … )` left since the command before (before any entered).
    pub leaves: usize,
    /// Subshells `( … )` entered since the command before.
    pub enters: usize,
    /// A quote or a `$(` was still open at the end of the line.
    pub unterminated: bool,
}

/// How a command follows the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Joint {
    /// Nothing is before it.
    #[default]
    First,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a newline, also within a compound command.
    Then,
    /// `|` or `|&`
    Pipe,
    /// `&`: the one before runs in the background.
    Background,
}

/// A word after quote removal (POSIX 2.6.7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// The text; an expansion stays as it was written (`$x`).
    pub text: String,
    /// It holds `$x`, `$(…)`, backticks or a leading `~`: its value is not known.
    pub unknowable: bool,
    /// When it has an unquoted `*`, `?` or `[`: the pattern, in which a
    /// backslash stands before every such character that was quoted.
    pub glob: Option<String>,
}

impl Word {
    /// A word that means exactly `text`, as one of an argv does.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// The text, unless an expansion makes it unknowable.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        (!self.unknowable).then_some(self.text.as_str())
    }
}

/// A redirection (POSIX 2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// What the operator does.
    pub kind: RedirectKind,
    /// The descriptor it acts on: the number before it, else 0 or 1.
    pub fd: u32,
    /// The file, the here-document's delimiter, or the descriptor copied.
    pub target: Rc<Word>,
}

impl Redirect {
    /// Whether it decides what the command's standard input is.
    #[must_use]
    pub fn is_input(&self) -> bool {
        self.fd == 0 && !matches!(self.kind, RedirectKind::Write | RedirectKind::Append)
    }
}

/// The redirection operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<` and `<>`
    Read,
    /// `>`, `>|` and `&>`
    Write,
    /// `>>` and `&>>`
    Append,
    /// `<<` and `<<-`; the body is skipped.
    HereDoc,
    /// `<<<`
    HereString,
    /// `2>&1`, `<&3`
    Duplicate,
}
