//! Programs that show files: which they are, what their words mean, and whether anybody saw what they printed.

pub(crate) mod path;
pub(crate) mod programs;
mod shown;

use crate::trace::Doubt;

pub(crate) use path::{Place, Target, is_above, lies_in, means};
pub(crate) use programs::{reads_input, takes_value};
pub(crate) use shown::is_shown;

/// Whether a command reads a file. The first that holds is the answer, and
/// that is also their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// It reads the file.
    Reads,
    /// It reads a file by a relative path whose directory cannot be known, and
    /// that path is the end of the file's, component by component.
    ReadsRelative,
    /// It is an interactive shell: what was typed in it cannot be seen.
    Shell,
    /// It may.
    May(Doubt),
    /// It would, and ended with another code than 0.
    Failed,
    /// It would, and failed or did not run.
    NotRead,
    /// It does not read the file, as far as can be seen.
    DoesNot,
}
