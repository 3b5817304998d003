//! `labrun verify`: the proof, and its being interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Learner;

#[test]
fn every_step_of_a_shipped_lab_is_proved() {
    let learner = Learner::new();
    let (code, report) = learner.json(&["verify", "docker-volumes"]);
    assert_eq!(code, 0, "{report}");
    let lab = &report["labs"][0];
    assert_eq!((&report["schema"], &lab["lab"], &lab["passed"]), (&1.into(), &"docker-volumes".into(), &true.into()));
    assert_eq!((&lab["left_behind"], &lab["foreign_touched"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let steps = lab["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 14);
    for step in steps {
        for proof in ["fails_before", "passes_after", "repeatable"] {
            assert_eq!(step[proof], true, "{step}");
        }
        for mistake in step["mistakes"].as_array().expect("mistakes") {
            assert_eq!(mistake["refused"], true, "{mistake}");
        }
    }
}

#[test]
fn interrupted_it_removes_what_it_made() {
    let learner = Learner::new();
    let child = learner
        .command(&["verify", "docker-volumes"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let ours = |kind: &str| {
        let list: &[&str] =
            if kind == "volume" { &["volume", "ls", "-q"] } else { &["ps", "-a", "--format", "{{.Names}}"] };
        let listed = Command::new("docker").args(list).output().expect("docker runs");
        String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.contains(&learner.name)).count()
    };
    let began = Instant::now();
    while ours("container") == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "it never made a container");
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: interrupted; what was made is removed\n");
    assert_eq!((ours("container"), ours("volume")), (0, 0));
}

#[test]
fn a_lab_from_a_folder_is_not_run() {
    let learner = Learner::new();
    let said = learner.labrun(&["verify", "./labs/docker-storage/docker-volumes"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("error: labrun does not run the commands of a folder that you have not trusted\n"),
        "{}",
        said.err
    );
}

#[test]
fn one_step_is_proved_after_what_the_steps_before_it_make() {
    let learner = Learner::new();
    // Half way through it, a volume in memory is in use: what is listed then must be removed all the same.
    let (code, report) =
        learner.json(&["verify", "production-practice", "--step", "7", "--jobs", "2", "--repeat", "2"]);
    let labs = report["labs"].as_array().expect("a report for each time");
    assert_eq!((code, labs.len()), (0, 2), "{report}");
    for lab in labs {
        let steps = lab["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), 1, "{lab}");
        assert_eq!((&steps[0]["step"], &steps[0]["passes_after"]), (&"inodes".into(), &true.into()));
        assert!(!steps[0]["mistakes"].as_array().expect("mistakes").is_empty());
    }
    let said = learner.labrun(&["verify", "production-practice", "--step", "70"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: this lab has no step 70\n"), "{}", said.err);
}
