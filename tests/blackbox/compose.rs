//! Steps that need compose: done in several forms where it is, and passed over where it is not.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::reach::write_lab;

const LAB: &str = "\
title: With and without compose
summary: A step before, one with compose, one after it.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
  volumes: [app-data, early-note, late-note]
  networks: [stack-net]
briefing: briefing.md
steps:
  - id: before
    title: Before it
    task: Make @{early-note}.
    solution: docker volume create @{early-note}
    checks:
      - volume: { name: early-note }
  - id: up
    title: Bring it up
    needs: compose
    task: Bring it up.
    solution: exit 1
    checks:
      - container: { name: writer-1, state: running, image: busybox }
      - volume: { name: app-data, labels: { com.docker.compose.volume: \"@{app-data}\" } }
      - network: { name: stack-net, labels: { com.docker.compose.network: \"@{stack-net}\" }, containers: [writer-1] }
      - port: { container: writer-1, port: 80, address: 127.0.0.1 }
      - logs: { container: writer-1, contains: it is up }
    mistakes:
      - run: exit 1
        diagnosis: not-running
  - id: after
    title: After it
    task: Make @{late-note}.
    solution: docker volume create @{late-note}
    checks:
      - volume: { name: late-note }
    mistakes:
      - run: docker volume create @{late-note}x
        diagnosis: name-mistyped
        leaves: { volumes: [\"@{late-note}x\"] }
";

const STACK: &str = "\
services:
  web:
    image: busybox
    container_name: @me-writer-1
    command: sh -c 'echo it is up; sleep 600'
    stop_grace_period: 1s
    ports: ['127.0.0.1::80']
    volumes: ['@me-app-data:/data']
    networks: ['@me-stack-net']
volumes:
  @me-app-data: { name: @me-app-data }
networks:
  @me-stack-net: { name: @me-stack-net }
";

/// The words that compose is called by here.
fn compose() -> &'static str {
    let works = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    if works("docker", &["compose", "version"]) {
        return "docker compose";
    }
    assert!(works("docker-compose", &["version"]), "these tests need compose: apt-get install docker-compose");
    "docker-compose"
}

#[test]
fn however_the_stack_is_brought_up_its_state_is_what_counts() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let lab = write_lab(folder.path(), LAB);
    let stack = folder.path().join("stack.yaml");
    std::fs::write(&stack, STACK.replace("@me", &learner.name)).expect("written");
    let (compose, file) = (compose(), stack.display());
    let logged = "until docker logs writer-1 2>&1 | grep 'it is up'; do sleep 0.1; done";
    let by_hand = |labels: &str| {
        format!(
            "docker volume create {labels} app-data && docker network create {labels} @me-stack-net && docker run -d --name \
             writer-1 --network @me-stack-net -v app-data:/data -p 127.0.0.1::80 busybox sh -c 'echo it is up; sleep 600'"
        )
    };
    let noted = "--label com.docker.compose.volume=app-data --label com.docker.compose.network=@me-stack-net";
    for (row, wanted) in [
        (format!("{compose} -f {file} up -d"), None),
        (
            format!("cd {} && {compose} --project-name @me-other -f stack.yaml up --detach", folder.path().display()),
            None,
        ),
        (by_hand(noted), None),
        (by_hand("--label a=b"), Some("wrong-label")),
    ] {
        assert_eq!(learner.labrun(&["start", &lab, "--no-shell"]).code, 0);
        learner.types(&format!("docker volume create {}-early-note", learner.name));
        learner.check("before", "pass");
        learner.types(&format!("({row}) && {logged}").replace("@me", &learner.name));
        let report = learner.check("up", if wanted.is_none() { "pass" } else { "fail" });
        let found =
            report["checks"].as_array().and_then(|checks| checks.iter().find_map(|check| check["diagnosis"].as_str()));
        assert_eq!(found, wanted, "{row}: {report}");
        // A stack of another folder, or a label of the learner's own, could be another person's, and there is no terminal to ask at.
        let said = learner.labrun(&["reset", "--yes"]);
        let is_clear = row == by_hand(noted);
        assert_eq!(said.code, if is_clear { 0 } else { 4 }, "{row}: {said:?}");
        if !is_clear {
            assert!(said.out.contains("may not be this lab's"), "{row}: {said:?}");
            let by_hand = "docker rm -f writer-1; docker volume rm app-data; docker network rm @me-stack-net";
            learner.tries(&by_hand.replace("@me", &learner.name));
            assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0, "{row}");
        }
        let left = format!("docker ps -aq --filter name={0}; docker network ls -q --filter name={0}", learner.name);
        assert_eq!(learner.types(&left), "", "what compose made is removed: {row}");
    }
}

/// A machine on which compose is nowhere: neither on the `PATH`, nor among docker's plugins.
struct Bare {
    learner: Learner,
    folder: TempDir,
    path: PathBuf,
}

/// Where docker looks for plugins on any machine.
const PLUGINS: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
];

impl Bare {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("bin");
        std::fs::create_dir(&path).expect("made");
        for found in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
            for program in std::fs::read_dir(found).into_iter().flatten().flatten() {
                if program.file_name() != "docker-compose" {
                    // Of two by the same name the first counts.
                    let _ = symlink(program.path(), path.join(program.file_name()));
                }
            }
        }
        Self { learner: Learner::new(), folder, path }
    }

    /// The folder of the lab.
    fn lab(&self) -> String {
        let folder = self.folder.path().join("lab");
        std::fs::create_dir_all(&folder).expect("made");
        write_lab(&folder, LAB)
    }

    /// Runs labrun there. Where this machine has compose among the plugins of all users, they are out of its sight.
    fn labrun(&self, arguments: &[&str]) -> Said {
        let hidden: Vec<&str> =
            PLUGINS.into_iter().filter(|folder| Path::new(folder).join("docker-compose").exists()).collect();
        let ours = self.learner.command(arguments);
        let mut command = if hidden.is_empty() {
            ours
        } else {
            let script = hidden.iter().map(|folder| format!("mount -t tmpfs none {folder} && ")).collect::<String>();
            let mut command = Command::new("unshare");
            command.args(["-m", "sh", "-c", &format!("{script} exec \"$@\""), "sh"]).arg(ours.get_program());
            command.args(ours.get_args());
            command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command
        };
        command.env("PATH", &self.path).env("HOME", self.folder.path()).env_remove("DOCKER_CONFIG");
        command.output().expect("labrun runs").into()
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let said = self.labrun(&[arguments, &["--json"]].concat());
        (said.code, serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}")))
    }

    /// Somebody installs it: that it lies there is all that is looked at.
    fn install_compose(&self) {
        let program = self.path.join("docker-compose");
        std::fs::write(&program, "#!/bin/sh\nexit 1\n").expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
    }
}

