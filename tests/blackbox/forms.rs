//! No false verdicts: for each step of the lab, right answers in other forms and wrong states that look right.
//!
//! A learner is brought to the step once. Each row is typed, graded without being recorded, and undone, so that the next
//! one begins with the same state. While it is typed the recorder listens, as in a practice shell. Where a step is about
//! what leaves no state, the row is graded a second time by what the engine's events tell afterwards.

mod bind_mount;
mod one_volume;
mod two_containers;
mod what_stays;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptions, ListVolumesOptions, RemoveContainerOptionsBuilder,
    RemoveImageOptionsBuilder, RemoveVolumeOptions,
};
use labrun::engine::{Activity, Grader, Session, StepReport, connect_for, current, record};
use labrun::probe::{Ambient, Endpoint, Engine, Fill, Known, Marks, fill, newest_event};
use labrun::store::{Store, StoreLedger};
use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::{Obstacle, Verdict};
use tempfile::TempDir;

use crate::harness::{Learner, Leaving};
use crate::recorder::PATIENCE;

/// What a row is to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdicts {
    /// It passes.
    Right,
    /// It does not, perhaps with this diagnosis.
    Wrong(Option<&'static str>),
    /// It cannot be told, and the learner is asked instead.
    Asked,
}

use Verdicts::{Asked, Right, Wrong};

/// One answer to a step.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    /// What is typed. `@me` is the learner's name; at a step that is about typed lines each line is entered by itself.
    typed: &'static str,
    /// What is answered to the step's question; `@mountpoint` is the volume's.
    answered: Option<&'static str>,
    recorded: Verdicts,
    /// Where the events alone tell something else.
    by_events: Option<Verdicts>,
}

const fn row(name: &'static str, typed: &'static str, recorded: Verdicts) -> Row {
    Row { name, typed, answered: None, recorded, by_events: None }
}

const fn right(name: &'static str, typed: &'static str) -> Row {
    row(name, typed, Right)
}

/// It does not pass, and this is said of it.
const fn wrong(name: &'static str, typed: &'static str, diagnosis: &'static str) -> Row {
    row(name, typed, Wrong(Some(diagnosis)))
}

/// It does not pass, whatever is said of it.
const fn fails(name: &'static str, typed: &'static str) -> Row {
    row(name, typed, Wrong(None))
}

/// What was done can't be seen, and so is asked for.
const fn asked(name: &'static str, typed: &'static str) -> Row {
    row(name, typed, Asked)
}

impl Row {
    const fn answered(self, answer: &'static str) -> Self {
        Self { answered: Some(answer), ..self }
    }

    const fn by_events(self, verdicts: Verdicts) -> Self {
        Self { by_events: Some(verdicts), ..self }
    }
}

/// A step and its rows.
struct Table {
    step: &'static str,
    /// It is about what the engine's events prove.
    is_evidence: bool,
    /// Brings back what the rows change and sweeping up does not.
    restore: &'static str,
    rows: &'static [Row],
}

/// Goes through the tables, in the order of the lab's steps.
fn go_through(tables: &[Table]) {
    let learner = Learner::in_lab("docker-volumes");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut faults = String::new();
    for table in tables {
        learner.up_to(table.step);
        runtime.block_on(Trial::of(&learner, table)).go_through(&runtime, &mut faults);
    }
    assert!(faults.is_empty(), "false verdicts:\n{faults}");
}

/// A learner before a step.
struct Trial<'a> {
    learner: &'a Learner,
    table: &'a Table,
    engine: Engine,
    kept: Kept,
}

/// What the step begins with: everything else that is the learner's was made by a row.
#[derive(Default)]
struct Kept {
    /// By id and name: one that was given another name is not what it was.
    containers: BTreeSet<(String, String)>,
    volumes: BTreeSet<String>,
    images: BTreeSet<String>,
    paths: BTreeSet<std::path::PathBuf>,
}

impl<'a> Trial<'a> {
    async fn of(learner: &'a Learner, table: &'a Table) -> Self {
        let env = |name: &str| std::env::var_os(name);
        let home = std::env::var_os("HOME").map(Into::into);
        let ambient = Ambient { host_flag: None, context_flag: None, env: &env, home };
        let endpoint = Endpoint::resolve(&ambient).expect("an endpoint");
        let marks = Marks::new(StoreLedger::new(learner.home.path(), None));
        let engine = connect_for(&session(&copy(learner).1), &endpoint, marks).await.expect("the learner's engine");
        let mut trial = Self { learner, table, engine, kept: Kept::default() };
        trial.kept = trial.mine().await;
        trial
    }

