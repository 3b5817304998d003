//! Gathers tokens into simple commands (POSIX 2.4 Reserved Words, 2.9 Shell
//! Commands, 2.10 Shell Grammar), flattening the compound ones.

use std::rc::Rc;

use super::lexer::{Control, Lexer, Token};
use super::word::Lexed;
use super::{Command, Joint, Redirect, RedirectKind, work};

/// Compound commands deeper than this are flattened without being tracked,
/// which keeps the work of closing them linear.
const MAX_DEPTH: usize = 32;

/// An input file with a longer name is not handed to the commands of a loop,
/// each of which would look at all of it; no path is that long.
const MAX_SHARED_TARGET: usize = 1024;

/// The simple commands of `line`.
pub(super) fn parse(line: &str) -> Vec<Command> {
    let mut parser = Parser::default();
    for token in Lexer::new(line) {
        match token {
            Token::Word(word) => parser.word(word),
            Token::Redirect(kind, fd) => parser.redirect(kind, fd),
            Token::Control(control) => parser.control(control),
        }
    }
    parser.finish();
    parser.done
}

/// A compound command that is open.
struct Compound {
    subshell: bool,
    /// Where its first command is, or will be, in the list.
    start: usize,
}

#[derive(Default)]
struct Parser {
    done: Vec<Command>,
    now: Command,
    joint: Joint,
    open: Vec<Compound>,
    /// How many more are open than `open` tracks.
    untracked: usize,
    /// A compound command that began at this index has just been closed:
    /// redirections that follow are its own.
    closed: Option<usize>,
    /// A redirection that waits for its target.
    pending: Option<(RedirectKind, u32)>,
    /// Inside `for x in …` or `case x in`, which runs nothing.
    header: bool,
    /// Just after the reserved word `time`, which takes `-p`.
    timed: bool,
    enters: usize,
    leaves: usize,
}

impl Parser {
    fn word(&mut self, lexed: Lexed) {
        if self.closed.is_some() && self.pending.is_none() {
            self.finish();
        }
        self.now.substitutions.extend(lexed.substitutions);
        self.now.unterminated |= lexed.unterminated;
        if let Some((kind, fd)) = self.pending.take() {
            self.now.redirects.push(Redirect { kind, fd, target: Rc::new(lexed.word) });
            return;
        }
        if self.header {
            return;
        }
        let timed = std::mem::take(&mut self.timed);
        if self.now.words.is_empty() {
            let plain = !lexed.quoted && self.now.assignments.is_empty();
            if plain && (self.reserved(&lexed.word.text) || timed && lexed.word.text == "-p") {
                return;
            }
            if lexed.assigns {
                self.now.assignments.push(lexed.word.text);
                return;
            }
        }
        self.now.words.push(lexed.word);
    }

    /// Acts on a reserved word at the start of a command; false if it is none.
    fn reserved(&mut self, text: &str) -> bool {
        match text {
            "{" | "if" | "while" | "until" => self.enter(false),
            "for" | "select" | "case" => {
                self.enter(false);
                self.header = true;
            }
            "}" | "fi" | "done" | "esac" => self.leave(false),
            "then" | "else" | "elif" | "do" | "!" => {}
            "time" => self.timed = true,
            _ => return false,
        }
        true
    }

    fn redirect(&mut self, kind: RedirectKind, fd: u32) {
        self.pending = Some((kind, fd));
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Open => {
                if self.now.words.len() == 1 {
                    // `name ()` defines a function and does not call it.
                    self.now = Command::default();
                }
                self.finish();
                self.enter(true);
            }
            Control::Close => {
                self.finish();
                self.leave(true);
            }
            // A newline after `&&`, `do` and the like changes nothing.
            Control::Newline => self.finish(),
            Control::And => self.finish_then(Joint::And),
            Control::Or => self.finish_then(Joint::Or),
            Control::Pipe => self.finish_then(Joint::Pipe),
            Control::Background => self.finish_then(Joint::Background),
            Control::Semicolon => self.finish_then(Joint::Then),
        }
    }

    fn enter(&mut self, subshell: bool) {
        if self.open.len() >= MAX_DEPTH {
            self.untracked += 1;
            return;
        }
        self.enters += usize::from(subshell);
        self.open.push(Compound { subshell, start: self.done.len() });
    }

    fn leave(&mut self, subshell: bool) {
        if self.untracked > 0 {
            self.untracked -= 1;
            return;
        }
        // The `)` of a `case` pattern closes nothing.
        let Some(compound) = self.open.pop_if(|top| top.subshell == subshell) else {
            return;
        };
        if subshell && self.enters > 0 {
            self.enters -= 1;
        } else if subshell {
            self.leaves += 1;
        }
        self.closed = Some(compound.start);
    }

    fn finish_then(&mut self, joint: Joint) {
        self.finish();
        self.joint = joint;
    }

    /// Ends the command at hand, if there is any.
    fn finish(&mut self) {
        let mut now = std::mem::take(&mut self.now);
        self.pending = None;
        self.header = false;
        self.timed = false;
        if let Some(start) = self.closed.take() {
            self.joint = Joint::Then;
            self.share_input(start, &now.redirects);
            // `done < <(a)` runs `a` as well.
            if let Some(last) = self.done.last_mut() {
                last.substitutions.append(&mut now.substitutions);
            }
            return;
        }
        if now == Command::default() {
            return;
        }
        let joint = std::mem::replace(&mut self.joint, Joint::Then);
        now.joined_by = if self.done.is_empty() { Joint::First } else { joint };
        now.enters = std::mem::take(&mut self.enters);
        now.leaves = std::mem::take(&mut self.leaves);
        self.done.push(now);
    }

    /// Gives the input of a compound command to the commands in it.
    fn share_input(&mut self, start: usize, redirects: &[Redirect]) {
        let Some(input) = redirects.iter().rfind(|redirect| redirect.is_input()) else {
            return;
        };
        if input.target.text.len() > MAX_SHARED_TARGET {
            return;
        }
        work::did(self.done.len().saturating_sub(start));
        for (index, command) in self.done.iter_mut().enumerate().skip(start) {
            // Inside a pipeline the input is the pipe.
            let piped = command.joined_by == Joint::Pipe && index > start;
            if !piped && !command.redirects.iter().any(Redirect::is_input) {
                command.redirects.push(input.clone());
                work::did(size_of::<Redirect>());
            }
        }
    }
}
