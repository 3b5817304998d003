//! An engine that answers some requests and hangs in others: Docker 20.10 gets there when its network part locks itself up.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Learner, Said};
use crate::liar::Liar;

/// An engine that never answers requests whose path has one of these in it.
fn hanging_in(folder: &Path, paths: &'static [&'static str]) -> Liar {
    Liar::hanging(folder, move |path| paths.iter().any(|hangs| path.contains(hangs)))
}

fn on(engine: &Liar, learner: &Learner, arguments: &[&str]) -> (Said, Duration) {
    let began = Instant::now();
    let said = learner.command(arguments).env("DOCKER_HOST", engine.host()).output().expect("labrun runs").into();
    (said, began.elapsed())
}

fn words(checks: &Value, word: &str) -> Vec<String> {
    let checks = checks["checks"].as_array().expect("checks").iter().filter(|check| check["verdict"] == word);
    checks.map(|check| check["check"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn doctor_fails_once_and_names_the_hanging_request() {
    for (paths, request, command) in [
        (&["/info", "/networks"][..], "GET /info", "docker info"),
        (&["/networks"], "GET /networks", "docker network ls"),
        (&["/version"], "GET /version", "docker version"),
        (&["/images/"], "GET /images/busybox/json", "docker image inspect busybox"),
    ] {
        let learner = Learner::new();
        let folder = tempfile::tempdir().expect("a folder");
        let engine = hanging_in(folder.path(), paths);
        let (said, took) = on(&engine, &learner, &["doctor", "docker-volumes", "--json"]);
        assert_eq!(said.code, 4, "{paths:?}: {said:?}");
        assert!(took < Duration::from_secs(15), "{paths:?}: {took:?}");
        let report: Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!((words(&report, "fail"), words(&report, "warn")), (vec!["engine".to_owned()], vec![]), "{report}");
        let checks = report["checks"].as_array().expect("checks");
        let failed = checks.iter().find(|check| check["check"] == "engine").expect("engine");
        assert!(failed["seen"].as_str().is_some_and(|seen| seen.contains(request)), "{failed}");
        let remedy = failed["remedy"].as_str().unwrap_or_default();
        assert!(remedy.contains(&format!("`{command}`")) && remedy.contains("systemctl restart docker"), "{failed}");
    }
}

#[test]
fn each_command_names_the_request_that_hangs() {
    let learner = Learner::in_lab("docker-volumes");
    let other = learner.and_another();
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("/info", &["start", "mount-types", "--no-shell"][..], "GET /info"),
        ("/volumes", &["start", "mount-types", "--no-shell"], "GET /volumes"),
        ("/events", &["start", "mount-types", "--no-shell"], "GET /events"),
        ("/volumes/", &["check"], "GET /volumes/"),
        ("/info", &["check"], "GET /info"),
        ("/version", &["images", "check", "docker-volumes"], "GET /version"),
        ("/images/", &["images", "check", "docker-volumes"], "GET /images/busybox"),
        ("/version", &["images", "pull", "docker-volumes"], "GET /version"),
        ("/info", &["verify", "docker-volumes"], "GET /info"),
        ("/info", &["verify", "docker-volumes", "mount-types", "--jobs", "2"], "GET /info"),
    ];
    let try_one = |number: usize, hangs: &'static str, arguments: &[&str], request: &str| {
        let at = folder.path().join(number.to_string());
        std::fs::create_dir(&at).expect("made");
        let engine = Liar::hanging(&at, move |path| path.contains(hangs));
        let who = if arguments[0] == "start" { &other } else { &learner };
        let (said, took) = on(&engine, who, arguments);
        assert_eq!(said.code, 4, "{arguments:?}: {said:?}");
        let text = (said.out.clone() + &said.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(request), "{hangs} {arguments:?}: {said:?}");
        assert!(text.contains("systemctl restart docker"), "{hangs} {arguments:?}: {said:?}");
        assert_eq!(text.matches("did not answer").count(), 1, "{hangs} {arguments:?}: {said:?}");
        assert!(took < Duration::from_secs(20), "{hangs} {arguments:?}: {took:?}");
    };
    std::thread::scope(|threads| {
        for (number, (hangs, arguments, request)) in cases.into_iter().enumerate() {
            let try_one = &try_one;
            threads.spawn(move || try_one(number, hangs, arguments, request));
        }
    });
}
