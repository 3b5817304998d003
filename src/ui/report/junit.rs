//! A report as JUnit XML: a suite a session, a case a step.

use std::io;

use super::{Report, Run, State, counted};
use crate::ui::junit::{Case, End, Reason, Suite};
use labrun_engine::report::StepRun;

/// The report. What the learner did is a pass; what was made for them or passed over is skipped; what was tried and has
/// not passed is a failure, and in an exam all that has not.
///
/// # Errors
/// Never, as far as the writer knows: it writes to memory.
pub fn junit(report: &Report) -> io::Result<String> {
    let suites: Vec<Suite> = report.runs.iter().map(suite).collect();
    crate::ui::junit::junit(&suites)
}

fn suite(run: &Run) -> Suite {
    let learner = run.learner.as_ref().map(ToString::to_string).unwrap_or_default();
    Suite {
        name: if learner.is_empty() { run.lab.to_string() } else { format!("{} · {learner}", run.lab) },
        package: run.lab.to_string(),
        began: run.started,
        seconds: run.seconds().to_string(),
        properties: vec![
            ("learner", learner),
            ("session", String::from(run.session)),
            ("exam", run.exam.to_string()),
            ("reset", run.reset.to_string()),
        ],
        cases: run.steps.iter().zip(1_usize..).map(|(step, number)| case(run, step, number)).collect(),
    }
}

fn case(run: &Run, step: &StepRun, number: usize) -> Case {
    Case {
        name: format!("{number} {}", step.title),
        class: format!("{}.{}", run.lab, step.step),
        seconds: step.seconds.unwrap_or_default().to_string(),
        end: end(run, step),
    }
}

fn end(run: &Run, step: &StepRun) -> End {
    let failed = |message: String| {
        let most = step.diagnoses.iter().max_by_key(|(_, attempts)| **attempts);
        let kind = most.map_or("not-passed".to_owned(), |(name, _)| name.to_string());
        let said: Vec<_> = step.diagnoses.iter().map(|(name, attempts)| format!("{name}: {attempts}")).collect();
        End::Failed(Reason { kind, message, text: said.join("\n") })
    };
    match step.state {
        State::Passed => End::Passed,
        State::Given => End::Skipped("given: made by the solution or by catching up".to_owned()),
        State::Skipped => End::Skipped(match &step.passed_over {
            Some(why) => format!("passed over: {why}"),
            None => "skipped by the learner".to_owned(),
        }),
        State::Open if step.attempts > 0 => failed(format!("not passed after {}", counted(step.attempts, "attempt"))),
        State::Open if run.exam => failed("not begun".to_owned()),
        State::Open => End::Skipped("open: not begun".to_owned()),
    }
}
