//! Whether what a command says reaches the learner: neither sent to a file, nor into a program that shows nothing of it.

use super::programs::{self, Operands};
use crate::args::{Arg, Args};
use crate::shell::{Command, Exit, Fate, Redirect, Sink, To};
use crate::wrappers::{self, Inner};

/// Whether the output of a command of a line is shown where the line's is; or its errors.
pub(crate) fn is_shown(course: &[(Command, Fate)], index: usize, errors: bool) -> bool {
    let Some((command, fate)) = course.get(index) else { return false };
    let (out, err) = command.streams();
    let mut sink = match if errors { err } else { out } {
        To::Nowhere => return false,
        To::Errors => return true,
        To::Output => fate.sink,
    };
    loop {
        match sink {
            Sink::Screen => return true,
            Sink::Elsewhere => return false,
            Sink::Command(next) => {
                let Some((command, fate)) = course.get(next) else { return false };
                if !passes_on(command, *fate) {
                    return false;
                }
                sink = match command.streams().0 {
                    To::Nowhere => return false,
                    To::Errors => return true,
                    To::Output => fate.sink,
                };
            }
        }
    }
}

/// Whether a command shows what comes in by a pipe.
fn passes_on(command: &Command, fate: Fate) -> bool {
    let Inner::Program(name, args) = wrappers::inner(&command.words) else { return false };
    let Some(reader) = programs::find(name) else { return false };
    if command.redirects.iter().any(Redirect::is_input) || reader.shows_nothing(args) {
        return false;
    }
    // One that selects shows nothing where nothing fits, and ends with 1.
    if reader.selects() && fate.exit != Exit::Succeeded {
        return false;
    }
    let mut program_given = !matches!(reader.operands, Operands::ProgramThenFiles(_));
    let mut files = Vec::new();
    for arg in Args::new(args, |flag| reader.takes_value(flag)) {
        match arg {
            Arg::Option(flag, _) => program_given |= reader.gives_program(flag),
            Arg::Operand(_) if !program_given => program_given = true,
            Arg::Operand(word) => files.push(word.text.as_str()),
        }
    }
    let takes_no_files = matches!(reader.operands, Operands::None | Operands::Assigned);
    takes_no_files || files.is_empty() || files.iter().any(|file| matches!(*file, "-" | "/dev/stdin"))
}
