//! What a learner already had stays theirs: also under an owned name, on another engine, or in a lab that grew.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::harness::{Learner, Made, Said};
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
fn reset_keeps_an_old_container_under_an_owned_name() {
    let place = Place::new();
    let _made = [Made("container", place.name("db")), Made("container", place.name("adopted-app"))];
    place.types("docker run -d --name %db -v /data busybox sleep 600");
    place.starts();
    place.types("docker rename %db %adopted-app");
    let said = place.learner.labrun(&["catchup", "2", "--yes"]);
    assert_eq!(said.code, 4, "its name is in the way: {said:?}");
    place.resets(0);
    let running = place.types("docker inspect -f '{{.State.Running}}' %adopted-app");
    assert_eq!(running, "true\n");
}

#[test]
fn reset_keeps_an_old_image_whose_last_tag_is_owned() {
    let place = Place::new();
    let (tag, made) = (place.name("adopted-image:1"), Made("image", place.name("mine:1")));
    let temporary = Made("container", place.name("temporary"));
    place.types("docker create --name %temporary busybox true && docker commit %temporary %mine:1");
    drop(temporary);
    place.starts();
    place.types("docker tag %mine:1 %adopted-image:1 && docker rmi %mine:1");
    let said = place.resets(4);
    assert!(said.contains("it was here before this lab, and this is its last name"), "{said}");
    assert!(place.is_there("image", &tag));
    // With a name of its own it only loses the owned one.
    place.types("docker tag %adopted-image:1 %mine:1");
    place.resets(0);
    assert!(!place.is_there("image", &tag) && place.is_there("image", &made.1));
}

#[test]
fn reset_keeps_a_volume_taken_over_from_another_container() {
    // The owner of the anonymous volume was there before the lab, or another person made it after the start.
    for before in [true, false] {
        let place = Place::new();
        let db = Made("container", place.name("db"));
        let make = "docker run --name %db -v /data busybox sh -c 'echo precious > /data/file'";
        if before {
            place.types(make);
        }
        place.starts();
        if !before {
            place.types(make);
        }
        let volume = place.types("docker inspect -f '{{(index .Mounts 0).Name}}' %db").trim().to_owned();
        let volume = Made("volume", volume);
        place.types("docker create --name %adopted-app --volumes-from %db -v /own busybox true");
        place.types("docker rm %db");
        place.resets(0);
        assert!(!place.is_there("container", &place.name("adopted-app")));
        assert!(place.is_there("volume", &volume.1), "before: {before}");
        drop(db);
    }
}

#[test]
fn an_owned_containers_anonymous_volume_goes_with_it() {
    let place = Place::new();
    place.starts();
    place.types("docker create --name %adopted-app -v /data busybox true");
    place.types("docker create --name %adopted-helper --volumes-from %adopted-app busybox true");
    let volume = place.types("docker inspect -f '{{(index .Mounts 0).Name}}' %adopted-app").trim().to_owned();
    place.resets(0);
    assert!(!place.is_there("volume", &volume));
}

