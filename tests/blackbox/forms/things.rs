//! What of a learner's is there: on the engine, and below `/tmp`. A row is undone by removing what was not there before it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use bollard::Docker;
use bollard::query_parameters::{
    EventsOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptions, ListNetworksOptions, ListVolumesOptions,
};
use futures_util::TryStreamExt;

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
