//! Which of an engine's events can matter to a lab. The journal keeps nothing else.
//!
//! Verdicts rest on the lab's own things: what has one of its names, and containers that mount a volume or a path of it,
//! whatever they are called. Some feedback rests on what else the learner may have done, such as a command in the wrong
//! container. Of that the newest is enough.

use std::collections::HashSet;

use labrun_graders::evidence::{Entry, MountSeen};
use labrun_graders::is_slip;
use labrun_graders::path::{clean, is_within};

use super::bounded::Bounded;
use super::others::Others;

/// For whom the journal keeps an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// It concerns the lab of this session, and no other open one.
    Own,
    /// It concerns another open session as well, or only that one.
    Shared,
    /// It concerns no lab by its name or mounts. The journal keeps only the newest of these, for feedback.
    Stranger,
}

/// The decision about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Keep it, and ask the engine for its details.
    KeepAndInspect(Share),
    /// Keep it as it is.
    Keep(Share),
    /// A container was created under a name that is not the lab's: its mounts decide.
    Open,
    /// Drop it.
    Drop,
}

/// The names of a lab, in the learner's form.
#[derive(Clone, Debug, Default)]
struct Names {
    all: HashSet<String>,
    paths: Vec<String>,
}

impl Names {
    fn new<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        let all: HashSet<String> = names.into_iter().cloned().collect();
        let paths = all.iter().filter(|name| name.starts_with('/')).map(|path| clean(path)).collect();
        Self { all, paths }
    }

    fn has(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// Whether the lab has an image of this name; events add the tag `latest`.
    fn has_image(&self, name: &str) -> bool {
        self.has(name) || name.strip_suffix(":latest").is_some_and(|name| self.has(name))
    }

    fn is_mounted(&self, mount: &MountSeen) -> bool {
        if mount.kind == "volume" {
            return self.has(&mount.source);
        }
        // Docker Desktop reports host paths below other folders, and macOS has links in front.
        let source = clean(&mount.source);
        let source = ["/host_mnt", "/private"].iter().fold(source.as_str(), |path, above| {
            path.strip_prefix(above).filter(|rest| rest.starts_with('/')).unwrap_or(path)
        });
        mount.kind == "bind" && self.paths.iter().any(|path| is_within(source, path) || is_within(path, source))
    }

    /// Whether a name is one of these, typed wrongly.
    fn is_slip(&self, name: &str) -> bool {
        self.all.iter().any(|own| is_slip(name, own))
    }
}

/// Decides which events concern the labs of one learner's open sessions on one engine.
#[derive(Clone, Debug)]
pub struct Concern {
    /// The prefix that `--as` gives each name; empty without it.
    prefix: String,
    own: Names,
    /// Of the learner's other open sessions.
    rest: Names,
    others: Others,
    /// The containers that are known to concern a lab, by their ids.
    containers: Bounded<Share>,
    /// The lab has the engine to itself: every event that changes something is kept.
    everything: bool,
}

/// How many containers are known by their ids.
const CONTAINERS: usize = 4_096;

impl Default for Concern {
    fn default() -> Self {
        let (own, rest, others) = (Names::default(), Names::default(), Others::default());
        Self { prefix: String::new(), own, rest, others, containers: Bounded::new(CONTAINERS), everything: false }
    }
}

