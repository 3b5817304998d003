//! `labrun start LAB`: preflight, briefing, first task, practice shell.

use labrun_graders::{CannotLook, Nanos};
use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::front;
use crate::ui::Page;
use labrun_docker::Engine;
use labrun_engine::doctor::{self, LabNeeds, Needs, in_passing};
use labrun_engine::{Change, EngineError, Halt, Session, begin, by_id, changes, find};
use labrun_lab::{Lab, Loaded, load};
use labrun_store::Store;

/// Begin a lab, or go on with it
#[derive(clap::Args, Debug)]
pub struct Start {
    /// The lab's name, or a folder with a lab.yaml
    #[arg(add = crate::completion::labs())]
    lab: String,
    /// Only begin the session: no practice shell
    #[arg(long)]
    no_shell: bool,
    /// Stop at the end of this part: its number or its title. Starting again goes on
    #[arg(long, value_name = "PART", add = crate::completion::parts())]
    until: Option<String>,
    /// As an exam: no hints, no solutions, one verdict at the end
    #[arg(long)]
    exam: bool,
}

impl Start {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let learner = app.globals.learner.as_ref();
        let loaded = load(&self.lab, learner.cloned())?;
        let mut store = app.store()?;
        let pause = self.pause(&loaded.lab)?;
        if app.is_in_shell() {
            return self.go_on(app, &mut store, loaded);
        }
        let practises = !self.no_shell && !app.ui.json && app.ui.asks();
        let endpoint = app.endpoint()?;
        let (session, engine) = match find(&store, loaded, learner)? {
            Ok(mut session) => {
                if self.exam && session.row.exam.is_none() {
                    return Err(Error::usage(
                        "this lab has begun, and not as an exam",
                        "labrun reset ends it; then start it with --exam",
                    ));
                }
                let engine = app.block_on(app.connect(&session, &endpoint))??;
                store.resume(session.row.id)?;
                session.pause(&mut store, pause)?;
                let changes = app.block_on(changes(&mut store, &session, &Ok(engine.clone())))??;
                show(app, &session, &Begun::Resumed(changes), practises);
                (session, engine)
            }
            Err(loaded) => {
                let needs = Needs { learner: None, learners: 1, labs: vec![LabNeeds::of(&loaded.lab, false)] };
                let mut engine = Engine::connect(&endpoint)?;
                engine.marks = app.marks();
                let passing = engine.clone();
                let beginning = async {
                    // What the doctor sees in passing is asked beside what a lab begins with.
                    let begun = begin(&mut store, loaded, learner, &endpoint, &mut engine);
                    let (begun, version) = tokio::join!(begun, doctor::version(&endpoint, &passing));
                    let (session, met) = begun?;
                    let identity = met.identity.clone();
                    let mut looking = passing.clone();
                    looking.helper_image = helper(&session);
                    let noticed = in_passing(&needs, &endpoint, &looking, met, version).await;
                    Ok::<_, EngineError>((session, identity, noticed))
                };
                let (mut session, identity, noticed) = app.block_on(beginning)??;
                for checked in &noticed {
                    app.ui.warn(&checked.to_string());
                }
                engine.helper_image = helper(&session);
                session.pause(&mut store, pause)?;
                if self.exam {
                    let minutes = session.loaded.lab.exam_minutes.map_or(Nanos::MAX, Nanos::from);
                    let until = session.row.begin.started.saturating_add(minutes.saturating_mul(60_000_000_000));
                    store.examine(session.row.id, until)?;
                    session.row.exam = Some(until);
                }
                let images = session.loaded.lab.images.join(", ");
                let found =
                    format!("Engine {} via {} · {images} present · names free", identity.version, endpoint.describe(),);
                show(app, &session, &Begun::Now(found), practises);
                (session, engine)
            }
        };
        if practises {
            practise(app, session, engine)?;
        }
        Ok(Exit::Done)
    }
}

impl Start {
    /// Where to stop, as asked for.
    fn pause(&self, lab: &Lab) -> Result<Option<usize>, Error> {
        let Some(part) = &self.until else { return Ok(None) };
        let end = lab.end_of_part(part);
        end.map(Some)
            .ok_or_else(|| Error::usage(format!("this lab has no part {part}"), "labrun status shows the parts"))
    }

    /// In a practice shell: the room goes on, if it is this lab that waits.
    fn go_on(&self, app: &App, store: &mut Store, loaded: Loaded) -> Result<Exit, Error> {
        match find(store, loaded, app.globals.learner.as_ref())? {
            Ok(mut session) if session.halt() == Some(Halt::Waits) => {
                let pause = self.pause(&session.loaded.lab)?;
                session.pause(store, pause)?;
                app.ui.say(&app.ui.page().task_or_end(&session));
                Ok(Exit::Done)
            }
            _ => Err(Error::usage("you are in a practice shell already", "leave it first: exit")),
        }
    }
}

/// The image that labrun's own containers are made from.
fn helper(session: &Session) -> String {
    session.loaded.lab.images.first().cloned().unwrap_or_default()
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

/// How a session came to the screen.
enum Begun {
    /// Just begun; what was found then.
    Now(String),
    /// Gone on with; what has changed since.
    Resumed(Result<Vec<Change>, CannotLook>),
}

/// A screen that the practice shell follows: the shell's first words begin with an empty line.
pub(super) fn before_shell(screen: &str) -> String {
    screen.trim_end().to_owned() + "\n"
}

/// How a screen is laid out that the practice shell follows, or not: its words are then the shell's already.
pub(super) fn page(app: &App, practises: bool) -> Page {
    let page = app.ui.page();
    Page { in_shell: page.in_shell || practises, ..page }
}

/// The first screen: what was found, what it is about, what to do.
fn show(app: &App, session: &Session, begun: &Begun, practises: bool) {
    let lab = &session.loaded.lab;
    if app.ui.json {
        let current = session.progress.current().and_then(|index| lab.steps.get(index)).map(|step| &step.id);
        let resumed = matches!(begun, Begun::Resumed(_));
        app.ui.say_json(&json!({
            "schema": 1, "lab": lab.id, "as": session.row.begin.learner, "resumed": resumed, "steps": lab.steps.len(), "step": current,
        }));
        return;
    }
    let page = page(app, practises);
    let mut screen = String::new();
    match begun {
        Begun::Now(found) => {
            screen += &page.quiet(found);
            screen += "\n";
            screen += &page.title(&lab.title);
            screen += &page.markdown(&lab.briefing.text);
        }
        Begun::Resumed(changes) => screen += &page.resumed(session, changes),
    }
    screen += "\n";
    screen += &page.task_or_end(session);
    let screen = if practises { before_shell(&screen) } else { screen };
    app.ui.say(&screen);
}
