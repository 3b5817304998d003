//! `labrun man`: the manual as roff: one page, or a page for each command in a folder.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man as Page;
use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::file::{self, Comment, sealed};

/// Print the manual page, or write one for each command
#[derive(clap::Args, Debug)]
pub struct Man {
    /// Write labrun.1, labrun-start.1 and so on into this folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    all: Option<PathBuf>,
    /// Replace pages in that folder that labrun did not write, or that were edited
    #[arg(long, requires = "all")]
    force: bool,
}

impl Man {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        match &self.all {
            None => app.ui.say(&String::from_utf8_lossy(&rendered(&Page::new((app.program.command_line)()))?)),
            Some(folder) => {
                file::make_folder(folder, app.invoker()).map_err(|error| cannot_write(&error))?;
                let mut root = (app.program.command_line)().disable_help_subcommand(true);
                root.build();
                let mut written = Vec::new();
                self.write_all(app, folder, &root, &mut written)?;
                if app.ui.json {
                    app.ui.say_json(&json!({"schema": 1, "folder": folder, "pages": written}));
                } else {
                    app.ui.say(&format!("{} pages in {}\n", written.len(), folder.display()));
                }
            }
        }
        Ok(Exit::Done)
    }
}

impl Man {
    /// Writes the page of a command, and those of the commands below it.
    fn write_all(&self, app: &App, folder: &Path, command: &Command, written: &mut Vec<String>) -> Result<(), Error> {
        let page = Page::new(command.clone());
        let name = page.get_filename();
        let path = folder.join(&name);
        let text = String::from_utf8_lossy(&rendered(&page)?).into_owned();
        let text = sealed(text, Comment(".\\\" ", ""));
        let put = if self.force { file::replace } else { file::replace_ours };
        put(&path, text.as_bytes(), app.invoker()).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::usage(
                format!("{} is not as labrun man wrote it, so it is not replaced", path.display()),
                "move it away, name another folder, or add --force to replace it",
            ),
            _ => cannot_write(&error),
        })?;
        written.push(name);
        command.get_subcommands().try_for_each(|below| self.write_all(app, folder, below, written))
    }
}

fn rendered(page: &Page) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    page.render(&mut text).map_err(|error| cannot_write(&error))?;
    Ok(text)
}

fn cannot_write(error: &std::io::Error) -> Error {
    Error::environment(format!("the manual cannot be written: {error}"), "see that there is room, and that it is yours")
}
