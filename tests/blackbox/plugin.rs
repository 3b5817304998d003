//! labrun as `docker lab`, called by the real docker command.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::harness::{Learner, Said, copy_labrun};
use crate::practice::shell;
use crate::terminal::{Terminal, write_settings};

/// Settings of docker of one's own, with a context `here` for the engine that docker talks to, and one that is dead.
struct Docker {
    config: TempDir,
    address: String,
}

impl Docker {
    fn new() -> Self {
        let asked = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
        let address = Command::new("docker").args(asked).output().expect("docker runs");
        let address = String::from_utf8_lossy(&address.stdout).trim().to_owned();
        let docker = Self { config: TempDir::new().expect("a folder"), address };
        for (name, host) in [("here", docker.address.as_str()), ("dead", "unix:///nonexistent/dead.sock")] {
            let said = docker.run(&["context", "create", name, "--docker", &format!("host={host}")], &[]);
            assert_eq!(said.code, 0, "{said:?}");
        }
        docker
    }

    fn with_plugin() -> Self {
        let docker = Self::new();
        let said = docker.labrun(&["plugin", "install"]);
        assert_eq!(said.code, 0, "{said:?}");
        docker
    }

    fn file(&self) -> PathBuf {
        self.config.path().join("cli-plugins/docker-lab")
    }

    fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        let mut command = Command::new("docker");
        command.args(arguments).env("DOCKER_CONFIG", self.config.path()).env_remove("DOCKER_HOST");
        command.env_remove("DOCKER_CONTEXT").envs(env.iter().copied());
        command.output().expect("docker runs").into()
    }

    /// `docker … lab …` as this learner.
    fn lab(&self, learner: &Learner, arguments: &[&str]) -> Said {
        let home = learner.home.path().to_str().expect("a path");
        self.run(arguments, &[("LABRUN_HOME", home), ("LABRUN_AS", &learner.name)])
    }

    fn labrun(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_labrun"));
        command.args(arguments).env("DOCKER_CONFIG", self.config.path()).output().expect("labrun runs").into()
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.labrun(&["plugin", "status", "--json"]).out).expect("a report")
    }
}

#[test]
fn docker_lists_it_and_shows_its_help_as_docker_lab() {
    let docker = Docker::with_plugin();
    let help = docker.run(&["--help"], &[]).out;
    assert!(help.lines().any(|line| line.trim_start().starts_with("lab*") && line.contains("Docker labs")), "{help}");
    for words in [&["lab", "--help"][..], &["help", "lab"], &["--help", "lab"]] {
        let said = docker.run(words, &[]);
        assert!(said.out.contains("Usage: docker lab [OPTIONS] [COMMAND]"), "{words:?}: {said:?}");
    }
    let help = docker.run(&["help", "lab", "start"], &[]).out;
    assert!(help.contains("Usage: docker lab start [OPTIONS] <LAB>"), "{help}");
    let said = docker.run(&["lab", "start"], &[]);
    assert_eq!((said.code, said.err.contains("Usage: docker lab start <LAB>")), (2, true), "{said:?}");
    let known = docker.run(
        &[
            "info",
            "--format",
            "{{range .ClientInfo.Plugins}}{{.Vendor}} {{.Version}}{{if .Err}} {{.Err}}{{end}}{{end}}",
        ],
        &[],
    );
    assert_eq!(known.out.trim(), concat!("labrun ", env!("CARGO_PKG_VERSION")), "{known:?}");
}

