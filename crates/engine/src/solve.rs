//! Running shell text of a lab: solutions and mistakes. Only with permission, which is checked again before each text;
//! under sudo as the user who ran it, as everything that labrun starts, so that what they make is theirs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use labrun_graders::name::NameKind;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::environment;
use super::error::EngineError;
use super::lock::MakerLock;
use super::relay::Relay;
use labrun_docker::{Endpoint, Transport};
use labrun_lab::{Owns, Permission};
use labrun_process::planted;
use labrun_process::sudo::OF_SUDO;
use labrun_process::sudo::{as_root, invoker};

/// How long one text may run.
const DEADLINE: Duration = Duration::from_secs(120);

/// The most output that is kept, in bytes.
const MAX_OUTPUT: u64 = 64 * 1024;

/// Variables of the environment.
pub(super) type Variables = Vec<(&'static str, String)>;

/// What running a text came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The exit code of bash; `None` when it was ended by a signal or by us.
    pub exit_code: Option<i32>,
    /// Its output and its errors, the first of each.
    pub output: String,
}

/// Runs shell text against an engine.
#[derive(Debug)]
pub struct Solver {
    permission: Permission,
    environment: Variables,
    /// The engine's socket, where there is one.
    socket: Option<PathBuf>,
    /// Held as long as a command of a text runs, where somebody else could be at work on the same things.
    lock: Option<MakerLock>,
    /// The paths that the lab owns: a link that somebody else has put there would lead elsewhere what is written to them.
    paths: Vec<PathBuf>,
}

impl Solver {
    /// Runs texts against this engine, whatever the shell's own settings say.
    #[must_use]
    pub fn new(endpoint: &Endpoint, owns: &Owns, permission: Permission) -> Self {
        // A URL alone says nothing of TLS: there the context does.
        let environment = match &endpoint.transport {
            Transport::Tcp { tls: Some(_), .. } if endpoint.context != "default" => {
                vec![("DOCKER_CONTEXT", endpoint.context.clone()), ("DOCKER_HOST", String::new())]
            }
            Transport::Tcp { tls: Some(_), .. } => vec![],
            _ => vec![("DOCKER_HOST", endpoint.url()), ("DOCKER_CONTEXT", String::new())],
        };
        let socket = match &endpoint.transport {
            Transport::Unix(socket) => Some(socket.clone()),
            Transport::Tcp { .. } | Transport::Ssh(_) | Transport::NamedPipe(_) => None,
        };
        let paths = owns.names.iter().filter(|name| name.kind == NameKind::Path);
        Self {
            permission,
            environment,
            socket,
            lock: None,
            paths: paths.map(|name| PathBuf::from(&name.text)).collect(),
        }
    }

    /// The same; whatever it runs holds this lock.
    #[must_use]
    pub fn holding(mut self, lock: MakerLock) -> Self {
        self.lock = Some(lock);
        self
    }

    /// The permission to run the lab's text.
    #[must_use]
    pub fn permission(&self) -> &Permission {
        &self.permission
    }

    /// The variables that say which engine it is, and under sudo the way to it, which must be kept as long.
    ///
    /// # Errors
    /// When there can be no such way.
    pub(super) fn way(&self) -> std::io::Result<(Variables, Option<Relay>)> {
        let socket = self.socket.as_ref().filter(|_| invoker().is_some());
        let relay = socket.map(|socket| Relay::open(socket)).transpose()?;
        let mut environment = self.environment.clone();
        if let Some(relay) = &relay {
            environment.retain(|(name, _)| *name != "DOCKER_HOST");
            environment.push(("DOCKER_HOST", relay.url()));
        }
        Ok((environment, relay))
    }

    /// Runs a text in bash, without a terminal, in the current directory.
    ///
    /// # Errors
    /// When the lab's folder is not what was trusted any more, when bash can't be started, and where another user has put a
    /// link at a path that the lab owns.
    pub async fn run(&self, text: &str) -> Result<Ran, EngineError> {
        self.permission.still_holds()?;
        if let Some(link) = self.paths.iter().find_map(|path| planted::link_on_the_way(path, invoker())) {
            return Err(EngineError::Planted(link));
        }
        let (mut command, _relay) = self.command(text).map_err(EngineError::Shell)?;
        let input = self.lock.as_ref().map_or_else(|| Ok(Stdio::null()), MakerLock::input);
        command.stdin(input.map_err(EngineError::Shell)?).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that all that it started can be ended with it.
        command.process_group(0).kill_on_drop(true);
        let mut child = command.spawn().map_err(EngineError::Shell)?;
        // Also when nobody waits for it any more: what it started would go on making things.
        let group = Group(child.id());
        match tokio::time::timeout(DEADLINE, finish(&mut child)).await {
            Ok(ran) => {
                group.has_ended();
                ran.map_err(EngineError::Shell)
            }
            Err(_) => {
                let output = format!("it was ended after {} seconds", DEADLINE.as_secs());
                Ok(Ran { exit_code: None, output })
            }
        }
    }
}

impl Solver {
    /// The command, and what must be there as long as it runs.
    fn command(&self, text: &str) -> std::io::Result<(Command, Option<Relay>)> {
        let (environment, relay) = self.way()?;
        let mut command = of(["bash", "-c", text].map(OsString::from).to_vec());
        command.envs(environment);
        if let Some(user) = invoker() {
            command.envs(user.environment());
            OF_SUDO.iter().for_each(|name| _ = command.env_remove(name));
        }
        Ok((command, relay))
    }
}

fn of(words: Vec<OsString>) -> Command {
    let mut words = words.into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).env_clear().envs(environment::passed_on());
    command
}

async fn finish(child: &mut Child) -> std::io::Result<Ran> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = tokio::join!(read(stdout), read(stderr), child.wait());
    let output = String::from_utf8_lossy(&[out, err].concat()).into_owned();
    Ok(Ran { exit_code: status?.code(), output })
}

/// The first bytes of a stream; the rest is read and dropped, so that its writer is not held up.
async fn read(stream: Option<impl tokio::io::AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let mut first = stream.take(MAX_OUTPUT);
        let _ = first.read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut first.into_inner(), &mut tokio::io::sink()).await;
    }
    bytes
}

/// The processes that a text has started; ended when this is dropped.
struct Group(Option<u32>);

impl Group {
    /// The text has ended by itself; what it left running is meant to run.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = as_root(|| rustix::process::kill_process_group(group, rustix::process::Signal::KILL));
        }
    }
}
