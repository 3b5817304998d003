//! A learner who is brought to a step, and brought to it again when a row has changed what the step begins with.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::NetworkDisconnectRequest;
use bollard::query_parameters::{RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptions};
use labrun_docker::{Ambient, Endpoint, Engine, Marks};
use labrun_engine::{Grader, Session, connect_for, current};
use labrun_graders::Facts;
use labrun_graders::evidence::TypedLine;
use labrun_graders::name::NameKind;
use labrun_lab::{Loaded, load};
use labrun_store::{Store, StoreLedger};
use tempfile::TempDir;

use super::things::{Things, Whose, nameless_since};
use crate::harness::{Learner, Leaving, answered};

/// How often a volume or a network is asked to go, while the engine still calls it in use.
const TRIES: usize = 20;

/// Somebody in a lab.
pub struct Pupil {
    pub learner: Learner,
    pub loaded: Loaded,
    pub engine: Engine,
    pub whose: Whose,
    /// Volumes without a name that were this learner's: they may have outlived their containers.
    nameless: RefCell<BTreeSet<String>>,
    /// Since when the events are not yet read.
    read: Cell<i64>,
}

impl Pupil {
    /// Begins a lab.
    pub async fn begin(lab: &str) -> Result<Self, String> {
        labrun::builtin::provide();
        let learner = Learner::in_lab(lab);
        let loaded = load(lab, Some(learner.name.parse()?)).map_err(|error| error.to_string())?;
        let env = |name: &str| std::env::var_os(name);
        let home = std::env::var_os("HOME").map(Into::into);
        let ambient = Ambient { host_flag: None, context_flag: None, env: &env, home };
        let endpoint = Endpoint::resolve(&ambient).map_err(|error| error.to_string())?;
        let marks = Marks::new(StoreLedger::new(learner.home.path(), None));
        let session = session(&copy(&learner).1);
        let engine = connect_for(&session, &endpoint, marks).await.map_err(|reason| reason.what)?;
        let owned = loaded.lab.owns.names.iter().filter(|name| name.kind == NameKind::Path);
        let paths = owned.map(|name| name.text.clone().into()).collect();
        let whose = Whose { mark: learner.name.clone(), paths };
        let read = Cell::new(engine.clock.now());
        Ok(Self { learner, loaded, engine, whose, nameless: RefCell::default(), read })
    }

    /// This learner's form of a row's text.
    pub fn named(&self, text: &str) -> String {
        self.loaded.names.fill(text).replace("@me", &self.learner.name)
    }

    /// Goes on to a step by the solutions before it.
    pub async fn reach(&self, index: usize) -> Result<(), String> {
        let step = self.id(index);
        loop {
            let (_, task) = self.learner.json(&["task"]);
            let at = self.loaded.lab.steps.iter().position(|step| task["step"] == step.id.as_str());
            match at {
                Some(at) if at == index => return Ok(()),
                Some(at) if at < index => {
                    let (_, report) = answered(|| self.learner.json(&["solution", "--run"]));
                    if report["verdict"] != "pass" {
                        let answer = self.right_answer(at).await.ok_or_else(|| format!("no way on: {report}"))?;
                        let said = self.learner.labrun(&["answer", "--json", "--", &answer]);
                        if said.code != 0 {
                            return Err(format!("no way on by the answer {answer}: {said:?}"));
                        }
                    }
                }
                _ => return Err(format!("step {step} cannot be reached; the learner is at {}", task["step"])),
            }
        }
    }

    /// Builds the state in which a step begins again, from nothing.
    pub async fn rebuild(&self, index: usize) -> Result<(), String> {
        self.remove_beside(&Things::default()).await?;
        let said = self.learner.labrun(&["catchup", &self.id(index), "--yes"]);
        if said.code == 0 { Ok(()) } else { Err(format!("the step cannot be built again: {said:?}")) }
    }

    fn id(&self, index: usize) -> String {
        self.loaded.lab.steps.get(index).map(|step| step.id.clone()).unwrap_or_default()
    }

    /// The answer that a step wants at this moment, if it wants one.
    pub async fn right_answer(&self, index: usize) -> Option<String> {
        let step = self.loaded.lab.steps.get(index)?;
        let known = Facts::default();
        let known =
            step.checks.iter().filter(|check| check.kind == "question").find_map(|check| check.right_answer(&known));
        if known.is_some() {
            return known;
        }
        let (_home, mut store) = copy(&self.learner);
        let session = session(&store);
        let engine = Ok(self.engine.clone());
        let none: &[TypedLine] = &[];
        Grader::new(&mut store, &engine, Some(none)).look(&session, index).await.ok()??.1
    }

    /// What of the learner's is there.
    pub async fn things(&self) -> Result<Things, String> {
        Things::of(&self.engine.docker, &self.whose).await.map_err(|error| error.to_string())
    }

    /// Removes all that is the learner's, but for these.
    pub async fn remove_beside(&self, kept: &Things) -> Result<(), String> {
        let docker = &self.engine.docker;
        let since = self.read.replace(self.engine.clock.now());
        let (things, nameless) = (self.things().await?, nameless_since(docker, &self.whose, since).await);
        let mut volumes = self.nameless.borrow().clone();
        volumes.extend(nameless.map_err(|error| error.to_string())?);
        volumes.extend(things.volumes.iter().cloned());
        for (id, _) in things.containers.difference(&kept.containers) {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            let _turn = Leaving::wait();
            let _ = docker.remove_container(id, Some(options)).await;
        }
        for (id, _) in things.networks.difference(&kept.networks) {
            // One that the step began with may have been connected to it.
            for (container, _) in &kept.containers {
                let request = NetworkDisconnectRequest { container: container.clone(), force: Some(true) };
                let _ = docker.disconnect_network(id, request).await;
            }
            retry(|| docker.remove_network(id)).await;
        }
        for name in volumes.difference(&kept.volumes) {
            retry(|| docker.remove_volume(name, None::<RemoveVolumeOptions>)).await;
        }
        // Those of containers that the step began with go when the step is built again.
        *self.nameless.borrow_mut() = kept.volumes.clone();
        for (name, _) in things.images.difference(&kept.images) {
            let options = RemoveImageOptionsBuilder::new().force(true).build();
            let _ = docker.remove_image(name, Some(options), None).await;
        }
        for path in things.paths.difference(&kept.paths) {
            let _ = std::fs::remove_dir_all(path).or_else(|_| std::fs::remove_file(path));
        }
        Ok(())
    }
}

/// Asks again for a while: what had it may have only just gone.
async fn retry<F: Future<Output = Result<(), Error>>>(ask: impl Fn() -> F) {
    for _ in 0..TRIES {
        if matches!(ask().await, Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. })) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A copy of the learner's progress.
pub fn copy(learner: &Learner) -> (TempDir, Store) {
    // In memory, where there is such a place: each change is written through to the disk otherwise.
    let home = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder");
    std::fs::copy(learner.home.path().join("progress.db"), home.path().join("progress.db")).expect("copied");
    let store = Store::open(home.path(), None).expect("a store");
    (home, store)
}

pub fn session(store: &Store) -> Session {
    current(store, None).expect("it can be read").expect("a session")
}
