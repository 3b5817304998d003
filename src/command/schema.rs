//! `labrun schema [lab|track]`: the JSON Schema of a lab's files, for an editor.

use clap::ValueEnum;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_lab::{LAB_FILE, TRACK_FILE};

/// Print the JSON Schema of lab.yaml or track.yaml, for an editor
#[derive(clap::Args, Debug)]
pub struct Schema {
    /// The file that it is of
    #[arg(value_enum, default_value = "lab")]
    file: Of,
}

/// A file that has a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// lab.yaml
    Lab,
    /// track.yaml
    Track,
}

impl Schema {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let file = match self.file {
            Of::Lab => &LAB_FILE,
            Of::Track => &TRACK_FILE,
        };
        app.ui.say(&file.schema_text());
        Ok(Exit::Done)
    }
}
