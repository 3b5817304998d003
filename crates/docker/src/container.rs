//! Containers, as the engine inspects them.

use std::time::{Duration, Instant};

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum, MountPoint};
use labrun_graders::fact::{Container, Mount, Tmpfs};
use labrun_graders::path::clean;
use labrun_graders::{CannotLook, Fact, Obstacle};

use super::clock;
use super::connect::Engine;
use super::network::{exposed, published};

/// How long a container must have been running to be called running.
///
/// `docker run -d … sh` without `-i` ends 2 to 11 ms after its start, and an inspection in between says "running".
const SETTLED: Duration = Duration::from_millis(100);

/// The same for one that has ended before, and that the engine has started again: it may do nothing else.
const SETTLED_AGAIN: Duration = Duration::from_secs(1);

/// A shell whose input is closed ends as soon as it gets processor time, and the engine learns of it as soon as it does.
/// On two cores with sixteen programs at work that took up to 0.8 seconds.
const SURE_TO_END: Duration = Duration::from_secs(3);

/// On a busy machine all takes longer: in an inspection's time, from question to answer. A quiet engine takes 1 to 2 ms.
const INSPECTIONS: u32 = 25;

/// What that comes to at most.
const BUSY: Duration = Duration::from_secs(2);

/// How long a container that is being removed is waited for, and how often it is looked at meanwhile.
const GOING: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(50);

/// A container; one that has only just started is looked at again until it has had time to fail, and one that is being
/// removed until it is gone: a state in passing is none to judge.
pub(super) async fn settled(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    let (mut restarts, mut slowest, mut running) = (None, Duration::ZERO, None);
    loop {
        let asked = Instant::now();
        let Some(mut seen) = once_gone(engine, name).await? else { return Ok(Fact::Absent) };
        slowest = slowest.max(asked.elapsed());
        if seen.status == "running" && *restarts.get_or_insert(seen.restarts) != seen.restarts {
            // Between two looks it ended: what is seen now is only the next of its short lives.
            "restarting".clone_into(&mut seen.status);
        }
        // Where a clock was set back only our own looks tell for how long it has been running.
        let watched = running.get_or_insert(Instant::now()).elapsed();
        let missing = settling(&seen, slowest).saturating_sub(age(engine, &seen).max(watched));
        if seen.status != "running" || missing.is_zero() {
            return Ok(Fact::Container(Box::new(seen)));
        }
        tokio::time::sleep(missing.min(SETTLED)).await;
    }
}

