//! A learner before a step: each row is typed, graded without being recorded, and undone, so that the next one begins
//! with the same state. While it is typed the recorder listens, as in a practice shell. Where a step is about what leaves
//! no state, the row is graded a second time by what the engine's events tell afterwards.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bollard::query_parameters::RemoveVolumeOptions;
use labrun_docker::{fill, newest_event};
use labrun_engine::{Activity, Grader, Session, StepReport, record};
use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::invocation::published_ports;
use labrun_graders::{CannotLook, Obstacle, Verdict};
use labrun_journal::{Fill, Known};
use labrun_store::Store;

use super::judgement::{Judged, Place, View};
use super::pupil::{Pupil, copy, session};
use super::state::State;
use super::table::{Expected, Row, StepTable};
use super::things::Things;
use super::typing::{DEADLINE, enter};
use crate::harness::{Leaving, takes_containers_away};
use crate::recorder::PATIENCE;

/// What the first row of every step is called.
pub const IDLE: &str = "nothing was done";

/// How much later a verdict is asked for again that is not the expected one.
const LATE: Duration = Duration::from_millis(700);

/// How long it may take to find out which mistake was made: on a busy machine longer than learners would wait.
const DIAGNOSIS: Duration = Duration::from_secs(30);

/// Held by the row that publishes a port of the host by its number: another learner may want the same.
static PORTS: Mutex<()> = Mutex::new(());

pub struct Trial<'a> {
    pupil: &'a Pupil,
    table: &'a StepTable,
    /// What the step begins with: everything else that is the learner's was made by a row.
    begins: Things,
    state: State,
    /// What of it changes by itself.
    restless: BTreeSet<String>,
    /// No row has touched it yet.
    is_new: bool,
    /// Why it must be built again before the next row.
    changed: Option<String>,
}

impl<'a> Trial<'a> {
    /// The step must have been reached.
    pub async fn of(pupil: &'a Pupil, table: &'a StepTable) -> Result<Self, String> {
        let (begins, state) = look(pupil).await?;
        Ok(Self { pupil, table, begins, state, restless: BTreeSet::new(), is_new: true, changed: None })
    }

    /// Nothing that a row has changed is left.
    pub fn is_as_it_began(&self) -> bool {
        self.changed.is_none()
    }

    /// That nothing was done must not pass; and what changes meanwhile changes by itself.
    pub async fn idle(&mut self, place: Place) -> Result<Vec<Judged>, String> {
        let row = Row {
            what: IDLE.to_owned(),
            run: "true".to_owned(),
            answer: Some(String::new()),
            expected: Expected::Wrong(None),
            by_events: None,
            unnamed: None,
            fresh: false,
        };
        let judged = self.judge(&row, place).await?;
        let (_, state) = look(self.pupil).await?;
        self.restless = self.state.restless(&state);
        Ok(judged)
    }

    /// Goes through a row. `rebuilt` is told why the step's state had to be built again.
    pub async fn row(&mut self, row: &Row, place: Place, rebuilt: &mut Vec<String>) -> Result<Vec<Judged>, String> {
        // The engine remembers 256 events, and other tests are at work on it: what it has forgotten is tried again.
        for last in [false, false, true] {
            self.make_ready(row, rebuilt).await?;
            self.is_new = false;
            let takes_port = !published_ports(&self.pupil.named(&row.run)).is_empty();
            let _port = takes_port.then(|| PORTS.lock().unwrap_or_else(PoisonError::into_inner));
            let judged = self.judge(row, place.clone()).await?;
            self.undo(row).await?;
            if last || !judged.iter().any(Judged::is_forgotten) {
                return Ok(judged);
            }
        }
        Err("it was never judged".to_owned())
    }

    /// Builds the step's state again where the row before has changed it, or this one wants it new.
    async fn make_ready(&mut self, row: &Row, rebuilt: &mut Vec<String>) -> Result<(), String> {
        let why =
            self.changed.take().or_else(|| (row.fresh && !self.is_new).then(|| "the row wants it new".to_owned()));
        if let Some(why) = why {
            rebuilt.push(why);
            self.pupil.rebuild(self.table.index).await?;
            (self.begins, self.state) = look(self.pupil).await?;
            self.is_new = true;
        }
        Ok(())
    }

