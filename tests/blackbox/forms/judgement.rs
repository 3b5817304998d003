//! What became of a row, beside what was expected; and the report of all.

use std::fmt::Write as _;
use std::time::Duration;

use labrun::engine::StepReport;
use labrun_graders::{Obstacle, Verdict};

use super::table::Expected;

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
        matches!(&self.came, Verdict::CannotCheck(reason) if reason.obstacle == Obstacle::Gap)
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

    fn is_meant_wrong(&self) -> bool {
        matches!(self.expected, Expected::Wrong(_))
    }

    fn is_refused(&self) -> bool {
        matches!(self.came, Verdict::Fail(_))
    }

    /// The verdict in a few words.
    fn came(&self) -> String {
        match (&self.came, &self.diagnosis) {
            (Verdict::Pass(_), _) => "it passes".to_owned(),
            (Verdict::Fail(_), Some(diagnosis)) => format!("wrong, {diagnosis}"),
            (Verdict::Fail(_), None) => "wrong, without a diagnosis".to_owned(),
            (Verdict::CannotCheck(reason), _) => format!("cannot check ({})", reason.obstacle.code()),
        }
    }

    fn expected(&self) -> String {
        match &self.expected {
            Expected::Right => "right".to_owned(),
            Expected::Wrong(None) => "wrong".to_owned(),
            Expected::Wrong(Some(says)) => format!("wrong, {says}"),
            Expected::Unclear => "unclear".to_owned(),
        }
    }

    fn show(&self, report: &mut String) {
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

/// What all rows came to.
#[derive(Debug, Default)]
pub struct Report {
    pub judged: Vec<Judged>,
    /// What kept rows from being judged: where, and why.
    pub trouble: Vec<(String, String)>,
    /// Why a step's state was built again, and where.
    pub rebuilt: Vec<(String, String)>,
    /// How often the engine had to be brought back.
    pub revived: u64,
}

impl Report {
    fn faults(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.is_as_expected())
    }

    pub fn is_faultless(&self) -> bool {
        self.trouble.is_empty() && self.faults().next().is_none()
    }

    /// Every false verdict, by lab and step, and the counts.
    pub fn show(&mut self, took: Duration) -> String {
        self.judged.sort_by(|a, b| a.place.cmp(&b.place).then((a.view as u8).cmp(&(b.view as u8))));
        self.trouble.sort();
        self.rebuilt.sort();
        let mut report = String::new();
        for judged in self.faults() {
            judged.show(&mut report);
            report.push('\n');
        }
        for (place, why) in &self.trouble {
            let _ = writeln!(report, "{place}: not judged: {why}\n");
        }
        report + &self.counts(took)
    }

    fn counts(&self, took: Duration) -> String {
        let of = |is: &dyn Fn(&Judged) -> bool| self.judged.iter().filter(|judged| is(judged)).count();
        // A row counts once, and that nothing was done is none.
        let rows = |is: &dyn Fn(&Judged) -> bool| of(&|row| row.view == View::Recorded && row.place.row > 0 && is(row));
        let (right, wrong) = (rows(&|row| row.expected == Expected::Right), rows(&Judged::is_meant_wrong));
        let unclear = rows(&|row| row.expected == Expected::Unclear);
        let passes = of(&|row| row.expected != Expected::Right && row.came.is_pass());
        let refusals = of(&|row| !row.is_meant_wrong() && !row.came.is_pass() && !row.is_as_expected());
        let other = of(&|row| row.is_meant_wrong() && row.is_refused() && !row.is_as_expected());
        let unjudged = of(&|row| row.is_meant_wrong() && !row.is_refused() && !row.came.is_pass());
        let refused = rows(&|row| row.is_meant_wrong() && row.is_refused());
        let unnamed = rows(&|row| row.is_meant_wrong() && row.is_refused() && row.diagnosis.is_none());
        let late = of(&|row| row.is_late);
        let share = (unnamed * 100 + refused / 2).checked_div(refused).unwrap_or_default();
        let all = right + wrong + unclear;
        let minutes = took.as_secs_f64() / 60.0;
        let mut text = String::new();
        let _ = writeln!(text, "rows: {all} ({right} right, {wrong} wrong, {unclear} unclear)");
        let _ = writeln!(
            text,
            "false passes: {passes}; false refusals: {refusals}; another diagnosis: {other}; wrong and not judged: {unjudged}"
        );
        let _ = writeln!(text, "wrong rows refused without a diagnosis: {unnamed} of {refused} ({share} %)");
        let _ = writeln!(
            text,
            "states built again: {}; told late: {late}; engine brought back: {}; not judged: {}",
            self.rebuilt.len(),
            self.revived,
            self.trouble.len()
        );
        let _ = writeln!(text, "time: {} s, {:.0} rows a minute", took.as_secs(), all as f64 / minutes.max(0.001));
        text
    }

    /// One line a verdict, for `grep` and `sort`; why states were built again.
    pub fn lines(&self) -> String {
        let mut lines = String::new();
        for row in &self.judged {
            let is_false = if row.is_as_expected() { "" } else { "FALSE" };
            let fields = [
                &row.place.lab,
                &row.place.step,
                &format!("{:?}", row.view),
                &row.what,
                &row.expected(),
                &row.came(),
                is_false,
                &row.words.replace(['\n', '\t'], " "),
            ];
            let _ = writeln!(lines, "{}", fields.join("\t"));
        }
        for (place, why) in &self.rebuilt {
            let _ = writeln!(lines, "rebuilt\t{place}\t{why}");
        }
        lines
    }
}
