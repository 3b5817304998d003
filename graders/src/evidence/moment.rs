//! When something last happened to a container, as the engine reported it.

use super::{Entry, Journal};
use crate::nanos::Nanos;

/// Something that happens to a container, and that the engine reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The word for it in a lab file: the engine's action, except for `restart`.
    pub word: &'static str,
    /// The noun for it in a sentence.
    pub noun: &'static str,
    /// What the container has or has not been.
    pub participle: &'static str,
}

const fn happening(word: &'static str, noun: &'static str, participle: &'static str) -> Happening {
    Happening { word, noun, participle }
}

/// The words that a lab may use.
pub const HAPPENINGS: [&str; 10] =
    ["create", "start", "restart", "stop", "kill", "die", "pause", "unpause", "rename", "update"];

const ALL: [Happening; 10] = [
    happening("create", "creation", "created"),
    happening("start", "start", "started"),
    happening("restart", "restart", "restarted"),
    happening("stop", "stop", "stopped"),
    happening("kill", "kill", "killed"),
    happening("die", "end", "ended"),
    happening("pause", "pause", "paused"),
    happening("unpause", "unpause", "unpaused"),
    happening("rename", "renaming", "renamed"),
    happening("update", "update", "updated"),
];

impl Happening {
    /// The one of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        ALL.into_iter().find(|known| known.word == word)
    }
}

impl Journal {
    /// When this last happened to the container of this name, if it did after `since`.
    ///
    /// A restart is a start of a container that had run before: `docker restart`, or `docker stop` and `docker start`.
    /// The first start of a new container is none; and what happened to a container that another one of its name replaced
    /// does not count.
    #[must_use]
    pub fn newest(&self, container: &str, happening: Happening, since: Nanos) -> Option<Nanos> {
        let is_its = |entry: &&Entry| {
            entry.kind == "container" && entry.attributes.get("name").is_some_and(|name| name == container)
        };
        let is_it = |entry: &&Entry| match happening.word {
            "restart" => self.is_restart(entry),
            action => entry.action == action,
        };
        let entries = || self.of_others().filter(is_its).filter(|entry| entry.at > since);
        let newest = entries().filter(|entry| entry.action == "create").last().map(|entry| &entry.actor);
        let is_there = |entry: &&Entry| newest.is_none_or(|newest| entry.actor == *newest);
        entries().filter(is_there).filter(is_it).map(|entry| entry.at).max()
    }

    fn is_restart(&self, entry: &Entry) -> bool {
        let before = || self.entries.iter().filter(|other| other.actor == entry.actor && other.at <= entry.at);
        let has = |action: &str| before().any(|other| other.action == action);
        match entry.action.as_str() {
            // The journal keeps no starts of the time before the step, and every end.
            "start" => has("die") || !has("create"),
            // Docker reports the start that belongs to it, which is its moment; Podman does not.
            "restart" => {
                let last = before().rfind(|other| matches!(other.action.as_str(), "start" | "die"));
                last.is_none_or(|other| other.action == "die")
            }
            _ => false,
        }
    }
}
