//! Which containers lived, with what mounted in them, and how they ended: `docker run`, or `create` and `start`.

use std::collections::HashMap;

use super::{Detail, Entry, Journal, MountSeen};
use crate::nanos::Nanos;

/// A container's life, as far as it was reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The container's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image as it was named.
    pub image: String,
    /// When it was created.
    pub created: Option<Nanos>,
    /// When it was started.
    pub started: Option<Nanos>,
    /// When and how its main process ended.
    pub died: Option<(Nanos, i64)>,
    /// When it was removed.
    pub removed: Option<Nanos>,
    /// What was mounted in it.
    pub mounts: Vec<MountSeen>,
    /// What was looked up while it was there.
    pub detail: Option<Detail>,
    /// Whether somebody attached to its main process.
    pub attached: Option<Nanos>,
}

impl Journal {
    /// Every container that was reported, in the order of their first event.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        // Where each one stands: a shared engine tells of thousands.
        let mut places: HashMap<&str, usize> = HashMap::new();
        for entry in self.of_others() {
            let id = match entry.kind.as_str() {
                "container" => &entry.actor,
                "volume" => match entry.attributes.get("container") {
                    Some(id) => id,
                    None => continue,
                },
                _ => continue,
            };
            let place = *places.entry(id).or_insert_with(|| {
                runs.push(Run { id: id.clone(), ..Run::default() });
                runs.len() - 1
            });
            if let Some(run) = runs.get_mut(place) {
                run.take(entry);
            }
        }
        runs.retain(|run| !run.name.is_empty());
        runs
    }
}

impl Run {
    fn take(&mut self, entry: &Entry) {
        if entry.kind == "volume" {
            // Archive reads mount as well: only together with a start does a mount prove a run.
            if entry.action == "mount"
                && let Some(destination) = entry.attributes.get("destination")
            {
                let (kind, source) = ("volume".to_owned(), entry.actor.clone());
                let is_known = |known: &MountSeen| {
                    (&known.source, &known.destination) == (&source, destination) && known.kind == kind
                };
                if !self.mounts.iter().any(is_known) {
                    let destination = destination.clone();
                    self.mounts.push(MountSeen { kind, source, destination, ..MountSeen::default() });
                }
            }
            return;
        }
        if let Some(name) = entry.attributes.get("name") {
            self.name.clone_from(name);
        }
        if let Some(image) = entry.attributes.get("image") {
            self.image.clone_from(image);
        }
        match entry.action.as_str() {
            "create" => {
                self.created = Some(entry.at);
                if let Some(detail) = &entry.detail {
                    self.mounts.clone_from(&detail.mounts);
                    self.detail = Some(detail.clone());
                }
            }
            "start" => {
                self.started = Some(entry.at);
                // Started again, it has not ended yet.
                self.died = None;
            }
            "attach" => self.attached = Some(entry.at),
            "die" => {
                let code = entry.attributes.get("exitCode").and_then(|code| code.parse().ok());
                self.died = Some((entry.at, code.unwrap_or(-1)));
            }
            "destroy" => self.removed = Some(entry.at),
            _ => {}
        }
    }
}
