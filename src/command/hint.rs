//! `labrun hint`: one more hint for the current step.

use serde_json::json;

use super::current_step;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Clock;

/// Show one more hint
#[derive(clap::Args, Debug)]
pub struct Hint {}

impl Hint {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let session = app.session_by_name(&store)?;
        super::no_exam(&session, "hint")?;
        let index = current_step(&session)?;
        let (Some(step), Some(state)) = (session.loaded.lab.steps.get(index), session.progress.steps.get(index)) else {
            return Ok(Exit::Bug);
        };
        // After the last one, the last one again: asking for help is never an error.
        let number = state.help.hints.min(step.hints.len().saturating_sub(1));
        let Some(hint) = step.hints.get(number) else {
            return Err(Error::usage("this step has no hints", "labrun solution shows how it is done"));
        };
        let left = step.hints.len() - number - 1;
        if app.ui.json {
            app.ui.say_json(&json!({
                "schema": 1, "lab": session.loaded.lab.id, "as": session.row.begin.learner, "step": step.id,
                "hint": hint.text, "number": number + 1, "hints": step.hints.len(),
            }));
        } else {
            app.ui.say(&app.ui.page().hint(&hint.text, number + 1, left));
        }
        if state.help.hints < step.hints.len() && app.ui.was_shown() {
            store.note_help(session.row.id, &step.id, "hint", Clock { skew: session.row.begin.skew }.now())?;
        }
        Ok(Exit::Done)
    }
}
