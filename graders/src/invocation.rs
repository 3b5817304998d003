//! Decides whether a typed line runs a wanted command, in that form or another.
//!
//! For Docker, the other forms are those of the Docker CLI reference (and of
//! `docker COMMAND --help`): aliases, short forms of the management commands,
//! options anywhere they are allowed.

mod call;
pub(crate) mod cause;
mod docker;
mod effects;
mod engine;
mod mounts;
mod options;
mod requires;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::args::{Arg, Args, Flag};
use crate::arguments::{Argument, Arguments, value_fits};
use crate::matching::Match;
use crate::readers::{Place, is_shown};
use crate::shell::{self, Command, Ended, Fate, Reach, Word};
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
    runs_with(line, &Wanted::new(wanted), ended, aim)
}

/// A command that is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The command, as for [`runs`].
    pub command: &'a str,
    /// What must be among its arguments, in any order and form.
    pub arguments: Arguments<'a>,
    /// The directory in which the line begins, where that is known.
    pub cwd: Option<&'a str>,
    /// The container whose start, stop, … in the same line must come before it.
    pub after: Option<&'a str>,
    /// Directories that are known to be there, so that `cd` to them does not fail.
    pub directories: &'a [&'a str],
}

impl<'a> Wanted<'a> {
    /// This command, whatever else is among its arguments.
    #[must_use]
    pub fn new(command: &'a str) -> Self {
        Self { command, ..Self::default() }
    }
}

/// The same of a command with arguments, in a place.
#[must_use]
pub fn runs_with(line: &str, wanted: &Wanted<'_>, ended: &Ended, aim: Aim) -> Trace {
    runs_wanted(line, wanted, ended, aim, |wanted| wanted)
}

/// Whether `line` has a simple command that would be `wanted` if the options were of no account.
#[must_use]
pub fn runs_but_for_options(line: &str, wanted: &str) -> bool {
    fn without_options(wanted: Invocation<'_>) -> Invocation<'_> {
        Invocation { options: Vec::new(), ..wanted }
    }
    is_there(runs_wanted(line, &Wanted::new(wanted), &Ended::default(), Aim::default(), without_options))
}

/// Whether `line` has the command, with other arguments or with these.
pub(crate) fn runs_but_for_arguments(line: &str, wanted: &str) -> bool {
    is_there(runs(line, wanted, &Ended::default(), Aim::default()))
}

fn is_there(trace: Trace) -> bool {
    match trace {
        Trace::Done | Trace::Otherwise | Trace::Unclear(Doubt::Hidden | Doubt::Perhaps | Doubt::Unseen) => true,
        Trace::Absent | Trace::Unclear(_) => false,
    }
}

/// What a command with this argv, which ended so, proves about the program that is wanted.
pub(crate) fn argv_runs(argv: &[Word], wanted: &Wanted<'_>, ended: &Ended, aim: Aim) -> Trace {
    let command = Command { words: argv.to_vec(), ..Command::default() };
    // What is wanted may itself be a shell, or a program that runs others, such as `env`.
    if argv.first().is_some_and(|first| base_name(&first.text) == wanted.command) {
        let place = Place::from_cwd(wanted.cwd);
        let match_ = wanted.arguments.fit_command(wanted.command, &command, &place);
        return Search::of(Invocation::default(), wanted, aim).proved(match_, Fate::of(ended), false);
    }
    let words = [Word::literal(wanted.command)];
    let invocation = Invocation::new(wanted.command, words.get(1..).unwrap_or_default());
    let search = Search::of(invocation, wanted, aim);
    let place = Rc::new(Place::from_cwd(wanted.cwd));
    search.command(&command, Fate::of(ended), false, &place, wrappers::MAX_NESTING)
}

/// What `line` proves about the first command of `wanted`, as `of` would have it.
fn runs_wanted(
    line: &str,
    wanted: &Wanted<'_>,
    ended: &Ended,
    aim: Aim,
    of: impl FnOnce(Invocation<'_>) -> Invocation<'_>,
) -> Trace {
    let commands = shell::commands(wanted.command);
    let first = commands.first().map(|command| wrappers::inner(&command.words));
    let Some(Inner::Program(name, args)) = first else {
        return Trace::Absent;
    };
    let search = Search::of(of(Invocation::new(name, args)), wanted, aim);
    let begin = Begin { elsewhere: false, place: Rc::new(Place::from_cwd(wanted.cwd)), after: wanted.after };
    search.within(line, ended, begin, wrappers::MAX_NESTING)
}

/// The search for a wanted command.
struct Search<'a> {
    wanted: Invocation<'a>,
    arguments: Arguments<'a>,
    aim: Aim,
    directories: &'a [&'a str],
}

/// Where and how a line or a script begins.
struct Begin<'a> {
    /// It speaks to another engine.
    elsewhere: bool,
    place: Rc<Place>,
    after: Option<&'a str>,
}

impl<'a> Search<'a> {
    fn of(invocation: Invocation<'a>, wanted: &Wanted<'a>, aim: Aim) -> Self {
        Self { wanted: invocation, arguments: wanted.arguments, aim, directories: wanted.directories }
    }

