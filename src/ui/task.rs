//! What a learner reads before and after the work: the task, hints, the solution, the end.

use std::ops::Range;

use labrun_graders::CannotLook;

use super::page::{Page, counted};
use super::theme::Role;
use labrun_engine::report::receipt_of;
use labrun_engine::{Change, Difference, Halt, Session};
use labrun_lab::visible::visible;
use labrun_lab::{Lab, Next, next_in_track};
use labrun_store::Mark;

impl Page {
    /// What is being made for a learner.
    #[must_use]
    pub fn making(&self, index: usize, title: &str) -> String {
        self.wrap(&format!("  made {:>2}  ", index + 1), title)
    }

    /// That the state in which a step begins is there, and the current task.
    #[must_use]
    pub fn caught_up(&self, session: &Session, index: usize) -> String {
        let mut screen = format!("Everything is as step {} finds it.\n\n", index + 1);
        if session.progress.current() != Some(index) {
            screen += &self.quiet("What you have passed stays passed.");
        }
        screen + &self.task_or_end(session)
    }

    /// Where a learner was, on coming back, and what has changed since; or why that is not known.
    #[must_use]
    pub fn resumed(&self, session: &Session, changes: &Result<Vec<Change>, CannotLook>) -> String {
        let lab = &session.loaded.lab;
        let done = session.progress.closed();
        let mut screen = self.heading_line(&lab.title);
        screen += &format!("{done} of {} steps done\n", lab.steps.len());
        if session.changed {
            screen += &self.labelled(
                Role::Open,
                "note",
                "this lab has changed since you began it; what you have passed stays passed",
            );
        }
        match changes {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => screen += &self.wrap("Since then: ", &changed(changes)),
            Err(reason) => {
                screen += &self.labelled(Role::Bad, "could not look", &reason.what);
                screen += &self.labelled(Role::Quiet, "try", &reason.remedy);
            }
        }
        screen
    }

    /// What else is begun, and how to go on with that: from outside, since a practice shell is of one lab.
    #[must_use]
    pub fn also_begun(&self, others: &[Session]) -> String {
        let word = Self { in_shell: false, ..*self }.word();
        let told = others.iter().map(|other| {
            let learner = other.row.begin.learner.as_ref().map(|name| format!(" --as {name}")).unwrap_or_default();
            let far = format!("{} of {} done", other.progress.closed(), other.loaded.lab.steps.len());
            let how = format!("{word} start {}{learner}", other.loaded.source.argument());
            self.wrap_under("Also begun: ", "  ", &format!("{} ({far}); {how} goes on with it", other.loaded.lab.title))
        });
        told.collect()
    }

    /// The current task; or that there is none left.
    #[must_use]
    pub fn task_or_end(&self, session: &Session) -> String {
        match (session.progress.current(), session.halt()) {
            (None, _) | (_, Some(Halt::TimeIsUp)) => self.finished(session),
            (Some(index), Some(Halt::Waits)) => self.waits(session, index),
            (Some(index), None) => self.task(session, index),
        }
    }

    /// That a part is done, and the room waits.
    pub(super) fn waits(&self, session: &Session, next: usize) -> String {
        let lab = &session.loaded.lab;
        let part = next.checked_sub(1).and_then(|last| lab.part_of(last));
        let done = part.map(|(number, part)| format!("Part {number} is done: {part}.")).unwrap_or_default();
        let mut screen = self.theme.paint(Role::Good, &visible(&done));
        screen += "\n\n";
        screen + &self.quiet(&format!("The next part begins with: {} start {}", self.word(), lab.id))
    }

    pub(super) fn heading(&self, session: &Session, index: usize) -> String {
        heading(&session.loaded.lab, index)
    }

    /// The current task, below the steps just before it that were passed over.
    pub(super) fn task(&self, session: &Session, index: usize) -> String {
        let lacks = |index: &usize| session.progress.steps.get(*index).and_then(|state| state.lacks);
        let first = (0..index).rev().take_while(|before| lacks(before).is_some()).last().unwrap_or(index);
        self.passed_over(session, first..index) + &self.step(&session.loaded.lab, index)
    }

    /// Which of these steps were passed over, and why: a line each.
    fn passed_over(&self, session: &Session, steps: Range<usize>) -> String {
        let mut screen = String::new();
        for index in steps {
            let lacks = session.progress.steps.get(index).and_then(|state| state.lacks);
            if let (Some(tool), Some(step)) = (lacks, session.loaded.lab.steps.get(index)) {
                let why = format!("passed over: {}. It was: {}", tool.missing(), step.title.text);
                screen += &self.wrap_under(&format!("{} · ", self.heading(session, index)), "  ", &why);
            }
        }
        if screen.is_empty() { screen } else { screen + "\n" }
    }

