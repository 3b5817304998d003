//! `labrun lint DIR`: every fault of a lab's files, or of all labs below a folder.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::lab::{LoadError, load_dir};

/// For authors: find what is wrong in a lab's files
#[derive(clap::Args, Debug)]
pub struct Lint {
    /// A lab's folder, or one with labs below it
    #[arg(required = true)]
    folders: Vec<PathBuf>,
}

impl Lint {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut exit = Exit::Done;
        let mut reports = Vec::new();
        for folder in &self.folders {
            let labs = labs_below(folder, 3);
            if labs.is_empty() {
                return Err(Error::usage(
                    format!("there is no lab.yaml in or below {}", folder.display()),
                    "give the folder of a lab",
                ));
            }
            for lab in labs {
                let faults = match load_dir(&lab, None) {
                    Ok(loaded) => {
                        if !app.ui.json {
                            app.ui.say(&format!("{}: {} steps, no faults\n", lab.display(), loaded.lab.steps.len()));
                        }
                        Vec::new()
                    }
                    Err(LoadError::Faulty(faulty)) => {
                        exit = Exit::Lab;
                        if !app.ui.json {
                            app.ui.say(&app.ui.page().faults(&faulty));
                        }
                        faulty.faults
                    }
                    Err(error) => return Err(error.into()),
                };
                let faults: Vec<_> = faults
                    .iter()
                    .map(|found| {
                        let (line, column) = found.position();
                        let fault = &found.fault;
                        json!({"code": fault.code, "message": fault.message, "help": fault.help,
                               "file": found.path, "line": line, "column": column})
                    })
                    .collect();
                reports.push(json!({"lab": lab, "faults": faults}));
            }
        }
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "labs": reports}));
        }
        Ok(exit)
    }
}

/// The folders with a lab.yaml, in order of their names.
fn labs_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    if folder.join("lab.yaml").exists() {
        return vec![folder.to_owned()];
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .flatten()
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path())
                .collect()
        })
        .unwrap_or_default();
    folders.sort();
    if depth == 0 { Vec::new() } else { folders.iter().flat_map(|folder| labs_below(folder, depth - 1)).collect() }
}
