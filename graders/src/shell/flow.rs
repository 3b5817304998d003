//! Which commands of a line can have run, as far as that is certain.

use super::{Command, Joint};

/// Walks along the commands of a line and tells which are surely skipped.
///
/// The exit status of almost every command is unknown here, so almost every
/// command counts as run; only `true`, `:` and `false` decide anything.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    succeeded: Option<bool>,
    skipped: bool,
}

impl Flow {
    /// Whether `command`, the next of the line, can have run.
    pub(crate) fn reaches(&mut self, command: &Command) -> bool {
        self.skipped = match command.joined_by {
            Joint::And => self.succeeded == Some(false),
            Joint::Or => self.succeeded == Some(true),
            // `true || a | b`: the pipeline is skipped as a whole.
            Joint::Pipe => self.skipped,
            Joint::First | Joint::Then | Joint::Background => false,
        };
        if !self.skipped {
            self.succeeded = match command.words.first().and_then(|word| word.known()) {
                Some("true" | ":") => Some(true),
                Some("false") => Some(false),
                _ => None,
            };
        }
        !self.skipped
    }
}
