//! What became of a row, beside what was expected.

use std::fmt::Write as _;

use labrun_engine::StepReport;
use labrun_graders::{Obstacle, Verdict};

use super::table::{Expected, Unnamed};

/// Where a row stands: its lab, its step by position and id, and its own position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub lab: String,
    pub index: usize,
    pub step: String,
    pub row: usize,
}

/// How it was graded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// With a recorder that listened.
    Recorded,
    /// By what the engine tells afterwards.
    ByEvents,
}

/// A row and its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    pub place: Place,
    pub view: View,
    pub what: String,
    pub run: String,
    pub answer: Option<String>,
    pub expected: Expected,
    pub unnamed: Option<Unnamed>,
    pub came: Verdict,
    /// What a learner reads, or of a pass nothing.
    pub diagnosis: Option<String>,
    pub words: String,
    /// It came to this only when it was looked at again.
    pub is_late: bool,
}

impl Judged {
    /// Takes over what a report says.
    pub fn take(&mut self, report: &StepReport) {
        self.came = report.verdict.clone();
        let nearest = report.nearest();
        self.diagnosis = nearest.and_then(|feedback| feedback.diagnosis.as_deref()).map(str::to_owned);
        self.words = match (&report.verdict, nearest) {
            (Verdict::Pass(_), _) => String::new(),
            (Verdict::CannotCheck(reason), _) => format!("{} ({})", reason.what, reason.remedy),
            (Verdict::Fail(_), Some(nearest)) => {
                format!("expected: {}; found: {}; {}", nearest.expected, nearest.seen, nearest.sentence)
            }
            (Verdict::Fail(feedback), None) => format!("expected: {}; found: {}", feedback.expected, feedback.seen),
        };
    }

    /// Whether the engine has forgotten what it took: to be tried again.
    pub fn is_forgotten(&self) -> bool {
        match &self.came {
            Verdict::CannotCheck(reason) => reason.obstacle == Obstacle::Gap,
            // `if_seen` passes with a remark where a busy engine has forgotten.
            Verdict::Pass(pass) => pass.caveat.as_ref().is_some_and(|caveat| caveat.contains("no longer tells")),
            Verdict::Fail(_) => false,
        }
    }

    /// What it was where the engine did not answer: then nothing was judged.
    pub fn engine_trouble(&self) -> Option<String> {
        match &self.came {
            Verdict::CannotCheck(reason) if [Obstacle::NoEngine, Obstacle::Timeout].contains(&reason.obstacle) => {
                Some(reason.what.clone())
            }
            _ => None,
        }
    }

    pub fn is_as_expected(&self) -> bool {
        match (&self.expected, &self.came) {
            (Expected::Right, Verdict::Pass(_)) | (Expected::Wrong(None), Verdict::Fail(_)) => true,
            (Expected::Wrong(Some(says)), Verdict::Fail(_)) => self.diagnosis.as_ref() == Some(says),
            (Expected::Unclear, Verdict::CannotCheck(reason)) => reason.obstacle == Obstacle::Unseen,
            _ => false,
        }
    }

    pub fn is_meant_wrong(&self) -> bool {
        matches!(self.expected, Expected::Wrong(_))
    }

    pub fn is_refused(&self) -> bool {
        matches!(self.came, Verdict::Fail(_))
    }

    /// The verdict in a few words.
    pub fn came(&self) -> String {
        match (&self.came, &self.diagnosis) {
            (Verdict::Pass(_), _) => "it passes".to_owned(),
            (Verdict::Fail(_), Some(diagnosis)) => format!("wrong, {diagnosis}"),
            (Verdict::Fail(_), None) => "wrong, without a diagnosis".to_owned(),
            (Verdict::CannotCheck(reason), _) => format!("cannot check ({})", reason.obstacle.code()),
        }
    }

    pub fn expected(&self) -> String {
        match &self.expected {
            Expected::Right => "right".to_owned(),
            Expected::Wrong(None) => "wrong".to_owned(),
            Expected::Wrong(Some(says)) => format!("wrong, {says}"),
            Expected::Unclear => "unclear".to_owned(),
        }
    }

    pub fn show(&self, report: &mut String) {
        let view = if self.view == View::ByEvents { " (by the engine's events alone)" } else { "" };
        let _ = writeln!(report, "{} · {} · {}{view}", self.place.lab, self.place.step, self.what);
        for line in self.run.lines() {
            let _ = writeln!(report, "    $ {line}");
        }
        if let Some(answer) = &self.answer {
            let _ = writeln!(report, "    answer: {answer}");
        }
        let _ = writeln!(report, "    expected: {}", self.expected());
        let _ = writeln!(report, "    came:     {}", self.came());
        if !self.words.is_empty() {
            let _ = writeln!(report, "    read:     {}", self.words.replace('\n', " "));
        }
    }
}
