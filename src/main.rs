//! The `labrun` program. Everything is in the library; only this ends the process.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(labrun::main(std::env::args_os()).code())
}
