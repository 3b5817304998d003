//! `if_seen: CHECK`: a check that only events or typed lines can prove, beside a question or checks of the state. Where
//! labrun cannot see whether it was done, those decide alone.

use crate::decode::{Decode, Faults};
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::kinds::Check;
use crate::name::Visitor;
use crate::node::Node;
use crate::shape::{Described, Form};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle, Pass, Verdict};

/// Wants a check to hold, unless labrun cannot see whether it does.
#[derive(Debug)]
pub struct IfSeen(Check);

impl Described for IfSeen {
    const ABOUT: &'static str = "The check under it must hold where labrun can see what was done. Where it cannot (in a \
         shell within a container, outside the practice shell), this passes with a remark, and the step's question \
         decides.";
    const FORM: Form = Form::Check;
}

impl Decode for IfSeen {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        Check::decode(node, faults).map(Self)
    }
}

impl IfSeen {
    /// An engine that does not answer is no reason to pass. A command whose events it has forgotten can be run again; what
    /// else it has forgotten, it will never tell.
    fn passes_over(&self, obstacle: Obstacle) -> bool {
        match obstacle {
            Obstacle::Unseen => true,
            Obstacle::Gap => !self.needs_question(),
            _ => false,
        }
    }
}

impl Grader for IfSeen {
    fn wants(&self) -> String {
        self.0.wants()
    }

    fn asks(&self) -> Vec<Ask> {
        self.0.asks()
    }

    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        self.0.asks_then(facts)
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        match self.0.judge(facts) {
            Verdict::Pass(pass) => Ok(Finding::Pass(pass)),
            Verdict::Fail(feedback) => Ok(Finding::Fail(feedback)),
            Verdict::CannotCheck(_) if self.0.is_unshown(facts) => {
                let sentence = "Run it so that you can read what it says. Where did its output go?";
                let seen = "the command ran, and its output was not shown";
                Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("output-not-shown")))
            }
            Verdict::CannotCheck(reason) if self.passes_over(reason.obstacle) => {
                Ok(Finding::Pass(Pass { at: None, caveat: Some(reason.what) }))
            }
            Verdict::CannotCheck(reason) => Err(reason),
        }
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        self.0.asks_when_wrong(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        self.0.near_misses(facts)
    }

    fn needs_question(&self) -> bool {
        matches!(self.0.kind, "any" | "exec" | "run" | "typed")
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.0.visit(visitor);
    }
}
