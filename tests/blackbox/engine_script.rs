//! `scripts/engine.sh revive`, with a client and an engine that only pretend: the real one is everybody's.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::harness::Said;

/// A client that answers as long as nothing is locked.
const DOCKER: &str = "#!/bin/sh\n[ ! -e \"$PRETEND/locked\" ] || exec sleep 60\n";

/// An engine that is unlocked when it starts, and that only a kill ends where it is to be stubborn.
const DOCKERD: &str = "#!/bin/sh\n[ -z \"$STUBBORN\" ] || trap '' TERM\nrm -f \"$PRETEND/locked\"\n\
    echo started >>\"$PRETEND/starts\"\nwhile [ -d \"$PRETEND\" ]; do sleep 0.1; done\n";

struct Pretence(TempDir);

impl Pretence {
    fn new() -> Self {
        let pretence = Self(TempDir::new().expect("a folder"));
        for (name, text) in [("docker", DOCKER), ("dockerd", DOCKERD), ("sudo", "#!/bin/sh\nexec \"$@\"\n")] {
            let path = pretence.at(name);
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("set");
        }
        pretence
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.0.path().display())).env("PRETEND", self.0.path());
        command.env("ENGINE_PID", self.at("engine.pid")).env("DOCKER_PID", self.at("docker.pid"));
        command.env("ENGINE_LOG", self.at("log")).env("ENGINE_PATIENCE", "2");
        command.env("ENGINE_ANSWER", "2").env("ENGINE_END", "1").env_remove("STUBBORN");
        command.stdin(Stdio::null());
        command
    }

    fn revive(&self) -> Said {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/engine.sh");
        self.command("sh").args([script, "revive"]).output().expect("it runs").into()
    }

    /// An engine that runs, as the script would have started it where it is noted.
    fn engine(&self, stubborn: bool, noted: bool) -> Child {
        let mut command = self.command(self.at("dockerd"));
        if stubborn {
            command.env("STUBBORN", "1");
        }
        let engine = command.spawn().expect("it runs");
        while !self.at("starts").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if noted {
            std::fs::write(self.at("engine.pid"), engine.id().to_string()).expect("noted");
        }
        engine
    }

    fn lock(&self) {
        std::fs::write(self.at("locked"), "").expect("locked");
    }

    fn starts(&self) -> usize {
        std::fs::read_to_string(self.at("starts")).unwrap_or_default().lines().count()
    }
}

#[test]
fn an_engine_that_answers_is_left_alone() {
    let pretence = Pretence::new();
    let mut engine = pretence.engine(false, true);
    let said = pretence.revive();
    assert_eq!((said.code, said.err.as_str(), pretence.starts()), (0, "", 1));
    engine.kill().expect("ended");
    let _ = engine.wait();
}

#[test]
fn an_engine_that_has_locked_up_is_started_again() {
    for stubborn in [false, true] {
        let pretence = Pretence::new();
        let mut engine = pretence.engine(stubborn, true);
        pretence.lock();
        // A child that has ended stays until somebody asks for it: that is the test, beside the script.
        let ended = std::thread::spawn(move || engine.wait());
        let said = pretence.revive();
        assert_eq!((said.code, pretence.starts()), (3, 2), "{said:?}");
        assert!(said.err.contains("no container runs") && said.err.contains("started again"), "{said:?}");
        assert!(ended.join().expect("no panic").is_ok_and(|status| !status.success()));
        assert_eq!(pretence.revive().code, 0);
    }
}

#[test]
fn an_engine_that_something_else_started_is_never_ended() {
    let pretence = Pretence::new();
    let mut engine = pretence.engine(false, false);
    pretence.lock();
    // Also where the note is of a process that is no engine.
    for note in ["", "1"] {
        std::fs::write(pretence.at("engine.pid"), note).expect("noted");
        let said = pretence.revive();
        assert_eq!((said.code, pretence.starts()), (1, 1), "{said:?}");
        assert!(said.err.contains("this script did not start it"), "{said:?}");
    }
    assert!(engine.try_wait().expect("asked").is_none(), "it was ended");
    engine.kill().expect("ended");
    let _ = engine.wait();
}
