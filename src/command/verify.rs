//! `labrun verify LAB`: proves a lab on this engine.

use serde_json::json;

use super::trust::may_run;
use crate::app::App;
use crate::engine::{self, LabReport, VerifyOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::lab::{AsName, Source, catalogue, load};
use crate::probe::Engine;

/// For authors and instructors: prove a lab on this engine
#[derive(clap::Args, Debug)]
pub struct Verify {
    /// The labs to prove
    #[arg(required_unless_present = "all")]
    labs: Vec<String>,
    /// Prove every lab that ships with labrun
    #[arg(long, conflicts_with = "labs")]
    all: bool,
    /// Nothing else uses the engine: also find what the lab touches without owning it
    #[arg(long)]
    exclusive: bool,
    /// Leave the authored mistakes out: they take most of the time
    #[arg(long)]
    no_mistakes: bool,
    /// Prove only this step: its number or its id
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// Prove each lab so often: a step that passes only sometimes is not proved
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// How many ways through a lab are gone side by side; with --exclusive one
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=32))]
    jobs: u16,
}

impl Verify {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let labs =
            if self.all { catalogue()?.into_iter().flat_map(|track| track.labs).collect() } else { self.labs.clone() };
        let endpoint = app.endpoint()?;
        let options = VerifyOptions {
            exclusive: self.exclusive,
            no_mistakes: self.no_mistakes,
            step: self.step.clone(),
            jobs: self.jobs.into(),
        };
        let mut reports = Vec::new();
        for lab in &labs {
            for _ in 0..self.repeat {
                let learner = app.globals.learner.clone().map_or_else(|| own_name(reports.len()), Ok)?;
                let loaded = load(lab, Some(learner.clone()))?;
                if matches!(loaded.source, Source::Folder(_)) {
                    may_run(&loaded, &app.store()?)?;
                }
                let engine = Engine::connect(&endpoint)?;
                let mut listener = app.ui.verify_listener();
                let proved = engine::verify(loaded, &learner, &endpoint, engine, &options, listener.as_mut());
                let proved = app.block_on(proved)?;
                drop(listener);
                reports.push(proved?);
            }
        }
        if app.ui.json {
            let labs: Vec<_> = reports.iter().map(crate::ui::json::lab_report).collect();
            app.ui.say_json(&json!({"schema": 1, "labs": labs}));
        }
        Ok(if reports.iter().all(|report: &LabReport| report.passed) { Exit::Done } else { Exit::NotYet })
    }
}

/// A name that no learner has, and no other verification.
fn own_name(number: usize) -> Result<AsName, Error> {
    let moment = jiff::Timestamp::now().as_millisecond() % 100_000;
    let name = format!("verify-{}-{moment}-{number}", std::process::id());
    name.parse().map_err(|why: String| Error::usage(why, "give one with --as"))
}
