//! What a kind of check can do.

use std::fmt::Debug;

use crate::fact::{Ask, Facts};
use crate::name::{Text, Visitor};
use crate::prediction::Prediction;
use crate::verdict::{CannotLook, Feedback, Finding};

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