    /// What a line or a script proves.
    fn within(&self, line: &str, ended: &Ended, begin: Begin<'_>, depth: u8) -> Trace {
        let Some(depth) = depth.checked_sub(1) else {
            return Trace::Absent;
        };
        let Begin { mut elsewhere, mut place, after } = begin;
        let course = shell::course_among(line, ended, self.directories);
        let cause = after.map(|container| cause::of(&course, container));
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
            let other_engine = elsewhere || engine::is_addressed_by_environment(command);
            let mut here = self.command(command, *fate, other_engine, &place, depth);
            // A command counts only where its output was shown.
            if self.aim.shown && here == Trace::Done && !is_shown(&course, index, self.aim.refusal) {
                here = Trace::Unclear(Doubt::Unseen);
            }
            // `docker rm $(docker ps -aq)` runs both; the exit code of the inner one is lost.
            for script in &command.substitutions {
                let begin = Begin { elsewhere: other_engine, place: Rc::clone(&place), after: None };
                here = here.max(self.within(script, &Ended::default(), begin, depth));
            }
            best = best.max(cause.as_ref().map_or(here, |cause| cause.bounds(index, here)));
            elsewhere |= engine::is_changed_by(command);
            let next = course.get(index + 1).map(|(next, _)| next.joined_by);
            if self.arguments.are_wanted()
                && let Some(moved) = place.left_by(command, next)
            {
                place = Rc::new(moved);
            }
        }
        best
    }

    /// What one command proves, and the script in it.
    fn command(&self, command: &Command, fate: Fate, other_engine: bool, place: &Rc<Place>, depth: u8) -> Trace {
        match wrappers::inner(&command.words) {
            Inner::Program("xargs", args) if args.iter().any(|it| base_name(&it.text) == self.wanted.program) => {
                Trace::Unclear(Doubt::Unknowable)
            }
            Inner::Program(name, args) => {
                let called = Invocation::new(name, args);
                let other_engine = other_engine || called.names_engine;
                let match_ = match called.is(&self.wanted) {
                    Match::No => Match::No,
                    match_ if called.program == "docker" => match_.min(self.docker_arguments(&called, place)),
                    match_ => match_.min(self.arguments.fit(name, args, command, place)),
                };
                self.proved(match_, fate, other_engine)
            }
            Inner::Script(script) => {
                let begin = Begin { elsewhere: other_engine, place: Rc::clone(place), after: None };
                self.within(script, &fate.ended(), begin, depth)
            }
            Inner::Shell => Trace::Unclear(Doubt::Shell),
            Inner::Unknown(words) if self.may_be(words) => Trace::Unclear(Doubt::Unknowable),
            Inner::Unknown(_) | Inner::Nothing => Trace::Absent,
        }
    }

    /// Whether a Docker command has the wanted arguments; its options are known.
    fn docker_arguments(&self, called: &Invocation<'_>, place: &Place) -> Match {
        let option = |flag: Flag<'_>, value: Option<&str>| {
            let flag = options::spelled_out(&called.command, flag);
            let alike = |(found, given): &(Flag<'_>, Option<&str>)| match value.is_none() || value == *given {
                true if *found == flag => Match::Yes,
                true => options::other_form(*found, flag),
                false => Match::No,
            };
            called.options.iter().map(alike).max().unwrap_or(Match::No)
        };
        let operand = |value: &str| {
            let fits = called.operands.iter().map(|word| value_fits(value, word, place));
            fits.max().unwrap_or(Match::No)
        };
        let fits = |wanted: Argument<'_>| match wanted {
            Argument::Letters(letters) => {
                letters.chars().map(|letter| option(Flag::Short(letter), None)).min().unwrap_or(Match::Yes)
            }
            Argument::Short(letter, value) => option(Flag::Short(letter), Some(value)),
            Argument::Long(name, value) => option(Flag::Long(name), value),
            Argument::Path(text) | Argument::Word(text) => operand(text),
        };
        self.arguments.all(fits)
    }

    /// What a command proves, from whether it is the wanted one and how it ended.
    fn proved(&self, match_: Match, fate: Fate, other_engine: bool) -> Trace {
        match Trace::proved(match_, fate, self.aim) {
            Trace::Absent => Trace::Absent,
            _ if other_engine && match_ == Match::Yes => Trace::Unclear(Doubt::OtherEngine),
            trace => trace,
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
            && wanted.options.iter().all(|option| self.has_option(option) || option.0 == Flag::Long("--type"));
        match is_such {
            true if self.operands.is_empty() && options::tells_of_all(&self.command) => Match::Yes,
            true => self.has_operands(&wanted.operands),
            false if self.unknown && self.program == wanted.program && !self.help => Match::Perhaps,
            false => Match::No,
        }
    }

    /// `--no-stream` is also `--no-stream=true`.
    fn has_option(&self, option: &(Flag<'_>, Option<&str>)) -> bool {
        let is_set = |own: &(Flag<'_>, Option<&str>)| own.0 == option.0 && option.1.is_none() && own.1 == Some("true");
        self.options.iter().any(|own| options::are_alike(own, option) || is_set(own))
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
