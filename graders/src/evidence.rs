//! The journal's entries, and what they prove: which commands ran where, and how they ended.
//!
//! Entries are kept as the engine reported them; [`Journal::execs`] and [`Journal::runs`] put those of one command
//! together. Sources: moby's `daemon/events.go` and measurements on engine 20.10 (see the book's evidence chapter).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fact::{Mount, Nanos};

/// The label that containers made by labrun itself carry; nothing that they do is evidence.
pub const OWN_LABEL: &str = "dev.labrun.probe";

/// One event of the engine's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the engine's clock.
    pub at: Nanos,
    /// `container`, `volume`, `network`, `image`, ….
    pub kind: String,
    /// `create`, `exec_start`, `die`, …: without the command that the engine appends to those of an exec.
    pub action: String,
    /// The id of the container, network or image; the name of the volume.
    pub actor: String,
    /// The event's attributes; for an exec also `command`, what the engine appended to the action.
    pub attributes: BTreeMap<String, String>,
    /// What was looked up while it could be.
    pub detail: Option<Detail>,
}

/// What no event tells, looked up at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The true arguments, program first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// How an exec ended; `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// What was mounted, for a container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountSeen>,
    /// The image's id, for a container.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image_id: String,
    /// Where its processes start.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// The first of what it wrote, where somebody followed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// A mount as kept in the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountSeen {
    /// `volume`, `bind` or `tmpfs`.
    pub kind: String,
    /// The volume's name, or the host path of a bind mount.
    pub source: String,
    /// Where the container saw it.
    pub destination: String,
}

impl From<&Mount> for MountSeen {
    fn from(mount: &Mount) -> Self {
        let source = if mount.kind == "volume" { &mount.name } else { &mount.source };
        Self { kind: mount.kind.clone(), source: source.clone(), destination: mount.destination.clone() }
    }
}

/// A stretch of time of which the journal knows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From this moment.
    pub from: Nanos,
    /// To this one.
    pub to: Nanos,
}

/// What the engine reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Where entries are missing.
    pub gaps: Vec<Gap>,
}

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
}

impl Exec {
    /// The moment by which it counts: its end, or its start where no end was reported.
    #[must_use]
    pub fn at(&self) -> Nanos {
        self.ended.unwrap_or(self.started)
    }
}

/// A container's life, as far as it was reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The container's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image as it was named.
    pub image: String,
    /// When it was created.
    pub created: Option<Nanos>,
    /// When it was started.
    pub started: Option<Nanos>,
    /// When and how its main process ended.
    pub died: Option<(Nanos, i64)>,
    /// When it was removed.
    pub removed: Option<Nanos>,
    /// What was mounted in it.
    pub mounts: Vec<MountSeen>,
    /// What was looked up while it was there.
    pub detail: Option<Detail>,
    /// Whether somebody attached to its main process.
    pub attached: Option<Nanos>,
}

/// A line entered at the learner's prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedLine {
    /// The line, or several of them for a multi-line command.
    pub line: String,
    /// How it ended.
    pub exit_code: i64,
    /// The shell's working directory, if known.
    pub cwd: Option<String>,
    /// When, by the engine's clock.
    pub at: Nanos,
}

impl Journal {
    /// Every exec, oldest first.
    #[must_use]
    pub fn execs(&self) -> Vec<Exec> {
        let mut execs: Vec<(String, Exec)> = Vec::new();
        for entry in self.of("container") {
            let Some(id) = entry.attributes.get("execID") else { continue };
            match entry.action.as_str() {
                "exec_start" => {
                    let detail = entry.detail.clone().unwrap_or_default();
                    let command = entry.attributes.get("command").cloned().unwrap_or_default();
                    let argv = if detail.argv.is_empty() { Argv::Joined(command) } else { Argv::Known(detail.argv) };
                    let container = entry.attributes.get("name").cloned().unwrap_or_default();
                    let exit_code = detail.exit_code;
                    let exec = Exec { container, argv, started: entry.at, ended: None, exit_code };
                    execs.push((id.clone(), exec));
                }
                "exec_die" => {
                    if let Some((_, exec)) = execs.iter_mut().rev().find(|(known, _)| known == id) {
                        exec.ended = Some(entry.at);
                        let code = entry.attributes.get("exitCode").and_then(|code| code.parse().ok());
                        exec.exit_code = code.or(exec.exit_code);
                    }
                }
                _ => {}
            }
        }
        execs.into_iter().map(|(_, exec)| exec).collect()
    }

    /// Every container that was reported, in the order of their first event.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for entry in &self.entries {
            let id = match entry.kind.as_str() {
                "container" => &entry.actor,
                "volume" => match entry.attributes.get("container") {
                    Some(id) => id,
                    None => continue,
                },
                _ => continue,
            };
            let index = runs.iter().position(|run| &run.id == id).unwrap_or_else(|| {
                runs.push(Run { id: id.clone(), ..Run::default() });
                runs.len() - 1
            });
            if let Some(run) = runs.get_mut(index) {
                run.take(entry);
            }
        }
        runs.retain(|run| !run.name.is_empty());
        runs
    }

    /// Whether something may have happened after `since` that the journal does not know.
    #[must_use]
    pub fn has_gap_after(&self, since: Nanos) -> bool {
        self.gaps.iter().any(|gap| gap.to > since)
    }

    fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }
}

impl Run {
    fn take(&mut self, entry: &Entry) {
        if entry.kind == "volume" {
            // Archive reads mount as well: only together with a start does a mount prove a run.
            if entry.action == "mount"
                && let Some(destination) = entry.attributes.get("destination")
            {
                let (kind, source) = ("volume".to_owned(), entry.actor.clone());
                let mount = MountSeen { kind, source, destination: destination.clone() };
                if !self.mounts.contains(&mount) {
                    self.mounts.push(mount);
                }
            }
            return;
        }
        if let Some(name) = entry.attributes.get("name") {
            self.name.clone_from(name);
        }
        if let Some(image) = entry.attributes.get("image") {
            self.image.clone_from(image);
        }
        match entry.action.as_str() {
            "create" => {
                self.created = Some(entry.at);
                if let Some(detail) = &entry.detail {
                    self.mounts.clone_from(&detail.mounts);
                    self.detail = Some(detail.clone());
                }
            }
            "start" => self.started = Some(entry.at),
            "attach" => self.attached = Some(entry.at),
            "die" => {
                let code = entry.attributes.get("exitCode").and_then(|code| code.parse().ok());
                self.died = Some((entry.at, code.unwrap_or(-1)));
            }
            "destroy" => self.removed = Some(entry.at),
            _ => {}
        }
    }
}

impl Entry {
    /// Whether it reports something that labrun itself did.
    #[must_use]
    pub fn is_our_own(&self) -> bool {
        self.attributes.contains_key(OWN_LABEL)
    }
}
