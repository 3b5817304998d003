//! A session as somebody sees it who looks on.

use labrun_graders::Verdict;

use super::page::{Page, counted};
use labrun_engine::{Session, StepReport};

impl Page {
    /// The whole session on one screen: how far, the current step, its checks, the last diagnosis.
    #[must_use]
    pub fn watched(&self, session: &Session, report: Option<&StepReport>) -> String {
        let (lab, progress) = (&session.loaded.lab, &session.progress);
        let done = progress.closed();
        let learner = session.row.begin.learner.as_ref().map(|learner| format!(" · {learner}")).unwrap_or_default();
        let mut screen = self.heading_line(&format!("{}{learner}", lab.title));
        screen += &format!("{}  {done} of {}", self.bar(done, lab.steps.len()), lab.steps.len());
        screen += &match progress.hints() {
            0 => String::new(),
            hints => format!(" · {}", counted(hints as u64, "hint")),
        };
        screen += "\n\n";
        let Some(index) = session.current() else { return screen + &self.task_or_end(session) };
        screen += &self.task(session, index);
        if let Some(report) = report.filter(|report| report.index == index && (report.begun() || is_trouble(report))) {
            screen += "\n";
            screen += &self.open_step(session, report);
        }
        if let Some(state) = progress.steps.get(index).filter(|state| state.fails > 0) {
            screen += &self.quiet(&counted(state.attempts() as u64, "attempt"));
        }
        screen
    }

    /// A bar of signs that every terminal has; the numbers beside it say the same.
    fn bar(&self, done: usize, of: usize) -> String {
        let width = (self.width / 3).min(of.max(1) * 2);
        let full = width * done / of.max(1);
        format!("[{}{}]", "#".repeat(full), ".".repeat(width - full))
    }
}

fn is_trouble(report: &StepReport) -> bool {
    matches!(report.verdict, Verdict::CannotCheck(_)) && !report.asks_outright
}
