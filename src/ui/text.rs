//! Screens as text, for any width and with or without colour.

use labrun_graders::Verdict;
use serde_json::{Value, json};
use textwrap::Options;

use super::markdown::{self, Style};
use super::theme::{Role, Theme};
use super::visible::visible;
use crate::engine::{Belonging, CheckReport, Holder, LabReport, Outcome, Removal, Session, StepProof, StepReport};
use crate::lab::Faulty;
use crate::store::Mark;

/// A lab in the catalogue.
#[derive(Clone, Debug)]
pub struct LabLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it usually takes.
    pub minutes: u32,
    /// How many steps it has.
    pub steps: usize,
    /// How many of them have passed.
    pub passed: usize,
    /// All of them are closed.
    pub finished: bool,
    /// A session of it is open.
    pub open: bool,
}

/// A track in the catalogue.
#[derive(Clone, Debug)]
pub struct TrackLines {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its labs.
    pub labs: Vec<LabLine>,
}

impl TrackLines {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let labs: Vec<_> = self
            .labs
            .iter()
            .map(|lab| {
                json!({
                    "lab": lab.id, "title": lab.title, "minutes": lab.minutes, "steps": lab.steps,
                    "passed": lab.passed, "finished": lab.finished, "open": lab.open,
                })
            })
            .collect();
        json!({"track": self.id, "title": self.title, "summary": self.summary, "labs": labs})
    }
}

/// A width and a theme: what screens are laid out for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Colours.
    pub theme: Theme,
}

impl Page {
    /// Lines wrapped to the width, the first one after `first`, the others below its text.
    fn wrap(&self, first: &str, text: &str) -> String {
        let text = visible(text);
        let indent = " ".repeat(console::measure_text_width(first));
        let mut wrapped = String::new();
        for (number, line) in text.lines().enumerate() {
            let initial = if number == 0 { first } else { &indent };
            let options =
                Options::new(self.width).initial_indent(initial).subsequent_indent(&indent).break_words(false);
            for line in textwrap::wrap(line, options) {
                wrapped += line.trim_end();
                wrapped.push('\n');
            }
        }
        wrapped
    }

    /// A text after a coloured word: `error: …`.
    #[must_use]
    pub fn labelled(&self, role: Role, label: &str, text: &str) -> String {
        let first = format!("{}: ", self.theme.paint(role, label));
        self.wrap(&first, text)
    }

    /// A heading of its own.
    #[must_use]
    pub fn title(&self, title: &str) -> String {
        self.theme.paint(Role::Title, &visible(title)) + "\n\n"
    }

    /// Something beside the point.
    #[must_use]
    pub fn quiet(&self, text: &str) -> String {
        self.wrap("", text).lines().map(|line| self.theme.paint(Role::Quiet, line) + "\n").collect()
    }

    /// Markdown of a lab.
    #[must_use]
    pub fn markdown(&self, text: &str) -> String {
        self.indented(text, 2)
    }

    fn indented(&self, text: &str, indent: usize) -> String {
        markdown::render(text, &Style { width: self.width, colour: self.theme.colour, indent })
    }

    /// The tracks and their labs.
    #[must_use]
    pub fn catalogue(&self, tracks: &[TrackLines]) -> String {
        let mut screen = String::new();
        for track in tracks {
            screen += &self.theme.paint(Role::Title, &track.title);
            screen += "\n";
            screen += &self.wrap("", &track.summary);
            screen += "\n";
            for lab in &track.labs {
                let state = match lab {
                    LabLine { finished: true, .. } => self.theme.paint(Role::Good, "finished"),
                    LabLine { open: true, passed, steps, .. } => {
                        self.theme.paint(Role::Open, &format!("{passed} of {steps} done"))
                    }
                    LabLine { passed: 0, steps, .. } => format!("{steps} steps"),
                    LabLine { passed, steps, .. } => format!("{passed} of {steps} done, ended"),
                };
                screen += &self.wrap("  ", &format!("{}  {}", lab.id, lab.title));
                screen += &format!("      {} min · {state}\n", lab.minutes);
            }
        }
        screen + "\nBegin one: labrun start LAB\n"
    }

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

    fn heading(&self, session: &Session, index: usize) -> String {
        format!("Step {} of {}", index + 1, session.loaded.lab.steps.len())
    }

