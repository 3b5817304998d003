//! Which engine the `docker` command in the same shell would talk to.
//!
//! The rules are the Docker CLI's own, checked against version 28.2 by
//! `tests/blackbox/endpoint.rs`. This module reads the file system, but never the process
//! environment: everything ambient comes in through [`Ambient`].

use std::{
    ffi::OsString,
    fmt, fs, io,
    net::Ipv6Addr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

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
    #[error("the address {address:?} from {origin} cannot be used: {reason}")]
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

    /// The engine in a few words: `context colima`, `DOCKER_HOST tcp://box:2375`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.chosen_by {
            ChosenBy::HostFlag | ChosenBy::DockerHost => {
                format!("{} {}", self.chosen_by, self.url())
            }
            _ if self.transport != Transport::Unix(DEFAULT_SOCKET.into()) && self.context == DEFAULT_CONTEXT => {
                format!("context default ({})", self.url())
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

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    name: String,
    #[serde(default)]
    endpoints: ContextEndpoints,
}

#[derive(Default, Deserialize)]
struct ContextEndpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

impl Ambient<'_> {
    /// A variable's value; the CLI takes an empty one for unset.
    fn var(&self, name: &str) -> Option<OsString> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.var(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn config_dir(&self) -> Option<PathBuf> {
        self.var("DOCKER_CONFIG").map(PathBuf::from).or_else(|| self.home.as_ref().map(|home| home.join(".docker")))
    }

    fn choose(&self, warnings: &mut Vec<String>) -> Result<(String, ChosenBy), EndpointError> {
        let host = self.text("DOCKER_HOST");
        let context = self.text("DOCKER_CONTEXT");
        if let Some(name) = self.context_flag.as_ref().filter(|name| !name.is_empty()) {
            if self.host_flag.is_some() {
                return Err(EndpointError::HostAndContext);
            }
            if let Some(host) = host.filter(|_| name == DEFAULT_CONTEXT) {
                warnings.push(format!("The default context is where DOCKER_HOST says, {host}, not the local engine."));
            }
            return Ok((name.clone(), ChosenBy::ContextFlag));
        }
        if self.host_flag.is_some() {
            return Ok((DEFAULT_CONTEXT.into(), ChosenBy::HostFlag));
        }
        if host.is_some() {
            if let Some(name) = context {
                warnings.push(format!("DOCKER_HOST overrides DOCKER_CONTEXT ({name})."));
            }
            return Ok((DEFAULT_CONTEXT.into(), ChosenBy::DockerHost));
        }
        if let Some(name) = context {
            return Ok((name, ChosenBy::DockerContext));
        }
        Ok(match self.current_context(warnings) {
            Some(name) => (name, ChosenBy::ConfigFile),
            None => (DEFAULT_CONTEXT.into(), ChosenBy::Default),
        })
    }

    fn current_context(&self, warnings: &mut Vec<String>) -> Option<String> {
        let path = self.config_dir()?.join("config.json");
        let config = match fs::read(&path) {
            // The CLI reads one JSON value: nothing at all, or text after it, is no error.
            Ok(bytes) => {
                serde_json::Deserializer::from_slice(&bytes).into_iter::<ConfigFile>().next()?.map_err(io::Error::from)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => Err(error),
        };
        match config {
            Ok(config) => config.current_context.filter(|name| !name.is_empty()),
            Err(error) => {
                warnings.push(format!("Cannot read {} ({error}); using the default context.", path.display()));
                None
            }
        }
    }

    /// The default context is not stored: `--host`, else `DOCKER_HOST`, else the
    /// local socket is its address (`resolveDefaultDockerEndpoint` in the CLI).
    fn default_transport(&self) -> Result<Transport, EndpointError> {
        let (address, origin) = match &self.host_flag {
            Some(host) => (host.clone(), ChosenBy::HostFlag),
            None => (self.text("DOCKER_HOST").unwrap_or_default(), ChosenBy::DockerHost),
        };
        let tls = self.default_tls()?;
        match (address.trim(), tls) {
            ("", None) => Ok(local_transport()),
            // Only where no address is given does TLS change the port.
            ("", tls) => Ok(Transport::Tcp { address: "localhost:2376".into(), tls }),
            (address, tls) => parse_transport(address, &origin.to_string(), 2375, tls),
        }
    }

    fn default_tls(&self) -> Result<Option<Tls>, EndpointError> {
        let verify = self.var("DOCKER_TLS_VERIFY").is_some();
        if !verify && self.var("DOCKER_TLS").is_none() {
            return Ok(None);
        }
        let dir = self.var("DOCKER_CERT_PATH").map(PathBuf::from);
        let dir = dir.or_else(|| self.config_dir()).unwrap_or_default();
        let tls = Tls::from_dir(&dir, !verify);
        match tls.ca {
            Some(_) => Ok(Some(tls)),
            None => Err(EndpointError::MissingCa { path: dir.join("ca.pem") }),
        }
    }

    /// A stored context's address, `contexts/meta/<id>/meta.json`, and TLS
    /// files, `contexts/tls/<id>/docker/` (`cli/context/store` in the CLI). The
    /// `DOCKER_TLS*` variables do not apply to it.
    fn named_transport(&self, name: &str, by: ChosenBy) -> Result<Transport, EndpointError> {
        let Some(config_dir) = self.config_dir() else {
            return Err(EndpointError::NoConfigDirectory { name: name.into() });
        };
        let store = config_dir.join("contexts");
        let id: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = store.join("meta").join(&id).join("meta.json");
        let meta = read_meta(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => {
                EndpointError::MissingContext { name: name.into(), chosen_by: by, existing: context_names(&store) }
            }
            _ => EndpointError::DamagedContext { name: name.into(), path, source },
        })?;
        let Some(docker) = meta.endpoints.docker else {
            return Err(EndpointError::NoDockerEndpoint { name: name.into() });
        };
        if docker.host.is_empty() {
            return Ok(local_transport());
        }
        let tls = Tls::from_dir(&store.join("tls").join(id).join("docker"), docker.skip_tls_verify);
        let tls = Some(tls).filter(Tls::is_used);
        // The address of a context goes to the HTTP client as it is, hence HTTP's
        // ports and schemes; even for https:// the TLS files alone decide on TLS.
        let port = if tls.is_some() { 443 } else { 80 };
        let address = match docker.host.split_once("://") {
            Some(("http" | "https", rest)) => &format!("tcp://{rest}"),
            _ => &docker.host,
        };
        parse_transport(address, &format!("context {name}"), port, tls)
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

fn read_meta(path: &Path) -> io::Result<ContextMeta> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn context_names(store: &Path) -> Vec<String> {
    let entries = fs::read_dir(store.join("meta")).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.filter_map(|entry| read_meta(&entry.path().join("meta.json")).ok()).map(|meta| meta.name).collect();
    names.sort();
    names.insert(0, DEFAULT_CONTEXT.into());
    names
}

/// Parses an address as the CLI's `opts/hosts.go` does.
fn parse_transport(
    address: &str,
    origin: &str,
    default_port: u16,
    tls: Option<Tls>,
) -> Result<Transport, EndpointError> {
    let bad = |reason| EndpointError::BadAddress { address: address.into(), origin: origin.into(), reason };
    let (scheme, rest) = address.split_once("://").unwrap_or(("tcp", address));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host_port = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    match scheme {
        "unix" if rest.is_empty() => Ok(Transport::Unix(DEFAULT_SOCKET.into())),
        "unix" => Ok(Transport::Unix(rest.into())),
        "npipe" if rest.is_empty() => Ok(Transport::NamedPipe(DEFAULT_PIPE.into())),
        "npipe" => Ok(Transport::NamedPipe(rest.into())),
        "ssh" if host_port.is_empty() || host_port.starts_with(':') => Err(bad("no host is named")),
        "ssh" => Ok(Transport::Ssh(address.into())),
        // The CLI would put a path before every request's own, which only a proxy
        // understands; mostly it is a socket's path without its unix://.
        "tcp" if path.starts_with('/') && path != "/" => Err(bad("tcp:// takes no path")),
        "tcp" => {
            let address = with_port(host_port, default_port).ok_or_else(|| bad("it is not of the form HOST:PORT"))?;
            Ok(Transport::Tcp { address, tls })
        }
        _ => Err(bad("its scheme is not unix, tcp, ssh or npipe")),
    }
}

/// Completes `host_port` to `host:port`, or gives `None` if it is malformed.
fn with_port(host_port: &str, default_port: u16) -> Option<String> {
    let (host, port) = if host_port.parse::<Ipv6Addr>().is_ok() {
        (format!("[{host_port}]"), "")
    } else if let Some((host, port)) = host_port.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        let port = if port.is_empty() { port } else { port.strip_prefix(':')? };
        (format!("[{host}]"), port)
    } else {
        let (host, port) = host_port.split_once(':').unwrap_or((host_port, ""));
        (if host.is_empty() { "localhost".into() } else { host.to_owned() }, port)
    };
    let port = if port.is_empty() { default_port } else { port.parse().ok()? };
    let is_malformed = host.contains(|c: char| c.is_whitespace() || c == '%');
    (!is_malformed).then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashMap;

    use tempfile::TempDir;

    use super::*;

    /// A user's shell: a home directory, variables and options.
    struct Shell {
        home: TempDir,
        env: HashMap<String, String>,
        host: Option<String>,
        context: Option<String>,
    }

    fn shell() -> Shell {
        let home = TempDir::new().unwrap();
        Shell { home, env: HashMap::new(), host: None, context: None }
    }

    impl Shell {
        fn var(mut self, name: &str, value: &str) -> Self {
            self.env.insert(name.into(), value.into());
            self
        }

        fn host(mut self, value: &str) -> Self {
            self.host = Some(value.into());
            self
        }

        fn context(mut self, value: &str) -> Self {
            self.context = Some(value.into());
            self
        }

        fn path(&self, path: &str) -> PathBuf {
            self.home.path().join(path)
        }

        fn file(self, path: &str, text: &str) -> Self {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            self
        }

        fn config(self, text: &str) -> Self {
            self.file(".docker/config.json", text)
        }

        fn meta(self, name: &str, text: &str) -> Self {
            let path = format!(".docker/contexts/meta/{}/meta.json", id(name));
            self.file(&path, text)
        }

        fn stored(self, name: &str, host: &str) -> Self {
            let text = format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
            self.meta(name, &text)
        }

        fn resolve(&self) -> Result<Endpoint, EndpointError> {
            Endpoint::resolve(&Ambient {
                host_flag: self.host.clone(),
                context_flag: self.context.clone(),
                env: &|name| self.env.get(name).map(OsString::from),
                home: Some(self.home.path().into()),
            })
        }

        fn endpoint(&self) -> Endpoint {
            self.resolve().unwrap()
        }

        fn url(&self) -> String {
            self.endpoint().url()
        }

        fn error(&self) -> EndpointError {
            self.resolve().unwrap_err()
        }

        fn tls(&self) -> Option<Tls> {
            match self.endpoint().transport {
                Transport::Tcp { tls, .. } => tls,
                other => panic!("not TCP: {other:?}"),
            }
        }
    }

    fn id(name: &str) -> String {
        Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn docker_host(value: &str) -> Shell {
        shell().var("DOCKER_HOST", value)
    }

    #[test]
    #[cfg(unix)]
    fn without_any_setting_the_local_socket_is_used() {
        let endpoint = shell().endpoint();
        assert_eq!(endpoint.transport, Transport::Unix("/var/run/docker.sock".into()));
        assert_eq!(endpoint.context, "default");
        assert_eq!(endpoint.chosen_by, ChosenBy::Default);
        assert_eq!(endpoint.describe(), "context default");
        assert!(endpoint.warnings.is_empty());
    }

    #[test]
    fn each_setting_gives_way_to_the_stronger_ones() {
        let expect = |shell: &Shell, chosen_by, url| {
            let endpoint = shell.endpoint();
            assert_eq!((endpoint.chosen_by, endpoint.url().as_str()), (chosen_by, url));
        };
        let shell = shell().stored("a", "tcp://a:1").stored("b", "tcp://b:1");
        let shell = shell.config(r#"{"currentContext":"a"}"#);
        expect(&shell, ChosenBy::ConfigFile, "tcp://a:1");
        let shell = shell.var("DOCKER_CONTEXT", "b");
        expect(&shell, ChosenBy::DockerContext, "tcp://b:1");
        let shell = shell.var("DOCKER_HOST", "tcp://c:1");
        expect(&shell, ChosenBy::DockerHost, "tcp://c:1");
        let mut shell = shell.host("tcp://d:1");
        expect(&shell, ChosenBy::HostFlag, "tcp://d:1");
        shell.host = None;
        expect(&shell.context("a"), ChosenBy::ContextFlag, "tcp://a:1");
    }

    #[test]
    fn host_and_context_options_exclude_each_other_even_if_the_host_is_empty() {
        for host in ["tcp://h:1", ""] {
            let error = shell().host(host).context("default").error();
            assert!(matches!(error, EndpointError::HostAndContext));
        }
    }

    #[test]
    fn an_empty_context_option_counts_as_not_given() {
        assert_eq!(shell().host("tcp://h:1").context("").url(), "tcp://h:1");
    }

    #[test]
    #[cfg(unix)]
    fn an_empty_host_option_means_the_local_socket_despite_docker_host() {
        assert_eq!(docker_host("tcp://h:1").host("").url(), "unix:///var/run/docker.sock");
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let shell = docker_host("").var("DOCKER_CONTEXT", "").var("DOCKER_CONFIG", "");
        let shell = shell.config(r#"{"currentContext":"a"}"#).stored("a", "tcp://a:1");
        assert_eq!(shell.endpoint().chosen_by, ChosenBy::ConfigFile);
    }

    #[test]
    fn docker_context_default_wins_over_the_current_context() {
        let shell = shell().var("DOCKER_CONTEXT", "default").config(r#"{"currentContext":"a"}"#);
        assert_eq!(shell.endpoint().context, "default");
    }

    #[test]
    fn docker_host_overrides_docker_context_with_a_warning() {
        let endpoint = docker_host("tcp://h:1").var("DOCKER_CONTEXT", "missing").endpoint();
        assert_eq!(endpoint.describe(), "DOCKER_HOST tcp://h:1");
        assert_eq!(endpoint.warnings, ["DOCKER_HOST overrides DOCKER_CONTEXT (missing)."]);
    }

    #[test]
    fn the_default_context_asked_for_by_option_still_follows_docker_host_with_a_warning() {
        let endpoint = docker_host("tcp://h:1").context("default").endpoint();
        assert_eq!(endpoint.url(), "tcp://h:1");
        assert_eq!(endpoint.describe(), "context default (tcp://h:1)");
        assert_eq!(endpoint.warnings.len(), 1);
    }

    #[test]
    fn docker_config_moves_the_configuration() {
        let shell = shell().file("else/config.json", r#"{"currentContext":"nope"}"#);
        let dir = shell.path("else").display().to_string();
        let error = shell.var("DOCKER_CONFIG", &dir).error();
        assert!(error.to_string().contains("nope"), "{error}");
    }

    #[test]
    fn a_corrupt_config_file_is_a_warning_and_then_the_default() {
        for text in ["{broken", r#"{"currentContext":5}"#] {
            let endpoint = shell().config(text).endpoint();
            assert_eq!(endpoint.chosen_by, ChosenBy::Default);
            assert!(endpoint.warnings[0].contains("config.json"), "{:?}", endpoint.warnings);
        }
    }

    #[test]
    fn an_unreadable_config_file_is_a_warning_and_then_the_default() {
        let endpoint = shell().file(".docker/config.json/in-the-way", "").endpoint();
        assert_eq!((endpoint.chosen_by, endpoint.warnings.len()), (ChosenBy::Default, 1));
    }

    #[test]
    fn an_empty_config_file_and_other_peoples_settings_are_no_cause_for_warnings() {
        for text in ["", "{}", r#"{"auths":5}"#, r#"{"currentContext":null}"#, "{} trash"] {
            let endpoint = shell().config(text).endpoint();
            assert_eq!((endpoint.chosen_by, endpoint.warnings.len()), (ChosenBy::Default, 0));
        }
    }

    #[test]
    fn a_missing_context_is_an_error_that_lists_those_that_exist() {
        let shell = shell().stored("zeta", "tcp://a:1").stored("alpha", "tcp://a:1");
        let error = shell.var("DOCKER_CONTEXT", "beta").error();
        assert_eq!(error.to_string(), r#"there is no context "beta" (named by DOCKER_CONTEXT)"#);
        assert!(error.remedy().contains("(default, alpha, zeta)"), "{}", error.remedy());
    }

    #[test]
    fn a_context_name_cannot_lead_out_of_the_store() {
        let error = shell().context("../../etc").error();
        assert!(matches!(error, EndpointError::MissingContext { .. }));
    }

    #[test]
    fn a_damaged_context_is_an_error_that_names_the_file() {
        let error = shell().meta("a", "broken").context("a").error();
        assert!(error.to_string().ends_with("meta.json"), "{error}");
        assert!(error.remedy().contains("docker context rm --force a"));
    }

    #[test]
    fn a_context_without_a_docker_endpoint_is_an_error() {
        for text in [r#"{"Name":"a"}"#, r#"{"Name":"a","Endpoints":{"kubernetes":{}}}"#] {
            let error = shell().meta("a", text).context("a").error();
            assert!(matches!(error, EndpointError::NoDockerEndpoint { .. }));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_context_without_an_address_is_the_local_socket() {
        assert_eq!(shell().stored("a", "").context("a").url(), "unix:///var/run/docker.sock");
    }

    #[test]
    fn a_stored_context_is_described_by_its_name() {
        let endpoint = shell().stored("colima", "unix:///c.sock").context("colima").endpoint();
        assert_eq!(endpoint.describe(), "context colima");
        assert_eq!(endpoint.transport, Transport::Unix("/c.sock".into()));
    }

    #[test]
    fn without_a_home_only_stored_contexts_are_out_of_reach() {
        let with = |context: &str| {
            Endpoint::resolve(&Ambient {
                host_flag: None,
                context_flag: Some(context.into()),
                env: &|_| None,
                home: None,
            })
        };
        assert!(with("default").is_ok());
        assert!(matches!(with("a"), Err(EndpointError::NoConfigDirectory { .. })));
    }

    #[test]
    fn an_address_from_docker_host_is_completed() {
        for (value, url) in [
            ("1.2.3.4", "tcp://1.2.3.4:2375"),
            ("box:99", "tcp://box:99"),
            ("tcp://box", "tcp://box:2375"),
            ("tcp://box:", "tcp://box:2375"),
            ("tcp://box:1/", "tcp://box:1"),
            ("tcp://user@box:1", "tcp://box:1"),
            ("tcp://", "tcp://localhost:2375"),
            (":7", "tcp://localhost:7"),
            ("::1", "tcp://[::1]:2375"),
            ("tcp://[::1]:5", "tcp://[::1]:5"),
            ("tcp://[::1]:", "tcp://[::1]:2375"),
            (" unix:///x ", "unix:///x"),
            ("unix://", "unix:///var/run/docker.sock"),
            ("npipe://", "npipe:////./pipe/docker_engine"),
            ("ssh://me@box:22/run/docker.sock", "ssh://me@box:22/run/docker.sock"),
        ] {
            assert_eq!(docker_host(value).url(), url, "from {value:?}");
        }
    }

    #[test]
    fn an_unusable_address_is_an_error_that_says_where_it_is_from() {
        for value in [
            "http://h:1",
            "fd://3",
            "TCP://h:1",
            "ssh://",
            "ssh:///x",
            "tcp://h:abc",
            "h:70000",
            "h h",
            "tcp://[::1",
            "tcp://[::1]5",
            "tcp://a:b:c",
            "/var/run/docker.sock",
            "./x",
            "tcp://h:1/proxy",
        ] {
            let error = docker_host(value).error();
            assert!(matches!(error, EndpointError::BadAddress { .. }), "{value:?}: {error}");
            assert!(error.to_string().contains("from DOCKER_HOST"), "{error}");
            assert!(error.remedy().starts_with("correct DOCKER_HOST: "));
        }
        let error = shell().stored("a", "foo://x").context("a").error();
        assert!(error.to_string().contains("from context a"), "{error}");
    }

    #[test]
    fn a_context_without_a_port_means_that_of_http_or_https() {
        let shell = shell().stored("a", "tcp://h").context("a");
        assert_eq!(shell.url(), "tcp://h:80");
        let ca = format!(".docker/contexts/tls/{}/docker/ca.pem", id("a"));
        assert_eq!(shell.file(&ca, "").url(), "tcp://h:443");
    }

    #[test]
    fn an_https_context_without_tls_files_is_plain_http() {
        let shell = shell().stored("a", "https://h:1").context("a");
        assert_eq!((shell.url().as_str(), shell.tls()), ("tcp://h:1", None));
    }

    #[test]
    fn a_context_has_the_tls_files_that_exist() {
        let dir = format!(".docker/contexts/tls/{}/docker", id("a"));
        let shell = shell().stored("a", "tcp://h:1").context("a");
        let shell = shell.file(&format!("{dir}/cert.pem"), "").file(&format!("{dir}/key.pem"), "");
        let dir = shell.path(&dir);
        let (cert, key) = (Some(dir.join("cert.pem")), Some(dir.join("key.pem")));
        assert_eq!(shell.tls(), Some(Tls { ca: None, cert, key, skip_verify: false }));
    }

    #[test]
    fn skipping_verification_is_enough_to_turn_tls_on_for_a_context() {
        let text = r#"{"Name":"a","Endpoints":{"docker":{"Host":"tcp://h:1","SkipTLSVerify":true}}}"#;
        let tls = shell().meta("a", text).context("a").tls().unwrap();
        assert_eq!(tls, Tls { ca: None, cert: None, key: None, skip_verify: true });
    }

    #[test]
    fn tls_variables_do_not_apply_to_a_stored_context() {
        let shell = shell().stored("a", "tcp://h:1").context("a").var("DOCKER_TLS_VERIFY", "1");
        assert_eq!(shell.tls(), None);
    }

    #[test]
    fn docker_tls_verify_turns_tls_on_whatever_its_value_and_docker_tls_without_verification() {
        for (name, value, skip_verify) in [("DOCKER_TLS_VERIFY", "0", false), ("DOCKER_TLS", "1", true)] {
            let shell = docker_host("tcp://h").var(name, value).file(".docker/ca.pem", "");
            let ca = Some(shell.path(".docker/ca.pem"));
            assert_eq!(shell.tls(), Some(Tls { ca, cert: None, key: None, skip_verify }));
            assert_eq!(shell.url(), "tcp://h:2375", "the CLI keeps the port without TLS");
        }
    }

    #[test]
    fn tls_without_an_address_means_localhost_2376() {
        let shell = shell().var("DOCKER_TLS_VERIFY", "1").file(".docker/ca.pem", "");
        assert_eq!(shell.url(), "tcp://localhost:2376");
    }

    #[test]
    fn docker_cert_path_moves_the_tls_files() {
        let shell = docker_host("tcp://h:1").var("DOCKER_TLS_VERIFY", "1").file("certs/ca.pem", "");
        let certs = shell.path("certs");
        let shell = shell.var("DOCKER_CERT_PATH", &certs.display().to_string());
        assert_eq!(shell.tls().unwrap().ca, Some(certs.join("ca.pem")));
    }

    #[test]
    fn tls_without_a_ca_is_an_error_even_for_a_socket() {
        let error = docker_host("unix:///x").var("DOCKER_TLS_VERIFY", "1").error();
        assert!(matches!(error, EndpointError::MissingCa { .. }), "{error}");
        assert!(error.remedy().contains("DOCKER_CERT_PATH"));
    }
}
