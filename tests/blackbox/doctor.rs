//! `labrun doctor`: each trouble is made to happen, and told by its check. What can't be made here is tested on recorded
//! answers, in `src/ui/doctor/tests.rs`.

mod needs;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Learner, Made, Said, answered};
use crate::identity::marks;
use crate::liar::{Liar, silent_engine};
use crate::sudo::User;

/// Examines, with more in the environment; gives the exit code and the report.
fn examined(learner: &Learner, lab: &str, env: &[(&str, &str)]) -> (i32, Value) {
    answered(|| examined_once(learner, lab, env))
}

/// The same, where something is to be silent.
fn examined_once(learner: &Learner, lab: &str, env: &[(&str, &str)]) -> (i32, Value) {
    let said = learner.command(&["doctor", lab, "--json"]).envs(env.iter().copied()).output();
    let said: Said = said.expect("labrun runs").into();
    assert_eq!(said.err, "", "only the report");
    (said.code, serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}")))
}

/// A check of a report: its verdict, what was seen, and the remedy.
fn told<'a>(report: &'a Value, check: &str) -> (&'a str, &'a str, &'a str) {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|told| told["check"] == check).unwrap_or_else(|| panic!("{check}: {report}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default();
    (text("verdict"), text("seen"), text("remedy"))
}

/// The checks that ended so.
fn ended<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report}"));
    checks.iter().filter(|told| told["verdict"] == verdict).filter_map(|told| told["check"].as_str()).collect()
}

