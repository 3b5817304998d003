//! Volumes, and files in them.
//!
//! The engine looks into a container by mounting its volumes below the container's own files. Where these are being removed
//! at the same time, Docker 20.10 removes what is in the volumes with them. So a container is used only if it runs and
//! goes on: else one of our own, whose mount nothing can be written through.
//!
//! Never through the volume's directory on the host: a volume has no id that would prove it to be this engine's.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, Mount, MountPoint, MountType, MountVolumeOptions};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
};
use labrun_graders::evidence::OWN_LABEL;
use labrun_graders::fact::Volume;
use labrun_graders::path::{clean, hides};
use labrun_graders::{CannotLook, Fact, Obstacle};

use super::archive::Folder;
use super::connect::Engine;
use super::inside::Main;
use super::own::own_container;
use super::{archive, clock, container};

/// Where a helper container has the volume.
const HELPER_MOUNT: &str = "/labrun";

/// A volume.
pub(super) async fn volume(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    match engine.docker.inspect_volume(name).await {
        Ok(seen) => Ok(Fact::Volume(convert(seen))),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(Fact::Absent),
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// A volume, as the engine tells of it.
pub(super) fn convert(seen: bollard::models::Volume) -> Volume {
    Volume {
        name: seen.name,
        driver: seen.driver,
        created: clock::parse(seen.created_at.as_deref()),
        labels: seen.labels.into_iter().collect(),
        options: seen.options.into_iter().collect(),
    }
}

/// What stands at a path of a volume: through a container that uses it and stays, else through a helper that never starts.
pub(super) async fn file(engine: &Engine, name: &str, path: &str) -> Result<Fact, CannotLook> {
    // A helper would create a volume that is not there.
    if volume(engine, name).await? == Fact::Absent {
        return Ok(Fact::Absent);
    }
    if let Some(User { container, mounted_at }) = user(engine, name, path).await?
        && let Some(seen) = container::described(engine, &container).await?
        && stays(&seen)
    {
        let folder = Folder { container: &container, main: Main::of(engine, &seen), path: &mounted_at };
        let looked = archive::file_below(engine, &folder, path).await;
        // Of one that is removed meanwhile the engine says the same as of a file that is not there.
        if matches!(looked, Ok(Fact::File(_))) || is_there(engine, &container).await? {
            return looked;
        }
    }
    let helper = Helper::create(engine, name).await?;
    let folder = Folder { container: &helper.id, main: None, path: HELPER_MOUNT };
    let looked = archive::file_below(engine, &folder, path).await;
    let came_with_it = matches!(volume(engine, name).await, Ok(Fact::Volume(seen)) if is_own(&seen));
    helper.remove().await;
    if came_with_it {
        // Somebody removed the volume in between, and the helper made another.
        let _ = engine.docker.remove_volume(name, None::<RemoveVolumeOptions>).await;
        return Ok(Fact::Absent);
    }
    looked
}

/// Whether a container runs, and is not removed as soon as it has ended.
fn stays(seen: &ContainerInspectResponse) -> bool {
    let runs = seen.state.as_ref().is_some_and(|state| state.running == Some(true));
    let is_temporary = seen.host_config.as_ref().is_some_and(|host| host.auto_remove == Some(true));
    runs && !is_temporary && !container::is_going(seen)
}

/// Whether a container is still there.
async fn is_there(engine: &Engine, id: &str) -> Result<bool, CannotLook> {
    Ok(container::described(engine, id).await?.is_some_and(|seen| !container::is_going(&seen)))
}

/// Whether a helper made this volume: a label is given only to what is made.
fn is_own(volume: &Volume) -> bool {
    volume.labels.contains_key(OWN_LABEL)
}

/// A running container that has a volume.
struct User {
    container: String,
    mounted_at: String,
}

/// A running container that sees this path of the volume.
async fn user(engine: &Engine, volume: &str, path: &str) -> Result<Option<User>, CannotLook> {
    let filters = HashMap::from([("volume", vec![volume])]);
    let options = ListContainersOptionsBuilder::new().filters(&filters).build();
    let containers = engine.list_containers(options).await.map_err(|error| engine.trouble(&error))?;
    Ok(containers.into_iter().find_map(|container| {
        let mounts = container.mounts?;
        let at = |mount: &MountPoint| Some(clean(mount.destination.as_deref()?));
        // The filter also matches a bind mount of this path: names are compared here.
        let places = mounts.iter().filter(|mount| mount.name.as_deref() == Some(volume)).filter_map(at);
        // Another mount within the volume's hides what the volume has there.
        let mut clear = places.filter(|place| {
            let file = clean(&format!("{place}/{path}"));
            !mounts.iter().filter_map(at).any(|other| hides(&other, place, &file))
        });
        Some(User { container: container.id?, mounted_at: clear.next()? })
    }))
}

/// A container of labrun's own that is never started: the engine reads the volume for it.
struct Helper<'a> {
    engine: &'a Engine,
    id: String,
}

impl<'a> Helper<'a> {
    async fn create(engine: &'a Engine, volume: &str) -> Result<Self, CannotLook> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("labrun-probe-{}-{number}", std::process::id());
        let mount = Mount {
            typ: Some(MountType::VOLUME),
            source: Some(volume.to_owned()),
            target: Some(HELPER_MOUNT.to_owned()),
            read_only: Some(true),
            volume_options: Some(MountVolumeOptions {
                // Without it an empty volume is filled from the image.
                no_copy: Some(true),
                labels: Some(HashMap::from([(OWN_LABEL.to_owned(), String::new())])),
                ..MountVolumeOptions::default()
            }),
            ..Mount::default()
        };
        let body = own_container(&engine.helper_image, &["true"], mount);
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        match engine.docker.create_container(Some(options), body).await {
            Ok(created) => Ok(Self { engine, id: created.id }),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Err(CannotLook::new(
                Obstacle::Broken,
                format!("volume {volume} cannot be looked into: the image {} is not there", engine.helper_image),
                format!("docker pull {}", engine.helper_image),
            )),
            Err(error) => Err(engine.trouble(&error)),
        }
    }

    /// Removes it; one that stays is swept when the next lab starts.
    async fn remove(self) {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removal = self.engine.docker.remove_container(&self.id, Some(options));
        let _ = tokio::time::timeout(Duration::from_secs(5), removal).await;
    }
}

impl Engine {
    /// Removes helper containers that a killed labrun left: those with our label that are older than a minute.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn sweep(&self) -> Result<(), CannotLook> {
        let filters = HashMap::from([("label", vec![OWN_LABEL])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let helpers = self.list_containers(options).await.map_err(|error| self.trouble(&error))?;
        let minute_ago = self.clock.now() / 1_000_000_000 - 60;
        for helper in helpers {
            if let (Some(id), Some(created)) = (helper.id, helper.created)
                && created < minute_ago
            {
                Helper { engine: self, id }.remove().await;
            }
        }
        Ok(())
    }
}
