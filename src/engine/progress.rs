//! How far a learner is: derived from the attempts, and never stored beside them.

use labrun_graders::Nanos;

use crate::lab::Lab;
use crate::store::{AttemptRow, HelpCount, Mark, Store, StoreError};

/// Where a learner stands with one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepState {
    /// How it was left behind; `None` while it is open.
    pub closed: Option<Mark>,
    /// Attempts that did not pass.
    pub fails: usize,
    /// Help taken for it.
    pub help: HelpCount,
    /// When it was closed.
    pub at: Option<Nanos>,
}

/// Where a learner stands with a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// One a step.
    pub steps: Vec<StepState>,
    /// Evidence counts when it is newer than this: what completed the last step that was passed.
    pub cursor: Nanos,
}

impl Progress {
    /// Derives it.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn derive(store: &Store, session: i64, started: Nanos, lab: &Lab) -> Result<Self, StoreError> {
        let mut steps = vec![StepState::default(); lab.steps.len()];
        let mut cursor = started;
        let index = |step: &str| lab.steps.iter().position(|known| known.id == step);
        for AttemptRow { step, mark, at, since, .. } in store.attempts(session)? {
            // A step that a newer version of the lab no longer has counts for nothing.
            let Some(state) = index(&step).and_then(|index| steps.get_mut(index)) else { continue };
            if mark == Mark::Fail {
                state.fails += 1;
                continue;
            }
            if state.closed != Some(Mark::Pass) {
                state.closed = Some(mark);
                state.at = Some(at);
            }
            cursor = cursor.max(since.unwrap_or(cursor));
        }
        for (step, help) in store.help(session)? {
            if let Some(state) = index(&step).and_then(|index| steps.get_mut(index)) {
                state.help = help;
            }
        }
        Ok(Self { steps, cursor })
    }

    /// The position of the first step that is open; `None` when all are closed.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.closed.is_none())
    }

    /// How many steps were closed in this way.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.steps.iter().filter(|step| step.closed == Some(mark)).count()
    }

    /// How many steps were closed, in whatever way.
    #[must_use]
    pub fn closed(&self) -> usize {
        self.steps.iter().filter(|step| step.closed.is_some()).count()
    }

    /// Hints taken in all.
    #[must_use]
    pub fn hints(&self) -> usize {
        self.steps.iter().map(|step| step.help.hints).sum()
    }

    /// When the last step was closed.
    #[must_use]
    pub fn last_at(&self) -> Option<Nanos> {
        self.steps.iter().filter_map(|step| step.at).max()
    }
}