/// A container that is not on its way out; `None` if there is none, or no more.
async fn once_gone(engine: &Engine, name: &str) -> Result<Option<Container>, CannotLook> {
    let began = Instant::now();
    loop {
        let Some(seen) = described(engine, name).await? else { return Ok(None) };
        if !is_leaving(&seen) {
            return Ok(Some(convert(seen)));
        }
        if began.elapsed() >= GOING {
            let what = format!("{name} is being removed, and that takes long");
            return Err(CannotLook::new(Obstacle::Timeout, what, "wait a moment, then check again"));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Whether a container is being removed, or has ended and is removed for that (`--rm`).
fn is_leaving(seen: &ContainerInspectResponse) -> bool {
    let goes_by_itself = seen.host_config.as_ref().and_then(|host| host.auto_remove).unwrap_or_default();
    let state = seen.state.as_ref();
    let has_ended = state.and_then(|state| state.status) == Some(ContainerStateStatusEnum::EXITED);
    state.and_then(|state| state.status) == Some(ContainerStateStatusEnum::REMOVING) || (goes_by_itself && has_ended)
}

/// How long this container must have been running to be called so, where an inspection takes so long.
fn settling(container: &Container, inspection: Duration) -> Duration {
    if container.is_shell_without_input() {
        SURE_TO_END
    } else if container.restarts > 0 {
        SETTLED_AGAIN
    } else {
        SETTLED.max((inspection * INSPECTIONS).min(BUSY))
    }
}

/// How long a container has been running for sure; what does not say when it started has been for long.
fn age(engine: &Engine, container: &Container) -> Duration {
    let Some(started) = container.started else { return Duration::MAX };
    let age = engine.clock.now() - started - engine.clock.uncertainty();
    Duration::from_nanos(u64::try_from(age).unwrap_or_default())
}

/// A container by its name or id; `None` if there is none.
pub(super) async fn inspect(engine: &Engine, name: &str) -> Result<Option<Container>, CannotLook> {
    Ok(described(engine, name).await?.map(convert))
}

/// All that the engine says of a container; `None` if there is none of this name or id.
pub(super) async fn described(engine: &Engine, name: &str) -> Result<Option<ContainerInspectResponse>, CannotLook> {
    match engine.inspect_container(name).await {
        // The engine also takes the start of an id for a name: that is another container.
        Ok(seen) => Ok(Some(seen).filter(|seen| {
            let called = seen.name.as_deref().map(|name| name.trim_start_matches('/'));
            called == Some(name) || seen.id.as_deref() == Some(name)
        })),
        // A missing container is the learner's state, not our trouble.
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// Whether a container is being removed.
pub(super) fn is_going(seen: &ContainerInspectResponse) -> bool {
    let status = seen.state.as_ref().and_then(|state| state.status);
    matches!(status, Some(ContainerStateStatusEnum::REMOVING | ContainerStateStatusEnum::DEAD))
}

pub(super) fn convert(seen: ContainerInspectResponse) -> Container {
    let state = seen.state.unwrap_or_default();
    let config = seen.config.unwrap_or_default();
    let mut mounts: Vec<Mount> = seen.mounts.unwrap_or_default().into_iter().map(mount).collect();
    let host = seen.host_config.unwrap_or_default();
    limit(&mut mounts, host.mounts.unwrap_or_default());
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
        limits: Tmpfs::of_options(&options),
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
        tty: config.tty.unwrap_or_default(),
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
        ..Mount::default()
    }
}

/// Adds the limits of `--mount type=tmpfs`: the list of what is mounted leaves them out.
fn limit(mounts: &mut [Mount], asked_for: Vec<bollard::models::Mount>) {
    for asked in asked_for {
        let bytes =
            asked.tmpfs_options.and_then(|options| options.size_bytes).and_then(|size| u64::try_from(size).ok());
        let is_it = |mount: &&mut Mount| {
            mount.kind == "tmpfs"
                && asked.target.as_deref().is_some_and(|target| clean(target) == clean(&mount.destination))
        };
        if let Some(mount) = mounts.iter_mut().find(is_it) {
            mount.limits = Tmpfs::of_bytes(bytes.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_memory_are_known_whichever_option_gave_them() {
        let seen = serde_json::json!({
            "HostConfig": {
                "Tmpfs": {"/by-option": "size=4096k,nr_inodes=32"},
                "Mounts": [
                    {"Type": "tmpfs", "Target": "/by-mount/", "TmpfsOptions": {"SizeBytes": 4_194_304}},
                    {"Type": "tmpfs", "Target": "/without"},
                    {"Type": "volume", "Target": "/data", "Source": "v"},
                ],
            },
            "Mounts": [
                {"Type": "volume", "Name": "v", "Destination": "/data", "RW": true},
                {"Type": "tmpfs", "Destination": "/by-mount", "RW": true},
                {"Type": "tmpfs", "Destination": "/without", "RW": true},
            ],
        });
        let container = convert(serde_json::from_value(seen).expect("a container"));
        let limits = container.mounts.into_iter().map(|mount| (mount.destination, mount.limits));
        let bytes = Tmpfs::of_bytes(4 << 20);
        let expected = [
            ("/data", Tmpfs::default()),
            ("/by-mount", bytes.clone()),
            ("/without", Tmpfs::default()),
            ("/by-option", Tmpfs { inodes: Some(32), ..bytes }),
        ];
        let expected = expected.map(|(path, limits)| (path.to_owned(), limits));
        assert_eq!(limits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_state_in_passing_is_known() {
        let seen = |status: &str, auto_remove: bool| {
            let json = serde_json::json!({"State": {"Status": status}, "HostConfig": {"AutoRemove": auto_remove}});
            is_leaving(&serde_json::from_value(json).expect("a container"))
        };
        for (status, auto_remove, leaving) in [
            ("removing", false, true),
            ("removing", true, true),
            ("exited", true, true),
            ("exited", false, false),
            ("running", true, false),
            ("created", true, false),
            ("dead", false, false),
        ] {
            assert_eq!(seen(status, auto_remove), leaving, "{status} {auto_remove}");
        }
    }
}
