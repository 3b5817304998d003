//! `labrun report`: what a learner or a class did, in the form that is asked for.

mod sessions;

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::file::{self, There};
use crate::ui::report as forms;
use labrun_engine::report::Receipt;

/// Report what you did, or what a class did
#[derive(clap::Args, Debug)]
pub struct Report {
    /// Only this lab
    #[arg(add = crate::completion::labs())]
    lab: Option<String>,
    /// The form; without it, what the ending of FILE says, or text
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to this file; what was there stays until the report is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace FILE without asking, if it has something in it
    #[arg(long, requires = "output")]
    force: bool,
    /// What you are called in it, if not as `--as` says
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// One line for each lab, to be pasted where an instructor collects them
    #[arg(long, conflicts_with = "format")]
    receipt: bool,
    /// Everybody whose progress is kept here, as a class
    #[arg(long, conflicts_with = "name")]
    all: bool,
    /// Join the reports and receipts in these files to a class; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["all", "name", "receipt"])]
    merge: Vec<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For `--merge` and scripts.
    Json,
    /// For what shows test results.
    Junit,
    /// For a spreadsheet.
    Csv,
    /// One page, for a browser or for paper.
    Html,
}

impl Report {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let format = self.format(app)?;
        if self.receipt {
            return self.receipts(app);
        }
        let (report, problems, notes) =
            if self.merge.is_empty() { (self.own(app)?, vec![], vec![]) } else { self.merged(app)? };
        let text = match format {
            Format::Text if self.output.is_some() => app.ui.page_of_file().report(&report),
            Format::Text => app.ui.page().report(&report),
            Format::Json => format!("{}\n", forms::json(&report, &problems, &notes)),
            Format::Junit => forms::junit(&report).map_err(not_made)?,
            Format::Csv => labrun_engine::report::csv(&report).map_err(not_made)?,
            Format::Html => forms::html(&report).map_err(not_made)?,
        };
        let put = self.put(app, &text)?;
        Ok(if problems.is_empty() { put } else { Exit::NotYet })
    }

    /// What is asked for, or what the file's name says.
    fn format(&self, app: &App) -> Result<Format, Error> {
        if app.globals.json {
            return match self.format {
                None | Some(Format::Json) => Ok(Format::Json),
                Some(_) => Err(Error::usage("--json and --format ask for two forms", "leave one of them out")),
            };
        }
        let ending = self.output.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
        let by_ending = match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Format::Json,
            Some("xml") => Format::Junit,
            Some("csv") => Format::Csv,
            Some("html" | "htm") => Format::Html,
            _ => Format::Text,
        };
        Ok(self.format.unwrap_or(by_ending))
    }

    /// Of each lab and learner the newest session's receipt.
    fn receipts(&self, app: &App) -> Result<Exit, Error> {
        let report = self.own(app)?;
        let mut newest = std::collections::BTreeMap::new();
        for run in report.runs {
            let known = newest.entry((run.learner.clone(), run.lab.clone())).or_insert_with(|| run.clone());
            if known.started <= run.started {
                *known = run;
            }
        }
        let receipts: Vec<Receipt> = newest.into_values().map(Receipt::of).collect();
        let text: String = if app.ui.json {
            let receipts: Vec<_> = receipts
                .iter()
                .map(|receipt| {
                    let run = &receipt.run;
                    json!({"lab": run.lab, "learner": run.learner, "session": run.session, "receipt": receipt.to_string()})
                })
                .collect();
            format!("{}\n", json!({"schema": 1, "receipts": receipts}))
        } else {
            receipts.iter().map(|receipt| format!("{receipt}\n")).collect()
        };
        self.put(app, &text)
    }

    /// To standard output, or into the file.
    fn put(&self, app: &App, text: &str) -> Result<Exit, Error> {
        let Some(path) = self.output.as_deref().filter(|path| path.as_os_str() != "-") else {
            app.ui.say(text);
            return Ok(Exit::Done);
        };
        let put = |over: bool| {
            let write = if over { file::replace } else { file::create };
            write(path, text.as_bytes(), app.invoker())
        };
        let taken = || {
            let message =
                format!("{} already has something in it, and labrun does not replace it unasked", path.display());
            Error::usage(message, "name another file, or add --force to replace this one")
        };
        let put = match file::there(path) {
            There::Content if !self.force => {
                if app.ui.json || !app.ui.asks() {
                    return Err(taken());
                }
                if !app.ui.confirm(&format!("{} already has something in it. Replace it?", path.display())) {
                    app.ui.say(&format!("{} is unchanged.\n", path.display()));
                    return Ok(Exit::NotYet);
                }
                put(true)
            }
            // Another program may make it in the meantime.
            There::Nothing if !self.force => put(false),
            There::Content | There::NoContent | There::Nothing => put(true),
        };
        put.map(|()| Exit::Done).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => Error::environment(
                format!("{} cannot be written: {error}", path.display()),
                "see that its folder is there and may be written; what was in it is unchanged",
            ),
        })
    }
}

fn not_made(error: impl std::fmt::Display) -> Error {
    Error::environment(format!("the report could not be made: {error}"), "this is a bug; another --format may do")
}
