//! What of a learner's is there: on the engine, in volumes, in containers, and below `/tmp`.
//!
//! A row is undone by removing what was not there before it. What it changed of the rest is noticed by comparing.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bollard::Docker;
use bollard::query_parameters::{
    EventsOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptions, ListNetworksOptions, ListVolumesOptions,
};
use futures_util::TryStreamExt;

/// The most of a file that is read, and the most files of a folder.
const MAX_READ: usize = 256 * 1024;
const MAX_FILES: usize = 2_000;

/// Whose things these are.
pub struct Whose {
    /// The learner's name, which stands in the name of each.
    pub mark: String,
    /// Paths of the lab that do not lie in `/tmp` itself.
    pub paths: Vec<PathBuf>,
}

impl Whose {
    /// Whether a name is the learner's: not `t1-10` for `t1-1`.
    fn is_mine(&self, name: &str) -> bool {
        let mark = &self.mark;
        name.match_indices(mark.as_str())
            .any(|(at, _)| !name[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// Whether the engine made up the name of a volume.
fn is_nameless(volume: &str) -> bool {
    volume.len() == 64 && volume.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The volumes without a name that containers of the learner's had since a moment, also of containers that are gone.
pub async fn nameless_since(
    docker: &Docker,
    whose: &Whose,
    since: i64,
) -> Result<BTreeSet<String>, bollard::errors::Error> {
    let second = 1_000_000_000;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let options = EventsOptionsBuilder::new()
        .since(&format!("{}.{:09}", since / second, since % second))
        .until(&format!("{}.{:09}", now.as_secs(), now.subsec_nanos()))
        .build();
    let events: Vec<_> = docker.events(Some(options)).try_collect().await?;
    let actors = events.into_iter().filter_map(|event| event.actor);
    let actors: Vec<_> =
        actors.map(|actor| (actor.id.unwrap_or_default(), actor.attributes.unwrap_or_default())).collect();
    let is_mine = |about: &std::collections::HashMap<String, String>| about.values().any(|word| whose.is_mine(word));
    let mine: BTreeSet<&String> = actors.iter().filter(|(_, about)| is_mine(about)).map(|(id, _)| id).collect();
    let mounted = actors.iter().filter(|(_, about)| about.get("container").is_some_and(|id| mine.contains(id)));
    Ok(mounted.map(|(volume, _)| volume.clone()).filter(|volume| is_nameless(volume)).collect())
}

/// Everything that bears the learner's name, or holds something that does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Things {
    /// By id and name: one that was given another name is not what it was.
    pub containers: BTreeSet<(String, String)>,
    pub volumes: BTreeSet<String>,
    pub networks: BTreeSet<(String, String)>,
    /// By name and id.
    pub images: BTreeSet<(String, String)>,
    pub paths: BTreeSet<PathBuf>,
}

impl Things {
    pub async fn of(docker: &Docker, whose: &Whose) -> Result<Self, bollard::errors::Error> {
        let all = ListContainersOptionsBuilder::new().all(true).build();
        let (containers, volumes, networks, images) = tokio::try_join!(
            docker.list_containers(Some(all)),
            docker.list_volumes(None::<ListVolumesOptions>),
            docker.list_networks(None::<ListNetworksOptions>),
            docker.list_images(None::<ListImagesOptions>),
        )?;
        let mut things = Self::default();
        for container in containers {
            let names = container.names.unwrap_or_default();
            let mounts = container.mounts.unwrap_or_default();
            let labels = container.labels.unwrap_or_default();
            let networks = container.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
            let image = container.image.unwrap_or_default();
            let mounted = mounts.iter().flat_map(|mount| [&mount.name, &mount.source]).flatten();
            let nameless = mounts.iter().filter_map(|mount| mount.name.clone()).filter(|name| is_nameless(name));
            let nameless: Vec<String> = nameless.collect();
            let mut words = names.iter().chain(mounted).chain(labels.values()).chain(networks.keys()).chain([&image]);
            if words.any(|word| whose.is_mine(word)) {
                things.containers.insert((container.id.unwrap_or_default(), names.concat()));
                things.volumes.extend(nameless);
            }
        }
        for volume in volumes.volumes.unwrap_or_default() {
            if whose.is_mine(&volume.name) || volume.labels.values().any(|label| whose.is_mine(label)) {
                things.volumes.insert(volume.name);
            }
        }
        for network in networks {
            let name = network.name.unwrap_or_default();
            if whose.is_mine(&name) || network.labels.iter().flat_map(|all| all.values()).any(|l| whose.is_mine(l)) {
                things.networks.insert((network.id.unwrap_or_default(), name));
            }
        }
        for image in images {
            let tags = image.repo_tags.into_iter().filter(|tag| whose.is_mine(tag));
            things.images.extend(tags.map(|tag| (tag, image.id.clone())));
        }
        for above in ["/tmp", "/var/tmp"] {
            let entries = std::fs::read_dir(above).into_iter().flatten().flatten().map(|entry| entry.path());
            things.paths.extend(entries.filter(|path| whose.is_mine(&path.to_string_lossy())));
        }
        things.paths.extend(whose.paths.iter().filter(|path| path.symlink_metadata().is_ok()).cloned());
        Ok(things)
    }
}

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
fn a_learners_things_are_told_from_those_of_a_longer_name() {
    let whose = Whose { mark: "t1-1".to_owned(), paths: Vec::new() };
    for name in ["t1-1-app", "/t1-1", "/tmp/t1-1-dind", "t1-1_default", "x_t1-1"] {
        assert!(whose.is_mine(name), "{name}");
    }
    for name in ["t1-10-app", "t1-2-app", "app"] {
        assert!(!whose.is_mine(name), "{name}");
    }
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