    fn task(&self, session: &Session, index: usize) -> String {
        let lab = &session.loaded.lab;
        let Some(step) = lab.steps.get(index) else { return String::new() };
        let part = lab.part_of(index).map(|(number, part)| format!(" · Part {number}: {part}")).unwrap_or_default();
        let mut screen = self.wrap("", &format!("{}{part}", self.heading(session, index)));
        screen += &self.theme.paint(Role::Title, &visible(&step.title.text));
        screen += "\n\n";
        screen += &self.markdown(&step.task.text);
        if let Some(question) = step.checks.iter().find_map(|check| check.question()) {
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
    fn finished(&self, session: &Session) -> String {
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

    /// What a grading came to: the steps that passed, then the one that is open.
    #[must_use]
    pub fn outcome(&self, session: &Session, outcome: &Outcome) -> String {
        let lab = &session.loaded.lab;
        let mut screen = String::new();
        let several = outcome.steps.len() > 1;
        for report in &outcome.steps {
            let Some(step) = lab.steps.get(report.index) else { continue };
            match &report.verdict {
                Verdict::Pass(pass) => {
                    screen += &self.heading(session, report.index);
                    screen += &format!(" · {}: {}\n", self.theme.paint(Role::Good, "done"), visible(&step.title.text));
                    if let Some(caveat) = &pass.caveat {
                        screen += &self.wrap("  ", &format!("({caveat})"));
                    }
                    if let Some(explain) = &step.explain {
                        screen += &self.markdown(&explain.text);
                    }
                    screen += "\n";
                }
                // After a pass the next step is shown as a task, unless something of it is there already.
                verdict
                    if several && !report.begun() && !matches!(verdict, Verdict::CannotCheck(r) if !is_question(r)) =>
                {
                    screen += &self.task(session, report.index);
                }
                _ => screen += &self.open_step(session, report),
            }
        }
        if outcome.finished {
            screen += &self.finished(session);
        }
        screen
    }

    fn open_step(&self, session: &Session, report: &StepReport) -> String {
        let state = match &report.verdict {
            Verdict::CannotCheck(reason) if is_question(reason) => {
                self.theme.paint(Role::Open, "your answer is needed")
            }
            Verdict::CannotCheck(_) => self.theme.paint(Role::Bad, "could not check"),
            _ if !report.begun() => self.theme.paint(Role::Open, "not begun"),
            _ => self.theme.paint(Role::Open, "not yet"),
        };
        let mut screen = self.heading(session, report.index);
        screen += &format!(" · {state}");
        if report.checks.len() > 1 {
            screen += &format!(" ({} of {})", report.passed(), report.checks.len());
        }
        screen += "\n";
        for check in &report.checks {
            screen += &self.check(check);
        }
        let step = session.loaded.lab.steps.get(report.index);
        let question = step.and_then(|step| step.checks.iter().find_map(|check| check.question()));
        if let Some(question) = question
            && !report.verdict.is_pass()
        {
            screen += &self.wrap("  Question: ", question);
            screen += &self.quiet("labrun answer TEXT: answer it");
        }
        screen
    }

    fn check(&self, check: &CheckReport) -> String {
        const UNDER: &str = "           ";
        let line = |role, word: &str, text: &str| {
            self.wrap(&format!("  {}  ", self.theme.paint(role, &format!("{word:<7}"))), text)
        };
        match &check.verdict {
            Verdict::Pass(_) => line(Role::Good, "ok", &check.wants),
            Verdict::Fail(feedback) if !feedback.begun => line(Role::Open, "open", &check.wants),
            Verdict::Fail(feedback) => {
                let wants = if feedback.expected.is_empty() { &check.wants } else { &feedback.expected };
                let mut text = line(Role::Open, "not yet", &format!("wanted: {wants}"));
                text += &self.wrap(UNDER, &format!("seen: {}", feedback.seen));
                text + &self.wrap(UNDER, &feedback.sentence)
            }
            Verdict::CannotCheck(reason) => {
                let mut text = line(Role::Open, "unclear", &check.wants);
                text += &self.wrap(UNDER, &reason.what);
                text + &self.wrap(UNDER, &format!("try: {}", reason.remedy))
            }
        }
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
        format!("{}\n\n{lines}\n", self.theme.paint(Role::Title, "One way to do it"))
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
        screen += &self.quiet("What it would have made is missing; a later step may need it.");
        screen + "\n" + &self.task_or_end(session)
    }

    /// Where a learner is.
    #[must_use]
    pub fn status(&self, session: &Session) -> String {
        let (lab, progress) = (&session.loaded.lab, &session.progress);
        let mut screen = self.theme.paint(Role::Title, &lab.title);
        screen += "\n";
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
            let mut notes = Vec::new();
            if state.fails > 0 {
                notes.push(format!("tried {}", state.fails));
            }
            if state.help.hints > 0 {
                notes.push(format!("hints {}", state.help.hints));
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

    /// What a reset would remove, and what stands in its way.
    #[must_use]
    pub fn belongings(&self, lab: &str, made: &[Belonging], holders: &[Holder]) -> String {
        if made.is_empty() {
            return self.wrap("", &format!("{lab}: nothing that it made is left."));
        }
        let mut screen = self.wrap("", &format!("{lab} made, and would remove:"));
        for belonging in made {
            screen += &self.wrap("  ", &named(belonging));
        }
        for Holder { volume, container } in holders {
            let text = format!("{container} holds {volume} and is not the lab's; to free it: docker rm -f {container}");
            screen += &self.labelled(Role::Open, "note", &text);
        }
        screen
    }

    /// What a reset did.
    #[must_use]
    pub fn removal(&self, removal: &Removal) -> String {
        let mut screen = String::new();
        if !removal.removed.is_empty() {
            let names: Vec<String> = removal.removed.iter().map(|belonging| belonging.name.clone()).collect();
            screen += &self.wrap("Removed: ", &names.join(", "));
        }
        for (belonging, why) in &removal.failed {
            screen += &self.labelled(Role::Bad, "not removed", &format!("{}: {why}", named(belonging)));
        }
        screen += match removal.failed.is_empty() {
            true => "The lab is ended; what you did stays in your progress.\n",
            false => "The lab goes on. Remove these yourself, or free them, and reset again.\n",
        };
        screen
    }

    /// One step of a verification.
    #[must_use]
    pub fn proof(&self, index: usize, proof: &StepProof) -> String {
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
            parts.push(word(
                all,
                &format!("{refused} mistakes refused"),
                &format!("{refused} of {} mistakes refused", proof.mistakes.len()),
            ));
        }
        let state =
            if proof.holds() { self.theme.paint(Role::Good, "ok  ") } else { self.theme.paint(Role::Bad, "FAIL") };
        let mut text = self.wrap(&format!("  {state}  {:>2}  ", index + 1), &proof.title);
        text += &format!("            {}\n", parts.join(", "));
        for mistake in proof.mistakes.iter().filter(|mistake| !mistake.refused) {
            let said = mistake.diagnosis.as_deref().unwrap_or("no diagnosis");
            text += &self.wrap("            ", &format!("mistake not refused as wanted ({said}): {}", mistake.run));
        }
        if let Some(why) = &proof.why {
            text += &self.wrap("            ", why);
        }
        text
    }

    /// The end of a lab's verification.
    #[must_use]
    pub fn lab_report(&self, report: &LabReport) -> String {
        let proved = report.steps.iter().filter(|step| step.holds()).count();
        let list = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let verdict = if report.passed {
            self.theme.paint(Role::Good, "proved")
        } else {
            self.theme.paint(Role::Bad, "NOT PROVED")
        };
        let mut text = format!("\n{}: {verdict}\n", report.lab);
        text += &self.wrap("  ", &format!("{proved} of {} steps", report.steps_in_lab));
        text += &self.wrap("  ", &format!("left behind: {}", list(&report.left_behind)));
        if !report.foreign_touched.is_empty() {
            text += &self.wrap("  ", &format!("touched without owning it: {}", list(&report.foreign_touched)));
        }
        text
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

/// Whether it is only that the learner's answer is wanted.
fn is_question(reason: &labrun_graders::CannotLook) -> bool {
    reason.obstacle == labrun_graders::Obstacle::Unseen
}

/// A thing with its kind: "volume app-data", "/tmp/dind (1 file)".
fn named(belonging: &Belonging) -> String {
    match belonging.files {
        Some(1) => format!("{} (1 file)", belonging.name),
        Some(files) => format!("{} ({files} files)", belonging.name),
        None => format!("{} {}", belonging.kind.word(), belonging.name),
    }
}
