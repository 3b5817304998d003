//! `exec: { container, reads | writes | runs, args?, fails?, after?, follows? }`: a command that was run in a container. It
//! leaves no state, so it is proved from the engine's events.

mod command;
mod directory;
mod follows;
mod nearest;
mod outside;

use super::after::{self, After};
use super::pass;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{self, Argv, Journal};
use crate::fact::{Ask, Facts, Nanos};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::trace::{Doubt, Trace};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};
use command::{Command, Deed};
use directory::Where;
use follows::Follows;

/// Wants a command to have been run in a container, and to have ended well; or badly, where it is to fail.
#[derive(Debug)]
pub struct Exec {
    container: Name,
    command: Command,
    after: Option<After>,
    /// Another command that must have come before it.
    follows: Option<Follows>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "an `exec` check",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container."),
        Field::optional(
            "reads",
            Form::Text,
            "A file that the command shows: by `cat`, `head`, `grep` and the like, also within `sh -c`.",
        ),
        Field::optional(
            "writes",
            Form::AbsolutePath,
            "A file that the command writes to: by a redirection, `touch`, `tee`, `cp` and the like, also within `sh -c`. \
             With a slash at its end, a directory in which it writes something.",
        ),
        Field::optional("runs", Form::Text, "The name of the program."),
        Field::optional(
            "args",
            Form::list(&Form::Text),
            "Words, options and paths that must be among the program's arguments, in any order and form; others may be \
             there, too. `-l` also counts in `-la`, `--lines=5` as `--lines 5`, and `/data` where the program runs in it. \
             What begins with `!` must not be among them: `!-i`.",
        )
        .with(&["runs"]),
        follows::FILLED,
        Field::optional("fails", Form::True, "The command must start, and end with another code than 0."),
        Field::optional(
            "after",
            after::FORM,
            "The command must come after the last of these events of the container, and the event must be of this step. \
             `restart` is any start of a container that ran before.",
        ),
        Field::optional(
            "follows",
            Form::Map(&follows::SHAPE),
            "The command must come after another one of this step, and of that kind the last before it counts.",
        ),
    ],
)
.rules(&[Rule::OneOf(&["reads", "writes", "runs"])]);

impl Described for Exec {
    const ABOUT: &'static str = "A command was run in a container with `docker exec`, after the step before was completed, and ended with 0, or failed as the check asks.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Exec {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let command = follows::read(&mut fields);
        let after = fields.optional("after");
        let follows = fields.node("follows").and_then(|node| Follows::decode(node, fields.faults));
        fields.end();
        Some(Self { container: container?, command: command?, after, follows })
    }
}

/// From when a command counts, where it must come after something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// At once.
    Step,
    /// After this event.
    Event(Nanos),
    /// What must come before has not happened.
    Never,
}

impl Exec {
    fn is_here(&self, exec: &evidence::Exec) -> bool {
        exec.container == self.container.text
    }

    /// Whether nobody saw what it was to show.
    fn is_hidden(&self, exec: &evidence::Exec) -> bool {
        exec.detached && self.command.is_to_be_seen()
    }

    fn begin(&self, journal: &Journal, since: Nanos) -> Begin {
        match &self.after {
            None => Begin::Step,
            Some(after) => after.newest(journal, &self.container.text, since).map_or(Begin::Never, Begin::Event),
        }
    }

    /// Whether directories matter: for relative paths, and for whether `cd` can have failed.
    fn looks_at_directories(&self) -> bool {
        self.command.fails
            || !self.command.args.is_empty()
            || matches!(self.command.deed, Deed::Writes(_))
            || self.follows.is_some()
    }

    /// What is known of directories, where they matter.
    fn place(&self, exec: &evidence::Exec, facts: &Facts) -> Where {
        if self.looks_at_directories() { directory::of(exec, facts) } else { Where::default() }
    }

    /// The container's own command, where it names what is to be written. How that went is in no event.
    fn may_be_done_by_main_process(&self, run: &evidence::Run, since: Nanos) -> Option<Argv> {
        let is_new = run.name == self.container.text && run.started.is_some_and(|at| at > since);
        let detail = run.detail.as_ref().filter(|_| is_new && matches!(self.command.deed, Deed::Writes(_)))?;
        let argv = Argv::Known(detail.argv.clone());
        let trace = self.command.of_kind(&argv, &Where::default());
        (trace != Trace::Absent && !is_of_shell(trace)).then_some(argv)
    }

    /// What a command in the container proves.
    fn trace(&self, exec: &evidence::Exec, facts: &Facts) -> Trace {
        let place = self.place(exec, facts);
        match self.command.trace(exec, &place) {
            Trace::Done if self.is_hidden(exec) => Trace::Otherwise,
            trace => trace,
        }
    }
}

impl Exec {
    /// What a command proves, given those before it.
    fn in_order(&self, exec: &evidence::Exec, execs: &[evidence::Exec], facts: &Facts) -> Trace {
        let trace = self.trace(exec, facts);
        match &self.follows {
            Some(follows) if trace == Trace::Done => match follows.came_before(exec, &self.container, execs, facts) {
                Trace::Done => Trace::Done,
                Trace::Unclear(doubt) => Trace::Unclear(doubt),
                Trace::Absent | Trace::Otherwise => Trace::Otherwise,
            },
            _ => trace,
        }
    }
}

