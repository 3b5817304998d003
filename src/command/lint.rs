//! `labrun lint DIR`: every fault of a lab's files, or of all labs below a folder; once, or after every change.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::front;
use crate::ui::Page;
use labrun_lab::{Faulty, Lab, LabFault, LoadError, closed, has_entry, lint_track, load_dir};

/// Find what is wrong in a lab's files
#[derive(clap::Args, Debug)]
pub struct Lint {
    /// A lab's folder, or one with labs below it
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Look again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Also show this step of the lab as its learners will see it: its number or its id
    #[arg(long, value_name = "STEP", add = crate::completion::steps_of_lab())]
    step: Option<String>,
}

/// What was found in a folder that has a track or a lab.
struct Found {
    folder: PathBuf,
    faults: Vec<LabFault>,
    /// The lab, if there is one without a fault.
    lab: Option<Lab>,
    is_lab: bool,
}

impl Lint {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        if self.watch {
            return self.watch(app);
        }
        let found = self.look()?;
        let page = app.ui.page();
        let step = self.step(&page, &found)?;
        if app.ui.json {
            let told = found.iter().filter(|found| found.is_lab || !found.faults.is_empty());
            let labs: Vec<Value> = told
                .map(
                    |found| json!({"lab": found.folder, "faults": found.faults.iter().map(report).collect::<Vec<_>>()}),
                )
                .collect();
            app.ui.say_json(&json!({"schema": 1, "labs": labs}));
        } else {
            app.ui.say(&(screen(&page, &found) + &step));
        }
        Ok(if found.iter().all(|found| found.faults.is_empty()) { Exit::Done } else { Exit::Lab })
    }

    fn watch(&self, app: &App) -> Result<Exit, Error> {
        if app.ui.json {
            return Err(Error::usage("lint --watch shows a screen and has no report", "lint --json reports once"));
        }
        // What can't be watched is said at once, and not on a screen that waits.
        self.step(&app.ui.page(), &self.look()?)?;
        front::on_change(app, &self.folders, |page| {
            let screen = self.look().and_then(|found| Ok(screen(page, &found) + &self.step(page, &found)?));
            let hint = page.quiet("Looks again when a file changes; Ctrl-C ends it.");
            screen.unwrap_or_else(|error| page.error(&error)) + "\n" + &hint
        })?;
        Ok(Exit::Done)
    }

    /// Looks at all the folders and what is below them.
    fn look(&self) -> Result<Vec<Found>, Error> {
        let mut all = Vec::new();
        for folder in &self.folders {
            let found = folders_below(folder, 3).into_iter().map(look).collect::<Result<Vec<_>, _>>()?;
            if !found.iter().any(|found| found.is_lab) {
                closed(folder)?;
                let message = format!("there is no lab.yaml in or below {}", folder.display());
                return Err(Error::usage(message, "give the folder of a lab"));
            }
            all.extend(found);
        }
        Ok(all)
    }

    /// The step that is to be shown; nothing where there is none, or the lab has faults.
    fn step(&self, page: &Page, found: &[Found]) -> Result<String, Error> {
        let Some(step) = &self.step else { return Ok(String::new()) };
        let mut labs = found.iter().filter(|found| found.is_lab);
        let (Some(found), None) = (labs.next(), labs.next()) else {
            return Err(Error::usage("a step is of one lab, and here are several", "give the folder of one"));
        };
        let Some(lab) = &found.lab else { return Ok(String::new()) };
        let index = lab.step_index(step).ok_or_else(|| {
            let ids: Vec<&str> = lab.steps.iter().map(|step| step.id.as_str()).collect();
            Error::usage(format!("there is no step {step}"), format!("there are: {}", ids.join(", ")))
        })?;
        Ok("\n".to_owned() + &page.preview(lab, index))
    }
}

/// Looks at what is in a folder: a track, a lab, or both.
fn look(folder: PathBuf) -> Result<Found, Error> {
    let mut found = Found { faults: lint_track(&folder)?, lab: None, is_lab: has_entry(&folder, "lab.yaml"), folder };
    if found.is_lab {
        match load_dir(&found.folder, None) {
            Ok(loaded) => found.lab = Some(loaded.lab),
            Err(LoadError::Faulty(faulty)) => found.faults.extend(faulty.faults),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// What was found, folder by folder.
fn screen(page: &Page, found: &[Found]) -> String {
    let mut screen = String::new();
    for found in found {
        if let Some(lab) = &found.lab {
            let (steps, s) = (lab.steps.len(), if lab.steps.len() == 1 { "" } else { "s" });
            screen += &format!("{}: {steps} step{s}, no faults\n", found.folder.display());
        }
        if !found.faults.is_empty() {
            screen += &page.faults(&Faulty { faults: found.faults.clone() });
        }
    }
    screen
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
    if has_entry(folder, "lab.yaml") || has_entry(folder, "track.yaml") {
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
