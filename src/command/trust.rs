//! `labrun trust DIR`: lets labrun run the commands of a lab's folder, as it is now.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_lab::{Lab, Loaded, Permission, Refused, Source, Untrustable, digest_of, load_dir};
use labrun_store::Store;

/// Let labrun run the commands of a lab's folder
#[derive(clap::Args, Debug)]
pub struct Trust {
    /// The lab's folder
    folder: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Trust it no more
    #[arg(long, conflicts_with = "yes")]
    revoke: bool,
}

impl Trust {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let mut store = app.store()?;
        if self.revoke {
            let folder = fs_err::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
            let was = store.distrust(&folder)?;
            self.report(
                app,
                &folder,
                false,
                if was { "It is not trusted any more.\n" } else { "It was not trusted.\n" },
            );
            return Ok(Exit::Done);
        }
        let loaded = load_dir(&self.folder, None)?;
        // Of the folder with the very files that were loaded, and that are shown now.
        let digest = digest_of(&loaded)?;
        let Loaded { lab, source: Source::Folder(folder), .. } = loaded else {
            return Ok(Exit::Bug);
        };
        if store.trusted(&folder)?.as_deref() == Some(&*digest) {
            self.report(app, &folder, true, "It is trusted as it is.\n");
            return Ok(Exit::Done);
        }
        if !self.yes {
            if app.ui.json || !app.ui.asks() {
                return Err(Error::usage(
                    "nobody can be asked whether these may be run",
                    "read the lab's solutions and mistakes, then: labrun trust DIR --yes",
                ));
            }
            app.ui.say(&app.ui.page().commands(&lab));
            if !app.ui.confirm("May labrun run these, as you?") {
                app.ui.say("Nothing was changed.\n");
                return Ok(Exit::NotYet);
            }
        }
        store.trust(&folder, &digest)?;
        self.report(app, &folder, true, &trusted(&lab));
        Ok(Exit::Done)
    }

    fn report(&self, app: &App, folder: &Path, trusted: bool, text: &str) {
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "folder": folder.to_string_lossy(), "trusted": trusted}));
        } else {
            app.ui.say(text);
        }
    }
}

fn trusted(lab: &Lab) -> String {
    let texts = lab.steps.iter().map(|step| 1 + step.mistakes.len()).sum::<usize>();
    format!("Trusted: the {texts} commands of this folder, as it is now. Any edit ends it.\n")
}

/// Leave to run a lab's shell text: it ships with labrun, or its folder is as it was when it was trusted.
///
/// # Errors
/// When it may not be run; and when that can't be found out.
pub fn may_run(loaded: &Loaded, store: &Store) -> Result<Permission, Error> {
    let trusted = match &loaded.source {
        Source::Folder(folder) => store.trusted(folder)?,
        Source::Shipped(_) => None,
    };
    Permission::of(loaded, trusted.as_deref()).map_err(|refused| match refused {
        Refused::NotTrusted | Refused::Changed => {
            Error::usage(refused.to_string(), format!("look at it, then: labrun trust {}", loaded.source.address()))
        }
        refused => refused.into(),
    })
}

impl From<Refused> for Error {
    fn from(why: Refused) -> Self {
        match why {
            Refused::NotTrusted | Refused::Changed => {
                Self::usage(why.to_string(), "look at it, then: labrun trust DIR")
            }
            Refused::Load(error) => error.into(),
            Refused::Untrustable(error) => error.into(),
        }
    }
}

impl From<Untrustable> for Error {
    fn from(why: Untrustable) -> Self {
        let hint = match &why {
            Untrustable::Read { source, .. } => source.to_string(),
            Untrustable::LeadsOut(_) | Untrustable::Special(_) => {
                "a lab's folder holds all that it needs; take it out".to_owned()
            }
            Untrustable::TooLarge => "keep a lab in a folder of its own".to_owned(),
        };
        Self::Faulty { message: why.to_string(), hint }
    }
}
