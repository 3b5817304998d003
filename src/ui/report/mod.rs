//! A report in the forms that it can have. What is in it is made of [`Line`](labrun_engine::report::Line)s, so a format escapes
//! only what is special in itself.

mod html;
mod json;
mod junit;
mod text;

use super::page::counted;
use labrun_engine::report::{Problem, Report, Run, State};

pub use self::html::html;
pub use self::json::json;
pub use self::junit::junit;

/// How long it took, for people: `40 s`, `3 min 20 s`, `1 h 05 min`.
fn took(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match minutes {
        0 => format!("{seconds} s"),
        1..10 if !seconds.is_multiple_of(60) => format!("{minutes} min {} s", seconds % 60),
        1..60 => format!("{minutes} min"),
        _ => format!("{hours} h {:02} min", minutes % 60),
    }
}

/// A median of seconds, for people.
fn took_about(seconds: f64) -> String {
    // Negative and too large ones cannot be: a median is of what was counted.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    took(seconds.round() as u64)
}

/// How a session stands, in parts: `finished`, `13 passed`, `1 given`, `31 min`, `3 hints`.
fn standing(run: &Run) -> Vec<String> {
    let place = run.steps.iter().position(|step| step.state == State::Open);
    let steps = run.steps.len();
    let mut parts = vec![place.map_or("finished".to_owned(), |place| format!("at step {} of {steps}", place + 1))];
    parts.push(format!("{} passed", run.count(State::Passed)));
    for state in [State::Given, State::Skipped] {
        if run.count(state) > 0 {
            parts.push(format!("{} {}", run.count(state), state.word()));
        }
    }
    parts.push(took(run.seconds()));
    parts.push(counted(run.hints(), "hint"));
    parts
}

/// What is special about a session, and when it began.
fn circumstances(run: &Run) -> Vec<String> {
    let mut parts = vec![format!("begun {}", run.started.strftime("%Y-%m-%d %H:%M UTC"))];
    parts.extend(run.exam.then(|| "exam".to_owned()));
    parts.extend(run.reset.then(|| "ended by a reset".to_owned()));
    parts
}

/// How many steps a learner has passed, for a cell of a table.
fn cell(run: &Run) -> String {
    let mut cell = format!("{}/{}", run.count(State::Passed), run.steps.len());
    if run.is_finished() {
        cell += " finished";
    }
    if run.exam {
        cell += " exam";
    }
    cell
}

#[cfg(test)]
mod tests;
