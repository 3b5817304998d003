//! The commands, one a file. Each reads what it needs, does it, and hands what happened to `ui`.

pub mod answer;
pub mod briefing;
pub mod catchup;
pub mod check;
pub mod completions;
pub mod doctor;
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
use crate::engine::{Halt, Session};
use crate::error::Error;
use crate::exit::Exit;

/// Runs a command; without one, goes on with the current lab or lists the labs.
///
/// # Errors
/// Those of the command.
pub fn run(app: &App, command: Option<Command>) -> Result<Exit, Error> {
    match command {
        None => task::resume(app),
        Some(Command::List(list)) => list.run(app),
        Some(Command::Start(start)) => start.run(app),
        Some(Command::Task(task)) => task.run(app),
        Some(Command::Briefing(briefing)) => briefing.run(app),
        Some(Command::Catchup(catchup)) => catchup.run(app),
        Some(Command::Check(check)) => check.run(app),
        Some(Command::Answer(answer)) => answer.run(app),
        Some(Command::Hint(hint)) => hint.run(app),
        Some(Command::Solution(solution)) => solution.run(app),
        Some(Command::Skip(skip)) => skip.run(app),
        Some(Command::Status(status)) => status.run(app),
        Some(Command::Report(report)) => report.run(app),
        Some(Command::Reset(reset)) => reset.run(app),
        Some(Command::Handout(handout)) => handout.run(app),
        Some(Command::New(new)) => new.run(app),
        Some(Command::Doctor(doctor)) => doctor.run(app),
        Some(Command::Lint(lint)) => lint.run(app),
        Some(Command::Trust(trust)) => trust.run(app),
        Some(Command::Schema(schema)) => schema.run(app),
        Some(Command::Images(images)) => images.run(app),
        Some(Command::Verify(verify)) => verify.run(app),
        Some(Command::Completions(completions)) => completions.run(app),
        Some(Command::Man(man)) => man.run(app),
        Some(Command::Plugin(plugin)) => plugin.run(app),
        Some(Command::Watch(watch)) => watch.run(app),
    }
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
