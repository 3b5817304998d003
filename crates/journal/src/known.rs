//! What a journal has of an engine's events: it tells what is new from what the engine tells again.

use std::collections::HashSet;

use labrun_graders::Nanos;
use labrun_graders::evidence::Entry;

use super::concern::Concern;
use super::podman;

/// How much later an event may be told than one that happened after it, in nanoseconds. The engine notes the time first,
/// and takes its turn to tell then: on a busy machine another one comes between.
const LATE: Nanos = 1_000_000_000;

/// What there is one entry of: when it happened, to what, and what it is.
type Key = (Nanos, String, String);

/// How far a journal has come.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// When the session began: what was before does not concern it.
    pub started: Nanos,
    /// The newest event known.
    pub anchor: Option<Nanos>,
    /// The engine's time up to which it is complete, but for what is told late.
    pub reached: Nanos,
    /// What it has since [`since`](Self::since).
    pub recent: HashSet<Key>,
    /// The ids of the commands in containers, where it is Podman: only there new ones are told from these.
    pub execs: HashSet<String>,
    /// A recorder hears every event at this moment: an event that the engine has forgotten is in the journal, or will be at
    /// once.
    pub followed: bool,
    /// Which events are kept.
    pub concern: Concern,
}

impl Known {
    /// From when on the engine is asked: the newest event known comes back, which proves that nothing is missing, and so
    /// does what happened before it and is told only now.
    #[must_use]
    pub fn since(&self) -> Nanos {
        let newest = self.anchor.unwrap_or(self.reached);
        newest.min(self.started.max(newest - LATE))
    }

    /// Whether the journal has it.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        // Podman tells again of a command what it told first: without the id that was found for it.
        let found = |(at, actor, action): &Key| {
            *at == entry.at && *action == entry.action && actor.split('/').next() == Some(entry.actor.as_str())
        };
        let is_unnamed = podman::is_unnamed(entry);
        entry.at >= self.since() && (self.recent.contains(&key(entry)) || (is_unnamed && self.recent.iter().any(found)))
    }
}

/// Two commands in one container can start in the same moment: the command's id tells them apart.
#[must_use]
pub fn key(entry: &Entry) -> Key {
    let actor = match entry.attributes.get("execID") {
        Some(exec) => format!("{}/{exec}", entry.actor),
        None => entry.actor.clone(),
    };
    (entry.at, actor, entry.action.clone())
}

#[cfg(test)]
mod tests {
    use super::{Known, LATE};

    #[test]
    fn what_is_told_late_is_asked_for_again_but_not_from_before_the_session() {
        let known = |anchor, reached| Known { started: 10 * LATE, anchor, reached, ..Known::default() };
        assert_eq!(known(Some(20 * LATE), 30 * LATE).since(), 19 * LATE);
        assert_eq!(known(None, 30 * LATE).since(), 29 * LATE);
        assert_eq!(known(Some(10 * LATE + 5), 30 * LATE).since(), 10 * LATE);
        // The newest one of before: it must come back.
        assert_eq!(known(Some(7), 30 * LATE).since(), 7);
    }
}