/// Whether a command came after what it must follow.
fn is_in_time(exec: &evidence::Exec, begin: Begin) -> bool {
    match begin {
        Begin::Step => true,
        Begin::Event(at) => exec.started > at,
        Begin::Never => false,
    }
}

fn unseen(what: String) -> CannotLook {
    CannotLook::new(Obstacle::Unseen, what, "answer the step's question instead")
}

impl Grader for Exec {
    fn wants(&self) -> String {
        let command = self.command.wants(&self.container);
        match (&self.after, &self.follows) {
            (Some(after), _) => format!("{command} after its {}", after.noun()),
            (None, Some(follows)) => format!("{command} after {}", follows.wants(&self.container)),
            (None, None) => command,
        }
    }

    fn asks(&self) -> Vec<Ask> {
        let directory = [Ask::Typed, Ask::Container(self.container.text.clone())];
        let asked = self.looks_at_directories();
        [Ask::Journal].into_iter().chain(directory.into_iter().filter(|_| asked)).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let nothing = Journal::default();
        let journal = facts.journal()?.unwrap_or(&nothing);
        let (checks, execs): (Vec<_>, Vec<_>) = journal.execs().into_iter().partition(|exec| exec.health_check);
        let (recent, earlier): (Vec<_>, Vec<_>) = execs.into_iter().partition(|exec| exec.at() > facts.since);
        let begin = self.begin(journal, facts.since);
        let here = || recent.iter().filter(|exec| self.is_here(exec) && is_in_time(exec, begin));
        let traces: Vec<_> = here().map(|exec| (exec, self.in_order(exec, &recent, facts))).collect();
        if let Some((exec, _)) = traces.iter().find(|(_, trace)| *trace == Trace::Done) {
            return Ok(pass(Some(exec.at())));
        }
        // In a shell that was opened for an earlier step and is still open, this step's commands are typed too.
        let open = earlier.iter().filter(|exec| self.is_here(exec) && exec.is_open());
        let is_shell = |exec: &evidence::Exec| self.command.opens_shell(exec) && !exec.could_not_start();
        // Of a shell it is not known when which command ran in it.
        let shell = begin != Begin::Never && recent.iter().filter(|exec| self.is_here(exec)).chain(open).any(is_shell);
        let attached = begin != Begin::Never
            && journal
                .runs()
                .iter()
                .any(|run| run.name == self.container.text && run.attached.is_some_and(|at| at > facts.since));
        if shell || attached {
            return Err(unseen(format!("there was a shell in {}, but not what was typed in it", self.container)));
        }
        let mut runs = journal.runs().into_iter();
        if let Some(argv) = runs.find_map(|run| self.may_be_done_by_main_process(&run, facts.since)) {
            return Err(unseen(format!(
                "whether `{argv}`, which {} runs itself, did it cannot be told",
                self.container
            )));
        }
        if let Some((exec, _)) = traces.iter().find(|(_, trace)| matches!(trace, Trace::Unclear(_))) {
            return Err(unseen(format!("whether `{}` did it cannot be told", exec.argv)));
        }
        let may_be_ours = |exec: &&evidence::Exec| exec.at() > facts.since && self.is_here(exec);
        let mut checks = checks.iter().filter(may_be_ours).filter(|exec| is_in_time(exec, begin));
        if let Some(exec) = checks.find(|exec| self.trace(exec, facts) == Trace::Done) {
            return Err(unseen(format!(
                "whether you ran `{}` in {}, or its health check did, cannot be told",
                exec.argv, self.container
            )));
        }
        if journal.has_gap_after(facts.since) {
            return Err(CannotLook::new(
                Obstacle::Gap,
                format!("the engine no longer tells all that happened in {}", self.container),
                "run the command again, then check",
            ));
        }
        // What other learners do in their containers is nothing that this one did in the wrong place.
        let ours: Vec<_> = recent.into_iter().filter(|exec| facts.scope.may_be_ours(&exec.container)).collect();
        Ok(nearest::to(self, &ours, begin, facts))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        near::typed::container_asks(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let another = near::engine::another(&self.wants(), near::Traces::of(facts));
        let mistyped = near::typed::no_such_container(&self.wants(), facts);
        let slip = match &self.command.deed {
            Deed::Writes(path) if !self.command.fails => {
                let wanted = near::attempt::Wanted { path: &path.text, texts: Vec::new() };
                near::attempt::newest(&wanted, &self.wants(), facts)
            }
            _ => None,
        };
        mistyped.into_iter().chain(slip).chain(outside::near(self, facts)).chain(another).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        self.command.visit(visitor);
        if let Some(follows) = &mut self.follows {
            follows.visit(visitor);
        }
    }
}

/// Whether a trace is that of a shell, in which anything may have been typed.
fn is_of_shell(trace: Trace) -> bool {
    trace == Trace::Unclear(Doubt::Shell)
}
