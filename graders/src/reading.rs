//! Decides whether a command reads a file, so that its content was shown.
//!
//! A command reads the file when a program of the table in `programs` has it
//! as an operand, or as its standard input where it takes that. Wrappers
//! (`sudo`, `env`, `busybox`…) and the scripts of `sh -c` are looked into.
//! Redirections follow POSIX.1-2024, Shell Command Language 2.7.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::args::{Arg, Args};
use crate::invocation::cause;
pub use crate::readers::Reading;
use crate::readers::programs::{self, Operands, Reader};
use crate::readers::{Place, Target, is_shown};
use crate::shell::{self, Command, Ended, Exit, Fate, Reach, Redirect, RedirectKind, Sink, Word};
use crate::trace::{Aim, Doubt};
use crate::wrappers::{self, Inner, base_name};

/// Whether a command that ended with 0 reads `file` (an absolute path), given
/// its `argv` as it went to execve and its working directory where known. No
/// shell sees an argv, so nothing in it is expanded.
#[must_use]
pub fn reads(argv: &[String], file: &str, cwd: Option<&str>) -> Reading {
    let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
    let search = Search::new(file, wrappers::MAX_NESTING);
    search.command(&words, Input::Unseen, &Rc::new(Place::from_cwd(cwd)), &Ended::with(0))
}

/// Whether a command with this argv, which ended so, reads `file`; or, where it is to be refused, would have.
#[must_use]
pub(crate) fn argv_reads(argv: &[Word], file: &str, ended: &Ended, aim: Aim, directories: &[&str]) -> Reading {
    let search = Search { refusal: aim.refusal, directories, ..Search::new(file, wrappers::MAX_NESTING) };
    let read = search.command(argv, Input::Unseen, &Rc::new(Place::default()), ended);
    search.as_it_ended(read, argv, Fate::of(ended))
}

/// Whether a typed line, or a script, that ended so reads `file`, and shows what is in it; `cd` is followed.
#[must_use]
pub fn line_reads(line: &str, file: &str, cwd: Option<&str>, ended: &Ended) -> Reading {
    LineReading { file, cwd, after: None, aim: Aim::default() }.of(line, ended)
}

/// A reading that is to be found in a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineReading<'a> {
    /// The absolute path.
    pub(crate) file: &'a str,
    /// The directory in which the line begins, where that is known.
    pub(crate) cwd: Option<&'a str>,
    /// The container whose start, stop, … in the same line must come before it.
    pub(crate) after: Option<&'a str>,
    /// Whether it is to be refused; then its errors must be shown, and not the file.
    pub(crate) aim: Aim,
}

impl LineReading<'_> {
    /// What a line that ended so proves.
    pub(crate) fn of(self, line: &str, ended: &Ended) -> Reading {
        let search = Search { refusal: self.aim.refusal, ..Search::new(self.file, wrappers::MAX_NESTING) };
        search.line(line, Rc::new(Place::from_cwd(self.cwd)), ended, self.after)
    }
}

/// Whether an exec that ended with 0 and whose arguments were joined with spaces, so that their
/// quoting is lost, reads `file`. After a shell with `-c`, all the rest is
/// taken for its script; else it is split at the spaces.
#[must_use]
pub fn joined_reads(joined: &str, file: &str, cwd: Option<&str>) -> Reading {
    let search = Search::new(file, wrappers::MAX_NESTING);
    search.command(&joined_words(joined), Input::Unseen, &Rc::new(Place::from_cwd(cwd)), &Ended::with(0))
}

/// The words of arguments that were joined with spaces; none where they are too long to be looked at.
pub(crate) fn joined_words(joined: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    if joined.len() > shell::MAX_LINE {
        return words;
    }
    let mut rest = joined;
    while let Some((word, after)) = split_word(rest) {
        let is_script_next = words.len() < MAX_BEFORE_SCRIPT
            && wrappers::announces_script(word)
            && matches!(wrappers::inner(&words), Inner::Shell)
            && !after.trim().is_empty();
        words.push(Word::literal(word));
        if is_script_next {
            words.push(Word::literal(after.trim_start_matches(' ')));
            break;
        }
        rest = after;
    }
    words
}

/// A `-c` after more words than these is not looked for; it keeps a hostile
/// string of many `-c` from being gone through over and over.
const MAX_BEFORE_SCRIPT: usize = 64;

/// The first word of `text` and what follows it.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    if text.is_empty() {
        return None;
    }
    Some(text.split_once(' ').unwrap_or((text, "")))
}

/// The standard input of a command.
#[derive(Clone, Copy)]
enum Input<'a> {
    /// A terminal, a pipe, or whatever the caller has.
    Unseen,
    /// `< FILE`
    File(&'a Word),
    /// A here-document or another descriptor.
    Other,
}

