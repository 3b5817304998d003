//! What a class's sessions come to: who is how far with which lab, how long it takes, where it hurts.

use std::collections::BTreeMap;

use super::line::Line;
use super::model::{Run, State, StepRun};

/// Learners and labs side by side.
#[derive(Clone, Debug)]
pub struct Class<'a> {
    /// Everybody, by name.
    pub learners: Vec<Option<&'a Line>>,
    /// Every lab, by id.
    pub labs: Vec<LabTotals<'a>>,
}

/// What one lab came to.
#[derive(Clone, Debug)]
pub struct LabTotals<'a> {
    /// The lab's id.
    pub lab: &'a Line,
    /// Its title.
    pub title: &'a Line,
    /// For each learner the session that counts: the one with the most steps passed, of equals the newest.
    pub runs: Vec<&'a Run>,
    /// How many have finished it.
    pub finished: usize,
    /// How long it took in the middle, in seconds, those who have finished it; `None` while nobody has.
    pub median_seconds: Option<f64>,
    /// Its steps, in order.
    pub steps: Vec<StepTotals<'a>>,
}

/// What one step came to.
#[derive(Clone, Debug)]
pub struct StepTotals<'a> {
    /// Its place in the lab, counted from 1.
    pub number: usize,
    /// Its id.
    pub step: &'a Line,
    /// Its title.
    pub title: &'a Line,
    /// How many learners left it in each state, in the order of [`State::ALL`].
    pub states: [usize; 4],
    /// Attempts in the middle, of those who passed it.
    pub median_attempts: Option<f64>,
    /// How long it took in the middle, in seconds, those who passed it.
    pub median_seconds: Option<f64>,
    /// Attempts that did not pass, of all together.
    pub fails: u64,
    /// Hints shown, of all together.
    pub hints: u64,
    /// How many were shown the solution.
    pub solutions: usize,
    /// The named mistakes, the most frequent first: how many learners made each, and in how many attempts.
    pub diagnoses: Vec<(&'a Line, usize, u64)>,
}

impl<'a> Class<'a> {
    /// Of these sessions.
    #[must_use]
    pub fn of(runs: &'a [Run]) -> Self {
        let mut learners: Vec<Option<&Line>> = runs.iter().map(|run| run.learner.as_ref()).collect();
        // As people look names up: big and small letters together.
        learners
            .sort_by_cached_key(|learner| learner.map(|learner| (learner.as_str().to_lowercase(), learner.clone())));
        learners.dedup();
        let mut counted: BTreeMap<(&Line, Option<&Line>), &Run> = BTreeMap::new();
        for run in runs {
            let rank = |run: &Run| (run.count(State::Passed), run.started);
            let known = counted.entry((&run.lab, run.learner.as_ref())).or_insert(run);
            if rank(known) < rank(run) {
                *known = run;
            }
        }
        let mut labs: BTreeMap<&Line, Vec<&Run>> = BTreeMap::new();
        for ((lab, _), run) in counted {
            labs.entry(lab).or_default().push(run);
        }
        Self { learners, labs: labs.into_values().filter_map(LabTotals::of).collect() }
    }

    /// The session that counts of this learner and lab.
    #[must_use]
    pub fn run(&self, learner: Option<&Line>, lab: &LabTotals<'a>) -> Option<&'a Run> {
        lab.runs.iter().find(|run| run.learner.as_ref() == learner).copied()
    }
}

impl<'a> LabTotals<'a> {
    /// Of these sessions of one lab; `None` if there is none.
    #[must_use]
    pub fn of(runs: Vec<&'a Run>) -> Option<Self> {
        let first = runs.iter().max_by_key(|run| (run.steps.len(), std::cmp::Reverse(&run.learner)))?;
        let mut steps: Vec<(&Line, Vec<&StepRun>)> = first.steps.iter().map(|step| (&step.step, vec![])).collect();
        let mut places: BTreeMap<&Line, usize> = BTreeMap::new();
        for (place, step) in first.steps.iter().enumerate() {
            places.entry(&step.step).or_insert(place);
        }
        // One who has another version of the lab may have steps that the others have not.
        for step in runs.iter().flat_map(|run| &run.steps) {
            let place = *places.entry(&step.step).or_insert(steps.len());
            if place == steps.len() {
                steps.push((&step.step, vec![]));
            }
            steps[place].1.push(step);
        }
        let finished: Vec<&&Run> = runs.iter().filter(|run| run.is_finished()).collect();
        let seconds = finished.iter().map(|run| run.seconds());
        let steps = steps.into_iter().filter(|(_, runs)| !runs.is_empty()).zip(1..);
        Some(Self {
            lab: &first.lab,
            title: &first.title,
            finished: finished.len(),
            median_seconds: median(seconds.collect()),
            steps: steps.map(|((id, runs), number)| StepTotals::of(number, id, &runs)).collect(),
            runs,
        })
    }

    /// The steps that gave trouble, the worst first: most failed attempts, then most solutions shown, most
    /// learners who passed it over, most hints.
    #[must_use]
    pub fn hurt(&self) -> Vec<&StepTotals<'a>> {
        let pain = |step: &&StepTotals| (step.fails, step.solutions, step.count(State::Skipped), step.hints);
        let mut hurt: Vec<&StepTotals> = self.steps.iter().filter(|step| pain(step) > (0, 0, 0, 0)).collect();
        hurt.sort_by_key(|step| std::cmp::Reverse(pain(step)));
        hurt
    }
}

impl<'a> StepTotals<'a> {
    fn of(number: usize, id: &'a Line, runs: &[&'a StepRun]) -> Self {
        let passed: Vec<_> = runs.iter().filter(|step| step.state == State::Passed).collect();
        let mut diagnoses: BTreeMap<&Line, (usize, u64)> = BTreeMap::new();
        for (name, attempts) in runs.iter().flat_map(|step| &step.diagnoses) {
            let known = diagnoses.entry(name).or_default();
            *known = (known.0 + 1, known.1 + u64::from(*attempts));
        }
        let mut diagnoses: Vec<_> =
            diagnoses.into_iter().map(|(name, (learners, attempts))| (name, learners, attempts)).collect();
        diagnoses.sort_by_key(|(_, learners, attempts)| std::cmp::Reverse((*learners, *attempts)));
        Self {
            number,
            step: id,
            title: runs.first().map_or(id, |step| &step.title),
            states: State::ALL.map(|state| runs.iter().filter(|step| step.state == state).count()),
            median_attempts: median(passed.iter().map(|step| step.attempts.into()).collect()),
            median_seconds: median(passed.iter().filter_map(|step| step.seconds).map(u64::from).collect()),
            fails: runs.iter().map(|step| u64::from(step.fails())).sum(),
            hints: runs.iter().map(|step| u64::from(step.hints)).sum(),
            solutions: runs.iter().filter(|step| step.solution).count(),
            diagnoses,
        }
    }

    /// How many learners left it in this state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        let position = State::ALL.iter().position(|known| *known == state);
        position.and_then(|position| self.states.get(position)).copied().unwrap_or_default()
    }

    /// How many learners have it at all.
    #[must_use]
    pub fn learners(&self) -> usize {
        self.states.iter().sum()
    }
}

/// The middle one; of an even number the mean of the middle two.
fn median(mut numbers: Vec<u64>) -> Option<f64> {
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    let lower = if numbers.len().is_multiple_of(2) { numbers[middle - 1] } else { upper };
    // Seconds and counts: far below what a double holds exactly.
    #[allow(clippy::cast_precision_loss)]
    Some((lower as f64 + upper as f64) / 2.0)
}
