//! Hints and solutions of a handout: folded below their step, or in chapters at the end.

use labrun_graders::Facts;

use super::sheet::{Sheet, plain};
use labrun_lab::{Lab, Step};

/// Hints one by one and the solution, folded.
pub(super) fn needed_help(sheet: &mut Sheet, step: &Step) {
    for (number, hint) in step.hints.iter().enumerate() {
        sheet.folded(&format!("Hint {}", number + 1), |sheet| sheet.markdown(4, &hint.text));
    }
    sheet.folded("Solution", |sheet| solution(sheet, step));
}

/// The hints of all steps, in a chapter.
pub(super) fn hints(sheet: &mut Sheet, lab: &Lab) {
    if lab.steps.iter().all(|step| step.hints.is_empty()) {
        return;
    }
    sheet.heading(2, "Hints");
    sheet.block("From vague to near: read the first of a step, try again, and only then the next.");
    for (index, step) in lab.steps.iter().enumerate().filter(|(_, step)| !step.hints.is_empty()) {
        sheet.heading(3, &format!("Hints for step {}", index + 1));
        for (number, hint) in step.hints.iter().enumerate() {
            // What belongs to an item stands below its text.
            let text = hint.text.trim().replace('\n', "\n   ").replace("\n   \n", "\n\n");
            sheet.block(&format!("{}. {text}", number + 1));
        }
    }
}

/// The solutions of all steps, in a chapter.
pub(super) fn solutions(sheet: &mut Sheet, lab: &Lab) {
    sheet.heading(2, "Solutions");
    for (index, step) in lab.steps.iter().enumerate() {
        sheet.heading(3, &format!("Solution of step {}: {}", index + 1, step.title));
        solution(sheet, step);
    }
}

/// One way to do a step, the right answer where it needs no looking up, and why it is so.
fn solution(sheet: &mut Sheet, step: &Step) {
    sheet.code("sh", &step.solution.text);
    let asked = step.checks.iter().filter(|check| check.asks_outright());
    if let Some(answer) = asked.filter_map(|check| check.right_answer(&Facts::default())).next() {
        sheet.block(&format!("Answer: {}", plain(&answer)));
    }
    if let Some(explain) = &step.explain {
        sheet.markdown(4, &explain.text);
    }
}
