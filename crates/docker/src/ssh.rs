//! The way to an engine over ssh: the user's own `ssh` runs `docker system dial-stdio` there, as docker's does.
//!
//! It asks nothing, and has no terminal that it or what it starts could ask at: labrun's screen and the learner's keys are
//! not its own.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use labrun_process::again;
use labrun_process::sudo::as_root;

/// How many may be on their way there at once. By default sshd begins to turn away at ten that have not logged in yet.
const AT_ONCE: usize = 8;

/// How much of what ssh says beside the engine's answer is kept: the end, in bytes.
const MAX_SAID: usize = 4096;

/// How much of it is shown, in characters.
const MAX_SHOWN: usize = 200;

/// Where ssh goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    user: Option<String>,
    host: String,
    port: Option<u16>,
    /// The engine's socket there, where it is not the usual one.
    socket: Option<String>,
    turns: Arc<Semaphore>,
}

/// ssh has ended without an answer of the engine's.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub(super) struct Refused {
    /// What it said last.
    pub(super) said: String,
    /// A command that shows the same.
    pub(super) by_hand: String,
}

impl Destination {
    /// Reads `ssh://[USER@]HOST[:PORT][/SOCKET]`; gives why it can't be gone to.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("ssh://").unwrap_or(url);
        let (authority, socket) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, at) = authority.rsplit_once('@').map_or((None, authority), |(user, at)| (Some(user), at));
        if user.is_some_and(|user| user.contains(':')) {
            return Err("ssh takes no password from an address; it needs a key".to_owned());
        }
        let (host, port) = match at.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => at.split_once(':').map_or((at, None), |(host, port)| (host, Some(port))),
        };
        let port = port.filter(|port| !port.is_empty()).map(str::parse).transpose();
        let port = port.map_err(|_| "its port is no number".to_owned())?;
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            user: user.and_then(some),
            host: host.to_owned(),
            port,
            socket: some(socket.trim_end_matches('/')),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// ssh with what it is given to get there, and to ask nothing.
    fn words(&self) -> Vec<String> {
        let mut words = vec!["ssh".to_owned(), "-o".to_owned(), "BatchMode=yes".to_owned()];
        words.extend(self.user.iter().flat_map(|user| ["-l".to_owned(), user.clone()]));
        words.extend(self.port.iter().flat_map(|port| ["-p".to_owned(), port.to_string()]));
        // What follows is no option, however it is spelled.
        words.extend(["--".to_owned(), self.host.clone(), "docker".to_owned()]);
        words
    }

    /// A command for a reader who wants to see what labrun sees.
    pub(super) fn by_hand(&self) -> String {
        format!("{} version", self.words().join(" "))
    }

    /// Waits for its turn, which lasts as long as what is returned is held.
    pub(super) async fn turn(&self) -> io::Result<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.map_err(io::Error::other)
    }

    /// Starts ssh. What comes of that is known when it is read from.
    pub(super) fn connect(&self) -> io::Result<Stream> {
        let mut command = Command::from(again::without_terminal(&self.words())?);
        if let Some(socket) = &self.socket {
            command.args(["--host", &format!("unix://{socket}")]);
        }
        command.args(["system", "dial-stdio"]).env("SSH_ASKPASS_REQUIRE", "never");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // Under sudo it is root's docker that is meant, with root's keys.
        let mut child = as_root(|| command.spawn())?;
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        Ok(Stream {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().ok_or_else(gone)?,
            stderr: child.stderr.take(),
            said: Vec::new(),
            has_answered: false,
            by_hand: self.by_hand(),
            child,
        })
    }
}

/// What goes through ssh; ends it when dropped.
pub(super) struct Stream {
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    said: Vec<u8>,
    has_answered: bool,
    by_hand: String,
    child: Child,
}

impl Stream {
    /// Keeps the end of what ssh says on the side, also lest it waits for a reader.
    fn listen(&mut self, context: &mut Context<'_>) {
        let mut chunk = [0; 1024];
        while let Some(stderr) = &mut self.stderr {
            let mut buffer = ReadBuf::new(&mut chunk);
            match Pin::new(stderr).poll_read(context, &mut buffer) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.said.extend_from_slice(buffer.filled()),
                Poll::Ready(_) => self.stderr = None,
            }
            let beyond = self.said.len().saturating_sub(MAX_SAID);
            self.said.drain(..beyond);
        }
    }

    fn refused(&self) -> Refused {
        let said = String::from_utf8_lossy(&self.said);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        let said = last.unwrap_or("it ended without a word").chars().take(MAX_SHOWN).collect();
        Refused { said, by_hand: self.by_hand.clone() }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // With what it has started; its own id is that of the group.
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = as_root(|| kill_process_group(group, Signal::KILL));
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.listen(context);
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stdout).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.has_answered = true;
        } else if !self.has_answered {
            self.listen(context);
            return Poll::Ready(Err(io::Error::other(self.refused())));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stdin {
            Some(stdin) => match ready!(Pin::new(stdin).poll_write(context, bytes)) {
                // It has ended: why, what is read tells.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Poll::Ready(Ok(bytes.len())),
                written => Poll::Ready(written),
            },
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stdin.as_mut().map_or(Poll::Ready(Ok(())), |stdin| Pin::new(stdin).poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stdin = None;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::Destination;

    #[test]
    fn an_address_becomes_what_ssh_is_given() {
        let words = |url: &str| Destination::parse(url).map(|destination| destination.words().join(" "));
        let asked = |rest: &str| Ok(format!("ssh -o BatchMode=yes {rest} docker"));
        assert_eq!(words("ssh://box"), asked("-- box"));
        assert_eq!(words("ssh://ada@box:2222"), asked("-l ada -p 2222 -- box"));
        assert_eq!(words("ssh://[fe80::1]:22/"), asked("-p 22 -- fe80::1"));
        assert_eq!(words("ssh://-oProxyCommand=touch"), asked("-- -oProxyCommand=touch"), "it is a host's name");
        assert!(words("ssh://ada:secret@box").is_err_and(|why| !why.contains("secret")));
        assert!(words("ssh://box:many").is_err());
    }

    #[test]
    fn a_path_is_the_engines_socket_there() {
        let socket = |url: &str| Destination::parse(url).ok().and_then(|destination| destination.socket);
        assert_eq!(socket("ssh://box/run/podman.sock"), Some("/run/podman.sock".to_owned()));
        assert_eq!(socket("ssh://box/"), None);
    }
}
