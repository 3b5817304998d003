//! The first output of containers. labrun follows it from the start of a container, which may be gone a moment later, and
//! drops it as soon as the container turns out to concern no lab.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::future::{AbortHandle, Abortable, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use labrun_graders::evidence::Entry;

use crate::connect::Engine;
use labrun_journal::Bounded;
use labrun_journal::Share;

/// The most output of a container that is kept, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// How long the output of one container is followed at most: a lab's containers may run for days.
const FOLLOW: Duration = Duration::from_secs(600);

/// How many containers' output is followed at a time, each over a connection of its own.
const MAX_FOLLOWED: usize = 32;

/// Where a container is with its output.
enum State {
    /// It was created, and may concern a lab.
    Created,
    /// labrun also follows its output.
    Followed(AbortHandle),
    /// Its output ended before that was known.
    Early(String),
    /// It concerns a lab.
    Decided(Box<Entry>, Share),
}

/// The outputs that are followed.
pub(super) struct Outputs<'a> {
    engine: &'a Engine,
    followed: FuturesUnordered<LocalBoxFuture<'a, (String, String)>>,
    states: Bounded<State>,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        Self { engine, followed: FuturesUnordered::new(), states: Bounded::new(2 * MAX_FOLLOWED) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.followed.is_empty()
    }

    /// The next container that wrote enough, or ended, with what it wrote.
    pub(super) async fn next(&mut self) -> Option<(String, String)> {
        self.followed.next().await
    }

    /// A container was created that may concern a lab.
    pub(super) fn created(&mut self, id: &str) {
        self.states.insert(id, State::Created);
    }

    /// It was started.
    pub(super) fn started(&mut self, id: &str) {
        if self.followed.len() >= MAX_FOLLOWED {
            return;
        }
        let Some(state @ (State::Created | State::Decided(..))) = self.states.get_mut(id) else { return };
        let (handle, registration) = AbortHandle::new_pair();
        if matches!(state, State::Created) {
            *state = State::Followed(handle);
        }
        let (engine, container) = (self.engine, id.to_owned());
        let output = async move {
            let output = Abortable::new(output(engine, container.clone()), registration).await;
            (container, output.unwrap_or_default())
        };
        self.followed.push(output.boxed_local());
    }

    /// Takes the decision about a container; gives its creation with its output, if that is known already.
    pub(super) fn decided(&mut self, mut created: Entry, share: Share) -> Option<Entry> {
        let state = self.states.remove(&created.actor)?;
        if share == Share::Stranger || created.detail.is_none() {
            if let State::Followed(handle) = state {
                handle.abort();
            }
            return None;
        }
        if let (State::Early(output), Some(detail)) = (state, &mut created.detail) {
            detail.output = output;
            return Some(created);
        }
        let id = created.actor.clone();
        self.states.insert(&id, State::Decided(Box::new(created), share));
        None
    }

    /// Takes the output of a container; gives its creation with it, if it concerns a lab.
    pub(super) fn ended(&mut self, id: &str, output: String) -> Option<(Entry, Share)> {
        match self.states.remove(id)? {
            State::Decided(mut created, share) => {
                created.detail.as_mut()?.output = output;
                Some((*created, share))
            }
            State::Created | State::Followed(_) | State::Early(_) => {
                self.states.insert(id, State::Early(output));
                None
            }
        }
    }
}

/// The output of a container, until it ends or has written enough.
async fn output(engine: &Engine, container: String) -> String {
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
    String::from_utf8_lossy(&output).into_owned()
}
