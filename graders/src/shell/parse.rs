//! Gathers tokens into simple commands (POSIX 2.4 Reserved Words, 2.9 Shell
//! Commands, 2.10 Shell Grammar), flattening the compound ones.

use std::rc::Rc;

use super::lexer::{BOTH, Control, Lexed, Lexer, Token};
use super::tree::{Item, Kind};
use super::{Command, Joint, Redirect, RedirectKind, Word, work};

/// Compound commands deeper than this are flattened without being tracked,
/// which keeps the work of closing them linear.
const MAX_DEPTH: usize = 32;

/// An input file with a longer name is not handed to the commands of a loop,
/// each of which would look at all of it; no path is that long.
const MAX_SHARED_TARGET: usize = 1024;

/// So many output redirections of a compound command are handed on, and no command within gets more.
const MAX_SHARED_OUTPUTS: usize = 4;

/// The simple commands of `line`, and its structure; no structure where it is nested too deeply.
pub(super) fn parse(line: &str) -> (Vec<Command>, Option<Vec<Item>>) {
    let mut parser = Parser::default();
    for token in Lexer::new(line) {
        match token {
            Token::Word(word) => parser.word(word),
            Token::Redirect(kind, fd) => parser.redirect(kind, fd),
            Token::Control(control) => parser.control(control),
        }
    }
    parser.finish();
    (parser.done, (!parser.too_deep).then_some(parser.items))
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
    items: Vec<Item>,
    /// Something was nested too deeply to be tracked.
    too_deep: bool,
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
    /// The words of a header so far whose values are known.
    header_words: usize,
    /// Just after the reserved word `time`, which takes `-p`.
    timed: bool,
    /// Just after the reserved word `function`, before its name.
    defines: bool,
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
            let both = fd == BOTH;
            self.now.redirects.push(Redirect { kind, fd: if both { 1 } else { fd }, target: Rc::new(lexed.word) });
            if both {
                let target = Rc::new(Word::literal("1"));
                self.now.redirects.push(Redirect { kind: RedirectKind::Duplicate, fd: 2, target });
            }
            return;
        }
        if self.header {
            self.header_words += usize::from(!lexed.word.unknowable && lexed.word.glob.is_none());
            return;
        }
        if std::mem::take(&mut self.defines) {
            self.items.push(Item::Define(lexed.word.text));
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
            // fish has `begin` and `end`.
            "{" | "begin" => self.enter(Kind::Braces),
            "if" => self.enter(Kind::If),
            "while" => self.enter(Kind::While),
            "until" => self.enter(Kind::Until),
            "for" | "select" | "case" | "switch" => {
                self.enter(if matches!(text, "case" | "switch") { Kind::Case } else { Kind::For });
                self.header = true;
                self.header_words = 0;
            }
            "}" | "fi" | "done" | "esac" | "end" => self.leave(false),
            "then" => self.items.push(Item::Then),
            "else" => self.items.push(Item::Else),
            "elif" => self.items.push(Item::Elif),
            "do" => self.items.push(Item::Do),
            "!" | "not" => self.items.push(Item::Not),
            "and" => self.fish(Joint::And, Item::FishAnd),
            "or" => self.fish(Joint::Or, Item::FishOr),
            "function" => self.defines = true,
            "time" => self.timed = true,
            _ => return false,
        }
        true
    }

    /// fish's `and` and `or`, at the start of a command.
    fn fish(&mut self, joint: Joint, item: Item) {
        self.joint = joint;
        self.items.push(item);
    }

    fn redirect(&mut self, kind: RedirectKind, fd: u32) {
        self.pending = Some((kind, fd));
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Open => {
                if let [name] = self.now.words.as_slice() {
                    // `name ()` defines a function and does not call it.
                    self.items.push(Item::Define(name.text.clone()));
                    self.now = Command::default();
                }
                self.finish();
                self.enter(Kind::Subshell);
            }
            Control::Close => {
                self.finish();
                self.leave(true);
            }
            // A newline after `&&`, `do` and the like changes nothing.
            Control::Newline => {
                self.finish();
                self.items.push(Item::Semicolon);
            }
            Control::And => self.finish_then(Joint::And),
            Control::Or => self.finish_then(Joint::Or),
            Control::Pipe => self.finish_then(Joint::Pipe),
            Control::Background => self.finish_then(Joint::Background),
            Control::Semicolon => self.finish_then(Joint::Then),
        }
    }

    fn enter(&mut self, kind: Kind) {
        if self.open.len() >= MAX_DEPTH {
            self.untracked += 1;
            self.too_deep = true;
            return;
        }
        self.items.push(Item::Open(kind));
        let subshell = kind == Kind::Subshell;
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
        self.items.push(Item::Close);
    }

    fn finish_then(&mut self, joint: Joint) {
        self.finish();
        self.joint = joint;
        self.items.push(match joint {
            Joint::And => Item::And,
            Joint::Or => Item::Or,
            Joint::Pipe => Item::Pipe,
            Joint::Background => Item::Background,
            Joint::Then | Joint::First => Item::Semicolon,
        });
    }

    /// Ends the command at hand, if there is any.
    fn finish(&mut self) {
        let mut now = std::mem::take(&mut self.now);
        self.pending = None;
        // `for NAME in`, and at least one word.
        if std::mem::take(&mut self.header) && self.header_words > 2 {
            self.items.push(Item::Turns);
        }
        self.timed = false;
        self.defines = false;
        if let Some(start) = self.closed.take() {
            self.joint = Joint::Then;
            self.share_input(start, &now.redirects);
            self.share_output(start, &now.redirects);
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
        self.items.push(Item::Simple(self.done.len()));
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

    /// Sends the output of the commands of a compound command where it sends its own; what a command says itself comes
    /// after that.
    fn share_output(&mut self, start: usize, redirects: &[Redirect]) {
        let is_output = |redirect: &&Redirect| !redirect.is_input() && redirect.fd > 0;
        let outputs: Vec<&Redirect> = redirects.iter().filter(is_output).take(MAX_SHARED_OUTPUTS).collect();
        if outputs.is_empty() || outputs.iter().any(|redirect| redirect.target.text.len() > MAX_SHARED_TARGET) {
            return;
        }
        work::did(self.done.len().saturating_sub(start));
        let piped: Vec<bool> = self.done.iter().skip(start + 1).map(|next| next.joined_by == Joint::Pipe).collect();
        let piped = piped.into_iter().chain([false]);
        for (command, is_piped) in self.done.iter_mut().skip(start).zip(piped) {
            // The output of all but the last of a pipeline is the pipe.
            if !is_piped && command.redirects.len() < MAX_SHARED_OUTPUTS {
                command.redirects.splice(0..0, outputs.iter().map(|redirect| (*redirect).clone()));
                work::did(outputs.len() * size_of::<Redirect>());
            }
        }
    }
}
