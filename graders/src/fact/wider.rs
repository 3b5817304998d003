//! Facts that tell which mistake it is: what else is there, and whose session it is. Looked at only after a fail.

use std::collections::BTreeMap;

use super::{FileKind, Mount, Nanos, Target, Volume};
use crate::name::NameKind;

/// What else is on the engine: the newest containers, and all volumes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everything {
    /// Newest first; only as many as are worth reading.
    pub containers: Vec<Listed>,
    /// In no order.
    pub volumes: Vec<Volume>,
}

/// A container as the engine lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the engine's leading slash.
    pub name: String,
    /// The image as it was named when the container was created.
    pub image: String,
    /// `created`, `running`, `exited`, …
    pub status: String,
    /// When it was created, in whole seconds: the list tells no more.
    pub created: Nanos,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its volumes and bind mounts; the list leaves out what was given with `--tmpfs`.
    pub mounts: Vec<Mount>,
}

/// A path of the host, without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPath {
    /// What it is.
    pub kind: FileKind,
    /// The user who owns it; 0 is root.
    pub owner: u32,
    /// It is a directory with nothing in it.
    pub empty: bool,
    /// When it last changed, by the host's clock: for an empty directory usually when it was made.
    pub changed: Option<Nanos>,
}

/// Whose session it is that facts are gathered for: what tells the learner's own objects from other people's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// When the session began.
    pub began: Nanos,
    /// What `--as` puts before each name, `alice-`; empty without it.
    pub prefix: String,
    /// The names that the lab owns, in this learner's form.
    pub owned: Vec<Target>,
}

impl Scope {
    /// Whether the lab owns this name.
    #[must_use]
    pub fn owns(&self, kind: NameKind, name: &str) -> bool {
        self.owned.iter().any(|owned| owned.kind == kind && owned.name == name)
    }

    /// Whether something of this name may be this learner's, by its name alone: with `--as` others have names of their
    /// own on the same engine.
    #[must_use]
    pub fn may_be_ours(&self, name: &str) -> bool {
        self.prefix.is_empty() || name.starts_with(&self.prefix)
    }
}
