//! `labrun catchup STEP`: the state in which a step begins, by the solutions before it.

use serde_json::json;

use super::doubts;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_engine::{EngineError, Solver, catch_up, made};

/// Rebuild the state in which a step begins
#[derive(clap::Args, Debug)]
pub struct Catchup {
    /// The step: its number or its id
    #[arg(add = crate::completion::step_of_session())]
    step: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Catchup {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let mut session = app.session_by_name(&store)?;
        super::no_exam(&session, "catching up")?;
        let Some(index) = session.loaded.lab.step_index(&self.step) else {
            let steps = session.loaded.lab.steps.len();
            return Err(Error::usage(
                format!("this lab has no step {}", self.step),
                format!("a number from 1 to {steps}, or an id of labrun status --json"),
            ));
        };
        let permission = super::trust::may_run(&session.loaded, &store)?;
        let endpoint = app.endpoint()?;
        let engine = app.block_on(app.connect_to_change(&session, &endpoint))??;
        let lock = app.maker_lock(session.row.id)?;
        let (made, holders) = app.block_on(made(&session, &store, &engine))??;
        let page = app.ui.page();
        if !made.is_empty() && !app.ui.json {
            app.ui.say(&page.belongings(&session.loaded.lab.title, &made, &holders));
        }
        if !made.is_empty() && !self.yes {
            if app.ui.json || !app.ui.asks() {
                return Err(Error::usage(
                    "nobody can be asked whether to make these anew",
                    "labrun catchup STEP --yes",
                ));
            }
            if !app.ui.confirm(&format!("Remove these, and make anew what step {} begins with?", index + 1)) {
                app.ui.say("Nothing was changed.\n");
                return Ok(Exit::NotYet);
            }
        }
        let (made, kept) = doubts::settle(app, made);
        // A name that another person's thing keeps is in the way: nothing is removed in vain.
        let in_the_way = kept.into_iter().map(|kept| (kept.name, "you want to keep it".to_owned()));
        let doubted = made.iter().filter_map(|made| Some((made.name.clone(), made.doubt.clone()?)));
        if let Some((name, why)) = in_the_way.chain(doubted).next() {
            return Err(EngineError::NotRemoved { name, why }.into());
        }
        let solver = Solver::new(&endpoint, &session.loaded.lab.owns, permission).holding(lock);
        let mut listener = app.ui.catchup_listener();
        let work = catch_up(&mut store, &mut session, &engine, &solver, made, index, listener.as_mut());
        let done = app.block_on(work)?;
        drop(listener);
        done?;
        if app.ui.json {
            let lab = &session.loaded.lab;
            let current = session.progress.current().and_then(|index| lab.steps.get(index)).map(|step| &step.id);
            app.ui.say_json(&json!({
                "schema": 1, "lab": lab.id, "as": session.row.begin.learner, "rebuilt": lab.steps.get(index).map(|step| &step.id), "step": current,
            }));
        } else {
            app.ui.say(&page.caught_up(&session, index));
        }
        Ok(Exit::Done)
    }
}