impl Concern {
    /// That of a learner whose lab has the names `own`; `rest` are the names of their other open labs.
    #[must_use]
    pub fn new<'a>(learner: Option<&str>, own: &'a [String], rest: impl IntoIterator<Item = &'a String>) -> Self {
        Self {
            prefix: learner.map(|learner| format!("{learner}-")).unwrap_or_default(),
            own: Names::new(own),
            rest: Names::new(rest),
            others: Others::of(learner, own),
            ..Self::default()
        }
    }

    /// Sets the names of the learner's other open labs.
    pub fn set_others<'a>(&mut self, rest: impl IntoIterator<Item = &'a String>) {
        self.rest = Names::new(rest);
    }

    /// Also keeps every other change on the engine, if `everything` is set.
    #[must_use]
    pub fn with_everything(self, everything: bool) -> Self {
        Self { everything, ..self }
    }

    /// Adds containers that the journal knows to concern a lab.
    pub fn add_containers(&mut self, known: impl IntoIterator<Item = (String, Share)>) {
        known.into_iter().for_each(|(id, share)| self.note(&id, share));
    }

    /// Notes a container that concerns a lab.
    pub fn note(&mut self, container: &str, share: Share) {
        if share != Share::Stranger {
            self.containers.insert(container, share);
        }
    }

    /// Decides about an event.
    pub fn weigh(&self, entry: &Entry) -> Weight {
        if is_only_looking(entry) || self.others.did(entry) {
            return Weight::Drop;
        }
        match entry.kind.as_str() {
            "container" => self.of_container(entry),
            "volume" => self.of_volume(entry),
            _ if self.everything => Weight::Keep(Share::Own),
            "image" => keep(self.named(entry, Names::has_image)),
            "network" => keep(self.named(entry, Names::has).or_else(|| self.of_its_container(entry))),
            _ => Weight::Drop,
        }
    }

    fn of_container(&self, entry: &Entry) -> Weight {
        let is_asked = matches!(entry.action.as_str(), "create" | "exec_start");
        let weight = if is_asked { Weight::KeepAndInspect } else { Weight::Keep };
        if let Some(share) = self.containers.get(&entry.actor).copied().or_else(|| self.named(entry, Names::has)) {
            return weight(share);
        }
        if entry.action == "create" {
            return Weight::Open;
        }
        if self.everything {
            return weight(Share::Own);
        }
        let name = entry.attributes.get("name").map_or("", String::as_str);
        let may_be_meant = (!self.prefix.is_empty() && name.starts_with(&self.prefix)) || self.own.is_slip(name);
        match entry.action.as_str() {
            "exec_start" if may_be_meant => Weight::KeepAndInspect(Share::Stranger),
            "exec_start" | "exec_die" | "start" | "attach" | "die" | "destroy" | "rename" => {
                Weight::Keep(Share::Stranger)
            }
            _ => Weight::Drop,
        }
    }

    /// For whom the container is that an event of a network or volume names.
    fn of_its_container(&self, entry: &Entry) -> Option<Share> {
        entry.attributes.get("container").and_then(|id| self.containers.get(id)).copied()
    }

    fn of_volume(&self, entry: &Entry) -> Weight {
        if let Some(share) = self.named(entry, Names::has) {
            return Weight::Keep(share);
        }
        match (entry.action.as_str(), self.of_its_container(entry)) {
            // It may lie over the lab's own mount.
            ("mount", Some(share)) => Weight::Keep(share),
            ("mount", None) => Weight::Drop,
            _ if self.everything => Weight::Keep(Share::Own),
            // An anonymous volume goes with its container, or without it.
            ("create" | "destroy", _) => Weight::Keep(Share::Stranger),
            _ => Weight::Drop,
        }
    }

    /// For whom an event is that has a name of a lab in it.
    fn named(&self, entry: &Entry, has: impl Fn(&Names, &str) -> bool) -> Option<Share> {
        let attributes = ["name", "oldName"].into_iter().filter_map(|key| entry.attributes.get(key));
        let names: Vec<&str> = attributes.chain([&entry.actor]).map(|name| name.trim_start_matches('/')).collect();
        let in_any = |lab: &Names| names.iter().any(|name| has(lab, name));
        share(in_any(&self.own), in_any(&self.rest))
    }

    /// For whom a container is that was created with these mounts.
    #[must_use]
    pub fn decide(&self, created: &Entry) -> Share {
        if let Some(share) = self.containers.get(&created.actor) {
            return *share;
        }
        let mounts = || created.detail.iter().flat_map(|detail| &detail.mounts);
        let in_any = |lab: &Names| mounts().any(|mount| lab.is_mounted(mount));
        let otherwise = if self.everything { Share::Own } else { Share::Stranger };
        share(in_any(&self.own), in_any(&self.rest)).unwrap_or(otherwise)
    }

    /// Whether a container that concerns no lab belongs to another learner.
    #[must_use]
    pub fn is_of_others(&self, created: &Entry) -> bool {
        self.others.use_it(created)
    }

    /// The container that a volume of a lab's was mounted in, and for whom it is.
    pub fn mounted_in(&self, entry: &Entry) -> Option<(String, Share)> {
        let container =
            entry.attributes.get("container").filter(|_| entry.kind == "volume" && entry.action == "mount")?;
        Some((container.clone(), self.named(entry, Names::has)?))
    }
}

fn share(own: bool, rest: bool) -> Option<Share> {
    match (own, rest) {
        (true, false) => Some(Share::Own),
        (_, true) => Some(Share::Shared),
        (false, false) => None,
    }
}

fn keep(share: Option<Share>) -> Weight {
    share.map_or(Weight::Drop, Weight::Keep)
}

/// Whether an event only reports that something was looked at, or repeats what another one reports.
fn is_only_looking(entry: &Entry) -> bool {
    const LOOKING: [&str; 7] = ["archive-path", "exec_create", "exec_detach", "export", "resize", "top", "unmount"];
    LOOKING.contains(&entry.action.as_str()) || entry.action.starts_with("health_status")
}

#[cfg(test)]
mod tests {
    use labrun_graders::evidence::{Detail, Entry, MountSeen};

    use super::{Concern, Share, Weight};

    const ID: &str = "c0ffee";

