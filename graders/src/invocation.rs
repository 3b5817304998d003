//! Decides whether a typed line runs a wanted command, in that form or another.
//!
//! For Docker, the other forms are those of the Docker CLI reference (and of
//! `docker COMMAND --help`): aliases, short forms of the management commands,
//! options anywhere they are allowed.

mod call;
mod docker;
mod effects;
mod engine;
mod mounts;
mod options;
mod requires;
#[cfg(test)]
mod tests;

use crate::args::{Arg, Args, Flag};
use crate::reading::is_shown;
use crate::shell::{self, Ended, Exit, Fate, Reach, Word};
use crate::trace::{Aim, Doubt, Trace};
use crate::wrappers::{self, Inner, base_name};
pub(crate) use call::{DockerCall, docker_calls};
pub use effects::{Effect, effects, mentions};
pub(crate) use mounts::MountWords;
pub use requires::{published_ports, uses_compose};

/// What `line`, which ended so, proves about a simple command that is `wanted`, as `docker volume ls` or
/// `docker volume inspect app-data`. Only the first command of `wanted` is looked at; without a known program in it,
/// nothing is wanted and none runs.
///
/// The operands of `wanted` must be there in that order; more may be. Its options, if any, must be there as they are
/// spelled in `wanted`; more may be. What asks for help does not run, and an operand like `"$v"` is not known and so may
/// be one of the wanted.
#[must_use]
pub fn runs(line: &str, wanted: &str, ended: &Ended, aim: Aim) -> Trace {
    runs_wanted(line, wanted, ended, aim, |wanted| wanted)
}

