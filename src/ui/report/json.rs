//! A report as JSON: what `report --merge` reads.

use serde_json::{Value, json};

use super::{Problem, Report, Run, State};
use crate::ui::json::SCHEMA;
use labrun_engine::report::{Class, LabTotals, StepTotals};

/// The report; of a class also its totals, the problems in what was handed in, and the notes on it.
#[must_use]
pub fn json(report: &Report, problems: &[Problem], notes: &[String]) -> Value {
    let sessions: Vec<_> = report.runs.iter().map(session).collect();
    let mut value = json!({"schema": SCHEMA, "made": report.made, "class": report.class, "sessions": sessions});
    if let Some(object) = value.as_object_mut().filter(|_| report.class) {
        let labs: Vec<_> = Class::of(&report.runs).labs.iter().map(lab).collect();
        object.insert("labs".to_owned(), json!(labs));
        let problems: Vec<_> = problems
            .iter()
            .map(|problem| json!({"source": problem.place.source, "line": problem.place.line, "what": problem.what}))
            .collect();
        object.insert("problems".to_owned(), json!(problems));
        object.insert("notes".to_owned(), json!(notes));
    }
    value
}

fn session(run: &Run) -> Value {
    json!({
        "lab": run.lab, "title": run.title, "learner": run.learner, "session": run.session,
        "started": run.started, "last": run.last, "reset": run.reset, "exam": run.exam,
        "finished": run.is_finished(), "passed": run.count(State::Passed), "given": run.count(State::Given),
        "skipped": run.count(State::Skipped), "open": run.count(State::Open), "hints": run.hints(),
        "seconds": run.seconds(), "steps": run.steps,
    })
}

fn lab(lab: &LabTotals) -> Value {
    json!({
        "lab": lab.lab, "title": lab.title, "learners": lab.runs.len(), "finished": lab.finished,
        "median_seconds": lab.median_seconds, "steps": lab.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(step: &StepTotals) -> Value {
    let diagnoses = step
        .diagnoses
        .iter()
        .map(|(name, learners, attempts)| json!({"diagnosis": name, "learners": learners, "attempts": attempts}));
    json!({
        "step": step.step, "title": step.title, "passed": step.count(State::Passed),
        "given": step.count(State::Given), "skipped": step.count(State::Skipped), "open": step.count(State::Open),
        "median_attempts": step.median_attempts, "median_seconds": step.median_seconds, "fails": step.fails,
        "hints": step.hints, "solutions": step.solutions, "diagnoses": diagnoses.collect::<Vec<_>>(),
    })
}
