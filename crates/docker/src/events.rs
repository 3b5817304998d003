//! The engine's events: what has happened since we last looked.
//!
//! The engine keeps its last 256 events in memory, of all kinds. `since` is inclusive, which proves that nothing is
//! missing: when the newest event known comes back first, the engine still has all that followed it.

use std::collections::HashMap;
use std::time::Duration;

use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt;
use labrun_graders::evidence::{Entry, Gap};
use labrun_graders::{CannotLook, Nanos};

use super::connect::Engine;
use super::entry::entry;
use super::pending::{DEADLINE, ask_within};
use super::{clock, podman, sort};
use labrun_journal::Fill;
use labrun_journal::Known;
use labrun_journal::podman::is_its;

/// How many events the engine keeps (moby's `eventsLimit`).
pub(super) const KEPT: usize = 256;

/// How long the report of an end that is under way is waited for, each time.
const SETTLING: Duration = Duration::from_millis(40);

/// How many times the removal of a container that the engine removes by itself is waited for.
const GOING_TRIES: u32 = 25;

/// The time of the newest event that the engine still has.
///
/// # Errors
/// Why the engine does not tell.
pub async fn newest_event(engine: &Engine) -> Result<Option<Nanos>, CannotLook> {
    let events = past(engine, 1, engine.clock.now()).await?;
    Ok(events.iter().map(|entry| entry.at).max())
}

/// The events since a moment of the engine's clock that the engine still has, oldest first.
///
/// # Errors
/// Why the engine does not answer.
pub async fn past_events(engine: &Engine, since: Nanos) -> Result<Vec<Entry>, CannotLook> {
    Ok(told(engine, since, engine.clock.now() + engine.clock.uncertainty()).await?.0)
}

/// Reads what has happened and is not known; `open` are execs whose end is not known yet.
///
/// # Errors
/// Why the engine does not tell.
pub async fn fill(engine: &Engine, known: &Known, open: Vec<Entry>) -> Result<Fill, CannotLook> {
    let (anchor, reached) = (known.anchor, known.reached);
    let mut tries = 0;
    let (now, events, sorted, tells_less) = loop {
        let now = engine.clock.now() + engine.clock.uncertainty();
        let (events, tells_less) = told(engine, known.since(), now).await?;
        let is_new = |entry: &&Entry| Some(entry.at) != anchor && !known.has(entry);
        let new: Vec<Entry> = events.iter().filter(is_new).cloned().collect();
        let sorted = sort::sorted(engine, known, open.clone(), new).await;
        if !is_unsettled(sorted.of_labs(), now, tries) {
            break (now, events, sorted, tells_less);
        }
        tries += 1;
        tokio::time::sleep(SETTLING).await;
    };
    let lost = lost(&events, anchor, reached, now);
    // The recorder notes how far the journal has come when it has written what it heard.
    let is_ahead = known.followed && lost.is_some();
    let lost = lost.filter(|_| !known.followed);
    let is_unseen = |entry: &Entry| podman::unseen(entry).is_some();
    let tells_less = tells_less || sorted.of_labs().chain(&sorted.strangers).any(is_unseen);
    let untold = tells_less.then_some(Gap { from: reached, to: now });
    let gap = [lost, untold, sorted.unsure].into_iter().flatten().reduce(Gap::and);
    let newest = events.last().map(|entry| entry.at).max(anchor.filter(|_| gap.is_none()));
    let sort::Sorted { own, shared, strangers, .. } = sorted;
    let (anchor, reached) = if is_ahead { (anchor, reached) } else { (newest, now) };
    Ok(Fill { entries: own, shared, strangers, anchor, reached, gap, tells_less })
}

/// What the engine does not tell of the time from `reached` to `now`.
fn lost(events: &[Entry], anchor: Option<Nanos>, reached: Nanos, now: Nanos) -> Option<Gap> {
    let is_there = |at| events.iter().any(|entry| entry.at == at);
    let is_older = |at| events.first().is_some_and(|entry| entry.at < at);
    let whole = match anchor {
        Some(anchor) => is_there(anchor),
        // How many Podman keeps nobody knows.
        None => (events.len() < KEPT && !events.iter().any(is_its)) || is_older(reached),
    };
    let next = events.iter().map(|entry| entry.at).find(|at| *at > reached);
    (!whole).then(|| Gap { from: reached, to: next.unwrap_or(now) })
}

/// All events since then, and whether it is an engine that tells nothing of what lies before the question. Docker that tells
/// nothing has nothing to tell.
pub(super) async fn told(engine: &Engine, since: Nanos, now: Nanos) -> Result<(Vec<Entry>, bool), CannotLook> {
    let events = past(engine, since, now).await?;
    let is_podmans = match events.first() {
        Some(event) => is_its(event),
        None => {
            let asked = ask_within(DEADLINE, podman::answers(engine)).await;
            asked.map_err(|silence| engine.silent("the engine", &silence))??
        }
    };
    if !is_podmans {
        return Ok((events, false));
    }
    let events = ask_within(DEADLINE, podman::past(engine, since)).await;
    let events = events.map_err(|silence| engine.silent("Podman, asked for its events,", &silence))??;
    let tells_less = events.is_empty();
    Ok((events, tells_less))
}

