//! Removing what a lab made: exactly that, by exact names, and nothing that was there before it.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{ContainerSummaryNetworkSettings, ContainerSummaryStateEnum};
use bollard::query_parameters::{
    KillContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
    RemoveVolumeOptions,
};
use labrun_graders::name::{Name, NameKind};
use labrun_graders::{CannotLook, Nanos};

use super::baseline::{identity, look_at_path};
use super::error::EngineError;
use super::ownership::OwnLabels;
use super::path_users::path_users;
use super::removal_path::remove_path;
use super::session::Session;
use super::untagged::{is_untagged, untagged};
use labrun_docker::path_identity::{self, Pin};
use labrun_docker::{Described, Engine, Presence, Snapshot};
use labrun_lab::Owns;
use labrun_process::sudo::as_root;
use labrun_store::Store;

/// How often it is looked whether the engine has come to the end of a removal, and how many times.
const REMOVING: Duration = Duration::from_millis(50);
const REMOVING_TRIES: usize = 200;

/// A file system's clock and ours may differ by so much, in nanoseconds.
const CLOCK_STEP: Nanos = 2_000_000_000;

/// Something that exists and that the lab made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// What it is.
    pub kind: NameKind,
    /// Its name.
    pub name: String,
    /// What tells it from another one of the same name, as seen when it was listed.
    identity: String,
    /// For a path, how many files are below it.
    pub files: Option<usize>,
    /// For an image without a name, the one that it had.
    pub had: Option<String>,
    /// Why it may be another person's, as a sentence without a full stop. It is not removed before this is cleared.
    pub doubt: Option<String>,
    /// When it was listed, by the engine's clock.
    listed: Nanos,
    /// For a path, what keeps its identity from being given to another file.
    pin: Pin,
}

#[cfg(feature = "testing")]
impl Belonging {
    /// Something of this name, as far as a screen shows it.
    #[must_use]
    pub fn new(kind: NameKind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            identity: String::new(),
            files: None,
            had: None,
            doubt: None,
            listed: 0,
            pin: Pin::default(),
        }
    }
}

impl Belonging {
    /// An image that had this name.
    fn untagged(id: String, had: String, listed: Nanos) -> Self {
        Self {
            kind: NameKind::Image,
            name: id.clone(),
            identity: id,
            files: None,
            had: Some(had),
            doubt: None,
            listed,
            pin: Pin::default(),
        }
    }
}

/// Something that is not the lab's and keeps something of the lab's from being removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The volume, network or path that is held.
    pub held: String,
    /// What holds it: a container; for a path also a volume, a network or an image that was made from it.
    pub kind: NameKind,
    /// The holder's name.
    pub name: String,
}

/// What a removal did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// What is gone now.
    pub removed: Vec<Belonging>,
    /// What is not, and why.
    pub failed: Vec<(Belonging, String)>,
}

/// What the lab owns and has made, in the order in which it can be removed.
///
/// Left out is what was there when the session began, by its identity and not only by its name.
///
/// # Errors
/// Why the engine or the host can't be asked.
pub async fn belongings(session: &Session, store: &Store, engine: &Engine) -> Result<Vec<Belonging>, EngineError> {
    let lab = &session.loaded.lab;
    let begin = &session.row.begin;
    let baseline = session.baseline()?;
    let mut found = of_names(&lab.owns, &OwnLabels::of(lab), &baseline, engine).await?;
    for belonging in &mut found {
        if belonging.doubt.is_none() {
            belonging.doubt = of_beginning(belonging, &baseline, begin.started - begin.skew);
        }
    }
    for (id, had) in untagged(session, store, engine).await? {
        found.push(Belonging::untagged(id, had, engine.clock.now()));
    }
    // A volume is free only when its containers are gone, and compose needs its files to the end.
    found.sort_by_key(|belonging| belonging.kind);
    Ok(found)
}

/// Returns why something may have been there when the lab began, at this moment of our clock, and be no part of it.
fn of_beginning(belonging: &Belonging, baseline: &Snapshot, began: Nanos) -> Option<String> {
    if !baseline.owned(belonging.kind, &belonging.name) {
        return Some("this lab did not own that name when you started it".to_owned());
    }
    // A path was free then. What is older was moved there.
    let is_older = path_identity::created(&belonging.identity).is_some_and(|created| created < began - CLOCK_STEP);
    (belonging.kind == NameKind::Path && is_older).then(|| "it is older than this lab".to_owned())
}

