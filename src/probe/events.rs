//! The engine's events: what has happened since we last looked.
//!
//! The engine keeps its last 256 events in memory, of all kinds. `since` is inclusive, which proves that nothing is
//! missing: when the newest event known comes back first, the engine still has all that followed it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use labrun_graders::evidence::{Detail, Entry, Gap, MountSeen};
use labrun_graders::{CannotLook, Nanos};

use super::connect::Engine;
use super::known::Known;
use super::pending::ask_within;
use super::{clock, container, podman};

/// How many events the engine keeps (moby's `eventsLimit`).
const KEPT: usize = 256;

/// How many look-ups are under way at once.
const AT_ONCE: usize = 16;

/// How long the engine may take to tell its events.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// How long the report of an end that is under way is waited for, each time.
const SETTLING: Duration = Duration::from_millis(40);

/// What was read of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// New and updated entries, oldest first; nothing of labrun's own.
    pub entries: Vec<Entry>,
    /// The newest event known now.
    pub anchor: Option<Nanos>,
    /// The engine's time up to which everything is known.
    pub reached: Nanos,
    /// What was lost, if anything was.
    pub gap: Option<Gap>,
    /// The engine never tells what was run in a container: asking again would not help.
    pub tells_less: bool,
}

/// The time of the newest event that the engine still has.
///
/// # Errors
/// Why the engine does not tell.
pub async fn newest_event(engine: &Engine) -> Result<Option<Nanos>, CannotLook> {
    let events = past(engine, 1, engine.clock.now()).await?;
    Ok(events.iter().map(|entry| entry.at).max())
}

/// Reads what has happened and is not known; `open` are execs whose end is not known yet.
///
/// # Errors
/// Why the engine does not tell.
pub async fn fill(engine: &Engine, known: &Known, open: Vec<Entry>) -> Result<Fill, CannotLook> {
    let (anchor, reached) = (known.anchor, known.reached);
    let mut tries = 0;
    let (now, events, mut entries, tells_less, unsure) = loop {
        let now = engine.clock.now() + engine.clock.uncertainty();
        let (events, tells_less) = told(engine, known.since(), now).await?;
        let is_ours = |entry: &&Entry| !entry.is_our_own() && !known.others.did(entry);
        let is_new = |entry: &&Entry| Some(entry.at) != anchor && !known.has(entry) && is_ours(entry);
        let new = events.iter().filter(is_new).cloned();
        let mut entries: Vec<Entry> = open.iter().cloned().chain(new).collect();
        let unsure = podman::name_commands(engine, &mut entries, &RefCell::new(known.execs.clone())).await;
        let entries = look_up(engine, entries).await;
        if !is_unsettled(&entries, now, tries) {
            break (now, events, entries, tells_less, unsure);
        }
        tries += 1;
        tokio::time::sleep(SETTLING).await;
    };
    let lost = lost(&events, anchor, reached, now);
    let tells_less = tells_less || entries.iter().any(|entry| podman::unseen(entry).is_some());
    let untold = tells_less.then_some(Gap { from: reached, to: now });
    let gap = [lost, untold, unsure].into_iter().flatten().reduce(Gap::and);
    let newest = events.last().map(|entry| entry.at).max(anchor.filter(|_| gap.is_none()));
    entries.sort_by_key(|entry| entry.at);
    Ok(Fill { entries, anchor: newest, reached: now, gap, tells_less })
}

/// What the engine does not tell of the time from `reached` to `now`.
fn lost(events: &[Entry], anchor: Option<Nanos>, reached: Nanos, now: Nanos) -> Option<Gap> {
    let is_there = |at| events.iter().any(|entry| entry.at == at);
    let is_older = |at| events.first().is_some_and(|entry| entry.at < at);
    let whole = match anchor {
        Some(anchor) => is_there(anchor),
        // How many Podman keeps nobody knows.
        None => (events.len() < KEPT && !events.iter().any(podman::is_its)) || is_older(reached),
    };
    let next = events.iter().map(|entry| entry.at).find(|at| *at > reached);
    (!whole).then(|| Gap { from: reached, to: next.unwrap_or(now) })
}

