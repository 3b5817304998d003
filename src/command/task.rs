//! `labrun task`: the current task. Bare `labrun`: the same, or the catalogue.

use serde_json::json;

use super::list::List;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::json::passed_over;
use labrun_engine::{Session, all_open, changes};

/// Show the current task
#[derive(clap::Args, Debug)]
pub struct Task {}

impl Task {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let session = app.session_by_name(&app.store()?)?;
        show(app, &session);
        Ok(Exit::Done)
    }
}

/// Goes on with the current lab; with none, lists the labs.
pub(crate) fn resume(app: &App) -> Result<Exit, Error> {
    let mut store = app.store()?;
    let Some(session) = app.session_if_any(&store)? else {
        return List {}.run(app);
    };
    if app.ui.json || app.is_in_shell() {
        app.name_learner(&store, &session)?;
        show(app, &session);
        return Ok(Exit::Done);
    }
    let engine = app.block_on(app.engine_for(&session))?;
    let changes = app.block_on(changes(&mut store, &session, &engine))??;
    let practises = engine.is_ok() && app.ui.asks();
    app.name_learner(&store, &session)?;
    let page = super::start::page(app, practises);
    let mut others = all_open(&store, app.globals.learner.as_ref().filter(|_| app.is_named()))?;
    others.retain(|other| other.row.id != session.row.id);
    let screen = page.resumed(&session, &changes) + &page.also_begun(&others) + "\n" + &page.task_or_end(&session);
    app.ui.say(&super::start::before_shell(&screen));
    if let (Ok(engine), true) = (engine, practises) {
        super::start::practise(app, session, engine)?;
    }
    Ok(Exit::Done)
}

fn show(app: &App, session: &Session) {
    let lab = &session.loaded.lab;
    let index = session.current();
    if !app.ui.json {
        app.ui.say(&app.ui.page().task_or_end(session));
        return;
    }
    let step = index.and_then(|index| lab.steps.get(index));
    app.ui.say_json(&json!({
        "schema": 1,
        "lab": lab.id,
        "as": session.row.begin.learner,
        "step": step.map(|step| &step.id),
        "number": index.map(|index| index + 1),
        "steps": lab.steps.len(),
        "title": step.map(|step| &step.title.text),
        "task": step.map(|step| &step.task.text),
        "question": step.and_then(|step| step.checks.iter().find_map(|check| check.question())),
        "hints": step.map(|step| step.hints.len()),
        "passed_over": passed_over(session),
    }));
}