/// What the lab made, and what keeps some of it from being removed.
///
/// # Errors
/// Why the engine or the host can't be asked.
pub async fn made(
    session: &Session,
    store: &Store,
    engine: &Engine,
) -> Result<(Vec<Belonging>, Vec<Holder>), EngineError> {
    let made = belongings(session, store, engine).await?;
    let holders = holders(&made, &session.baseline()?, engine).await?;
    Ok((made, holders))
}

/// What of these names is there, apart from what the baseline has.
pub(super) async fn of_names(
    owns: &Owns,
    labels: &OwnLabels,
    baseline: &Snapshot,
    engine: &Engine,
) -> Result<Vec<Belonging>, CannotLook> {
    let mut found = Vec::new();
    for name in &owns.names {
        let listed = engine.clock.now();
        let belonging = Belonging {
            kind: name.kind,
            name: name.text.clone(),
            identity: String::new(),
            files: None,
            had: None,
            doubt: None,
            listed,
            pin: Pin::default(),
        };
        let belonging = if name.kind == NameKind::Path {
            // The pin comes first: what is seen after it keeps its identity.
            let pin = Pin::at(Path::new(&name.text));
            let Presence::There { identity, files } = look_at_path(&name.text)? else { continue };
            let doubt = labels.of_owner(Path::new(&name.text));
            Belonging { identity, files: Some(files), doubt, pin, ..belonging }
        } else {
            let Some(seen) = engine.describe(name.kind, &name.text).await? else { continue };
            let doubt = labels.doubt(&seen.labels, &seen.inherited);
            let doubt = doubt.or_else(|| is_last_name(name, &seen, baseline).then(|| LAST_NAME.to_owned()));
            Belonging { identity: seen.identity, doubt, ..belonging }
        };
        if !baseline.has(name.kind, &name.text, &belonging.identity) {
            found.push(belonging);
        }
    }
    // A volume is free only when its containers are gone, and compose needs its files to the end.
    found.sort_by_key(|belonging| belonging.kind);
    Ok(found)
}

const LAST_NAME: &str = "it was here before this lab, and this is its last name";

/// Returns true for an old image that has only this name left: an engine removes an image with its last name.
fn is_last_name(name: &Name, seen: &Described, baseline: &Snapshot) -> bool {
    name.kind == NameKind::Image && seen.tags.len() < 2 && baseline.has_image(&seen.identity)
}

/// The containers that hold one of these volumes or networks and are not themselves on the list, and what was made from
/// these paths.
pub(super) async fn holders(
    belongings: &[Belonging],
    baseline: &Snapshot,
    engine: &Engine,
) -> Result<Vec<Holder>, CannotLook> {
    let all = ListContainersOptionsBuilder::new().all(true).build();
    let containers = engine.list_containers(all).await.map_err(|error| engine.trouble(&error))?;
    let of_kind = |kind| belongings.iter().filter(move |belonging| belonging.kind == kind);
    let mut holders = Vec::new();
    for container in containers {
        let id = container.id.unwrap_or_default();
        if of_kind(NameKind::Container).any(|belonging| belonging.identity == id) {
            continue;
        }
        let names = container.names.unwrap_or_default();
        let name = names.first().map_or(id.as_str(), |name| name.trim_start_matches('/'));
        for network in networks_of(&container.network_settings) {
            if let Some(network) = of_kind(NameKind::Network).find(|belonging| belonging.identity == network) {
                let held = network.name.clone();
                holders.push(Holder { held, kind: NameKind::Container, name: name.to_owned() });
            }
        }
        for mount in container.mounts.unwrap_or_default() {
            if let Some(volume) = of_kind(NameKind::Volume).find(|volume| Some(&volume.name) == mount.name.as_ref()) {
                let held = volume.name.clone();
                holders.push(Holder { held, kind: NameKind::Container, name: name.to_owned() });
            }
        }
    }
    for path in of_kind(NameKind::Path) {
        for user in path_users(Path::new(&path.name), baseline, engine).await? {
            let is_listed = |belonging: &Belonging| match user.kind {
                NameKind::Container | NameKind::Network => belonging.identity == user.identity,
                kind => belonging.kind == kind && belonging.name == user.name,
            };
            if !belongings.iter().any(is_listed) {
                holders.push(Holder { held: path.name.clone(), kind: user.kind, name: user.name });
            }
        }
    }
    Ok(holders)
}

