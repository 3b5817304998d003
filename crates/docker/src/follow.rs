//! The engine's events as they come. Details that events leave out are looked up at once, such as the arguments and mounts of
//! a container that is gone a moment later. Events that concern no lab are dropped, and nothing here grows with their number.

mod output;
mod state;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use labrun_graders::evidence::{Entry, Gap};
use labrun_graders::{CannotLook, Nanos};
use tokio::time::Instant;

use super::connect::Engine;
use super::entry::entry;
use super::events::since_then;
use labrun_journal::{Concern, Share};
use state::Following;

/// How long to wait before the engine is asked again after it stopped telling events.
pub const AGAIN: Duration = Duration::from_secs(1);

/// Somebody who keeps entries.
pub trait Keeper {
    /// An event was heard; what belongs to it is being looked up.
    fn heard(&mut self, at: Nanos);
    /// Whether it has this event already: the engine tells again what it told before this began.
    fn has(&self, _: &Entry) -> bool {
        false
    }
    /// Which events it keeps; `None` where it wants every event as it is, without details.
    fn concern(&mut self) -> Option<&mut Concern> {
        None
    }
    /// The event that was heard last is not kept.
    fn dropped(&mut self) {}
    /// An entry is complete, or more is known of it than before.
    fn keep(&mut self, entry: Entry, share: Share);
    /// More may have been done in this time than can be told.
    fn unsure(&mut self, _: Gap) {}
    /// So many look-ups are under way. Events after `undecided` may wait for one, and would be lost with this process.
    fn waiting(&mut self, lookups: usize, undecided: Option<Nanos>);
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
    let mut following = Following::new(engine, &known, since);
    loop {
        let due = keeper.due();
        tokio::select! {
            biased;
            // In the past while little happens: then at once.
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => keeper.write(),
            Some(looked) = following.lookups.next(), if !following.lookups.is_empty() => following.looked_up(looked, keeper),
            Some(looked) = following.later.next(), if !following.later.is_empty() => following.looked_up(looked, keeper),
            Some((container, output)) = following.outputs.next(), if !following.outputs.is_empty() => {
                following.outputs.ended(&container, output).into_iter().for_each(|(entry, share)| keeper.keep(entry, share));
            }
            event = events.next() => {
                let event = match event {
                    Some(Ok(event)) => event,
                    Some(Err(error)) => return Err(engine.trouble(&error)),
                    None => return Ok(()),
                };
                if let Some(entry) = entry(event) {
                    following.take(entry, keeper);
                }
            }
        }
    }
}
