//! A real Podman that answers as Docker, with a store of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::terminal::Terminal;

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
        // Podman's own limits are beyond what a container of ours may set; and its service takes the two numbers of a limit
        // for each other (4.3), so that they must be the same.
        let limits = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n";
        std::fs::write(at("containers.conf"), limits).expect("written");
        let child = Command::new("podman")
            .args(["--root", &at("root"), "--runroot", &at("run"), "--storage-driver", "vfs"])
            .args(["system", "service", "--time", "600", &host])
            .env("CONTAINERS_CONF", at("containers.conf"))
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

    /// Takes over an image of the usual engine.
    fn give(&self, image: &str) {
        let copied = format!("docker save {image} | docker --host {} load", self.host);
        let ran = Command::new("bash").args(["-c", &format!("set -o pipefail; {copied}")]).output();
        let ran = ran.expect("bash runs");
        assert!(ran.status.success(), "{ran:?}");
    }

    fn labrun(&self, learner: &Learner, arguments: &[&str]) -> Said {
        learner.command(arguments).env("DOCKER_HOST", &self.host).output().expect("labrun runs").into()
    }

    fn json(&self, learner: &Learner, arguments: &[&str]) -> serde_json::Value {
        let said = self.labrun(learner, &[arguments, &["--json"]].concat());
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// A line of the learner's.
    fn types(&self, learner: &Learner, line: &str) {
        let said = learner.tries(&format!("export DOCKER_HOST={}; {line}", self.host));
        assert_eq!(said.code, 0, "{line}: {said:?}");
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

#[test]
fn a_lab_on_podman_grades_what_is_there_and_says_what_podman_does_not_tell() {
    let (learner, podman) = (Learner::new(), Podman::start());
    podman.give("busybox");
    let begun = podman.labrun(&learner, &["start", "docker-volumes", "--no-shell"]);
    assert_eq!(begun.code, 0, "{begun:?}");
    let verdict = |step: &str, verdict: &str| {
        let report = podman.json(&learner, &["check"]);
        assert_eq!((report["step"].as_str(), report["verdict"].as_str()), (Some(step), Some(verdict)), "{report}");
        report
    };
    verdict("create-volume", "fail");
    podman.types(&learner, "docker volume create app-data");
    verdict("create-volume", "pass");
    let caught_up = podman.labrun(&learner, &["catchup", "mount-in-writer-1", "--yes"]);
    assert_eq!(caught_up.code, 0, "{caught_up:?}");
    // It ends at once, and is "stopped" then, a word that Docker does not have.
    podman.types(&learner, "docker run -d --name writer-1 -v app-data:/data busybox sh");
    let ended = verdict("mount-in-writer-1", "fail");
    assert_eq!(ended["checks"][1]["verdict"], "pass", "its mount is seen all the same: {ended}");
    podman.types(&learner, "docker rm -f writer-1");
    let caught_up = podman.labrun(&learner, &["catchup", "read-from-writer-2", "--yes"]);
    assert_eq!(caught_up.code, 0, "{caught_up:?}");
    podman.types(&learner, "docker exec writer-2 cat /mnt/file.txt");
    let unclear = verdict("read-from-writer-2", "cannot-check");
    assert_eq!(
        unclear["reason"],
        serde_json::json!({
            "code": "gap",
            "what": "Podman does not tell what was run in containers",
            "remedy": "do it in the practice shell, which sees what you type: labrun; or pass over it: labrun skip",
        })
    );
    let status = podman.json(&learner, &["status"]);
    let step = status["steps"].as_array().and_then(|all| all.iter().find(|one| one["step"] == "read-from-writer-2"));
    assert_eq!(step.map(|step| &step["fails"]), Some(&0.into()), "it is no attempt: {status}");

    let environment = [("DOCKER_HOST", podman.host.as_str())];
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 100, &environment);
    terminal.run_until(&learner.named("docker exec writer-2 cat /mnt/file.txt"), "done: Read what the other one wrote");
    terminal.leave();
    // Another name is no removal, also where the events do not lead from the old name to the new one.
    let caught_up = podman.labrun(&learner, &["catchup", "remove-both", "--yes"]);
    assert_eq!(caught_up.code, 0, "{caught_up:?}");
    verdict("remove-both", "fail");
    podman.types(&learner, "docker rename writer-1 bind-test; docker rm -f writer-2");
    let renamed = verdict("remove-both", "fail");
    assert_eq!(renamed["checks"][0]["diagnosis"], "renamed-not-removed", "{renamed}");
    podman.types(&learner, "docker rm -f bind-test");
    verdict("remove-both", "pass");
    let reset = podman.labrun(&learner, &["reset", "--yes"]);
    assert_eq!(reset.code, 0, "{reset:?}");
    let left = learner.tries(&format!("docker --host {} ps -aq; docker --host {0} volume ls -q", podman.host));
    assert_eq!(left.out, "", "nothing is left: {reset:?}");
}
