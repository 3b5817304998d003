//! `labrun images`: the labs' images, from a registry or from a file in a room without a network.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::ImageLine;
use labrun_docker::Engine;
use labrun_engine::images::{self, Fate, Manifest, Order, Required, Seen, Standing, interruptible, required};

/// The labs' images: are they there? Bring them, from a registry or a file
#[derive(clap::Args, Debug)]
pub struct Images {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Which images do the labs require, and are they on this engine?
    Check(Labs),
    /// Pull what is missing
    Pull {
        #[command(flatten)]
        labs: Labs,
        #[command(flatten)]
        wait: Wait,
    },
    /// Save the images in one file, for machines without a network
    Save {
        /// The file; in a folder it gets a name that says for which labs and which architecture it is
        file: PathBuf,
        #[command(flatten)]
        labs: Labs,
        /// Put this labrun beside the images
        #[arg(long)]
        with_labrun: bool,
        #[command(flatten)]
        wait: Wait,
    },
    /// Load such a file: compared with its list first, and only what is missing
    Load {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        wait: Wait,
    },
}

#[derive(clap::Args, Debug)]
struct Labs {
    /// A lab, or a track; all labs without it
    #[arg(value_name = "LAB|TRACK", add = crate::completion::labs_and_tracks())]
    labs: Option<String>,
}

#[derive(clap::Args, Debug)]
struct Wait {
    /// Give up when nothing has moved for so long
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
}

impl Images {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        match &self.what {
            What::Check(labs) => labs.check(app),
            What::Pull { labs, wait } => labs.pull(app, wait.duration()),
            What::Save { file, labs, with_labrun, wait } => {
                if let (None, Some(name)) = (&labs.labs, file.to_str())
                    && !file.exists()
                    && required(Some(name)).is_ok()
                {
                    let instead = format!("labrun images save FILE {name}");
                    return Err(Error::usage(format!("{name} is a lab or a track, and the file comes first"), instead));
                }
                let (name, images) = labs.required()?;
                let program = with_labrun.then(std::env::current_exe).transpose().map_err(|error| {
                    Error::environment(format!("labrun does not find itself: {error}"), "leave --with-labrun out")
                })?;
                let order = Order {
                    labs: &name,
                    images: &images,
                    path: file,
                    program: program.as_deref(),
                    patience: wait.duration(),
                };
                save(app, &order)
            }
            What::Load { file, wait } => load(app, file, wait.duration()),
        }
    }
}

