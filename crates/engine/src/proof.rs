//! What a verification found about a mistake, a step, and a lab.

use std::time::Duration;

use labrun_lab::{Lab, Step};

/// What was found about one authored mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MistakeReport {
    /// The shell text.
    pub run: String,
    /// The diagnosis that was given first, if any.
    pub diagnosis: Option<String>,
    /// It was refused, with the diagnosis that the lab names.
    pub refused: bool,
}

/// What was found about one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepProof {
    /// Its position in the lab, from 0.
    pub index: usize,
    /// Its id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Why it was passed over: what it takes is not here. Then nothing else is known of it, and nothing is wrong.
    pub passed_over: Option<&'static str>,
    /// It did not pass before its solution ran.
    pub fails_before: bool,
    /// It passed afterwards.
    pub passes_after: bool,
    /// Graded again, it passed again.
    pub repeatable: bool,
    /// Its mistakes, as far as they were made.
    pub mistakes: Vec<MistakeReport>,
    /// How many mistakes were to be made.
    pub mistakes_wanted: usize,
    /// Its solution, typed at the practice shell, passed it there; `None` when that was not asked, or not reached.
    pub passes_in_shell: Option<bool>,
    /// It was to be typed there.
    pub shell_wanted: bool,
    /// How long its proof took, its mistakes' included and the steps before it left out.
    pub took: Duration,
    /// Why it is not proved, as far as anything tells.
    pub why: Option<String>,
}

impl StepProof {
    /// One of which nothing is known yet.
    pub(crate) fn of(index: usize, step: &Step) -> Self {
        Self { index, step: step.id.clone(), title: step.title.text.clone(), ..Self::default() }
    }

    /// Whether all of it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.contradicted().is_empty() && self.is_whole()
    }

    /// What is known not to hold, in words.
    #[must_use]
    pub fn contradicted(&self) -> Vec<&'static str> {
        if self.passed_over.is_some() {
            return Vec::new();
        }
        let refused = self.mistakes.iter().all(|mistake| mistake.refused);
        let holds = [
            (self.fails_before, "passes before its solution"),
            (self.passes_after || !self.fails_before, "fails after its solution"),
            (self.repeatable || !self.passes_after, "not repeatable"),
            (refused, "mistakes not refused as wanted"),
            (self.passes_in_shell != Some(false), "fails in the practice shell"),
        ];
        holds.into_iter().filter(|(holds, _)| !holds).map(|(_, not)| not).collect()
    }

    /// Whether all that was asked about it is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let typed = self.passes_in_shell.is_some() || !self.shell_wanted;
        self.passed_over.is_some() || (self.passes_after && self.mistakes.len() >= self.mistakes_wanted && typed)
    }

    /// Whether the steps behind it can be proved.
    #[must_use]
    pub(crate) fn goes_on(&self) -> bool {
        self.passes_after || self.passed_over.is_some()
    }

    /// Adds a reason.
    pub(crate) fn because(&mut self, why: &str) {
        let before = self.why.take().map(|before| before + "\n").unwrap_or_default();
        self.why = Some(before + why);
    }
}

/// What was found about a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabReport {
    /// Its id.
    pub lab: String,
    /// All of it holds, and nothing was left behind or touched.
    pub passed: bool,
    /// Its steps, as far as it came: a step that does not pass after its solution ends it.
    pub steps: Vec<StepProof>,
    /// How many steps were to be proved.
    pub steps_in_lab: usize,
    /// Those of them of which nothing is known.
    pub not_reached: Vec<StepProof>,
    /// How long all of it took.
    pub took: Duration,
    /// What it owns and is still there, and helper containers.
    pub left_behind: Vec<String>,
    /// What it changed without owning it; known when the engine was its own.
    pub foreign_touched: Vec<String>,
}

impl LabReport {
    /// Of a lab of which nothing is known.
    #[must_use]
    pub fn unknown(lab: &str) -> Self {
        Self { lab: lab.to_owned(), ..Self::default() }
    }

    /// Notes which of the steps that were to be proved nothing is known of.
    pub(crate) fn miss(&mut self, lab: &Lab, only: Option<usize>) {
        let steps = lab.steps.iter().enumerate().filter(|(index, _)| only.is_none_or(|only| only == *index));
        let missed = steps.clone().filter(|(index, _)| self.steps.iter().all(|proof| proof.index != *index));
        self.not_reached = missed.map(|(index, step)| StepProof::of(index, step)).collect();
        self.steps_in_lab = steps.count();
    }

    /// How many steps were passed over.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.steps.iter().filter(|proof| proof.passed_over.is_some()).count()
    }

    /// Whether all of it holds, and nothing was left behind or touched.
    pub(crate) fn holds(&self) -> bool {
        self.steps.len() == self.steps_in_lab
            && self.steps.iter().all(StepProof::holds)
            && self.left_behind.is_empty()
            && self.foreign_touched.is_empty()
    }
}
