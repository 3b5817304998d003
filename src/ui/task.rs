//! What a learner reads before and after the work: the task, hints, the solution, the end.

use super::page::Page;
use super::theme::Role;
use super::visible::visible;
use crate::engine::Session;
use crate::store::Mark;

impl Page {
    /// Where a learner was, on coming back.
    #[must_use]
    pub fn resumed(&self, session: &Session) -> String {
        let lab = &session.loaded.lab;
        let done = session.progress.steps.iter().filter(|step| step.closed.is_some()).count();
        let mut screen = self.theme.paint(Role::Title, &lab.title);
        screen += &format!("\n{done} of {} steps done\n", lab.steps.len());
        if session.changed {
            screen += &self.labelled(
                Role::Open,
                "note",
                "this lab has changed since you began it; what you have passed stays passed",
            );
        }
        screen
    }

    /// The current task; or that there is none left.
    #[must_use]
    pub fn task_or_end(&self, session: &Session) -> String {
        match session.progress.current() {
            Some(index) => self.task(session, index),
            None => self.finished(session),
        }
    }

    pub(super) fn heading(&self, session: &Session, index: usize) -> String {
        format!("Step {} of {}", index + 1, session.loaded.lab.steps.len())
    }

    pub(super) fn task(&self, session: &Session, index: usize) -> String {
        let lab = &session.loaded.lab;
        let Some(step) = lab.steps.get(index) else { return String::new() };
        let part = lab.part_of(index).map(|(number, part)| format!(" · Part {number}: {part}")).unwrap_or_default();
        let mut screen = self.wrap("", &format!("{}{part}", self.heading(session, index)));
        screen += &self.theme.paint(Role::Title, &visible(&step.title.text));
        screen += "\n\n";
        screen += &self.markdown(&step.task.text);
        let asked = step.checks.iter().filter(|check| check.asks_outright()).find_map(|check| check.question());
        if let Some(question) = asked {
            screen += "\n";
            screen += &self.wrap("  Question: ", question);
            screen += "\n";
            screen += &self.quiet("labrun answer TEXT: answer it   labrun hint: a nudge");
        } else {
            screen += "\n";
            screen += &self.quiet("labrun check: is it done?   labrun hint: a nudge");
        }
        screen
    }

    /// The end of a lab.
    pub(super) fn finished(&self, session: &Session) -> String {
        let progress = &session.progress;
        let mut parts = vec![format!("{} passed", progress.count(Mark::Pass))];
        for (count, word) in [(progress.count(Mark::Given), "given"), (progress.count(Mark::Skipped), "skipped")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if let Some(minutes) = progress.last_at().map(|at| (at - session.row.begin.started) / 60_000_000_000) {
            parts.push(format!("{} min", minutes.max(1)));
        }
        parts.push(match progress.hints() {
            1 => "1 hint".to_owned(),
            hints => format!("{hints} hints"),
        });
        let mut screen = self.theme.paint(Role::Good, "Lab finished");
        screen += &format!(" · {}\n\n", parts.join(" · "));
        screen += &self.markdown(&session.loaded.lab.wrap_up.text);
        screen += "\n";
        screen += &self.quiet("labrun reset: lists what the lab made, asks, and removes only that");
        screen
    }

    /// A hint, and how many are left.
    #[must_use]
    pub fn hint(&self, hint: &str, number: usize, left: usize) -> String {
        let mut screen = self.theme.paint(Role::Title, &format!("Hint {number}"));
        screen += "\n";
        screen += &self.markdown(hint);
        screen
            + &self.quiet(&match left {
                0 => "That was the last one. labrun solution shows how it is done.".to_owned(),
                1 => "1 hint left".to_owned(),
                left => format!("{left} hints left"),
            })
    }

    /// A solution, set apart so that it copies cleanly.
    #[must_use]
    pub fn solution(&self, solution: &str) -> String {
        let lines: String = solution.trim_end().lines().map(|line| format!("    {}\n", visible(line))).collect();
        format!("{}\n\n{lines}", self.theme.paint(Role::Title, "One way to do it"))
    }

    /// What a command said.
    #[must_use]
    pub fn output(&self, output: &str) -> String {
        output.lines().map(|line| self.theme.paint(Role::Quiet, &format!("    {}", visible(line))) + "\n").collect()
    }

    /// That a step was passed over, and the next task.
    #[must_use]
    pub fn skipped(&self, session: &Session, index: usize) -> String {
        let mut screen = format!("{} · skipped\n", self.heading(session, index));
        screen += &self.quiet("A later step may need what this one makes.");
        screen + "\n" + &self.task_or_end(session)
    }
}