/// A report on `docker-volumes`, through an engine that tells one thing otherwise.
fn through(learner: &Learner, lie: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> (i32, Value) {
    let liar = Liar::start(learner.home.path(), lie);
    examined(learner, "docker-volumes", &[("DOCKER_HOST", &liar.host())])
}

#[test]
fn where_all_is_well_it_says_so_and_leaves_nothing() {
    let learner = Learner::new();
    let (code, report) = examined(&learner, "docker-volumes", &[]);
    assert_eq!((code, &report["schema"], &report["labs"]), (0, &1.into(), &serde_json::json!(["docker-volumes"])));
    for check in ["context", "engine", "permission", "api", "images", "names", "bind-mounts"] {
        assert_eq!(told(&report, check).0, "ok", "{check}: {report}");
    }
    for check in ["ports", "compose", "network", "pull-limit"] {
        assert_eq!(told(&report, check).0, "skip", "{check}: {report}");
    }
    assert_eq!(told(&report, "bind-mounts").1, "a container and you see the same files in /tmp");
    let summary = report["summary"].as_str().unwrap_or_default();
    assert!(summary.starts_with(concat!("labrun ", env!("CARGO_PKG_VERSION"), " · Docker ")), "{summary}");
    let marks = marks(&learner);
    let is_ours = |name: &str| marks.iter().any(|mark| name.contains(mark.as_str()));
    let folders = std::fs::read_dir("/tmp").expect("listed").flatten();
    let left: Vec<_> = folders.filter(|entry| is_ours(&entry.file_name().to_string_lossy())).collect();
    assert!(!marks.is_empty() && left.is_empty(), "{marks:?} {left:?}");
    assert!(!is_ours(&learner.types("docker ps -a --format '{{.Names}}'")));
    let (_, begun) = learner.json(&["list"]);
    assert!(!begun.to_string().contains("started"), "looking begins no lab: {begun}");
}

#[test]
fn interrupted_it_removes_what_it_made_and_killed_the_next_one_does() {
    let learner = Learner::new();
    // An engine that takes its time with the container's end.
    let liar = Liar::start(learner.home.path(), |path, _| {
        if path.contains("/wait") {
            std::thread::sleep(Duration::from_secs(8));
        }
        None
    });
    let ours = || -> Vec<String> {
        let marks = marks(&learner);
        let is_its = |name: &str| marks.iter().any(|mark| name.contains(mark.as_str()));
        let folders = std::fs::read_dir("/tmp").expect("listed").flatten();
        let folders = folders.map(|entry| format!("folder {}", entry.file_name().display()));
        let containers = learner.types("docker ps -a --format 'container {{.Names}}'");
        folders.chain(containers.lines().map(str::to_owned)).filter(|name| is_its(name)).collect()
    };
    let begin = || {
        let doctor = learner
            .command(&["doctor", "docker-volumes"])
            .env("DOCKER_HOST", liar.host())
            .stderr(Stdio::piped())
            .spawn();
        let doctor = doctor.expect("labrun runs");
        let began = Instant::now();
        while ours().len() < 2 {
            assert!(began.elapsed() < Duration::from_secs(8), "no canary is seen");
        }
        doctor
    };
    let interrupted = begin();
    let pid = rustix::process::Pid::from_child(&interrupted);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is there");
    let said: Said = interrupted.wait_with_output().expect("it ends").into();
    assert_eq!((said.code, said.err.trim_end()), (1, "error: interrupted; what was made is removed"));
    assert_eq!(ours(), Vec::<String>::new());

    let mut killed = begin();
    killed.kill().and_then(|()| killed.wait()).expect("killed");
    let left = ours();
    let _containers: Vec<Made> =
        left.iter().filter_map(|made| Some(Made("container", made.strip_prefix("container ")?.to_owned()))).collect();
    let folders: Vec<PathBuf> =
        left.iter().filter_map(|made| Some(Path::new("/tmp").join(made.strip_prefix("folder ")?))).collect();
    assert_eq!((folders.len(), examined(&learner, "docker-volumes", &[]).0), (1, 0), "{left:?}");
    assert!(folders[0].exists(), "a look may still use it");
    let minutes_ago = std::time::SystemTime::now() - Duration::from_secs(120);
    std::fs::File::open(&folders[0]).and_then(|folder| folder.set_modified(minutes_ago)).expect("dated");
    // Another learner's labrun has no note of it.
    let stranger = learner.and_another();
    assert_eq!(examined(&stranger, "docker-volumes", &[]).0, 0);
    assert!(folders[0].exists(), "it is not the stranger's");
    assert_eq!(examined(&learner, "docker-volumes", &[]).0, 0);
    assert!(!folders[0].exists());
}

#[test]
fn without_a_lab_it_is_about_all_that_ship() {
    let learner = Learner::new();
    let (_, report) = learner.json(&["doctor"]);
    assert!(report["labs"].as_array().is_some_and(|labs| labs.len() > 5), "{report}");
    assert_eq!(learner.labrun(&["doctor", "docker-volume"]).code, 2, "no such lab");
}

#[test]
fn a_dead_engine_is_told_apart_from_a_dead_context() {
    let learner = Learner::new();
    for dead in ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:1"] {
        let (code, report) = examined(&learner, "docker-volumes", &[("DOCKER_HOST", dead)]);
        assert_eq!((code, ended(&report, "fail")), (4, vec!["context", "engine"]), "{report}");
        assert_eq!(told(&report, "context").2, "unset DOCKER_HOST; docker context use default");
        assert_eq!(report["engine"], Value::Null);
    }
    let nowhere = learner.home.path().to_string_lossy().into_owned();
    let (code, report) =
        examined(&learner, "docker-volumes", &[("DOCKER_CONTEXT", "colima"), ("DOCKER_CONFIG", &nowhere)]);
    assert_eq!((code, ended(&report, "fail")), (4, vec!["context"]), "{report}");
    assert_eq!(told(&report, "context").1, "there is no context \"colima\" (named by DOCKER_CONTEXT)");
}

#[test]
fn a_dead_context_names_the_one_that_answers() {
    let learner = Learner::new();
    let config = learner.home.path().to_string_lossy().into_owned();
    learner.types(&format!(
        "export DOCKER_CONFIG={config}; docker context create dead --docker host=unix:///nonexistent/colima.sock && docker \
         context use dead"
    ));
    let (code, report) = examined(&learner, "docker-volumes", &[("DOCKER_CONFIG", &config)]);
    assert_eq!(code, 4);
    let (_, seen, remedy) = told(&report, "context");
    assert_eq!(seen, "no engine answers at context dead, and one does in context default");
    assert_eq!(remedy, "docker context use default");
    learner.types(&format!("DOCKER_CONFIG={config} {remedy}"));
    assert_eq!(examined(&learner, "docker-volumes", &[("DOCKER_CONFIG", &config)]).0, 0, "the remedy helps");
}