#[test]
fn a_lab_goes_on_through_docker_and_ends_with_labruns_exit_codes() {
    let (docker, learner) = (Docker::with_plugin(), Learner::new());
    let said = docker.lab(&learner, &["lab", "start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(docker.lab(&learner, &["lab", "check"]).code, 1);
    learner.types("docker volume create app-data");
    let said = docker.lab(&learner, &["--context", "here", "lab", "check"]);
    assert_eq!((said.code, said.out.contains("Step 1 of 14")), (0, true), "{said:?}");
    assert_eq!(docker.lab(&learner, &["lab", "catchup", "nonsense"]).code, 2);
}

#[test]
fn the_engine_is_the_one_that_dockers_options_name() {
    let (docker, learner) = (Docker::with_plugin(), Learner::in_lab("docker-volumes"));
    for options in [&["--context", "dead"][..], &["-cdead"], &["-H", "unix:///nonexistent/dead.sock"]] {
        let said = docker.lab(&learner, &[options, &["lab", "check"]].concat());
        let seen = format!("{}{}", said.out, said.err);
        assert!(said.code != 0 && seen.contains("could not check") && seen.contains("dead"), "{options:?}: {said:?}");
    }
    // Settings in another folder name another context.
    let other = TempDir::new().expect("a folder");
    fs::write(other.path().join("config.json"), r#"{"currentContext":"gone"}"#).expect("written");
    fs::create_dir(other.path().join("cli-plugins")).expect("made");
    symlink(env!("CARGO_BIN_EXE_labrun"), other.path().join("cli-plugins/docker-lab")).expect("linked");
    let said = docker.lab(&learner, &["--config", other.path().to_str().expect("a path"), "lab", "check"]);
    assert!(format!("{}{}", said.out, said.err).contains("gone"), "{said:?}");
}

#[test]
fn what_an_option_says_a_solutions_docker_hears_too() {
    let (docker, learner) = (Docker::new(), Learner::in_lab("docker-volumes"));
    let dead = ("DOCKER_HOST", "unix:///nonexistent/dead.sock");
    for option in [["--host", docker.address.as_str()], ["--context", "here"]] {
        let mut command = learner.command(&["solution", "--run"]);
        command.args(option).env("DOCKER_CONFIG", docker.config.path()).env(dead.0, dead.1);
        let said: Said = command.output().expect("labrun runs").into();
        assert_eq!((said.code, said.out.contains("done")), (0, true), "{option:?}: {said:?}");
    }
}

#[test]
fn a_practice_shell_that_docker_opened_is_on_the_context_that_was_named() {
    let (docker, learner, home) = (Docker::with_plugin(), Learner::new(), TempDir::new().expect("a home"));
    write_settings(home.path(), "");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "\"$0\" \"$@\" || sleep 60", "docker", "--context", "here", "lab", "start", "docker-volumes"]);
    for (name, value) in
        [("DOCKER_CONFIG", docker.config.path()), ("LABRUN_HOME", learner.home.path()), ("HOME", home.path())]
    {
        command.env(name, value);
    }
    command.env("LABRUN_AS", &learner.name);
    command.env("SHELL", shell("bash"));
    command.env("DOCKER_HOST", "unix:///nonexistent/dead.sock");
    let mut terminal = Terminal::owned(command, 80, rustix::process::getuid().as_raw());
    let said = terminal.run("docker context show");
    assert_eq!(said.lines().next(), Some("here"), "{said}");
    let said = terminal.run("env | grep -c DOCKER_CLI_PLUGIN");
    assert_eq!(said.lines().next(), Some("0"), "{said}");
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    // There, too, the word after docker is labrun.
    let said = terminal.run("docker lab status");
    assert!(
        said.contains(&format!("as {}", learner.name)) && said.contains("here     Find out where it lives"),
        "{said}"
    );
    terminal.leave();
}

#[test]
fn the_link_is_put_mended_and_taken_away() {
    let docker = Docker::new();
    assert_eq!(docker.status()["state"], "absent");
    assert_eq!(docker.labrun(&["plugin", "status"]).code, 1);
    assert!(docker.labrun(&["plugin", "remove"]).out.contains("nothing to remove"));
    assert_eq!(docker.labrun(&["plugin", "install"]).code, 0);
    assert_eq!(fs::read_link(docker.file()).expect("a link"), Path::new(env!("CARGO_BIN_EXE_labrun")));
    assert_eq!(docker.status()["state"], "installed");
    assert_eq!(docker.status()["changed"], false);
    // labrun was moved: docker finds nothing there, and labrun mends it.
    fs::remove_file(docker.file()).expect("removed");
    symlink("/nonexistent/labrun", docker.file()).expect("linked");
    assert_eq!(docker.status()["state"], "broken");
    let said = docker.run(&["lab", "list"], &[]);
    assert!(said.code != 0, "{said:?}");
    assert_eq!(docker.labrun(&["plugin", "install"]).code, 0);
    assert_eq!(docker.status()["state"], "installed");
    assert_eq!(docker.labrun(&["plugin", "remove"]).code, 0);
    assert!(fs::symlink_metadata(docker.file()).is_err(), "it is gone");
}

#[test]
fn what_labrun_did_not_put_there_is_left_alone() {
    let docker = Docker::new();
    fs::create_dir_all(docker.file().parent().expect("a folder")).expect("made");
    let script = "#!/bin/sh\necho '{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"somebody\",\"Version\":\"1\"}'\n";
    for make in [
        |file: &Path, script: &str| {
            fs::write(file, script).expect("written");
            fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
        },
        |file: &Path, _: &str| copy_labrun(file),
        |file: &Path, _: &str| symlink("/nonexistent/other", file).expect("linked"),
    ] {
        make(&docker.file(), script);
        let before = (fs::read_link(docker.file()).ok(), fs::read(docker.file()).ok());
        for verb in ["install", "remove"] {
            let said = docker.labrun(&["plugin", verb]);
            assert_eq!((said.code, said.err.contains("left alone")), (4, true), "{verb}: {said:?}");
        }
        assert!((fs::read_link(docker.file()).ok(), fs::read(docker.file()).ok()) == before, "it is as it was");
        fs::remove_file(docker.file()).expect("removed");
    }
}
