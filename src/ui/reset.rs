//! What a reset would remove, and what it did.

use super::page::Page;
use super::theme::Role;
use crate::engine::{Belonging, Holder, Removal};

impl Page {
    /// What a reset would remove, and what stands in its way.
    #[must_use]
    pub fn belongings(&self, lab: &str, made: &[Belonging], holders: &[Holder]) -> String {
        if made.is_empty() {
            return self.wrap("", &format!("{lab}: nothing that it made is left."));
        }
        let mut screen = self.wrap("", &format!("{lab} made, and would remove:"));
        for belonging in made {
            screen += &self.wrap("  ", &named(belonging));
        }
        for Holder { volume, container } in holders {
            let text = format!(
                "{container} holds {volume} and is not the lab's; to free it, if that one is yours: docker rm -f {container}"
            );
            screen += &self.labelled(Role::Open, "note", &text);
        }
        screen
    }

    /// What a reset did.
    #[must_use]
    pub fn removal(&self, removal: &Removal) -> String {
        let mut screen = String::new();
        if !removal.removed.is_empty() {
            let names: Vec<String> = removal.removed.iter().map(|belonging| belonging.name.clone()).collect();
            screen += &self.wrap("Removed: ", &names.join(", "));
        }
        for (belonging, why) in &removal.failed {
            screen += &self.labelled(Role::Bad, "not removed", &format!("{}: {why}", named(belonging)));
        }
        screen += match removal.failed.is_empty() {
            true => "The lab is ended; what you did stays in your progress.\n",
            false => "The lab goes on. Remove these yourself, or free them, and reset again.\n",
        };
        screen
    }
}

/// A thing with its kind: "volume app-data", "/tmp/dind (1 file)".
fn named(belonging: &Belonging) -> String {
    match belonging.files {
        Some(1) => format!("{} (1 file)", belonging.name),
        Some(files) => format!("{} ({files} files)", belonging.name),
        None => format!("{} {}", belonging.kind.word(), belonging.name),
    }
}
