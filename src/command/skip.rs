//! `labrun skip`: passes the current step over.

use serde_json::json;

use super::current_step;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Clock;
use labrun_store::{AttemptRow, Mark};

/// Pass the current step over
#[derive(clap::Args, Debug)]
pub struct Skip {}

impl Skip {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let mut session = app.session_by_name(&store)?;
        let index = current_step(&session)?;
        let Some(step) = session.loaded.lab.steps.get(index).map(|step| step.id.clone()) else { return Ok(Exit::Bug) };
        let at = Clock { skew: session.row.begin.skew }.now();
        let attempt = AttemptRow { step: step.clone(), mark: Mark::Skipped, at, since: None, report: "[]".to_owned() };
        store.record(session.row.id, &[attempt], &[])?;
        session.refresh(&store)?;
        if app.ui.json {
            let lab = &session.loaded.lab;
            let next = session.progress.current().and_then(|index| lab.steps.get(index)).map(|step| &step.id);
            app.ui.say_json(
                &json!({"schema": 1, "lab": lab.id, "as": session.row.begin.learner, "skipped": step, "step": next}),
            );
        } else {
            app.ui.say(&app.ui.page().skipped(&session, index));
        }
        Ok(Exit::Done)
    }
}
