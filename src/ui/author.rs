//! What authors read: faults, and proofs.

use console::measure_text_width;

use super::page::Page;
use super::theme::Role;
use labrun_engine::{LabReport, StepProof};
use labrun_lab::{Faulty, Lab};

impl Page {
    /// One step of a verification.
    #[must_use]
    pub fn proof(&self, proof: &StepProof) -> String {
        if let Some(why) = proof.passed_over {
            let state = self.theme.paint(Role::Quiet, "over");
            let text = self.wrap(&format!("  {state}  {:>2}  ", proof.index + 1), &proof.title);
            return text + &self.wrap("            ", &format!("passed over: {why}"));
        }
        let word = |holds: bool, yes: &str, no: &str| {
            if holds { self.theme.paint(Role::Good, yes) } else { self.theme.paint(Role::Bad, no) }
        };
        let refused = proof.mistakes.iter().filter(|mistake| mistake.refused).count();
        let mut parts = vec![
            word(proof.fails_before, "fails before", "passes before"),
            word(proof.passes_after, "passes after", "fails after"),
            word(proof.repeatable, "repeatable", "not repeatable"),
        ];
        if !proof.mistakes.is_empty() {
            let all = refused == proof.mistakes.len();
            let (count, s) = (proof.mistakes.len(), if proof.mistakes.len() == 1 { "" } else { "s" });
            parts.push(word(
                all,
                &format!("{refused} mistake{s} refused"),
                &format!("{refused} of {count} mistake{s} refused"),
            ));
        }
        match proof.passes_in_shell {
            Some(passes) => parts.push(word(passes, "passes in the practice shell", "fails in the practice shell")),
            None if proof.shell_wanted => parts.push(word(false, "", "not reached in the practice shell")),
            None => {}
        }
        let state =
            if proof.holds() { self.theme.paint(Role::Good, "ok  ") } else { self.theme.paint(Role::Bad, "FAIL") };
        let mut text = self.wrap(&format!("  {state}  {:>2}  ", proof.index + 1), &proof.title);
        text += &self.row("            ", &parts);
        for mistake in proof.mistakes.iter().filter(|mistake| !mistake.refused) {
            let said = mistake.diagnosis.as_deref().unwrap_or("no diagnosis");
            text += &self.wrap("            ", &format!("mistake not refused as wanted ({said}): {}", mistake.run));
        }
        if let Some(why) = &proof.why {
            text += &self.wrap("            ", why);
        }
        text
    }

    /// Parts in a row, as many in a line as there is room for; they may be coloured.
    fn row(&self, indent: &str, parts: &[String]) -> String {
        let mut lines = vec![String::new()];
        for (number, part) in parts.iter().enumerate() {
            let part = if number + 1 < parts.len() { format!("{part},") } else { part.clone() };
            let width = indent.len() + lines.last().map_or(0, |line| measure_text_width(line) + 1);
            match lines.last_mut() {
                Some(line) if line.is_empty() => *line = part,
                Some(line) if width + measure_text_width(&part) <= self.width => *line += &format!(" {part}"),
                _ => lines.push(part),
            }
        }
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    /// The end of a lab's verification.
    #[must_use]
    pub fn lab_report(&self, report: &LabReport) -> String {
        let over = report.passed_over();
        let proved = report.steps.iter().filter(|step| step.holds()).count() - over;
        let list = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let verdict = if report.passed {
            self.theme.paint(Role::Good, "proved")
        } else {
            self.theme.paint(Role::Bad, "NOT PROVED")
        };
        let mut text = format!("\n{}: {verdict}\n", report.lab);
        let over = if over == 0 { String::new() } else { format!(", {over} passed over") };
        text += &self.wrap("  ", &format!("{proved} of {} steps{over}", report.steps_in_lab));
        text += &self.wrap("  ", &format!("left behind: {}", list(&report.left_behind)));
        if !report.foreign_touched.is_empty() {
            text += &self.wrap("  ", &format!("touched without owning it: {}", list(&report.foreign_touched)));
        }
        text
    }

    /// That a lab has been made, and what to do with it.
    #[must_use]
    pub fn new_lab(&self, id: &str, files: &[&str], folder: &str) -> String {
        let mut text = self.wrap("", &format!("The lab {id} is there: {}.", files.join(", ")));
        text += "\n";
        for (command, what) in [
            ("lint --watch", "tells its faults while you write"),
            ("start", "goes through it"),
            ("trust", "lets labrun run its commands, as they are now"),
            ("verify", "proves it on your engine"),
        ] {
            let command = format!("  labrun {command} {folder}");
            text += &format!("{command}\n{}", self.wrap("      ", what));
        }
        text
    }

    /// A step as a learner sees it, and below it what they see later.
    #[must_use]
    pub fn preview(&self, lab: &Lab, index: usize) -> String {
        let Some(step) = lab.steps.get(index) else { return String::new() };
        let mut screen = self.step(lab, index);
        screen += "\n";
        screen += &self.quiet("Later, or when asked for:");
        for (number, hint) in step.hints.iter().enumerate() {
            screen += "\n";
            screen += &self.hint(&hint.text, number + 1, step.hints.len() - number - 1);
        }
        screen += "\n";
        screen += &self.solution(&step.solution.text);
        screen += "\n";
        screen += &self.theme.paint(Role::Title, "What is checked");
        screen += "\n\n";
        screen += &step.checks.iter().map(|check| self.wrap("  - ", &check.wants())).collect::<String>();
        if let Some(explain) = &step.explain {
            screen += &format!("\n{}\n\n", self.theme.paint(Role::Title, "After a pass"));
            screen += &self.markdown(&explain.text);
        }
        screen
    }

    /// The faults of a lab, each beside its words.
    #[must_use]
    pub fn faults(&self, faulty: &Faulty) -> String {
        let mut text: String =
            faulty.faults.iter().map(|fault| fault.render(self.theme.colour, self.width) + "\n\n").collect();
        text += &format!("{faulty}\n");
        text
    }
}
