//! A report as a sheet, as `labrun report --format csv` makes it, read back; also after a spreadsheet has saved it.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use crate::report::line::Line;
use crate::report::model::{Run, SessionId, State, StepRun};

/// A row of the sheet: one step of one session. Columns that are not here are not read.
#[derive(Deserialize)]
struct Row {
    learner: String,
    lab: String,
    step: String,
    title: String,
    state: State,
    attempts: u32,
    hints: u32,
    #[serde(deserialize_with = "yes_or_no")]
    solution: bool,
    seconds: Option<u32>,
    #[serde(deserialize_with = "yes_or_no")]
    exam: bool,
    session: SessionId,
    started: Timestamp,
}

/// Spreadsheets write TRUE.
fn yes_or_no<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let word = String::deserialize(deserializer)?;
    match word.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(serde::de::Error::custom("it is neither true nor false")),
    }
}

/// What is wrong with a sheet, and in which line.
type Wrong = (Option<usize>, String);

/// The sessions in a sheet of labrun's, in the order of their first rows; `None` for any other text.
///
/// The error has the line, where one is to blame, and what is wrong with it.
pub(super) fn read(text: &str) -> Option<Result<Vec<Run>, Wrong>> {
    let head = text.trim_start().lines().next()?;
    let delimiter = [b',', b';', b'\t'].into_iter().find(|delimiter| {
        let columns: Vec<&str> = head.split(char::from(*delimiter)).map(|column| column.trim_matches('"')).collect();
        ["learner", "lab", "step", "session"].iter().all(|column| columns.contains(column))
    })?;
    // The reader counts a line at its `\n`.
    let text = text.trim_start().replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let mut sessions: BTreeMap<(Line, Line, SessionId), usize> = BTreeMap::new();
    let mut runs: Vec<Run> = Vec::new();
    for row in reader.deserialize::<Row>() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().and_then(|place| usize::try_from(place.line()).ok());
                let what = match error.kind() {
                    csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
                    _ => "its columns do not fit its heading".to_owned(),
                };
                return Some(Err((line, format!("it is no sheet of labrun's: {}", Line::new(&what)))));
            }
        };
        let (learner, lab) = (cell(&row.learner), cell(&row.lab));
        let place = *sessions.entry((learner.clone(), lab.clone(), row.session)).or_insert_with(|| {
            runs.push(run(&row, learner, lab));
            runs.len() - 1
        });
        if let Some(run) = runs.get_mut(place) {
            let seconds = i64::from(row.seconds.unwrap_or_default());
            run.last = run.last.checked_add(seconds.seconds()).unwrap_or(run.last);
            run.steps.push(step(&row));
        }
    }
    let empty = || (None, "it is a sheet of labrun's without a row".to_owned());
    Some(if runs.is_empty() { Err(empty()) } else { Ok(runs) })
}

/// A session without its steps: what a sheet does not say of it is as for most.
fn run(row: &Row, learner: Line, lab: Line) -> Run {
    Run {
        title: lab.clone(),
        lab,
        learner: Some(learner).filter(|learner| !learner.is_empty()),
        session: row.session,
        started: row.started,
        last: row.started,
        reset: false,
        exam: row.exam,
        steps: Vec::new(),
    }
}

fn step(row: &Row) -> StepRun {
    StepRun {
        step: cell(&row.step),
        title: cell(&row.title),
        state: row.state,
        passed_over: None,
        attempts: row.attempts,
        hints: row.hints,
        solution: row.solution,
        seconds: row.seconds,
        diagnoses: BTreeMap::new(),
    }
}

/// A cell without the sign that keeps a spreadsheet from taking it for a formula.
fn cell(text: &str) -> Line {
    let formula = text.strip_prefix('\'').filter(|rest| !rest.starts_with(char::is_alphanumeric));
    Line::new(formula.unwrap_or(text))
}
