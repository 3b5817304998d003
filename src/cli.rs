//! The command line.

pub mod groups;

use std::ffi::OsStr;

use clap::{Args, Parser, Subcommand};

use crate::command;
use crate::completion;
use crate::context::{App, Options};
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::When;
use labrun_lab::AsName;

/// Hands-on Docker labs in your terminal, graded by looking at your real engine.
#[derive(Debug, Parser)]
#[command(
    name = "labrun",
    version,
    about,
    max_term_width = 100,
    after_help = "Without a command: goes on with the current lab, or lists the labs.\n\
                  Exit codes: 0 done, 1 not yet, 2 usage, 3 faulty lab, 4 environment, 70 a bug."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What holds for every command.
    #[command(flatten)]
    pub globals: Globals,
}

impl Cli {
    /// The command line with only this one of the commands: to make each ready that nobody has typed is a quarter of what
    /// a check computes. `None` for what is no command, and for one that does not take every option.
    pub(crate) fn line_of(command: &OsStr) -> Option<clap::Command> {
        let name = command.to_str().filter(|name| groups::meaningless(name).is_empty())?;
        Some(Globals::augment_args(clap::Command::new("labrun")).subcommand(Command::alone(name)?))
    }
}

/// What holds for every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Globals {
    /// Take part under a name of your own: `app-data` becomes `NAME-app-data`
    #[arg(long = "as", value_name = "NAME", global = true, env = "LABRUN_AS", hide_env = true, add = completion::learners())]
    pub learner: Option<AsName>,
    /// `--as` is on the command line, and not only in the environment.
    #[arg(skip)]
    pub named: bool,
    /// The engine's address, as for docker
    #[arg(long, value_name = "URL", global = true, help_heading = "Engine")]
    pub host: Option<String>,
    /// The docker context to use, as for docker
    #[arg(long, value_name = "NAME", global = true, help_heading = "Engine", add = completion::contexts())]
    pub context: Option<String>,
    /// Report in JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// When to use colour; NO_COLOR and CLICOLOR are heeded
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = "Output")]
    pub color: When,
}

impl From<Globals> for Options {
    fn from(globals: Globals) -> Self {
        let Globals { learner, named, host, context, json, color } = globals;
        Self { learner, named, host, context, json, color }
    }
}

impl Command {
    /// Runs a command; without one, goes on with the current lab or lists the labs.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run(command: Option<Self>, app: &App) -> Result<Exit, Error> {
        match command {
            None => alone(|| command::task::resume(app)),
            Some(Self::List(list)) => alone(|| list.run(app)),
            Some(Self::Start(start)) => alone(|| start.run(app)),
            Some(Self::Task(task)) => alone(|| task.run(app)),
            Some(Self::Briefing(briefing)) => alone(|| briefing.run(app)),
            Some(Self::Catchup(catchup)) => alone(|| catchup.run(app)),
            Some(Self::Check(check)) => alone(|| check.run(app)),
            Some(Self::Answer(answer)) => alone(|| answer.run(app)),
            Some(Self::Hint(hint)) => alone(|| hint.run(app)),
            Some(Self::Solution(solution)) => alone(|| solution.run(app)),
            Some(Self::Skip(skip)) => alone(|| skip.run(app)),
            Some(Self::Status(status)) => alone(|| status.run(app)),
            Some(Self::Report(report)) => alone(|| report.run(app)),
            Some(Self::Reset(reset)) => alone(|| reset.run(app)),
            Some(Self::Handout(handout)) => alone(|| handout.run(app)),
            Some(Self::New(new)) => alone(|| new.run(app)),
            Some(Self::Doctor(doctor)) => alone(|| doctor.run(app)),
            Some(Self::Lint(lint)) => alone(|| lint.run(app)),
            Some(Self::Trust(trust)) => alone(|| trust.run(app)),
            Some(Self::Schema(schema)) => alone(|| schema.run(app)),
            Some(Self::Images(images)) => alone(|| images.run(app)),
            Some(Self::Verify(verify)) => alone(|| verify.run(app)),
            Some(Self::Completions(completions)) => alone(|| completions.run(app)),
            Some(Self::Man(man)) => alone(|| man.run(app)),
            Some(Self::Plugin(plugin)) => alone(|| plugin.run(app)),
            Some(Self::Watch(watch)) => alone(|| watch.run(app)),
        }
    }

    /// Whether it is about the current session: the practice shell's parent then runs it.
    #[must_use]
    pub fn is_of_session(&self) -> bool {
        match self {
            Self::Task(_)
            | Self::Briefing(_)
            | Self::Check(_)
            | Self::Answer(_)
            | Self::Hint(_)
            | Self::Solution(_)
            | Self::Skip(_)
            | Self::Status(_)
            | Self::Reset(_)
            | Self::Catchup(_) => true,
            Self::List(_)
            | Self::Start(_)
            | Self::Handout(_)
            | Self::New(_)
            | Self::Images(_)
            | Self::Doctor(_)
            | Self::Lint(_)
            | Self::Trust(_)
            | Self::Schema(_)
            | Self::Verify(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Plugin(_)
            | Self::Report(_)
            | Self::Watch(_) => false,
        }
    }
}

