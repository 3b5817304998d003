//! A real Podman that answers as Docker, with a store of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{Learner, Said};

/// How long Podman is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long Podman is left alone after it was too slow: what was asked goes on there, and would add up.
const PAUSE: Duration = Duration::from_secs(2);

/// Podman's service; ended when dropped.
struct Podman {
    host: String,
    child: Child,
    folder: TempDir,
}

impl Podman {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let host = format!("unix://{}", at("podman.sock"));
        // Podman's own limits are beyond what a container of ours may set; and its service takes the two numbers of a limit
        // for each other (4.3), so that they must be the same.
        let limits = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n";
        // What one Podman tells of, the next one must not tell as its own.
        let events = format!("[engine]\nevents_logger = \"file\"\nevents_logfile_path = \"{}\"\n", at("events"));
        std::fs::write(at("containers.conf"), format!("{limits}{events}")).expect("written");
        let child = Command::new("podman")
            .args(["--root", &at("root"), "--runroot", &at("run"), "--storage-driver", "vfs"])
            .args(["system", "service", "--time", "600", &host])
            .env("CONTAINERS_CONF", at("containers.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs podman: apt-get install podman");
        let podman = Self { host, child, folder };
        let began = Instant::now();
        while !podman.docker("version") {
            assert!(began.elapsed() < PATIENCE, "podman does not answer");
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

    /// A report, once Podman has answered in time.
    fn json(&self, learner: &Learner, arguments: &[&str]) -> serde_json::Value {
        let began = Instant::now();
        loop {
            let said = self.labrun(learner, &[arguments, &["--json"]].concat());
            let report: serde_json::Value =
                serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
            let is_late = report.to_string().contains("did not answer within");
            if !is_late || began.elapsed() > PATIENCE {
                return report;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// A command that ends well, once Podman answers in time.
    fn ends_well(&self, learner: &Learner, arguments: &[&str]) {
        let began = Instant::now();
        loop {
            let said = self.labrun(learner, arguments);
            let is_late = said.err.contains("did not answer within") || said.out.contains("did not answer within");
            if said.code == 0 || !is_late || began.elapsed() > PATIENCE {
                assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
                return;
            }
            std::thread::sleep(PAUSE);
        }
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
        // A service that is ended leaves what runs.
        let at = |name: &str| self.folder.path().join(name).to_string_lossy().into_owned();
        let stores = ["--root", &at("root"), "--runroot", &at("run"), "--storage-driver", "vfs"];
        let _ = Command::new("podman").args(stores).args(["rm", "--all", "--force", "--time", "0"]).output();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn podman_is_told_by_its_name_with_the_steps_that_it_leaves_unproved() {
    let (learner, podman) = (Learner::new(), Podman::start());
    let report = podman.json(&learner, &["doctor", "docker-volumes"]);
    assert_eq!(report["engine"]["product"], "Podman", "{report}");
    let told = |check: &str| report["checks"].as_array().and_then(|all| all.iter().find(|told| told["check"] == check));
    let row = told("podman").expect("it is a check of its own");
    assert_eq!(row["verdict"], "warn", "{row}");
    assert!(row["seen"].as_str().is_some_and(|seen| seen.ends_with("may stay unclear: steps 6, 8, 10")), "{row}");
    assert_eq!(told("images").map(|row| &row["verdict"]), Some(&"fail".into()), "its store is empty: {report}");
    assert_eq!(report["verdict"], "fail", "{report}");
}

#[test]
fn a_lab_on_podman_grades_what_is_there_and_says_what_podman_does_not_tell() {
    let (learner, podman) = (Learner::new(), Podman::start());
    podman.give("busybox");
    podman.ends_well(&learner, &["start", "docker-volumes", "--no-shell"]);
    let verdict = |step: &str, verdict: &str| {
        let report = podman.json(&learner, &["check"]);
        assert_eq!((report["step"].as_str(), report["verdict"].as_str()), (Some(step), Some(verdict)), "{report}");
        report
    };
    verdict("create-volume", "fail");
    podman.types(&learner, "docker volume create app-data");
    verdict("create-volume", "pass");
    podman.ends_well(&learner, &["catchup", "mount-in-writer-1", "--yes"]);
    // It ends at once, and is "stopped" then, a word that Docker does not have.
    podman.types(&learner, "docker run -d --name writer-1 -v app-data:/data busybox sh");
    let ended = verdict("mount-in-writer-1", "fail");
    assert_eq!(ended["checks"][1]["verdict"], "pass", "its mount is seen all the same: {ended}");
    podman.types(&learner, "docker rm -f writer-1");
    podman.ends_well(&learner, &["catchup", "read-from-writer-2", "--yes"]);
    // Podman tells that a command was run; which one, the container knows. And one that could not start.
    podman.types(&learner, "docker exec writer-2 'cat /mnt/file.txt' || docker exec writer-2 cat /mnt/file.txt");
    verdict("read-from-writer-2", "pass");
    podman.types(&learner, "docker exec writer-2 sh -c 'echo two_from_writer2 >> /mnt/file.txt'");
    verdict("append-from-writer-2", "pass");
    podman.types(&learner, "docker exec writer-2 cat /mnt/file.txt");
    let elsewhere = verdict("read-from-writer-1", "fail");
    assert_eq!(elsewhere["checks"][0]["diagnosis"], "wrong-container", "{elsewhere}");
    // Of two at once nobody can tell which came first: no proof, and no blame.
    podman.types(&learner, "docker exec writer-2 cat /mnt/file.txt; docker exec writer-2 ls /mnt");
    let unclear = verdict("read-from-writer-1", "cannot-check");
    assert_eq!(unclear["reason"]["code"], "gap", "{unclear}");
    podman.types(&learner, "docker exec writer-1 cat /data/file.txt");
    verdict("read-from-writer-1", "pass");
    // Another name is no removal, also where the events do not lead from the old name to the new one.
    podman.ends_well(&learner, &["catchup", "remove-both", "--yes"]);
    verdict("remove-both", "fail");
    podman.types(&learner, "docker rename writer-1 bind-test; docker rm -f writer-2");
    let renamed = verdict("remove-both", "fail");
    assert_eq!(renamed["checks"][0]["diagnosis"], "renamed-not-removed", "{renamed}");
    podman.types(&learner, "docker rm -f bind-test");
    verdict("remove-both", "pass");
    podman.ends_well(&learner, &["reset", "--yes"]);
    let left = learner.tries(&format!("docker --host {} ps -aq; docker --host {0} volume ls -q", podman.host));
    assert_eq!(left.out, "", "nothing is left");
}
