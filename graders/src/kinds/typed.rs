//! `typed: { wants, runs?, reads? }`: commands entered at the learner's own prompt that reach no engine, or leave no event there.

use super::{not_begun, pass, wrong};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::TypedLine;
use crate::fact::{Ask, Facts};
use crate::invocation::runs;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::node::Node;
use crate::reading::{Reading, line_reads};
use crate::verdict::{CannotLook, Finding};

/// Wants commands to have been entered, and to have ended well.
#[derive(Debug)]
pub struct Typed {
    /// What the learner is told is wanted: the commands themselves would give the solution away.
    wants: Text,
    /// Each of these commands, in any order and form.
    runs: Vec<Text>,
    /// A file of the host's that was read.
    reads: Option<Name>,
}

impl Decode for Typed {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "a `typed` check", faults)?;
        let wants = fields.required("wants");
        let runs = fields.optional("runs").unwrap_or_default();
        let reads = fields.optional_name("reads", NameKind::Path);
        fields.one_of(&["runs", "reads"]);
        fields.end();
        Some(Self { wants: wants?, runs, reads })
    }
}

impl Grader for Typed {
    fn wants(&self) -> String {
        self.wants.text.clone()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Typed]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let lines = facts.typed()?.map(Vec::as_slice).unwrap_or_default();
        let recent = || lines.iter().filter(|line| line.at > facts.since);
        let well = |line: &&TypedLine| line.exit_code == 0;
        let mut at = facts.since;
        let mut missing = 0;
        for command in &self.runs {
            match recent().filter(well).find(|line| runs(&line.line, &command.text)) {
                Some(line) => at = at.max(line.at),
                None => missing += 1,
            }
        }
        if let Some(file) = &self.reads {
            let shows = |line: &&TypedLine| line_reads(&line.line, &file.text, line.cwd.as_deref()) == Reading::Reads;
            match recent().filter(well).find(shows) {
                Some(line) => at = at.max(line.at),
                None => missing += 1,
            }
        }
        let wanted = self.runs.len() + usize::from(self.reads.is_some());
        Ok(match missing {
            0 => pass(Some(at)),
            n if n == wanted => not_begun(self.wants(), "that has not been entered yet"),
            _ => wrong(self.wants(), "a part of it has been entered", "One part is done; one is still open."),
        })
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(&mut self.wants);
        for command in &mut self.runs {
            visitor.text(command);
        }
        if let Some(file) = &mut self.reads {
            visitor.name(file);
        }
    }
}