/// Runs one command, with a part of the stack that is its own: the compiler would give all of them one, as large as all of
/// them need together, and each page of it is touched when it is entered.
#[inline(never)]
fn alone<T>(command: impl FnOnce() -> T) -> T {
    command()
}

/// Makes the commands, and of each a command line by itself, from one line a command: its module, which is its name as
/// well, and its type.
macro_rules! commands {
    ($($(#[$about:meta])* $name:ident::$command:ident,)*) => {
        /// The commands: one file each.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$about])* $command(command::$name::$command),)*
        }

        impl Command {
            /// The command of this name, without what its help says.
            fn alone(name: &str) -> Option<clap::Command> {
                Some(match name {
                    $(stringify!($name) => {
                        command::$name::$command::augment_args(clap::Command::new(stringify!($name)))
                    })*
                    _ => return None,
                })
            }
        }
    };
}

commands! {
    /// List the labs, and how far you are
    list::List,
    /// Begin a lab, or go on with it
    start::Start,
    /// Show the current task
    task::Task,
    /// Show the lab's briefing again
    briefing::Briefing,
    /// Grade the current step, and those after it that hold as well
    check::Check,
    /// Answer the current step's question
    answer::Answer,
    /// Show one more hint
    hint::Hint,
    /// Show the solution of the current step
    solution::Solution,
    /// Pass the current step over
    skip::Skip,
    /// Rebuild the state in which a step begins
    catchup::Catchup,
    /// Where am I?
    status::Status,
    /// Watch the current session from a second terminal
    watch::Watch,
    /// Report what you did, or what a class did
    report::Report,
    /// Remove what the lab made, and end it
    reset::Reset,
    /// Print a lab as Markdown, for paper or a laptop that fails
    handout::Handout,
    /// Make the folder of a new lab, small and whole
    new::New,
    /// The labs' images: are they there? Bring them, from a registry or a file
    images::Images,
    /// Can this machine run it? What is missing, and how to put it right
    doctor::Doctor,
    /// Find what is wrong in a lab's files
    lint::Lint,
    /// Let labrun run the commands of a lab's folder
    trust::Trust,
    /// Print the JSON Schema of lab.yaml or track.yaml, for an editor
    schema::Schema,
    /// Prove a lab on this engine
    verify::Verify,
    /// Print a completion script for your shell
    completions::Completions,
    /// Let docker know labrun: docker lab start LAB
    plugin::Plugin,
    /// Print the manual page, or write one for each command
    man::Man,
}

#[cfg(test)]
mod reference;

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::{Cli, groups};

    #[test]
    fn a_command_alone_is_read_as_among_the_others() {
        let read = |line: clap::Command, words: &[&str]| {
            let matches = line.try_get_matches_from(words).expect("it is a command line");
            format!("{:?}", Cli::from_arg_matches(&matches).expect("it is a command line"))
        };
        for words in [
            ["labrun", "check"].as_slice(),
            &["labrun", "start", "docker-volumes", "--as", "alice", "--no-shell", "--json"],
            &["labrun", "verify", "one", "two", "--color=never", "--in-shell=zsh", "--repeat", "3"],
            &["labrun", "answer", "--host", "unix:///x", "--", "--as", "it"],
            &["labrun", "status", "--context", "there"],
        ] {
            let alone = Cli::line_of(words[1].as_ref()).expect("it is a command");
            assert_eq!(read(alone, words), read(Cli::command(), words));
        }
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let alone = Cli::line_of(name.as_ref());
            assert_eq!(alone.is_some(), groups::meaningless(name).is_empty(), "{name}");
        }
        for word in ["--as", "chekc", "schema", "images"] {
            assert!(Cli::line_of(word.as_ref()).is_none(), "{word}");
        }
    }
}
