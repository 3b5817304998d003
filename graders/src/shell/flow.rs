//! Which commands of a line can have run, as far as that is certain.

use super::{Command, Joint};

/// Walks along the commands of a line and tells which are surely skipped, and
/// which only run if another one failed.
///
/// The exit status of almost every command is unknown here. Commands are taken
/// to succeed, so what follows `&&` counts as run and what follows `||` may
/// have; only `true`, `:` and `false` decide anything.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    succeeded: Option<bool>,
    reach: Reach,
}

/// Whether a command has run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Surely not.
    #[default]
    No,
    /// Only if the one before it failed.
    Maybe,
    /// As far as anybody can tell.
    Yes,
}

impl Flow {
    /// Whether `command`, the next of the line, has run.
    pub(crate) fn reaches(&mut self, command: &Command) -> Reach {
        self.reach = match (command.joined_by, self.succeeded) {
            (Joint::And, Some(false)) | (Joint::Or, Some(true)) => Reach::No,
            (Joint::Or, None) => Reach::Maybe,
            // `true || a | b`: the pipeline is skipped as a whole.
            (Joint::Pipe, _) => self.reach,
            _ => Reach::Yes,
        };
        if self.reach != Reach::No {
            self.succeeded = match command.words.first().and_then(|word| word.known()) {
                Some("true" | ":") => Some(true),
                Some("false") => Some(false),
                _ => None,
            };
        }
        self.reach
    }
}
