//! The journal: what the engine, and the learner's prompt, reported.
//!
//! Entries are kept as they were reported; [`Journal::execs`] and [`Journal::runs`] put those of one command together,
//! each in a file of its own. Sources: moby's `daemon/events.go` and measurements on engine 20.10 (see the book's
//! evidence chapter).

mod exec;
mod moment;
mod run;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use exec::{Argv, Exec};
pub use moment::{HAPPENINGS, Happening};
pub use run::Run;

use crate::name::is_made_up_volume;
use crate::nanos::Nanos;
use crate::shell::Ended;

/// The label of the containers that labrun makes for itself. Its value is the mark of the process that made them.
pub const OWN_LABEL: &str = "dev.labrun.probe";

/// The names of labrun's own containers begin with one of these; the mark of the process follows.
pub const OWN_NAMES: [&str; 2] = ["labrun-probe-", "labrun-doctor-"];

/// Returns the mark in the name of a container that labrun made for itself.
///
/// A mark is 32 lowercase hexadecimal digits between the prefix and the container's number.
#[must_use]
pub fn own_mark(name: &str) -> Option<&str> {
    let rest = OWN_NAMES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let (mark, number) = rest.split_once('-')?;
    let is_mark = mark.len() == 32 && mark.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_mark && is_number).then_some(mark)
}

/// Returns true if name and label belong together as on a container that labrun made for itself.
///
/// The label alone proves nothing: a container inherits the labels of its image.
#[must_use]
pub fn is_own_container(name: &str, labels: &BTreeMap<String, String>) -> bool {
    own_mark(name).is_some_and(|mark| labels.get(OWN_LABEL).is_some_and(|label| label == mark))
}

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
    /// For an exec: when its end was reported, by the engine's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Nanos>,
    /// For an exec: the container's health check runs the same command, so the engine may have started it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub health_check: bool,
    /// For an exec: nothing was connected to its output.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// What was mounted, for a container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountSeen>,
    /// The image's id, for a container.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image_id: String,
    /// Where its processes start.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// The engine removes the container when it has ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_remove: bool,
    /// Its first output, where labrun followed it. Only the newest containers' output is kept.
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
    /// The container could not write to it. An event does not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

impl MountSeen {
    /// Whether the engine made up the volume's name: 64 hexadecimal digits.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.kind == "volume" && is_made_up_volume(&self.source)
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

impl Gap {
    /// This and another as one, with all that is in between.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }
}

/// What the engine reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Where entries are missing.
    pub gaps: Vec<Gap>,
    /// Which entries of others were dropped to keep the journal small.
    pub dropped: Dropped,
}

/// The newest entries that were dropped of those that do not concern the lab. The journal keeps only the newest of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// When the newest dropped event happened, of any kind.
    pub newest: Option<Nanos>,
    /// When the newest container was created whose creation was dropped and whose mounts are unknown: it may have had a
    /// bind mount of the lab's.
    pub newest_unknown: Option<Nanos>,
}

/// A line entered at the learner's prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedLine {
    /// The line, or several of them for a multi-line command; empty where it was not read.
    pub line: String,
    /// The line with its aliases expanded, where it has any.
    pub expanded: Option<String>,
    /// The learner's own functions that the line names: the name and the definition.
    pub functions: Vec<(String, String)>,
    /// Why labrun does not know the line.
    pub unread: Option<Unread>,
    /// The shell's `docker` spoke to another engine than the lab's, before the line or after it.
    pub elsewhere: bool,
    /// How it ended.
    pub exit_code: i64,
    /// The exit codes of its last pipeline's commands, where the shell reports them.
    pub pipeline: Vec<i64>,
    /// The shell's working directory, if known.
    pub cwd: Option<String>,
    /// When, by the engine's clock.
    pub at: Nanos,
}

/// Why a line that was entered is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It begins with a space.
    Space,
    /// The shell's history, where labrun finds the line, did not keep it.
    LeftOut,
    /// It is too long to be judged.
    TooLong,
    /// The shell keeps no history.
    Off,
    /// The shell's history shows it with a time in front, of unknown length.
    Timed,
    /// The shell's prompt had lost labrun's hook, which is back.
    Lost,
    /// The shell's prompt does not take labrun's hook.
    Readonly,
    /// It was entered in a shell within the practice shell.
    Nested,
    /// The practice shell has been replaced by another one.
    Replaced,
}

