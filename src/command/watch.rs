//! `labrun watch`: the same session, live, in a second terminal.

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::front;

/// Watch the current session from a second terminal
#[derive(clap::Args, Debug)]
pub struct Watch {}

impl Watch {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        if app.ui.json {
            return Err(Error::usage(
                "watch shows a screen and has no report",
                "labrun status --json tells where you are",
            ));
        }
        let session = app.session(&app.store()?)?;
        let engine = app.block_on(app.engine_for(&session))?;
        front::watch(app, &session, engine)?;
        Ok(Exit::Done)
    }
}
