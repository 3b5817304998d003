//! Whether a command has the wanted words, options and paths among its arguments, in any order and form.
//!
//! The programs are any that a lab may ask for, so their options are not all known. What could be the same option in
//! another form is then [`Match::Perhaps`], never a yes and never a no.

mod called;
mod long_forms;
#[cfg(test)]
mod tests;

use crate::matching::Match;
use crate::readers::{Place, lies_in, means, reads_input};
use crate::shell::{Command, Joint, RedirectKind, Word};
use called::Called;

/// One argument that is wanted, as an author writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument<'a> {
    /// `-la`: each of these letters.
    Letters(&'a str),
    /// `-n 5`
    Short(char, &'a str),
    /// `--all`, `--lines=5` or `--lines 5`
    Long(&'a str, Option<&'a str>),
    /// `/data`
    Path(&'a str),
    /// Any other word, or several.
    Word(&'a str),
}

impl<'a> Argument<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let text = text.trim();
        if text.len() > 2 && text.starts_with("--") {
            let at = text.find(|letter: char| letter == '=' || letter.is_whitespace());
            return match at.and_then(|at| text.split_at_checked(at)) {
                Some((name, value)) => Self::Long(name, Some(value.get(1..).unwrap_or_default().trim_start())),
                None => Self::Long(text, None),
            };
        }
        if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty() && *letters != "-") {
            let mut rest = letters.chars();
            return match (rest.next(), rest.as_str().split_once(char::is_whitespace)) {
                (Some(letter), Some(("", value))) => Self::Short(letter, value.trim_start()),
                _ => Self::Letters(letters),
            };
        }
        if text.starts_with('/') { Self::Path(text) } else { Self::Word(text) }
    }
}

/// The arguments that a command must have.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arguments<'a> {
    wanted: &'a [&'a str],
}

/// Programs that are about the directory they run in where they are given no other.
const ABOUT_HERE: [&str; 6] = ["ls", "dir", "vdir", "du", "tree", "find"];

/// Programs that work on their standard input where they are given one.
const TAKES_INPUT: [&str; 6] = ["tar", "cpio", "gzip", "gunzip", "zcat", "patch"];

/// Programs that list what is in a directory, or with `-d` the directory itself.
const LISTERS: [&str; 3] = ["ls", "dir", "vdir"];

/// Programs that look at all that is below the directory they are given.
const DEEP: [&str; 3] = ["du", "tree", "find"];

impl<'a> Arguments<'a> {
    /// These, in any order.
    #[must_use]
    pub fn new(wanted: &'a [&'a str]) -> Self {
        Self { wanted }
    }

    /// Whether there is any.
    pub(crate) fn are_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Whether `fits` holds for each that must be there, and for none that must not be: those begin with `!`.
    pub(crate) fn all(&self, fits: impl Fn(Argument<'a>) -> Match) -> Match {
        let one = |text: &'a str| match text.strip_prefix('!').filter(|text| !text.is_empty()) {
            Some(unwanted) => fits(Argument::of(unwanted)).inverted(),
            None => fits(Argument::of(text)),
        };
        self.wanted.iter().map(|text| one(text.trim())).min().unwrap_or(Match::Yes)
    }

    /// Whether a program with these arguments, run by that command in that place, has them all.
    pub(crate) fn fit(&self, program: &str, args: &[Word], command: &Command, place: &Place) -> Match {
        let called = Called::new(program, args);
        let fits = |wanted: Argument<'_>| match wanted {
            Argument::Path(path) if self.names_only(&called) => contents_fit(path, &called, place),
            Argument::Path(path) => path_fits(path, &called, command, place),
            other => called.has(&other, |value, word| value_fits(value, word, place)),
        };
        self.all(fits)
    }

    /// Whether it tells of the directories themselves, where what is in them is wanted: `ls -d`.
    fn names_only(&self, called: &Called<'_>) -> bool {
        let asks_for_it = |wanted: Argument<'_>| match wanted {
            Argument::Letters(letters) => letters.contains('d'),
            Argument::Long(name, _) => name == "--directory",
            _ => false,
        };
        LISTERS.contains(&called.program)
            && called.has_letter('d')
            && !self.wanted.iter().any(|text| asks_for_it(Argument::of(text.trim())))
    }

    /// Whether a whole command, whose first word is the program, has them all.
    pub(crate) fn fit_command(&self, program: &str, command: &Command, place: &Place) -> Match {
        self.fit(program, command.words.get(1..).unwrap_or_default(), command, place)
    }
}

/// Whether a word is this value.
pub(crate) fn value_fits(value: &str, word: &Word, place: &Place) -> Match {
    if value.starts_with('/') {
        return means(word, value, place);
    }
    match word.known() {
        Some(text) => Match::when(trimmed(text) == trimmed(value)),
        None => Match::Perhaps,
    }
}

/// `./x` and `x/` are `x`.
fn trimmed(text: &str) -> &str {
    let text = if text.len() > 1 { text.trim_end_matches('/') } else { text };
    text.strip_prefix("./").filter(|rest| !rest.is_empty()).unwrap_or(text)
}

/// Whether its arguments are what is in the directory, by a pattern.
fn contents_fit(path: &str, called: &Called<'_>, place: &Place) -> Match {
    let patterns = called.values().filter(|word| word.glob.is_some());
    patterns.map(|word| means(&word, path, place)).max().unwrap_or(Match::No)
}

fn path_fits(path: &str, called: &Called<'_>, command: &Command, place: &Place) -> Match {
    // What lies in a directory is on its file system.
    let fits =
        |word: Word| if called.program == "df" { lies_in(&word, path, place) } else { means(&word, path, place) };
    let mut best = called.values().map(fits).max().unwrap_or(Match::No);
    let here = Word::literal(".");
    if ABOUT_HERE.contains(&called.program) && !called.names_place() {
        best = best.max(means(&here, path, place));
    }
    // Without a file system of its own to show, `df` shows all of them.
    if called.program == "df" && !called.names_place() {
        best = best.max(Match::Perhaps);
    }
    // Of a file it shows the file system that the file is in, which may be another one than that of the directory.
    let below = format!("{}/", path.trim_end_matches('/'));
    if called.program == "df" && called.values().any(|word| crate::readers::lies_in(&word, &below, place) != Match::No)
    {
        best = best.max(Match::Perhaps);
    }
    let is_deep = DEEP.contains(&called.program) || called.has_letter('R') || called.has_letter('r');
    if is_deep && called.values().any(|word| crate::readers::is_above(&word, path, place)) {
        best = best.max(Match::Perhaps);
    }
    let takes_input = reads_input(called.program) || TAKES_INPUT.contains(&called.program);
    // What comes through the pipe may be the file's.
    if takes_input && command.joined_by == Joint::Pipe && !called.names_place() {
        best = best.max(Match::Perhaps);
    }
    for input in command.redirects.iter().filter(|redirect| redirect.fd == 0 && redirect.kind == RedirectKind::Read) {
        let most = if takes_input { Match::Yes } else { Match::Perhaps };
        best = best.max(means(&input.target, path, place).min(most));
    }
    best
}