    fn concern() -> Concern {
        let own = ["app-data", "writer-1", "/tmp/dind", "shop"].map(str::to_owned);
        Concern::new(None, &own, &["shelf".to_owned()])
    }

    fn event(kind: &str, action: &str, actor: &str, attributes: &[(&str, &str)]) -> Entry {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (kind, action, actor) = (kind.to_owned(), action.to_owned(), actor.to_owned());
        Entry { kind, action, actor, attributes, ..Entry::default() }
    }

    fn of(name: &str, action: &str) -> Entry {
        event("container", action, ID, &[("name", name)])
    }

    #[test]
    fn events_of_the_labs_own_names_are_kept() {
        let concern = concern();
        for (entry, weight) in [
            (of("writer-1", "create"), Weight::KeepAndInspect(Share::Own)),
            (of("writer-1", "exec_start"), Weight::KeepAndInspect(Share::Own)),
            (of("writer-1", "stop"), Weight::Keep(Share::Own)),
            (event("container", "rename", ID, &[("name", "x"), ("oldName", "/writer-1")]), Weight::Keep(Share::Own)),
            (event("volume", "create", "app-data", &[]), Weight::Keep(Share::Own)),
            (event("volume", "destroy", "shelf", &[]), Weight::Keep(Share::Shared)),
            (event("image", "untag", "sha256:1", &[("name", "shop:latest")]), Weight::Keep(Share::Own)),
        ] {
            assert_eq!(concern.weigh(&entry), weight, "{entry:?}");
        }
    }

    #[test]
    fn events_that_can_never_be_evidence_are_dropped() {
        let concern = concern();
        for entry in [
            of("writer-1", "exec_create"),
            of("writer-1", "archive-path"),
            of("writer-1", "top"),
            of("writer-1", "resize"),
            of("writer-1", "health_status: healthy"),
            of("web", "kill"),
            event("image", "pull", "nginx:latest", &[("name", "nginx")]),
            event("image", "tag", "sha256:2", &[("name", "other:latest")]),
            event("network", "connect", "1f", &[("name", "bridge"), ("container", ID)]),
            event("volume", "mount", "cache", &[("container", ID)]),
            event("volume", "unmount", "app-data", &[("container", ID)]),
            event("builder", "prune", "", &[]),
            event("plugin", "enable", "p", &[]),
        ] {
            assert_eq!(concern.weigh(&entry), Weight::Drop, "{entry:?}");
        }
    }

    #[test]
    fn strangers_are_kept_without_asking_unless_the_name_is_a_slip() {
        let concern = concern();
        assert_eq!(concern.weigh(&of("web", "exec_start")), Weight::Keep(Share::Stranger));
        assert_eq!(concern.weigh(&of("writer1", "exec_start")), Weight::KeepAndInspect(Share::Stranger));
        assert_eq!(concern.weigh(&of("web", "create")), Weight::Open);
        let alice = Concern::new(Some("alice"), &["alice-app".to_owned()], []);
        assert_eq!(alice.weigh(&of("alice-helper", "exec_start")), Weight::KeepAndInspect(Share::Stranger));
        assert_eq!(alice.weigh(&of("bob-app", "exec_start")), Weight::Drop);
    }

    #[test]
    fn a_container_concerns_the_lab_by_what_it_mounts() {
        let created = |kind: &str, source: &str| {
            let mount = MountSeen {
                kind: kind.to_owned(),
                source: source.to_owned(),
                destination: "/x".to_owned(),
                ..MountSeen::default()
            };
            Entry { detail: Some(Detail { mounts: vec![mount], ..Detail::default() }), ..of("brave_hare", "create") }
        };
        let concern = concern();
        for (kind, source, share) in [
            ("volume", "app-data", Share::Own),
            ("volume", "shelf", Share::Shared),
            ("volume", "app-data-2", Share::Stranger),
            ("bind", "/tmp/dind/sub", Share::Own),
            ("bind", "/tmp", Share::Own),
            ("bind", "/private/tmp/dind", Share::Own),
            ("bind", "/host_mnt/tmp/dind/", Share::Own),
            ("bind", "/tmp/dind2", Share::Stranger),
            ("tmpfs", "", Share::Stranger),
        ] {
            assert_eq!(concern.decide(&created(kind, source)), share, "{kind} {source}");
        }
        assert_eq!(concern.decide(&of("brave_hare", "create")), Share::Stranger, "its mounts are unknown");
    }

    #[test]
    fn a_container_that_concerns_the_lab_is_followed_by_its_id() {
        let mut concern = concern();
        concern.note(ID, Share::Own);
        assert_eq!(concern.weigh(&of("brave_hare", "destroy")), Weight::Keep(Share::Own));
        let over = event("volume", "mount", "cache", &[("container", ID)]);
        assert_eq!(concern.weigh(&over), Weight::Keep(Share::Own), "it may hide the file");
    }
}
