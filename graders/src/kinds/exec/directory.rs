//! What is known of a container's directories: which are there, and in which one a command began.
//!
//! The engine tells the latter nowhere: neither by an event nor by an inspection. It is known where the line that ran the
//! command was entered in the practice shell.

use crate::evidence::{self, Argv, TypedLine};
use crate::fact::{Container, Facts};
use crate::invocation::{DockerCall, docker_calls};

/// What is known of directories.
#[derive(Debug, Default)]
pub(super) struct Where {
    /// In which one the command began.
    pub(super) began: Option<String>,
    /// Some that are there.
    there: Vec<String>,
}

impl Where {
    /// A command that began in this directory.
    pub(super) fn begun_in(directory: &str) -> Self {
        let began = if directory.is_empty() { "/" } else { directory };
        Self { began: Some(began.to_owned()), there: vec!["/".to_owned()] }
    }

    pub(super) fn there(&self) -> Vec<&str> {
        self.there.iter().map(String::as_str).collect()
    }
}

/// What is known of the directories that a command has to do with.
pub(super) fn of(exec: &evidence::Exec, facts: &Facts) -> Where {
    let container = facts.container(&exec.container).ok().flatten();
    let mut there = vec!["/".to_owned()];
    // A mount is always there. Of a file that is mounted nobody says that it is a directory, and nobody goes there.
    there.extend(container.iter().flat_map(|it| &it.mounts).map(|mount| crate::path::clean(&mount.destination)));
    there.extend(container.map(working_dir));
    Where { began: began(exec, container, facts), there }
}

fn working_dir(container: &Container) -> String {
    if container.working_dir.is_empty() { "/".to_owned() } else { container.working_dir.clone() }
}

fn began(exec: &evidence::Exec, container: Option<&Container>, facts: &Facts) -> Option<String> {
    let Argv::Known(argv) = &exec.argv else { return None };
    let lines = facts.typed().ok()??;
    let mut begun = i64::MIN;
    let line = lines.iter().find(|line| {
        let holds = begun <= exec.started && exec.at() <= line.at;
        begun = line.at;
        holds
    })?;
    let calls = calls(line)?;
    let is_it = |call: &&DockerCall| {
        let mut operands = call.operands.iter();
        let is_here = operands.next().and_then(|word| word.known()) == Some(exec.container.as_str());
        call.command == "container exec" && is_here && operands.map(|word| word.text.as_str()).eq(argv.iter())
    };
    let mut found = calls.iter().filter(is_it).map(|call| call.workdir.as_deref());
    let first = found.next()?;
    if !found.all(|other| other == first) {
        return None;
    }
    match first {
        // What the shell made of another one is not known.
        Some(path) => path.starts_with('/').then(|| path.to_owned()),
        None => container.map(working_dir),
    }
}

/// The Docker commands of a line that labrun knows as it ran.
fn calls(line: &TypedLine) -> Option<Vec<DockerCall>> {
    let is_known = line.unread.is_none() && !line.elsewhere && line.functions.is_empty();
    is_known.then(|| docker_calls(line.text()))
}
