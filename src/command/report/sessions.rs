//! Which sessions a report is about: those in the store, or those that were handed in.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Report;
use crate::context::App;
use crate::error::Error;
use labrun_engine::report::{self, Line, MAX_INPUT, Place, Problem, Reading, gather, merge, read_files, read_text};
use labrun_lab::load;
use labrun_store::SessionRow;

impl Report {
    /// What the store knows of one learner, or of everybody.
    pub(super) fn own(&self, app: &App) -> Result<report::Report, Error> {
        let store = app.store()?;
        let rows = self.rows(app, store.sessions()?)?;
        let mut runs = rows.iter().rev().map(|row| gather(&store, row)).collect::<Result<Vec<_>, _>>()?;
        if self.all {
            runs.sort_by(|one, other| (&one.learner, &one.lab).cmp(&(&other.learner, &other.lab)));
        }
        if let Some(name) = self.name.as_deref().map(Line::new).filter(|name| !name.is_empty()) {
            runs.iter_mut().for_each(|run| run.learner = Some(name.clone()));
        }
        Ok(report::Report { made: now(), class: self.all, runs })
    }

    /// The sessions to report, newest first.
    fn rows(&self, app: &App, mut rows: Vec<SessionRow>) -> Result<Vec<SessionRow>, Error> {
        if !self.all {
            // The learner who went on last asks, unless another one is named or the practice shell is another one's.
            let last = rows.first().and_then(|row| row.begin.learner.clone());
            let learner =
                if app.knows_learner() { app.globals.learner.as_ref().map(ToString::to_string) } else { last };
            rows.retain(|row| row.begin.learner == learner);
        }
        if let Some(lab) = &self.lab {
            let folder = std::fs::canonicalize(lab).ok();
            let folder = folder.as_deref().and_then(Path::to_str);
            rows.retain(|row| {
                [Some(lab.as_str()), folder].contains(&Some(row.begin.address.as_str())) || row.begin.lab == *lab
            });
            if rows.is_empty() {
                // A name that is no lab's gets the nearest one that is.
                load(lab, None)?;
                return Err(Error::usage(format!("{lab} has not been started"), format!("labrun start {lab}")));
            }
        }
        if rows.is_empty() {
            let whose = app.globals.learner.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
            return Err(Error::usage(format!("no lab has been started{whose}"), "labrun list shows the labs"));
        }
        Ok(rows)
    }

    /// What was handed in, the problems with it, and the notes on it.
    pub(super) fn merged(&self, app: &App) -> Result<(report::Report, Vec<Problem>, Vec<String>), Error> {
        let mut reading = Reading::default();
        let is_input = |path: &&PathBuf| path.as_os_str() == "-";
        if self.merge.iter().any(|path| is_input(&path)) {
            read_input(app, &mut reading);
        }
        read_files(self.merge.iter().filter(|path| !is_input(path)), &mut reading);
        let Reading { found, problems } = reading;
        for problem in &problems {
            app.ui.warn(&problem.to_string());
        }
        if found.is_empty() {
            return Err(Error::usage(
                "there is nothing to join: no report and no receipt could be read",
                "labrun report --format json --output FILE makes a report, labrun report --receipt a receipt",
            ));
        }
        let merged = merge(found, self.lab.as_deref(), now());
        for note in &merged.notes {
            app.ui.warn(note);
        }
        match &self.lab {
            Some(lab) if merged.report.runs.is_empty() => {
                Err(Error::usage(format!("nothing of {lab} was handed in"), "leave the lab out to see all"))
            }
            _ => Ok((merged.report, problems, merged.notes)),
        }
    }
}

/// Standard input, up to the most that is read.
fn read_input(app: &App, reading: &mut Reading) {
    const SOURCE: &str = "standard input";
    if app.ui.asks() {
        app.ui.prompt("Paste the receipts, then press Enter and Ctrl-D.\n");
    }
    match app.ui.read_all(MAX_INPUT + 1) {
        Ok(bytes) => read_text(SOURCE, "stdin", &bytes, reading),
        Err(error) => reading.problems.push(Problem {
            place: Place { source: Line::new(SOURCE), line: None },
            what: format!("it cannot be read: {error}"),
        }),
    }
}

fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
