//! The report of all rows: every false verdict, by lab and step, and the counts.

use std::fmt::Write as _;
use std::time::Duration;

use super::judgement::{Judged, View};
use super::share::Share;
use super::table::{Expected, Unnamed};

/// The share of rows, one in so many, that may come to what is expected only when they are tried alone.
const MOST_UNSTEADY: usize = 50;

/// So many wrong rows tell something of the share that has a diagnosis.
const ENOUGH: usize = 200;

/// What all rows came to.
#[derive(Debug, Default)]
pub struct Report {
    pub judged: Vec<Judged>,
    /// What kept rows from being judged: where, and why.
    pub trouble: Vec<(String, String)>,
    /// Why a step's state was built again, and where.
    pub rebuilt: Vec<(String, String)>,
    /// Rows that came to something else beside others on a busy engine, and to what is expected alone.
    pub unsteady: Vec<Judged>,
    /// How often the engine had to be brought back.
    pub revived: u64,
}

impl Report {
    fn faults(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| !judged.is_as_expected())
    }

    /// Of the wrong rows that were refused and have a mistake to name: how many have a diagnosis, and how many there are.
    fn named(&self) -> (usize, usize) {
        let is_row = |row: &&Judged| row.view == View::Recorded && row.place.row > 0;
        let refused = || self.judged.iter().filter(is_row).filter(|row| row.is_meant_wrong() && row.is_refused());
        let named = refused().filter(|row| row.diagnosis.is_some()).count();
        let nameable = refused().filter(|row| row.diagnosis.is_some() || row.unnamed.is_none()).count();
        (named, nameable)
    }

    /// Whether enough mistakes have a name: one in twenty may have none.
    fn is_named(&self) -> bool {
        let (named, nameable) = self.named();
        nameable < ENOUGH || (nameable - named) * 20 <= nameable
    }

    pub fn is_faultless(&self) -> bool {
        let steady = self.unsteady.len() * MOST_UNSTEADY <= self.judged.len().max(MOST_UNSTEADY);
        steady && self.is_named() && self.trouble.is_empty() && self.faults().next().is_none()
    }

    /// The rows that did not come to what is expected, each from a state built for it. A false pass is not among them: a
    /// wrong state must never pass, however busy the engine is.
    pub fn to_try_again(&self, shares: &[Share]) -> Vec<Share> {
        let is_false = |lab: &str, step: &str, what: &str| {
            let is_it = |row: &&Judged| row.place.lab == lab && row.place.step == step && row.what == what;
            let named = format!("{lab} · {step} · {what}");
            self.faults().filter(is_it).any(|row| !row.came.is_pass())
                || self.trouble.iter().any(|(at, _)| *at == named)
        };
        let mut again = Vec::new();
        for share in shares {
            let mut share = share.clone();
            let lab = share.lab.clone();
            share.steps.retain_mut(|table| {
                let idle = is_false(&lab, &table.step, super::trial::IDLE);
                table.rows.retain(|row| is_false(&lab, &table.step, &row.what));
                table.rows.iter_mut().for_each(|row| row.fresh = true);
                idle || !table.rows.is_empty()
            });
            if !share.steps.is_empty() {
                again.push(share);
            }
        }
        again
    }

    /// Takes over what rows came to that were tried again.
    pub fn settle(&mut self, again: Self) {
        let is_same = |one: &Judged, other: &Judged| {
            (&one.place.lab, &one.place.step, &one.what, one.view as u8)
                == (&other.place.lab, &other.place.step, &other.what, other.view as u8)
        };
        for judged in again.judged {
            let named = format!("{} · {} · {}", judged.place.lab, judged.place.step, judged.what);
            self.trouble.retain(|(at, _)| *at != named);
            match self.judged.iter_mut().find(|row| is_same(row, &judged)) {
                // That it passed where it must not stays.
                Some(row) if !row.is_as_expected() && row.came.is_pass() => {}
                Some(row) => {
                    let place = row.place.clone();
                    let first = std::mem::replace(row, Judged { place, ..judged });
                    if !first.is_as_expected() && row.is_as_expected() {
                        self.unsteady.push(first);
                    }
                }
                None => self.judged.push(judged),
            }
        }
        self.trouble.extend(again.trouble);
        self.rebuilt.extend(again.rebuilt);
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
        for judged in &self.unsteady {
            report += "beside others, not when it was tried again alone: ";
            judged.show(&mut report);
            report.push('\n');
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
        let late = of(&|row| row.is_late);
        let (named, nameable) = self.named();
        let without = |why| rows(&|row| row.is_refused() && row.diagnosis.is_none() && row.unnamed == Some(why));
        let (half, mention, unseen) = (without(Unnamed::Half), without(Unnamed::Mention), without(Unnamed::Unseen));
        let all = right + wrong + unclear;
        let minutes = took.as_secs_f64() / 60.0;
        let mut text = String::new();
        let _ = writeln!(text, "rows: {all} ({right} right, {wrong} wrong, {unclear} unclear)");
        let _ = writeln!(
            text,
            "false passes: {passes}; false refusals: {refusals}; another diagnosis: {other}; wrong and not judged: {unjudged}"
        );
        let _ = writeln!(
            text,
            "wrong rows refused: {refused}; with a mistake to name: {nameable}; named: {named} ({} %)",
            (named * 100).checked_div(nameable).unwrap_or(100)
        );
        let _ =
            writeln!(text, "without a mistake to name: {half} half done, {mention} only mentioned, {unseen} unseen");
        let _ = writeln!(
            text,
            "states built again: {}; told late: {late}; as expected only alone: {}; engine brought back: {}; not judged: {}",
            self.rebuilt.len(),
            self.unsteady.len(),
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

mod tests {
    use labrun_graders::{CannotLook, Obstacle, Pass, Verdict};

    use super::super::judgement::Place;
    use super::super::table::{Row, StepTable};
    use super::*;

    fn came(what: &str, expected: Expected, came: Verdict) -> Judged {
        let place = Place { lab: "a-lab".to_owned(), index: 0, step: "a-step".to_owned(), row: 1 };
        let (what, run, words) = (what.to_owned(), "true".to_owned(), String::new());
        let diagnosis = None;
        Judged {
            place,
            view: View::Recorded,
            what,
            run,
            answer: None,
            expected,
            unnamed: None,
            came,
            diagnosis,
            words,
            is_late: false,
        }
    }

    fn share(rows: &[&str]) -> Share {
        let row = |what: &&str| Row {
            what: (*what).to_owned(),
            run: "true".to_owned(),
            answer: None,
            expected: Expected::Right,
            by_events: None,
            unnamed: None,
            fresh: false,
        };
        let rows = rows.iter().map(row).collect();
        let step = "a-step".to_owned();
        let table = StepTable { step, index: 0, evidence: false, by_line: false, restore: String::new(), rows };
        Share { lab: "a-lab".to_owned(), steps: vec![table] }
    }

    fn pass() -> Verdict {
        Verdict::Pass(Pass::default())
    }

    fn gap() -> Verdict {
        Verdict::CannotCheck(CannotLook::new(Obstacle::Gap, "it is forgotten", "try it again"))
    }

    #[test]
    fn a_false_pass_stays_false_and_a_late_verdict_is_tried_again() {
        let first = vec![came("late", Expected::Right, gap()), came("passes", Expected::Wrong(None), pass())];
        let mut report = Report { judged: first, ..Report::default() };
        let again = report.to_try_again(&[share(&["late", "passes", "fine"])]);
        let rows: Vec<_> = again.iter().flat_map(|share| &share.steps).flat_map(|table| &table.rows).collect();
        assert!(rows.len() == 1 && rows[0].what == "late" && rows[0].fresh, "{rows:?}");
        report.settle(Report { judged: vec![came("late", Expected::Right, pass())], ..Report::default() });
        assert_eq!(report.unsteady.len(), 1);
        assert!(!report.is_faultless(), "a wrong state passed");
        report.judged.retain(|row| row.what == "late");
        assert!(report.is_faultless());
        report.unsteady.extend(report.unsteady.clone());
        assert!(!report.is_faultless(), "two of one row are too many");
    }

    #[test]
    fn one_mistake_in_twenty_may_have_no_name() {
        let fail = || Verdict::Fail(labrun_graders::Feedback::wrong("", "", ""));
        let row = |diagnosis: Option<&str>, unnamed| Judged {
            diagnosis: diagnosis.map(str::to_owned),
            unnamed,
            ..came("wrong", Expected::Wrong(None), fail())
        };
        let mut judged = vec![row(Some("name-mistyped"), None); 190];
        judged.extend(vec![row(None, None); 10]);
        judged.extend(vec![row(None, Some(Unnamed::Mention)); 100]);
        let mut report = Report { judged, ..Report::default() };
        assert_eq!((report.named(), report.is_faultless()), ((190, 200), true));
        report.judged.push(row(None, None));
        assert!(!report.is_faultless());
    }

    #[test]
    fn what_is_wrong_twice_is_wrong() {
        let mut report = Report { judged: vec![came("late", Expected::Right, gap())], ..Report::default() };
        report.settle(Report { judged: vec![came("late", Expected::Right, gap())], ..Report::default() });
        assert!(report.unsteady.is_empty() && !report.is_faultless());
    }
}