impl<'a> Input<'a> {
    /// The last redirection of the standard input is the one that holds.
    fn of(command: &'a Command) -> Self {
        let input = command.redirects.iter().rfind(|redirect| redirect.is_input());
        match input {
            None => Self::Unseen,
            Some(Redirect { kind: RedirectKind::Read, target, .. }) => Self::File(target),
            Some(_) => Self::Other,
        }
    }
}

/// Whether a program runs another one, which shows what it reads, on files that it names itself.
fn hands_on(program: &str, args: &[Word]) -> bool {
    let command = match program {
        "xargs" | "parallel" => args,
        "find" => {
            let is_action = |word: &Word| matches!(word.text.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir");
            let action = args.iter().position(is_action);
            action.and_then(|action| args.get(action + 1..)).unwrap_or_default()
        }
        _ => return false,
    };
    command.iter().any(|word| programs::find(base_name(&word.text)).is_some())
}

/// The search for one file through a command and the scripts in it.
struct Search<'f> {
    file: Target<'f>,
    /// How many scripts within scripts are still followed.
    depth: u8,
    /// The reading is to fail.
    refusal: bool,
    /// Directories that are known to be there.
    directories: &'f [&'f str],
}

impl<'f> Search<'f> {
    fn new(file: &'f str, depth: u8) -> Self {
        Self { file: Target::new(file), depth, refusal: false, directories: &[] }
    }