#[test]
fn an_engine_that_accepts_and_is_silent_is_not_waited_for() {
    let learner = Learner::new();
    let host = silent_engine(learner.home.path());
    let began = Instant::now();
    let (code, report) = examined_once(&learner, "docker-volumes", &[("DOCKER_HOST", &host)]);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(code, 4);
    assert!(told(&report, "engine").1.ends_with("did not answer within 1.5 seconds: GET /_ping"), "{report}");
}

#[test]
fn an_engine_that_takes_long_to_tell_of_itself_is_waited_for_where_it_is_podman() {
    let learner = Learner::new();
    let slow = |is_podman: bool| {
        move |path: &str, answer: &str| {
            if path.ends_with("/version") || path.ends_with("/info") {
                std::thread::sleep(Duration::from_secs(5));
            }
            let is_ping = is_podman && path.ends_with("/_ping");
            is_ping.then(|| answer.replacen("\r\n", "\r\nLibpod-Api-Version: 4.3.1\r\n", 1))
        }
    };
    let (code, report) = through(&learner, slow(true));
    assert_eq!((code, told(&report, "engine").0), (0, "ok"), "{report}");
    let liar = Liar::start(learner.home.path(), slow(false));
    let (code, report) = examined_once(&learner, "docker-volumes", &[("DOCKER_HOST", &liar.host())]);
    assert_eq!((code, told(&report, "engine").0), (4, "fail"), "{report}");
    assert!(told(&report, "engine").1.contains("did not answer within 4 seconds: GET /"), "{report}");
}

#[test]
fn somebody_outside_the_group_is_told_how_to_join_and_a_stale_login_to_log_in_again() {
    let user = User::with_shell("bash");
    let outside = user.json("labrun doctor docker-volumes");
    let (verdict, _, remedy) = told(&outside, "permission");
    let group = Command::new("stat").args(["-c", "%G", "/var/run/docker.sock"]).output().map(Said::from).expect("stat");
    let group = group.out.trim();
    let joins = format!(
        "sudo usermod -aG {group} {}, then log in again; or run labrun as you run docker: with sudo",
        user.name
    );
    assert_eq!((verdict, remedy), ("fail", joins.as_str()), "{outside}");
    let row = outside["checks"].as_array().and_then(|rows| rows.iter().find(|row| row["check"] == "permission"));
    assert_eq!(row.map(|row| &row["administrator"]), Some(&true.into()));
    assert_eq!(told(&outside, "engine").0, "skip", "whether one answers is not known");

    user.joins_the_engines_group();
    // A login from before: the user's own group alone.
    let stale = user.runs_in_old_login("labrun doctor docker-volumes --json");
    let stale: Value = serde_json::from_str(&stale.out).unwrap_or_else(|error| panic!("{error}: {stale:?}"));
    let (verdict, seen, remedy) = told(&stale, "permission");
    assert!(seen.ends_with(&format!("you are in the group {group}, and this login is older than that")), "{seen}");
    assert_eq!(
        (verdict, remedy),
        ("fail", &*format!("log out and in again; or for this terminal alone: newgrp {group}"))
    );
    assert_eq!(told(&user.json("labrun doctor docker-volumes"), "permission").0, "ok", "the remedy helps");
}

#[test]
fn engines_that_are_too_old_or_too_new_are_told() {
    let learner = Learner::new();
    let (code, old) = through(&learner, |path, answer| {
        path.ends_with("/version")
            .then(|| answer.replace("\"ApiVersion\":\"1.", "\"ApiVersion\":\"1.20\",\"Was\":\"1."))
    });
    assert_eq!((code, told(&old, "api").1), (4, "the engine speaks API 1.20; labrun needs 1.30"), "{old}");
    let (code, new) = through(&learner, |path, answer| {
        path.ends_with("/version")
            .then(|| answer.replace("\"MinAPIVersion\":\"1.", "\"MinAPIVersion\":\"1.99\",\"Was\":\"1."))
    });
    assert_eq!(code, 4);
    assert!(told(&new, "api").1.starts_with("the engine wants API 1.99 or newer; the docker command "), "{new}");
}

