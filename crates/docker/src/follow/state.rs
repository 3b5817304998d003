//! The state of the stream of events: containers and commands of late, and the look-ups under way.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use labrun_graders::Nanos;
use labrun_graders::evidence::{Detail, Entry, Gap};
use labrun_journal::podman::is_unnamed;

use super::Keeper;
use super::output::Outputs;
use crate::connect::Engine;
use crate::detail::{self, HealthCheck, Inspected, Starter};
use crate::podman;
use crate::sort::detailed;
use labrun_journal::Bounded;
use labrun_journal::{Share, Weight};

/// How many look-ups are under way at once; each takes a connection of its own.
const LOOKUPS: usize = 16;

/// How many wait for their turn. Beyond that a container's mounts stay unknown, and so do an exec's arguments beyond what
/// its event tells.
const WAITING: usize = 4_096;

/// How many events of a container wait until it is known whom it concerns.
const EVENTS: usize = 64;

/// The time that a command may take to fail to start. Docker reports no end of it; only an inspection has the exit code.
const STARTING: Duration = Duration::from_millis(300);

/// How many commands are looked at again after that at a time.
const LATER: usize = 64;

/// How many containers and commands are remembered.
const REMEMBERED: usize = 1_024;

/// The answer to a look-up.
pub(super) enum Looked {
    /// A container, by its id; `None` if it is gone.
    Container(String, Option<Inspected>),
    /// An exec that has begun.
    Begun(Entry, Share),
    /// An exec a while after it has begun.
    Later(Entry, Share),
    /// An exec that has ended, and the time in which there may have been more of them.
    Ended(Entry, Share, Option<Gap>),
}

/// A look-up.
enum Job {
    Container(String),
    Begun(Entry, Share),
    Ended(Entry, Share),
}

pub(super) struct Following<'a> {
    engine: &'a Engine,
    known: &'a podman::Execs,
    pub(super) lookups: FuturesUnordered<LocalBoxFuture<'a, Looked>>,
    /// Second looks at execs that had neither ended nor failed at the first. They delay no prompt.
    pub(super) later: FuturesUnordered<LocalBoxFuture<'a, Looked>>,
    jobs: VecDeque<Job>,
    /// Events of containers that are being looked at: what they are decides.
    pending: Bounded<Vec<Entry>>,
    /// The containers that are being looked at, oldest first, each with the time of the event heard before its first.
    undecided: VecDeque<(String, Nanos)>,
    /// When the newest event happened of those heard in order.
    heard: Nanos,
    /// The output of containers that may concern a lab.
    pub(super) outputs: Outputs<'a>,
    /// The health checks of containers that were looked at.
    health_checks: Bounded<HealthCheck>,
    /// When execs were created.
    created: Bounded<Nanos>,
    /// The starts of execs whose end is not known.
    execs: Bounded<(Entry, Share)>,
    /// Execs and containers whose events are dropped: health checks, and containers of labrun's and other learners' own.
    ignored: Bounded<()>,
}

impl<'a> Following<'a> {
    /// Nothing is known yet; `heard` is the newest event of before.
    pub(super) fn new(engine: &'a Engine, known: &'a podman::Execs, heard: Nanos) -> Self {
        Self {
            engine,
            known,
            lookups: FuturesUnordered::new(),
            later: FuturesUnordered::new(),
            jobs: VecDeque::new(),
            pending: Bounded::new(2 * WAITING),
            undecided: VecDeque::new(),
            outputs: Outputs::new(engine),
            heard,
            health_checks: Bounded::new(REMEMBERED),
            created: Bounded::new(REMEMBERED),
            execs: Bounded::new(REMEMBERED),
            ignored: Bounded::new(REMEMBERED),
        }
    }

    /// Takes a new event.
    pub(super) fn take(&mut self, entry: Entry, keeper: &mut dyn Keeper) {
        if entry.is_our_own() {
            self.ignored.insert(&entry.actor, ());
            return;
        }
        if keeper.has(&entry) {
            return;
        }
        keeper.heard(entry.at);
        let Some(concern) = keeper.concern() else { return keeper.keep(entry, Share::Stranger) };
        if let Some((container, share)) = concern.mounted_in(&entry)
            && !self.ignored.contains(&container)
        {
            concern.note(&container, share);
        }
        if entry.action == "exec_create"
            && let Some(exec) = entry.attributes.get("execID")
        {
            self.created.insert(exec, entry.at);
        }
        if entry.kind == "container" && entry.action == "start" {
            // At once: it may be gone before it is known whom it concerns.
            self.outputs.started(&entry.actor);
        }
        let at = entry.at;
        self.sort(entry, keeper);
        self.heard = self.heard.max(at);
        self.go_on(keeper);
    }

