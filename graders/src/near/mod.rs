//! Near misses that only wider facts prove: what else is on the engine, what was typed, what a container's own layer
//! holds. A kind of check whose judgement was a fail asks here; nothing of this turns a fail into anything else.
//!
//! A fact that could not be had proves nothing: then there is no diagnosis, and the fail stays as it was.

pub mod alike;
pub mod attempt;
pub mod container;
pub mod deed;
pub mod engine;
pub mod file_history;
pub mod misnamed;
pub mod mount;
pub mod network;
pub mod place;
pub mod spelling;
pub mod start_error;
pub mod swapped;
pub mod typed;
pub mod undone;
mod view;
pub mod volume;

use crate::evidence::{Exec, Journal, TypedLine, is_own_container};
use crate::fact::{Ask, Container, Facts, Listed, Nanos, Network, Volume};
use crate::invocation::{DockerCall, docker_calls};
use crate::name::NameKind;
use crate::verdict::Feedback;

/// What compose notes on all that it makes.
pub const COMPOSE_PROJECT: &str = "com.docker.compose.project";

const SECOND: Nanos = 1_000_000_000;

/// What almost every near miss is proved from: what else is there, and what was typed.
///
/// What an engine did not report is of use only beside what was typed for one, and on a busy engine its events take
/// long: so the journal is asked for only then.
pub fn traces_asks(facts: &Facts) -> Vec<Ask> {
    let mut asks = vec![Ask::Everything, Ask::Typed];
    if Traces::of(facts).spoke_to_engine() == Some(true) {
        asks.push(Ask::Journal);
    }
    asks
}

/// What the facts show of the learner's deeds.
#[derive(Clone, Copy)]
pub struct Traces<'a> {
    pub facts: &'a Facts,
}

impl<'a> Traces<'a> {
    pub fn of(facts: &'a Facts) -> Self {
        Self { facts }
    }

