//! The report of all rows: every false verdict, by lab and step, and the counts.

use std::fmt::Write as _;
use std::time::Duration;

use super::judgement::{Judged, View};
use super::table::Expected;

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
