//! What a grading came to.

use labrun_graders::{CannotLook, Obstacle, Prediction, Verdict};

use super::page::Page;
use super::theme::Role;
use labrun_engine::{CheckReport, Outcome, Session, StepReport, TYPED_UNSEEN};

impl Page {
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
                    let (heading, done) = (self.heading(session, report.index), self.theme.paint(Role::Good, "done"));
                    screen += &self.wrap_under(&format!("{heading} · {done}: "), "  ", &step.title.text);
                    if session.row.exam.is_some() {
                        screen += "\n";
                        continue;
                    }
                    if let Some(caveat) = &pass.caveat {
                        screen += &self.wrap("  ", &format!("({caveat})"));
                    }
                    for prediction in &report.predictions {
                        screen += &self.prediction(prediction);
                    }
                    if let Some(explain) = &step.explain {
                        screen += &self.markdown(&explain.text);
                    }
                    screen += "\n";
                }
                // After a pass the next step is news: its task comes before anything that is to be said of it.
                verdict if several => {
                    screen += &self.task(session, report.index);
                    let asked = report.asks_outright;
                    if matches!(verdict, Verdict::CannotCheck(reason) if !(asked && is_no_news(reason))) {
                        screen += "\n";
                        screen += &self.open_step(session, report);
                    }
                }
                _ => screen += &self.open_step(session, report),
            }
        }
        let is_over = outcome.finished || outcome.steps.iter().all(|report| report.verdict.is_pass());
        if is_over {
            screen += &self.task_or_end(session);
        }
        screen
    }

    /// A prediction beside what came of it.
    fn prediction(&self, prediction: &Prediction) -> String {
        let predicted = &prediction.predicted;
        if prediction.right {
            return self.wrap("  ", &format!("As you predicted: {predicted}"));
        }
        let mut screen = self.wrap("  ", &format!("You predicted: {predicted}"));
        screen += &self.wrap("  ", &format!("It turned out: {}", prediction.outcome));
        if let Some(why) = &prediction.why {
            screen += &self.wrap("  ", why);
        }
        screen
    }

    /// That a step was closed by another terminal of the same session, and what comes next.
    #[must_use]
    pub fn passed_elsewhere(&self, session: &Session, index: usize) -> String {
        format!("{} · done in another terminal\n\n", self.heading(session, index)) + &self.task_or_end(session)
    }

    /// One line for what was said before and still holds.
    #[must_use]
    pub fn still(&self, session: &Session, report: &StepReport) -> String {
        let still = if report.begun() { "still" } else { "not yet" };
        if session.row.exam.is_some() {
            return format!("Step {}: {still}\n", report.index + 1);
        }
        let seen = report.nearest().map(|feedback| feedback.seen.as_str());
        self.wrap(&format!("Step {}: {still}: ", report.index + 1), seen.unwrap_or_default())
    }

    /// One line for what takes longer to look at than a prompt waits.
    #[must_use]
    pub fn looking(&self, index: usize) -> String {
        self.wrap(&format!("Step {}: ", index + 1), "still looking; Enter shows what was seen")
    }

    pub(super) fn open_step(&self, session: &Session, report: &StepReport) -> String {
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
        // An exam tells that it is not yet right, and not why.
        if session.row.exam.is_some() && matches!(report.verdict, Verdict::Fail(_)) {
            return screen;
        }
        let step = session.loaded.lab.steps.get(report.index);
        let outright = report.asks_outright;
        // What several checks teach alike is read once.
        let mut told = Vec::new();
        let question = step.and_then(|step| step.checks.iter().find_map(|check| check.question()));
        let unseen = matches!(&report.verdict, Verdict::CannotCheck(reason) if is_question(reason));
        let question = question.filter(|_| outright || unseen);
        for check in &report.checks {
            screen += &self.check(check, outright, question, &mut told);
        }
        if let Some(question) = question {
            screen += &self.wrap("  Question: ", question);
            screen += &self.quiet(&self.words(&[("answer TEXT", "answer it")]));
        }
        screen
    }

    /// One check; the question stands below it, and `told` are the explanations that stand above.
    fn check<'a>(
        &self,
        check: &'a CheckReport,
        asks_outright: bool,
        question: Option<&str>,
        told: &mut Vec<&'a str>,
    ) -> String {
        const UNDER: &str = "           ";
        let mut is_news = |text: &'a str| {
            let is_news = !told.contains(&text);
            told.push(text);
            is_news
        };
        let line = |role, word: &str, text: &str| {
            self.wrap(&format!("  {}  ", self.theme.paint(role, &format!("{word:<7}"))), text)
        };
        match &check.verdict {
            Verdict::Pass(_) => line(Role::Good, "ok", &check.wants),
            Verdict::Fail(feedback)
                if !feedback.begun && question.is_some_and(|asked| asked.starts_with(&check.wants)) =>
            {
                line(Role::Open, "open", "your answer to the question")
            }
            Verdict::Fail(feedback) if !feedback.begun => line(Role::Open, "open", &check.wants),
            Verdict::Fail(feedback) => {
                let wants = if feedback.expected.is_empty() { &check.wants } else { &feedback.expected };
                let mut text = line(Role::Open, "not yet", &format!("wanted: {wants}"));
                text += &self.wrap(UNDER, &format!("seen: {}", feedback.seen));
                let sentence = self.as_typed_here(&feedback.sentence);
                if is_news(&feedback.sentence) { text + &self.wrap(UNDER, &sentence) } else { text }
            }
            // Where the question is a part of the task, that nobody listens at the prompt is no news.
            Verdict::CannotCheck(reason) if asks_outright && is_no_news(reason) => {
                line(Role::Open, "open", &check.wants)
            }
            Verdict::CannotCheck(reason) => {
                let mut text = line(Role::Open, "unclear", &check.wants);
                if is_news(&reason.what) {
                    text += &self.wrap(UNDER, &reason.what);
                    text += &self.wrap(UNDER, &format!("try: {}", self.as_typed_here(&reason.remedy)));
                }
                text
            }
        }
    }
}

/// Whether it is only that the learner's answer is wanted.
fn is_question(reason: &CannotLook) -> bool {
    reason.obstacle == Obstacle::Unseen
}

/// Whether it is only that labrun sees no prompt: where the question is a part of the task, that is no news.
fn is_no_news(reason: &CannotLook) -> bool {
    is_question(reason) && reason.what == TYPED_UNSEEN
}
