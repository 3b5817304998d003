//! A check: one requirement of a step. Its kind decides what it asks and how it judges; the table [`KINDS`] lists all.

use std::fmt::Debug;

use crate::decode::{Decode, Faults, unknown, wrong_type};
use crate::fact::{Ask, Facts};
use crate::kinds;
use crate::name::{Text, Visitor};
use crate::node::{Node, Span, Value};
use crate::prediction::Prediction;
use crate::shape::{Described, Form};
use crate::verdict::{CannotLook, Feedback, Finding, Verdict};

/// What a kind of check can do. It judges and never looks.
pub trait Grader: Debug + Send + Sync {
    /// What it wants, as a short sentence without a full stop: "writer-1 has app-data at /data".
    fn wants(&self) -> String;

    /// What it must know.
    fn asks(&self) -> Vec<Ask>;

    /// What it must know beyond that, in the light of the first facts.
    fn asks_then(&self, _facts: &Facts) -> Vec<Ask> {
        Vec::new()
    }

    /// What it makes of the facts.
    ///
    /// # Errors
    /// Why a fact that it needs could not be had.
    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook>;

    /// What else it must know to tell which mistake it is. Asked only after a fail, and again with the
    /// answers, up to four times.
    fn asks_when_wrong(&self, _facts: &Facts) -> Vec<Ask> {
        Vec::new()
    }

    /// The near misses that these wider facts prove, in any order; none where they could not be had.
    fn near_misses(&self, _facts: &Facts) -> Vec<Feedback> {
        Vec::new()
    }

    /// Shows its names and texts, to be mapped or looked at.
    fn visit(&mut self, visitor: &mut dyn Visitor);

    /// What the learner is asked, where the check wants an answer.
    fn question(&self) -> Option<&str> {
        None
    }

    /// Whether the question is a part of the task. Elsewhere it stands in for what could not be seen.
    fn asks_outright(&self) -> bool {
        self.question().is_some()
    }

    /// Whether a question must decide beside it, since what it is about can leave no trace.
    fn needs_question(&self) -> bool {
        false
    }

    /// Whether a command did it, and its output was not shown: that is known, where it can't be told what the learner saw.
    fn is_unshown(&self, _facts: &Facts) -> bool {
        false
    }

    /// What tells the right answer, where the check wants one.
    fn truth_asks(&self) -> Vec<Ask> {
        Vec::new()
    }

    /// The right answer, where the check wants one and the facts tell it.
    fn right_answer(&self, _facts: &Facts) -> Option<String> {
        None
    }

    /// The answer as a prediction, beside what is the case; `None` where the check asks for none, or this is none.
    fn prediction(&self, _answer: &str) -> Option<Prediction> {
        None
    }

    /// The id of the step that settles the prediction; `None` where it is the step that asks.
    fn settled_by(&self) -> Option<&Text> {
        None
    }
}

/// One kind of check.
pub struct Kind {
    /// Its key in a lab file.
    pub name: &'static str,
    /// What it wants, in a sentence.
    pub about: &'static str,
    /// What stands under the key.
    pub form: Form,
    decode: fn(&Node, &mut Faults) -> Option<Box<dyn Grader>>,
}

/// Reads a check of the kind `G`.
fn read<G: Decode + Grader + 'static>(node: &Node, faults: &mut Faults) -> Option<Box<dyn Grader>> {
    G::decode(node, faults).map(|grader| Box::new(grader) as Box<dyn Grader>)
}

/// A line of the table.
const fn kind<G: Decode + Described + Grader + 'static>(name: &'static str) -> Kind {
    Kind { name, about: G::ABOUT, form: G::FORM, decode: read::<G> }
}

/// Every kind of check: a new one is a file in `kinds/` and a line here.
pub static KINDS: &[Kind] = &[
    kind::<kinds::Volume>("volume"),
    kind::<kinds::Container>("container"),
    kind::<kinds::Mount>("mount"),
    kind::<kinds::Image>("image"),
    kind::<kinds::File>("file"),
    kind::<kinds::Exec>("exec"),
    kind::<kinds::Run>("run"),
    kind::<kinds::Typed>("typed"),
    kind::<kinds::Removed>("removed"),
    kind::<kinds::Inspect>("inspect"),
    kind::<kinds::Answer>("answer"),
    kind::<kinds::Question>("question"),
    kind::<kinds::Http>("http"),
    kind::<kinds::Port>("port"),
    kind::<kinds::Network>("network"),
    kind::<kinds::Logs>("logs"),
    kind::<kinds::Any>("any"),
    kind::<kinds::IfSeen>("if_seen"),
];

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
