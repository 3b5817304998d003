//! Decides whether a typed line runs a wanted command, in that form or another.
//!
//! For Docker, the other forms are those of the Docker CLI reference (and of
//! `docker COMMAND --help`): aliases, short forms of the management commands,
//! options anywhere they are allowed.

mod call;
mod docker;
mod effects;
mod mounts;
mod options;
mod requires;
#[cfg(test)]
mod tests;

use crate::args::{Arg, Args, Flag};
use crate::shell::{self, Flow, Reach, Word};
use crate::wrappers::{self, Inner, base_name};
pub(crate) use call::{DockerCall, docker_calls};
pub use effects::{Effect, effects, mentions};
pub(crate) use mounts::MountWords;
pub use requires::{published_ports, uses_compose};

/// Whether a line runs a wanted command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Running {
    /// It does not.
    DoesNot,
    /// It may: the command stands after `||`, it was given what only the shell knew (`"$v"`, `xargs`), or a shell was
    /// opened in which anything can have been typed.
    May,
    /// It does.
    Runs,
}

/// Whether `line` has a simple command that is `wanted`, as `docker volume ls`
/// or `docker volume inspect app-data`. Only the first command of `wanted` is
/// looked at; without a known program in it, nothing is wanted and none runs.
///
/// The operands of `wanted` must be there in that order; more may be. Its
/// options, if any, must be there as they are spelled in `wanted`; more may be.
/// What asks for help does not run, and an operand like `"$v"` is not known
/// and so may be one of the wanted.
#[must_use]
pub fn runs(line: &str, wanted: &str) -> Running {
    runs_wanted(line, wanted, |wanted| wanted)
}

/// Whether `line` has a simple command that would be `wanted` if the options were of no account.
#[must_use]
pub fn runs_but_for_options(line: &str, wanted: &str) -> bool {
    runs_wanted(line, wanted, |wanted| Invocation { options: Vec::new(), ..wanted }) == Running::Runs
}

/// Whether `line` has the first command of `wanted`, as `of` would have it.
fn runs_wanted(line: &str, wanted: &str, of: impl FnOnce(Invocation<'_>) -> Invocation<'_>) -> Running {
    let wanted = shell::commands(wanted);
    let wanted = wanted.first().map(|command| wrappers::inner(&command.words));
    let Some(Inner::Program(name, args)) = wanted else {
        return Running::DoesNot;
    };
    runs_within(line, &of(Invocation::new(name, args)), wrappers::MAX_NESTING)
}

fn runs_within(line: &str, wanted: &Invocation<'_>, depth: u8) -> Running {
    let Some(depth) = depth.checked_sub(1) else {
        return Running::DoesNot;
    };
    let mut flow = Flow::default();
    let mut found = Running::DoesNot;
    for command in &shell::commands(line) {
        let surest = match flow.reaches(command) {
            Reach::No => continue,
            Reach::Maybe => Running::May,
            Reach::Yes => Running::Runs,
        };
        let here = match wrappers::inner(&command.words) {
            Inner::Program("xargs", args) if args.iter().any(|word| base_name(&word.text) == wanted.program) => {
                Running::May
            }
            Inner::Program(name, args) => Invocation::new(name, args).is(wanted),
            Inner::Script(script) => runs_within(script, wanted, depth),
            Inner::Shell => Running::May,
            Inner::Nothing => Running::DoesNot,
        };
        // `docker rm $(docker ps -aq)` runs both.
        let within = command.substitutions.iter().map(|script| runs_within(script, wanted, depth));
        found = found.max(within.fold(here, Running::max).min(surest));
    }
    found
}

/// A command taken apart.
#[derive(Debug, Default)]
struct Invocation<'a> {
    /// The program; `docker` also for those that take the same commands.
    program: &'a str,
    /// The Docker command in its canonical form, as `container ls`.
    command: String,
    options: Vec<(Flag<'a>, Option<&'a str>)>,
    operands: Vec<&'a Word>,
    /// It only prints help or a version.
    help: bool,
}