const WHY: &str = "no docker compose here";

#[test]
fn without_compose_its_step_is_passed_over_and_told_so_everywhere() {
    let bare = Bare::new();
    let lab = bare.lab();
    assert_eq!(bare.labrun(&["start", &lab, "--no-shell"]).code, 0);
    bare.learner.types(&format!("docker volume create {}-early-note", bare.learner.name));
    let said = bare.labrun(&["check"]);
    assert_eq!(said.code, 0, "{said:?}");
    let told = "Step 2 of 3 · passed over: no docker compose here. It was: Bring it up\n\nStep 3 of 3\n";
    assert!(said.out.contains(told), "{said:?}");
    assert!(bare.labrun(&["task"]).out.starts_with(told), "the task tells it, too");
    let (_, task) = bare.json(&["task"]);
    let over = serde_json::json!([{"step": "up", "why": WHY}]);
    assert_eq!((&task["step"], &task["passed_over"]), (&"after".into(), &over), "{task}");
    let (code, check) = bare.json(&["check"]);
    assert_eq!((code, &check["step"], &check["passed_over"]), (1, &"after".into(), &over), "{check}");
    assert!(bare.labrun(&["status"]).out.contains("2  skipped  Bring it up (no docker compose here)"));
    let (_, status) = bare.json(&["status"]);
    assert_eq!((&status["skipped"], &status["steps"][1]["passed_over"]), (&1.into(), &WHY.into()), "{status}");
    let (_, report) = bare.json(&["report"]);
    let step = &report["sessions"][0]["steps"][1];
    assert_eq!((&step["state"], &step["passed_over"], &step["attempts"]), (&"skipped".into(), &WHY.into(), &0.into()));
    let junit = bare.labrun(&["report", "--format", "junit"]).out;
    assert!(junit.contains("passed over: no docker compose here") && junit.contains("failures=\"0\""), "{junit}");
    let (code, doctor) = bare.json(&["doctor", &lab]);
    let compose =
        doctor["checks"].as_array().and_then(|checks| checks.iter().find(|check| check["check"] == "compose"));
    let compose = compose.map(|check| (check["verdict"].as_str(), check["seen"].as_str().unwrap_or_default()));
    let id = bare.folder.path().join("lab").file_name().map(|name| name.to_string_lossy().into_owned());
    let seen = format!("no docker compose here; passed over: step 2 of {}", id.unwrap_or_default());
    assert_eq!((code, compose), (0, Some((Some("warn"), seen.as_str()))), "{doctor}");
}

