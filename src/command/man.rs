//! `labrun man`: the manual as roff: one page, or a page for each command in a folder.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man as Page;
use serde_json::json;

use crate::app::{App, command_line};
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::file;

/// Print the manual page, or write one for each command
#[derive(clap::Args, Debug)]
pub struct Man {
    /// Write labrun.1, labrun-start.1 and so on into this folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    all: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        match &self.all {
            None => app.ui.say(&String::from_utf8_lossy(&rendered(&Page::new(command_line()))?)),
            Some(folder) => {
                file::make_folder(folder, app.invoker()).map_err(|error| cannot_write(&error))?;
                let mut root = command_line().disable_help_subcommand(true);
                root.build();
                let mut written = Vec::new();
                write_all(app, folder, &root, &mut written)?;
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

/// The page of a command, and those of the commands below it.
fn write_all(app: &App, folder: &Path, command: &Command, written: &mut Vec<String>) -> Result<(), Error> {
    let page = Page::new(command.clone());
    let name = page.get_filename();
    let path = folder.join(&name);
    let placed = file::replace_ours(&path, &rendered(&page)?, app.invoker(), is_page_of_labrun);
    placed.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::usage(
            format!("{} is not a manual page of labrun, so it is not replaced", path.display()),
            "move it away, or name another folder",
        ),
        _ => cannot_write(&error),
    })?;
    written.push(name);
    command.get_subcommands().try_for_each(|below| write_all(app, folder, below, written))
}

/// True for the beginning of a page that an earlier labrun wrote.
fn is_page_of_labrun(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.lines().any(|line| line.starts_with(".TH labrun"))
}

fn rendered(page: &Page) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    page.render(&mut text).map_err(|error| cannot_write(&error))?;
    Ok(text)
}

fn cannot_write(error: &std::io::Error) -> Error {
    Error::environment(format!("the manual cannot be written: {error}"), "see that there is room, and that it is yours")
}