/// All events since then, and whether it is an engine that tells nothing of what lies before the question. Docker that tells
/// nothing has nothing to tell.
async fn told(engine: &Engine, since: Nanos, now: Nanos) -> Result<(Vec<Entry>, bool), CannotLook> {
    let events = past(engine, since, now).await?;
    let is_podmans = match events.first() {
        Some(event) => podman::is_its(event),
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
fn is_unsettled(entries: &[Entry], now: Nanos, tries: u32) -> bool {
    let moment_ago = now - 10 * Nanos::try_from(SETTLING.as_nanos()).unwrap_or_default();
    let is_followed =
        |entry: &Entry, by: &str| entries.iter().any(|other| other.action == by && other.actor == entry.actor);
    entries.iter().filter(|entry| entry.at > moment_ago && entry.kind == "container").any(|entry| {
        match entry.action.as_str() {
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
pub(crate) async fn past(engine: &Engine, since: Nanos, until: Nanos) -> Result<Vec<Entry>, CannotLook> {
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

/// An event as an entry. The engine appends the command to the action of an exec: `exec_start: cat /x`.
pub(super) fn entry(event: EventMessage) -> Option<Entry> {
    let actor = event.actor?;
    let mut attributes: std::collections::BTreeMap<String, String> =
        actor.attributes.unwrap_or_default().into_iter().collect();
    let action = event.action?;
    let action = match action.split_once(": ") {
        Some((name, command)) if name.starts_with("exec_") => {
            attributes.insert("command".to_owned(), command.trim_end().to_owned());
            name.to_owned()
        }
        _ => action,
    };
    let (at, kind) = (event.time_nano?, event.typ?.to_string());
    Some(podman::in_dockers_words(Entry { at, kind, action, actor: actor.id?, attributes, detail: None }))
}

/// Adds what the engine still knows of execs and containers: their arguments, mounts and ends.
async fn look_up(engine: &Engine, entries: Vec<Entry>) -> Vec<Entry> {
    let mut under_way = FuturesUnordered::new();
    let mut waiting = stream::iter(entries.into_iter().enumerate());
    let mut done = Vec::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some((index, entry)) = waiting.next().await
        {
            under_way.push(async move { (index, detailed(engine, entry).await) });
        }
        match under_way.next().await {
            Some(detailed) => done.push(detailed),
            None => break,
        }
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, entry)| entry).collect()
}

pub(super) async fn detailed(engine: &Engine, mut entry: Entry) -> Entry {
    let detail = match (entry.kind.as_str(), entry.action.as_str()) {
        ("container", "exec_start") => exec(engine, &entry).await,
        ("container", "create") => created(engine, &entry.actor).await,
        _ => None,
    };
    entry.detail = detail.or(entry.detail);
    entry
}

/// The engine forgets an exec some minutes after its end: then the event's own words must do.
async fn exec(engine: &Engine, entry: &Entry) -> Option<Detail> {
    let id = entry.attributes.get("execID")?;
    let seen = tokio::time::timeout(DEADLINE, engine.docker.inspect_exec(id)).await.ok()?.ok()?;
    let process = seen.process_config?;
    let argv = process.entrypoint.into_iter().chain(process.arguments.unwrap_or_default()).collect();
    let exit_code = seen.exit_code.filter(|_| seen.running != Some(true));
    let detached = seen.open_stdout == Some(false) && seen.open_stderr == Some(false);
    Some(Detail { argv, exit_code, detached, ..Detail::default() })
}

/// What a container was created with, while it is there.
async fn created(engine: &Engine, id: &str) -> Option<Detail> {
    let seen = tokio::time::timeout(DEADLINE, container::inspect(engine, id)).await.ok()?.ok()??;
    Some(Detail {
        argv: seen.argv,
        exit_code: None,
        detached: false,
        mounts: seen.mounts.iter().map(MountSeen::from).collect(),
        image_id: seen.image_id,
        working_dir: seen.working_dir,
        output: String::new(),
    })
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