#[test]
fn a_network_stays_while_a_stopped_container_needs_it() {
    let place = Place::new();
    place.starts();
    let _made = Made("container", place.name("theirs"));
    place.types("docker network create %adopted-net");
    place.types("docker run -d --name %theirs --network %adopted-net busybox true");
    let said = place.resets(4);
    assert!(said.contains(&place.name("theirs")), "{said}");
    place.types("docker start %theirs && docker rm -f %theirs");
    place.resets(0);
    assert!(!place.is_there("network", &place.name("adopted-net")));
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
        assert!(plain(&said).contains("this lab was begun on another one at the same address"), "{said:?}");
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

#[test]
fn names_that_a_lab_owns_only_later_are_asked_about() {
    let place = Place::new();
    let old = place.path("old");
    fs::create_dir(&old).expect("made");
    fs::write(old.join("file"), "precious").expect("written");
    place.starts();
    let volume = Made("volume", place.name("notes"));
    place.types("docker volume create %notes");
    let grown = LAB
        .replace("[adopted-data]", "[adopted-data, notes]")
        .replace("[/tmp/adopted-dir]", "[/tmp/adopted-dir, /tmp/old]");
    let grown = grown.replace("task: Write a file.", "task: Write a file. @{notes} @{/tmp/old}");
    fs::write(place.lab().join("lab.yaml"), grown).expect("written");
    let said = place.resets(4);
    assert!(said.contains("this lab did not own that name when you started it"), "{said}");
    assert!(place.is_there("volume", &volume.1) && old.join("file").exists());
    fs::write(place.lab().join("lab.yaml"), LAB).expect("written");
    place.resets(0);
    fs::remove_dir_all(old).expect("removed");
}

#[test]
fn a_step_added_before_a_passed_one_is_skipped() {
    let place = Place::new();
    place.starts();
    place.types("docker volume create %adopted-data");
    assert_eq!(place.learner.labrun(&["check"]).code, 0, "the first step passes");
    let added = |id: &str| {
        format!(
            "  - id: {id}\n    title: Added\n    task: Do it.\n    solution: 'true'\n    checks:\n      \
             - container: {{ name: adopted-app }}\n"
        )
    };
    let (head, steps) = LAB.split_once("  - id: make").expect("steps");
    let (make, write) = steps.split_once("  - id: write").expect("two steps");
    let grown = format!("{head}{}  - id: make{make}{}  - id: write{write}", added("before"), added("after"));
    fs::write(place.lab().join("lab.yaml"), grown).expect("written");
    let (_, status) = place.learner.json(&["status"]);
    let marks: Vec<&str> =
        status["steps"].as_array().expect("steps").iter().map(|step| step["state"].as_str().unwrap_or("?")).collect();
    assert_eq!(marks, ["skipped", "pass", "open", "open"], "{status}");
}

#[test]
fn a_folder_older_than_the_lab_is_asked_about() {
    let place = Place::new();
    let (thesis, owned) = (place.path("thesis"), place.path("adopted-dir"));
    fs::create_dir(&thesis).expect("made");
    fs::write(thesis.join("file"), "precious").expect("written");
    std::thread::sleep(std::time::Duration::from_secs(3));
    place.starts();
    fs::rename(&thesis, &owned).expect("moved");
    let said = place.resets(4);
    assert!(said.contains("it is older than this lab"), "{said}");
    assert!(owned.join("file").exists());
    fs::rename(&owned, &thesis).expect("moved back");
    place.resets(0);
    fs::remove_dir_all(thesis).expect("removed");
}

#[test]
fn labs_that_own_the_same_name_do_not_start_together() {
    let place = Place::new();
    place.starts();
    let (n, other) = (&place.learner.name, place.folder.path().join("other"));
    let lab = other.display().to_string();
    fs::create_dir(&other).expect("made");
    fs::write(other.join("briefing.md"), "Read this.\n").expect("written");
    let (first, rest) = n.split_once('-').expect("a dash");
    // The same name; `--as a` with `b-data`, which is `--as a-b` with `data`.
    for (learner, text) in [(n.as_str(), LAB.to_owned()), (first, LAB.replace("adopted-", &format!("{rest}-adopted-")))]
    {
        fs::write(other.join("lab.yaml"), text).expect("written");
        let said = place.learner.labrun(&["start", &lab, "--no-shell", "--as", learner]);
        assert_eq!(said.code, 4, "{learner} {said:?}");
        assert!(plain(&said).contains("is not ended, and owns"), "{said:?}");
    }
    place.resets(0);
    fs::write(other.join("lab.yaml"), LAB).expect("written");
    assert_eq!(place.learner.labrun(&["start", &lab, "--no-shell"]).code, 0, "the other one has ended");
}
