//! `any: [check, check]`: one of several is enough.

use super::wrong;
use crate::decode::{Decode, Faults};
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::kinds::Check;
use crate::name::{Text, Visitor};
use crate::near::deed;
use crate::node::Node;
use crate::prediction::Prediction;
use crate::shape::{Described, Form};
use crate::verdict::{self, CannotLook, Feedback, Finding, Verdict};

/// Wants one of several checks to hold.
#[derive(Debug)]
pub struct Any(Vec<Check>);

impl Described for Any {
    const ABOUT: &'static str = "One of several checks is enough. The first speaks for all: its words are shown.";
    const FORM: Form = Form::list(&Form::Check);
}

impl Decode for Any {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        Vec::decode(node, faults).map(Self)
    }
}

impl Any {
    /// Those that do not hold. Who has answered is told of the answer, and not of what was done before; and who has done
    /// something since, of that.
    fn wrong(&self, facts: &Facts) -> impl Iterator<Item = &Check> {
        let answered = is_told_of_the_answer(facts);
        let is_meant = move |check: &&Check| !answered || check.question().is_some();
        self.0.iter().filter(is_meant).filter(|check| matches!(check.judge(facts), Verdict::Fail(_)))
    }
}

/// The learner has answered, and done nothing since.
fn is_told_of_the_answer(facts: &Facts) -> bool {
    matches!(facts.answer(), Ok(Some(_))) && !deed::is_after_answer(facts)
}

/// Takes a wrong answer out of what speaks, where something was done since; gives it back as it was.
fn withdraw_overtaken(verdicts: &mut Vec<Verdict>) -> Option<Feedback> {
    let is_overtaken = |verdict: &Verdict| matches!(verdict, Verdict::Fail(feedback) if feedback.overtaken);
    let at = verdicts.iter().position(is_overtaken).filter(|_| verdicts.len() > 1)?;
    match verdicts.remove(at) {
        Verdict::Fail(answer) => Some(answer),
        Verdict::Pass(_) | Verdict::CannotCheck(_) => None,
    }
}

impl Grader for Any {
    fn wants(&self) -> String {
        self.0.first().map(|check| check.wants()).unwrap_or_default()
    }

    fn asks(&self) -> Vec<Ask> {
        self.0.iter().flat_map(|check| check.asks()).collect()
    }

    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        self.0.iter().flat_map(|check| check.asks_then(facts)).collect()
    }

    fn truth_asks(&self) -> Vec<Ask> {
        self.0.iter().flat_map(|check| check.truth_asks()).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let mut verdicts: Vec<Verdict> = self.0.iter().map(|check| check.judge(facts)).collect();
        if is_told_of_the_answer(facts) {
            // The first of several equals speaks.
            verdicts.reverse();
        }
        let overtaken = withdraw_overtaken(&mut verdicts);
        match (verdict::any(&verdicts), overtaken) {
            (Verdict::Pass(pass), _) => Ok(Finding::Pass(pass)),
            // What was done since came to nothing, and the answer before it was wrong.
            (Verdict::Fail(open), Some(answer)) if !open.begun => {
                let sentence = format!("Before that came {}, which is not right.", answer.seen);
                Ok(wrong(open.expected, open.seen, sentence))
            }
            (Verdict::Fail(feedback), _) => Ok(Finding::Fail(feedback)),
            (Verdict::CannotCheck(reason), _) => Err(reason),
        }
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        self.wrong(facts).flat_map(|check| check.asks_when_wrong(facts)).collect()
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        self.wrong(facts).flat_map(|check| check.near_misses(facts)).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        for check in &mut self.0 {
            check.visit(visitor);
        }
    }

    fn question(&self) -> Option<&str> {
        self.0.iter().find_map(|check| check.question())
    }

    fn asks_outright(&self) -> bool {
        // Evidence from the engine's events can be had everywhere; a typed line only where somebody listens.
        self.question().is_some() && self.0.first().is_some_and(|check| matches!(check.kind, "typed" | "answer"))
    }

    fn right_answer(&self, facts: &Facts) -> Option<String> {
        self.0.iter().find_map(|check| check.right_answer(facts))
    }

    fn prediction(&self, answer: &str) -> Option<Prediction> {
        self.0.iter().find_map(|check| check.prediction(answer))
    }

    fn settled_by(&self) -> Option<&Text> {
        self.0.iter().find_map(|check| check.settled_by())
    }
}
