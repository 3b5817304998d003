//! A report on a terminal.

use super::{Report, Run, State, cell, circumstances, counted, standing, took, took_about};
use crate::ui::page::Page;
use crate::ui::theme::Role;
use labrun_engine::report::{Class, LabTotals, Line, StepRun, StepTotals};

/// How many of the steps that hurt are told of.
const MOST_HURT: usize = 5;

impl Page {
    /// One learner's sessions, or a class.
    #[must_use]
    pub fn report(&self, report: &Report) -> String {
        if report.is_of_several() {
            return self.class(&Class::of(&report.runs));
        }
        report.runs.iter().map(|run| self.run(run)).collect::<Vec<_>>().join("\n")
    }

    fn run(&self, run: &Run) -> String {
        let learner = run.learner.as_ref().map(|learner| format!(" · {learner}")).unwrap_or_default();
        let mut screen = self.heading_line(&format!("{}{learner}", run.title));
        screen += &self.wrap_under("", "  ", &standing(run).join(" · "));
        screen += &self.quiet(&circumstances(run).join(" · "));
        screen.push('\n');
        screen += &self.steps(run);
        let totals = LabTotals::of(vec![run]);
        screen + &totals.map(|totals| self.hurt(&totals)).unwrap_or_default()
    }

    fn steps(&self, run: &Run) -> String {
        let mut screen = String::new();
        for (step, number) in run.steps.iter().zip(1..) {
            let role = match step.state {
                State::Passed | State::Given => Role::Good,
                State::Skipped | State::Open => Role::Quiet,
            };
            let word = format!("{:<7}", step.state.word());
            let first = format!("  {number:>2}  {}  ", self.theme.paint(role, &word));
            screen += &self.wrap(&first, &format!("{}{}", step.title, notes(step)));
        }
        screen
    }

    fn class(&self, class: &Class) -> String {
        let lab_count = class.labs.len() as u64;
        let mut screen = self.heading_line(&format!(
            "{}, {}",
            counted(class.learners.len() as u64, "learner"),
            counted(lab_count, "lab")
        ));
        screen.push('\n');
        screen += &self.markdown(&table(class));
        for lab in &class.labs {
            screen.push('\n');
            screen += &self.heading_line(lab.title.as_str());
            // Of one alone there is nothing to count.
            if let [run] = lab.runs.as_slice() {
                let name = run.learner.as_ref().map_or("(no name)", Line::as_str).to_owned();
                let parts: Vec<String> = std::iter::once(name).chain(standing(run)).collect();
                screen += &self.wrap_under("", "  ", &parts.join(" · "));
                screen += &self.steps(run);
                screen += &self.hurt(lab);
                continue;
            }
            let mut parts = vec![format!("{} of {} finished", lab.finished, lab.runs.len())];
            parts.extend(lab.median_seconds.map(took_about));
            screen += &self.wrap_under("", "  ", &parts.join(" · "));
            screen += &self.quiet("Attempts and times are the medians of those who passed.");
            for step in &lab.steps {
                screen += &self.wrap(&format!("  {:>2}  ", step.number), &format!("{}{}", step.title, medians(step)));
            }
            screen += &self.hurt(lab);
        }
        screen
    }

    fn hurt(&self, lab: &LabTotals) -> String {
        let hurt = lab.hurt();
        if hurt.is_empty() {
            return String::new();
        }
        let mut screen = format!("\n{}\n", self.theme.paint(Role::Title, "Where it hurt"));
        for step in hurt.into_iter().take(MOST_HURT) {
            screen += &self.wrap(&format!("  {:>2}  ", step.number), &format!("{}: {}", step.title, pain(step)));
        }
        screen
    }
}

fn notes(step: &StepRun) -> String {
    let mut notes: Vec<String> = step.passed_over.iter().map(ToString::to_string).collect();
    if step.attempts > 1 || step.fails() > 0 {
        notes.push(counted(step.attempts, "attempt"));
    }
    if step.hints > 0 {
        notes.push(counted(step.hints, "hint"));
    }
    notes.extend(step.solution.then(|| "solution seen".to_owned()));
    notes.extend(step.seconds.map(|seconds| took(seconds.into())));
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

fn medians(step: &StepTotals) -> String {
    let mut notes = vec![format!("{} of {} passed", step.count(State::Passed), step.learners())];
    for state in [State::Given, State::Skipped] {
        if step.count(state) > 0 {
            notes.push(format!("{} {}", step.count(state), state.word()));
        }
    }
    let mut medians = Vec::new();
    if let Some(attempts) = step.median_attempts {
        let s = if (attempts - 1.0).abs() < f64::EPSILON { "" } else { "s" };
        medians.push(format!("{attempts} attempt{s}"));
    }
    medians.extend(step.median_seconds.map(took_about));
    let medians = if medians.is_empty() { String::new() } else { format!("; {}", medians.join(", ")) };
    format!(" ({}{medians})", notes.join(", "))
}

/// What was hard about a step: `3 failed attempts, 1 hint; most often wrong-destination`.
pub(super) fn pain(step: &StepTotals) -> String {
    let mut parts = Vec::new();
    if step.fails > 0 {
        parts.push(counted(step.fails, "failed attempt"));
    }
    if step.hints > 0 {
        parts.push(counted(step.hints, "hint"));
    }
    match (step.solutions, step.learners()) {
        (0, _) => {}
        (_, 1) => parts.push("solution seen".to_owned()),
        (seen, _) => parts.push(format!("solution seen by {seen}")),
    }
    match (step.count(State::Skipped), step.learners()) {
        (0, _) => {}
        (_, 1) => parts.push("skipped".to_owned()),
        (skipped, _) => parts.push(format!("skipped by {skipped}")),
    }
    let most = step.diagnoses.iter().take(2).map(|diagnosis| mistake(step, diagnosis));
    let most: Vec<_> = most.collect();
    let most = if most.is_empty() { String::new() } else { format!("; most often {}", most.join(", ")) };
    parts.join(", ") + &most
}

/// A named mistake, and how many made it; of one learner, in how many attempts.
pub(super) fn mistake(step: &StepTotals, (name, learners, attempts): &(&Line, usize, u64)) -> String {
    let count = if step.learners() > 1 { *learners as u64 } else { *attempts };
    format!("{name} ({count})")
}

/// Learners and labs as a Markdown table, which becomes a list where it is too wide.
fn table(class: &Class) -> String {
    let cells = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let labs = class.labs.iter().map(|lab| plain(lab.lab.as_str()));
    let mut table = cells(std::iter::once("learner".to_owned()).chain(labs).collect());
    table += &cells(vec!["---".to_owned(); class.labs.len() + 1]);
    for learner in &class.learners {
        let name = learner.map(Line::as_str).unwrap_or("(no name)");
        let runs = class.labs.iter().map(|lab| class.run(*learner, lab).map(cell).unwrap_or_default());
        table += &cells(std::iter::once(plain(name)).chain(runs).collect());
    }
    table
}

/// Text that Markdown leaves as it is: any of its signs may be escaped.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for ch in text.chars() {
        if ch.is_ascii_punctuation() {
            plain.push('\\');
        }
        plain.push(ch);
    }
    plain
}