    /// A task as a learner reads it.
    pub(super) fn step(&self, lab: &Lab, index: usize) -> String {
        let Some(step) = lab.steps.get(index) else { return String::new() };
        let part = lab.part_of(index).map(|(number, part)| format!(" · Part {number}: {part}")).unwrap_or_default();
        let mut screen = self.wrap("", &format!("{}{part}", heading(lab, index)));
        screen += &self.title(&step.title.text);
        screen += &self.markdown(&step.task.text);
        let asked = step.checks.iter().filter(|check| check.asks_outright()).find_map(|check| check.question());
        if let Some(question) = asked {
            screen += "\n";
            screen += &self.wrap("  Question: ", question);
            screen += "\n";
            screen += &self.quiet(&self.words(&[("answer TEXT", "answer it"), ("hint", "a nudge")]));
        } else {
            screen += "\n";
            // In the practice shell everything is checked, and the first screen has said so.
            if !self.in_shell {
                screen += &self.quiet(&self.words(&[("check", "is it done?"), ("hint", "a nudge")]));
            }
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
        parts.push(format!("{} min", (progress.took() / 60_000_000_000).max(1)));
        parts.push(counted(progress.hints() as u64, "hint"));
        let title = match (session.row.exam, progress.current()) {
            (Some(_), Some(_)) => "Exam over: the time is up",
            (Some(_), None) => "Exam over",
            (None, _) => "Lab finished",
        };
        let title = format!("{} · ", self.theme.paint(Role::Good, title));
        let mut screen = self.wrap_under(&title, "  ", &parts.join(" · ")) + "\n";
        screen += &self.passed_over(session, 0..progress.steps.len());
        screen += &self.markdown(&session.loaded.lab.wrap_up.text);
        screen += "\n";
        match next_in_track(&session.loaded.source) {
            Some(Next::Lab { id, minutes }) => {
                screen += &self.wrap("", &format!("Next: labrun start {id} ({minutes} min)"));
            }
            Some(Next::EndOfTrack(track)) => screen += &self.wrap("", &format!("This was the last lab of {track}.")),
            None => {}
        }
        screen += &self.quiet(&self.words(&[("reset", "lists what the lab made, asks, and removes only that")]));
        // Not wrapped: it is one line, wherever it is pasted.
        screen += &self.quiet("Asked for a receipt? Copy this line:");
        screen + &self.theme.paint(Role::Quiet, &receipt_of(session)) + "\n"
    }

    /// The word that commands begin with here.
    fn word(&self) -> &'static str {
        match (self.in_shell, self.by_sudo) {
            (true, _) => "lab",
            (false, true) => "sudo labrun",
            (false, false) => "labrun",
        }
    }

    /// A text with labrun's commands as they are typed here: `lab catchup 2` in a practice shell.
    pub(super) fn as_typed_here(&self, text: &str) -> String {
        const TYPED: [&str; 6] = ["answer", "catchup", "check", "hint", "reset", "skip"];
        TYPED.iter().fold(text.to_owned(), |text, command| {
            text.replace(&format!("labrun {command}"), &format!("{} {command}", self.word()))
        })
    }

    /// Commands and what they are for, in a line.
    pub(super) fn words(&self, words: &[(&str, &str)]) -> String {
        let words: Vec<String> =
            words.iter().map(|(command, what)| format!("{} {command}: {what}", self.word())).collect();
        words.join("   ")
    }

    /// What is to be known in a practice shell.
    #[must_use]
    pub fn shell_begins(&self) -> String {
        let mut screen = String::from("\n");
        screen += &self.wrap("", "Use docker as usual; each command is checked for you.");
        screen + &self.quiet("lab hint: a nudge   lab: this task again   exit: leave, nothing lost")
    }

    /// What is to be known on leaving one.
    #[must_use]
    pub fn shell_ends(&self, session: &Session) -> String {
        let done = session.progress.closed();
        let (steps, word) = (session.loaded.lab.steps.len(), self.word());
        let goes_on = if done < steps { format!(" {word} goes on with it.") } else { String::new() };
        let text = format!("{done} of {steps} steps done, and kept.{goes_on}");
        self.wrap("", &text)
    }

    /// A hint, and how many are left.
    #[must_use]
    pub fn hint(&self, hint: &str, number: usize, left: usize) -> String {
        let mut screen = self.theme.paint(Role::Title, &format!("Hint {number}"));
        screen += "\n";
        screen += &self.markdown(hint);
        screen
            + &self.quiet(&match left {
                0 => format!("That was the last one. {} solution shows how it is done.", self.word()),
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

    /// Every command of a lab that labrun would run, step by step.
    #[must_use]
    pub fn commands(&self, lab: &Lab) -> String {
        let block =
            |text: &str| text.trim_end().lines().map(|line| format!("    {}\n", visible(line))).collect::<String>();
        let mut screen = self.title(&lab.title);
        for step in &lab.steps {
            screen += &format!("{}\n{}", self.theme.paint(Role::Title, &visible(&step.id)), block(&step.solution.text));
            for mistake in &step.mistakes {
                screen += &self.quiet("and, to see it refused:");
                screen += &block(&mistake.run.text);
            }
        }
        screen + "\n"
    }

    /// What a command said.
    #[must_use]
    pub fn output(&self, output: &str) -> String {
        output.lines().map(|line| self.theme.paint(Role::Quiet, &format!("    {}", visible(line))) + "\n").collect()
    }

    /// That a solution was run and the step still asks; what it printed may hold the answer.
    #[must_use]
    pub fn left_to_answer(&self, in_output: bool) -> String {
        let text = match in_output {
            true => {
                "What it printed above holds the answer to the step's question. Read it there, and give it yourself:"
            }
            false => "That was all there is to do; the step's question is left to you. Give your answer:",
        };
        format!("\n{}", self.wrap("", &format!("{text} {} answer TEXT", self.word()))) + "\n"
    }

    /// That a step was passed over, and the next task.
    #[must_use]
    pub fn skipped(&self, session: &Session, index: usize) -> String {
        let mut screen = format!("{} · skipped\n", self.heading(session, index));
        screen += &self.quiet("A later step may need what this one makes.");
        screen + "\n" + &self.task_or_end(session)
    }
}

fn heading(lab: &Lab, index: usize) -> String {
    format!("Step {} of {}", index + 1, lab.steps.len())
}

/// "writer-1 has stopped; volume app-data is gone".
fn changed(changes: &[Change]) -> String {
    let parts = changes.iter().map(|change| match change.difference {
        Difference::Stopped => format!("{} has stopped", change.name),
        Difference::Gone => format!("{} {} is gone", change.kind.word(), change.name),
    });
    parts.collect::<Vec<_>>().join("; ")
}
