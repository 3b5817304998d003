//! `follows:`: another command that must have come before, such as the one whose effect is to be shown.

use super::command::{Command, Deed};
use super::directory;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence;
use crate::fact::Facts;
use crate::kinds::target::must_be_absolute;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::node::Node;
use crate::shape::{Field, Form, Rule, Shape};
use crate::trace::{Doubt, Trace};

/// Something must have been written.
pub(super) const FILLED: Field = Field::optional(
    "filled",
    Form::True,
    "Something must have been written into it: to make or to empty it is not enough.",
)
.with(&["writes"]);

/// What stands under the key.
pub(super) const SHAPE: Shape = Shape::new(
    "`follows`",
    &[
        Field::optional(
            "container",
            Form::Name(NameKind::Container),
            "Where that command ran; without it, in the same container.",
        ),
        Field::optional("reads", Form::Text, "A file that it shows."),
        Field::optional(
            "writes",
            Form::AbsolutePath,
            "A file that it writes to, or a directory with a slash at its end.",
        ),
        Field::optional("runs", Form::Text, "The name of its program."),
        Field::optional(
            "args",
            Form::list(&Form::Text),
            "What must be among the program's arguments. Only with `runs`.",
        )
        .with(&["runs"]),
        Field::optional("fails", Form::True, "It must have ended with another code than 0."),
        FILLED,
    ],
)
.rules(&[Rule::OneOf(&["reads", "writes", "runs"])]);

/// The command that must have come before.
#[derive(Debug)]
pub(super) struct Follows {
    container: Option<Name>,
    command: Command,
}

impl Decode for Follows {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.optional_name("container", NameKind::Container);
        let command = read(&mut fields);
        fields.end();
        Some(Self { container, command: command? })
    }
}

/// Reads `reads`, `writes` or `runs`, with what belongs to it.
pub(super) fn read(fields: &mut Fields) -> Option<Command> {
    let reads = fields.optional("reads").map(Deed::Reads);
    let writes = fields.optional::<Text>("writes");
    if let Some(path) = &writes {
        must_be_absolute(&path.text, path.span, fields.faults);
    }
    let runs = fields.node("runs").is_some();
    let program = fields.optional("runs").map(Deed::Runs);
    let args = if runs { fields.optional("args").unwrap_or_default() } else { Vec::new() };
    let fails = fields.flag("fails");
    let filled = writes.is_some() && fields.flag("filled");
    Some(Command { deed: reads.or(writes.map(Deed::Writes)).or(program)?, args, fails, filled })
}

impl Follows {
    /// The container, where the other command runs in `here`.
    fn container<'a>(&'a self, here: &'a Name) -> &'a Name {
        self.container.as_ref().unwrap_or(here)
    }

    /// What is wanted of it, in words.
    pub(super) fn wants(&self, here: &Name) -> String {
        self.command.wants(self.container(here))
    }

    /// Whether the last command of this kind before `later` was as it was to be. What came in between and undid it is of
    /// the same kind, and ended otherwise.
    pub(super) fn came_before(
        &self,
        later: &evidence::Exec,
        here: &Name,
        execs: &[evidence::Exec],
        facts: &Facts,
    ) -> Trace {
        let container = self.container(here);
        let in_it = |exec: &&evidence::Exec| exec.container == container.text && !exec.could_not_start();
        let earlier = || execs.iter().filter(in_it).filter(|exec| exec.started < later.started);
        let traced = |exec: &evidence::Exec| self.command.trace(exec, &directory::of(exec, facts));
        let last = earlier().rev().map(traced).find(|trace| *trace != Trace::Absent);
        let together = later.container == container.text && traced(later) != Trace::Absent;
        match last {
            Some(Trace::Done) => Trace::Done,
            // In one script the order is not known.
            _ if together => Trace::Unclear(Doubt::Perhaps),
            Some(trace) => trace,
            None if execs.iter().filter(in_it).any(|exec| self.command.opens_shell(exec)) => {
                Trace::Unclear(Doubt::Shell)
            }
            None => Trace::Absent,
        }
    }

    /// Whether a command is the one that must come before, whenever it ran.
    pub(super) fn is_it(&self, exec: &evidence::Exec, here: &Name, facts: &Facts) -> bool {
        exec.container == self.container(here).text
            && self.command.trace(exec, &directory::of(exec, facts)) == Trace::Done
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        if let Some(container) = &mut self.container {
            visitor.name(container);
        }
        self.command.visit(visitor);
    }
}
