//! How far a learner is: derived from the attempts, and never stored beside them.

use std::collections::{HashMap, HashSet};

use labrun_graders::Nanos;

use labrun_docker::Tools;
use labrun_lab::{Lab, Tool};
use labrun_store::{AttemptRow, HelpRow, Mark, SignRow, Store, StoreError};

/// The longest silence that still is work: whoever gives no sign for longer was away, or the machine was asleep.
const LONGEST_SILENCE: Nanos = 10 * 60 * 1_000_000_000;

/// How often help was taken for a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelpCount {
    /// Hints shown.
    pub hints: usize,
    /// Whether the solution was shown.
    pub solution: bool,
}

/// Where a learner stands with one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepState {
    /// How it was left behind; `None` while it is open.
    pub closed: Option<Mark>,
    /// What it takes and is not here: then it is passed over, and open again as soon as that is.
    pub lacks: Option<Tool>,
    /// Attempts that did not pass.
    pub fails: usize,
    /// Help taken for it.
    pub help: HelpCount,
    /// How long was worked on it so far: up to the last thing recorded of it, from the last thing recorded of another.
    /// Time away is not counted. `None` while nothing is recorded.
    pub took: Option<Nanos>,
}

impl StepState {
    /// Attempts at it: gradings that told something new, the one that passed it with them.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.fails + usize::from(self.closed == Some(Mark::Pass))
    }
}

/// Where a learner stands with a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// One a step.
    pub steps: Vec<StepState>,
    /// Evidence counts when it is newer than this: what completed the last step that was passed.
    pub cursor: Nanos,
    /// When something was last recorded; without anything, when the session began.
    pub last: Nanos,
}

