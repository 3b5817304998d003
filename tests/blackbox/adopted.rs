//! What a learner already had stays theirs: also under an owned name, on another engine, or in a lab that grew.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::liar::Liar;

/// A lab that owns one name of each kind.
const LAB: &str = "\
title: One of each
summary: Own one name of each kind.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  volumes: [adopted-data]
  containers: [adopted-app, adopted-helper]
  networks: [adopted-net]
  images: ['adopted-image:1']
  paths: [/tmp/adopted-dir]
briefing: briefing.md
steps:
  - id: make
    title: Make it
    task: |
      Create **@{adopted-data}**. There are @{adopted-app}, @{adopted-helper}, @{adopted-net}, @{adopted-image:1} and
      @{/tmp/adopted-dir}, too.
    solution: docker volume create @{adopted-data}
    checks:
      - volume: { name: adopted-data }
  - id: write
    title: Write it
    task: Write a file.
    solution: docker run --rm -v @{adopted-data}:/d busybox touch /d/file
    checks:
      - file: { in: { volume: adopted-data }, path: file, is: file }
";

/// A learner and the folder of that lab.
struct Place {
    learner: Learner,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { learner: Learner::new(), folder: tempfile::tempdir().expect("a folder") };
        fs::create_dir(place.lab()).expect("made");
        fs::write(place.lab().join("lab.yaml"), LAB).expect("written");
        fs::write(place.lab().join("briefing.md"), "Read this.\n").expect("written");
        place
    }

    fn lab(&self) -> PathBuf {
        self.folder.path().join("adopted")
    }

    fn starts(&self) {
        let lab = self.lab().display().to_string();
        assert_eq!(self.learner.labrun(&["trust", "--yes", &lab]).code, 0);
        let said = self.learner.labrun(&["start", &lab, "--no-shell"]);
        assert_eq!(said.code, 0, "{said:?}");
    }

    /// This learner's form of an owned name, or a name of their own.
    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.learner.name)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new("/tmp").join(self.name(name))
    }

    /// Types a line in which `%` stands for this learner's name and a dash.
    fn types(&self, line: &str) -> String {
        self.learner.types(&line.replace('%', &self.name("")))
    }

    fn is_there(&self, kind: &str, name: &str) -> bool {
        self.learner.tries(&format!("docker {kind} inspect {name}")).code == 0
    }

    fn resets(&self, code: i32) -> String {
        let said = self.learner.labrun(&["reset", "--yes"]);
        assert_eq!(said.code, code, "{said:?}");
        plain(&said)
    }

    fn in_store(&self, sql: &str) {
        let store = Connection::open(self.learner.home.path().join("progress.db")).expect("opened");
        assert_eq!(store.execute(sql, []).expect("changed"), 1);
    }
}

/// All that was said, without the ends of lines.
fn plain(said: &Said) -> String {
    format!("{} {}", said.out, said.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_goes_on_another_engine_at_the_same_address() {
    let place = Place::new();
    place.starts();
    place.types("docker volume create %adopted-data");
    fs::create_dir(place.path("adopted-dir")).expect("made");
    // The progress file was copied from another machine, or is in a home that several machines share.
    let engine = place.types("docker info -f '{{.ID}}'").trim().to_owned();
    place.in_store("UPDATE session SET engine = 'another'");
    for arguments in [&["reset", "--yes"][..], &["catchup", "2", "--yes"], &["solution", "--run"]] {
        let said = place.learner.labrun(arguments);
        assert_eq!(said.code, 4, "{arguments:?} {said:?}");
        assert!(plain(&said).contains("docker now talks to another one"), "{said:?}");
    }
    assert!(place.is_there("volume", &place.name("adopted-data")) && place.path("adopted-dir").exists());
    place.in_store(&format!("UPDATE session SET engine = '{engine}'"));
    place.resets(0);
    assert!(!place.path("adopted-dir").exists());
}

#[test]
fn solution_does_not_run_on_another_engine() {
    let place = Place::new();
    place.starts();
    // Another address, and who answers there is another engine.
    let other = Liar::start(place.learner.home.path(), |path, answer| {
        path.ends_with("/info").then(|| answer.replacen("\"ID\":\"", "\"ID\":\"X", 1))
    });
    let said = place.learner.command(&["solution", "--run"]).env("DOCKER_HOST", other.host()).output();
    let said = Said::from(said.expect("labrun runs"));
    assert_eq!(said.code, 4, "{said:?}");
    assert!(!place.is_there("volume", &place.name("adopted-data")));
}

#[test]
fn a_damaged_name_or_baseline_removes_nothing() {
    let place = Place::new();
    place.starts();
    place.types("docker volume create %adopted-data");
    let baseline: String = {
        let store = Connection::open(place.learner.home.path().join("progress.db")).expect("opened");
        store.query_row("SELECT baseline FROM session", [], |row| row.get(0)).expect("read")
    };
    for damage in ["{\"objects\": [", "", "[]"] {
        place.in_store(&format!("UPDATE session SET baseline = '{damage}'"));
        place.resets(4);
    }
    place.in_store(&format!("UPDATE session SET baseline = '{}'", baseline.replace('\'', "''")));
    // Without a name the lab's names are the bare ones, which may be anybody's.
    place.in_store("UPDATE session SET learner = 'No Name!'");
    let lab = place.lab().display().to_string();
    let said = place.learner.command(&["reset", &lab, "--yes"]).env_remove("LABRUN_AS").output();
    let said = Said::from(said.expect("labrun runs"));
    assert_eq!(said.code, 4, "{said:?}");
    assert!(plain(&said).contains("No Name!"), "{said:?}");
    place.in_store(&format!("UPDATE session SET learner = '{}'", place.learner.name));
    assert!(place.is_there("volume", &place.name("adopted-data")));
    place.resets(0);
}
