//! What is said above the next prompt: what is new, and nothing else.
//!
//! Silence reads as success, so what a learner did and that did not help gets a line, also when it was said before.

use labrun_graders::{CannotLook, Obstacle, Verdict};

use labrun_engine::{Outcome, StepReport, TYPED_UNSEEN};

/// What to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Say {
    /// Nothing is new.
    Nothing,
    /// Everything that the grading came to.
    Outcome,
    /// One line: this step is still where it was.
    Still,
}

/// Remembers what was said.
#[derive(Debug, Default)]
pub(super) struct Narrator {
    said: Option<Said>,
    /// What is kept as said was not shown: after a pass, only the next step's task is.
    unshown: bool,
}

/// What a report comes to, to tell a new one from an old one.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    step: String,
    seen: Vec<String>,
}

impl Narrator {
    /// Decides what to say of a grading. `active` means that the learner did something that the engine noticed.
    pub(super) fn decide(&mut self, outcome: &Outcome, active: bool) -> Say {
        let Some(last) = outcome.steps.last() else {
            return if outcome.finished { self.say_new(None, Say::Outcome) } else { Say::Nothing };
        };
        if outcome.steps.iter().any(|step| step.verdict.is_pass()) {
            // What follows the pass is shown with it; said again, it is repetition.
            let said = (!last.verdict.is_pass()).then(|| said(last));
            let say = self.say_new(said, Say::Outcome);
            self.unshown = matches!(last.verdict, Verdict::Fail(_));
            return say;
        }
        let known = self.said.as_ref() == Some(&said(last));
        // What was not shown is news as soon as the learner does something.
        let is_new = !known || (self.unshown && active);
        match &last.verdict {
            // That a question waits for its answer is said with the task.
            Verdict::CannotCheck(reason) if is_question_of_the_task(reason, last) => Say::Nothing,
            Verdict::CannotCheck(_) if is_new => self.say_new(Some(said(last)), Say::Outcome),
            Verdict::CannotCheck(_) => Say::Nothing,
            Verdict::Fail(_) if !last.begun() => {
                if active {
                    Say::Still
                } else {
                    Say::Nothing
                }
            }
            Verdict::Fail(_) if is_new => self.say_new(Some(said(last)), Say::Outcome),
            Verdict::Fail(_) if active => Say::Still,
            Verdict::Fail(_) | Verdict::Pass(_) => Say::Nothing,
        }
    }

    /// A command has shown how a step is; `at_length` where it said what is wrong, and not only the task.
    pub(super) fn shown(&mut self, outcome: &Outcome, at_length: bool) {
        self.said = outcome.steps.last().map(said);
        self.unshown = !at_length;
    }

    /// Something else was said meanwhile.
    pub(super) fn forget(&mut self) {
        self.said = None;
    }

    fn say_new(&mut self, said: Option<Said>, say: Say) -> Say {
        self.said = said;
        self.unshown = false;
        say
    }
}

fn said(report: &StepReport) -> Said {
    let seen = report.checks.iter().map(|check| match &check.verdict {
        Verdict::Pass(_) => "pass".to_owned(),
        // The same may be seen of what is not begun and of what was tried.
        Verdict::Fail(feedback) => format!("{} {}", feedback.begun, feedback.seen),
        Verdict::CannotCheck(reason) => reason.what.clone(),
    });
    Said { step: report.step.clone(), seen: seen.collect() }
}

