//! `labrun lint DIR`: every fault of a lab's files, or of all labs below a folder.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::lab::{Faulty, LabFault, LoadError, lint_track, load_dir};

/// For authors: find what is wrong in a lab's files
#[derive(clap::Args, Debug)]
pub struct Lint {
    /// A lab's folder, or one with labs below it
    #[arg(required = true)]
    folders: Vec<PathBuf>,
}

impl Lint {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut reports = Vec::new();
        let mut found_any = false;
        for folder in &self.folders {
            let folders = folders_below(folder, 3);
            if !folders.iter().any(|folder| folder.join("lab.yaml").exists()) {
                let message = format!("there is no lab.yaml in or below {}", folder.display());
                return Err(Error::usage(message, "give the folder of a lab"));
            }
            for folder in folders {
                let faults = look(app, &folder)?;
                found_any |= !faults.is_empty();
                if folder.join("lab.yaml").exists() || !faults.is_empty() {
                    reports.push(json!({"lab": folder, "faults": faults.iter().map(report).collect::<Vec<_>>()}));
                }
            }
        }
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "labs": reports}));
        }
        Ok(if found_any { Exit::Lab } else { Exit::Done })
    }
}

/// The faults of what is in a folder: a track, a lab, or neither. Shows them as they are found.
fn look(app: &App, folder: &Path) -> Result<Vec<LabFault>, Error> {
    let mut faults = lint_track(folder)?;
    if folder.join("lab.yaml").exists() {
        match load_dir(folder, None) {
            Ok(loaded) if !app.ui.json => {
                let steps = loaded.lab.steps.len();
                let s = if steps == 1 { "" } else { "s" };
                app.ui.say(&format!("{}: {steps} step{s}, no faults\n", folder.display()));
            }
            Ok(_) => {}
            Err(LoadError::Faulty(faulty)) => faults.extend(faulty.faults),
            Err(error) => return Err(error.into()),
        }
    }
    if !faults.is_empty() && !app.ui.json {
        app.ui.say(&app.ui.page().faults(&Faulty { faults: faults.clone() }));
    }
    Ok(faults)
}

fn report(found: &LabFault) -> Value {
    let (line, column) = found.position();
    let fault = &found.fault;
    json!({
        "code": fault.code, "message": fault.message, "help": fault.help,
        "file": found.path, "line": line, "column": column,
    })
}

/// The folder and those below it with a lab.yaml or a track.yaml, in order of their names.
fn folders_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if folder.join("lab.yaml").exists() || folder.join("track.yaml").exists() {
        found.push(folder.to_owned());
    }
    if depth > 0 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
        folders.sort();
        found.extend(folders.iter().flat_map(|folder| folders_below(folder, depth - 1)));
    }
    found
}