/// Whether the engine is about to report the end of something that the CLI has returned from: it lets waiters go before
/// it reports that a container died, or that one started with `--rm` is gone; and the exit code of an exec comes later
/// still on a busy engine.
fn is_unsettled<'a>(entries: impl Iterator<Item = &'a Entry>, now: Nanos, tries: u32) -> bool {
    let entries: Vec<&Entry> = entries.collect();
    let moment_ago = now - 10 * Nanos::try_from(SETTLING.as_nanos()).unwrap_or_default();
    let is_followed =
        |entry: &Entry, by: &str| entries.iter().any(|other| other.action == by && other.actor == entry.actor);
    let goes = |ended: &Entry| {
        let creation = entries.iter().find(|entry| entry.action == "create" && entry.actor == ended.actor);
        creation.and_then(|entry| entry.detail.as_ref()).is_some_and(|detail| detail.auto_remove)
    };
    entries.iter().filter(|entry| entry.kind == "container").any(|entry| {
        match entry.action.as_str() {
            // The engine removes it by itself; on a busy one that takes its time.
            "die" if goes(entry) => tries < GOING_TRIES && !is_followed(entry, "destroy"),
            _ if entry.at <= moment_ago => false,
            // Most containers that end stay, so that this is waited for only once.
            "die" => tries < 1 && !is_followed(entry, "destroy"),
            // In the foreground, as far as anybody can tell: it may go on for long.
            "start" => tries < 2 && is_followed(entry, "attach") && !is_followed(entry, "die"),
            "exec_start" => tries < 2 && entry.detail.as_ref().is_some_and(|detail| detail.exit_code.is_none()),
            _ => false,
        }
    })
}

/// Asks for all events from `since` on. Docker tells no other kinds; Podman also tells `pod` and `system`, which bollard
/// does not know and stumbles over.
pub(super) fn since_then(since: Nanos) -> EventsOptionsBuilder {
    let kinds = [
        "builder",
        "config",
        "container",
        "daemon",
        "image",
        "network",
        "node",
        "plugin",
        "secret",
        "service",
        "volume",
    ];
    EventsOptionsBuilder::new().since(&clock::seconds(since)).filters(&HashMap::from([("type", kinds.to_vec())]))
}

/// All events from `since` to `until`, oldest first.
///
/// # Errors
/// Why the engine does not tell.
pub async fn past(engine: &Engine, since: Nanos, until: Nanos) -> Result<Vec<Entry>, CannotLook> {
    let options = since_then(since).until(&clock::seconds(until)).build();
    let mut stream = std::pin::pin!(engine.docker.events(Some(options)));
    let mut entries = Vec::new();
    let read = async {
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => entries.extend(entry(event)),
                Err(error) => return Err(engine.trouble(&error)),
            }
        }
        Ok(())
    };
    let read = ask_within(DEADLINE, read).await;
    read.map_err(|silence| engine.silent("the engine, asked for its events,", &silence))??;
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use labrun_graders::evidence::{Entry, Gap};

    use super::{KEPT, lost};

    fn event(at: i64) -> Entry {
        Entry {
            at,
            kind: "container".to_owned(),
            action: "create".to_owned(),
            actor: "id".to_owned(),
            attributes: [("name".to_owned(), "writer-1".to_owned())].into(),
            detail: None,
        }
    }

    #[test]
    fn nothing_is_lost_while_the_newest_event_known_comes_back() {
        assert_eq!(lost(&[event(5), event(7)], Some(5), 6, 9), None);
        assert_eq!(lost(&[event(7)], Some(5), 6, 9), Some(Gap { from: 6, to: 7 }));
        assert_eq!(lost(&[], Some(5), 6, 9), Some(Gap { from: 6, to: 9 }), "it was restarted");
        assert_eq!(lost(&[event(3), event(5), event(7)], Some(5), 6, 9), None, "told again, with what was told late");
        assert_eq!(lost(&[event(3), event(7)], Some(5), 6, 9), Some(Gap { from: 6, to: 7 }));
    }

    #[test]
    fn where_no_event_was_known_nothing_is_lost_before_the_engine_has_its_fill() {
        let events: Vec<Entry> = (10..).take(KEPT).map(event).collect();
        assert_eq!(lost(&events[1..], None, 6, 999), None);
        assert_eq!(lost(&events, None, 6, 999), Some(Gap { from: 6, to: 10 }));
        assert_eq!(lost(&events, None, 12, 999), None, "it still has what was before");
    }

    #[test]
    fn podman_has_told_all_where_the_newest_event_known_comes_back_and_nowhere_else() {
        let mut made = event(5);
        made.attributes.insert("podId".to_owned(), String::new());
        assert_eq!(lost(std::slice::from_ref(&made), Some(5), 6, 9), None);
        assert_eq!(lost(&[made], None, 4, 9), Some(Gap { from: 4, to: 5 }), "how many it keeps nobody knows");
    }
}
