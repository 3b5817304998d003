//! Which engine the `docker` command in the same shell would talk to.
//!
//! The rules are the Docker CLI's own, checked against version 28.2 by
//! `tests/blackbox/endpoint.rs`. This module reads the file system, but never the process
//! environment: everything ambient comes in through [`Ambient`].

mod address;
mod choice;
mod contexts;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use contexts::context_names;

const DEFAULT_CONTEXT: &str = "default";
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
const DEFAULT_PIPE: &str = "//./pipe/docker_engine";

/// Everything outside the file system that the choice of engine depends on.
pub struct Ambient<'a> {
    /// The value of `--host`. As in the CLI, an empty one still counts: it
    /// means the default socket, whatever `DOCKER_HOST` says.
    pub host_flag: Option<String>,
    /// The value of `--context`; an empty one counts as not given.
    pub context_flag: Option<String>,
    /// Looks up an environment variable, such as `&|name| std::env::var_os(name)`.
    pub env: &'a dyn Fn(&str) -> Option<OsString>,
    /// The user's home directory, if known.
    pub home: Option<PathBuf>,
}

/// An engine, and how it came to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// How to reach the engine.
    pub transport: Transport,
    /// The context's name: what `docker context show` prints. It is `default`
    /// where `--host` or `DOCKER_HOST` gave the address.
    pub context: String,
    /// What decided.
    pub chosen_by: ChosenBy,
    /// What the user should know, although an engine was found; a sentence each.
    pub warnings: Vec<String>,
}

/// How to reach an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A Unix domain socket (`unix://`).
    Unix(PathBuf),
    /// HTTP over TCP (`tcp://`).
    Tcp {
        /// `host:port`, with an IPv6 host in brackets; the port is never left out.
        address: String,
        /// The TLS settings; `None` means plain HTTP.
        tls: Option<Tls>,
    },
    /// The whole `ssh://` URL; the CLI runs `docker system dial-stdio` there.
    Ssh(String),
    /// A Windows named pipe: the path after `npipe://`, such as `//./pipe/docker_engine`.
    NamedPipe(String),
}

/// TLS settings of a [`Transport::Tcp`]. A file is given only if it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The CA certificates to trust; the system's if `None`.
    pub ca: Option<PathBuf>,
    /// The client's certificate; the CLI ignores it without a [`key`](Self::key).
    pub cert: Option<PathBuf>,
    /// The client's private key; the CLI ignores it without a [`cert`](Self::cert).
    pub key: Option<PathBuf>,
    /// Whether any server certificate will do.
    pub skip_verify: bool,
}

/// What decided on the engine, strongest first (`resolveContextName` in the
/// CLI's `cli/command/cli.go`). `--context` and `--host` exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// The `--context` option.
    ContextFlag,
    /// The `--host` option.
    HostFlag,
    /// A non-empty `DOCKER_HOST`.
    DockerHost,
    /// A non-empty `DOCKER_CONTEXT`.
    DockerContext,
    /// `currentContext` in `config.json`, as `docker context use` writes it.
    ConfigFile,
    /// Nothing: the default context.
    Default,
}

impl fmt::Display for ChosenBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContextFlag => "--context",
            Self::HostFlag => "--host",
            Self::DockerHost => "DOCKER_HOST",
            Self::DockerContext => "DOCKER_CONTEXT",
            Self::ConfigFile => "currentContext in config.json",
            Self::Default => "default",
        })
    }
}

/// Why no engine could be chosen. The `docker` command fails too, except that
/// it tries a `tcp://` address with a path, and a context of an unknown scheme.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Both options were given.
    #[error("both --host and --context are given")]
    HostAndContext,
    /// A context by that name does not exist.
    #[error("there is no context {name:?} (named by {chosen_by})")]
    MissingContext {
        /// The missing context.
        name: String,
        /// What names it.
        chosen_by: ChosenBy,
        /// The contexts that exist, `default` first.
        existing: Vec<String>,
    },
    /// A context is named, but there is nowhere to look for it.
    #[error("context {name:?} cannot be looked up: the home directory is unknown")]
    NoConfigDirectory {
        /// The context.
        name: String,
    },
    /// The context's `meta.json` exists but cannot be read or parsed.
    #[error("context {name:?} is damaged: cannot read {}", path.display())]
    DamagedContext {
        /// The context.
        name: String,
        /// Its `meta.json`.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The context has no `docker` endpoint.
    #[error("context {name:?} has no docker endpoint")]
    NoDockerEndpoint {
        /// The context.
        name: String,
    },
    /// The address makes no sense, or is of a kind that cannot be connected to.
    #[error("the address {:?} from {origin} cannot be used: {reason}", address::without_password(address))]
    BadAddress {
        /// The address as written.
        address: String,
        /// `--host`, `DOCKER_HOST` or `context NAME`.
        origin: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `DOCKER_TLS_VERIFY` or `DOCKER_TLS` is set, which requires a `ca.pem`,
    /// even where the transport turns out not to use TLS.
    #[error("TLS is on (DOCKER_TLS_VERIFY or DOCKER_TLS), but {} does not exist", path.display())]
    MissingCa {
        /// Where it should be.
        path: PathBuf,
    },
}

impl EndpointError {
    /// What the user can do about it, as a sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::HostAndContext => "give only one of --host and --context".into(),
            Self::MissingContext { existing, .. } => format!(
                "name a context that exists ({}), or create this one with `docker context create`",
                existing.join(", ")
            ),
            Self::NoConfigDirectory { .. } => {
                "set HOME, or set DOCKER_CONFIG to the directory of docker's config.json".into()
            }
            Self::DamagedContext { name, .. } | Self::NoDockerEndpoint { name } => format!(
                "remove the context with `docker context rm --force {name}` and create it again, \
                 or choose another"
            ),
            Self::BadAddress { origin, .. } => {
                format!("correct {origin}: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST")
            }
            Self::MissingCa { .. } => "set DOCKER_CERT_PATH to the directory with ca.pem, cert.pem \
                 and key.pem, or unset DOCKER_TLS_VERIFY and DOCKER_TLS"
                .into(),
        }
    }
}

