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
use bollard::models::{
    ContainerInspectResponse, Mount, MountPoint, MountType, MountVolumeOptions, MountVolumeOptionsDriverConfig,
};
use bollard::query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder};
use labrun_graders::fact::Volume;
use labrun_graders::path::{clean, hides};
use labrun_graders::{CannotLook, Fact, Nanos, Obstacle};

use super::archive::Folder;
use super::connect::Engine;
use super::inside::Main;
use super::own::own_container;
use super::sight::Aspect;
use super::{archive, clock, container};

/// An option that no volume driver knows.
const NEVER_CREATE: &str = "labrun-never-creates";

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
pub(super) async fn file(engine: &Engine, name: &str, path: &str, aspect: Aspect) -> Result<Fact, CannotLook> {
    let Fact::Volume(Volume { created, .. }) = volume(engine, name).await? else { return Ok(Fact::Absent) };
    if let Some(User { container, mounted_at }) = user(engine, name, path).await?
        && let Some(seen) = container::described(engine, &container).await?
        && stays(&seen)
    {
        let folder = Folder { container: &container, main: Main::of(engine, &seen), path: &mounted_at };
        let looked = archive::file_below(engine, &folder, path, aspect).await;
        // Of one that is removed meanwhile the engine says the same as of a file that is not there.
        if matches!(&looked, Ok(fact) if *fact != Fact::Absent) || is_there(engine, &container).await? {
            return looked;
        }
    }
    let Some(helper) = Helper::create(engine, name, created).await? else { return Ok(Fact::Absent) };
    let folder = Folder { container: &helper.id, main: None, path: HELPER_MOUNT };
    let looked = archive::file_below(engine, &folder, path, aspect).await;
    helper.remove().await;
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
    /// Creates it for a volume that was `created` then; `None` if the volume is not there any more.
    async fn create(engine: &'a Engine, volume: &str, created: Option<Nanos>) -> Result<Option<Self>, CannotLook> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mark = engine.marks.own()?;
        let name = format!("labrun-probe-{mark}-{number}");
        let body = own_container(&mark, &engine.helper_image, &["true"], mount(volume));
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        let id = match engine.docker.create_container(Some(options), body).await {
            Ok(created) => created.id,
            Err(Error::DockerResponseServerError { message, .. }) if message.contains(NEVER_CREATE) => return Ok(None),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {
                return Err(CannotLook::new(
                    Obstacle::Broken,
                    format!("volume {volume} cannot be looked into: the image {} is not there", engine.helper_image),
                    format!("docker pull {}", engine.helper_image),
                ));
            }
            Err(error) => return Err(engine.trouble(&error)),
        };
        let helper = Self { engine, id };
        // Podman ignores a driver's options here and makes a missing volume. Its volumes keep their date, so another date is
        // another volume. It stays: the learner may already use it.
        if engine.is_podman().await && date(engine, volume).await? != created {
            helper.remove().await;
            let what = format!("volume {volume} was replaced while labrun looked into it");
            return Err(CannotLook::new(Obstacle::Broken, what, "check again"));
        }
        Ok(Some(helper))
    }

    /// Removes it; one that stays is swept when the next lab starts.
    async fn remove(self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.engine.remove_own(&self.id)).await;
    }
}

/// When a volume was created; `None` if there is none.
async fn date(engine: &Engine, name: &str) -> Result<Option<Nanos>, CannotLook> {
    Ok(match volume(engine, name).await? {
        Fact::Volume(volume) => volume.created,
        _ => None,
    })
}

/// A mount that reads a volume and never makes one.
///
/// Creating a container creates a missing volume as well. Docker reads a driver's options only for that, and its own
/// driver refuses options that it does not know (moby's `volume/service/store.go` and `volume/local/local.go`): so a
/// volume that is there is mounted, and one that is missing is an error.
fn mount(volume: &str) -> Mount {
    let options = HashMap::from([(NEVER_CREATE.to_owned(), "1".to_owned())]);
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.to_owned()),
        target: Some(HELPER_MOUNT.to_owned()),
        read_only: Some(true),
        volume_options: Some(MountVolumeOptions {
            // Without it an empty volume is filled from the image.
            no_copy: Some(true),
            driver_config: Some(MountVolumeOptionsDriverConfig { options: Some(options), ..Default::default() }),
            ..MountVolumeOptions::default()
        }),
        ..Mount::default()
    }
}
