//! Which events tell that somebody did something, and which of these that something changed.

use std::collections::HashSet;

use labrun_graders::evidence::Entry;

/// Whether somebody did something; looking into a container reports events too.
#[must_use]
pub fn is_deed(entry: &Entry) -> bool {
    const LOOKING: [&str; 6] = ["archive-path", "mount", "unmount", "attach", "resize", "top"];
    let is_health = entry.action.starts_with("health_status");
    entry.detail.is_none() && !is_health && !LOOKING.contains(&entry.action.as_str())
}

/// How many volumes are remembered; beyond that one may seem to be new once more.
const REMEMBERED: usize = 4_096;

/// Tells what changes something from what only seems to. An engine up to 20.10 reports the creation of a volume each time
/// that a container is made which mounts it, also when it is there; and labrun makes one to look into it.
#[derive(Debug, Default)]
pub struct Novelty {
    /// The volumes that were heard to be there.
    volumes: HashSet<String>,
}

impl Novelty {
    /// Whether the event tells of a change. Wants to be asked of every deed.
    pub fn is_news(&mut self, entry: &Entry) -> bool {
        match (entry.kind.as_str(), entry.action.as_str()) {
            ("volume", "create") => {
                if self.volumes.len() >= REMEMBERED {
                    self.volumes.clear();
                }
                self.volumes.insert(entry.actor.clone())
            }
            ("volume", "destroy") => {
                self.volumes.remove(&entry.actor);
                true
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(action: &str) -> Entry {
        let (kind, actor) = ("volume".to_owned(), "app-data".to_owned());
        Entry {
            at: 1,
            kind,
            action: action.to_owned(),
            actor,
            attributes: std::collections::BTreeMap::new(),
            detail: None,
        }
    }

    #[test]
    fn a_volume_is_news_once_until_it_is_removed() {
        let mut novelty = Novelty::default();
        let told = ["create", "create", "destroy", "create", "create"].map(|action| novelty.is_news(&volume(action)));
        assert_eq!(told, [true, false, true, true, false]);
    }

    #[test]
    fn looking_is_no_deed() {
        let deeds = ["create", "mount", "unmount", "destroy"].map(|action| is_deed(&volume(action)));
        assert_eq!(deeds, [true, false, false, true]);
    }
}
