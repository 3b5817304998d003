//! Where a learner is.

use super::page::{Page, counted};
use super::theme::Role;
use labrun_engine::Session;
use labrun_store::Mark;

impl Page {
    /// Whom an answer is about; `others` are those whom a name would choose, where none was given.
    #[must_use]
    pub fn named(&self, learner: Option<&str>, others: &[Option<&str>]) -> String {
        let name = |learner: Option<&str>| learner.map_or("no name".to_owned(), |name| format!("as {name}"));
        if others.is_empty() {
            return self.quiet(&name(learner));
        }
        let nameless = if others.contains(&None) { "; start without --as chooses the one without a name" } else { "" };
        let others: Vec<String> = others.iter().map(|other| name(*other)).collect();
        let (whose, others) = (name(learner), others.join(", "));
        self.quiet(&format!("{whose}, which went on last · also open here: {others} · --as NAME chooses{nameless}"))
    }

    /// Where a learner is.
    #[must_use]
    pub fn status(&self, session: &Session) -> String {
        let (lab, progress) = (&session.loaded.lab, &session.progress);
        let mut screen = self.heading_line(&lab.title);
        if let Some(learner) = &session.row.begin.learner {
            screen += &format!("as {learner}\n");
        }
        screen += &self.wrap("", &format!("engine {}", session.row.begin.endpoint));
        let mut part = None;
        for (index, (step, state)) in lab.steps.iter().zip(&progress.steps).enumerate() {
            if lab.part_of(index) != part {
                part = lab.part_of(index);
                screen +=
                    &part.map(|(number, part)| self.wrap("", &format!("\nPart {number}: {part}"))).unwrap_or_default();
            }
            let (role, word) = match state.closed {
                Some(Mark::Pass) => (Role::Good, "done"),
                Some(Mark::Given) => (Role::Good, "given"),
                Some(Mark::Skipped) => (Role::Quiet, "skipped"),
                _ if progress.current() == Some(index) => (Role::Open, "here"),
                _ => (Role::Quiet, "open"),
            };
            let mut notes: Vec<String> = state.lacks.iter().map(|tool| tool.missing().to_owned()).collect();
            if state.fails > 0 {
                notes.push(counted(state.attempts() as u64, "attempt"));
            }
            if state.help.hints > 0 {
                notes.push(counted(state.help.hints as u64, "hint"));
            }
            if state.help.solution {
                notes.push("solution seen".to_owned());
            }
            let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
            let first = format!("  {:>2}  {}  ", index + 1, self.theme.paint(role, &format!("{word:<7}")));
            screen += &self.wrap(&first, &format!("{}{notes}", step.title.text));
        }
        screen
    }
}
