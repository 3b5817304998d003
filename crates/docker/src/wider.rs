//! What else is there: looked at only after a fail, to tell which mistake it is.
//!
//! All of it is bounded, and none of it decides anything: what takes too long here is only left unsaid.

use std::collections::BTreeMap;

use bollard::errors::Error;
use bollard::models::ChangeType;
use bollard::query_parameters::{ListContainersOptionsBuilder, ListVolumesOptions};
use labrun_graders::fact::{Everything, Listed};
use labrun_graders::{CannotLook, Fact};

use super::connect::Engine;
use super::{container, volume};

/// How many containers are listed: the newest. The engine needs about 0.1 ms for each, and a learner makes a handful.
const NEWEST: i32 = 64;

/// How many changed paths of a container are kept: one that installed packages has tens of thousands.
const CHANGES: usize = 2_000;

/// The newest containers, and all volumes.
pub(super) async fn everything(engine: &Engine) -> Result<Fact, CannotLook> {
    let docker = &engine.docker;
    let newest = ListContainersOptionsBuilder::new().all(true).limit(NEWEST).build();
    let listed =
        async { tokio::try_join!(engine.list_containers(newest), docker.list_volumes(None::<ListVolumesOptions>)) };
    let (containers, volumes) = listed.await.map_err(|error| engine.trouble(&error))?;
    let containers = containers.into_iter().map(|seen| Listed {
        id: seen.id.unwrap_or_default(),
        name: seen.names.unwrap_or_default().first().map_or("", |name| name.trim_start_matches('/')).to_owned(),
        image: seen.image.unwrap_or_default(),
        status: seen.state.map(|state| state.to_string()).unwrap_or_default(),
        created: seen.created.unwrap_or_default().saturating_mul(1_000_000_000),
        labels: seen.labels.unwrap_or_default().into_iter().collect::<BTreeMap<_, _>>(),
        mounts: seen.mounts.unwrap_or_default().into_iter().map(container::mount).collect(),
    });
    let volumes = volumes.volumes.unwrap_or_default().into_iter().map(volume::convert);
    Ok(Fact::Everything(Everything { containers: containers.collect(), volumes: volumes.collect() }))
}

/// The paths that were added to or changed in a container's own layer.
pub(super) async fn changes(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    match engine.docker.container_changes(name).await {
        Ok(changes) => {
            let written = changes.unwrap_or_default().into_iter().filter(|change| change.kind != ChangeType::_2);
            Ok(Fact::Changes(written.take(CHANGES).map(|change| change.path).collect()))
        }
        // It may have gone since it was listed.
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(Fact::Absent),
        Err(error) => Err(engine.trouble(&error)),
    }
}
