//! `labrun check`: grades the current step, and those after it that hold as well.

use std::time::Instant;

use labrun_graders::evidence::TypedLine;
use labrun_graders::{Obstacle, Verdict};

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_engine::{Grader, Outcome, Session};
use labrun_store::Store;

/// Grade the current step, and those after it that hold as well
#[derive(clap::Args, Debug)]
pub struct Check {}

impl Check {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let began = Instant::now();
        let mut store = app.store()?;
        let mut session = app.session_by_name(&store)?;
        if session.progress.current().is_some() {
            super::current_step(&session)?;
        }
        let outcome = grade(app, &mut store, &mut session, How::Asked)?;
        Ok(show(app, &session, &outcome, began))
    }
}

/// What made somebody grade.
pub(super) enum How {
    /// The learner asked for it.
    Asked,
    /// The learner answered the step's question.
    Answered,
    /// labrun solved the step with this line: when it passes, it is given.
    Solved(TypedLine),
}

/// Grades the current step, and those after it.
pub(super) fn grade(app: &App, store: &mut Store, session: &mut Session, how: How) -> Result<Outcome, Error> {
    let answering = matches!(how, How::Answered);
    let given = match how {
        How::Solved(line) => Some(line),
        How::Asked | How::Answered => None,
    };
    let typed = given.clone().map(|given| vec![given]).or_else(|| app.typed());
    let outcome = app.block_on(async {
        let engine = app.engine_for(session).await;
        let grader = Grader::new(store, &engine, typed.as_deref());
        Grader { given: given.is_some(), answering, followed: app.is_followed(session.row.id), ..grader }
            .check(session)
            .await
    })??;
    Ok(outcome)
}

/// Shows what a grading came to.
pub(super) fn show(app: &App, session: &Session, outcome: &Outcome, began: Instant) -> Exit {
    if app.ui.json {
        app.ui.say_json(&crate::ui::json::outcome(session, outcome, began.elapsed()));
    } else {
        app.ui.say(&app.ui.page().outcome(session, outcome));
    }
    exit(outcome)
}

/// The verdict of the step that was current: a passed one is done, whatever the next one says.
fn exit(outcome: &Outcome) -> Exit {
    match outcome.steps.first().map(|step| &step.verdict) {
        Some(Verdict::Fail(_)) => Exit::NotYet,
        // That an answer is still wanted is nothing wrong with the environment.
        Some(Verdict::CannotCheck(reason)) if reason.obstacle == Obstacle::Unseen => Exit::NotYet,
        Some(Verdict::CannotCheck(reason)) if reason.obstacle == Obstacle::Lab => Exit::Lab,
        Some(Verdict::CannotCheck(_)) => Exit::Environment,
        Some(Verdict::Pass(_)) | None => Exit::Done,
    }
}
