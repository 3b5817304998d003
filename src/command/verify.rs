//! `labrun verify LAB`: proves a lab on this engine.

mod leftovers;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::trust::may_run;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::file;
use crate::ui::json::lab_report;
use crate::ui::proof::{Stage, Verified, junit};
use labrun_docker::Engine;
use labrun_engine::{Ended, LabReport, Notes, Shell, ToVerify, VerifyOptions};
use labrun_lab::{Permission, Source, catalogue, load};

/// So many ways are gone side by side even on a machine with fewer processors: most of the time each waits.
const LEAST_JOBS: usize = 3;

/// So many digits of the mark are in the names of what a verification makes: 48 random bits.
const OWN_DIGITS: usize = 12;

/// Prove a lab on this engine
#[derive(clap::Args, Debug)]
pub struct Verify {
    /// The labs to prove
    #[arg(required_unless_present_any = ["all", "clean"], add = crate::completion::labs())]
    labs: Vec<String>,
    /// Prove every lab that ships with labrun
    #[arg(long, conflicts_with = "labs")]
    all: bool,
    /// First remove what a verification that was cut off left behind; without a lab, only that
    #[arg(long)]
    clean: bool,
    /// Nothing else uses the engine: also find what the lab touches without owning it
    #[arg(long)]
    exclusive: bool,
    /// Leave the authored mistakes out: they take most of the time
    #[arg(long)]
    no_mistakes: bool,
    /// Prove only this step: its number or its id
    #[arg(long, value_name = "STEP", add = crate::completion::steps_of_lab())]
    step: Option<String>,
    /// Prove each lab so often: a step that passes only sometimes is not proved
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// How many ways through the labs are gone side by side: as many as there are processors, and at least 3; with
    /// --exclusive one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=32))]
    jobs: Option<u16>,
    /// Also type the solutions into the practice shell, and see that they pass there; in bash, if no other is named
    #[arg(long, value_name = "SHELL", num_args = 0..=1, require_equals = true, default_missing_value = "bash",
          value_parser = PossibleValuesParser::new(Shell::NAMES).try_map(|name| name.parse::<Shell>()))]
    in_shell: Option<Shell>,
    /// Also write what was found to this file, as JUnit XML: as far as it came, whatever happens
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Replace the file of --junit even if verify did not write it
    #[arg(long, requires = "junit")]
    force: bool,
}

impl Verify {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        // What a run before has left there is not this one's; and where it can't be written is better known now.
        self.write(app, &[])?;
        let labs = match self.all {
            true => catalogue()?.into_iter().flat_map(|track| track.labs).collect(),
            false => self.labs.clone(),
        };
        let endpoint = app.endpoint()?;
        let mut engine = Engine::connect(&endpoint)?;
        engine.marks = app.marks();
        // The mark of this process is noted before anything carries it, and no other process has it.
        let mark = app.globals.learner.is_none().then(|| engine.marks.own()).transpose()?;
        let own_name = mark.map(|mark| format!("verify-{}", &mark[..OWN_DIGITS]));
        let notes = Notes::new(app.folder()?, app.invoker(), own_name.as_deref());
        let earlier = leftovers::offer(app, &notes, &endpoint, &engine, self.clean)?;
        if labs.is_empty() {
            return Ok(earlier.show(app));
        }
        let stage = app.ui.verify_stage();
        let mut to_verify = Vec::new();
        for lab in labs.iter().flat_map(|lab| std::iter::repeat_n(lab, self.repeat.into())) {
            match Self::to_verify(app, lab, own_name.as_deref(), to_verify.len(), &stage) {
                Ok(lab) => to_verify.push(lab),
                Err(error) => {
                    // Before anything is made: what can't be gone through is better known now.
                    let report = LabReport::unknown(lab);
                    let (began, error_text) = (jiff::Timestamp::now(), Some(error.to_string()));
                    self.write(app, &[Verified { began, report, error: error_text }])?;
                    return Err(error);
                }
            }
        }
        let (mut verified, mut outcome) = (Vec::new(), Ok(()));
        let tell = |lab: Ended| {
            let error = lab.ended.as_ref().err().map(ToString::to_string);
            verified.push(Verified { began: lab.began, report: lab.report, error });
            outcome = self.write(app, &verified).and(lab.ended.map_err(Error::from));
            if outcome.is_ok() {
                stage.next();
            }
            outcome.is_ok()
        };
        app.block_on(labrun_engine::verify_all(to_verify, &endpoint, &engine, &self.options(), &notes, tell))?;
        stage.close();
        if let Err(error) = outcome {
            if notes.is_pending()? {
                app.ui.warn(
                    "not everything could be removed; the next labrun verify lists what is left and offers to remove it",
                );
            }
            return Err(error);
        }
        if app.ui.json {
            let labs: Vec<_> = verified.iter().map(|verified| lab_report(&verified.report)).collect();
            app.ui.say_json(&json!({"schema": 1, "labs": labs, "earlier_left_behind": earlier.json()}));
        }
        Ok(if verified.iter().all(|verified| verified.report.passed) { Exit::Done } else { Exit::NotYet })
    }

    /// A lab as it is to be verified, if its commands may be run.
    fn to_verify(
        app: &App,
        lab: &str,
        own_name: Option<&str>,
        number: usize,
        stage: &Stage,
    ) -> Result<ToVerify<'static>, Error> {
        let learner = match (&app.globals.learner, own_name) {
            (Some(learner), _) => learner.clone(),
            (None, own_name) => {
                let name = format!("{}-{number}", own_name.unwrap_or("verify"));
                name.parse().map_err(|why: String| Error::usage(why, "give one with --as"))?
            }
        };
        let loaded = load(lab, Some(learner.clone()))?;
        let permission = match loaded.source {
            Source::Folder(_) => may_run(&loaded, &app.store()?)?,
            Source::Shipped(_) => Permission::of(&loaded, None)?,
        };
        Ok(ToVerify { loaded, permission, learner, listener: stage.listener(number) })
    }

    fn options(&self) -> VerifyOptions {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        VerifyOptions {
            exclusive: self.exclusive,
            no_mistakes: self.no_mistakes,
            in_shell: self.in_shell,
            step: self.step.clone(),
            jobs: self.jobs.map_or(processors.max(LEAST_JOBS), usize::from),
        }
    }

    /// Writes what is known so far, if it is to be written.
    fn write(&self, app: &App, verified: &[Verified]) -> Result<(), Error> {
        let Some(path) = &self.junit else { return Ok(()) };
        let put = if self.force { file::replace } else { file::replace_ours };
        let written = junit(verified).and_then(|text| put(path, text.as_bytes(), app.invoker()));
        written.map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                let message = format!("{} is not as labrun verify wrote it, so it is not replaced", path.display());
                return Error::usage(message, "name another file for --junit, or add --force to replace this one");
            }
            let message = format!("{} cannot be written: {error}", path.display());
            Error::environment(message, "see that its folder is there and may be written")
        })
    }
}
