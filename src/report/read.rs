//! Reading what learners handed in: JSON reports, and receipts with whatever is around them. Nothing in it is trusted,
//! and what is broken does not hide the rest.

use std::fmt;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::line::Line;
use super::model::Run;
use super::receipt::{MOST_STEPS, Words};
use crate::privilege::place;
use crate::ui::visible::visible;

/// The most that is read of one input, in bytes: a report of two hundred learners is a quarter of it.
pub const MAX_INPUT: u64 = 16 * 1024 * 1024;

/// The version of the JSON reports that is read.
const SCHEMA: u64 = 1;

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, or standard input.
    pub source: Line,
    /// Its line, counted from 1, where there is one to blame.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.source, self.what),
            None => write!(f, "{}: {}", self.source, self.what),
        }
    }
}

/// A session that somebody handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The session.
    pub run: Run,
    /// From a receipt: the fingerprint of its steps, whose ids and titles are not known.
    pub receipt: Option<u32>,
    /// What to call a learner who gave no name.
    pub fallback: Option<Line>,
}

/// What was in some inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The sessions.
    pub found: Vec<Found>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Reading {
    fn problem(&mut self, source: &str, line: Option<usize>, what: impl AsRef<str>) {
        // It may say what stands there instead.
        let what = visible(what.as_ref()).into_owned();
        self.problems.push(Problem { source: Line::new(source), line, what });
    }
}

/// Reads a file into `reading`. Learners in it without a name get the file's.
pub fn read_file(path: &Path, reading: &mut Reading) {
    let source = path.display().to_string();
    match bounded(path) {
        Ok(bytes) => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            read_text(&source, stem.as_deref().unwrap_or(&source), &bytes, reading);
        }
        Err(what) => reading.problem(&source, None, what),
    }
}

/// A regular file of bounded size; or why not.
fn bounded(path: &Path) -> Result<Vec<u8>, String> {
    // The path is named beside it.
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => format!("it cannot be read: {error}"),
    };
    let (path, actor) = place(path);
    let metadata = actor.act(|| std::fs::metadata(&path)).map_err(failed)?;
    if metadata.is_dir() {
        return Err("it is a folder; name the files in it".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is no regular file; what comes from a pipe is read with `-`".to_owned());
    }
    if metadata.len() > MAX_INPUT {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    actor
        .act(|| std::fs::File::open(&path))
        .and_then(|file| file.take(MAX_INPUT + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok(bytes)
}

fn too_large() -> String {
    format!("it has more than {} MiB; no report is that large", MAX_INPUT / 1024 / 1024)
}

/// Reads a text into `reading`: JSON reports one after the other, or receipts. `called` is what learners without a name
/// are called in a report.
pub fn read_text(source: &str, called: &str, bytes: &[u8], reading: &mut Reading) {
    if bytes.len() as u64 > MAX_INPUT {
        return reading.problem(source, None, too_large());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return reading.problem(source, None, "it is no text: neither a report nor receipts");
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        read_reports(source, called, text, reading);
    } else {
        read_receipts(source, text, reading);
    }
}

fn read_receipts(source: &str, text: &str, reading: &mut Reading) {
    let mut is_empty = true;
    for (line, receipt) in Words::of(text) {
        is_empty = false;
        match receipt {
            Ok(receipt) => {
                reading.found.push(Found { run: receipt.run, receipt: Some(receipt.steps), fallback: None });
            }
            Err(error) => reading.problem(source, Some(line), error.to_string()),
        }
    }
    if is_empty {
        let what = if text.trim().is_empty() { "it is empty" } else { "there is neither a report nor a receipt in it" };
        reading.problem(source, None, what);
    }
}

fn read_reports(source: &str, called: &str, text: &str, reading: &mut Reading) {
    #[derive(Deserialize)]
    struct Input {
        sessions: Option<Vec<Run>>,
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Input>();
    let mut number = 0_usize;
    loop {
        let begin = documents.byte_offset();
        let Some(input) = documents.next() else { break };
        number += 1;
        let skipped = text[begin..].len() - text[begin..].trim_start().len();
        let line = || text[..begin + skipped].matches('\n').count() + 1;
        // Its version comes first: another one's fields need not be ours.
        match (schema(&text[begin..]), input) {
            (Some(newer), _) if newer > SCHEMA => {
                let what = format!("a newer labrun wrote it (schema {newer}; this one reads {SCHEMA})");
                reading.problem(source, Some(line()), what);
            }
            (_, Err(error)) => {
                reading.problem(source, Some(error.line()).filter(|line| *line > 0), reason(&error));
                break;
            }
            (_, Ok(Input { sessions: None })) => {
                let what = "it is JSON, but no report; labrun report --format json makes one";
                reading.problem(source, Some(line()), what);
            }
            (_, Ok(Input { sessions: Some(runs) })) => {
                let called = if number == 1 { called.to_owned() } else { format!("{called} {number}") };
                push_runs(source, &Line::new(&called), runs, reading);
            }
        }
    }
}

/// The version that a report says it has.
fn schema(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Head {
        schema: Option<u64>,
    }
    serde_json::Deserializer::from_str(text).into_iter::<Head>().next()?.ok()?.schema
}

/// What is wrong, without the place, which is told beside it.
fn reason(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    format!("it is no report of labrun's: {}", Line::new(what))
}

fn push_runs(source: &str, called: &Line, runs: Vec<Run>, reading: &mut Reading) {
    for mut run in runs {
        if run.steps.is_empty() || run.steps.len() > MOST_STEPS {
            let what = format!("its session {} has {} steps", String::from(run.session), run.steps.len());
            reading.problem(source, None, what);
            continue;
        }
        run.learner = run.learner.filter(|learner| !learner.is_empty());
        reading.found.push(Found { run, receipt: None, fallback: Some(called.clone()) });
    }
}
