//! From the command line to a command, and from its result to an exit code.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};

use crate::builtin;
use crate::cli::{Cli, Command, Globals, groups};
use crate::completion;
use crate::context::{App, Options, Practice, Program};
use crate::error::Error;
use crate::exit::Exit;
use crate::front;
use crate::front::forward::Forwarding;
use crate::plugin::{self, Call};
use crate::ui::ended;
use crate::ui::streams::{Streams, To};
use labrun_process::again::{self, Environment};
use labrun_process::sudo::{self, as_root};

/// What commands and the practice shell ask of the program as a whole.
const PROGRAM: Program = Program { command_line, run_forwarded };

/// How the program is called, where docker does not call it.
const LABRUN: &str = "labrun";

/// Help is not wider than this, in columns.
const HELP_WIDTH: usize = 100;

/// Runs labrun with these arguments, the program's name first.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let exit = called(arguments.into_iter().collect());
    ended(&Streams::Own, exit)
}

fn called(arguments: Vec<OsString>) -> Exit {
    // Before anything is parsed: a prompt waits for it.
    if arguments.get(1).is_some_and(|first| first == "hook") {
        front::hook::run();
        return Exit::Done;
    }
    if arguments.get(1).is_some_and(|first| first == again::WITHOUT_TERMINAL) {
        let error = again::leave_terminal(&arguments[2..]);
        let program = arguments.get(2).map(|program| program.display().to_string()).unwrap_or_default();
        Streams::Own.write(To::Err, &format!("{program}: {error}\n"));
        return Exit::Environment;
    }
    builtin::provide();
    let env = |name: &str| std::env::var(name).ok();
    if let Err(error) = sudo::become_invoker() {
        let error = Error::environment(
            format!("sudo labrun can't go on as the user who ran it: {error}"),
            "run labrun without sudo, as a member of the group that may use the engine's socket",
        );
        App::new(Options::default(), PROGRAM, Streams::Own, &env, None).ui.error(&error);
        return error.exit();
    }
    if let Some(candidates) = completion::answer(&arguments, &env, command_line) {
        Streams::Own.write(To::Out, &candidates);
        return Exit::Done;
    }
    let by_docker = plugin::OF_DOCKER.iter().any(|name| std::env::var_os(name).is_some());
    let (arguments, usage, environment) = match Call::new(arguments, by_docker) {
        Ok(Call::Own(arguments)) => (arguments, LABRUN, Environment::default()),
        Ok(Call::Docker { arguments, environment }) => (arguments, "docker lab", environment),
        Ok(Call::Metadata) => {
            Streams::Own.write(To::Out, &format!("{}\n", plugin::metadata()));
            return Exit::Done;
        }
        Ok(Call::Complete { words, described }) => {
            Streams::Own.write(To::Out, &completion::answer_docker(words, described, command_line));
            return Exit::Done;
        }
        Err(error) => {
            App::new(Options::default(), PROGRAM, Streams::Own, &env, None).ui.error(&error);
            return error.exit();
        }
    };
    let cli = match parse(&arguments, usage, &Streams::Own) {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    if cli.command.as_ref().is_none_or(Command::is_of_session) {
        match front::forward::forward(&arguments) {
            Forwarding::Ended(code) => return Exit::Forwarded(code),
            Forwarding::NoParent => {}
            Forwarding::Lost => {
                let what = "the labrun that runs this practice shell stopped answering before the command had ended";
                let error = Error::environment(what, "exit leaves the shell and loses nothing; labrun resumes the lab");
                App::new(cli.globals.into(), PROGRAM, Streams::Own, &env, None).ui.error(&error);
                return error.exit();
            }
        }
    }
    let Globals { host, context, .. } = &cli.globals;
    let environment = environment.and(plugin::of_options(host.as_deref(), context.as_deref()));
    if !environment.holds() {
        // A process that starts as the user can't reach the engine.
        let error = as_root(|| environment.become_labrun(&arguments));
        let error = Error::environment(format!("labrun cannot start again: {error}"), "call it by its whole path");
        App::new(cli.globals.into(), PROGRAM, Streams::Own, &env, None).ui.error(&error);
        return error.exit();
    }
    std::panic::set_hook(Box::new(crate::ui::report_panic));
    run(cli, |options| App::new(options, PROGRAM, Streams::Own, &env, None))
}

/// Runs a command that was typed in a practice shell, in its parent.
pub(crate) fn run_forwarded(
    arguments: &[String],
    streams: Streams,
    env: &BTreeMap<String, String>,
    practice: Practice,
) -> Exit {
    match parse(arguments, LABRUN, &streams) {
        // Under sudo the parent is root: what is not about the session, the learner's own process does.
        Ok(cli) if cli.command.as_ref().is_some_and(|command| !command.is_of_session()) => Exit::Usage,
        Ok(cli) => {
            run(cli, |options| App::new(options, PROGRAM, streams, &|name| env.get(name).cloned(), Some(practice)))
        }
        Err(exit) => ended(&streams, exit),
    }
}

/// Parses a command line; `usage` is how the reader calls the program.
fn parse<T: Into<OsString> + Clone>(arguments: &[T], usage: &str, streams: &Streams) -> Result<Cli, Exit> {
    let first = arguments.get(1).map(|first| first.clone().into());
    // What is wrong, and every help, is told by the whole command line.
    if let Some(line) = first.and_then(|first| Cli::line_of(&first))
        && let Ok(cli) = parse_by(line.bin_name(usage), arguments, usage)
    {
        return Ok(cli);
    }
    let columns = streams.width(To::Out).unwrap_or(HELP_WIDTH).min(HELP_WIDTH);
    let whole = groups::grouped(command_line(), columns).bin_name(usage);
    parse_by(whole, arguments, usage).map_err(|error| {
        // Help and version are no errors.
        let (to, exit) = if error.use_stderr() { (To::Err, Exit::Usage) } else { (To::Out, Exit::Done) };
        let colour = streams.width(to).is_some() && std::env::var_os("NO_COLOR").is_none();
        let text = error.render();
        streams.write(to, &if colour { text.ansi().to_string() } else { text.to_string() });
        exit
    })
}

fn parse_by<T: Into<OsString> + Clone>(
    mut line: clap::Command,
    arguments: &[T],
    usage: &str,
) -> Result<Cli, clap::Error> {
    let matches = line.try_get_matches_from_mut(arguments.iter().cloned())?;
    // docker's own options come with every call of docker's.
    if let Some(vain) = groups::asked_in_vain(&line, &matches).filter(|_| usage == LABRUN) {
        return Err(line.error(ErrorKind::ArgumentConflict, vain));
    }
    let mut cli = Cli::from_arg_matches(&matches)?;
    cli.globals.named = matches.value_source("learner") == Some(ValueSource::CommandLine);
    Ok(cli)
}

fn run(cli: Cli, app: impl FnOnce(Options) -> App) -> Exit {
    let Cli { command, globals } = cli;
    let run = std::panic::AssertUnwindSafe(|| {
        let app = app(globals.into());
        let exit = match Command::run(command, &app) {
            Ok(exit) => exit,
            Err(error) => {
                app.ui.error(&error);
                app.set_aside_if_damaged(&error);
                error.exit()
            }
        };
        app.ui.ended(exit)
    });
    std::panic::catch_unwind(run).unwrap_or(Exit::Bug)
}

/// The whole command line, for completions and the manual.
#[must_use]
pub fn command_line() -> clap::Command {
    groups::without_meaningless(Cli::command())
}
