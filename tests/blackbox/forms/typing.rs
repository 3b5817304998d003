//! Typing a row at a shell.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use labrun_graders::evidence::TypedLine;
use tempfile::TempDir;

use super::pupil::Pupil;
use crate::harness::{Leaving, takes_containers_away};

/// How long a row may run.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Types a row at a shell, in a folder that bears the learner's name: a compose project gets its name from there.
pub async fn enter(pupil: &Pupil, run: &str, by_line: bool) -> Result<Vec<TypedLine>, String> {
    let text = pupil.named(run);
    let lines: Vec<&str> = if by_line { text.lines().collect() } else { vec![&text] };
    let folder = TempDir::new().expect("a folder");
    let mut cwd = folder.path().join(format!("{}-home", pupil.learner.name));
    std::fs::create_dir(&cwd).expect("a folder");
    label_nameless(folder.path(), &pupil.learner.name);
    let mut typed = Vec::new();
    for line in lines {
        let _turn = takes_containers_away(line).then(Leaving::wait);
        typed.push(enter_line(pupil, line, folder.path(), &mut cwd).await?);
    }
    Ok(typed)
}

async fn enter_line(pupil: &Pupil, line: &str, folder: &Path, cwd: &mut PathBuf) -> Result<TypedLine, String> {
    let (left_in, codes_in) = (folder.join(".cwd"), folder.join(".codes"));
    let script =
        format!("trap 'echo ${{PIPESTATUS[*]}} >{}; pwd >{}' EXIT\n{line}", codes_in.display(), left_in.display());
    let mut shell = tokio::process::Command::new("bash");
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", folder.display()));
    shell.args(["-c", &script]).current_dir(&cwd).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(DEADLINE, shell.output()).await;
    let output = output.map_err(|_| format!("it did not end within {} s", DEADLINE.as_secs()))?;
    let exit_code = output.expect("bash runs").status.code().unwrap_or(-1).into();
    let at = pupil.engine.clock.now();
    // Where the shell has gone over to another program, or does not take the line, nothing is said.
    let left = std::fs::read_to_string(&left_in).ok().map_or_else(|| cwd.clone(), |left| left.trim().into());
    let before = std::mem::replace(cwd, left);
    let codes = std::fs::read_to_string(&codes_in).unwrap_or_default();
    let (_, _) = (std::fs::remove_file(left_in), std::fs::remove_file(codes_in));
    Ok(TypedLine {
        pipeline: codes.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
        line: line.to_owned(),
        exit_code,
        cwd: Some(before.to_string_lossy().into_owned()),
        at,
        ..TypedLine::default()
    })
}

/// Puts a `docker` into a folder that gives a container without a name a label with the learner's: nothing else would
/// tell afterwards whose it is. What was typed stays as it was typed.
fn label_nameless(folder: &Path, learner: &str) {
    let docker = folder.join("docker");
    let real = std::env::var_os("PATH").unwrap_or_default();
    let real = std::env::split_paths(&real).map(|folder| folder.join("docker")).find(|path| path.is_file());
    let real = real.expect("docker is here").display().to_string();
    let script = format!(
        r#"#!/bin/sh
case "$1 $2" in
    run\ *|create\ *) at=1 ;;
    "container run"|"container create") at=2 ;;
    *) exec {real} "$@" ;;
esac
for word; do case $word in --name|--name=*) exec {real} "$@" ;; esac; done
first=$1 second=$2
shift "$at"
[ "$at" = 1 ] || set -- "$second" --label forms={learner} "$@"
[ "$at" = 2 ] || set -- --label forms={learner} "$@"
exec {real} "$first" "$@"
"#
    );
    std::fs::write(&docker, script).expect("written");
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).expect("set");
}