#[test]
fn clocks_apart_are_told_by_the_date_of_an_answer_or_by_what_the_engine_says() {
    let learner = Learner::new();
    let (code, by_date) = through(&learner, |path, answer| {
        let date = answer.lines().find(|line| line.starts_with("Date: "))?;
        path.ends_with("/_ping").then(|| answer.replace(date, "Date: Mon, 01 Jan 2024 00:00:00 GMT"))
    });
    assert_eq!((code, told(&by_date, "clock").0), (0, "warn"), "{by_date}");
    assert!(told(&by_date, "clock").1.ends_with("hours behind yours"), "{by_date}");
    let (_, by_info) = through(&learner, |path, answer| {
        let (_, after) = answer.split_once("\"SystemTime\":\"")?;
        let year = after.get(..4)?;
        path.ends_with("/info").then(|| answer.replace(&format!("\"SystemTime\":\"{year}"), "\"SystemTime\":\"2099"))
    });
    assert!(told(&by_info, "clock").1.ends_with("hours ahead of yours"), "{by_info}");
}

#[test]
fn an_image_of_another_architecture_and_podman_are_told() {
    let learner = Learner::new();
    let (code, other) = through(&learner, |path, answer| {
        let arch = |name: &str| format!("\"Architecture\":\"{name}\"");
        path.contains("/images/")
            .then(|| answer.replace(&arch("amd64"), &arch("s390x")).replace(&arch("arm64"), &arch("s390x")))
    });
    assert_eq!((code, ended(&other, "fail")), (4, vec!["architecture"]), "{other}");
    let podman = |path: &str, answer: &str| {
        path.ends_with("/version").then(|| answer.replace("\"Name\":\"Engine\"", "\"Name\":\"Podman Engine\""))
    };
    let (code, report) = through(&learner, podman);
    assert_eq!((code, told(&report, "podman").0), (0, "warn"), "{report}");
    assert_eq!(report["engine"]["product"], "Podman");

    // The same, in passing, when a lab begins; and not a word where all is well.
    let liar = Liar::start(learner.home.path(), podman);
    let arguments = ["start", "docker-volumes", "--no-shell"];
    let said: Said = learner.command(&arguments).env("DOCKER_HOST", liar.host()).output().expect("labrun runs").into();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.starts_with("warning: Podman answers, and tells for five minutes what was run"), "{said:?}");
    let quiet = Learner::new();
    assert_eq!(quiet.labrun(&arguments).err, "");
}

#[test]
fn the_place_of_progress_is_looked_at() {
    let learner = Learner::new();
    for (home, verdict, seen) in [
        ("/etc/passwd", "fail", "/etc/passwd is no folder"),
        ("/etc/passwd/below", "fail", "/etc/passwd/below is no folder"),
        ("/sys/labrun", "fail", ""),
    ] {
        let (code, report) = examined(&learner, "docker-volumes", &[("LABRUN_HOME", home)]);
        let (word, told, remedy) = told(&report, "progress");
        assert_eq!((code, word), (4, verdict), "{home}: {report}");
        assert!(told.contains(seen) && remedy.contains("LABRUN_HOME"), "{home}: {report}");
    }
    let (_, report) = examined(&learner, "docker-volumes", &[]);
    assert_eq!(told(&report, "progress").0, "ok", "{report}");
}

#[test]
fn a_room_in_one_account_is_counted() {
    let learner = Learner::in_lab("docker-volumes");
    let other = format!("{}-x", learner.name);
    let version = learner.types("docker version -f '{{.Server.Version}}'");
    let (_, report) = examined(&learner, "docker-volumes", &[]);
    let alone = told(&report, "engine-faults").1.to_owned();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--as", &other]).code, 0);
    let (_, report) = examined(&learner, "docker-volumes", &[]);
    let (word, room, _) = told(&report, "engine-faults");
    if version.starts_with("20.10.") {
        assert!(word == "warn" && room.contains("2 learners are at work on it"), "{report}");
    } else {
        assert_eq!((word, room), ("ok", alone.as_str()), "{report}");
    }
    assert_eq!(learner.labrun(&["reset", "--yes", "--as", &other]).code, 0);
}
