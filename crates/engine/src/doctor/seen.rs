//! Everything that was looked at, as it was answered. Nothing here is judged.

use std::path::PathBuf;

use bollard::models::{ContainerSummary, Network, SystemInfo, SystemVersion};
use labrun_graders::{CannotLook, Nanos, Obstacle};

use super::finding::Finding;
use crate::Taken;
use labrun_docker::{ChosenBy, Endpoint};

/// An answer, or why there is none.
pub type Answer<T> = Result<T, CannotLook>;

/// What was seen of a machine and its engine.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which engine `docker` would talk to; or why that can't be told, and what to do.
    pub endpoint: Result<Endpoint, (String, String)>,
    /// Whether the engine answers at all.
    pub ping: Answer<Ping>,
    /// `GET /version`.
    pub version: Answer<SystemVersion>,
    /// `GET /info`, and the engine's clock minus ours by its `SystemTime`.
    pub info: Answer<(SystemInfo, Nanos)>,
    /// The engine runs on this machine, and not in a virtual one.
    pub is_local: bool,
    /// `GET /networks`.
    pub networks: Answer<Vec<Network>>,
    /// `GET /containers/json`, asked only where a port is needed.
    pub containers: Answer<Vec<ContainerSummary>>,
    /// The images that are needed: the architecture of each, or that it is not there.
    pub images: Vec<(String, Answer<Option<String>>)>,
    /// What the registry says of those that are missing, as the engine reaches it.
    pub registry: Vec<(String, Answer<Registry>)>,
    /// The owned names that something has, by lab.
    pub taken: Answer<Vec<(String, Vec<Taken>)>>,
    /// The canary bind mounts, one a folder.
    pub canaries: Vec<(PathBuf, Answer<Canary>)>,
    /// The names of containers that carry labrun's label and stay: no note proves that labrun made them, or they run.
    pub helpers: Answer<Vec<String>>,
    /// The ports of this machine that are needed: whether somebody listens there.
    pub ports: Vec<(u16, Listening)>,
    /// The disk with the engine's data, where it is this machine's.
    pub disk: Option<Answer<Disk>>,
    /// The folder where progress is kept; or why it can't be looked at, and what to do.
    pub home: Result<Home, (String, String)>,
    /// Other contexts whose engine answers; asked only where the chosen one's does not.
    pub others: Vec<String>,
    /// The `docker` command; `None` where there is none.
    pub command: Answer<Option<DockerCommand>>,
    /// Compose, `None` where it is not here; asked only where it is needed.
    pub compose: Answer<Option<Compose>>,
    /// Who may use the socket; asked only where we may not.
    pub access: Option<Access>,
    /// The kernel's release, as `uname -r`.
    pub kernel: String,
    /// Routes of this machine; none where they can't be read.
    pub routes: Vec<Route>,
}

/// Compose, as it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compose {
    /// Its version.
    pub version: String,
    /// It is `docker compose`, and not the older `docker-compose`.
    pub is_plugin: bool,
}

/// An answer to `GET /_ping`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ping {
    /// The engine's clock minus ours by the header `Date`, in seconds; it is exact to one or two.
    pub seconds_off: Option<i64>,
}

/// What a registry says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registry {
    /// It has the image.
    Has,
    /// It, or the engine on the way to it, says something else.
    Says(String),
}

/// What came of a bind mount that was written on one side and read on the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Canary {
    /// Both sides see what the other wrote.
    Shared,
    /// The folder can't be made here: why.
    NotMade(String),
    /// The engine refuses the mount: its words.
    Refused(String),
    /// The container sees another folder than this machine.
    Elsewhere,
    /// The container may not look into the folder, or not read the file.
    Unreadable,
    /// The container may read and not write.
    Unwritable,
    /// The image has no shell to look with.
    NoShell,
    /// The container does not run: the engine's words.
    NotRun(String),
}

/// Whether somebody listens at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// Nobody.
    Nobody,
    /// Somebody.
    Somebody,
    /// The engine's host is another machine, or the port can't be tried.
    Unknown,
}

/// The file system with the engine's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes that are free for everybody.
    pub free: u64,
    /// Bytes in all.
    pub size: u64,
    /// What is large on the engine, the largest first; asked only where little is free.
    pub large: Vec<Large>,
}

/// The folder where progress is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The folder; it need not be there yet.
    pub folder: PathBuf,
    /// It, or what is nearest above it, is a folder.
    pub is_folder: bool,
    /// Bytes that are free for everybody.
    pub free: u64,
    /// How many more files its file system takes; `None` where that has no limit.
    pub files: Option<u64>,
    /// The file system is read-only.
    pub read_only: bool,
    /// The folder, or the file in it, that we may not write.
    pub closed: Option<PathBuf>,
}

/// Something large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Large {
    /// What it is: "image busybox".
    pub what: String,
    /// Bytes.
    pub size: u64,
}

/// The `docker` command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerCommand {
    /// Its version; empty where it does not say.
    pub version: String,
    /// The newest API that it speaks; empty where it does not say.
    pub api: String,
}

/// Who may use a socket, and who we are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Our name.
    pub user: String,
    /// The group that the socket belongs to.
    pub group: String,
    /// The socket lets its group in.
    pub lets_group: bool,
    /// The user database has us in that group.
    pub member: bool,
    /// This process has that group.
    pub in_effect: bool,
}

/// A route of IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its network.
    pub network: u32,
    /// The network's mask.
    pub mask: u32,
    /// The interface that it leads to.
    pub interface: String,
}

impl Seen {
    /// An answer of the engine's.
    ///
    /// # Errors
    /// The finding for where there is none: a skip where no engine answers at all, else why.
    pub fn told<'a, T>(&self, answer: &'a Answer<T>) -> Result<&'a T, Finding> {
        if self.ping.is_err() {
            return Err(Finding::skip("no engine answers"));
        }
        answer.as_ref().map_err(|reason| match self.hanging() {
            Some(_) => Finding::skip("the engine hangs; see engine"),
            None => Finding::unseen(reason),
        })
    }

    /// The question that an engine which answers others leaves without an answer: it answers `/_ping`, and hangs.
    #[must_use]
    pub fn hanging(&self) -> Option<&CannotLook> {
        self.ping.as_ref().ok()?;
        let images = self.images.iter().map(|(_, image)| image.as_ref().err());
        let asked = [self.version.as_ref().err(), self.info.as_ref().err(), self.networks.as_ref().err()];
        let others = [self.containers.as_ref().err(), self.taken.as_ref().err()];
        let reasons = asked.into_iter().chain(images).chain(others).flatten();
        reasons.into_iter().find(|reason| reason.obstacle == Obstacle::Timeout)
    }

    /// Whether this is WSL: Microsoft's kernels say so in their release, as 5.15.167.4-microsoft-standard-WSL2.
    #[must_use]
    pub fn in_wsl(&self) -> bool {
        self.kernel.to_ascii_lowercase().contains("microsoft")
    }
}

/// How an engine is called in a summary: its context, or the address that was given.
pub(super) fn short_name(endpoint: &Endpoint) -> String {
    match endpoint.chosen_by {
        ChosenBy::HostFlag | ChosenBy::DockerHost => endpoint.shown(),
        _ => endpoint.context.clone(),
    }
}
