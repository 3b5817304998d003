//! Something that an earlier step made, that this one needs, and that is gone.

use crate::fact::Target;
use crate::verdict::Feedback;

/// The near miss: `number` is that of the earlier step, counted from 1, and `done` tells one that was done from one that was
/// passed over. `way` is the command that makes the step's beginning again, where there may be help.
#[must_use]
pub fn undone(wants: &str, gone: &Target, number: usize, done: bool, way: Option<&str>) -> Feedback {
    let name = &gone.name;
    let seen = match done {
        true => format!("{name}, from step {number}, is gone"),
        false => format!("{name}, which step {number} makes, is not there"),
    };
    let again = if done { "Create it again" } else { "Create it" };
    let sentence = match way {
        Some(way) => format!("{again}, or: {way}"),
        None => format!("{again}."),
    };
    Feedback::wrong(wants, seen, sentence).diagnosed("earlier-step-undone")
}
