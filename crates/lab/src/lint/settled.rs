//! Predictions that no step settles.

use labrun_graders::decode::{Faults, is_id, nearest};
use labrun_graders::{Check, Facts};

use crate::model::Step;

/// A fault for each `settled_by` of a question that is graded, or that names no step, or one before the question.
pub(super) fn settled_predictions(steps: &[Step], faults: &mut Faults) {
    for (asking, step) in steps.iter().enumerate() {
        for (check, settling) in step.checks.iter().filter_map(|check| Some((check, check.settled_by()?))) {
            if is_graded(check) {
                let message = "no step settles an answer that is graded at once";
                let help = "leave out `settled_by`; or `graded: true`, to ask for a prediction";
                faults.add_with_help("conflicting-keys", settling.span, message, help);
            }
            match steps.iter().position(|step| step.id == settling.text) {
                // Such an id has been noted where it was read.
                None if !is_id(&settling.text) => {}
                Some(at) if at >= asking => {}
                Some(_) => {
                    let message = format!("the step `{settling}` comes before the prediction that it is to settle");
                    let help = "name a later step; without `settled_by`, the step that asks settles it";
                    faults.add_with_help("settled-before", settling.span, message, help);
                }
                None => {
                    let help = match nearest(&settling.text, steps.iter().map(|step| step.id.as_str())) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "name a later step of this lab".to_owned(),
                    };
                    faults.add_with_help(
                        "unknown-step",
                        settling.span,
                        format!("no step is called `{settling}`"),
                        help,
                    );
                }
            }
        }
    }
}

/// Whether the right answer is no prediction, so that a wrong one is refused.
fn is_graded(check: &Check) -> bool {
    check.right_answer(&Facts::since(0)).is_some_and(|answer| check.prediction(&answer).is_none())
}
