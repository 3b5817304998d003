//! When a session came to a moment that a check refers to: its beginning, or the end of a step.

use std::collections::HashMap;

use labrun_graders::fact::Reached;
use labrun_graders::{Fact, Nanos};

use super::session::Session;
use labrun_store::{Mark, Store, StoreError};

/// The beginning of the session.
pub(super) fn start(session: &Session) -> Fact {
    Fact::Reached(Reached { at: session.row.begin.started, step: None, skipped: false })
}

/// The end of the step with this id; `passed` are those that have passed in the grading under way. A step that cannot be
/// done on this machine ended where the one before it did.
///
/// # Errors
/// When progress can't be read.
pub(super) fn step(
    store: &Store,
    session: &Session,
    passed: &HashMap<String, Nanos>,
    id: &str,
) -> Result<Fact, StoreError> {
    let steps = &session.loaded.lab.steps;
    let Some(place) = steps.iter().position(|step| step.id == id) else { return Ok(Fact::Absent) };
    for (before, step) in steps.iter().enumerate().take(place + 1).rev() {
        let (at, skipped) = match passed.get(&step.id) {
            Some(at) => (*at, false),
            None => match store.closed(session.row.id, &step.id)? {
                Some((mark, at)) => (at, mark == Mark::Skipped),
                None if session.progress.steps.get(before).is_some_and(|state| state.lacks.is_some()) => continue,
                None => return Ok(Fact::Absent),
            },
        };
        return Ok(Fact::Reached(Reached { at, step: Some(place + 1), skipped: skipped || before < place }));
    }
    Ok(Fact::Reached(Reached { at: session.row.begin.started, step: Some(place + 1), skipped: true }))
}