impl Unread {
    /// All of them, with the words of the hooks.
    const WORDS: [(&'static str, Self); 9] = [
        ("space", Self::Space),
        ("left-out", Self::LeftOut),
        ("too-long", Self::TooLong),
        ("off", Self::Off),
        ("timed", Self::Timed),
        ("lost", Self::Lost),
        ("readonly", Self::Readonly),
        ("nested", Self::Nested),
        ("replaced", Self::Replaced),
    ];

    /// The one that a hook calls so.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, unread)| *unread)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Space => "labrun does not read lines that begin with a space",
            Self::LeftOut => "your shell's history did not keep the line that you entered",
            Self::TooLong => "the line that you entered is too long to be judged",
            Self::Off => "your shell keeps no history, where labrun finds your lines (set -o history, HISTSIZE=500)",
            Self::Timed => "HISTTIMEFORMAT is readonly in your shell, so labrun cannot tell a line from its time",
            Self::Lost => "your shell's prompt had stopped reporting your lines; it reports them again",
            Self::Readonly => "PROMPT_COMMAND is readonly in your shell, so your lines do not reach labrun",
            Self::Nested => {
                "labrun does not see what you enter in a shell within the practice shell; exit returns to it"
            }
            Self::Replaced => {
                "exec has replaced the practice shell, and labrun does not see what you enter in the new one; \
                 exit, and labrun resumes the lab"
            }
        })
    }
}

impl TypedLine {
    /// The line as the shell ran it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.expanded.as_deref().unwrap_or(&self.line)
    }

    /// How it ended, as far as the shell reports.
    #[must_use]
    pub fn ended(&self) -> Ended {
        Ended::with(self.exit_code).of_pipeline(&self.pipeline)
    }
}

impl Journal {
    /// Whether something may have happened after `since` that the journal does not know.
    #[must_use]
    pub fn has_gap_after(&self, since: Nanos) -> bool {
        self.gaps.iter().any(|gap| gap.to > since)
    }

    /// Whether the journal dropped an event of others that happened after `since`. Then the absence of an event proves
    /// nothing.
    #[must_use]
    pub fn has_dropped_after(&self, since: Nanos) -> bool {
        self.dropped.newest.is_some_and(|at| at > since)
    }

    /// Whether the journal dropped a container with unknown mounts that was created after `since`.
    #[must_use]
    pub fn has_dropped_unknown_after(&self, since: Nanos) -> bool {
        self.dropped.newest_unknown.is_some_and(|at| at > since)
    }

    /// What a container that was called `name` was renamed to after this moment, unless it has been removed since.
    ///
    /// Source: moby's `daemon/rename.go`, whose event tells the old name with a slash in front.
    #[must_use]
    pub fn new_name(&self, name: &str, after: Nanos) -> Option<&str> {
        let renamed = |entry: &&Entry| {
            let old = entry.attributes.get("oldName").map(|old| old.trim_start_matches('/'));
            entry.kind == "container" && entry.action == "rename" && entry.at > after && old == Some(name)
        };
        let entry = self.entries.iter().rfind(renamed)?;
        let is_gone = self.entries.iter().any(|other| other.actor == entry.actor && other.action == "destroy");
        entry.attributes.get("name").map(String::as_str).filter(|_| !is_gone)
    }

    /// What the container with this id was called at this moment, where it got another name after it.
    #[must_use]
    pub fn name_at(&self, id: &str, at: Nanos) -> Option<&str> {
        let renamed = |entry: &&Entry| entry.kind == "container" && entry.action == "rename" && entry.at > at;
        let first = self.entries.iter().filter(renamed).find(|entry| entry.actor == id)?;
        first.attributes.get("oldName").map(|old| old.trim_start_matches('/'))
    }

    /// The id of the container that had this name last, unless its removal was told: `seen` had it, or one that was made with
    /// that name later.
    #[must_use]
    pub fn last_called<'a>(&'a self, name: &str, seen: &'a str) -> Option<&'a str> {
        let of = |action| self.entries.iter().filter(move |entry| entry.kind == "container" && entry.action == action);
        let made = of("create").skip_while(|entry| entry.actor != seen);
        let called = |entry: &&Entry| entry.attributes.get("name").is_some_and(|its| its == name);
        let last = made.filter(called).last().map_or(seen, |entry| entry.actor.as_str());
        let is_gone = of("destroy").any(|entry| entry.actor == last);
        (!is_gone).then_some(last)
    }

    /// What others than labrun did: only that is evidence.
    fn of_others(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_our_own())
    }
}

impl Entry {
    /// Whether it reports something that labrun itself did.
    #[must_use]
    pub fn is_our_own(&self) -> bool {
        self.attributes.get("name").is_some_and(|name| is_own_container(name, &self.attributes))
    }
}
