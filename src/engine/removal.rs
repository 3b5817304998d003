//! Removing what a lab made: exactly that, by exact names, and nothing that was there before it.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::ContainerSummaryStateEnum;
use bollard::query_parameters::{
    KillContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
};
use labrun_graders::CannotLook;
use labrun_graders::name::NameKind;

use super::baseline::identity;
use super::removal_path::remove_path;
use super::session::Session;
use crate::lab::Owns;
use crate::privilege::as_root;
use crate::probe::{Engine, Presence, Snapshot, presence};

/// How often it is looked whether the engine has come to the end of a removal, and how many times.
const REMOVING: Duration = Duration::from_millis(50);
const REMOVING_TRIES: usize = 200;

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
}

#[cfg(test)]
impl Belonging {
    /// Something of this name, as far as a screen shows it.
    pub(crate) fn new(kind: NameKind, name: &str) -> Self {
        Self { kind, name: name.to_owned(), identity: String::new(), files: None }
    }
}

/// A container that is not the lab's and holds something that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The volume that it holds.
    pub volume: String,
    /// The container.
    pub container: String,
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
pub async fn belongings(session: &Session, engine: &Engine) -> Result<Vec<Belonging>, CannotLook> {
    let baseline: Snapshot = serde_json::from_str(&session.row.begin.baseline).unwrap_or_default();
    of_names(&session.loaded.lab.owns, &baseline, engine).await
}

/// What the lab made, and who else holds some of it.
///
/// # Errors
/// Why the engine or the host can't be asked.
pub async fn made(session: &Session, engine: &Engine) -> Result<(Vec<Belonging>, Vec<Holder>), CannotLook> {
    let made = belongings(session, engine).await?;
    let holders = holders(&made, engine).await?;
    Ok((made, holders))
}

/// What of these names is there, apart from what the baseline has.
pub(super) async fn of_names(owns: &Owns, baseline: &Snapshot, engine: &Engine) -> Result<Vec<Belonging>, CannotLook> {
    let mut found = Vec::new();
    for name in &owns.names {
        let Some(identity) = identity(engine, name.kind, &name.text).await? else { continue };
        if baseline.has(name.kind, &name.text, &identity) {
            continue;
        }
        let files = match presence(Path::new(&name.text)) {
            Ok(Presence::There { files, .. }) if name.kind == NameKind::Path => Some(files),
            _ => None,
        };
        found.push(Belonging { kind: name.kind, name: name.text.clone(), identity, files });
    }
    // A volume is free only when its containers are gone.
    found.sort_by_key(|belonging| belonging.kind);
    Ok(found)
}

/// The containers that hold one of these volumes and are not themselves on the list.
pub(super) async fn holders(belongings: &[Belonging], engine: &Engine) -> Result<Vec<Holder>, CannotLook> {
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
        for mount in container.mounts.unwrap_or_default() {
            if of_kind(NameKind::Volume).any(|volume| Some(&volume.name) == mount.name.as_ref()) {
                holders.push(Holder { volume: mount.name.unwrap_or_default(), container: name.to_owned() });
            }
        }
    }
    Ok(holders)
}

/// Removes what is on the list, if it still is what was listed.
pub async fn remove(belongings: Vec<Belonging>, engine: &Engine) -> Removal {
    let mut removal = Removal::default();
    // Also by force, Podman (5.4) asks a container to end and waits for ten seconds, longer than we wait for an answer.
    let of_containers = belongings.iter().any(|belonging| belonging.kind == NameKind::Container);
    let ends_slowly = of_containers && engine.is_podman().await;
    for belonging in belongings {
        match remove_one(&belonging, engine, ends_slowly).await {
            Ok(()) => removal.removed.push(belonging),
            Err(why) => removal.failed.push((belonging, why)),
        }
    }
    removal
}

/// Under sudo the user removes what they may, and root what a container has left there as root: by descriptors, never
/// through a link.
fn remove_path_here(path: &Path) -> io::Result<()> {
    match remove_path(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => as_root(|| remove_path(path)),
        done => done,
    }
}

async fn remove_one(belonging: &Belonging, engine: &Engine, ends_slowly: bool) -> Result<(), String> {
    let name = belonging.name.as_str();
    match identity(engine, belonging.kind, name).await {
        Ok(None) => return Ok(()),
        // A volume has nothing that would tell; see `Snapshot::has`.
        Ok(Some(now)) if now != belonging.identity && belonging.kind != NameKind::Volume => {
            return Err("it was replaced by another one meanwhile".to_owned());
        }
        Ok(Some(_)) => {}
        Err(reason) => return Err(reason.what),
    }
    let docker = &engine.docker;
    let removed = match belonging.kind {
        NameKind::Container => {
            // By id: between looking and removing the name could pass to another one. Anonymous volumes go with it.
            if ends_slowly {
                // One that does not run can't be ended; and what can't be ended can't be removed, which is told.
                let _ = docker.kill_container(&belonging.identity, None::<KillContainerOptions>).await;
            }
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            docker.remove_container(&belonging.identity, Some(options)).await
        }
        NameKind::Volume => remove_volume(name, engine).await,
        NameKind::Network => docker.remove_network(&belonging.identity).await,
        NameKind::Image => {
            docker.remove_image(name, None::<bollard::query_parameters::RemoveImageOptions>, None).await.map(drop)
        }
        NameKind::Path => return remove_path_here(Path::new(name)).map_err(|error| error.to_string()),
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
