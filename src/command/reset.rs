//! `labrun reset`: lists what the lab made, asks, removes it, and ends the session.

use serde_json::json;

use super::doubts;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Clock;
use labrun_engine::{Belonging, Removal, Session, current_of, find, made, remove};
use labrun_lab::load;
use labrun_store::Store;

/// Remove what the lab made, and end it
#[derive(clap::Args, Debug)]
pub struct Reset {
    /// The lab, where it is not the current one
    #[arg(add = crate::completion::labs())]
    lab: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// End the lab and remove nothing: for when its engine is gone
    #[arg(long, conflicts_with = "yes")]
    forget: bool,
}

impl Reset {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let session = match &self.lab {
            Some(lab) => begun(app, &store, lab)?,
            None => app.session(&store)?,
        };
        app.name_learner(&store, &session)?;
        if self.forget {
            return forget(app, &mut store, &session);
        }
        let endpoint = app.endpoint()?;
        let engine = app.block_on(app.connect_to_change(&session, &endpoint))??;
        let _lock = app.maker_lock(session.row.id)?;
        let (made, holders) = app.block_on(made(&session, &store, &engine))??;
        let page = app.ui.page();
        if !app.ui.json {
            app.ui.say(&page.belongings(&session.loaded.lab.title, &made, &holders));
        }
        if !made.is_empty() && !self.yes {
            if app.ui.json || !app.ui.asks() {
                return Err(Error::usage("nobody can be asked whether to remove these", "labrun reset --yes"));
            }
            if !app.ui.confirm("Remove these and end the lab?") {
                app.ui.say("Nothing was removed.\n");
                return Ok(Exit::NotYet);
            }
        }
        let (made, kept) = doubts::settle(app, made);
        let baseline = session.baseline()?;
        let removal = app.block_on(remove(made, &baseline, &engine))?;
        let ended = removal.failed.is_empty();
        if ended {
            store.end(session.row.id, engine.clock.now())?;
        }
        if app.ui.json {
            app.ui.say_json(&report(&session, &removal, ended));
        } else {
            app.ui.say(&page.removal(&removal, &holders, &kept));
        }
        Ok(if ended { Exit::Done } else { Exit::Environment })
    }
}

/// The session of a lab that is named.
fn begun(app: &App, store: &Store, lab: &str) -> Result<Session, Error> {
    let learner = app.globals.learner.as_ref();
    let session = match app.knows_learner() {
        true => find(store, load(lab, learner.cloned())?, learner)?.ok(),
        false => current_of(store, lab, learner)?,
    };
    session.ok_or_else(|| {
        let whose = learner.map(|name| format!(" as {name}")).unwrap_or_default();
        Error::usage(format!("{lab} has not been begun{whose}"), "labrun list shows what is begun")
    })
}

fn forget(app: &App, store: &mut Store, session: &Session) -> Result<Exit, Error> {
    store.end(session.row.id, Clock { skew: session.row.begin.skew }.now())?;
    if app.ui.json {
        app.ui.say_json(&report(session, &Removal::default(), true));
    } else {
        app.ui.say("The lab is ended. What it made was left where it is.\n");
    }
    Ok(Exit::Done)
}

fn report(session: &Session, removal: &Removal, ended: bool) -> serde_json::Value {
    let object = |belonging: &Belonging| json!({"kind": belonging.kind.word(), "name": belonging.name});
    let removed: Vec<_> = removal.removed.iter().map(object).collect();
    let failed: Vec<_> = removal
        .failed
        .iter()
        .map(|(belonging, why)| json!({"kind": belonging.kind.word(), "name": belonging.name, "why": why}))
        .collect();
    json!({"schema": 1, "lab": session.loaded.lab.id, "as": session.row.begin.learner, "ended": ended, "removed": removed, "failed": failed})
}
