//! One thing that is to be entered, and what a line proves about it.

use crate::arguments::Arguments;
use crate::evidence::TypedLine;
use crate::invocation::{Wanted, docker_calls, runs_with};
use crate::name::{Name, Text};
use crate::reading::{LineReading, Reading};
use crate::shell::{self, Ended};
use crate::trace::{Aim, Doubt, Trace};

/// One thing that is to be entered.
pub(super) enum Part<'a> {
    Runs(&'a Text),
    Reads(&'a Name),
}

/// How it is to be done.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    /// It is to end with anything but 0.
    pub(super) fails: bool,
    /// What must be among its arguments.
    pub(super) arguments: Arguments<'a>,
    /// What a format that was given must have in it.
    pub(super) shows: &'a [&'a str],
    /// The container whose start, stop, … in the same line must come before it.
    pub(super) after: Option<&'a str>,
}

impl Part<'_> {
    /// What a line proves.
    pub(super) fn done_by(&self, line: &TypedLine, manner: Manner<'_>) -> Trace {
        if line.unread.is_some() {
            return Trace::Absent;
        }
        let Manner { fails, arguments, shows, after } = manner;
        let aim = Aim { refusal: fails, shown: true, content: false };
        let cwd = line.cwd.as_deref();
        let in_text = |text: &str, ended: &Ended| match self {
            Self::Runs(command) => {
                let wanted = Wanted { command: &command.text, arguments, cwd, after, directories: &[] };
                runs_with(text, &wanted, ended, aim)
            }
            Self::Reads(file) => match (LineReading { file: &file.text, cwd, after, aim }).of(text, ended) {
                Reading::Reads if fails => Trace::Otherwise,
                Reading::Reads => Trace::Done,
                Reading::Failed if fails => Trace::Done,
                Reading::NotRead if fails => Trace::Unclear(Doubt::Perhaps),
                Reading::Failed | Reading::NotRead => Trace::Otherwise,
                Reading::ReadsRelative => Trace::Unclear(Doubt::Unknowable),
                // In a shell within the shell anything can have been typed.
                Reading::Shell => Trace::Unclear(Doubt::Shell),
                Reading::May(doubt) => Trace::Unclear(doubt),
                Reading::DoesNot => Trace::Absent,
            },
        };
        let trace = in_text(line.text(), &line.ended());
        // What a function of the learner's own does, its name does not say.
        let is_function = match trace {
            Trace::Done | Trace::Otherwise => runs_functions(line, |name| self.program().is_none_or(|it| it == name)),
            // The definition, and a call of it.
            Trace::Absent => line
                .functions
                .iter()
                .any(|(name, body)| in_text(&format!("{body}\n{name}"), &Ended::default()) != Trace::Absent),
            Trace::Unclear(_) => false,
        };
        match trace {
            Trace::Done if !shows.is_empty() && self.leaves_out(shows, line) => Trace::Absent,
            _ if is_function => Trace::Unclear(Doubt::Function),
            Trace::Done | Trace::Otherwise if line.elsewhere && self.asks_engine() => {
                Trace::Unclear(Doubt::OtherEngine)
            }
            trace => trace,
        }
    }

    /// Whether every such command of a line was given a format, and none of them has this in it, nor is of everything.
    fn leaves_out(&self, shows: &[&str], line: &TypedLine) -> bool {
        let Self::Runs(wanted) = self else { return false };
        let wanted: Vec<String> = docker_calls(&wanted.text).into_iter().map(|call| call.command).collect();
        let calls = docker_calls(line.text()).into_iter().filter(|call| wanted.contains(&call.command));
        let formats: Vec<Option<String>> = calls.map(|call| call.format).collect();
        let is_of_everything = |format: &str| {
            let bare: String = format.chars().filter(|letter| !letter.is_whitespace()).collect();
            matches!(bare.as_str(), "json" | "{{json.}}" | "{{.}}" | "table" | "raw")
        };
        let has_it = |format: &String| shows.iter().any(|shows| format.contains(shows)) || is_of_everything(format);
        !formats.is_empty() && formats.iter().all(|format| format.as_ref().is_some_and(|format| !has_it(format)))
    }

    /// The program that is wanted, where it is one.
    fn program(&self) -> Option<&str> {
        match self {
            Self::Runs(command) => command.text.split_whitespace().next(),
            Self::Reads(_) => None,
        }
    }

    fn asks_engine(&self) -> bool {
        matches!(self.program(), Some("docker" | "docker-compose"))
    }
}

/// Whether a line names a function of the learner's own for which this holds, in place of a program.
fn runs_functions(line: &TypedLine, is_it: impl Fn(&str) -> bool) -> bool {
    let names = line.functions.iter().map(|(name, _)| name.as_str()).filter(|name| is_it(name));
    let names: Vec<&str> = names.collect();
    let is_called =
        |command: &shell::Command| command.words.first().is_some_and(|it| names.contains(&it.text.as_str()));
    !names.is_empty() && shell::commands(line.text()).iter().any(is_called)
}
