//! A real Podman that answers as Docker, with a store of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{Learner, Said};

/// Podman's service; ended when dropped.
struct Podman {
    host: String,
    child: Child,
    _folder: TempDir,
}

impl Podman {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let host = format!("unix://{}", at("podman.sock"));
        let child = Command::new("podman")
            .args(["--root", &at("root"), "--runroot", &at("run"), "--storage-driver", "vfs"])
            .args(["system", "service", "--time", "120", &host])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs podman: apt-get install podman");
        let podman = Self { host, child, _folder: folder };
        let began = Instant::now();
        while !podman.docker("version") {
            assert!(began.elapsed() < Duration::from_secs(60), "podman does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        podman
    }

    fn docker(&self, line: &str) -> bool {
        let line = format!("docker --host {} {line}", self.host);
        let ran = Command::new("bash").args(["-c", &line]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn podman_is_told_by_its_name_with_the_steps_that_it_leaves_unproved() {
    let (learner, podman) = (Learner::new(), Podman::start());
    let examined = || -> (Said, serde_json::Value) {
        let mut doctor = learner.command(&["doctor", "docker-volumes", "--json"]);
        let said: Said = doctor.env("DOCKER_HOST", &podman.host).output().expect("labrun runs").into();
        let report = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said, report)
    };
    let (mut said, mut report) = examined();
    // On a busy machine Podman may be slower than doctor is patient.
    let began = Instant::now();
    while report["engine"].is_null() && began.elapsed() < Duration::from_secs(60) {
        (said, report) = examined();
    }
    assert_eq!(report["engine"]["product"], "Podman", "{report}");
    let told = |check: &str| report["checks"].as_array().and_then(|all| all.iter().find(|told| told["check"] == check));
    let row = told("podman").expect("it is a check of its own");
    assert_eq!(row["verdict"], "warn", "{row}");
    assert!(row["seen"].as_str().is_some_and(|seen| seen.ends_with("can't be graded: steps 6, 8, 10")), "{row}");
    assert_eq!(told("images").map(|row| &row["verdict"]), Some(&"fail".into()), "its store is empty: {report}");
    assert_eq!(said.code, 4);
}
