//! A check: one requirement of a step. Its kind decides what it asks and how it judges.

use super::KINDS;
use crate::decode::{Decode, Faults, unknown, wrong_type};
use crate::fact::Facts;
use crate::grader::Grader;
use crate::node::{Node, Span, Value};
use crate::verdict::Verdict;

/// A check of a lab.
#[derive(Debug)]
pub struct Check {
    /// The name of its kind.
    pub kind: &'static str,
    /// Where it stands in the lab file.
    pub span: Span,
    grader: Box<dyn Grader>,
}

impl Check {
    /// The verdict on these facts.
    #[must_use]
    pub fn judge(&self, facts: &Facts) -> Verdict {
        self.grader.judge(facts).into()
    }
}

impl std::ops::Deref for Check {
    type Target = dyn Grader;

    fn deref(&self) -> &Self::Target {
        self.grader.as_ref()
    }
}

impl std::ops::DerefMut for Check {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.grader.as_mut()
    }
}

impl Decode for Check {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            wrong_type(node, "a check is a mapping with one key, its kind", faults);
            return None;
        };
        let [(key, value)] = map.as_slice() else {
            let message = format!("a check has one key, its kind; this has {}", map.len());
            faults.add("wrong-type", node.span, message);
            return None;
        };
        let Some(kind) = KINDS.iter().find(|kind| kind.name == key.text) else {
            let message = format!("there is no check called `{}`", key.text);
            unknown(faults, "unknown-check", key.span, message, &key.text, KINDS.iter().map(|kind| kind.name));
            return None;
        };
        let grader = (kind.decode)(value, faults)?;
        Some(Self { kind: kind.name, span: node.span, grader })
    }
}