#[test]
fn as_soon_as_compose_is_there_the_step_is_open_again() {
    let bare = Bare::new();
    let lab = bare.lab();
    assert_eq!(bare.labrun(&["trust", &lab, "--yes"]).code, 0);
    assert_eq!(bare.labrun(&["start", &lab, "--no-shell"]).code, 0);
    let (code, caught_up) = bare.json(&["catchup", "after", "--yes"]);
    assert_eq!((code, &caught_up["step"]), (0, &"after".into()), "{caught_up}");
    let said = bare.labrun(&["solution", "--run"]);
    assert!(said.code == 0 && said.out.contains("Lab finished") && said.out.contains("1 skipped"), "{said:?}");
    assert!(said.out.contains("passed over: no docker compose here"), "{said:?}");
    let (_, status) = bare.json(&["status"]);
    assert_eq!((&status["finished"], &status["given"]), (&true.into(), &2.into()), "{status}");
    bare.install_compose();
    let (_, task) = bare.json(&["task"]);
    assert_eq!((&task["step"], &task["passed_over"]), (&"up".into(), &serde_json::json!([])), "{task}");
    let (_, status) = bare.json(&["status"]);
    assert_eq!(
        (&status["finished"], &status["skipped"], &status["steps"][1]["state"]),
        (&false.into(), &0.into(), &"open".into())
    );
}

#[test]
fn verify_proves_the_rest_and_says_how_much_it_passed_over() {
    let bare = Bare::new();
    let lab = bare.lab();
    assert_eq!(bare.labrun(&["trust", &lab, "--yes"]).code, 0);
    let xml = bare.folder.path().join("verify.xml");
    let arguments = ["verify", &lab, "--in-shell", "--junit", xml.to_str().expect("a path")];
    let said = bare.labrun(&arguments);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("over   2  Bring it up\n            passed over: no docker compose here\n"), "{said:?}");
    assert!(said.out.contains("proved\n  2 of 3 steps, 1 passed over\n"), "{said:?}");
    let written = std::fs::read_to_string(xml).expect("written");
    assert!(written.contains(r#"tests="3" failures="0" errors="0" skipped="1""#), "{written}");
    let (code, report) = bare.json(&["verify", &lab, "--no-mistakes"]);
    let lab = &report["labs"][0];
    assert_eq!((code, &lab["passed"], &lab["passed_over"]), (0, &true.into(), &1.into()), "{report}");
    let over: Vec<Option<&str>> = (0..3).map(|step| lab["steps"][step]["passed_over"].as_str()).collect();
    assert_eq!(over, [None, Some(WHY), None]);
}

#[test]
fn with_compose_a_step_that_does_not_pass_is_not_passed_over() {
    let bare = Bare::new();
    let lab = bare.lab();
    bare.install_compose();
    assert_eq!(bare.labrun(&["trust", &lab, "--yes"]).code, 0);
    let (code, report) = bare.json(&["verify", &lab, "--no-mistakes"]);
    let lab = &report["labs"][0];
    assert_eq!((code, &lab["passed"], &lab["passed_over"]), (1, &false.into(), &0.into()), "{report}");
    assert_eq!((&lab["steps"][1]["passes_after"], &lab["steps"][1]["passed_over"]), (&false.into(), &Value::Null));
}