    fn script(&self, script: &str, place: &Rc<Place>, ended: &Ended) -> Reading {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Reading::DoesNot;
        };
        let inner = Search { file: self.file.clone(), depth, refusal: self.refusal, directories: self.directories };
        inner.line(script, Rc::clone(place), ended, None)
    }

    fn line(&self, line: &str, mut place: Rc<Place>, ended: &Ended, after: Option<&str>) -> Reading {
        let course = shell::course_among(line, ended, self.directories);
        let cause = after.map(|container| cause::of(&course, container));
        let mut outside = Vec::new();
        let mut found = Reading::DoesNot;
        for (index, (command, fate)) in course.iter().enumerate() {
            for _ in 0..command.leaves {
                place = outside.pop().unwrap_or(place);
            }
            outside.extend((0..command.enters).map(|_| Rc::clone(&place)));
            if fate.reach == Reach::No {
                continue;
            }
            // The exit code of a substitution is lost, and its output is not the line's.
            for script in &command.substitutions {
                let read = self.substitution(script, &place).max(Reading::May(Doubt::Hidden));
                found = found.min(read);
            }
            let mut read = self.command(&command.words, Input::of(command), &place, &fate.ended());
            if read != Reading::DoesNot && !is_shown(&course, index, self.refusal) {
                read = read.max(Reading::May(Doubt::Unseen));
            }
            let selected = self.is_selected_from(&course, index);
            let fate = if selected { Fate { exit: Exit::Succeeded, ..*fate } } else { *fate };
            read = self.as_it_ended(read, &command.words, fate);
            read = cause.as_ref().map_or(read, |cause| cause.bounds_reading(index, read));
            found = found.min(read);
            if found == Reading::Reads {
                break;
            }
            let next = course.get(index + 1).map(|(next, _)| next.joined_by);
            if let Some(moved) = place.left_by(command, next) {
                place = Rc::new(moved);
            }
        }
        found
    }

    /// What a command that would read so has read, from how it ended.
    fn as_it_ended(&self, read: Reading, words: &[Word], fate: Fate) -> Reading {
        let is_script = matches!(wrappers::inner(words), Inner::Script(_));
        match read {
            // The course of a script has decided already; the exit code of a shell is that of its last command.
            read if is_script || read == Reading::Shell => match fate.reach {
                Reach::Yes => read,
                Reach::Maybe | Reach::No => read.max(Reading::May(Doubt::Perhaps)),
            },
            // Another file of that name may be the one that could not be read.
            Reading::ReadsRelative if self.refusal => Reading::May(Doubt::Unknowable),
            Reading::May(_) if self.refusal => read,
            Reading::May(_) if surest(fate) >= Reading::Failed => Reading::DoesNot,
            read => read.max(surest(fate)),
        }
    }

    /// Whether a command that reads one file has read it, since `grep` has found something in its output.
    fn is_selected_from(&self, course: &[(Command, Fate)], index: usize) -> bool {
        let Some((command, Fate { reach: Reach::Yes, exit: Exit::Unknown, sink: Sink::Command(next) })) =
            course.get(index)
        else {
            return false;
        };
        let selects = |(command, fate): &(Command, Fate)| match wrappers::inner(&command.words) {
            Inner::Program(name, _) => {
                fate.exit == Exit::Succeeded && programs::find(name).is_some_and(Reader::selects)
            }
            _ => false,
        };
        let reads_one_file = match wrappers::inner(&command.words) {
            Inner::Program(name, args) => programs::find(name).is_some_and(|reader| {
                let args = Args::new(args, |flag| reader.takes_value(flag));
                reader.operands == Operands::Files && args.filter(|arg| matches!(arg, Arg::Operand(_))).count() == 1
            }),
            _ => false,
        };
        reads_one_file && course.get(*next).is_some_and(selects)
    }

    /// `$(SCRIPT)`; bash and zsh take `$(<FILE)` for `$(cat FILE)`.
    fn substitution(&self, script: &str, place: &Rc<Place>) -> Reading {
        let input = script.trim_start().strip_prefix('<');
        if let Some(command) = input.and_then(|file| shell::commands(file).into_iter().next())
            && let [file] = command.words.as_slice()
        {
            return self.file.named_by(file, place);
        }
        self.script(script, place, &Ended::default())
    }

    fn command(&self, words: &[Word], input: Input<'_>, place: &Rc<Place>, ended: &Ended) -> Reading {
        match wrappers::inner(words) {
            Inner::Nothing => Reading::DoesNot,
            Inner::Unknown(words) => self.unknown(words, place),
            Inner::Script(script) => self.script(script, place, ended),
            // `sh < FILE` runs the file instead of showing it. What a shell
            // gets from a pipe or a here-document is not seen either.
            Inner::Shell if matches!(input, Input::File(_)) => Reading::DoesNot,
            Inner::Shell => Reading::Shell,
            Inner::Program(name, args) => match programs::find(name) {
                Some(reader) => self.reader(reader, args, input, place),
                None if hands_on(name, args) => Reading::May(Doubt::Unknowable),
                None => Reading::DoesNot,
            },
        }
    }

    /// A program that only the shell knew: it may show a file that it is given.
    fn unknown(&self, words: &[Word], place: &Rc<Place>) -> Reading {
        let is_named = |word: &Word| !matches!(self.file.named_by(word, place), Reading::DoesNot);
        let may = words.len() <= 1 || words.iter().skip(1).any(is_named);
        if may { Reading::May(Doubt::Unknowable) } else { Reading::DoesNot }
    }

    fn reader(&self, reader: &Reader, words: &[Word], input: Input<'_>, place: &Place) -> Reading {
        let mut args = Args::new(words, |flag| reader.takes_value(flag));
        let mut program_given = !matches!(reader.operands, Operands::ProgramThenFiles(_));
        let mut recursive = reader.always_recursive;
        let here = Word::literal(".");
        let mut files: Vec<&Word> = Vec::new();
        if reader.shows_nothing(words) {
            return Reading::DoesNot;
        }
        for arg in &mut args {
            match arg {
                Arg::Option(flag, _) => {
                    program_given |= reader.gives_program(flag);
                    recursive |= reader.recurses_with(flag);
                }
                Arg::Operand(_) if !program_given => program_given = true,
                Arg::Operand(word) => files.push(word),
            }
        }
        match reader.operands {
            Operands::None => files.clear(),
            Operands::Inputs(most) => files.truncate(most),
            Operands::Assigned => return self.dd(&files, input, place),
            Operands::Files | Operands::ProgramThenFiles(_) => {}
        }
        if recursive && files.is_empty() {
            files.push(&here);
        }
        let stdin = |word: &&Word| matches!(word.text.as_str(), "-" | "/dev/stdin");
        let mut found = Reading::DoesNot;
        if files.is_empty() || files.iter().any(stdin) {
            found = self.input(input, place);
        }
        for word in files {
            found = found.min(self.file.named_by(word, place));
            if recursive && self.file.is_under(word, place) {
                found = Reading::Reads;
            }
        }
        found
    }

    fn input(&self, input: Input<'_>, place: &Place) -> Reading {
        match input {
            Input::File(word) => self.file.named_by(word, place),
            Input::Unseen | Input::Other => Reading::DoesNot,
        }
    }

    /// `dd if=FILE`. With an `of=` it copies, as `cp` does, and shows nothing.
    fn dd(&self, operands: &[&Word], input: Input<'_>, place: &Place) -> Reading {
        // A pattern after `if=` stays as it is: no file is called `if=…`.
        let value = |name: &str| {
            operands.iter().find_map(|word| {
                let text = word.text.strip_prefix(name)?;
                let unknowable = word.unknowable;
                Some(Word { unknowable, ..Word::literal(text) })
            })
        };
        let shown = value("of=").is_none_or(|to| matches!(to.text.as_str(), "/dev/stdout" | "/dev/tty" | "/dev/fd/1"));
        match value("if=") {
            _ if !shown => Reading::DoesNot,
            Some(file) => self.file.named_by(&file, place),
            None => self.input(input, place),
        }
    }
}

/// The most that a command with this fate can prove.
fn surest(fate: Fate) -> Reading {
    match (fate.reach, fate.exit) {
        (Reach::Yes, Exit::Succeeded) => Reading::Reads,
        (Reach::Yes, Exit::Failed) => Reading::Failed,
        (_, Exit::Failed | Exit::NotSucceeded) => Reading::NotRead,
        (Reach::Yes, Exit::Unknown) => Reading::May(Doubt::Hidden),
        _ => Reading::May(Doubt::Perhaps),
    }
}
