//! What Podman tells otherwise than Docker, said in Docker's words, so that nobody else has to know of it.
//!
//! It names some events otherwise. Asked up to now, it stops before it has read what it has written down (4.3 with its events
//! in a file): it has to be asked without an end, and not to wait for more, which Docker does not know. And it tells that a command was run in a
//! container, but not which one: that is found among those that the container knows, for five minutes after their end.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::future::Future;
use std::time::Duration;

use bollard::errors::Error;
use labrun_graders::evidence::{Entry, Gap};
use labrun_graders::{CannotLook, Nanos};
use labrun_journal::podman::{is_its, is_unnamed};

use super::clock;
use super::connect::Engine;
use super::entry::entry;
use super::pending::{self, DEADLINE, Silence};

const SECOND: Nanos = 1_000_000_000;

/// The kinds of things that it is asked about: `{"type":["container","volume"]}`.
const KINDS: &str = "%7B%22type%22%3A%5B%22container%22%2C%22volume%22%5D%7D";

/// How long Podman may take to tell of itself. On Debian it looks up which packages its helpers are from, by a program that
/// reads the lists of all packages, several times: that takes seconds on a busy machine.
const OF_ITSELF: Duration = Duration::from_secs(30);

/// Whether it is Podman that answers: the head of its answer says so, which takes it no time.
///
/// # Errors
/// Why it does not answer. The caller sets the deadline.
pub(super) async fn answers(engine: &Engine) -> Result<bool, CannotLook> {
    Ok(engine.get("/_ping").await?.headers.contains_key("libpod-api-version"))
}

impl Engine {
    /// Whether it is known to be Podman.
    pub async fn is_podman(&self) -> bool {
        matches!(tokio::time::timeout(DEADLINE, answers(self)).await, Ok(Ok(true)))
    }

    /// Waits for an answer in which an engine tells of itself: as long as the limit says, but longer for Podman.
    ///
    /// # Errors
    /// How long the answer was waited for, and the request that has none.
    pub async fn patiently<T>(&self, limit: Duration, asked: impl Future<Output = T>) -> Result<T, Silence> {
        let (asked, unanswered) = pending::watched(asked);
        let waited = async {
            // Most engines have answered long before.
            let is_podman = async {
                tokio::time::sleep(limit / 2).await;
                matches!(answers(self).await, Ok(true))
            };
            let (_, is_podman) = tokio::join!(tokio::time::sleep(limit), tokio::time::timeout(limit, is_podman));
            if is_podman != Ok(true) {
                return limit;
            }
            tokio::time::sleep(OF_ITSELF.saturating_sub(limit)).await;
            OF_ITSELF
        };
        tokio::select! {
            biased;
            answer = asked => Ok(answer),
            waited = waited => Err(Silence { waited, request: unanswered() }),
        }
    }
}

/// All events since then, oldest first: what it has written down, to its end.
///
/// # Errors
/// Why it does not tell.
pub(super) async fn past(engine: &Engine, since: Nanos) -> Result<Vec<Entry>, CannotLook> {
    // It cuts off the ends of times.
    let path = format!("/v1.41/events?since={}&stream=false&filters={KINDS}", clock::seconds(since - SECOND));
    let answer = engine.get(&path).await?;
    let mut events = Vec::new();
    for line in answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let event = serde_json::from_slice(line).map_err(|err| engine.trouble(&Error::JsonSerdeError { err }))?;
        events.extend(entry(event));
    }
    events.retain(|entry| entry.at >= since);
    events.sort_by_key(|entry| entry.at);
    Ok(events)
}

/// The commands in containers that are known by their ids.
pub(super) type Execs = RefCell<HashSet<String>>;

/// Where a container was gone before it could be asked what it is: no event of a mount tells it here.
pub(super) fn unseen(entry: &Entry) -> Option<Gap> {
    let is_container = entry.kind == "container" && entry.action == "create" && is_its(entry);
    (is_container && entry.detail.is_none()).then_some(Gap { from: entry.at, to: entry.at })
}

/// Without the commands that could not start: Podman tells of no such thing, and the container knows them all the same.
async fn those_that_ran(engine: &Engine, ids: Vec<String>) -> Vec<String> {
    let mut ran = Vec::new();
    for id in ids {
        let asked = tokio::time::timeout(DEADLINE, engine.docker.inspect_exec(&id)).await;
        let code = asked.ok().and_then(Result::ok).and_then(|seen| seen.exit_code);
        if !matches!(code, Some(126 | 127)) {
            ran.push(id);
        }
    }
    ran
}

/// Names the commands that were run in containers: as many as a container knows beyond those that are known, these they are.
/// All that it knows is known then.
///
/// Of several nobody can tell which came first: each counts from the first on, which proves the least. Gives the time in
/// which more may have been done than can be told, where there is one.
pub(super) async fn name_commands(engine: &Engine, entries: &mut [Entry], known: &Execs) -> Option<Gap> {
    let containers: BTreeSet<String> =
        entries.iter().filter(|entry| is_unnamed(entry)).map(|entry| entry.actor.clone()).collect();
    let mut unsure: Option<Gap> = None;
    for container in containers {
        let asked = tokio::time::timeout(DEADLINE, engine.inspect_container(&container)).await;
        let mut fresh = asked.ok().and_then(Result::ok).and_then(|seen| seen.exec_ids).unwrap_or_default();
        fresh.retain(|id| known.borrow_mut().insert(id.clone()));
        let told = entries.iter().filter(|entry| entry.actor == container && is_unnamed(entry)).count();
        if fresh.len() > told {
            fresh = those_that_ran(engine, fresh).await;
        }
        let mut run: Vec<&mut Entry> =
            entries.iter_mut().filter(|entry| entry.actor == container && is_unnamed(entry)).collect();
        let times = || run.iter().map(|entry| entry.at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else { continue };
        if run.len() != 1 || fresh.len() != 1 {
            let gap = Gap { from: first, to: last };
            unsure = Some(unsure.map_or(gap, |other| gap.and(other)));
        }
        if run.len() == fresh.len() {
            for (entry, id) in run.iter_mut().zip(fresh) {
                entry.attributes.insert("execID".to_owned(), id);
                entry.at = first;
            }
        }
    }
    unsure
}
