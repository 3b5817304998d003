//! `labrun list`: the tracks and their labs, with progress.

use serde_json::json;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::{LabLine, TrackLines};
use labrun_engine::{Progress, Session, all_open};
use labrun_lab::{catalogue, load};
use labrun_store::Mark;

/// List the labs, and how far you are
#[derive(clap::Args, Debug)]
pub struct List {}

impl List {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let store = app.store()?;
        let sessions = store.sessions()?;
        // Whoever went on last is the one who asks, unless somebody else is named.
        let last = sessions.iter().find(|row| row.ended.is_none()).and_then(|row| row.begin.learner.clone());
        let learner = if app.knows_learner() { app.globals.learner.as_ref().map(ToString::to_string) } else { last };
        let learner = learner.as_deref();
        // Who is named asks about that one alone.
        let open = if app.is_named() { Vec::new() } else { all_open(&store, None)? };
        let mut tracks = Vec::new();
        for track in catalogue()? {
            let mut labs = Vec::new();
            for id in &track.labs {
                let address = format!("{}/{id}", track.id);
                let lab = load(&address, None)?.lab;
                // The newest session tells; an ended one still shows what was reached.
                let session =
                    sessions.iter().find(|row| row.begin.address == address && row.begin.learner.as_deref() == learner);
                let progress = match session {
                    Some(row) => Some(Progress::derive(&store, row.id, row.begin.started, &lab)?),
                    None => None,
                };
                let done = progress.as_ref().map_or(0, Progress::closed);
                let passed = progress.as_ref().map_or(0, |progress| progress.count(Mark::Pass));
                let finished = progress.is_some_and(|progress| progress.current().is_none());
                labs.push(LabLine {
                    id: id.clone(),
                    title: lab.title,
                    minutes: lab.minutes,
                    steps: lab.steps.len(),
                    passed,
                    done,
                    finished,
                    open: session.is_some_and(|row| row.ended.is_none()),
                    others: others(&open, &address, learner),
                });
            }
            tracks.push(TrackLines { id: track.id, title: track.title, summary: track.summary, labs });
        }
        if app.ui.json {
            let tracks: Vec<_> = tracks.iter().map(TrackLines::json).collect();
            app.ui.say_json(&json!({"schema": 1, "tracks": tracks}));
        } else {
            app.ui.say(&app.ui.page().catalogue(&tracks));
        }
        Ok(Exit::Done)
    }
}

/// How far those are with a lab who have begun it under another name.
fn others(open: &[Session], address: &str, learner: Option<&str>) -> Vec<(Option<String>, usize)> {
    let of_lab = open.iter().filter(|open| open.row.begin.address == address);
    let others = of_lab.filter(|open| open.row.begin.learner.as_deref() != learner);
    others.map(|open| (open.row.begin.learner.clone(), open.progress.closed())).collect()
}
