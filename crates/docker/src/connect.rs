//! The connection to an engine, and what its failures mean.

use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{SystemInfo, SystemVersion};
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use labrun_graders::{Ask, CannotLook};

use super::clock::{self, Clock};
use super::endpoint::{Endpoint, Transport};
use super::mark::Marks;
use super::named::Named;
use super::pending::{GivenUp, Silence, ask_within};
use super::plain::{self, Answer};
use super::trouble::{no_engine, trouble, unreachable, without_a_question};
use super::wire::Wire;
use labrun_process::sudo::{as_root, may_be_root};

/// How long one question may take, with everything that it needs.
const DEADLINE: Duration = Duration::from_secs(5);

/// The limit for requests that have no deadline of their own, in seconds. bollard applies it to headers only.
const HEADERS: u64 = 10;

/// An engine that can be asked.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The client.
    pub docker: Docker,
    /// Its clock.
    pub clock: Clock,
    /// An image that is there: what a helper container is made from.
    pub helper_image: String,
    /// The marks of what labrun makes on it for itself.
    pub marks: Marks,
    /// The host that it publishes ports on, as reached from here.
    pub(super) host: String,
    /// Whether it is worth trying to look into its containers from here.
    pub(super) may_look_inside: bool,
    named: Named,
    /// A command that shows what stands in its way, where ssh may.
    by_hand: Option<String>,
    /// The request behind a timeout of the client's own.
    given_up: GivenUp,
    wire: Wire,
}

/// Who an engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The engine's own id; its name where it has none. Podman makes up another one for each answer.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its clock.
    pub clock: Clock,
}

/// Whether it is Podman that answers as Docker: its first component says so.
#[must_use]
pub fn is_podman(version: &SystemVersion) -> bool {
    let first = version.components.as_ref().and_then(|components| components.first());
    first.is_some_and(|component| component.name.starts_with("Podman"))
}