/// A step that asks its question anyway need not say that no prompt is seen. Why a line that was entered proves nothing,
/// the learner must know.
fn is_question_of_the_task(reason: &CannotLook, report: &StepReport) -> bool {
    reason.obstacle == Obstacle::Unseen && report.asks_outright && reason.what == TYPED_UNSEEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use labrun_engine::CheckReport;
    use labrun_graders::{Feedback, Pass};

    fn report(step: &str, verdict: Verdict) -> StepReport {
        let check = CheckReport { kind: "volume", wants: String::new(), verdict: verdict.clone() };
        StepReport {
            index: 0,
            step: step.to_owned(),
            asks_outright: false,
            verdict,
            checks: vec![check],
            predictions: Vec::new(),
        }
    }

    fn outcome(steps: &[StepReport]) -> Outcome {
        Outcome { steps: steps.to_vec(), finished: false }
    }

    fn wrong(seen: &str) -> Verdict {
        Verdict::Fail(Feedback::wrong("it", seen, "look"))
    }

    #[test]
    fn a_mistake_is_told_once_then_in_a_line_and_a_new_one_again() {
        let mut narrator = Narrator::default();
        let at_mnt = outcome(&[report("mount", wrong("at /mnt"))]);
        let gone = outcome(&[report("mount", Verdict::Fail(Feedback::not_begun("it", "nothing")))]);
        let at_srv = outcome(&[report("mount", wrong("at /srv"))]);
        assert_eq!(narrator.decide(&at_mnt, true), Say::Outcome);
        assert_eq!(narrator.decide(&at_mnt, false), Say::Nothing, "nothing was done");
        assert_eq!(narrator.decide(&at_mnt, true), Say::Still);
        assert_eq!(narrator.decide(&gone, true), Say::Still);
        assert_eq!(narrator.decide(&at_mnt, true), Say::Still, "made again after it was undone");
        assert_eq!(narrator.decide(&at_srv, true), Say::Outcome);
    }

    #[test]
    fn what_was_done_and_did_not_help_is_not_met_with_silence() {
        let mut narrator = Narrator::default();
        let nothing = outcome(&[report("create", Verdict::Fail(Feedback::not_begun("it", "nothing")))]);
        assert_eq!(narrator.decide(&nothing, false), Say::Nothing);
        assert_eq!(narrator.decide(&nothing, true), Say::Still);
    }

    #[test]
    fn a_pass_is_always_told_and_what_follows_it_only_once() {
        let mut narrator = Narrator::default();
        let next = report("next", wrong("half"));
        let passed = outcome(&[report("first", Verdict::Pass(Pass::default())), next.clone()]);
        assert_eq!(narrator.decide(&passed, true), Say::Outcome);
        assert_eq!(narrator.decide(&outcome(&[next]), false), Say::Nothing);
    }

    #[test]
    fn nothing_is_still_so_that_was_never_said() {
        let mut narrator = Narrator::default();
        let next = outcome(&[report("next", wrong("half"))]);
        let passed = outcome(&[report("first", Verdict::Pass(Pass::default())), report("next", wrong("half"))]);
        assert_eq!(narrator.decide(&passed, true), Say::Outcome, "the pass, and the next task");
        assert_eq!(narrator.decide(&next, false), Say::Nothing);
        assert_eq!(narrator.decide(&next, true), Say::Outcome, "what is wrong was not said yet");
        assert_eq!(narrator.decide(&next, true), Say::Still);
        for (at_length, then) in [(true, Say::Still), (false, Say::Outcome)] {
            let mut narrator = Narrator::default();
            narrator.shown(&next, at_length);
            assert_eq!(narrator.decide(&next, false), Say::Nothing, "a command has shown it");
            assert_eq!(narrator.decide(&next, true), then);
        }
        let mut narrator = Narrator::default();
        narrator.shown(&next, true);
        assert_eq!(narrator.decide(&outcome(&[report("next", wrong("other"))]), false), Say::Outcome);
    }

    #[test]
    fn what_was_tried_is_news_also_where_the_same_was_seen_before_it_was_begun() {
        let mut narrator = Narrator::default();
        let open = report("next", Verdict::Fail(Feedback::not_begun("it", "not entered")));
        let passed = outcome(&[report("first", Verdict::Pass(Pass::default())), open]);
        assert_eq!(narrator.decide(&passed, true), Say::Outcome);
        let tried = outcome(&[report("next", wrong("not entered"))]);
        assert_eq!(narrator.decide(&tried, true), Say::Outcome);
        assert_eq!(narrator.decide(&tried, true), Say::Still);
    }

    #[test]
    fn trouble_is_told_when_it_begins_and_a_question_not_at_all() {
        let mut narrator = Narrator::default();
        let down = CannotLook::new(Obstacle::NoEngine, "no engine", "start it");
        let down = outcome(&[report("create", Verdict::CannotCheck(down))]);
        assert_eq!(narrator.decide(&down, true), Say::Outcome);
        assert_eq!(narrator.decide(&down, true), Say::Nothing);
        let unseen = CannotLook::new(Obstacle::Unseen, TYPED_UNSEEN, "answer");
        let question = StepReport { asks_outright: true, ..report("inspect", Verdict::CannotCheck(unseen)) };
        assert_eq!(narrator.decide(&outcome(std::slice::from_ref(&question)), true), Say::Nothing);
        let unread = CannotLook::new(Obstacle::Unseen, "labrun does not read it", "answer");
        let unread = StepReport { verdict: Verdict::CannotCheck(unread), ..question };
        assert_eq!(
            narrator.decide(&outcome(std::slice::from_ref(&unread)), false),
            Say::Outcome,
            "why a line proves nothing"
        );
        assert_eq!(narrator.decide(&outcome(&[unread]), false), Say::Nothing);
    }
}