    /// Does what a row does, and grades it: by what a recorder has kept; and, where these prove it, by the engine's events.
    async fn judge(&self, row: &Row, place: Place) -> Result<Vec<Judged>, String> {
        let engine = &self.pupil.engine;
        // The same beginning for every row: what earlier ones did is not in this copy, and came before it counts.
        let (home, mut store) = copy(&self.pupil.learner);
        let mut recorder_store = Store::open(home.path(), None).expect("a store");
        let (_other_home, mut other_store) = copy(&self.pupil.learner);
        let began = engine.clock.now();
        let anchor = newest_event(engine).await.map_err(|reason| reason.what)?;
        let now = engine.clock.now();
        let entries = self.just_now(now).await?;
        for store in [&mut store, &mut other_store] {
            let row = session(store).row;
            let nothing = Fill { anchor, reached: now, entries: entries.clone(), ..Fill::default() };
            store.add(row.id, &row.begin.engine, &nothing).expect("kept");
        }
        let mut session = session(&store);
        session.progress.cursor = now;
        let activity = Activity::default();
        let owned = self.pupil.loaded.lab.names_of_events();
        let recording = record(&mut recorder_store, session.row.id, &owned, engine, &activity);
        let judging = async {
            // What was reported before the recorder listened is no news to it.
            let heard = async {
                while !activity.is_newer_than(began) {
                    self.mark().await?;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Ok::<_, String>(())
            };
            tokio::time::timeout(PATIENCE, heard).await.map_err(|_| "the recorder hears nothing")??;
            let lines = enter(self.pupil, &row.run, self.table.by_line).await?;
            activity.settled(Duration::from_millis(50)).await;
            if let Some(answer) = self.answer(row).await {
                let at = engine.clock.now();
                for store in [&mut store, &mut other_store] {
                    store.keep_answer(session.row.id, &self.table.step, &answer, at).expect("kept");
                }
            }
            let mut judged = Vec::new();
            let views = [(View::Recorded, &mut store), (View::ByEvents, &mut other_store)];
            for (view, store) in views.into_iter().take(if self.table.evidence { 2 } else { 1 }) {
                let mut seen = self.look(row, &place, view, store, &session, &lines).await;
                // A busy engine may tell late how a command ended; a learner is then told late, too. A pass is never
                // taken back.
                if !seen.is_as_expected() && !seen.came.is_pass() {
                    tokio::time::sleep(LATE).await;
                    seen = self.look(row, &place, view, store, &session, &lines).await;
                    seen.is_late = seen.is_as_expected();
                }
                judged.push(seen);
            }
            Ok(judged)
        };
        tokio::select! {
            ended = recording => Err(format!("the recorder ended: {ended:?}")),
            judged = judging => judged,
        }
    }

    /// What earlier rows did a moment ago: known, or it would be taken for something that is told late; and about nothing.
    async fn just_now(&self, now: i64) -> Result<Vec<Entry>, String> {
        let second = 1_000_000_000;
        let known = Known { started: now - 3 * second, reached: now - second, ..Known::default() };
        let filled = fill(&self.pupil.engine, &known, Vec::new()).await.map_err(|reason| reason.what)?;
        Ok(filled.entries.into_iter().map(|entry| Entry { kind: String::new(), detail: None, ..entry }).collect())
    }

    /// Lets the engine report something, so that it is known when the recorder hears.
    async fn mark(&self) -> Result<(), String> {
        let docker = &self.pupil.engine.docker;
        let name = format!("{}-mark", self.pupil.learner.name);
        let mark = bollard::models::VolumeCreateRequest { name: Some(name.clone()), ..Default::default() };
        docker.create_volume(mark).await.map_err(|error| error.to_string())?;
        docker.remove_volume(&name, None::<RemoveVolumeOptions>).await.map_err(|error| error.to_string())
    }

    /// What is answered: what the row says, or the right answer where the step cannot pass without one.
    async fn answer(&self, row: &Row) -> Option<String> {
        match &row.answer {
            Some(answer) if answer.is_empty() => None,
            Some(answer) if answer.contains("@right") => {
                let right = self.pupil.right_answer(self.table.index).await.unwrap_or_default();
                Some(self.pupil.named(answer).replace("@right", &right))
            }
            Some(answer) => Some(self.pupil.named(answer)),
            None => {
                let step = self.pupil.loaded.lab.steps.get(self.table.index)?;
                let is_asked = step.checks.iter().any(|check| ["question", "answer"].contains(&check.kind));
                if is_asked { self.pupil.right_answer(self.table.index).await } else { None }
            }
        }
    }

    async fn look(
        &self,
        row: &Row,
        place: &Place,
        view: View,
        store: &mut Store,
        session: &Session,
        lines: &[TypedLine],
    ) -> Judged {
        let engine = Ok(self.pupil.engine.clone());
        let mut grader = Grader::new(store, &engine, Some(lines));
        grader.patience = DIAGNOSIS;
        let looked = grader.look(session, self.table.index).await.expect("progress can be read");
        let report: StepReport = looked.expect("a step of the lab").0;
        let by_events = if view == View::ByEvents { row.by_events.clone() } else { None };
        let mut judged = Judged {
            place: place.clone(),
            view,
            what: row.what.clone(),
            run: row.run.clone(),
            answer: row.answer.clone().filter(|answer| !answer.is_empty()),
            expected: by_events.unwrap_or_else(|| row.expected.clone()),
            unnamed: row.unnamed,
            came: Verdict::CannotCheck(CannotLook::new(Obstacle::Broken, "", "")),
            diagnosis: None,
            words: String::new(),
            is_late: false,
        };
        judged.take(&report);
        judged
    }

    /// Removes what a row made, brings back what it changed, and sees whether all is as the step began.
    async fn undo(&mut self, row: &Row) -> Result<(), String> {
        self.pupil.remove_beside(&self.begins).await?;
        let restore = self.table.restore.trim();
        if !restore.is_empty() {
            let text = self.pupil.named(restore);
            let _turn = takes_containers_away(&text).then(Leaving::wait);
            let mut shell = tokio::process::Command::new("bash");
            shell.args(["-c", &text]).stdin(Stdio::null()).kill_on_drop(true);
            let output = tokio::time::timeout(DEADLINE, shell.output()).await;
            output.map_err(|_| "what restores the state did not end".to_owned())?.expect("bash runs");
        }
        let (begins, state) = look(self.pupil).await?;
        // What was restored may be another container of the same name: that is what the step's author wants.
        let changed = self.state.difference(&state, restore.is_empty(), &self.restless);
        self.changed = changed.map(|changed| format!("`{}` changed {changed}", row.what));
        if self.changed.is_none() {
            (self.begins, self.state) = (begins, state);
        }
        Ok(())
    }
}

/// What is there, and how it is.
async fn look(pupil: &Pupil) -> Result<(Things, State), String> {
    let things = pupil.things().await?;
    let state = State::of(&pupil.engine.docker, &things).await.map_err(|error| error.to_string())?;
    Ok((things, state))
}
