//! `labrun man`: the manual page, as roff.

use crate::app::{App, command_line};
use crate::error::Error;
use crate::exit::Exit;

/// Print the manual page
#[derive(clap::Args, Debug)]
pub struct Man {}

impl Man {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(command_line()).render(&mut page);
        rendered.map_err(|error| Error::environment(format!("the manual cannot be written: {error}"), "try again"))?;
        app.ui.say(&String::from_utf8_lossy(&page));
        Ok(Exit::Done)
    }
}
