//! What labrun made is known by a mark that it noted before. A label, a name or a pattern proves nothing.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{Learner, Made};
use crate::liar::Liar;

const LABEL: &str = "dev.labrun.probe";

/// The marks that this learner's labrun has noted.
pub fn marks(learner: &Learner) -> Vec<String> {
    let path = learner.home.path().join("progress.db");
    if !path.exists() {
        return Vec::new();
    }
    let store = Connection::open(path).expect("opened");
    let Ok(mut statement) = store.prepare("SELECT value FROM helper_mark") else { return Vec::new() };
    statement.query_map([], |row| row.get(0)).expect("read").map(|mark| mark.expect("a mark")).collect()
}

/// An engine that dates every container into the past, so that nothing is too young to be swept.
fn past(learner: &Learner) -> Liar {
    Liar::start(learner.home.path(), |path, answer| {
        path.contains("/containers/json").then(|| answer.replace("\"Created\":1", "\"Created\":"))
    })
}

fn names(learner: &Learner) -> BTreeSet<String> {
    learner.types("docker ps -a --format '{{.Names}}'").lines().map(str::to_owned).collect()
}

fn helpers(report: &Value) -> (String, String) {
    let checks = report["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["check"] == "helpers").expect("it is checked");
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("seen"))
}

#[test]
fn check_keeps_a_volume_that_carries_labruns_label() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("remove-both");
    // The learner's volume, made again by hand with the same label and data in it. Only a helper can read it.
    learner.types("docker rm -f writer-1 writer-2 && docker volume rm app-data");
    learner.types(&format!("docker volume create --label {LABEL}= app-data"));
    learner.types("docker run --rm -v app-data:/d busybox sh -c 'echo precious > /d/file.txt'");
    for _ in 0..2 {
        let (_, report) = learner.json(&["check"]);
        assert!(report.to_string().contains("one_from_writer1"), "the file was looked at: {report}");
    }
    assert_eq!(learner.types("docker run --rm -v app-data:/d busybox cat /d/file.txt"), "precious\n");
}

#[test]
fn a_look_makes_no_volume_that_was_just_removed() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("remove-both");
    learner.types("docker rm -f writer-1 writer-2");
    let volume = learner.named("app-data");
    let removed = volume.clone();
    // The learner removes the volume between the look at it and the helper that reads it.
    let liar = Liar::start(learner.home.path(), move |path, _| {
        if path.ends_with(&format!("/volumes/{removed}")) {
            let _ = std::process::Command::new("docker").args(["volume", "rm", &removed]).output();
        }
        None
    });
    let said = learner.command(&["check", "--json"]).env("DOCKER_HOST", liar.host()).output().expect("labrun runs");
    let report: Value = serde_json::from_slice(&said.stdout).expect("a report");
    assert_ne!(report["verdict"], "pass", "{report}");
    let volumes = learner.types("docker volume ls -q");
    assert!(!volumes.lines().any(|name| name == volume), "{report}");
    let marks = marks(&learner);
    assert!(!names(&learner).iter().any(|name| marks.iter().any(|mark| name.contains(mark.as_str()))));
}

#[test]
fn start_and_doctor_keep_containers_with_labruns_label() {
    let learner = Learner::new();
    let n = &learner.name;
    let mark = "0123456789abcdef0123456789abcdef";
    let container = |name: &str| Made("container", name.to_owned());
    let run = |name: &str, label: &str| {
        learner.types(&format!("docker run -d --name {name} --label {label} busybox sleep 600"));
    };
    let _made = [
        container(&format!("{n}-runs")),
        container(&format!("{n}-waits")),
        container(&format!("{n}-inherits")),
        container(&format!("labrun-probe-{mark}-7{}", std::process::id())),
        container(&format!("labrun-doctor-{}-0", std::process::id())),
    ];
    let image = Made("image", format!("{n}-labeled"));
    run(&_made[0].1, &format!("{LABEL}=1"));
    learner.types(&format!("docker create --name {} --label {LABEL} busybox true", _made[1].1));
    learner.types(&format!("docker commit --change 'LABEL {LABEL}={mark}' {} {}", _made[1].1, image.1));
    learner.types(&format!("docker run -d --name {} -v /data {} sleep 600", _made[2].1, image.1));
    learner.types(&format!("docker create --name {} --label {LABEL}={mark} busybox true", _made[3].1));
    learner.types(&format!("docker create --name {} --label {LABEL}=1 busybox true", _made[4].1));

    let past = past(&learner);
    let with =
        |arguments: &[&str]| learner.command(arguments).env("DOCKER_HOST", past.host()).output().expect("labrun runs");
    let examined: Value =
        serde_json::from_slice(&with(&["doctor", "docker-volumes", "--json"]).stdout).expect("a report");
    let begun = with(&["start", "docker-volumes", "--no-shell"]);
    assert!(begun.status.success(), "{begun:?}");
    let there = names(&learner);
    let (verdict, seen) = helpers(&examined);
    assert_eq!(verdict, "warn", "{seen}");
    for made in &_made {
        assert!(there.contains(&made.1) && seen.contains(&made.1), "{}: {seen}", made.1);
    }
    let runs = |name: &str| learner.types(&format!("docker inspect -f '{{{{.State.Running}}}}' {name}"));
    assert_eq!((runs(&_made[0].1), runs(&_made[2].1)), ("true\n".to_owned(), "true\n".to_owned()));
}

#[test]
fn what_a_crash_left_is_removed_by_its_own_store_alone() {
    let learner = Learner::in_lab("docker-volumes");
    // As a labrun that was killed in a look leaves it: the mark is noted, the container is there.
    let mark = "fedcba9876543210fedcba9876543210";
    let left = Made("container", format!("labrun-probe-{mark}-{}", std::process::id()));
    let create = || learner.types(&format!("docker create --name {} --label {LABEL}={mark} busybox true", left.1));
    create();
    let past = past(&learner);
    let examine = |learner: &Learner| {
        let command = learner.command(&["doctor", "docker-volumes", "--json"]).env("DOCKER_HOST", past.host()).output();
        helpers(&serde_json::from_slice(&command.expect("labrun runs").stdout).expect("a report"))
    };
    let stranger = learner.and_another();
    assert!(examine(&stranger).1.contains(&left.1) && names(&learner).contains(&left.1));
    let store = Connection::open(learner.home.path().join("progress.db")).expect("opened");
    store.execute("INSERT INTO helper_mark (value) VALUES (?1)", [mark]).expect("noted");
    // While it runs it stays, even if labrun made it.
    learner
        .types(&format!("docker rm {0} && docker run -d --name {0} --label {LABEL}={mark} busybox sleep 600", left.1));
    assert!(examine(&learner).1.contains(&left.1) && names(&learner).contains(&left.1));
    learner.types(&format!("docker rm -f {}", left.1));
    create();
    assert!(!examine(&learner).1.contains(&left.1));
    assert!(!names(&learner).contains(&left.1));
}