impl Endpoint {
    /// Resolves the engine that `docker` would talk to. Does not connect.
    ///
    /// # Errors
    /// When what was asked for does not exist, contradicts itself, or is damaged.
    pub fn resolve(ambient: &Ambient<'_>) -> Result<Self, EndpointError> {
        let mut warnings = Vec::new();
        let (context, chosen_by) = ambient.choose(&mut warnings)?;
        let transport = if context == DEFAULT_CONTEXT {
            ambient.default_transport()?
        } else {
            ambient.named_transport(&context, chosen_by)?
        };
        Ok(Self { transport, context, chosen_by, warnings })
    }

    /// The engines of all contexts, `default` being the one without a `DOCKER_HOST`; those that are damaged are left out.
    #[must_use]
    pub fn contexts(ambient: &Ambient<'_>) -> Vec<Self> {
        let env = |name: &str| (ambient.env)(name).filter(|_| name != "DOCKER_HOST");
        let names = ambient.context_names();
        let resolve = |name| {
            let context_flag = Some(name);
            Self::resolve(&Ambient { host_flag: None, context_flag, env: &env, home: ambient.home.clone() }).ok()
        };
        names.into_iter().filter_map(resolve).collect()
    }

    /// The engine in a few words: `context colima`, `DOCKER_HOST tcp://box:2375`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.chosen_by {
            ChosenBy::HostFlag | ChosenBy::DockerHost => {
                format!("{} {}", self.chosen_by, self.shown())
            }
            _ if self.transport != Transport::Unix(DEFAULT_SOCKET.into()) && self.context == DEFAULT_CONTEXT => {
                format!("context default ({})", self.shown())
            }
            _ => format!("context {}", self.context),
        }
    }

    /// The address as a value of `DOCKER_HOST` for the same engine. A URL has no
    /// place for TLS settings: those need `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.transport {
            Transport::Unix(path) => format!("unix://{}", path.display()),
            Transport::Tcp { address, .. } => format!("tcp://{address}"),
            Transport::Ssh(url) => url.clone(),
            Transport::NamedPipe(path) => format!("npipe://{path}"),
        }
    }
}

impl Endpoint {
    /// The address as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        address::without_password(&self.url())
    }
}

impl Ambient<'_> {
    /// A variable's value; the CLI takes an empty one for unset.
    fn var(&self, name: &str) -> Option<OsString> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.var(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The names of the contexts, `default` first.
    #[must_use]
    pub fn context_names(&self) -> Vec<String> {
        self.config_dir().map(|dir| context_names(&dir.join("contexts"))).unwrap_or_default()
    }

    /// Where the CLI keeps its settings: `DOCKER_CONFIG`, else `.docker` in the home directory; `None` if that is unknown.
    #[must_use]
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.var("DOCKER_CONFIG").map(PathBuf::from).or_else(|| self.home.as_ref().map(|home| home.join(".docker")))
    }
}

impl Tls {
    fn from_dir(dir: &Path, skip_verify: bool) -> Self {
        let file = |name| Some(dir.join(name)).filter(|path| path.exists());
        Self { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem"), skip_verify }
    }

    /// For a stored context, any one of the settings turns TLS on.
    fn is_used(&self) -> bool {
        self.skip_verify || self.ca.is_some() || self.cert.is_some() || self.key.is_some()
    }
}

fn local_transport() -> Transport {
    if cfg!(windows) { Transport::NamedPipe(DEFAULT_PIPE.into()) } else { Transport::Unix(DEFAULT_SOCKET.into()) }
}
