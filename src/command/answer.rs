//! `labrun answer [TEXT]`: answers the current step's question, and grades it.

use std::time::Instant;

use super::{check, current_step};
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Clock;

/// The longest answer that is kept, in bytes.
const MAX_ANSWER: usize = 4096;

/// Answer the current step's question
#[derive(clap::Args, Debug)]
pub struct Answer {
    /// The answer; without it, a line is read as it is typed. One that begins with a dash comes after `--`
    text: Vec<String>,
}

impl Answer {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        let mut session = app.session_by_name(&store)?;
        let index = current_step(&session)?;
        let step = session.loaded.lab.steps.get(index);
        let question = step
            .and_then(|step| step.checks.iter().find_map(|check| check.question()).map(|ask| (step.id.clone(), ask)));
        let Some((id, question)) = question else {
            return Err(Error::usage("this step asks no question", "do what the task says, then: labrun check"));
        };
        let text = if self.text.is_empty() { read_line(app, question)? } else { self.text.join(" ") };
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::usage("there was no answer", "labrun answer TEXT"));
        }
        if text.len() > MAX_ANSWER {
            return Err(Error::usage(
                format!("an answer has at most {MAX_ANSWER} bytes"),
                "copy only the part that is asked for",
            ));
        }
        let began = Instant::now();
        store.keep_answer(session.row.id, &id, text, Clock { skew: session.row.begin.skew }.now())?;
        let outcome = check::grade(app, &mut store, &mut session, check::How::Answered)?;
        Ok(check::show(app, &session, &outcome, began))
    }
}

fn read_line(app: &App, question: &str) -> Result<String, Error> {
    if app.ui.asks() {
        app.ui.prompt(&format!("{question}\n> "));
    }
    app.ui
        .read_line()
        .map_err(|error| Error::usage(format!("the answer could not be read: {error}"), "labrun answer TEXT"))
}