    fn go_through(mut self, runtime: &tokio::runtime::Runtime, faults: &mut String) {
        let idle = row("nothing was done", "true", Wrong(None));
        for row in std::iter::once(&idle).chain(self.table.rows) {
            // The engine remembers 256 events, and other tests are at work on it: what it has forgotten is tried again.
            for last in [false, false, true] {
                let reports = runtime.block_on(self.judge(row));
                runtime.block_on(self.undo());
                let is_forgotten = |report: &StepReport| matches!(&report.verdict, Verdict::CannotCheck(reason) if reason.obstacle == Obstacle::Gap);
                if !last && reports.iter().any(is_forgotten) {
                    continue;
                }
                let expected = [("recorded", row.recorded), ("by events", row.by_events.unwrap_or(row.recorded))];
                for ((view, expected), report) in expected.into_iter().zip(&reports) {
                    self.compare(row, view, expected, report, faults);
                }
                break;
            }
        }
    }

    /// Does what a row does, and grades it: by what a recorder has kept; and, where these prove it, by the engine's events.
    async fn judge(&self, row: &Row) -> Vec<StepReport> {
        // The same beginning for every row: what earlier ones did is not in this copy, and came before it counts.
        let (_home, mut store) = copy(self.learner);
        let (_home_of_recorder, mut recorder_store) = (&_home, Store::open(_home.path(), None).expect("a store"));
        let (_other_home, mut other_store) = copy(self.learner);
        let began = self.engine.clock.now();
        let anchor = newest_event(&self.engine).await.expect("events");
        let now = self.engine.clock.now();
        let entries = self.just_now(now).await;
        for store in [&mut store, &mut other_store] {
            let row = session(store).row;
            let nothing = Fill { anchor, reached: now, entries: entries.clone(), ..Fill::default() };
            store.add(row.id, &row.begin.engine, &nothing).expect("kept");
        }
        let mut session = session(&store);
        session.progress.cursor = now;
        let activity = Activity::default();
        let recording = record(&mut recorder_store, session.row.id, &[], &self.engine, &activity);
        let judging = async {
            // What was reported before the recorder listened is no news to it.
            let heard = async {
                while !activity.is_newer_than(began) {
                    self.mark().await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(PATIENCE, heard).await.expect("the recorder hears what the engine reports");
            let lines = self.enter(row).await;
            if let Some(answer) = row.answered {
                let answer = answer.replace("@mountpoint", &self.learner.mountpoint());
                for store in [&mut store, &mut other_store] {
                    store.keep_answer(session.row.id, self.table.step, &answer, now).expect("kept");
                }
            }
            activity.settled(Duration::from_millis(50)).await;
            let mut reports = vec![self.look(&mut store, &session, &lines).await];
            if self.table.is_evidence {
                reports.push(self.look(&mut other_store, &session, &lines).await);
            }
            reports
        };
        tokio::select! {
            ended = recording => panic!("the recorder ended: {ended:?}"),
            reports = judging => reports,
        }
    }

    /// What earlier rows did a moment ago: known, or it would be taken for something that is told late; and about nothing.
    async fn just_now(&self, now: i64) -> Vec<Entry> {
        let second = 1_000_000_000;
        let known = Known { started: now - 3 * second, reached: now - second, ..Known::default() };
        let filled = fill(&self.engine, &known, Vec::new()).await.expect("events");
        filled.entries.into_iter().map(|entry| Entry { kind: String::new(), detail: None, ..entry }).collect()
    }

    /// Lets the engine report something, so that it is known when the recorder hears.
    async fn mark(&self) {
        let name = format!("{}-mark", self.learner.name);
        let mark = bollard::models::VolumeCreateRequest { name: Some(name.clone()), ..Default::default() };
        self.engine.docker.create_volume(mark).await.expect("a volume");
        self.engine.docker.remove_volume(&name, None::<RemoveVolumeOptions>).await.expect("removed");
    }

    async fn look(&self, store: &mut Store, session: &Session, lines: &[TypedLine]) -> StepReport {
        let steps = &session.loaded.lab.steps;
        let index = steps.iter().position(|step| step.id == self.table.step).expect("a step of the lab");
        let engine = Ok(self.engine.clone());
        let mut grader = Grader::new(store, &engine, Some(lines));
        grader.look(session, index).await.expect("progress can be read").expect("a step of the lab").0
    }

    /// Types a row at a shell.
    async fn enter(&self, row: &Row) -> Vec<TypedLine> {
        let text = self.learner.named(row.typed).replace("@me", &self.learner.name);
        let by_line = matches!(self.table.step, "inspect-volume" | "read-on-host");
        let lines: Vec<&str> = if by_line { text.lines().collect() } else { vec![&text] };
        let folder = TempDir::new().expect("a folder");
        let mut cwd = folder.path().to_owned();
        let mut typed = Vec::new();
        for line in lines {
            let left_in = folder.path().join(".cwd");
            let codes_in = folder.path().join(".codes");
            let script = format!(
                "trap 'echo ${{PIPESTATUS[*]}} >{}; pwd >{}' EXIT\n{line}",
                codes_in.display(),
                left_in.display()
            );
            let mut shell = tokio::process::Command::new("bash");
            shell.args(["-c", &script]).current_dir(&cwd).stdin(std::process::Stdio::null()).kill_on_drop(true);
            let output = shell.output().await.expect("bash runs");
            let exit_code = output.status.code().unwrap_or(-1).into();
            let at = self.engine.clock.now();
            let before = std::mem::replace(&mut cwd, std::fs::read_to_string(&left_in).expect("said").trim().into());
            let codes = std::fs::read_to_string(&codes_in).expect("said");
            typed.push(TypedLine {
                pipeline: codes.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
                line: line.to_owned(),
                exit_code,
                cwd: Some(before.to_string_lossy().into_owned()),
                at,
                ..TypedLine::default()
            });
        }
        typed
    }

    fn compare(&self, row: &Row, view: &str, expected: Verdicts, report: &StepReport, faults: &mut String) {
        let is_as_expected = match (expected, &report.verdict) {
            (Right, Verdict::Pass(_)) | (Wrong(None), Verdict::Fail(_)) => true,
            (Wrong(Some(diagnosis)), Verdict::Fail(feedback)) => feedback.diagnosis.as_deref() == Some(diagnosis),
            (Asked, Verdict::CannotCheck(reason)) => reason.obstacle == Obstacle::Unseen,
            _ => false,
        };
        if !is_as_expected {
            let Table { step, .. } = self.table;
            let _ = writeln!(
                faults,
                "{step}, {}: {}\n    {view}, it is not {expected:?} but {:?}",
                row.name, row.typed, report.verdict
            );
        }
    }

    /// Removes what a row made, and brings back what it changed.
    async fn undo(&mut self) {
        let docker = &self.engine.docker;
        let mine = self.mine().await;
        for (id, _) in mine.containers.difference(&self.kept.containers) {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            let _turn = Leaving::wait();
            let _ = docker.remove_container(id, Some(options)).await;
        }
        for name in mine.volumes.difference(&self.kept.volumes) {
            let _ = docker.remove_volume(name, None::<RemoveVolumeOptions>).await;
        }
        for name in mine.images.difference(&self.kept.images) {
            let options = RemoveImageOptionsBuilder::new().force(true).build();
            let _ = docker.remove_image(name, Some(options), None).await;
        }
        for path in mine.paths.difference(&self.kept.paths) {
            let _ = std::fs::remove_dir_all(path).or_else(|_| std::fs::remove_file(path));
        }
        if !self.table.restore.is_empty() {
            self.learner.types(self.table.restore);
        }
        self.kept = self.mine().await;
    }

    /// Everything that bears the learner's name, or holds something that does.
    async fn mine(&self) -> Kept {
        let mark = &self.learner.name;
        let is_mine = |name: &str| {
            name.match_indices(mark.as_str())
                .any(|(at, _)| !name[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit()))
        };
        let docker = &self.engine.docker;
        let all = ListContainersOptionsBuilder::new().all(true).build();
        let (containers, volumes, images) = tokio::try_join!(
            docker.list_containers(Some(all)),
            docker.list_volumes(None::<ListVolumesOptions>),
            docker.list_images(None::<ListImagesOptions>),
        )
        .expect("the engine answers");
        let mut mine = Kept::default();
        for container in containers {
            let names = container.names.unwrap_or_default();
            let mounts = container.mounts.unwrap_or_default();
            let id = container.id.unwrap_or_default();
            let mut words = names.iter().chain(mounts.iter().flat_map(|mount| [&mount.name, &mount.source]).flatten());
            if words.any(|word| is_mine(word)) {
                mine.containers.insert((id, names.concat()));
            }
        }
        let volumes = volumes.volumes.unwrap_or_default().into_iter().map(|volume| volume.name);
        mine.volumes.extend(volumes.filter(|name| is_mine(name)));
        let tags = images.into_iter().flat_map(|image| image.repo_tags);
        mine.images.extend(tags.filter(|tag| is_mine(tag)));
        let paths = std::fs::read_dir("/tmp").expect("/tmp").flatten().map(|entry| entry.path());
        mine.paths.extend(paths.filter(|path| is_mine(&path.to_string_lossy())));
        mine
    }
}

/// A copy of the learner's progress.
fn copy(learner: &Learner) -> (TempDir, Store) {
    // In memory, where there is such a place: each change is written through to the disk otherwise.
    let home = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder");
    std::fs::copy(learner.home.path().join("progress.db"), home.path().join("progress.db")).expect("copied");
    let store = Store::open(home.path(), None).expect("a store");
    (home, store)
}

fn session(store: &Store) -> Session {
    current(store, None).expect("it can be read").expect("a session")
}
