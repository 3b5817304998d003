//! `labrun handout LAB`: a lab on paper.

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::{Help, handout};
use labrun_lab::load;
use labrun_lab::visible::visible;

/// Print a lab as Markdown, for paper or a laptop that fails
#[derive(clap::Args, Debug)]
pub struct Handout {
    /// The lab's name, or a folder with a lab.yaml
    #[arg(add = crate::completion::labs())]
    lab: String,
    /// With a chapter of solutions at the end, for whoever teaches
    #[arg(long)]
    solutions: bool,
}

impl Handout {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let learner = app.globals.learner.as_ref();
        let lab = load(&self.lab, learner.cloned())?.lab;
        let page = handout(&lab, learner, if self.solutions { Help::Solutions } else { Help::Hints });
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "lab": lab.id, "handout": page}));
        } else {
            app.ui.say(&visible(&page));
        }
        Ok(Exit::Done)
    }
}
