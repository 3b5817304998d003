//! What happened, unformatted: whoever renders it listens.

use labrun_graders::{Feedback, Prediction, Verdict};

/// What one check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The name of its kind.
    pub kind: &'static str,
    /// What it wants.
    pub wants: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Its position in the lab, from 0.
    pub index: usize,
    /// Its id.
    pub step: String,
    /// A question is a part of its task.
    pub asks_outright: bool,
    /// The verdict of the whole.
    pub verdict: Verdict,
    /// Its checks, in order.
    pub checks: Vec<CheckReport>,
    /// What the learner predicted of what the step has shown; empty unless it passed.
    pub predictions: Vec<Prediction>,
}

impl StepReport {
    /// How many of its checks hold.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.checks.iter().filter(|check| check.verdict.is_pass()).count()
    }

    /// What is to be said of it first, if it failed: the nearest mistake of its checks.
    #[must_use]
    pub fn nearest(&self) -> Option<&Feedback> {
        Feedback::nearest_of(self.checks.iter().map(|check| &check.verdict))
    }

    /// Whether there is anything of the learner's in it to judge.
    #[must_use]
    pub fn begun(&self) -> bool {
        self.checks.iter().any(|check| match &check.verdict {
            Verdict::Pass(_) => true,
            Verdict::Fail(feedback) => feedback.begun,
            Verdict::CannotCheck(_) => false,
        })
    }
}

/// Something that happened during longer work.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A lab's verification begins; it takes so many ways through it.
    VerifyBegins {
        /// The lab's id.
        lab: &'a str,
        /// How many.
        rounds: usize,
    },
    /// So many of them are gone.
    RoundEnds {
        /// How many.
        done: usize,
    },
    /// A step is being made.
    StepBegins {
        /// Its position, from 0.
        index: usize,
        /// Its title.
        title: &'a str,
    },
    /// A step has been proved, or not.
    StepProved {
        /// What was found.
        proof: &'a crate::proof::StepProof,
    },
    /// A lab's verification has ended.
    VerifyEnds {
        /// What was found.
        report: &'a crate::proof::LabReport,
    },
}

/// Somebody who listens.
pub trait Listener {
    /// Is told of an event.
    fn hear(&mut self, event: &Event);
}