impl Engine {
    /// Prepares to talk to the engine at an endpoint. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Obstacle::NoEngine`](labrun_graders::Obstacle::NoEngine) where there is no socket, or no way to reach such an endpoint from here.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, CannotLook> {
        // Under sudo the certificates may be root's, and the socket in a folder of root's.
        let wire = as_root(|| Wire::to(&endpoint.transport)).map_err(|why| unreachable(endpoint, &why))?;
        if let Transport::Unix(socket) = &endpoint.transport
            && !as_root(|| socket.exists())
        {
            return Err(no_engine(&Named::of(endpoint), "there is no socket"));
        }
        let way = wire.clone();
        let given_up = GivenUp::default();
        let noted = given_up.clone();
        let send = move |request: BollardRequest| {
            let (wire, noted) = (wire.clone(), noted.clone());
            async move {
                let held = noted.unless_answered(request.method().as_str(), request.uri().path());
                let answer = wire.send(request).await;
                held.answered();
                answer
            }
        };
        Docker::connect_with_custom_transport(send, Some("http://labrun"), HEADERS, API_DEFAULT_VERSION)
            .map(|docker| Self::new(docker, endpoint, way, given_up))
            .map_err(|error| trouble(&error, &Named::of(endpoint)))
    }

    fn new(docker: Docker, endpoint: &Endpoint, wire: Wire, given_up: GivenUp) -> Self {
        Self {
            docker,
            clock: Clock::default(),
            helper_image: String::new(),
            marks: Marks::default(),
            host: host(endpoint),
            may_look_inside: may_look_inside(&endpoint.transport),
            named: Named::of(endpoint),
            by_hand: wire.by_hand(),
            given_up,
            wire,
        }
    }

    /// An engine that is asked in a way of its own.
    #[cfg(any(test, fuzzing, feature = "testing"))]
    pub(crate) fn over(docker: Docker) -> Self {
        let (clock, named) = (Clock::default(), Named::for_tests());
        let (helper_image, host, wire) = (String::new(), String::new(), Wire::Unix("".into()));
        let given_up = GivenUp::default();
        Self {
            docker,
            clock,
            helper_image,
            marks: Marks::default(),
            host,
            may_look_inside: false,
            named,
            by_hand: None,
            given_up,
            wire,
        }
    }

    /// Asks who it is, and compares its clock with ours.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn identify(&self) -> Result<Identity, CannotLook> {
        Ok(self.meet().await?.0)
    }

    /// Asks who it is, and gives with that all that it says of itself.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn meet(&self) -> Result<(Identity, SystemInfo), CannotLook> {
        let asked = self.patiently(DEADLINE, self.info()).await;
        let (info, clock) = asked.map_err(|silence| self.silent("the engine", &silence))??;
        let id = info.id.as_ref().filter(|id| !id.is_empty()).or(info.name.as_ref());
        let version = info.server_version.clone().unwrap_or_default();
        Ok((Identity { id: id.cloned().unwrap_or_default(), version, clock }, info))
    }

    /// All that it says of itself, and its clock as seen from here. The caller sets the deadline.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn info(&self) -> Result<(SystemInfo, Clock), CannotLook> {
        let before = clock::ours();
        let info = self.docker.info().await.map_err(|error| self.trouble(&error))?;
        let after = clock::ours();
        let told = clock::parse(info.system_time.as_deref());
        // The same kernel has the same clock; there any difference is only the time that the answer took.
        let same_kernel = info.kernel_version.as_deref() == rustix::system::uname().release().to_str().ok();
        let skew = match told {
            Some(told) if !(same_kernel && (before..=after).contains(&told)) => told - before.midpoint(after),
            _ => 0,
        };
        Ok((info, Clock { skew }))
    }

    /// Waits for an answer, but not for ever.
    ///
    /// The wait is in a box: a question of any kind would else take the room of the largest, tens of kilobytes.
    ///
    /// # Errors
    /// Those of the future, and [`Obstacle::Timeout`](labrun_graders::Obstacle::Timeout).
    pub fn within<'a, T: 'a>(
        &'a self,
        ask: &'a Ask,
        future: impl Future<Output = Result<T, CannotLook>> + 'a,
    ) -> LocalBoxFuture<'a, Result<T, CannotLook>> {
        let waited = async move {
            match ask_within(DEADLINE, future).await {
                Ok(looked) => looked,
                Err(silence) => Err(self.silent(&about(ask), &silence)),
            }
        };
        waited.boxed_local()
    }

    /// What the engine's machine is, as Go calls it (`amd64`).
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn machine(&self) -> Result<String, CannotLook> {
        let version = self.patiently(DEADLINE, self.docker.version()).await;
        let version = version.map_err(|silence| self.silent("the engine, asked for its version,", &silence))?;
        Ok(version.map_err(|error| self.trouble(&error))?.arch.unwrap_or_default())
    }

    /// One request, as it is written, with all of its answer. The caller sets the deadline.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, CannotLook> {
        self.ask(path).await.map_err(|error| self.trouble(&error))
    }

    /// The same, with the client's error.
    ///
    /// # Errors
    /// Why there is no answer; a status that is no success is [`Error::DockerResponseServerError`].
    pub(super) async fn ask(&self, path: &str) -> Result<Answer, Error> {
        plain::ask(&self.wire, path).await
    }

    /// What an error of the client's means.
    #[must_use]
    pub fn trouble(&self, error: &Error) -> CannotLook {
        if let Error::RequestTimeoutError = error {
            let silence = Silence { waited: Duration::from_secs(HEADERS), request: self.given_up.take() };
            return self.silent("the engine", &silence);
        }
        trouble(error, &self.named)
    }

    pub(super) fn silent(&self, what: &str, silence: &Silence) -> CannotLook {
        let mut reason = silence.cannot_look(what);
        if let Some(command) = &self.by_hand {
            reason.remedy = without_a_question(command);
        }
        let _ = write!(reason.what, " ({})", self.named.describe);
        reason
    }
}

/// The engine's host as reached from here: this one, for a socket.
fn host(endpoint: &Endpoint) -> String {
    let authority = match &endpoint.transport {
        Transport::Tcp { address, .. } => address.rsplit_once(':').map(|(host, _)| host),
        Transport::Ssh(url) => url.strip_prefix("ssh://").map(|rest| {
            let rest = rest.split('/').next().unwrap_or(rest);
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            host.split(':').next().unwrap_or(host)
        }),
        Transport::Unix(_) | Transport::NamedPipe(_) => None,
    };
    authority.unwrap_or("127.0.0.1").to_owned()
}

fn about(ask: &Ask) -> String {
    match ask {
        Ask::Container(name) => format!("the engine, asked for container {name},"),
        Ask::Volume(name) => format!("the engine, asked for volume {name},"),
        Ask::Network(name) => format!("the engine, asked for network {name},"),
        Ask::Log(name) => format!("the engine, asked for the log of {name},"),
        Ask::File { path, .. } | Ask::Access { path, .. } | Ask::Archive { path, .. } | Ask::Digest { path, .. } => {
            format!("the engine, asked for {path},")
        }
        _ => "the engine".to_owned(),
    }
}

/// Whether it is worth trying to look into its containers from here: the engine listens on a socket of this machine, and we are root or its owner.
fn may_look_inside(transport: &Transport) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Transport::Unix(socket) = transport else { return false };
    let us = rustix::process::geteuid();
    cfg!(target_os = "linux")
        && (may_be_root() || std::fs::metadata(socket).is_ok_and(|socket| socket.uid() == us.as_raw()))
}
