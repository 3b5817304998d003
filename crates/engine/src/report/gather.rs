//! From the store to a report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use labrun_graders::Nanos;
use serde::Deserialize;

use super::line::Line;
use super::model::{Run, SessionId, State, StepRun};
use super::receipt::Receipt;
use crate::{Progress, Session};
use labrun_docker::Clock;
use labrun_lab::load;
use labrun_store::{AttemptRow, Mark, SessionRow, Store, StoreError};

/// The named mistakes of a step that are told apart.
const MOST_DIAGNOSES: usize = 50;

/// What the store knows of a session.
///
/// The steps are those of the lab as it is now, under its own names and not the learner's; where it can no longer be
/// loaded, those that something was recorded of.
///
/// # Errors
/// When the store can't be read.
pub fn gather(store: &Store, row: &SessionRow) -> Result<Run, StoreError> {
    let (attempts, help) = (store.attempts(row.id)?, store.help(row.id)?);
    let lab = load(&row.begin.address, None).ok().map(|loaded| loaded.lab);
    let (title, steps) = match &lab {
        Some(lab) => {
            let steps = lab.steps.iter().map(|step| (step.id.clone(), step.title.text.clone())).collect();
            (lab.title.clone(), steps)
        }
        None => (row.begin.lab.clone(), recorded(&attempts)),
    };
    let ids: Vec<&str> = steps.iter().map(|(id, _)| id.as_str()).collect();
    let mut progress = Progress::of(&ids, row.begin.started, &attempts, &help, &store.signs(row.id)?);
    if let Some(lab) = &lab {
        progress.pass_over(lab);
    }
    let mut run = outline(row, &title, &steps, &progress);
    if !is_exam_under_way(row, &progress) {
        for attempt in attempts.iter().filter(|attempt| attempt.mark == Mark::Fail) {
            if let Some(step) = run.steps.iter_mut().find(|step| step.step.as_str() == attempt.step) {
                note(&mut step.diagnoses, &attempt.report);
            }
        }
    }
    Ok(run)
}

/// The receipt of a session that has been loaded.
#[must_use]
pub fn receipt_of(session: &Session) -> String {
    let steps: Vec<_> = session.loaded.lab.steps.iter().map(|step| (step.id.clone(), String::new())).collect();
    Receipt::of(outline(&session.row, "", &steps, &session.progress)).to_string()
}

/// Everything but the named mistakes.
fn outline(row: &SessionRow, title: &str, steps: &[(String, String)], progress: &Progress) -> Run {
    let begin = &row.begin;
    let learner = begin.learner.as_deref();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let steps = steps.iter().zip(&progress.steps).map(|((id, title), state)| {
        let left = match state.closed {
            Some(Mark::Pass) => State::Passed,
            Some(Mark::Given) => State::Given,
            Some(Mark::Skipped) => State::Skipped,
            Some(Mark::Fail) | None => State::Open,
        };
        StepRun {
            step: Line::new(id),
            title: Line::new(title),
            state: left,
            passed_over: state.lacks.map(|tool| Line::new(tool.missing())),
            attempts: count(state.attempts()),
            hints: count(state.help.hints),
            solution: state.help.solution,
            seconds: state.took.map(|took| u32::try_from(took / 1_000_000_000).unwrap_or(u32::MAX)),
            diagnoses: BTreeMap::new(),
        }
    });
    Run {
        lab: Line::new(&begin.lab),
        title: Line::new(title),
        learner: learner.map(Line::new),
        session: SessionId::of(&begin.engine, &begin.address, learner.unwrap_or_default(), begin.started),
        started: second(begin.started),
        last: second(progress.last),
        reset: row.ended.is_some(),
        exam: row.exam.is_some(),
        steps: steps.collect(),
    }
}

/// An exam gives no reasons while it lasts, and neither does a report of it.
fn is_exam_under_way(row: &SessionRow, progress: &Progress) -> bool {
    let now = Clock { skew: row.begin.skew }.now();
    row.ended.is_none() && progress.current().is_some() && row.exam.is_some_and(|until| now <= until)
}

/// The steps that something was recorded of, in the order in which that began; they have no titles.
fn recorded(attempts: &[AttemptRow]) -> Vec<(String, String)> {
    let mut known = BTreeSet::new();
    let new = attempts.iter().filter(|attempt| known.insert(attempt.step.as_str()));
    new.map(|attempt| (attempt.step.clone(), attempt.step.clone())).collect()
}

/// Counts the named mistakes that an attempt showed: each once, however many checks name it.
fn note(diagnoses: &mut BTreeMap<Line, u32>, report: &str) {
    #[derive(Deserialize)]
    struct Check {
        #[serde(default)]
        diagnosis: Option<Line>,
    }
    let checks: Vec<Check> = serde_json::from_str(report).unwrap_or_default();
    for diagnosis in checks.into_iter().filter_map(|check| check.diagnosis).collect::<BTreeSet<_>>() {
        if diagnoses.len() < MOST_DIAGNOSES || diagnoses.contains_key(&diagnosis) {
            *diagnoses.entry(diagnosis).or_default() += 1;
        }
    }
}

/// A moment to the second: a receipt carries no more.
fn second(at: Nanos) -> Timestamp {
    Timestamp::from_second(at / 1_000_000_000).unwrap_or_default()
}
