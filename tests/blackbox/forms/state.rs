//! What a step begins with, looked at closely, so that what a row changes of it is noticed.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use bollard::Docker;

use super::things::Things;

/// The most of a file that is read, and the most files of a folder.
const MAX_READ: usize = 256 * 1024;
const MAX_FILES: usize = 2_000;

/// What a step begins with, looked at closely: each part by its name, with a word that changes when it does.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What tells one from another that took its place, and a start from the next.
    identity: BTreeMap<String, String>,
    /// What is there, and how it is.
    matter: BTreeMap<String, String>,
}

impl State {
    /// Looks at these things.
    pub async fn of(docker: &Docker, things: &Things) -> Result<Self, bollard::errors::Error> {
        let mut state = Self::default();
        for (id, name) in &things.containers {
            match state.container(docker, id, name).await {
                // One that removes itself may have just done so.
                Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => {}
                looked => looked?,
            }
        }
        for volume in &things.volumes {
            let seen = match docker.inspect_volume(volume).await {
                Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => continue,
                looked => looked?,
            };
            let place = Path::new(&seen.mountpoint);
            // The folder that holds the data's: nothing that is written changes it.
            let born = place.parent().and_then(|above| above.metadata().ok());
            let born = born.map(|about| format!("{} {:?}", about.ino(), about.created().ok()));
            state.identity.insert(format!("volume {volume}"), format!("{born:?}"));
            state.matter.insert(format!("volume {volume}"), format!("{} {:?}", seen.driver, seen.labels.len()));
            state.matter.insert(format!("what is in volume {volume}"), contents(place));
        }
        for (id, name) in &things.networks {
            state.identity.insert(format!("network {name}"), id.clone());
            state.matter.insert(format!("network {name}"), String::new());
        }
        for (name, id) in &things.images {
            state.matter.insert(format!("image {name}"), id.clone());
        }
        for path in &things.paths {
            state.matter.insert(path.display().to_string(), contents(path));
            let inode = path.symlink_metadata().map(|about| about.ino()).unwrap_or_default();
            state.identity.insert(path.display().to_string(), inode.to_string());
        }
        Ok(state)
    }

    async fn container(&mut self, docker: &Docker, id: &str, name: &str) -> Result<(), bollard::errors::Error> {
        let (seen, changes) = tokio::try_join!(docker.inspect_container(id, None), docker.container_changes(id))?;
        let run = seen.state.unwrap_or_default();
        self.identity.insert(format!("container {name}"), format!("{id} {:?}", run.started_at));
        self.matter.insert(format!("container {name}"), format!("{:?} exit {:?}", run.status, run.exit_code));
        let networks = seen.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let networks: BTreeSet<&String> = networks.keys().collect();
        self.matter.insert(format!("networks of {name}"), format!("{networks:?}"));
        let mut layer: Vec<String> = changes
            .unwrap_or_default()
            .into_iter()
            .map(|change| format!("{:?} {}", change.kind, change.path))
            .collect();
        layer.sort();
        self.matter.insert(format!("layer of {name}"), format!("{layer:?}"));
        let tmpfs =
            seen.host_config.as_ref().and_then(|host| host.tmpfs.as_ref()).into_iter().flat_map(|all| all.keys());
        let mounts = seen.mounts.iter().flatten();
        let mounts = mounts.filter(|mount| mount.typ.as_deref() == Some("tmpfs"));
        let memory = tmpfs.chain(mounts.filter_map(|mount| mount.destination.as_ref()));
        for place in memory {
            let inside = format!("/proc/{}/root{place}", run.pid.unwrap_or_default());
            self.matter.insert(format!("{place} in memory of {name}"), contents(Path::new(&inside)));
        }
        Ok(())
    }

    /// What changes by itself: it says nothing of what a row did.
    pub fn restless(&self, later: &Self) -> BTreeSet<String> {
        self.differing(later, true).map(str::to_owned).collect()
    }

    /// The first difference, if there is one: what changed, and to what.
    pub fn difference(&self, later: &Self, by_identity: bool, restless: &BTreeSet<String>) -> Option<String> {
        let key = self.differing(later, by_identity).find(|key| !restless.contains(*key))?.to_owned();
        let of = |state: &Self| match (state.matter.get(&key), state.identity.get(&key)) {
            (None, None) => "nothing".to_owned(),
            (matter, identity) => [matter, identity].into_iter().flatten().cloned().collect::<Vec<_>>().join(" "),
        };
        Some(format!("{key}: {} became {}", of(self), of(later)))
    }

    fn differing<'a>(&'a self, later: &'a Self, by_identity: bool) -> impl Iterator<Item = &'a str> {
        let of = |a: &'a BTreeMap<String, String>, b: &'a BTreeMap<String, String>| {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().filter(|key| a.get(*key) != b.get(*key)).map(String::as_str).collect::<Vec<_>>()
        };
        let identity = if by_identity { of(&self.identity, &later.identity) } else { Vec::new() };
        of(&self.matter, &later.matter).into_iter().chain(identity)
    }
}

/// What is in a folder, a file or a link, as a word: names, kinds, modes, owners and texts. Times are left out, since
/// bringing a text back changes them.
fn contents(path: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    let mut left = MAX_FILES;
    let _ = hash_tree(path, &mut hasher, &mut left);
    format!("{:016x}", hasher.finish())
}

fn hash_tree(path: &Path, hasher: &mut DefaultHasher, left: &mut usize) -> std::io::Result<()> {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return Ok(());
    }
    let about = path.symlink_metadata()?;
    (about.permissions().mode(), about.uid(), about.gid()).hash(hasher);
    if about.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            entry.file_name().hash(hasher);
            let _ = hash_tree(&entry.path(), hasher, left);
        }
    } else if about.is_symlink() {
        std::fs::read_link(path)?.hash(hasher);
    } else if about.is_file() {
        about.len().hash(hasher);
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(std::fs::File::open(path)?, MAX_READ as u64), &mut text)?;
        text.hash(hasher);
    }
    Ok(())
}

#[test]
fn what_a_row_changes_in_a_folder_is_noticed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a"), "one").expect("written");
    let before = contents(folder.path());
    assert_eq!(contents(folder.path()), before);
    for change in [&|| std::fs::write(at("a"), "two"), &|| std::fs::rename(at("a"), at("b"))] as [&dyn Fn() -> _; 2] {
        change().expect("changed");
        assert_ne!(contents(folder.path()), before);
    }
    std::fs::rename(at("b"), at("a")).expect("back");
    std::fs::write(at("a"), "one").expect("back");
    assert_eq!(contents(folder.path()), before);
    std::fs::set_permissions(at("a"), std::fs::Permissions::from_mode(0o600)).expect("set");
    assert_ne!(contents(folder.path()), before);
}
