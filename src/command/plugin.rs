//! `labrun plugin`: labrun as `docker lab`.

use std::io;
use std::path::PathBuf;

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::plugin::{Place, Standing};
use labrun_lab::visible::visible;
use labrun_process::sudo::as_root;

/// Let docker know labrun: docker lab start LAB
#[derive(clap::Args, Debug)]
pub struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Put a link to this labrun where docker looks for plugins
    Install,
    /// Take that link away again
    Remove,
    /// Is it there, and does it lead to this labrun?
    Status,
}

impl Plugin {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let config_dir = app.docker_config_dir().ok_or_else(|| {
            Error::environment("your home folder is not known, so docker's folder is not", "set HOME or DOCKER_CONFIG")
        })?;
        let at = At { place: Place::of_user(&config_dir), program: program()?, before: Place::preferred(&config_dir) };
        let standing = at.look()?;
        let changed = match self.what {
            What::Install => at.install(&standing)?,
            What::Remove => at.remove(&standing)?,
            What::Status => false,
        };
        let standing = if changed { at.look()? } else { standing };
        at.report(app, self.what, &standing, changed);
        let is_well = matches!(standing, Standing::Labrun { .. }) || self.what == What::Remove;
        Ok(if is_well { Exit::Done } else { Exit::NotYet })
    }
}

/// The labrun that runs, where its links end.
fn program() -> Result<PathBuf, Error> {
    as_root(|| std::env::current_exe().and_then(fs_err::canonicalize)).map_err(|error| {
        Error::environment(format!("labrun does not find itself: {error}"), "call it by its whole path")
    })
}

/// The place, and what belongs into it.
struct At {
    place: Place,
    program: PathBuf,
    /// Another plugin by this name, which docker takes first.
    before: Option<PathBuf>,
}

impl At {
    fn look(&self) -> Result<Standing, Error> {
        self.place.look().map_err(|error| self.trouble("looked at", &error))
    }

    fn install(&self, standing: &Standing) -> Result<bool, Error> {
        match standing {
            Standing::Labrun { program, .. } if *program == self.program => return Ok(false),
            Standing::Foreign | Standing::Labrun { is_link: false, .. } => {
                return Err(self.foreign("labrun plugin install"));
            }
            _ => {}
        }
        let made = self.place.link(&self.program);
        made.map_err(|error| self.trouble("made", &error))?;
        Ok(true)
    }

    fn remove(&self, standing: &Standing) -> Result<bool, Error> {
        match standing {
            Standing::Absent => return Ok(false),
            Standing::Foreign | Standing::Labrun { is_link: false, .. } => {
                return Err(self.foreign("labrun plugin remove"));
            }
            _ => {}
        }
        self.place.clear().map_err(|error| self.trouble("removed", &error))?;
        Ok(true)
    }

    fn foreign(&self, then: &str) -> Error {
        Error::environment(
            format!("{} is no link of labrun's making, so it is left alone", self.place.path().display()),
            format!("see what it is; move it away yourself, then: {then}"),
        )
    }

    fn trouble(&self, what: &str, error: &io::Error) -> Error {
        let path = self.place.path().display();
        Error::environment(
            format!("{path} can't be {what}: {error}"),
            "see who owns its folder, or set DOCKER_CONFIG to another one",
        )
    }

    fn report(&self, app: &App, what: What, standing: &Standing, changed: bool) {
        let (word, target, version) = match standing {
            Standing::Absent => ("absent", None, None),
            Standing::Labrun { version, program, .. } if *program == self.program => {
                ("installed", Some(program), Some(version))
            }
            Standing::Labrun { version, program, .. } => ("another-labrun", Some(program), Some(version)),
            Standing::Broken(target) => ("broken", Some(target), None),
            Standing::Foreign => ("foreign", None, None),
        };
        if app.ui.json {
            app.ui.say_json(&json!({
                "schema": 1, "path": self.place.path(), "state": word, "leads_to": target, "version": version,
                "changed": changed, "docker_takes_first": self.before,
            }));
            return;
        }
        app.ui.say(&visible(&self.told(what, standing, changed)));
        if let (Some(before), true) = (&self.before, what != What::Remove) {
            app.ui.warn(&format!(
                "docker takes {} first: cliPluginsExtraDirs in its config.json names that folder",
                before.display()
            ));
        }
    }

    fn told(&self, what: What, standing: &Standing, changed: bool) -> String {
        let path = self.place.path().display();
        match standing {
            Standing::Absent if changed => {
                format!("Removed {path}.\nlabrun itself stays: {}\n", self.program.display())
            }
            Standing::Absent if what == What::Remove => format!("There is no {path}: nothing to remove.\n"),
            Standing::Absent => {
                format!("docker does not know labrun: there is no {path}.\nlabrun plugin install puts it there.\n")
            }
            Standing::Labrun { program, version, is_link } if *program == self.program => {
                let is = if changed { "is now" } else { "is" };
                let what_it_is =
                    if *is_link { format!("a link to {}", program.display()) } else { "this program".to_owned() };
                let mut text = format!("{path}\n  {is} {what_it_is}, labrun {version}.\n");
                if what == What::Install {
                    text += "Try it: docker lab list\nWhen labrun moves, run labrun plugin install again.\n";
                }
                text
            }
            Standing::Labrun { program, version, .. } => format!(
                "{path}\n  leads to another labrun: {}, version {version}.\nThis one is {}.\n\
                 labrun plugin install lets it lead here.\n",
                program.display(),
                self.program.display()
            ),
            Standing::Broken(target) => format!(
                "{path}\n  leads to {}, and nothing is there any more.\nlabrun plugin install lets it lead here.\n",
                target.display()
            ),
            Standing::Foreign => format!("{path}\n  is not labrun's. docker lab is then something else.\n"),
        }
    }
}
