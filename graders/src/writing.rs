//! Decides whether a command writes to a path: to a file, or to anything in a directory.
//!
//! A command writes to it when a redirection of its output names it, or when a program of the table in `programs` has it
//! among what it writes to. Wrappers (`sudo`, `env`, `busybox`…) and the scripts of `sh -c` are looked into.

mod programs;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::matching::Match;
use crate::readers::{Place, is_shown, lies_in, means};
use crate::shell::{self, Command, Ended, Fate, Reach, Redirect, RedirectKind, Word};
use crate::trace::{Aim, Doubt, Trace};
use crate::wrappers::{self, Inner};

/// What is to be written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    path: &'a str,
    /// Anything in it counts.
    is_directory: bool,
}

impl<'a> Target<'a> {
    /// An absolute path; with a slash at its end, a directory.
    pub(crate) fn of(path: &'a str) -> Self {
        Self { path, is_directory: path.ends_with('/') }
    }

    /// Whether what is written to `word` is written to it.
    fn named_by(self, word: &Word, place: &Place) -> Match {
        if self.is_directory { lies_in(word, self.path, place) } else { means(word, self.path, place) }
    }

    /// Whether a file of this name that is put into `directory` is written to it.
    fn named_in(self, directory: &Word, name: &Word, place: &Place) -> Match {
        let (above, last) = self.path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", self.path));
        if self.is_directory {
            return lies_in(directory, self.path, place);
        }
        let same_name = match name.known() {
            Some(name) => Match::when(name.trim_end_matches('/').rsplit('/').next() == Some(last)),
            None => Match::Perhaps,
        };
        means(directory, if above.is_empty() { "/" } else { above }, place).min(same_name)
    }
}

/// What a command with this argv, which began in `cwd` and ended so, proves about the target.
pub(crate) fn argv_writes(argv: &[Word], target: &str, cwd: Option<&str>, ended: &Ended, aim: Aim) -> Trace {
    let command = Command { words: argv.to_vec(), ..Command::default() };
    let search = Search { target: Target::of(target), aim };
    search.command(&command, Fate::of(ended), &Rc::new(Place::from_cwd(cwd)), wrappers::MAX_NESTING)
}

/// Whether what is written to this path is written to the target.
pub(crate) fn is_written(path: &Word, target: &str) -> bool {
    Target::of(target).named_by(path, &Place::default()) == Match::Yes
}

/// The search for what writes to a path.
struct Search<'a> {
    target: Target<'a>,
    aim: Aim,
}

impl Search<'_> {
    fn script(&self, script: &str, mut place: Rc<Place>, ended: &Ended, depth: u8) -> Trace {
        let Some(depth) = depth.checked_sub(1) else {
            return Trace::Absent;
        };
        let course = shell::course(script, ended);
        let mut outside = Vec::new();
        let mut best = Trace::Absent;
        for (index, (command, fate)) in course.iter().enumerate() {
            for _ in 0..command.leaves {
                place = outside.pop().unwrap_or(place);
            }
            outside.extend((0..command.enters).map(|_| Rc::clone(&place)));
            if fate.reach == Reach::No {
                continue;
            }
            let mut here = self.command(command, *fate, &place, depth);
            // Of a refusal the learner is to see the message.
            if self.aim.shown && here == Trace::Done && !is_shown(&course, index, self.aim.refusal) {
                here = Trace::Unclear(Doubt::Unseen);
            }
            for inner in &command.substitutions {
                here = here.max(self.script(inner, Rc::clone(&place), &Ended::default(), depth));
            }
            best = best.max(here);
            let next = course.get(index + 1).map(|(next, _)| next.joined_by);
            if let Some(moved) = place.left_by(command, next) {
                place = Rc::new(moved);
            }
        }
        best
    }

    fn command(&self, command: &Command, fate: Fate, place: &Rc<Place>, depth: u8) -> Trace {
        // `: > FILE` and `> FILE` empty it.
        let is_silent = match command.words.first().map(|word| word.text.as_str()) {
            None => true,
            Some(word) => [":", "true"].contains(&word),
        };
        let redirected = match is_silent && self.wants_content() {
            true => Match::No,
            false => self.redirected(&command.redirects, place),
        };
        let written = match wrappers::inner(&command.words) {
            // Where a file must have been written, one that is only there is not enough; a refusal may be any.
            Inner::Program(name, _) if self.wants_content() && programs::writes_nothing_into(name) => Match::No,
            Inner::Program(name, args) => programs::writes(name, args, self.target, place),
            // A shell that cannot write to where its output goes does not begin.
            Inner::Script(_) if redirected != Match::No => Match::No,
            Inner::Script(script) => return self.script(script, Rc::clone(place), &fate.ended(), depth),
            Inner::Shell => return Trace::Unclear(Doubt::Shell),
            Inner::Unknown(words) => {
                words.iter().map(|word| self.target.named_by(word, place)).max().map_or(Match::No, maybe)
            }
            Inner::Nothing => Match::No,
        };
        Trace::proved(redirected.max(written), fate, self.aim)
    }

    /// Whether something must have been written into it.
    fn wants_content(&self) -> bool {
        self.aim.content
    }

    /// Whether the output, or the errors, go to the target.
    fn redirected(&self, redirects: &[Redirect], place: &Place) -> Match {
        let is_output = |redirect: &&Redirect| matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append);
        let outputs = redirects.iter().filter(is_output);
        outputs.map(|redirect| self.target.named_by(&redirect.target, place)).max().unwrap_or(Match::No)
    }
}

/// At most perhaps.
fn maybe(match_: Match) -> Match {
    match_.min(Match::Perhaps)
}
