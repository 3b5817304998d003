//! Predictions come back once a step has shown how it is.

use labrun_graders::Prediction;

use super::session::Session;
use labrun_store::{Mark, Store, StoreError};

/// What the learner predicted of what this step shows, in the order of the steps that asked.
///
/// A step that labrun solved holds labrun's answer, and a skipped one may hold a wrong try: neither is a prediction.
///
/// # Errors
/// When an answer can't be read.
pub(super) fn recall(store: &Store, session: &Session, settling: usize) -> Result<Vec<Prediction>, StoreError> {
    let steps = session.loaded.lab.steps.iter().zip(&session.progress.steps).take(settling + 1).enumerate();
    let settling_id = session.loaded.lab.steps.get(settling).map(|step| step.id.as_str());
    let mut recalled = Vec::new();
    for (asking, (step, _)) in steps.filter(|(_, (_, state))| state.closed == Some(Mark::Pass)) {
        for check in &step.checks {
            let is_settled = match check.settled_by() {
                Some(id) => Some(id.text.as_str()) == settling_id,
                None => asking == settling,
            };
            if is_settled && let Some(answer) = store.answer(session.row.id, &step.id)? {
                recalled.extend(check.prediction(&answer.text));
            }
        }
    }
    Ok(recalled)
}
