//! Looks at the machine and its engine: everything at once, each look with a deadline of its own. Judges nothing.

mod canary;
mod disk;
mod engine;
mod machine;
mod progress;

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use bollard::models::{SystemInfo, SystemVersion};
use futures_util::future::join_all;
use labrun_graders::{CannotLook, Obstacle};

#[cfg(any(test, feature = "testing"))]
pub(super) use machine::parse_routes;

use super::needs::Needs;
use super::seen::{Answer, Ping, Seen, short_name};
use crate::Met;
use labrun_docker::{Ambient, Endpoint, EndpointError, Engine, Marks, Transport, ask_within};
use labrun_process::sudo::as_root;

/// How long one look may take.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// How long what takes a container or a registry may take, which needs a second where all is well but busy.
const LONG: Duration = Duration::from_secs(4);

/// Waits for a look, but not for ever.
async fn within<T>(limit: Duration, what: &str, look: impl Future<Output = Answer<T>>) -> Answer<T> {
    ask_within(limit, look).await.unwrap_or_else(|silence| Err(silence.cannot_look(what)))
}

/// Not asked.
fn unasked<T>() -> Answer<T> {
    Err(CannotLook::new(Obstacle::NoEngine, "it was not asked", "see the check `engine`"))
}

/// Looks at all that any check needs.
pub(super) async fn all(
    needs: &Needs,
    ambient: &Ambient<'_>,
    resolved: Result<Endpoint, EndpointError>,
    home: Result<PathBuf, (String, String)>,
    marks: Marks,
) -> Seen {
    let of_machine = async {
        let compose = async { if !needs.ask_for_compose() { unasked() } else { machine::compose().await } };
        tokio::join!(machine::docker_command(), compose)
    };
    let of_engine = async {
        match &resolved {
            Ok(endpoint) => at(needs, endpoint, marks).await,
            Err(_) => nothing_seen(),
        }
    };
    let of_home = progress::home(home, DEADLINE);
    let (mut seen, (command, compose), home) = tokio::join!(of_engine, of_machine, of_home);
    (seen.command, seen.compose, seen.home) = (command, compose, home);
    seen.endpoint = resolved.map_err(|error| (error.to_string(), error.remedy()));
    seen.routes = machine::routes();
    if let Err(reason) = &seen.ping {
        let (denied, chosen) = (reason.obstacle == Obstacle::Denied, seen.endpoint.as_ref().ok());
        let access = async { if denied { machine::access(chosen?).await } else { None } };
        (seen.access, seen.others) = tokio::join!(access, others(ambient, chosen));
    }
    seen
}

/// Looks in passing, at an engine that has just been met. Whether folders are shared is tried only where that is in doubt:
/// it takes a container.
pub(super) async fn in_passing(
    needs: &Needs,
    endpoint: &Endpoint,
    engine: &Engine,
    met: Met,
    version: Answer<SystemVersion>,
) -> Seen {
    let disk = disk::disk(endpoint, &met.info);
    let canaries = async {
        let in_doubt = !needs.folders().is_empty() && may_have_other_folders(endpoint, &met.info);
        if in_doubt { canary::all(needs, engine).await } else { Vec::new() }
    };
    let (disk, canaries) = tokio::join!(disk, canaries);
    let images = met.images.into_iter().map(|(name, architecture)| (name, Ok(Some(architecture)))).collect();
    let info = Ok((met.info, met.identity.clock.skew));
    let ping = Ok(Ping::default());
    Seen { endpoint: Ok(endpoint.clone()), ping, version, info, images, disk, canaries, ..nothing_seen() }
}

/// Whether this engine may see other folders than this machine: it runs elsewhere, in a virtual machine, or from snap.
fn may_have_other_folders(endpoint: &Endpoint, info: &SystemInfo) -> bool {
    let is_of_snap = info.docker_root_dir.as_deref().is_some_and(|root| root.starts_with("/var/snap/"));
    is_of_snap || !machine::is_local(endpoint, info)
}

/// What an engine says of its version.
pub(super) async fn version(endpoint: &Endpoint, engine: &Engine) -> Answer<SystemVersion> {
    engine::Asked { engine, endpoint }.version().await
}

/// Nothing at all: what every look begins with.
fn nothing_seen() -> Seen {
    Seen {
        endpoint: Err((String::new(), String::new())),
        ping: unasked(),
        version: unasked(),
        info: unasked(),
        is_local: false,
        networks: unasked(),
        containers: unasked(),
        images: Vec::new(),
        registry: Vec::new(),
        taken: unasked(),
        canaries: Vec::new(),
        helpers: unasked(),
        ports: Vec::new(),
        disk: None,
        home: Err((String::new(), String::new())),
        others: Vec::new(),
        command: unasked(),
        compose: unasked(),
        access: None,
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
        routes: Vec::new(),
    }
}

/// What the engine at an endpoint says, and what hangs on that.
async fn at(needs: &Needs, endpoint: &Endpoint, marks: Marks) -> Seen {
    let mut seen = nothing_seen();
    let mut client = match Engine::connect(endpoint) {
        Ok(client) => client,
        Err(reason) => {
            // A socket that we may not reach is told as one that is not there; asking tells which it is.
            let by_socket = matches!(endpoint.transport, Transport::Unix(_));
            let asked = if by_socket { engine::ping(endpoint).await.err() } else { None };
            seen.ping = Err(asked.unwrap_or(reason));
            return seen;
        }
    };
    let asked = engine::Asked { engine: &client, endpoint };
    (seen.ping, seen.version, seen.info, seen.networks, seen.images) =
        tokio::join!(engine::ping(endpoint), asked.version(), asked.info(), asked.networks(), asked.images(needs),);
    // Nothing is made on an engine that hangs in what it is asked.
    if seen.ping.is_err() || seen.hanging().is_some() {
        return seen;
    }
    let Ok((info, skew)) = &seen.info else { return seen };
    client.clock.skew = *skew;
    client.marks = marks;
    let there = seen.images.iter().find(|(_, image)| matches!(image, Ok(Some(_))));
    client.helper_image = there.map(|(name, _)| name.clone()).unwrap_or_default();
    let asked = engine::Asked { engine: &client, endpoint };
    seen.is_local = machine::is_local(endpoint, info);
    let missing = seen.images.iter().filter(|(_, image)| matches!(image, Ok(None))).map(|(name, _)| name.as_str());
    let registry = join_all(missing.map(|image| asked.registry(image)));
    let ports = needs.ports();
    let containers = async { if ports.is_empty() { unasked() } else { asked.containers().await } };
    let canaries = canary::all(needs, &client);
    let disk = disk::disk(endpoint, info);
    let helpers = within(LONG, "the engine, asked for labrun's own containers,", client.sweep());
    (seen.registry, seen.containers, seen.taken, seen.canaries, seen.disk, seen.helpers) =
        tokio::join!(registry, containers, asked.taken(needs), canaries, disk, helpers);
    seen.ports = ports.into_iter().map(|port| (port, machine::listening(port, seen.is_local))).collect();
    seen
}

/// The contexts whose engine answers, beside the chosen one.
async fn others(ambient: &Ambient<'_>, chosen: Option<&Endpoint>) -> Vec<String> {
    let endpoints = as_root(|| Endpoint::contexts(ambient));
    let answering = endpoints.iter().map(async |endpoint| {
        let is_other = chosen.is_none_or(|chosen| chosen.transport != endpoint.transport);
        let answers = is_other && engine::ping(endpoint).await.is_ok();
        answers.then(|| short_name(endpoint))
    });
    join_all(answering).await.into_iter().flatten().collect()
}