/// The ids of a container's networks, also of one that does not run.
fn networks_of(settings: &Option<ContainerSummaryNetworkSettings>) -> impl Iterator<Item = &str> {
    let networks = settings.iter().filter_map(|settings| settings.networks.as_ref()).flat_map(HashMap::values);
    networks.filter_map(|network| network.network_id.as_deref())
}

/// Removes what is on the list, if it still is what was listed and there is no doubt. A path goes last, and only if
/// nothing that was made from it is left.
pub async fn remove(belongings: Vec<Belonging>, baseline: &Snapshot, engine: &Engine) -> Removal {
    let mut removal = Removal::default();
    // Also by force, Podman (5.4) asks a container to end and waits for ten seconds, longer than we wait for an answer.
    let of_containers = belongings.iter().any(|belonging| belonging.kind == NameKind::Container);
    let ends_slowly = of_containers && engine.is_podman().await;
    let containers = belongings.iter().filter(|belonging| belonging.kind == NameKind::Container);
    let containers: Vec<_> = containers.flat_map(|one| [one.name.clone(), one.identity.clone()]).collect();
    for belonging in belongings {
        match remove_one(&belonging, &containers, baseline, engine, ends_slowly).await {
            Ok(()) => removal.removed.push(belonging),
            Err(why) => removal.failed.push((belonging, why)),
        }
    }
    removal
}

/// Under sudo the user removes what they may, and root what a container has left there as root: by descriptors, never
/// through a link.
fn remove_path_here(path: &Path, identity: &str) -> io::Result<()> {
    match remove_path(path, identity) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => as_root(|| remove_path(path, identity)),
        done => done,
    }
}

async fn remove_one(
    belonging: &Belonging,
    containers: &[String],
    baseline: &Snapshot,
    engine: &Engine,
    ends_slowly: bool,
) -> Result<(), String> {
    let name = belonging.name.as_str();
    if let Some(doubt) = &belonging.doubt {
        return Err(doubt.clone());
    }
    match identity(engine, belonging.kind, name).await {
        Ok(None) => return Ok(()),
        Ok(Some(now)) => is_still(belonging, &now, engine).await?,
        Err(reason) => return Err(reason.what),
    }
    let docker = &engine.docker;
    let removed = match belonging.kind {
        NameKind::Container => {
            // By id: between looking and removing the name could pass to another one. Its anonymous volumes go with it.
            let own_volumes = has_own_volumes(&belonging.identity, containers, baseline, engine).await?;
            if ends_slowly {
                // One that does not run can't be ended; and what can't be ended can't be removed, which is told.
                let _ = docker.kill_container(&belonging.identity, None::<KillContainerOptions>).await;
            }
            let options = RemoveContainerOptionsBuilder::new().force(true).v(own_volumes).build();
            docker.remove_container(&belonging.identity, Some(options)).await
        }
        NameKind::Volume => remove_volume(name, engine).await,
        NameKind::Network => {
            // The engine looks only at containers that run. One that is stopped could not start without its network.
            if let Some(user) = user_of_network(&belonging.identity, engine).await? {
                return Err(format!("container {user} still needs it"));
            }
            docker.remove_network(&belonging.identity).await
        }
        NameKind::Image => remove_image(belonging, baseline, engine).await,
        NameKind::Path => {
            let users = path_users(Path::new(name), baseline, engine).await.map_err(|reason| reason.what)?;
            if !users.is_empty() {
                let users: Vec<_> = users.iter().map(|user| format!("{} {}", user.kind.word(), user.name)).collect();
                return Err(format!("still in use by {}", users.join(", ")));
            }
            return remove_path_here(Path::new(name), &belonging.identity).map_err(|error| error.to_string());
        }
    };
    match removed {
        // Somebody else was quicker: one that was ended in the middle of removing it, say.
        Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
        // The engine is still at it.
        Err(Error::DockerResponseServerError { status_code: 409, message }) if message.contains("in progress") => {
            gone(belonging, engine).await.then_some(()).ok_or(message)
        }
        Err(Error::DockerResponseServerError { message, .. }) => Err(message),
        Err(error) => Err(engine.trouble(&error).what),
    }
}

