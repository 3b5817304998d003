//! Whether a command is one of those that are wanted, wherever it ran and however it ended.

use super::Deed;
use crate::evidence::Argv;
use crate::invocation::runs;
use crate::reading::{Reading, joined_reads, joined_words, reads};
use crate::shell::{Ended, Word};
use crate::trace::{Aim, Trace};
use crate::wrappers::{self, Inner, base_name};

/// How a command fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is such a command.
    Yes,
    /// It is a shell, in which anything may have been typed.
    Shell,
    /// It may be one: that depends on what only its shell knew.
    Unclear,
    /// It is another one.
    No,
}

pub(super) fn of(deed: &Deed, argv: &Argv) -> Fit {
    match deed {
        // The working directory of an exec is told nowhere: neither by its event nor by its inspection.
        Deed::Reads(file) => match argv {
            Argv::Known(argv) => reads(argv, &file.text, None),
            Argv::Joined(joined) => joined_reads(joined, &file.text, None),
        }
        .into(),
        Deed::Runs(program) => {
            let words = match argv {
                Argv::Known(argv) => argv.iter().map(|word| Word::literal(word)).collect(),
                Argv::Joined(joined) => joined_words(joined),
            };
            runs_program(&words, &program.text)
        }
    }
}

impl From<Reading> for Fit {
    fn from(reading: Reading) -> Self {
        match reading {
            // A relative path that could be read is the file: its directory was chosen with `-w`.
            Reading::Reads | Reading::ReadsRelative => Self::Yes,
            Reading::Shell => Self::Shell,
            Reading::May(_) | Reading::Failed => Self::Unclear,
            Reading::DoesNot => Self::No,
        }
    }
}

fn runs_program(words: &[Word], program: &str) -> Fit {
    // What is wanted may itself be a shell, or a program that runs others, such as `env`.
    if words.first().is_some_and(|first| base_name(&first.text) == program) {
        return Fit::Yes;
    }
    match wrappers::inner(words) {
        Inner::Program(name, _) if name == program => Fit::Yes,
        // It counts only where the whole ended with 0.
        Inner::Script(script) => match runs(script, program, &Ended::with(0), Aim::default()) {
            Trace::Done => Fit::Yes,
            Trace::Unclear(_) | Trace::Otherwise => Fit::Unclear,
            Trace::Absent => Fit::No,
        },
        Inner::Unknown(_) => Fit::Unclear,
        Inner::Shell => Fit::Shell,
        Inner::Program(..) | Inner::Nothing => Fit::No,
    }
}
