//! `labrun briefing`: what the lab is about, again.

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;

/// Show the lab's briefing again
#[derive(clap::Args, Debug)]
pub struct Briefing {}

impl Briefing {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let session = app.session_by_name(&app.store()?)?;
        let lab = &session.loaded.lab;
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "lab": lab.id, "as": session.row.begin.learner, "title": lab.title, "briefing": lab.briefing.text}));
        } else {
            let page = app.ui.page();
            app.ui.say(&(page.title(&lab.title) + &page.markdown(&lab.briefing.text)));
        }
        Ok(Exit::Done)
    }
}
