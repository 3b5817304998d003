//! Which commands ran in a container that was already there, and how they ended: `docker exec`.

use std::collections::HashMap;

use super::{Detail, Journal};
use crate::nanos::Nanos;

/// The arguments of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argv {
    /// As the process got them.
    Known(Vec<String>),
    /// Joined by spaces, with the quoting lost: the engine has forgotten the rest.
    Joined(String),
}

impl std::fmt::Display for Argv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(argv) => f.write_str(&argv.join(" ")),
            Self::Joined(joined) => f.write_str(joined),
        }
    }
}

/// A `docker exec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The container's name.
    pub container: String,
    /// What ran.
    pub argv: Argv,
    /// When it started.
    pub started: Nanos,
    /// When it ended, if that was reported.
    pub ended: Option<Nanos>,
    /// How it ended, if that is known.
    pub exit_code: Option<i64>,
    /// Nobody was shown its output (`docker exec -d`).
    pub detached: bool,
    /// The container's health check runs the same command: whether the engine or the learner started it is unknown.
    pub health_check: bool,
}

impl Exec {
    /// The moment by which it counts: its end, or its start where no end was reported.
    #[must_use]
    pub fn at(&self) -> Nanos {
        self.ended.unwrap_or(self.started)
    }

    /// Whether it never became a process: the engine reports no end of such a one, and inspection gives the shell's
    /// codes for "cannot execute" and "not found".
    #[must_use]
    pub fn could_not_start(&self) -> bool {
        self.ended.is_none() && matches!(self.exit_code, Some(126 | 127))
    }

    /// Whether it still runs, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended.is_none() && self.exit_code.is_none()
    }
}

impl Journal {
    /// Every exec, oldest first.
    #[must_use]
    pub fn execs(&self) -> Vec<Exec> {
        let mut execs: Vec<Exec> = Vec::new();
        // Where each one stands: there may be thousands, and as many ends to find.
        let mut places: HashMap<&str, usize> = HashMap::new();
        for entry in self.of_others().filter(|entry| entry.kind == "container") {
            let Some(id) = entry.attributes.get("execID") else { continue };
            match entry.action.as_str() {
                "exec_start" => {
                    let detail = entry.detail.clone().unwrap_or_default();
                    let command = entry.attributes.get("command").cloned().unwrap_or_default();
                    let argv = if detail.argv.is_empty() { Argv::Joined(command) } else { Argv::Known(detail.argv) };
                    let container = entry.attributes.get("name").cloned().unwrap_or_default();
                    let Detail { exit_code, ended, detached, health_check, .. } = detail;
                    let exec = Exec { container, argv, started: entry.at, ended, exit_code, detached, health_check };
                    places.insert(id, execs.len());
                    execs.push(exec);
                }
                "exec_die" => {
                    if let Some(exec) = places.get(id.as_str()).and_then(|place| execs.get_mut(*place)) {
                        exec.ended = Some(entry.at);
                        let code = entry.attributes.get("exitCode").and_then(|code| code.parse().ok());
                        exec.exit_code = code.or(exec.exit_code);
                    }
                }
                _ => {}
            }
        }
        execs
    }
}
