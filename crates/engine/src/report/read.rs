//! Reading what learners handed in: JSON reports, sheets, and receipts with whatever is around them. Nothing in it is
//! trusted, and what is broken does not hide the rest.

mod documents;
mod sheet;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::line::Line;
use super::model::Run;
use super::receipt::{MOST_STEPS, Words};
use labrun_lab::visible::visible;
use labrun_process::sudo::place;

/// The most that is read of one input, in bytes: a report of two hundred learners is a quarter of it.
pub const MAX_INPUT: u64 = 16 * 1024 * 1024;

/// A place in what was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or standard input.
    pub source: Line,
    /// Its line, counted from 1, where there is one to name.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}", self.source),
            None => write!(f, "{}", self.source),
        }
    }
}

/// Something that could not be read, or not with certainty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A session that a learner handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The session.
    pub run: Run,
    /// From a receipt: the fingerprint of its steps, whose ids and titles are not known.
    pub receipt: Option<u32>,
    /// What to call a learner who gave no name.
    pub fallback: Option<Line>,
    /// Where it was handed in. All sessions of one report have the same place, and one name in it is one learner.
    pub place: Place,
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
        // It may quote what it found instead.
        let what = visible(what.as_ref()).into_owned();
        self.problems.push(Problem { place: Place { source: Line::new(source), line }, what });
    }

    /// Adds the sessions of one report.
    fn push(&mut self, place: &Place, called: &Line, runs: Vec<Run>) {
        for mut run in runs {
            if run.steps.is_empty() || run.steps.len() > MOST_STEPS {
                let what = format!("its session {} has {} steps", String::from(run.session), run.steps.len());
                self.problems.push(Problem { place: place.clone(), what });
                continue;
            }
            run.learner = run.learner.filter(|learner| !learner.is_empty());
            self.found.push(Found { run, receipt: None, fallback: Some(called.clone()), place: place.clone() });
        }
    }
}

/// Reads files into `reading`, each once. Learners in one without a name get the file's; where two files share it, with
/// the folders that tell them apart.
pub fn read_files<'a>(paths: impl IntoIterator<Item = &'a PathBuf>, reading: &mut Reading) {
    let mut known = BTreeSet::new();
    let is_new = |path: &&PathBuf| known.insert(std::fs::canonicalize(path).unwrap_or_else(|_| (*path).clone()));
    let paths: Vec<&PathBuf> = paths.into_iter().filter(is_new).collect();
    for (path, called) in paths.iter().zip(names(&paths)) {
        let source = path.display().to_string();
        match bounded(path) {
            Ok(bytes) => read_text(&source, &called, &bytes, reading),
            Err(what) => reading.problem(&source, None, what),
        }
    }
}

/// For each file a name that no other one has: without its ending, and with as many folders as that takes.
fn names(paths: &[&PathBuf]) -> Vec<String> {
    let name = |path: &Path, folders: usize| {
        let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let above = &parts[..parts.len().saturating_sub(1)];
        let above = &above[above.len().saturating_sub(folders)..];
        above.iter().cloned().chain([stem]).collect::<Vec<_>>().join("/")
    };
    let deepest = paths.iter().map(|path| path.components().count()).max().unwrap_or_default();
    let mut names: Vec<String> = paths.iter().map(|path| name(path, 0)).collect();
    for folders in 1..=deepest {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        names.iter().for_each(|name| *count.entry(name.clone()).or_default() += 1);
        for (place, path) in paths.iter().enumerate().filter(|(place, _)| count[&names[*place]] > 1).collect::<Vec<_>>()
        {
            names[place] = name(path, folders);
        }
    }
    names
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

/// Reads a text into `reading`: JSON reports, a sheet, receipts, and any text around them. `called` is the name of learners
/// who have none in a report.
pub fn read_text(source: &str, called: &str, bytes: &[u8], reading: &mut Reading) {
    if bytes.len() as u64 > MAX_INPUT {
        return reading.problem(source, None, too_large());
    }
    let text::Text { text, lossy } = match text::decode(bytes) {
        Ok(text) => text,
        Err(what) => return reading.problem(source, None, what),
    };
    if lossy {
        let line = text.find('\u{fffd}').map(|at| documents::line_of(&text, at));
        reading.problem(source, line, "some letters are not UTF-8; the rest is read");
    }
    if let Some(runs) = sheet::read(&text) {
        let place = Place { source: Line::new(source), line: None };
        return match runs {
            Ok(runs) => reading.push(&place, &Line::new(called), runs),
            Err((line, what)) => reading.problem(source, line, what),
        };
    }
    let before = (reading.found.len(), reading.problems.len());
    let rest = documents::read(source, called, &text, reading);
    for (line, receipt) in Words::of(&rest.text) {
        match receipt {
            Ok(receipt) => {
                let place = Place { source: Line::new(source), line: Some(line) };
                reading.found.push(Found { run: receipt.run, receipt: Some(receipt.steps), fallback: None, place });
            }
            Err(error) => reading.problem(source, Some(line), error.to_string()),
        }
    }
    if (reading.found.len(), reading.problems.len() - usize::from(lossy)) == (before.0, before.1 - usize::from(lossy)) {
        let (line, what) = rest.trouble.unwrap_or_else(|| (None, nothing_in(&text)));
        reading.problem(source, line, what);
    }
}

/// Why a text has nothing to join.
fn nothing_in(text: &str) -> String {
    let start: String = text.trim_start().chars().take(20).collect::<String>().to_ascii_lowercase();
    let kind = match start.as_str() {
        "" => return "it is empty".to_owned(),
        start if start.starts_with("<!doctype html") || start.starts_with("<html") => "a page for a browser",
        start if start.starts_with("<?xml") || start.starts_with("<test") => "XML",
        start if start.starts_with("{\\rtf") => "a document of a word processor",
        _ => return "there is neither a report nor a receipt in it".to_owned(),
    };
    format!("it is {kind}, and there is no receipt in it; labrun report --format json makes a report to join")
}

#[cfg(test)]
mod tests;
