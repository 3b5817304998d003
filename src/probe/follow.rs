//! The engine's events as they come, with what no event tells looked up at once: the arguments, mounts and output of a
//! container that is gone a moment later.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use labrun_graders::evidence::{Entry, Gap};
use labrun_graders::{CannotLook, Nanos};
use tokio::time::Instant;

use super::connect::Engine;
use super::events::{detailed, entry, since_then};
use super::podman;

/// The most output of a container that is kept, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// How long the output of one container is followed at most: a lab's containers may run for days.
const FOLLOW: Duration = Duration::from_secs(600);

/// How long to wait before the engine is asked again after it stopped telling events.
pub const AGAIN: Duration = Duration::from_secs(1);

/// How many containers' output is followed at a time, each over a connection of its own.
const MAX_FOLLOWED: usize = 32;

/// Somebody who keeps entries.
pub trait Keeper {
    /// An event was heard; what belongs to it is being looked up.
    fn heard(&mut self, at: Nanos);
    /// Whether it has this event already: the engine tells again what it told before this began.
    fn has(&self, _: &Entry) -> bool {
        false
    }
    /// Whether it has no use for this event, but that it was heard.
    fn passes_over(&mut self, _: &Entry) -> bool {
        false
    }
    /// Whether it has no use for the output of a container that was created so.
    fn ignores_output_of(&self, _: &Entry) -> bool {
        false
    }
    /// An entry is complete, or more is known of it than before.
    fn keep(&mut self, entry: Entry);
    /// More may have been done in this time than can be told.
    fn unsure(&mut self, _: Gap) {}
    /// So many look-ups are under way.
    fn waiting(&mut self, lookups: usize);
    /// When what it holds is to be written; `None` while it holds nothing.
    fn due(&self) -> Option<Instant> {
        None
    }
    /// Writes what it holds.
    fn write(&mut self) {}
}

/// Hands every event from `since` on to the keeper, until the engine stops telling them. `known` are the ids of commands in
/// containers that were known before, for Podman's sake.
///
/// # Errors
/// Why it stopped; also when it just closed the connection.
pub async fn follow(
    engine: &Engine,
    since: Nanos,
    known: HashSet<String>,
    keeper: &mut dyn Keeper,
) -> Result<(), CannotLook> {
    let known = RefCell::new(known);
    let options = since_then(since).build();
    let mut events = std::pin::pin!(engine.docker.events(Some(options)));
    let mut lookups = FuturesUnordered::new();
    let mut outputs = FuturesUnordered::new();
    // The start of an exec, until its end is known: its details are then complete.
    let mut execs: HashMap<String, Entry> = HashMap::new();
    // A container's creation, until its output is known; and an output that was known before its creation was looked up.
    let mut creations: HashMap<String, Entry> = HashMap::new();
    let mut early: HashMap<String, String> = HashMap::new();
    loop {
        let due = keeper.due();
        tokio::select! {
            biased;
            // In the past while little happens: then at once.
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => keeper.write(),
            Some(looked_up) = lookups.next(), if !lookups.is_empty() => {
                let (mut entry, unsure): (Entry, Option<Gap>) = looked_up;
                if let Some(gap) = unsure {
                    keeper.unsure(gap);
                }
                if entry.action == "create" {
                    match (early.remove(&entry.actor), &mut entry.detail) {
                        (Some(output), Some(detail)) => detail.output = output,
                        _ => drop(creations.insert(entry.actor.clone(), entry.clone())),
                    }
                }
                if lookups.is_empty() {
                    early.clear();
                }
                keeper.keep(entry);
                keeper.waiting(lookups.len());
            }
            event = events.next() => {
                let event = match event {
                    Some(Ok(event)) => event,
                    Some(Err(error)) => return Err(engine.trouble(&error)),
                    None => return Ok(()),
                };
                let new = |entry: &Entry| !entry.is_our_own() && !keeper.has(entry);
                let Some(entry) = entry(event).filter(new) else { continue };
                keeper.heard(entry.at);
                if keeper.passes_over(&entry) {
                    continue;
                }
                keeper.keep(entry.clone());
                match (entry.kind.as_str(), entry.action.as_str()) {
                    ("container", "create") => lookups.push(begun(engine, entry).boxed_local()),
                    ("container", "exec_start") => {
                        let id = entry.attributes.get("execID").unwrap_or(&entry.actor);
                        execs.insert(id.clone(), entry.clone());
                        if !podman::is_unnamed(&entry) {
                            lookups.push(begun(engine, entry).boxed_local());
                        }
                    }
                    ("container", "exec_die") => {
                        let start = execs.remove(entry.attributes.get("execID").unwrap_or(&entry.actor));
                        lookups.extend(start.map(|start| ended(engine, start, &known).boxed_local()));
                    }
                    ("container", "start") if outputs.len() < MAX_FOLLOWED => {
                        let creation = creations.get(&entry.actor);
                        if !creation.is_some_and(|creation| keeper.ignores_output_of(creation)) {
                            outputs.push(output(engine, entry.actor));
                        }
                    }
                    _ => {}
                }
                keeper.waiting(lookups.len());
            }
            Some((container, output)) = outputs.next(), if !outputs.is_empty() => {
                match creations.remove(&container) {
                    Some(mut creation) => if let Some(detail) = &mut creation.detail {
                        detail.output = output;
                        keeper.keep(creation);
                    }
                    None if !lookups.is_empty() => drop(early.insert(container, output)),
                    None => {}
                }
            }
        }
    }
}

/// A command that has ended, with all that the engine knows of it.
async fn ended(engine: &Engine, start: Entry, known: &podman::Execs) -> (Entry, Option<Gap>) {
    let mut start = [start];
    let unsure = podman::name_commands(engine, &mut start, known).await;
    let [start] = start;
    (detailed(engine, start).await, unsure)
}

/// Something that has begun.
async fn begun(engine: &Engine, entry: Entry) -> (Entry, Option<Gap>) {
    let entry = detailed(engine, entry).await;
    let unseen = podman::unseen(&entry);
    (entry, unseen)
}

/// What a container writes, until it ends or has written enough.
async fn output(engine: &Engine, container: String) -> (String, String) {
    let options = LogsOptionsBuilder::new().follow(true).stdout(true).stderr(true).build();
    let mut output = Vec::new();
    let read = async {
        let mut logs = std::pin::pin!(engine.docker.logs(&container, Some(options)));
        while let Some(Ok(chunk)) = logs.next().await {
            let (LogOutput::StdOut { message }
            | LogOutput::StdErr { message }
            | LogOutput::Console { message }
            | LogOutput::StdIn { message }) = chunk;
            output.extend_from_slice(&message);
            if output.len() >= MAX_OUTPUT {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(FOLLOW, read).await;
    output.truncate(MAX_OUTPUT);
    (container, String::from_utf8_lossy(&output).into_owned())
}
