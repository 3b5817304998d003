//! Whether something under a name of the lab's may be another person's: its labels or its owner say so.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use labrun_graders::name::NameKind;

use labrun_lab::Lab;

/// The labels that a lab's own things can carry.
pub(super) struct OwnLabels {
    /// All of the lab's text and shell text: what it names there, its learner may set.
    text: String,
    /// The paths that it owns.
    paths: Vec<String>,
    /// It can carry any label.
    any: bool,
}

const PROJECT: &str = "com.docker.compose.project";
const WORKING_DIR: &str = "com.docker.compose.project.working_dir";

/// Labels that engines and their desktops add by themselves.
const ADDED: [&str; 3] = ["desktop.docker.io/", "com.docker.desktop.", "com.docker.volume.anonymous"];

impl OwnLabels {
    pub(super) fn of(lab: &Lab) -> Self {
        let mut text = String::new();
        for step in &lab.steps {
            let hints = step.hints.iter().map(|hint| &hint.text);
            let mistakes = step.mistakes.iter().map(|mistake| &mistake.run.text);
            for part in [&step.task.text, &step.solution.text].into_iter().chain(hints).chain(mistakes) {
                text += part;
                text.push('\n');
            }
        }
        let paths = lab.owns.names.iter().filter(|name| name.kind == NameKind::Path);
        Self { text, paths: paths.map(|name| name.text.clone()).collect(), any: false }
    }

    /// For names that labrun drew at random: whatever the labels say, it is the lab's.
    pub(super) fn any() -> Self {
        Self { any: true, ..Self::none() }
    }

    /// For a lab that is known only by its names.
    pub(super) fn none() -> Self {
        Self { text: String::new(), paths: Vec::new(), any: false }
    }

    /// Returns why this may not be the lab's; `None` if its labels say nothing of that. `inherited` are the labels of a
    /// container's image.
    pub(super) fn doubt(
        &self,
        labels: &BTreeMap<String, String>,
        inherited: &BTreeMap<String, String>,
    ) -> Option<String> {
        if self.any {
            return None;
        }
        let own = |(key, value): &(&String, &String)| inherited.get(*key) != Some(*value);
        let set: BTreeMap<_, _> = labels.iter().filter(own).collect();
        if let Some(project) = set.get(&PROJECT.to_owned())
            && !self.is_of_the_lab(project, labels.get(WORKING_DIR).map(String::as_str))
        {
            let folder = labels.get(WORKING_DIR).map(|folder| format!(" in {folder}")).unwrap_or_default();
            return Some(format!("it belongs to the compose project {project}{folder}"));
        }
        let is_known = |key: &str| {
            key.starts_with("com.docker.compose.")
                || key.starts_with("io.podman.compose.")
                || ADDED.iter().any(|added| key.starts_with(added))
                || names_label(&self.text, key)
        };
        let (key, value) = set.into_iter().find(|(key, _)| !is_known(key))?;
        Some(format!("it has the label {key}={value}, which this lab does not set"))
    }

    /// Returns why a path may not be the lab's: see [`foreign_owner`].
    pub(super) fn of_owner(&self, path: &Path) -> Option<String> {
        if self.any { None } else { foreign_owner(path) }
    }

    /// Whether a compose project is one of the lab's: it works below an owned path, or the lab's text names it.
    fn is_of_the_lab(&self, project: &str, working_dir: Option<&str>) -> bool {
        match working_dir {
            Some(folder) => self.paths.iter().any(|path| Path::new(folder).starts_with(path)),
            None => {
                let folders = self.paths.iter().filter_map(|path| Path::new(path).file_name()?.to_str());
                let names_it = |text: &str| text.split(|c: char| !is_of_a_name(c)).any(|word| word == project);
                folders.map(compose_name).any(|name| name == project) || names_it(&self.text)
            }
        }
    }
}

/// Returns why a path may not be the lab's: another person of this machine owns it. What a container or the engine made
/// belongs to root, or to a number that no person has.
fn foreign_owner(path: &Path) -> Option<String> {
    let owner = std::fs::symlink_metadata(path).ok()?.uid();
    let us = rustix::process::geteuid().as_raw();
    // The user who ran `sudo labrun` works on the lab under their own id.
    let by_sudo = std::env::var("SUDO_UID").ok().filter(|_| us == 0).and_then(|uid| uid.parse().ok());
    if [Some(us), Some(0), by_sudo].contains(&Some(owner)) {
        return None;
    }
    let found = Command::new("getent").args(["passwd", &owner.to_string()]).stderr(Stdio::null()).output();
    Some(format!("it belongs to the user {}", person(owner, found)?))
}

/// `getent` found no such user.
const NO_SUCH_USER: i32 = 2;

