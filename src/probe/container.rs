//! Containers, as the engine inspects them.

use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, MountPoint};
use labrun_graders::fact::{Container, Mount};
use labrun_graders::{CannotLook, Fact, Nanos};

use super::clock;
use super::connect::Engine;
use super::network::{exposed, published};

/// How long a container must have been running to be called running.
///
/// `docker run -d … sh` without `-i` ends 2 to 11 ms after its start, and an inspection in between says "running".
const SETTLED: Nanos = 100_000_000;

/// The same for one that has ended before, and that the engine has started again: it may do nothing else.
const SETTLED_AGAIN: Nanos = 1_000_000_000;

/// A container; one that has only just started is looked at again when it has had time to fail.
pub(super) async fn settled(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    let Some(first) = inspect(engine, name).await? else { return Ok(Fact::Absent) };
    let enough = if first.restarts == 0 { SETTLED } else { SETTLED_AGAIN };
    let age = first.started.map_or(enough, |started| engine.clock.now() - started - engine.clock.uncertainty());
    if first.status != "running" || age >= enough {
        return Ok(Fact::Container(Box::new(first)));
    }
    let missing = u64::try_from(enough - age.max(0)).unwrap_or_default();
    tokio::time::sleep(Duration::from_nanos(missing)).await;
    let Some(mut second) = inspect(engine, name).await? else { return Ok(Fact::Absent) };
    if second.status == "running" && second.restarts != first.restarts {
        // Between the two looks it ended: what is seen now is only the next of its short lives.
        "restarting".clone_into(&mut second.status);
    }
    Ok(Fact::Container(Box::new(second)))
}

/// A container by its name or id; `None` if there is none.
pub(super) async fn inspect(engine: &Engine, name: &str) -> Result<Option<Container>, CannotLook> {
    match engine.inspect_container(name).await {
        // The engine also takes the start of an id for a name: that is another container.
        Ok(seen) => Ok(Some(convert(seen)).filter(|container| container.name == name || container.id == name)),
        // A missing container is the learner's state, not our trouble.
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(engine.trouble(&error)),
    }
}

fn convert(seen: ContainerInspectResponse) -> Container {
    let state = seen.state.unwrap_or_default();
    let config = seen.config.unwrap_or_default();
    let mut mounts: Vec<Mount> = seen.mounts.unwrap_or_default().into_iter().map(mount).collect();
    let host = seen.host_config.unwrap_or_default();
    let network = seen.network_settings.unwrap_or_default();
    let status = state.status.map(|status| status.to_string()).unwrap_or_default();
    // What is bound is told of one that runs; of another one only what it asks for.
    let bound = network.ports.filter(|_| matches!(status.as_str(), "running" | "paused"));
    let published = published(bound.or(host.port_bindings).unwrap_or_default());
    let mut networks: Vec<String> = network.networks.unwrap_or_default().into_keys().collect();
    networks.sort();
    // `--tmpfs` leaves the list of mounts empty and is told only here.
    let tmpfs = host.tmpfs.unwrap_or_default();
    mounts.extend(tmpfs.into_iter().map(|(destination, options)| Mount {
        kind: "tmpfs".to_owned(),
        destination,
        writable: !options.split(',').any(|option| option == "ro"),
        ..Mount::default()
    }));
    let argv = seen.path.into_iter().chain(seen.args.unwrap_or_default()).collect();
    Container {
        id: seen.id.unwrap_or_default(),
        name: seen.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        image: config.image.unwrap_or_default(),
        image_id: seen.image.unwrap_or_default(),
        status,
        exit_code: state.exit_code.unwrap_or_default(),
        error: state.error.unwrap_or_default(),
        created: clock::parse(seen.created.as_deref()).unwrap_or_default(),
        started: clock::parse(state.started_at.as_deref()),
        finished: clock::parse(state.finished_at.as_deref()),
        restarts: seen.restart_count.unwrap_or_default(),
        argv,
        open_stdin: config.open_stdin.unwrap_or_default(),
        mounts,
        working_dir: config.working_dir.unwrap_or_default(),
        networks,
        exposed: config.exposed_ports.unwrap_or_default().into_iter().map(exposed).collect(),
        published,
    }
}

/// A mount, as it is told of a container.
pub(super) fn mount(seen: MountPoint) -> Mount {
    Mount {
        kind: seen.typ.unwrap_or_default(),
        name: seen.name.unwrap_or_default(),
        source: seen.source.unwrap_or_default(),
        destination: seen.destination.unwrap_or_default(),
        writable: seen.rw.unwrap_or_default(),
    }
}
