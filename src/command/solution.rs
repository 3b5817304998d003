//! `labrun solution [--run]`: how the current step is done; or does it.

use std::time::Instant;

use labrun_graders::evidence::TypedLine;
use serde_json::json;

use super::{check, current_step};
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Clock;
use labrun_engine::{RecorderLock, Solver, recorded};

/// Show the solution of the current step
#[derive(clap::Args, Debug)]
pub struct Solution {
    /// Run it too; the step then counts as given
    #[arg(long)]
    run: bool,
}

impl Solution {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let mut session = app.session_by_name(&store)?;
        super::no_exam(&session, "solution")?;
        let index = current_step(&session)?;
        let Some(step) = session.loaded.lab.steps.get(index) else { return Ok(Exit::Bug) };
        let permission = self.run.then(|| super::trust::may_run(&session.loaded, &store)).transpose()?;
        if app.ui.json && !self.run {
            let lab = &session.loaded.lab;
            app.ui.say_json(&json!({"schema": 1, "lab": lab.id, "as": session.row.begin.learner, "step": step.id, "solution": step.solution.text}));
        } else if !app.ui.json {
            app.ui.say(&app.ui.page().solution(&step.solution.text));
        }
        if self.run || app.ui.was_shown() {
            store.note_help(session.row.id, &step.id, "solution", Clock { skew: session.row.begin.skew }.now())?;
        }
        let Some(permission) = permission else { return Ok(Exit::Done) };
        let began = Instant::now();
        let endpoint = app.endpoint()?;
        // On another engine the lab's names may be anybody's.
        let engine = app.block_on(app.connect_to_change(&session, &endpoint))??;
        let solver = Solver::new(&endpoint, &session.loaded.lab.owns, permission);
        let solver = solver.holding(app.maker_lock(session.row.id)?);
        let running = solver.run(&step.solution.text);
        // In a practice shell somebody listens already.
        let ran = match RecorderLock::take(app.folder()?, session.row.id) {
            Ok(Some(_listening)) => app.block_on(recorded(&mut store, &session, &engine, running))??,
            _ => app.block_on(running)??,
        };
        if !app.ui.json {
            app.ui.say(&app.ui.page().output(&ran.output));
        }
        let given = TypedLine {
            line: step.solution.text.clone(),
            exit_code: ran.exit_code.map_or(-1, i64::from),
            cwd: None,
            at: Clock { skew: session.row.begin.skew }.now(),
            ..TypedLine::default()
        };
        let outcome = check::grade(app, &mut store, &mut session, check::How::Solved(given))?;
        let asked = session.loaded.lab.steps.get(index).filter(|_| outcome.passed().is_empty() && !app.ui.json);
        if let Some(check) = asked.and_then(|step| step.checks.iter().find(|check| check.question().is_some())) {
            app.ui.say(&app.ui.page().left_to_answer(!check.truth_asks().is_empty()));
        }
        Ok(check::show(app, &session, &outcome, began))
    }
}
