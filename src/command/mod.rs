//! The commands, one a file. Each reads what it needs, does it, and hands what happened to `ui`.

pub mod answer;
pub mod briefing;
pub mod catchup;
pub mod check;
pub mod completions;
pub mod hint;
pub mod lint;
pub mod list;
pub mod man;
pub mod reset;
pub mod skip;
pub mod solution;
pub mod start;
pub mod status;
pub mod task;
pub mod verify;
pub mod watch;

use crate::app::App;
use crate::cli::Command;
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
        Some(Command::Reset(reset)) => reset.run(app),
        Some(Command::Lint(lint)) => lint.run(app),
        Some(Command::Verify(verify)) => verify.run(app),
        Some(Command::Completions(completions)) => completions.run(app),
        Some(Command::Man(man)) => man.run(app),
        Some(Command::Watch(watch)) => watch.run(app),
    }
}

/// The position of the step that the learner is at.
///
/// # Errors
/// When the lab is finished.
fn current_step(session: &crate::engine::Session) -> Result<usize, Error> {
    session.progress.current().ok_or_else(|| {
        Error::usage("this lab is finished", "labrun reset removes what it made; labrun list shows the others")
    })
}
