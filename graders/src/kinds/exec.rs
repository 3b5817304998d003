//! `exec: { container, reads | runs }`: a command that was run in a container. It leaves no state, so it is proved from
//! the engine's events.

mod fit;
mod nearest;

use super::pass;
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{self, Journal};
use crate::fact::{Ask, Facts};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};
use fit::Fit;

/// Wants a command to have been run in a container, and to have ended well.
#[derive(Debug)]
pub struct Exec {
    container: Name,
    deed: Deed,
}

/// What the command is to do.
#[derive(Debug)]
enum Deed {
    /// It shows this file.
    Reads(Text),
    /// It runs the program of this name.
    Runs(Text),
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
        Field::optional("runs", Form::Text, "The name of the program."),
    ],
)
.rules(&[Rule::OneOf(&["reads", "runs"])]);

impl Described for Exec {
    const ABOUT: &'static str =
        "A command was run in a container with `docker exec`, after the step before was completed, and ended with 0.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Exec {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let reads = fields.optional("reads").map(Deed::Reads);
        let runs = fields.optional("runs").map(Deed::Runs);
        fields.end();
        Some(Self { container: container?, deed: reads.or(runs)? })
    }
}

impl Exec {
    fn is_here(&self, exec: &evidence::Exec) -> bool {
        exec.container == self.container.text
    }

    /// Whether nobody saw what it was to show.
    fn is_hidden(&self, exec: &evidence::Exec) -> bool {
        exec.detached && matches!(self.deed, Deed::Reads(_))
    }

    fn fit(&self, exec: &evidence::Exec) -> Fit {
        fit::of(&self.deed, &exec.argv)
    }
}

impl Grader for Exec {
    fn wants(&self) -> String {
        match &self.deed {
            Deed::Reads(file) => format!("{file} was read in {}", self.container),
            Deed::Runs(program) => format!("{program} was run in {}", self.container),
        }
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Journal]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let nothing = Journal::default();
        let journal = facts.journal()?.unwrap_or(&nothing);
        let (checks, execs): (Vec<_>, Vec<_>) = journal.execs().into_iter().partition(|exec| exec.health_check);
        let (recent, earlier): (Vec<_>, Vec<_>) = execs.into_iter().partition(|exec| exec.at() > facts.since);
        let here = || recent.iter().filter(|exec| self.is_here(exec));
        let ended_well = || here().filter(|exec| exec.exit_code == Some(0) && !self.is_hidden(exec));
        if let Some(exec) = ended_well().find(|exec| self.fit(exec) == Fit::Yes) {
            return Ok(pass(Some(exec.at())));
        }
        // In a shell that was opened for an earlier step and is still open, this step's commands are typed too.
        let open = earlier.iter().filter(|exec| self.is_here(exec) && exec.is_open());
        let shell = here().chain(open).any(|exec| self.fit(exec) == Fit::Shell && !exec.could_not_start());
        let attached = journal
            .runs()
            .iter()
            .any(|run| run.name == self.container.text && run.attached.is_some_and(|at| at > facts.since));
        if shell || attached {
            return Err(CannotLook::new(
                Obstacle::Unseen,
                format!("there was a shell in {}, but not what was typed in it", self.container),
                "answer the step's question instead",
            ));
        }
        if let Some(exec) = ended_well().find(|exec| self.fit(exec) == Fit::Unclear) {
            let what = format!("whether `{}` did it cannot be told", exec.argv);
            return Err(CannotLook::new(Obstacle::Unseen, what, "answer the step's question instead"));
        }
        let is_the_same = |exec: &&evidence::Exec| exec.at() > facts.since && self.is_here(exec);
        if let Some(exec) = checks.iter().filter(is_the_same).find(|exec| self.fit(exec) == Fit::Yes) {
            let what = format!("the health check of {} runs `{}` too", self.container, exec.argv);
            return Err(CannotLook::new(Obstacle::Unseen, what, "answer the step's question instead"));
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
        Ok(nearest::to(self, &ours))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        near::typed::container_asks(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let another = near::engine::another(&self.wants(), near::Traces::of(facts));
        near::typed::no_such_container(&self.wants(), facts).into_iter().chain(another).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        match &mut self.deed {
            Deed::Reads(text) | Deed::Runs(text) => visitor.text(text),
        }
    }
}