    /// Keeps an event, holds it back or drops it.
    fn sort(&mut self, entry: Entry, keeper: &mut dyn Keeper) {
        let container = container_of(&entry);
        let exec = entry.attributes.get("execID");
        if [container, exec].into_iter().flatten().any(|id| self.ignored.contains(id)) {
            return keeper.dropped();
        }
        if let Some(waiting) = container.and_then(|id| self.pending.get_mut(id)) {
            if waiting.len() < EVENTS {
                waiting.push(entry);
            }
            return;
        }
        let Some(concern) = keeper.concern() else { return };
        let weight = concern.weigh(&entry);
        match weight {
            Weight::Drop => keeper.dropped(),
            Weight::Open => self.look_at_container(entry, Share::Stranger),
            Weight::KeepAndInspect(share) => {
                concern.note(&entry.actor, share);
                if entry.action == "create" {
                    self.look_at_container(entry, share);
                } else {
                    self.exec_started(entry, share, keeper);
                }
            }
            Weight::Keep(share) => {
                if entry.kind == "container" {
                    concern.note(&entry.actor, share);
                }
                let started_as = (entry.action == "exec_die").then(|| self.exec_ended(&entry)).flatten();
                keeper.keep(entry, started_as.unwrap_or(share));
            }
        }
    }

    /// The events of its container wait until that has been looked at. What concerns a lab does not wait for what may not.
    fn look_at_container(&mut self, entry: Entry, share: Share) {
        let id = entry.actor.clone();
        if entry.action == "create" {
            self.outputs.created(&id);
        }
        self.pending.insert(&id, vec![entry]);
        self.undecided.push_back((id.clone(), self.heard));
        if self.jobs.len() >= WAITING {
            let unknown = async move { Looked::Container(id, None) };
            self.lookups.push(unknown.boxed_local());
        } else if share == Share::Stranger {
            self.jobs.push_back(Job::Container(id));
        } else {
            self.jobs.push_front(Job::Container(id));
        }
    }

    fn exec_started(&mut self, mut entry: Entry, share: Share, keeper: &mut dyn Keeper) {
        if is_unnamed(&entry) {
            self.execs.insert(&entry.actor.clone(), (entry.clone(), share));
            return keeper.keep(entry, share);
        }
        let Some(health_check) = self.health_checks.get(&entry.actor) else {
            return self.look_at_container(entry, share);
        };
        let id = entry.attributes.get("execID").unwrap_or(&entry.actor).clone();
        let share = match detail::starter(&entry, self.created.remove(&id), health_check) {
            Starter::Client => share,
            Starter::Engine => {
                self.ignored.insert(&id, ());
                return keeper.dropped();
            }
            Starter::Unknown => {
                entry.detail = Some(Detail { health_check: true, ..Detail::default() });
                Share::Stranger
            }
        };
        keeper.keep(entry.clone(), share);
        self.execs.insert(&id, (entry.clone(), share));
        if self.jobs.len() < WAITING {
            match share {
                Share::Stranger => self.jobs.push_back(Job::Begun(entry, share)),
                Share::Own | Share::Shared => self.jobs.push_front(Job::Begun(entry, share)),
            }
        }
    }

    /// For whom the start of this exec was kept, where it is remembered.
    fn exec_ended(&mut self, end: &Entry) -> Option<Share> {
        let (start, share) = self.execs.remove(end.attributes.get("execID").unwrap_or(&end.actor))?;
        if self.jobs.len() < WAITING {
            self.jobs.push_back(Job::Ended(start, share));
        }
        Some(share)
    }