    /// Every line typed in this session; `None` where nobody listens.
    fn all_lines(self) -> Option<&'a [TypedLine]> {
        self.facts.typed().ok().flatten().map(Vec::as_slice)
    }

    /// The lines typed for this step, oldest first.
    pub fn lines(self) -> impl DoubleEndedIterator<Item = &'a TypedLine> {
        let since = self.facts.since;
        self.all_lines().unwrap_or_default().iter().filter(move |line| line.at > since)
    }

    /// Whether a line typed for this step was for an engine. `None` where nobody listens.
    pub fn spoke_to_engine(self) -> Option<bool> {
        self.all_lines()?;
        Some(self.lines().any(|line| ["docker", "podman"].iter().any(|program| line.line.contains(program))))
    }

    /// The Docker commands typed for this step, oldest first, each with its line.
    pub fn calls(self) -> Vec<(&'a TypedLine, DockerCall)> {
        self.lines().flat_map(|line| docker_calls(line.text()).into_iter().map(move |call| (line, call))).collect()
    }

    pub fn journal(self) -> Option<&'a Journal> {
        self.facts.journal().ok().flatten()
    }

    /// What the learner ran in containers for this step, oldest first.
    pub fn execs(self) -> Vec<Exec> {
        let mut execs = self.journal().map(Journal::execs).unwrap_or_default();
        execs.retain(|exec| !exec.health_check && exec.at() > self.facts.since && self.works_in(&exec.container));
        execs
    }

    pub fn container(self, name: &str) -> Option<&'a Container> {
        self.facts.container(name).ok().flatten()
    }

    /// The containers made since the session began, newest first; not labrun's own, and whoever made them.
    pub fn new_containers(self) -> impl Iterator<Item = &'a Listed> {
        let listed = self.facts.everything().ok().flatten().map(|all| all.containers.as_slice()).unwrap_or_default();
        listed.iter().filter(move |one| self.is_new(one.created) && !is_own_container(&one.name, &one.labels))
    }

    /// The volumes made since the session began, whoever made them.
    pub fn new_volumes(self) -> impl Iterator<Item = &'a Volume> {
        let all = self.facts.everything().ok().flatten().map(|all| all.volumes.as_slice()).unwrap_or_default();
        all.iter().filter(move |one| one.created.is_some_and(|created| self.is_new(created)))
    }

    /// The networks made since the session began, whoever made them.
    pub fn new_networks(self) -> impl Iterator<Item = &'a Network> {
        let all = self.facts.networks().ok().flatten().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(move |one| one.created.is_some_and(|created| self.is_new(created)))
    }

    /// Whether something that the engine dates in whole seconds came after the session's beginning.
    fn is_new(self, created: Nanos) -> bool {
        created.saturating_add(SECOND) > self.facts.scope.began
    }

    /// Whether it was made for this step, and not for one before.
    pub fn is_of_this_step(self, created: Nanos) -> bool {
        created.saturating_add(SECOND) > self.facts.since
    }

    /// Whether the lab has a use for this name: then it is not one that was typed wrongly.
    pub fn is_owned(self, kind: NameKind, name: &str) -> bool {
        self.facts.scope.owns(kind, name)
    }

    /// Whether a new object of this name may be the learner's. On a shared engine others make things meanwhile, and
    /// their names differ from this learner's by what stands in front: there it must begin like this learner's own, or
    /// have been typed.
    pub fn may_be_ours(self, name: &str) -> bool {
        self.facts.scope.may_be_ours(name) || self.was_typed(name)
    }

    /// Whether a container is one that the learner works in. Where somebody listens, it is the lab's or was typed.
    pub fn works_in(self, container: &str) -> bool {
        let scope = &self.facts.scope;
        let listening = self.all_lines().is_some() && scope.prefix.is_empty();
        self.is_owned(NameKind::Container, container)
            || self.was_typed(container)
            || (!listening && scope.may_be_ours(container))
    }

    /// Whether a line of this session has this word in it.
    fn was_typed(self, word: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        self.all_lines().unwrap_or_default().iter().any(|line| {
            line.line.match_indices(word).any(|(at, _)| {
                let before = line.line.get(..at).and_then(|before| before.chars().next_back());
                let after = line.line.get(at + word.len()..).and_then(|after| after.chars().next());
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
        })
    }

    /// Something the learner made under a name that is a slip away from `wanted`, and not another of the lab's.
    pub fn mistyped(
        self,
        kind: NameKind,
        wanted: &str,
        made: impl Iterator<Item = &'a str>,
        wants: &str,
    ) -> Option<Feedback> {
        if let Some(near) = self.without_prefix(kind, wanted, wants) {
            return Some(near);
        }
        // The list of what the lab owns may be long, too: it is looked through for what is alike.
        let alike = made.filter(|made| self.may_be_ours(made) && spelling::is_slip(made, wanted));
        let made = spelling::slip(wanted, alike.filter(|made| !self.is_owned(kind, made)))?;
        let seen = format!("there is {made}, and no {wanted}");
        let difference = spelling::difference(made, wanted);
        let sentence = format!("In {made}, {difference}. The engine takes any name: compare.");
        Some(Feedback::wrong(wants, seen, sentence).diagnosed("name-mistyped"))
    }

    /// The lab's own name without what `--as` puts in front, as a handout or a neighbour has it: typed, and there.
    fn without_prefix(self, kind: NameKind, wanted: &str, wants: &str) -> Option<Feedback> {
        let prefix = self.facts.scope.prefix.as_str();
        let bare = wanted.strip_prefix(prefix).filter(|_| !prefix.is_empty())?;
        let all = self.facts.everything().ok().flatten()?;
        let is_there = match kind {
            NameKind::Container => all.containers.iter().any(|container| container.name == bare),
            NameKind::Volume => all.volumes.iter().any(|volume| volume.name == bare),
            NameKind::Network => self.new_networks().any(|network| network.name == bare),
            _ => false,
        };
        (is_there && self.was_typed(bare)).then(|| {
            let seen = format!("there is {bare}, and no {wanted}");
            let sentence = format!("Every name of yours begins with {prefix} here: others may use the same engine.");
            Feedback::wrong(wants, seen, sentence).diagnosed("name-mistyped")
        })
    }

    /// Whether a container was made for this step without a name of the learner's choosing. `None` where nobody listens.
    pub fn made_unnamed(self) -> Option<bool> {
        self.all_lines()?;
        Some(self.calls().iter().any(|(_, call)| call.makes_container() && call.name.is_none()))
    }
}