impl<'a> Invocation<'a> {
    fn new(name: &'a str, words: &'a [Word]) -> Self {
        match name {
            "docker" | "podman" => Self::docker(words, ""),
            // The standalone program takes what `docker compose` takes.
            "docker-compose" | "podman-compose" => Self::docker(words, "compose"),
            _ => Self::other(name, words),
        }
    }

    /// A program whose options are not known: each is taken to have no value.
    fn other(program: &'a str, words: &'a [Word]) -> Self {
        let mut this = Self { program, ..Self::default() };
        for arg in Args::new(words, |_| false) {
            match arg {
                Arg::Operand(word) => this.operands.push(word),
                Arg::Option(flag, value) => this.option(flag, value, flag == Flag::Long("--help")),
            }
        }
        this
    }

    fn docker(words: &'a [Word], group: &str) -> Self {
        let mut this = Self { program: "docker", command: group.to_owned(), ..Self::default() };
        let mut rest = words;
        // The command words: none or one group, then a command.
        while this.command.is_empty() || docker::is_group(&this.command) {
            let mut args = Args::new(rest, |flag| options::takes_value(&this.command, flag));
            let mut word = None;
            let mut before = Vec::new();
            for arg in &mut args {
                match arg {
                    Arg::Option(flag, value) => before.push((flag, value)),
                    Arg::Operand(operand) => {
                        word = Some(operand);
                        break;
                    }
                }
            }
            rest = args.rest();
            for (flag, value) in before {
                let help = options::asks_help(&this.command, flag);
                this.option(flag, value, help);
            }
            let Some(word) = word.and_then(Word::known) else {
                return this;
            };
            this.help |= word == "help";
            this.command = docker::canonical(&this.command, word);
        }
        let command = this.command.clone();
        let mut args = Args::new(rest, |flag| options::takes_value(&command, flag));
        while let Some(arg) = args.next() {
            match arg {
                Arg::Option(flag, value) => {
                    this.option(options::spelled_out(&command, flag), value, options::asks_help(&command, flag));
                }
                Arg::Operand(word) => {
                    this.operands.push(word);
                    if options::operands_end_options(&command) {
                        args.end_options();
                    }
                }
            }
        }
        this
    }

    fn option(&mut self, flag: Flag<'a>, value: Option<&'a str>, help: bool) {
        self.help |= help;
        self.options.push((flag, value));
    }

    fn is(&self, wanted: &Invocation<'_>) -> Running {
        let is_such = !self.help
            && self.program == wanted.program
            && self.is_command(wanted)
            && wanted.options.iter().all(|option| self.options.contains(option) || option.0 == Flag::Long("--type"));
        if is_such { self.has_operands(&wanted.operands) } else { Running::DoesNot }
    }

    fn is_command(&self, wanted: &Invocation<'_>) -> bool {
        self.command == wanted.command && (self.command != "inspect" || self.kind() == wanted.kind())
            || docker::inspects(&self.command, self.kind(), &wanted.command, wanted.kind())
    }

    /// The kind of object `docker inspect --type KIND` asks for.
    fn kind(&self) -> Option<&str> {
        let mut options = self.options.iter();
        options.find_map(|(flag, value)| value.filter(|_| *flag == Flag::Long("--type")))
    }

    fn has_operands(&self, wanted: &[&Word]) -> Running {
        let mut operands = self.operands.iter();
        let is_here =
            |wanted: &&Word| wanted.known().is_some_and(|text| operands.any(|operand| operand.known() == Some(text)));
        if wanted.iter().all(is_here) {
            Running::Runs
        } else if wanted.iter().all(|wanted| !wanted.unknowable) && self.operands.iter().any(|word| word.unknowable) {
            Running::May
        } else {
            Running::DoesNot
        }
    }
}