/// Returns the name of the person with this number, or the number where it is not known whether there is one; `None` if
/// there is none.
fn person(uid: u32, found: std::io::Result<Output>) -> Option<String> {
    let known = found.ok().filter(|found| found.status.success() || found.status.code() == Some(NO_SUCH_USER));
    let Some(found) = known else { return Some(uid.to_string()) };
    let line = String::from_utf8_lossy(&found.stdout).into_owned();
    line.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Whether a text names a label's key: as a whole word that a value or a quote follows, `owner=accounts` or `` `owner` ``.
fn names_label(text: &str, key: &str) -> bool {
    let is_of_a_key = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    text.match_indices(key).any(|(start, _)| {
        let starts = !text[..start].ends_with(is_of_a_key);
        starts && text[start + key.len()..].starts_with(['=', ':', '`', '"', '\''])
    })
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The project name that compose makes of a folder's name (compose-go's `NormalizeProjectName`).
pub(super) fn compose_name(folder: &str) -> String {
    let kept = folder.to_lowercase().chars().filter(|c| is_of_a_name(*c)).collect::<String>();
    kept.trim_start_matches(['_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn labels_that_the_lab_does_not_set_raise_a_doubt() {
        let own = OwnLabels {
            text: "docker volume create --label owner=accounts app-data".to_owned(),
            paths: vec!["/tmp/alice-shop".to_owned()],
            any: false,
        };
        let none = BTreeMap::new();
        let doubt = |pairs: &[(&str, &str)]| own.doubt(&labels(pairs), &none);
        for clear in [
            &[][..],
            &[("owner", "bob")],
            &[("desktop.docker.io/binds/0/Source", "/tmp/x")],
            &[(PROJECT, "alice-shop"), ("com.docker.compose.volume", "data")],
            &[(PROJECT, "any"), (WORKING_DIR, "/tmp/alice-shop"), ("com.docker.compose.service", "web")],
            &[(PROJECT, "any"), (WORKING_DIR, "/tmp/alice-shop/deeper")],
        ] {
            assert_eq!(doubt(clear), None, "{clear:?}");
        }
        for (pairs, why) in [
            (&[("team", "blue")][..], "it has the label team=blue, which this lab does not set"),
            // Words of the text that name no label.
            (&[("volume", "x")], "it has the label volume=x, which this lab does not set"),
            (&[("own", "x")], "it has the label own=x, which this lab does not set"),
            (&[("label", "x")], "it has the label label=x, which this lab does not set"),
            (&[(PROJECT, "bobs")], "it belongs to the compose project bobs"),
            (
                &[(PROJECT, "alice-shop"), (WORKING_DIR, "/home/bob/shop")],
                "it belongs to the compose project alice-shop in /home/bob/shop",
            ),
            (
                &[(PROJECT, "x"), (WORKING_DIR, "/tmp/alice-shop-2")],
                "it belongs to the compose project x in /tmp/alice-shop-2",
            ),
        ] {
            assert_eq!(doubt(pairs).as_deref(), Some(why));
        }
        assert_eq!(OwnLabels::any().doubt(&labels(&[("team", "blue")]), &none), None);
        assert!(OwnLabels::none().doubt(&labels(&[("owner", "bob")]), &none).is_some());
        let image = labels(&[("maintainer", "busybox"), ("team", "red")]);
        assert_eq!(own.doubt(&labels(&[("maintainer", "busybox")]), &image), None, "its image has it");
        assert!(own.doubt(&labels(&[("team", "blue")]), &image).is_some(), "its image has another value");
    }

    #[test]
    fn a_path_of_another_person_raises_a_doubt() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("owned");
        std::fs::create_dir(&path).expect("made");
        assert_eq!(foreign_owner(&path), None, "it is ours");
        let give = |uid: u32| {
            let uid = rustix::fs::Uid::from_raw(uid);
            rustix::fs::chown(&path, Some(uid), None).expect("only root can give it away: run this as root");
        };
        give(65_534);
        assert_eq!(foreign_owner(&path).as_deref(), Some("it belongs to the user nobody"));
        give(3_000_000_000);
        assert_eq!(foreign_owner(&path), None, "a container's user, whom no person is");
    }

    #[test]
    fn a_user_that_cannot_be_looked_up_counts_as_a_person() {
        let said = |script: &str| Command::new("sh").args(["-c", script]).output();
        let person = |found| person(1001, found);
        assert_eq!(person(said("echo bob:x:1001:1001::/home/bob:/bin/sh")).as_deref(), Some("bob"));
        assert_eq!(person(said("exit 2")), None, "a container's user");
        // There is no getent, it cannot reach the directory, or it was ended.
        for unknown in [Command::new("/nowhere/getent").output(), said("exit 1"), said("exit 3"), said("kill -9 $$")] {
            assert_eq!(person(unknown).as_deref(), Some("1001"));
        }
    }

    #[test]
    fn compose_names_a_project_after_its_folder() {
        for (folder, name) in [("alice-shop", "alice-shop"), ("My Shop.v2", "myshopv2"), ("__a_b", "a_b"), ("-1", "1")]
        {
            assert_eq!(compose_name(folder), name);
        }
    }
}