impl Wait {
    fn duration(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

impl Labs {
    fn required(&self) -> Result<(String, Vec<Required>), Error> {
        Ok(required(self.labs.as_deref())?)
    }

    fn check(&self, app: &App) -> Result<Exit, Error> {
        let (labs, images) = self.required()?;
        let engine = Engine::connect(&app.endpoint()?)?;
        let looked = async {
            let architecture = engine.machine().await?;
            let mut lines = Vec::new();
            for required in images {
                let standing = images::stand(&engine, &required, &architecture).await?;
                lines.push(ImageLine { required, standing });
            }
            Ok::<_, Error>((architecture, lines))
        };
        let (architecture, lines) = app.block_on(looked)??;
        let complete = lines.iter().all(|line| matches!(line.standing, Standing::Here(_)));
        if app.ui.json {
            let images: Vec<_> = lines.iter().map(ImageLine::json).collect();
            app.ui.say_json(&json!({
                "schema": 1, "labs": labs, "architecture": architecture, "complete": complete, "images": images,
            }));
        } else {
            app.ui.say(&app.ui.page().images(&lines, &architecture, self.labs.as_deref()));
        }
        Ok(if complete { Exit::Done } else { Exit::Environment })
    }

    fn pull(&self, app: &App, patience: Duration) -> Result<Exit, Error> {
        let (labs, images) = self.required()?;
        let engine = Engine::connect(&app.endpoint()?)?;
        let config_dir = app.docker_config_dir();
        let mut listener = app.ui.images_listener();
        let pulled = app.block_on(interruptible(async {
            let architecture = engine.machine().await?;
            let mut warn = |warning: &str| app.ui.warn(warning);
            let config_dir = config_dir.as_deref();
            images::pull(&engine, &architecture, &images, config_dir, patience, listener.as_mut(), &mut warn).await
        }));
        drop(listener);
        let (mut came, mut failed) = (Vec::new(), Vec::new());
        for (image, pulled) in images.iter().zip(pulled??) {
            match pulled {
                Ok((fate, seen)) => came.push(report(&image.image, fate, &seen)),
                Err(error) => failed.push((image.image.as_str(), Error::from(error))),
            }
        }
        if app.ui.json {
            app.ui.say_json(&pull_report(&labs, came, &failed));
        } else if images.is_empty() {
            app.ui.say(&app.ui.page().no_images());
        } else {
            failed.iter().for_each(|(_, error)| app.ui.error(error));
            if !failed.is_empty() && images.len() > 1 {
                let names: Vec<&str> = failed.iter().map(|(image, _)| *image).collect();
                app.ui.say(&app.ui.page().not_pulled(&names, images.len()));
            }
        }
        Ok(failed.first().map_or(Exit::Done, |(_, error)| error.exit()))
    }
}

/// The images that are here, and those that did not come; `error` is the first of their reasons.
fn pull_report(labs: &str, came: Vec<serde_json::Value>, failed: &[(&str, Error)]) -> serde_json::Value {
    let reason = |error: &Error| json!({"code": error.code(), "message": error.to_string(), "hint": error.hint()});
    let mut report = json!({"schema": 1, "labs": labs, "images": came});
    if let Some((_, first)) = failed.first() {
        report["error"] = reason(first);
        let failed = failed.iter().map(|(image, error)| json!({"image": image, "error": reason(error)}));
        report["failed"] = failed.collect();
    }
    report
}

fn save(app: &App, order: &Order) -> Result<Exit, Error> {
    let engine = Engine::connect(&app.endpoint()?)?;
    let mut listener = app.ui.images_listener();
    let saved = app.block_on(interruptible(images::save(&engine, order, listener.as_mut())));
    drop(listener);
    let saved = saved??;
    if app.ui.json {
        let mut report = json!({"schema": 1, "file": saved.path, "bytes": saved.bytes});
        add_manifest(&mut report, &saved.manifest);
        app.ui.say_json(&report);
    } else {
        app.ui.say(&app.ui.page().saved(&saved));
    }
    Ok(Exit::Done)
}

fn load(app: &App, file: &std::path::Path, patience: Duration) -> Result<Exit, Error> {
    let engine = Engine::connect(&app.endpoint()?)?;
    let mut listener = app.ui.images_listener();
    let loaded = app.block_on(interruptible(images::load(&engine, file, patience, listener.as_mut())));
    drop(listener);
    let loaded = loaded??;
    if app.ui.json {
        let images: Vec<_> = loaded.images.iter().map(|(image, fate, seen)| report(image, *fate, seen)).collect();
        let mut report = json!({"schema": 1, "file": file});
        add_manifest(&mut report, &loaded.manifest);
        report["images"] = images.into();
        app.ui.say_json(&report);
    } else {
        app.ui.say(&app.ui.page().loaded(&loaded.manifest.labs));
    }
    Ok(Exit::Done)
}

fn report(image: &str, fate: Fate, seen: &Seen) -> serde_json::Value {
    json!({
        "image": image, "fate": fate.word(), "id": seen.id, "bytes": seen.bytes, "architecture": seen.architecture,
    })
}

fn add_manifest(report: &mut serde_json::Value, manifest: &Manifest) {
    report["labs"] = manifest.labs.clone().into();
    report["architecture"] = manifest.architecture.clone().into();
    report["labrun"] = manifest.labrun.clone().into();
    report["members"] = json!(manifest.members);
}