impl Progress {
    /// Derives it.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn derive(store: &Store, session: i64, started: Nanos, lab: &Lab) -> Result<Self, StoreError> {
        let ids: Vec<&str> = lab.steps.iter().map(|step| step.id.as_str()).collect();
        let (attempts, help) = (store.marks(session)?, store.help(session)?);
        let mut progress = Self::of(&ids, started, &attempts, &help, &store.signs(session)?);
        progress.pass_over(lab);
        Ok(progress)
    }

    /// Derives it from what was recorded, oldest first, for the steps of these ids.
    #[must_use]
    pub fn of(ids: &[&str], started: Nanos, attempts: &[AttemptRow], help: &[HelpRow], signs: &[SignRow]) -> Self {
        let mut steps = vec![StepState::default(); ids.len()];
        let mut cursor = started;
        // A step that a newer version of the lab no longer has counts for nothing.
        let places: HashMap<&str, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let index = |step: &str| places.get(step).copied();
        for AttemptRow { step, mark, since, .. } in attempts {
            let Some(state) = index(step).and_then(|index| steps.get_mut(index)) else { continue };
            if *mark == Mark::Fail {
                state.fails += 1;
                continue;
            }
            if state.closed != Some(Mark::Pass) {
                state.closed = Some(*mark);
            }
            cursor = cursor.max(since.unwrap_or(cursor));
        }
        for HelpRow { step, solution, .. } in help {
            let Some(state) = index(step).and_then(|index| steps.get_mut(index)) else { continue };
            state.help.hints += usize::from(!solution);
            state.help.solution |= solution;
        }
        // What is made again of a step that was closed is no work on it.
        let mut open: HashSet<&str> = places.keys().copied().collect();
        let attempted = attempts.iter().map(|AttemptRow { step, mark, at, .. }| {
            let was_open = if *mark == Mark::Fail { true } else { open.remove(step.as_str()) };
            (*at, Some(step).filter(|_| was_open || *mark != Mark::Given))
        });
        let attempted: Vec<_> = attempted.collect();
        let recorded = attempted.into_iter().chain(help.iter().map(|help| (help.at, Some(&help.step))));
        let recorded: Vec<_> = recorded.collect();
        let last = recorded.iter().map(|(at, _)| *at).max().unwrap_or(started).max(started);
        let seen = signs.iter().map(|sign| (sign.at, None, sign.leaves));
        let mut timeline: Vec<_> = recorded.into_iter().map(|(at, step)| (at, step, false)).chain(seen).collect();
        timeline.sort_by_key(|(at, ..)| *at);
        let (mut before, mut worked, mut is_away) = (started, 0, false);
        for (at, step, leaves) in timeline {
            let silence = at - before;
            if !is_away && (0..=LONGEST_SILENCE).contains(&silence) {
                worked += silence;
            }
            (before, is_away) = (before.max(at), leaves);
            // What was worked goes to the step that it came to something of.
            if let Some(step) = step {
                let worked = std::mem::take(&mut worked);
                if let Some(state) = index(step).and_then(|index| steps.get_mut(index)) {
                    *state.took.get_or_insert(0) += worked;
                }
            }
        }
        Self { steps, cursor, last }
    }

    /// Skips what can't be done on this machine, and what a newer version of the lab has put before a step that this
    /// learner has completed: the state that it begins with is gone. Nothing of it is stored: each call looks again.
    pub fn pass_over(&mut self, lab: &Lab) {
        let mut tools = None;
        let reached = self.steps.iter().rposition(|state| matches!(state.closed, Some(Mark::Pass | Mark::Given)));
        let open = self.steps.iter_mut().zip(&lab.steps).enumerate().filter(|(_, (state, _))| state.closed.is_none());
        for (index, (state, step)) in open {
            state.lacks = step.needs.filter(|tool| !tools.get_or_insert_with(Tools::here).has(*tool));
            // A step whose tool was missing is open again as soon as the tool is there.
            let is_added = step.needs.is_none() && Some(index) < reached;
            state.closed = (is_added || state.lacks.is_some()).then_some(Mark::Skipped);
        }
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

    /// How long all of it took so far.
    #[must_use]
    pub fn took(&self) -> Nanos {
        self.steps.iter().filter_map(|step| step.took).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Nanos = 60_000_000_000;

    fn attempt(step: &str, mark: Mark, minute: Nanos) -> AttemptRow {
        let report = String::new();
        AttemptRow { step: step.to_owned(), mark, at: minute * MINUTE, since: None, report }
    }

    fn took(attempts: &[AttemptRow], help: &[HelpRow], signs: &[(Nanos, bool)]) -> Vec<Option<Nanos>> {
        let sign = |(minute, leaves): &(Nanos, bool)| SignRow { at: minute * MINUTE, leaves: *leaves };
        let signs: Vec<SignRow> = signs.iter().map(sign).collect();
        let progress = Progress::of(&["one", "two", "three", "four"], MINUTE, attempts, help, &signs);
        progress.steps.iter().map(|step| step.took.map(|took| took / MINUTE)).collect()
    }

    #[test]
    fn time_goes_to_the_step_that_was_worked_on_and_a_long_silence_to_none() {
        let attempts = [
            attempt("one", Mark::Fail, 3),
            attempt("one", Mark::Pass, 5),
            attempt("two", Mark::Pass, 5),
            attempt("three", Mark::Fail, 60 * 24),
            attempt("three", Mark::Fail, 60 * 24 + 10),
        ];
        let help = [HelpRow { step: "one".to_owned(), solution: false, at: 4 * MINUTE }];
        assert_eq!(took(&attempts, &help, &[]), [Some(4), Some(0), Some(10), None]);
    }

    #[test]
    fn making_a_passed_step_again_is_no_work_on_it() {
        let attempts = [
            attempt("one", Mark::Pass, 2),
            attempt("two", Mark::Skipped, 3),
            attempt("one", Mark::Given, 8),
            attempt("two", Mark::Given, 8),
            attempt("three", Mark::Given, 9),
            attempt("four", Mark::Fail, 12),
        ];
        assert_eq!(took(&attempts, &[], &[]), [Some(1), Some(1), Some(6), Some(3)]);
        let progress = Progress::of(&["one", "two", "three"], MINUTE, &attempts, &[], &[]);
        let closed: Vec<_> = progress.steps.iter().map(|step| step.closed).collect();
        assert_eq!(closed, [Some(Mark::Pass), Some(Mark::Given), Some(Mark::Given)]);
    }

    #[test]
    fn signs_of_work_fill_a_silence_and_leaving_begins_one() {
        let attempts = [attempt("one", Mark::Pass, 21), attempt("two", Mark::Pass, 36)];
        assert_eq!(took(&attempts, &[], &[]), [Some(0), Some(0), None, None]);
        let at_work = [(1, false), (8, false), (15, false)];
        assert_eq!(took(&attempts, &[], &at_work), [Some(20), Some(0), None, None]);
        // Left in the middle of step two, and back at it nine minutes later.
        let left = [at_work.as_slice(), &[(24, true), (33, false)]].concat();
        assert_eq!(took(&attempts, &[], &left), [Some(20), Some(6), None, None]);
        // The last step was worked on, and nothing came of it yet.
        let more = [left.as_slice(), &[(40, false), (45, true)]].concat();
        assert_eq!(took(&attempts, &[], &more), [Some(20), Some(6), None, None]);
    }
}
