//! `labrun completions SHELL`: a completion script.

use crate::app::{App, command_line};
use crate::error::Error;
use crate::exit::Exit;

/// Print a completion script for your shell
#[derive(clap::Args, Debug)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command_line(), "labrun", &mut script);
        app.ui.say(&String::from_utf8_lossy(&script));
        Ok(Exit::Done)
    }
}
