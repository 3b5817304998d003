//! The command that is wanted, and what one that ran proves about it, wherever it ran.

use super::directory::Where;
use super::is_of_shell;
use crate::arguments::Arguments;
use crate::evidence::{self, Argv};
use crate::invocation::{Wanted, argv_runs};
use crate::name::{Name, Text, Visitor};
use crate::path::file_name;
use crate::reading::{Reading, argv_reads, joined_words};
use crate::shell::{Ended, Word};
use crate::trace::{Aim, Doubt, Trace};
use crate::writing::{argv_writes, is_written};

/// What the command is to do.
#[derive(Debug)]
pub(super) enum Deed {
    /// It shows this file.
    Reads(Text),
    /// It writes to this file, or in this directory.
    Writes(Text),
    /// It runs the program of this name.
    Runs(Text),
}

/// The command.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) deed: Deed,
    /// What must be among the program's arguments.
    pub(super) args: Vec<Text>,
    /// It is to end with another code than 0.
    pub(super) fails: bool,
    /// It is to write something into the file, and not only make it.
    pub(super) filled: bool,
}

/// Codes by which a shell says that a program did not start.
const NOT_STARTED: [i64; 2] = [126, 127];

/// Codes of a program that somebody ended: by a hangup, Ctrl-C, or a request to end.
const INTERRUPTED: [i64; 3] = [129, 130, 143];

impl Command {
    /// What is wanted, with the paths that it is about; its options would give the solution away.
    pub(super) fn wants(&self, container: &Name) -> String {
        let paths: Vec<&str> =
            self.args.iter().map(|text| text.text.as_str()).filter(|text| text.starts_with('/')).collect();
        let about = if paths.is_empty() { String::new() } else { format!(" on {}", paths.join(", ")) };
        let failed = if self.fails { ", and failed" } else { "" };
        match &self.deed {
            Deed::Reads(file) => format!("{file} was read in {container}{failed}"),
            Deed::Writes(path) => match path.text.strip_suffix('/') {
                Some(directory) if self.fails => format!("{container} tried to write in {directory}, and failed"),
                Some(directory) => format!("{container} wrote something in {directory}"),
                None if self.fails => format!("{container} tried to write {path}, and failed"),
                None => format!("{container} wrote {path}"),
            },
            Deed::Runs(program) => format!("{program} was run{about} in {container}{failed}"),
        }
    }

    /// Whether its output is a part of what is wanted.
    pub(super) fn is_to_be_seen(&self) -> bool {
        self.fails || matches!(self.deed, Deed::Reads(_))
    }

    /// What a command that ran proves; `place` is what is known of directories.
    pub(super) fn trace(&self, exec: &evidence::Exec, place: &Where) -> Trace {
        let Some(code) = exec.exit_code else {
            // Whatever it is, it has not ended. In a shell anything may have been typed.
            return match self.of_kind(&exec.argv, place) {
                Trace::Absent => Trace::Absent,
                trace if is_of_shell(trace) => trace,
                _ => Trace::Otherwise,
            };
        };
        // A code of the shell's own, or of whoever ended it, does not tell how the program would have ended.
        let untold = self.fails && (NOT_STARTED.contains(&code) || INTERRUPTED.contains(&code));
        if exec.could_not_start() || untold {
            return match self.of_kind(&exec.argv, place) {
                Trace::Absent => Trace::Absent,
                // The code may be that of another part of a script.
                Trace::Unclear(doubt) if !exec.could_not_start() => Trace::Unclear(doubt),
                _ => Trace::Otherwise,
            };
        }
        self.of_ended(&exec.argv, &Ended::with(code), place)
    }

    /// Whether a command is of this kind, however it ended.
    pub(super) fn of_kind(&self, argv: &Argv, place: &Where) -> Trace {
        let code = i64::from(self.fails);
        self.of_ended(argv, &Ended::with(code), place)
    }

    /// Whether it would be of this kind with other arguments.
    pub(super) fn is_of_program(&self, argv: &Argv) -> bool {
        let any = Arguments::default();
        match &self.deed {
            Deed::Runs(_) => {
                self.runs(argv, any, &Ended::with(i64::from(self.fails)), &Where::default()) == Trace::Done
            }
            Deed::Reads(_) | Deed::Writes(_) => false,
        }
    }