/// Returns true if the anonymous volumes of a container came with it or with another container on the list. With
/// `--volumes-from` it can have those of any container, and keep them after that one is gone.
async fn has_own_volumes(
    id: &str,
    containers: &[String],
    baseline: &Snapshot,
    engine: &Engine,
) -> Result<bool, String> {
    let seen = match engine.docker.inspect_container(id, None).await {
        Ok(seen) => seen,
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(true),
        Err(error) => return Err(engine.trouble(&error).what),
    };
    let sources = seen.host_config.and_then(|host| host.volumes_from).unwrap_or_default();
    let is_listed = |source: &String| {
        let source = source.split(':').next().unwrap_or_default();
        containers.iter().any(|one| one == source)
    };
    let mut volumes = seen.mounts.iter().flatten().filter_map(|mount| mount.name.as_deref());
    let is_old = volumes.any(|volume| baseline.identity(NameKind::Volume, volume).is_some());
    Ok(!is_old && sources.iter().all(is_listed))
}

/// Returns the name of a container that needs a network, running or not.
async fn user_of_network(id: &str, engine: &Engine) -> Result<Option<String>, String> {
    let all = ListContainersOptionsBuilder::new().all(true).build();
    let containers = engine.list_containers(all).await.map_err(|error| engine.trouble(&error).what)?;
    let going = [ContainerSummaryStateEnum::REMOVING, ContainerSummaryStateEnum::DEAD];
    let user = containers.into_iter().find(|container| {
        let is_going = container.state.is_some_and(|state| going.contains(&state));
        !is_going && networks_of(&container.network_settings).any(|network| network == id)
    });
    Ok(user.map(|user| {
        let name = user.names.unwrap_or_default().into_iter().next();
        name.map_or(user.id.unwrap_or_default(), |name| name.trim_start_matches('/').to_owned())
    }))
}

/// Removes an image, and what a build put between its layers. Not by the engine's own pruning: that would also take an
/// image without a name that was there before and that the build began from.
async fn remove_image(belonging: &Belonging, baseline: &Snapshot, engine: &Engine) -> Result<(), Error> {
    let remove = async |name: &str| {
        let options = RemoveImageOptionsBuilder::new().noprune(true).build();
        engine.docker.remove_image(name, Some(options), None).await.map(drop)
    };
    let parent_of = async |id: &str| engine.parent_image(id).await.ok().flatten();
    let mut parent = parent_of(&belonging.identity).await;
    remove(&belonging.name).await?;
    while let Some(id) = parent.filter(|id| baseline.knows_untagged() && !baseline.has_image(id)) {
        parent = parent_of(&id).await;
        // Another image may be built on it: then it stays, with all below it.
        if !is_untagged(&id, engine).await.unwrap_or(false) || remove(&id).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Sees that what has the name now is what was listed.
async fn is_still(belonging: &Belonging, now: &str, engine: &Engine) -> Result<(), String> {
    let replaced = match belonging.kind {
        NameKind::Volume => {
            match engine.volume_was_removed(&belonging.name, belonging.listed).await.map_err(|reason| reason.what)? {
                Some(removed) => removed,
                // Without the events only its date is left, and that moves when something is written.
                None => belonging.identity != now,
            }
        }
        NameKind::Path => !path_identity::agree(&belonging.identity, now),
        NameKind::Container | NameKind::Network | NameKind::Image => belonging.identity != now,
    };
    if replaced { Err("it was replaced after it was listed".to_owned()) } else { Ok(()) }
}

/// Removes a volume. The engine still calls it in use for a moment after the last container that had it is gone.
async fn remove_volume(name: &str, engine: &Engine) -> Result<(), Error> {
    for _ in 0..REMOVING_TRIES {
        match engine.docker.remove_volume(name, None::<RemoveVolumeOptions>).await {
            Err(Error::DockerResponseServerError { status_code: 409, .. }) if !is_held(name, engine).await? => {}
            ended => return ended,
        }
        tokio::time::sleep(REMOVING).await;
    }
    engine.docker.remove_volume(name, None::<RemoveVolumeOptions>).await
}

/// Whether a container has a volume, and keeps it.
async fn is_held(volume: &str, engine: &Engine) -> Result<bool, Error> {
    let filters = HashMap::from([("volume", vec![volume])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let going = [ContainerSummaryStateEnum::REMOVING, ContainerSummaryStateEnum::DEAD];
    let users = engine.list_containers(options).await?;
    Ok(users.iter().any(|user| !user.state.is_some_and(|state| going.contains(&state))))
}

/// Waits until something is gone that is being removed already, but not for ever.
async fn gone(belonging: &Belonging, engine: &Engine) -> bool {
    for _ in 0..REMOVING_TRIES {
        tokio::time::sleep(REMOVING).await;
        match identity(engine, belonging.kind, &belonging.name).await {
            Ok(Some(now)) if now == belonging.identity => {}
            Ok(_) => return true,
            Err(_) => return false,
        }
    }
    false
}
