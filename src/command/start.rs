//! `labrun start LAB`: preflight, briefing, first task, practice shell.

use serde_json::json;

use crate::app::App;
use crate::engine::{Session, begin, by_id, connect_for, find};
use crate::error::Error;
use crate::exit::Exit;
use crate::front;
use crate::lab::load;
use crate::probe::Engine;
use crate::ui::Page;

/// Begin a lab, or go on with it
#[derive(clap::Args, Debug)]
pub struct Start {
    /// The lab's name, or a folder with a lab.yaml
    lab: String,
    /// Only begin the session: no practice shell
    #[arg(long)]
    no_shell: bool,
}

impl Start {
    pub(super) fn run(&self, app: &App) -> Result<Exit, Error> {
        if app.is_in_shell() {
            return Err(Error::usage("you are in a practice shell already", "leave it first: exit"));
        }
        let learner = app.globals.learner.as_ref();
        let loaded = load(&self.lab, learner.cloned())?;
        let mut store = app.store()?;
        let practises = !self.no_shell && !app.ui.json && app.ui.asks();
        let endpoint = app.endpoint()?;
        let (session, engine) = match find(&store, loaded, learner)? {
            Ok(session) => {
                let engine = app.block_on(connect_for(&session, &endpoint))??;
                store.resume(session.row.id)?;
                show(app, &session, None, practises);
                (session, engine)
            }
            Err(loaded) => {
                let mut engine = Engine::connect(&endpoint)?;
                let (session, identity) =
                    app.block_on(begin(&mut store, loaded, learner, &endpoint, &mut engine))??;
                engine.helper_image = session.loaded.lab.images.first().cloned().unwrap_or_default();
                let images = session.loaded.lab.images.join(", ");
                let found =
                    format!("Engine {} via {} · {images} present · names free", identity.version, endpoint.describe(),);
                show(app, &session, Some(found), practises);
                (session, engine)
            }
        };
        if practises {
            practise(app, session, engine)?;
        }
        Ok(Exit::Done)
    }
}

/// The practice shell, with a word before it and one after.
pub(super) fn practise(app: &App, session: Session, engine: Engine) -> Result<(), Error> {
    app.ui.say(&app.ui.page().shell_begins());
    let id = session.row.id;
    front::practise(app, session, Ok(engine))?;
    if let Some(session) = by_id(&app.store()?, id)? {
        app.ui.say(&app.ui.page().shell_ends(&session));
    }
    Ok(())
}

/// How a screen is laid out that the practice shell follows, or not: its words are then the shell's already.
pub(super) fn page(app: &App, practises: bool) -> Page {
    let page = app.ui.page();
    Page { in_shell: page.in_shell || practises, ..page }
}

/// The first screen: what was found, what it is about, what to do.
fn show(app: &App, session: &Session, begun: Option<String>, practises: bool) {
    let lab = &session.loaded.lab;
    if app.ui.json {
        let current = session.progress.current().and_then(|index| lab.steps.get(index)).map(|step| &step.id);
        app.ui.say_json(&json!({
            "schema": 1, "lab": lab.id, "resumed": begun.is_none(), "steps": lab.steps.len(), "step": current,
        }));
        return;
    }
    let page = page(app, practises);
    let mut screen = String::new();
    match begun {
        Some(found) => {
            screen += &page.quiet(&found);
            screen += "\n";
            screen += &page.title(&lab.title);
            screen += &page.markdown(&lab.briefing.text);
        }
        None => screen += &page.resumed(session),
    }
    screen += "\n";
    screen += &page.task_or_end(session);
    // The shell's first words begin with an empty line.
    let screen = if practises { screen.trim_end().to_owned() + "\n" } else { screen };
    app.ui.say(&screen);
}