    /// Whether a command writes at all, wherever that is.
    pub(super) fn writes_elsewhere(&self, argv: &Argv, code: i64, place: &Where) -> bool {
        let anywhere = |code| match self.written_to("/", argv, &Ended::with(code), place) {
            Trace::Done => true,
            Trace::Unclear(doubt) => matches!(doubt, Doubt::Perhaps | Doubt::Hidden),
            Trace::Otherwise | Trace::Absent => false,
        };
        matches!(self.deed, Deed::Writes(_)) && (anywhere(code) || anywhere(i64::from(self.fails)))
    }

    /// Whether a path is the one that is to be written to.
    pub(super) fn is_target(&self, path: &Word) -> bool {
        matches!(&self.deed, Deed::Writes(target) if is_written(path, &target.text))
    }

    /// The name of the file that is to be written.
    pub(super) fn file_to_write(&self) -> Option<&str> {
        match &self.deed {
            Deed::Writes(target) if !target.text.ends_with('/') => Some(file_name(&target.text)),
            _ => None,
        }
    }

    /// Whether a command made or emptied the file, where something was to be written into it.
    pub(super) fn only_makes(&self, exec: &evidence::Exec, place: &Where) -> bool {
        let Deed::Writes(path) = &self.deed else { return false };
        let (ended, aim) = (Ended::with(exec.exit_code.unwrap_or(-1)), Aim { content: false, ..self.aim() });
        let trace = argv_writes(&words(&exec.argv), &path.text, place.began.as_deref(), &ended, aim);
        self.filled && trace == Trace::Done
    }

    fn written_to(&self, path: &str, argv: &Argv, ended: &Ended, place: &Where) -> Trace {
        argv_writes(&words(argv), path, place.began.as_deref(), ended, self.aim())
    }

    /// Whether it runs the program, with whatever arguments, or shows or writes the file.
    pub(super) fn is_of_program_or_reads(&self, argv: &Argv) -> bool {
        match &self.deed {
            Deed::Runs(_) => self.is_of_program(argv),
            Deed::Reads(_) | Deed::Writes(_) => self.of_kind(argv, &Where::default()) == Trace::Done,
        }
    }

    /// Whether it is a shell, in which anything may have been typed.
    pub(super) fn opens_shell(&self, exec: &evidence::Exec) -> bool {
        is_of_shell(self.of_kind(&exec.argv, &Where::default()))
    }

    fn of_ended(&self, argv: &Argv, ended: &Ended, place: &Where) -> Trace {
        match &self.deed {
            // A relative path that could be read is the file: its directory was chosen with `-w`.
            Deed::Reads(file) => match argv_reads(&words(argv), &file.text, ended, self.aim(), &place.there()) {
                Reading::Reads | Reading::ReadsRelative if !self.fails => Trace::Done,
                Reading::Failed if self.fails => Trace::Done,
                Reading::Reads | Reading::ReadsRelative | Reading::Failed => Trace::Otherwise,
                Reading::NotRead if self.fails => Trace::Unclear(Doubt::Perhaps),
                Reading::NotRead => Trace::Otherwise,
                Reading::Shell => Trace::Unclear(Doubt::Shell),
                Reading::May(doubt) => Trace::Unclear(doubt),
                Reading::DoesNot => Trace::Absent,
            },
            Deed::Writes(path) => self.written_to(&path.text, argv, ended, place),
            Deed::Runs(_) => {
                let args: Vec<&str> = self.args.iter().map(|text| text.text.as_str()).collect();
                self.runs(argv, Arguments::new(&args), ended, place)
            }
        }
    }

    fn runs(&self, argv: &Argv, arguments: Arguments<'_>, ended: &Ended, place: &Where) -> Trace {
        let Deed::Runs(program) = &self.deed else { return Trace::Absent };
        let directories = place.there();
        let cwd = place.began.as_deref();
        let wanted = Wanted { command: &program.text, arguments, cwd, after: None, directories: &directories };
        argv_runs(&words(argv), &wanted, ended, self.aim())
    }

    fn aim(&self) -> Aim {
        Aim { refusal: self.fails, shown: self.fails, content: self.filled }
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        match &mut self.deed {
            Deed::Reads(text) | Deed::Writes(text) | Deed::Runs(text) => visitor.text(text),
        }
        self.args.iter_mut().for_each(|text| visitor.text(text));
    }
}

fn words(argv: &Argv) -> Vec<Word> {
    match argv {
        Argv::Known(argv) => argv.iter().map(|word| Word::literal(word)).collect(),
        Argv::Joined(joined) => joined_words(joined),
    }
}
