//! The commands, one a file. Each reads what it needs, does it, and hands what happened to `ui`.

pub mod answer;
pub mod briefing;
pub mod catchup;
pub mod check;
pub mod completions;
pub mod doctor;
mod doubts;
pub mod handout;
pub mod hint;
pub mod images;
pub mod lint;
pub mod list;
pub mod man;
pub mod new;
pub mod plugin;
pub mod report;
pub mod reset;
pub mod schema;
pub mod skip;
pub mod solution;
pub mod start;
pub mod status;
pub mod task;
pub mod trust;
pub mod verify;
pub mod watch;

use crate::error::Error;
use labrun_engine::{Halt, Session};

/// The position of the step that the learner is at.
///
/// # Errors
/// When the lab is finished, or waits.
fn current_step(session: &Session) -> Result<usize, Error> {
    session.current().ok_or_else(|| match session.halt() {
        Some(Halt::Waits) => Error::usage(
            "this part is done, and the next one has not begun",
            format!("labrun start {} goes on", session.loaded.lab.id),
        ),
        Some(Halt::TimeIsUp) => Error::usage("the time of this exam is up", "labrun status shows what was passed"),
        None => Error::usage("this lab is finished", "labrun reset removes what it made; labrun list shows the others"),
    })
}

/// # Errors
/// In an exam: there is no help in it.
fn no_exam(session: &Session, what: &str) -> Result<(), Error> {
    match session.row.exam {
        Some(_) => Err(Error::usage(
            format!("this is an exam, and in an exam there is no {what}"),
            "labrun skip passes a step over",
        )),
        None => Ok(()),
    }
}
