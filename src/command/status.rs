//! `labrun status`: where am I?

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_lab::Tool;
use labrun_store::Mark;

/// Where am I?
#[derive(clap::Args, Debug)]
pub struct Status {}

impl Status {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let session = app.session(&app.store()?)?;
        if !app.ui.json {
            app.ui.say(&app.ui.page().status(&session));
            return Ok(Exit::Done);
        }
        let (lab, progress) = (&session.loaded.lab, &session.progress);
        let steps: Vec<_> = lab
            .steps
            .iter()
            .zip(&progress.steps)
            .map(|(step, state)| {
                json!({
                    "step": step.id,
                    "state": state.closed.map_or("open", Mark::word),
                    "passed_over": state.lacks.map(Tool::missing),
                    "attempts": state.attempts(),
                    "fails": state.fails,
                    "hints": state.help.hints,
                    "solution": state.help.solution,
                })
            })
            .collect();
        app.ui.say_json(&json!({
            "schema": 1,
            "lab": lab.id,
            "as": session.row.begin.learner,
            "engine": session.row.begin.endpoint,
            "step": session.current().and_then(|index| lab.steps.get(index)).map(|step| &step.id),
            "exam": session.row.exam.is_some(),
            "finished": progress.current().is_none(),
            "passed": progress.count(Mark::Pass),
            "given": progress.count(Mark::Given),
            "skipped": progress.count(Mark::Skipped),
            "hints": progress.hints(),
            "steps": steps,
        }));
        Ok(Exit::Done)
    }
}