    /// Takes the answer to a look-up.
    pub(super) fn looked_up(&mut self, looked: Looked, keeper: &mut dyn Keeper) {
        match looked {
            Looked::Container(id, seen) => self.container_seen(&id, seen, keeper),
            Looked::Begun(entry, share) => {
                self.look_again_later(&entry, share);
                keeper.keep(entry, share);
            }
            Looked::Later(entry, share) => {
                // An end that the engine reported meanwhile is more reliable.
                if entry.detail.as_ref().is_some_and(|detail| detail.exit_code.is_some()) && self.is_open(&entry) {
                    keeper.keep(entry, share);
                }
            }
            Looked::Ended(entry, share, unsure) => {
                unsure.into_iter().for_each(|gap| keeper.unsure(gap));
                keeper.keep(entry, share);
            }
        }
        self.go_on(keeper);
    }

    /// True while the engine has reported no end of this exec.
    fn is_open(&self, start: &Entry) -> bool {
        self.execs.contains(start.attributes.get("execID").unwrap_or(&start.actor))
    }

    fn look_again_later(&mut self, start: &Entry, share: Share) {
        let has_no_code = start.detail.as_ref().is_some_and(|detail| detail.exit_code.is_none());
        if !has_no_code || !self.is_open(start) || self.later.len() >= LATER {
            return;
        }
        let (engine, start) = (self.engine, start.clone());
        let look = async move {
            tokio::time::sleep(STARTING).await;
            Looked::Later(detailed(engine, start).await, share)
        };
        self.later.push(look.boxed_local());
    }

    fn container_seen(&mut self, id: &str, seen: Option<Inspected>, keeper: &mut dyn Keeper) {
        let Inspected { detail, health_check } = seen.unwrap_or_default();
        let detail = Some(detail).filter(|detail| *detail != Detail::default());
        let is_known = health_check != HealthCheck::Unknown;
        self.health_checks.insert(id, health_check);
        let mut waiting = self.pending.remove(id).unwrap_or_default().into_iter().peekable();
        if let Some(mut created) = waiting.next_if(|entry| entry.action == "create")
            && let Some(concern) = keeper.concern()
        {
            created.detail = detail;
            let share = concern.decide(&created);
            if share == Share::Stranger && concern.is_of_others(&created) {
                self.ignored.insert(id, ());
                self.outputs.decided(created, Share::Stranger);
            } else {
                concern.note(id, share);
                podman::unseen(&created).into_iter().for_each(|gap| keeper.unsure(gap));
                // Without details it counts as an action.
                keeper.keep(Entry { detail: None, ..created.clone() }, share);
                if created.detail.is_some() {
                    keeper.keep(created.clone(), share);
                }
                self.outputs.decided(created, share).into_iter().for_each(|created| keeper.keep(created, share));
            }
        }
        waiting.for_each(|entry| self.sort(entry, keeper));
        if !is_known {
            // The next command in it is a reason to look again.
            self.health_checks.remove(id);
        }
    }

    /// Starts look-ups that wait for their turn, and reports how many are under way.
    fn go_on(&mut self, keeper: &mut dyn Keeper) {
        while self.lookups.len() < LOOKUPS
            && let Some(job) = self.jobs.pop_front()
        {
            self.lookups.push(look(self.engine, self.known, job).boxed_local());
        }
        while self.undecided.front().is_some_and(|(id, _)| !self.pending.contains(id)) {
            self.undecided.pop_front();
        }
        keeper.waiting(self.lookups.len() + self.jobs.len(), self.undecided.front().map(|(_, heard)| *heard));
    }
}

async fn look(engine: &Engine, known: &podman::Execs, job: Job) -> Looked {
    match job {
        Job::Container(id) => {
            let seen = detail::inspect(engine, &id).await;
            Looked::Container(id, seen)
        }
        Job::Begun(entry, share) => Looked::Begun(detailed(engine, entry).await, share),
        Job::Ended(start, share) => {
            let mut start = [start];
            let unsure = podman::name_commands(engine, &mut start, known).await;
            let [start] = start;
            Looked::Ended(detailed(engine, start).await, share, unsure)
        }
    }
}

/// The container that an event is about, or in which something was mounted.
fn container_of(entry: &Entry) -> Option<&String> {
    match entry.kind.as_str() {
        "container" => Some(&entry.actor),
        _ => entry.attributes.get("container"),
    }
}
