//! What other learners do on the same engine, told by the names of their things.
//!
//! With `--as alice` every name of a lab begins with `alice-`. What ends as a name of ours does and begins otherwise is
//! another learner's: in a room of sixty that is nearly everything the engine tells, and nothing of it is evidence here.

use labrun_graders::evidence::{Entry, MountSeen};

/// How the things of other learners are called.
#[derive(Clone, Debug, Default)]
pub struct Others {
    /// What our own names begin with; empty where they begin with nothing, and nobody else's can be told from ours.
    prefix: String,
    /// What our own names are without it, each with a dash before it.
    endings: Vec<String>,
}

impl Others {
    /// Those of a learner who goes by this name, and whose names these are.
    #[must_use]
    pub fn of(learner: Option<&str>, owned: &[String]) -> Self {
        let Some(learner) = learner else { return Self::default() };
        let prefix = format!("{learner}-");
        let endings = owned.iter().filter_map(|name| name.strip_prefix(&prefix)).map(|name| format!("-{name}"));
        Self { endings: endings.collect(), prefix }
    }

    /// Whether this happened to something of another learner's.
    #[must_use]
    pub fn did(&self, entry: &Entry) -> bool {
        let name = match entry.kind.as_str() {
            "container" | "network" => entry.attributes.get("name"),
            "volume" => Some(&entry.actor),
            _ => None,
        };
        name.is_some_and(|name| self.own(name))
    }

    /// Whether a container that nobody has named was created with a volume of another learner's, and none of ours.
    ///
    /// What it writes is then left to its owner: sixty labruns that follow every container keep an engine busy.
    #[must_use]
    pub fn use_it(&self, created: &Entry) -> bool {
        let mounts = || created.detail.iter().flat_map(|detail| &detail.mounts);
        let is_ours = |mount: &MountSeen| mount.source.split('/').any(|name| name.starts_with(&self.prefix));
        mounts().any(|mount| mount.kind == "volume" && self.own(&mount.source)) && !mounts().any(is_ours)
    }

    fn own(&self, name: &str) -> bool {
        !name.starts_with(&self.prefix) && self.endings.iter().any(|ending| name.ends_with(ending))
    }
}

#[cfg(test)]
mod tests {
    use labrun_graders::evidence::{Detail, Entry, MountSeen};

    use super::Others;

    fn event(kind: &str, actor: &str, name: Option<&str>) -> Entry {
        let attributes = name.map(|name| ("name".to_owned(), name.to_owned())).into_iter().collect();
        Entry { kind: kind.to_owned(), actor: actor.to_owned(), attributes, ..Entry::default() }
    }

    #[test]
    fn what_is_called_as_ours_with_another_name_before_it_is_anothers() {
        let owned = ["alice-app-data", "alice-writer-1", "/tmp/alice-dind"].map(str::to_owned);
        let others = Others::of(Some("alice"), &owned);
        let container = |name: &str| others.did(&event("container", "1f", Some(name)));
        assert!(container("bob-writer-1") && container("bob-2-writer-1"));
        assert!(!container("alice-writer-1") && !container("alice-2-writer-1"));
        assert!(!container("writer-1"), "ours, with its beginning forgotten");
        assert!(!container("bob-reader") && !container("quick_hopper"), "whose it is nobody knows");
        assert!(others.did(&event("volume", "bob-app-data", None)));
        assert!(!others.did(&event("volume", "alice-app-data", None)));
        assert!(!others.did(&event("image", "bob-writer-1", None)));
        let with = |sources: &[&str]| {
            let kind = |source: &str| if source.starts_with('/') { "bind" } else { "volume" }.to_owned();
            let mounts = sources.iter().map(|source| MountSeen {
                kind: kind(source),
                source: (*source).to_owned(),
                ..MountSeen::default()
            });
            let detail = Detail { mounts: mounts.collect(), ..Detail::default() };
            others.use_it(&Entry { detail: Some(detail), ..event("container", "1f", Some("quick_hopper")) })
        };
        assert!(with(&["bob-app-data"]) && with(&["bob-app-data", "shared"]));
        assert!(!with(&[]) && !with(&["alice-app-data"]) && !with(&["shared"]));
        assert!(!with(&["bob-app-data", "alice-app-data"]), "ours is in it");
        assert!(!with(&["bob-app-data", "/tmp/alice-dind"]), "ours is in it");
        let alone = Others::of(None, &owned);
        assert!(!alone.did(&event("container", "1f", Some("bob-writer-1"))));
    }
}
