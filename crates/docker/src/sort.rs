//! Sorts past events: for which lab each is kept, with its details, and which are dropped.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;
use futures_util::stream;
use labrun_graders::Nanos;
use labrun_graders::evidence::{Detail, Entry, Gap};

use super::connect::Engine;
use super::detail::{self, HealthCheck, Inspected, Starter};
use super::podman;
use labrun_journal::Known;
use labrun_journal::{Share, Weight};

/// How many look-ups are under way at once.
const AT_ONCE: usize = 16;

/// Events by whom they concern, oldest first.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) own: Vec<Entry>,
    pub(super) shared: Vec<Entry>,
    pub(super) strangers: Vec<Entry>,
    /// A period in which there may have been more commands than are known.
    pub(super) unsure: Option<Gap>,
}

impl Sorted {
    /// The entries that concern a lab.
    pub(super) fn of_labs(&self) -> impl Iterator<Item = &Entry> {
        self.own.iter().chain(&self.shared)
    }

    fn add(&mut self, entry: Entry, share: Share) {
        match share {
            Share::Own => self.own.push(entry),
            Share::Shared => self.shared.push(entry),
            Share::Stranger => self.strangers.push(entry),
        }
    }
}

/// Sorts new events; `open` are execs of before whose end is not known.
pub(super) async fn sorted(engine: &Engine, known: &Known, open: Vec<Entry>, mut new: Vec<Entry>) -> Sorted {
    new.sort_by_key(|entry| entry.at);
    let helpers: HashSet<String> =
        new.iter().filter(|entry| entry.is_our_own()).map(|entry| entry.actor.clone()).collect();
    new.retain(|entry| !entry.is_our_own() && !is_mount_of(entry, &helpers));
    let mut concern = known.concern.clone();
    for entry in &new {
        if let Some((container, share)) = concern.mounted_in(entry) {
            concern.note(&container, share);
        }
        if let (Weight::KeepAndInspect(share) | Weight::Keep(share), "container") =
            (concern.weigh(entry), entry.kind.as_str())
        {
            concern.note(&entry.actor, share);
        }
    }
    let weighed = || new.iter().map(|entry| (entry, concern.weigh(entry)));
    let asked = weighed()
        .filter_map(|(entry, weight)| matches!(weight, Weight::KeepAndInspect(_) | Weight::Open).then_some(entry));
    let asked: HashSet<&String> = asked.map(|entry| &entry.actor).collect();
    let looks = asked.into_iter().map(async |id| (id.clone(), detail::inspect(engine, id).await));
    let inspected: HashMap<String, Option<Inspected>> = stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    let inspected_of = |id: &str| inspected.get(id).and_then(Option::as_ref);
    let mut foreign = HashSet::new();
    for entry in new.iter_mut().filter(|entry| entry.kind == "container" && entry.action == "create") {
        let is_open = concern.weigh(entry) == Weight::Open;
        entry.detail = inspected_of(&entry.actor).map(|seen| seen.detail.clone());
        if is_open && concern.decide(entry) == Share::Stranger && concern.is_of_others(entry) {
            foreign.insert(entry.actor.clone());
        }
        concern.note(&entry.actor, concern.decide(entry));
    }
    let created: HashMap<&str, Nanos> = new
        .iter()
        .filter(|entry| entry.action == "exec_create")
        .filter_map(|entry| Some((entry.attributes.get("execID")?.as_str(), entry.at)))
        .collect();
    let mut probes = HashSet::new();
    let mut kept: Vec<(Entry, Share, bool)> = Vec::new();
    for entry in open {
        if let Weight::KeepAndInspect(share) = concern.weigh(&entry) {
            kept.push((entry, share, true));
        }
    }
    for entry in &new {
        let weight = if foreign.contains(&entry.actor) { Weight::Drop } else { concern.weigh(entry) };
        let (share, is_asked) = match weight {
            Weight::KeepAndInspect(share) => (share, true),
            Weight::Keep(share) => (share, false),
            Weight::Open => (concern.decide(entry), true),
            Weight::Drop => continue,
        };
        let exec = entry.attributes.get("execID").map(String::as_str);
        if exec.is_some_and(|exec| probes.contains(exec)) {
            continue;
        }
        let mut entry = entry.clone();
        let mut share = share;
        if entry.action == "exec_start" && is_asked {
            let health_check = inspected_of(&entry.actor).map_or(&HealthCheck::Unknown, |seen| &seen.health_check);
            let created = exec.and_then(|exec| created.get(exec).copied());
            match detail::starter(&entry, created, health_check) {
                Starter::Client => {}
                Starter::Engine => {
                    probes.extend(exec.map(str::to_owned));
                    continue;
                }
                Starter::Unknown => {
                    entry.detail = Some(Detail { health_check: true, ..Detail::default() });
                    share = Share::Stranger;
                }
            }
        }
        kept.push((entry, share, is_asked));
    }
    with_details(engine, known, kept).await
}

/// Asks for the details of execs.
async fn with_details(engine: &Engine, known: &Known, kept: Vec<(Entry, Share, bool)>) -> Sorted {
    let (mut execs, rest): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|(entry, _, is_asked)| *is_asked && entry.action == "exec_start");
    let mut entries: Vec<Entry> = execs.iter_mut().map(|(entry, ..)| std::mem::take(entry)).collect();
    let unsure = podman::name_commands(engine, &mut entries, &RefCell::new(known.execs.clone())).await;
    let looks =
        entries.into_iter().zip(execs).map(async |(entry, (_, share, _))| (detailed(engine, entry).await, share));
    let mut looked: Vec<(Entry, Share)> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    looked.extend(rest.into_iter().map(|(entry, share, _)| (entry, share)));
    looked.sort_by_key(|(entry, _)| entry.at);
    let mut sorted = Sorted { unsure, ..Sorted::default() };
    looked.into_iter().for_each(|(entry, share)| sorted.add(entry, share));
    sorted
}

/// An exec with its details, as far as the engine still knows them.
pub(super) async fn detailed(engine: &Engine, mut entry: Entry) -> Entry {
    if let Some(seen) = detail::exec(engine, &entry).await {
        let health_check = entry.detail.as_ref().is_some_and(|detail| detail.health_check);
        let ended = entry.detail.as_ref().and_then(|detail| detail.ended);
        entry.detail = Some(Detail { health_check, ended, ..seen });
    }
    entry
}

/// Whether a volume was mounted in one of these containers.
fn is_mount_of(entry: &Entry, containers: &HashSet<String>) -> bool {
    entry.kind == "volume" && entry.attributes.get("container").is_some_and(|id| containers.contains(id))
}