/// Whether `line` has a simple command that would be `wanted` if the options were of no account.
#[must_use]
pub fn runs_but_for_options(line: &str, wanted: &str) -> bool {
    fn without_options(wanted: Invocation<'_>) -> Invocation<'_> {
        Invocation { options: Vec::new(), ..wanted }
    }
    match runs_wanted(line, wanted, &Ended::default(), Aim::default(), without_options) {
        Trace::Done | Trace::Otherwise | Trace::Unclear(Doubt::Hidden | Doubt::Perhaps | Doubt::Unseen) => true,
        Trace::Absent | Trace::Unclear(_) => false,
    }
}

/// What `line` proves about the first command of `wanted`, as `of` would have it.
fn runs_wanted(
    line: &str,
    wanted: &str,
    ended: &Ended,
    aim: Aim,
    of: impl FnOnce(Invocation<'_>) -> Invocation<'_>,
) -> Trace {
    let wanted = shell::commands(wanted);
    let wanted = wanted.first().map(|command| wrappers::inner(&command.words));
    let Some(Inner::Program(name, args)) = wanted else {
        return Trace::Absent;
    };
    let search = Search { wanted: of(Invocation::new(name, args)), aim };
    search.within(line, ended, false, wrappers::MAX_NESTING)
}

/// The search for a wanted command.
struct Search<'a> {
    wanted: Invocation<'a>,
    aim: Aim,
}

impl Search<'_> {
    /// What a line or a script proves; `elsewhere` where it speaks to another engine.
    fn within(&self, line: &str, ended: &Ended, mut elsewhere: bool, depth: u8) -> Trace {
        let Some(depth) = depth.checked_sub(1) else {
            return Trace::Absent;
        };
        let course = shell::course(line, ended);
        let mut best = Trace::Absent;
        for (index, (command, fate)) in course.iter().enumerate() {
            if fate.reach == Reach::No {
                continue;
            }
            let other_engine = elsewhere || engine::is_addressed_by_environment(command);
            let here = match wrappers::inner(&command.words) {
                Inner::Program("xargs", args) if args.iter().any(|it| base_name(&it.text) == self.wanted.program) => {
                    Trace::Unclear(Doubt::Unknowable)
                }
                Inner::Program(name, args) => {
                    let called = Invocation::new(name, args);
                    let other_engine = other_engine || called.names_engine;
                    self.proved(called.is(&self.wanted), *fate, other_engine)
                }
                Inner::Script(script) => self.within(script, &fate.ended(), other_engine, depth),
                Inner::Shell => Trace::Unclear(Doubt::Shell),
                Inner::Unknown(words) if self.may_be(words) => Trace::Unclear(Doubt::Unknowable),
                Inner::Unknown(_) | Inner::Nothing => Trace::Absent,
            };
            // A command counts only where its output was shown.
            let is_seen = !self.aim.shown || here != Trace::Done || is_shown(&course, index, self.aim.refusal);
            best = best.max(if is_seen { here } else { Trace::Unclear(Doubt::Unseen) });
            // `docker rm $(docker ps -aq)` runs both; the exit code of the inner one is lost.
            for script in &command.substitutions {
                best = best.max(self.within(script, &Ended::default(), other_engine, depth));
            }
            elsewhere |= engine::is_changed_by(command);
        }
        best
    }

    /// What a command proves, from whether it is the wanted one and how it ended.
    fn proved(&self, match_: Match, fate: Fate, other_engine: bool) -> Trace {
        match match_ {
            Match::No => return Trace::Absent,
            Match::Perhaps if !self.aim.refusal && matches!(fate.exit, Exit::Failed | Exit::NotSucceeded) => {
                return Trace::Absent;
            }
            Match::Perhaps => return Trace::Unclear(Doubt::Unknowable),
            Match::Yes if other_engine => return Trace::Unclear(Doubt::OtherEngine),
            Match::Yes => {}
        }
        match (fate.reach, fate.exit) {
            (Reach::Yes, Exit::Succeeded) if self.aim.refusal => Trace::Otherwise,
            (Reach::Yes, Exit::Succeeded) => Trace::Done,
            (Reach::Yes, Exit::Failed) if self.aim.refusal => Trace::Done,
            (_, Exit::Failed | Exit::NotSucceeded) if !self.aim.refusal => Trace::Otherwise,
            (Reach::No, _) => Trace::Absent,
            (Reach::Yes, _) => Trace::Unclear(Doubt::Hidden),
            (Reach::Maybe, _) => Trace::Unclear(Doubt::Perhaps),
        }
    }

    /// Whether words whose first only the shell knew may be the wanted command: they are all there is, or name
    /// something of it.
    fn may_be(&self, words: &[Word]) -> bool {
        let command = self.wanted.command.split(' ');
        let operands = self.wanted.operands.iter().map(|word| word.text.as_str());
        let mut wanted: Vec<&str> = command.chain(operands).filter(|word| !word.is_empty()).collect();
        wanted.push(self.wanted.program);
        words.len() <= 1
            || words
                .iter()
                .any(|word| word.unknowable && word.text.contains('@') || wanted.contains(&word.text.as_str()))
    }
}

/// Whether a command is the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    No,
    /// A word of it was known to the shell alone.
    Perhaps,
    Yes,
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
    /// It says itself which engine is meant.
    names_engine: bool,
    /// Which of Docker's commands it is, only the shell knew.
    unknown: bool,
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
                this.names_engine |= this.command.is_empty() && engine::is_named_by(flag);
                let help = options::asks_help(&this.command, flag);
                this.option(flag, value, help);
            }
            this.unknown = word.is_some_and(|word| word.unknowable);
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

    fn is(&self, wanted: &Invocation<'_>) -> Match {
        let is_such = !self.help
            && self.program == wanted.program
            && self.is_command(wanted)
            && wanted.options.iter().all(|option| {
                option.0 == Flag::Long("--type") || self.options.iter().any(|own| options::are_alike(own, option))
            });
        match is_such {
            true => self.has_operands(&wanted.operands),
            false if self.unknown && self.program == wanted.program && !self.help => Match::Perhaps,
            false => Match::No,
        }
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

    fn has_operands(&self, wanted: &[&Word]) -> Match {
        let mut operands = self.operands.iter();
        let is_here =
            |wanted: &&Word| wanted.known().is_some_and(|text| operands.any(|operand| operand.known() == Some(text)));
        if wanted.iter().all(is_here) {
            Match::Yes
        } else if wanted.iter().all(|wanted| !wanted.unknowable) && self.operands.iter().any(|word| word.unknowable) {
            Match::Perhaps
        } else {
            Match::No
        }
    }
}
