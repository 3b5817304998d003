//! What a reset would remove, and what it did.

use labrun_graders::name::NameKind;

use super::page::Page;
use super::theme::Role;
use labrun_engine::{Belonging, Holder, Removal, Unfinished};

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
            if let Some(doubt) = &belonging.doubt {
                let text = format!(
                    "{} may not be this lab's: {doubt}. It goes only if you confirm it separately",
                    belonging.name
                );
                screen += &self.labelled(Role::Open, "note", &text);
            }
        }
        for Holder { held, kind, name } in holders {
            let command = match kind {
                NameKind::Container => format!("docker rm -f {name}"),
                kind => format!("docker {} rm {name}", kind.word()),
            };
            let text = match held.starts_with('/') {
                true => {
                    format!("{} {name} uses {held}, so {held} stays. If you don't need {name}: {command}", kind.word())
                }
                false => {
                    format!("{name} holds {held} and is not the lab's; to free it, if that one is yours: {command}")
                }
            };
            screen += &self.labelled(Role::Open, "note", &text);
        }
        screen
    }

    /// What a verification that was cut off left behind.
    #[must_use]
    pub fn left_behind(&self, found: &Unfinished) -> String {
        let began = jiff::Timestamp::from_nanosecond(found.started.into()).ok();
        let began =
            began.map(|began| began.to_zoned(jiff::tz::TimeZone::system()).strftime(" of %b %-d, %H:%M").to_string());
        let began = began.unwrap_or_default();
        let mut screen = self.wrap("", &format!("A verification of {}{began} was cut off and left:", found.lab));
        for belonging in &found.left {
            screen += &self.wrap("  ", &named(belonging));
            if let Some(doubt) = &belonging.doubt {
                screen += &self.labelled(Role::Open, "note", &format!("{}: {doubt}", belonging.name));
            }
        }
        screen
    }

    /// What became of that.
    #[must_use]
    pub fn cleaned(&self, removal: &Removal) -> String {
        let mut screen = String::new();
        if !removal.removed.is_empty() {
            let names: Vec<String> = removal.removed.iter().map(named).collect();
            screen += &self.wrap("Removed: ", &names.join(", "));
        }
        for (belonging, why) in &removal.failed {
            screen += &self.labelled(Role::Bad, "not removed", &format!("{}: {why}", named(belonging)));
        }
        screen
    }

    /// What a reset did; `holders` were listed before it, and the user wants to keep what is in `kept`.
    #[must_use]
    pub fn removal(&self, removal: &Removal, holders: &[Holder], kept: &[Belonging]) -> String {
        let mut screen = String::new();
        if !removal.removed.is_empty() {
            let names: Vec<String> = removal.removed.iter().map(|belonging| belonging.name.clone()).collect();
            screen += &self.wrap("Removed: ", &names.join(", "));
        }
        if !kept.is_empty() {
            let names: Vec<String> = kept.iter().map(named).collect();
            screen += &self.wrap("Kept: ", &names.join(", "));
        }
        for (belonging, why) in &removal.failed {
            let held = |holder: &&Holder| belonging.kind == NameKind::Volume && holder.held == belonging.name;
            // What the engine says of it is an id, and nothing else that is new.
            let text = match holders.iter().find(held) {
                Some(holder) => format!("{}: {} still holds it", named(belonging), holder.name),
                None => format!("{}: {why}", named(belonging)),
            };
            screen += &self.labelled(Role::Bad, "not removed", &text);
        }
        let end = match removal.failed.is_empty() {
            true => "The lab is ended; what you did stays in your progress.\n",
            false => "The lab goes on. Free what is held, or remove it yourself, and reset again.\n",
        };
        screen + &self.wrap("", end)
    }
}

/// A thing with its kind: "volume app-data", "/tmp/dind (1 file)", "image 2f6c9ab4f3d1 (was shop:latest)".
fn named(belonging: &Belonging) -> String {
    if let Some(had) = &belonging.had {
        let digest = belonging.name.trim_start_matches("sha256:");
        return format!("image {} (was {had})", digest.get(..12).unwrap_or(digest));
    }
    match belonging.files {
        Some(1) => format!("{} (1 file)", belonging.name),
        Some(files) => format!("{} ({files} files)", belonging.name),
        None => format!("{} {}", belonging.kind.word(), belonging.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Theme;

    fn page(width: usize) -> Page {
        Page { width, theme: Theme::default(), in_shell: false, by_sudo: false }
    }

    #[test]
    fn what_holds_a_volume_is_named_once_more_and_not_by_its_id() {
        let volume = || Belonging::new(NameKind::Volume, "app-data");
        let holder = Holder { held: "app-data".to_owned(), kind: NameKind::Container, name: "other".to_owned() };
        let why = "remove app-data: volume is in use - [07b70d313b49]".to_owned();
        let failed = vec![(volume(), why)];
        let removal = Removal { removed: vec![Belonging::new(NameKind::Container, "writer-1")], failed };
        let told = "Removed: writer-1\n\
                    not removed: volume app-data: other still\n             holds it\n\
                    The lab goes on. Free what is held, or\nremove it yourself, and reset again.\n";
        assert_eq!(page(42).removal(&removal, &[holder], &[]), told);
        let unheld = page(80).removal(&removal, &[], &[]);
        assert!(unheld.contains("not removed: volume app-data: remove app-data: volume is in use - [07b70d313b49]\n"));
    }
}
