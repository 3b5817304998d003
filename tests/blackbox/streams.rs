//! Where output goes: a full disk is an error, a closed pipe is none.

use std::fs::OpenOptions;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::terminal::Terminal;

/// Runs labrun with a standard output on which every write fails.
fn on_full_disk(learner: &Learner, arguments: &[&str]) -> Said {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let mut command = learner.command(arguments);
    command
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|child| child.wait_with_output())
        .expect("it ends")
        .into()
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let learner = Learner::in_lab("docker-volumes");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["help", "check"],
        &["list"],
        &["list", "--json"],
        &["task"],
        &["briefing"],
        &["status"],
        &["status", "--json"],
        &["check"],
        &["check", "--json"],
        &["answer", "no question here", "--json"],
        &["hint"],
        &["solution"],
        &["report"],
        &["report", "--json"],
        &["report", "--receipt"],
        &["report", "--format", "html"],
        &["handout", "docker-volumes"],
        &["completions", "bash"],
        &["man"],
        &["schema"],
        &["lint", "docker-volumes", "--json"],
        &["plugin", "status"],
        &["doctor", "docker-volumes"],
        &["images", "check", "docker-volumes"],
        &["skip"],
        &["start", "docker-volumes", "--no-shell"],
        &["reset", "--yes"],
    ] {
        let said = on_full_disk(&learner, arguments);
        assert_eq!(said.code, 4, "{arguments:?}: {said:?}");
        let words = "error: standard output cannot be written: No space left on device";
        assert_eq!(said.err.matches(words).count(), 1, "{arguments:?}: {said:?}");
    }
}

#[test]
fn help_that_could_not_be_shown_is_not_counted() {
    let learner = Learner::in_lab("docker-volumes");
    let before = learner.json(&["status"]).1;
    for help in [&["hint"][..], &["hint", "--json"], &["solution"], &["solution", "--json"]] {
        assert_eq!(on_full_disk(&learner, help).code, 4, "{help:?}");
    }
    assert_eq!(learner.json(&["status"]).1, before);
    let (_, first) = learner.json(&["hint"]);
    assert_eq!(first["number"], 1, "the first hint is still to come: {first}");
    assert_eq!(learner.labrun(&["solution"]).code, 0);
    let after = learner.json(&["status"]).1;
    assert_ne!((&after["hints"], &after["steps"][0]), (&before["hints"], &before["steps"][0]));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let learner = Learner::in_lab("docker-volumes");
    for arguments in [&["list"][..], &["--help"], &["man"], &["status", "--json"], &["handout", "docker-volumes"]] {
        let mut command = learner.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("labrun runs");
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("its errors").read_to_string(&mut err).expect("read");
        let code = child.wait().expect("it ends").code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_an_error_in_a_practice_shell_too() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    for line in ["lab check > /dev/full", "lab status --json > /dev/full", "lab task --help > /dev/full"] {
        let said = terminal.run(&format!("{line}; echo code $?"));
        assert!(said.contains("standard output cannot be written") && said.contains("code 4"), "{line}: {said}");
    }
    let said = terminal.run("lab status | true; echo code ${PIPESTATUS[0]}");
    assert_eq!(said.trim(), "code 0", "{said}");
    terminal.leave();
}

#[test]
fn completion_and_dockers_questions_see_a_full_disk() {
    let full = || OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let mut command = Command::new(env!("CARGO_BIN_EXE_labrun"));
    let said = command.arg("docker-cli-plugin-metadata").stdout(full()).stderr(Stdio::piped()).output().map(Said::from);
    let said = said.expect("labrun runs");
    assert!(said.code == 4 && said.err.contains("cannot be written"), "{said:?}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_labrun"));
    command
        .env("LABRUN_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "1")
        .env("_CLAP_IFS", "\n")
        .args(["--", "labrun", ""]);
    let child = command.stdout(full()).stderr(Stdio::piped()).spawn().expect("labrun runs");
    assert_eq!(Said::from(child.wait_with_output().expect("it ends")).code, 4);
}
