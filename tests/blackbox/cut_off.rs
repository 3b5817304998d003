//! A verification that is cut off: what it leaves is noted before it is made, listed by the next one, and offered for
//! removal.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{Learner, Made, Said};
use crate::proxy::Proxy;
use crate::recorder::PATIENCE;

/// The names of what a verification of this learner's may have made.
fn names(learner: &Learner) -> Vec<(String, String)> {
    let Ok(store) = Connection::open(learner.home.path().join("progress.db")) else { return Vec::new() };
    let Ok(mut statement) = store.prepare("SELECT names FROM verification") else { return Vec::new() };
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("asked");
    let names =
        rows.flat_map(|names| serde_json::from_str::<Vec<(String, String)>>(&names.expect("read")).expect("JSON"));
    names.collect()
}

/// Those of them that are there.
fn there(learner: &Learner) -> Vec<String> {
    let is_there = |(kind, name): &(String, String)| match kind.as_str() {
        "path" => std::fs::symlink_metadata(name).is_ok(),
        kind => {
            let inspected = Command::new("docker").args([kind, "inspect", name]).output();
            inspected.is_ok_and(|inspected| inspected.status.success())
        }
    };
    names(learner).into_iter().filter(is_there).map(|(_, name)| name).collect()
}

/// A verification under a name that labrun draws at random.
fn verify(learner: &Learner, more: &[&str], host: Option<&str>) -> Command {
    let mut command = learner.command(&[&["verify"], more].concat());
    command.env_remove("LABRUN_AS").envs(host.map(|host| ("DOCKER_HOST", host)));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits until a verification has made a container.
fn has_made(learner: &Learner, verification: &mut Child) {
    let began = Instant::now();
    while !there(learner).iter().any(|name| name.contains("writer")) {
        assert!(began.elapsed() < PATIENCE, "it makes nothing");
        assert!(verification.try_wait().expect("asked").is_none(), "it has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn said(command: &mut Command) -> Said {
    command.output().expect("labrun runs").into()
}

#[test]
fn what_a_killed_verification_left_is_listed_and_removed() {
    let learner = Learner::new();
    let mut killed = verify(&learner, &["docker-volumes"], None).spawn().expect("it runs");
    has_made(&learner, &mut killed);
    killed.kill().and_then(|()| killed.wait()).expect("killed");
    // The commands that it had begun may still make something.
    std::thread::sleep(Duration::from_secs(1));
    let left = there(&learner);
    assert!(!left.is_empty());
    // Without a terminal it is listed and stays.
    let listed = said(&mut verify(&learner, &["why-persistence", "--no-mistakes"], None));
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.err.contains("labrun verify --clean"), "{listed:?}");
    for name in &left {
        assert!(listed.out.contains(name), "{name}: {listed:?}");
    }
    assert_eq!(there(&learner), left);
    // Another person's things are not among what is removed.
    let other = Made("volume", format!("{}-app-data", learner.name));
    learner.types(&format!("docker volume create {}", other.1));
    let cleaned = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!(cleaned.code, 0, "{cleaned:?}");
    assert_eq!((there(&learner), names(&learner)), (Vec::new(), Vec::new()), "{cleaned:?}");
    learner.types(&format!("docker volume inspect {}", other.1));
    let again = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!((again.code, again.out.as_str()), (0, "No earlier verification left anything behind.\n"));
    let locks = std::fs::read_dir(learner.home.path()).expect("listed").flatten();
    let locks = locks.filter(|entry| entry.file_name().to_string_lossy().starts_with("verification-"));
    assert_eq!(locks.count(), 0, "nothing is kept of what is gone");
}

#[test]
fn a_verification_that_loses_its_engine_says_what_stays() {
    let learner = Learner::new();
    let mut proxy = Proxy::start(learner.home.path());
    let mut lost = verify(&learner, &["docker-volumes", "--jobs", "1"], Some(&proxy.host())).spawn().expect("it runs");
    has_made(&learner, &mut lost);
    proxy.stop();
    let lost: Said = lost.wait_with_output().expect("it ends").into();
    assert_eq!(lost.code, 4, "{lost:?}");
    assert!(lost.err.contains("the next labrun verify lists what is left"), "{lost:?}");
    std::thread::sleep(Duration::from_secs(1));
    let left = there(&learner);
    assert!(!left.is_empty(), "{lost:?}");
    // By the engine's id, whatever its address is called.
    let cleaned = said(&mut verify(&learner, &["--clean", "--json"], None));
    let report: Value = serde_json::from_str(&cleaned.out).expect("a report");
    let removed = &report["earlier_left_behind"][0]["removed"];
    let removed: Vec<&str> = removed.as_array().expect("a list").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(cleaned.code, 0, "{report}");
    for name in &left {
        assert!(removed.contains(&name.as_str()), "{name}: {report}");
    }
    assert_eq!(there(&learner), Vec::<String>::new());
}

#[test]
fn a_verification_that_goes_on_is_no_leftover() {
    let learner = Learner::new();
    let mut goes_on = verify(&learner, &["docker-volumes", "--no-mistakes"], None).spawn().expect("it runs");
    has_made(&learner, &mut goes_on);
    let cleaned = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!((cleaned.code, cleaned.out.as_str()), (0, "No earlier verification left anything behind.\n"));
    let ended: Said = goes_on.wait_with_output().expect("it ends").into();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(names(&learner), Vec::new(), "it has cleaned up");
}

#[test]
fn what_another_person_may_have_made_is_not_cleaned() {
    let learner = Learner::new();
    // As a killed verification under a name of the user's choice leaves it.
    let container = Made("container", format!("{}-writer-1", learner.name));
    let shared = Made("volume", format!("{}-shared", learner.name));
    let engine = learner.types("docker info --format '{{.ID}}'").trim().to_owned();
    assert_eq!(said(&mut verify(&learner, &["--clean"], None)).code, 0);
    let store = Connection::open(learner.home.path().join("progress.db")).expect("opened");
    let names = serde_json::json!([["container", container.1], ["volume", shared.1]]).to_string();
    store
        .execute(
            "INSERT INTO verification (lab, learner, own_name, engine, endpoint, started, baseline, names)
             VALUES ('docker-volumes', ?1, 0, ?2, '', 0, '{\"objects\":{}}', ?3)",
            [format!("{}-writer", learner.name), engine, names],
        )
        .expect("noted");
    learner.types(&format!("docker create --name {} --label team=blue busybox true", container.1));
    learner.types(&format!("docker volume create {}", shared.1));
    let cleaned = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!(cleaned.code, 4, "{cleaned:?}");
    learner.types(&format!("docker container inspect {} && docker volume inspect {}", container.1, shared.1));
    // It is offered again until it is gone.
    assert_eq!(said(&mut verify(&learner, &["--clean"], None)).code, 4);
    learner.types(&format!("docker rm {} && docker volume rm {}", container.1, shared.1));
    assert_eq!(said(&mut verify(&learner, &["--clean"], None)).code, 0);
}

/// Notes a verification of docker-volumes that was killed, and whose volume was this learner's.
fn noted(learner: &Learner, engine: &str, endpoint: &str, own_name: bool) {
    let store = Connection::open(learner.home.path().join("progress.db")).expect("opened");
    let names = serde_json::json!([["volume", format!("{}-app-data", learner.name)]]).to_string();
    let sql = format!(
        "INSERT INTO verification (lab, learner, own_name, engine, endpoint, started, baseline, names)
         VALUES ('docker-volumes', ?1, {}, ?2, ?3, 0, '{{\"objects\":{{}}}}', ?4)",
        u8::from(own_name)
    );
    store.execute(&sql, [&learner.name, engine, endpoint, names.as_str()]).expect("noted");
}

#[test]
fn clean_keeps_the_work_of_a_learner_with_the_same_name() {
    let learner = Learner::in_lab("docker-volumes");
    let engine = learner.types("docker info --format '{{.ID}}'").trim().to_owned();
    noted(&learner, &engine, "", false);
    learner.types("docker volume create app-data");
    let cleaned = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!(cleaned.code, 4, "{cleaned:?}");
    assert!(cleaned.out.contains("it may have been made later"), "{}", cleaned.out);
    learner.types("docker volume inspect app-data");
}

#[test]
fn clean_keeps_what_is_on_another_engine() {
    let learner = Learner::in_lab("docker-volumes");
    // The progress file is in a home that several machines share: the same address, and another engine.
    let store = Connection::open(learner.home.path().join("progress.db")).expect("opened");
    let endpoint: String = store.query_row("SELECT endpoint FROM session", [], |row| row.get(0)).expect("read");
    noted(&learner, "another", &endpoint, true);
    learner.types("docker volume create app-data");
    let cleaned = said(&mut verify(&learner, &["--clean"], None));
    assert_eq!((cleaned.code, cleaned.out.as_str()), (0, "No earlier verification left anything behind.\n"));
    learner.types("docker volume inspect app-data");
}
