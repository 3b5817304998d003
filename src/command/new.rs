//! `labrun new DIR`: the folder of a new lab, to be changed into one's own.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::file;
use labrun_lab::new_lab;

/// Make the folder of a new lab, small and whole
#[derive(clap::Args, Debug)]
pub struct New {
    /// The folder, which is new or empty; its name is the lab's
    folder: PathBuf,
}

impl New {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let absolute = std::path::absolute(&self.folder).map_err(|error| cannot_write(&self.folder, &error))?;
        let id = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(files) = new_lab(&id) else {
            return Err(Error::usage(
                format!("`{id}` can't be the name of a lab"),
                "name the folder with lower-case letters and digits, joined by `-`",
            ));
        };
        file::make_folder(&absolute, app.invoker()).map_err(|error| cannot_write(&self.folder, &error))?;
        let mut entries = fs_err::read_dir(&absolute).map_err(|error| cannot_write(&self.folder, &error))?;
        if entries.next().is_some() {
            return Err(Error::usage(
                format!("there is something in {} already", self.folder.display()),
                "give a folder that is new or empty",
            ));
        }
        for (name, text) in &files {
            let written = file::create(&absolute.join(name), text.as_bytes(), app.invoker());
            written.map_err(|error| cannot_write(&self.folder, &error))?;
        }
        let names = files.map(|(name, _)| name);
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "lab": id, "folder": absolute, "files": names}));
        } else {
            app.ui.say(&app.ui.page().new_lab(&id, &names, &as_argument(&self.folder)));
        }
        Ok(Exit::Done)
    }
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> Error {
    Error::environment(
        format!("{} cannot be written: {error}", folder.display()),
        "give a folder that you may write to",
    )
}

/// The folder as `start` and `verify` take it: with a slash, so that it is not taken for the name of a lab.
fn as_argument(folder: &Path) -> String {
    let text = folder.to_string_lossy();
    if text.contains('/') || text.starts_with('.') { text.into_owned() } else { format!("./{text}") }
}
