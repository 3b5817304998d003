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

use crate::app::App;
use crate::cli::Command;
use crate::error::Error;
use crate::exit::Exit;
use labrun_engine::{Halt, Session};

/// Runs a command; without one, goes on with the current lab or lists the labs.
///
/// # Errors
/// Those of the command.
pub fn run(app: &App, command: Option<Command>) -> Result<Exit, Error> {
    match command {
        None => alone(|| task::resume(app)),
        Some(Command::List(list)) => alone(|| list.run(app)),
        Some(Command::Start(start)) => alone(|| start.run(app)),
        Some(Command::Task(task)) => alone(|| task.run(app)),
        Some(Command::Briefing(briefing)) => alone(|| briefing.run(app)),
        Some(Command::Catchup(catchup)) => alone(|| catchup.run(app)),
        Some(Command::Check(check)) => alone(|| check.run(app)),
        Some(Command::Answer(answer)) => alone(|| answer.run(app)),
        Some(Command::Hint(hint)) => alone(|| hint.run(app)),
        Some(Command::Solution(solution)) => alone(|| solution.run(app)),
        Some(Command::Skip(skip)) => alone(|| skip.run(app)),
        Some(Command::Status(status)) => alone(|| status.run(app)),
        Some(Command::Report(report)) => alone(|| report.run(app)),
        Some(Command::Reset(reset)) => alone(|| reset.run(app)),
        Some(Command::Handout(handout)) => alone(|| handout.run(app)),
        Some(Command::New(new)) => alone(|| new.run(app)),
        Some(Command::Doctor(doctor)) => alone(|| doctor.run(app)),
        Some(Command::Lint(lint)) => alone(|| lint.run(app)),
        Some(Command::Trust(trust)) => alone(|| trust.run(app)),
        Some(Command::Schema(schema)) => alone(|| schema.run(app)),
        Some(Command::Images(images)) => alone(|| images.run(app)),
        Some(Command::Verify(verify)) => alone(|| verify.run(app)),
        Some(Command::Completions(completions)) => alone(|| completions.run(app)),
        Some(Command::Man(man)) => alone(|| man.run(app)),
        Some(Command::Plugin(plugin)) => alone(|| plugin.run(app)),
        Some(Command::Watch(watch)) => alone(|| watch.run(app)),
    }
}

/// Runs one command, with a part of the stack that is its own: the compiler would give all of them one, as large as all of
/// them need together, and each page of it is touched when it is entered.
#[inline(never)]
fn alone<T>(command: impl FnOnce() -> T) -> T {
    command()
}

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
