//! `labrun task`: the current task. Bare `labrun`: the same, or the catalogue.

use serde_json::json;

use super::list::List;
use crate::app::App;
use crate::engine::{Session, connect_for};
use crate::error::Error;
use crate::exit::Exit;

/// Show the current task
#[derive(clap::Args, Debug)]
pub struct Task {}

impl Task {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let session = app.session(&app.store()?)?;
        show(app, &session, false, false);
        Ok(Exit::Done)
    }
}

/// Goes on with the current lab; with none, lists the labs.
pub(super) fn resume(app: &App) -> Result<Exit, Error> {
    match app.session_if_any(&app.store()?)? {
        Some(session) => {
            let practises = !app.ui.json && !app.is_in_shell() && app.ui.asks();
            show(app, &session, true, practises);
            if practises {
                let endpoint = app.endpoint()?;
                let engine = app.block_on(connect_for(&session, &endpoint))??;
                super::start::practise(app, session, engine)?;
            }
            Ok(Exit::Done)
        }
        None => List {}.run(app),
    }
}

fn show(app: &App, session: &Session, resumed: bool, practises: bool) {
    let lab = &session.loaded.lab;
    let index = session.progress.current();
    if app.ui.json {
        let step = index.and_then(|index| lab.steps.get(index));
        app.ui.say_json(&json!({
            "schema": 1,
            "lab": lab.id,
            "step": step.map(|step| &step.id),
            "number": index.map(|index| index + 1),
            "steps": lab.steps.len(),
            "title": step.map(|step| &step.title.text),
            "task": step.map(|step| &step.task.text),
            "question": step.and_then(|step| step.checks.iter().find_map(|check| check.question())),
            "hints": step.map(|step| step.hints.len()),
        }));
        return;
    }
    let page = super::start::page(app, practises);
    let mut screen = if resumed { page.resumed(session) + "\n" } else { String::new() };
    screen += &page.task_or_end(session);
    // The shell's first words begin with an empty line.
    let screen = if practises { screen.trim_end().to_owned() + "\n" } else { screen };
    app.ui.say(&screen);
}
