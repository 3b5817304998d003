//! Somebody who types at the practice shell: labrun itself on a terminal, a shell with nobody's settings, a screen.
//!
//! It goes on when the shell waits for a line, which the shell says itself: it then switches bracketed paste on. A bash
//! older than 5.1 does not have that, and is known by its prompt.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pty_process::{OwnedReadPty, OwnedWritePty, Size};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::shell::{PROMPT, Shell};
use crate::environment::is_passed_on;
use crate::solve::Variables;

/// The terminal's lines and columns.
const SIZE: (u16, u16) = (60, 100);

/// What a shell sends when it waits for a line, and knows of pasting.
const WAITS: &[u8] = b"\x1b[?2004h";

/// The most that is kept of what came since the last key, in bytes.
const MAX_SINCE: usize = 64 * 1024;

/// How long the first prompt may take; and any line: what it runs has as long as it has without a terminal.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long leaving may take, before it is ended.
const GOODBYE: Duration = Duration::from_secs(5);

/// How many lines of the screen are told.
const TAIL: usize = 8;

/// What came from the terminal.
struct Seen {
    parser: vt100::Parser,
    since: Vec<u8>,
    ended: bool,
}

/// Somebody who types.
pub(super) struct Typist {
    shell: Shell,
    keys: OwnedWritePty,
    seen: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
    child: Child,
}

impl Typist {
    /// Begins labrun with these arguments in a home of its own.
    ///
    /// # Errors
    /// When there is no terminal to be had, or labrun can't be run.
    pub(super) fn begin(shell: Shell, home: &Path, arguments: &[&str], env: Variables) -> io::Result<Self> {
        shell.furnish(home)?;
        let (pty, pts) = pty_process::open().map_err(io::Error::other)?;
        pty.resize(Size::new(SIZE.0, SIZE.1)).map_err(io::Error::other)?;
        let mut command = pty_process::Command::new(std::env::current_exe()?).args(arguments).kill_on_drop(true);
        // A home of its own has settings of its own, too.
        let unwanted = |name: &OsString| !is_passed_on(name) || name == "XDG_CONFIG_HOME";
        for name in std::env::vars_os().map(|(name, _)| name).filter(unwanted) {
            command = command.env_remove(name);
        }
        let own_home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker").into_os_string());
        if let Some(config) = std::env::var_os("DOCKER_CONFIG").or(own_home) {
            command = command.env("DOCKER_CONFIG", config);
        }
        let program = shell.program().ok_or(io::ErrorKind::NotFound)?;
        command = command.envs(env).env("HOME", home).env("SHELL", program).env("TERM", "xterm").env("NO_COLOR", "1");
        command = command.env("LABRUN_HOME", home.join("labrun")).env("fish_history", "");
        let child = command.spawn(pts).map_err(io::Error::other)?;
        let (screen, keys) = pty.into_split();
        let parser = vt100::Parser::new(SIZE.0, SIZE.1, 0);
        let seen = Arc::new(Mutex::new(Seen { parser, since: Vec::new(), ended: false }));
        let changed = Arc::new(Notify::new());
        tokio::spawn(look(screen, seen.clone(), changed.clone()));
        Ok(Self { shell, keys, seen, changed, child })
    }

    /// Waits for the first prompt.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn ready(&self) -> Result<(), String> {
        self.wait(|seen| match self.shell {
            Shell::Bash => seen.parser.screen().contents().trim_end().ends_with(PROMPT.trim_end()),
            Shell::Zsh | Shell::Fish => contains(&seen.since, WAITS),
        })
        .await
    }

    /// Pastes a text line by line as it stands, and waits each time until the shell wants a line again.
    ///
    /// # Errors
    /// Why it does not; or that the terminal is gone.
    pub(super) async fn enter(&mut self, text: &str) -> Result<(), String> {
        // fish waits within a command that is not complete, and says nothing; and it takes several lines at once.
        let lines: Vec<&str> = if self.shell == Shell::Fish { vec![text.trim_end()] } else { text.lines().collect() };
        // An empty text is an empty line.
        let lines = if lines.is_empty() { vec![""] } else { lines };
        for line in lines {
            let pastes = {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.since.clear();
                seen.parser.screen().bracketed_paste()
            };
            let keys = match (line, pastes) {
                ("", _) | (_, false) => format!("{line}\r"),
                _ => format!("\x1b[200~{line}\x1b[201~\r"),
            };
            let typed = timeout(PATIENCE, self.keys.write_all(keys.as_bytes())).await;
            typed.map_err(|_| "the terminal takes no keys".to_owned())?.map_err(|error| error.to_string())?;
            let sign = if pastes { WAITS } else { PROMPT.as_bytes() };
            self.wait(|seen| contains(&seen.since, sign)).await?;
        }
        Ok(())
    }

    /// The end of what is on the screen; prompts at which nothing was typed left out.
    pub(super) fn tail(&self) -> String {
        let screen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).parser.screen().contents();
        let said = screen.lines().map(str::trim_end).filter(|line| !line.is_empty() && *line != PROMPT.trim_end());
        let lines: Vec<&str> = said.collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }

    /// Leaves the shell; ends it where that does not help.
    pub(super) async fn end(mut self) {
        let _ = timeout(GOODBYE, self.keys.write_all(b"\x03exit\r")).await;
        if timeout(GOODBYE, self.child.wait()).await.is_ok() {
            return;
        }
        // labrun ends with its terminal, and the shell with both.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::HUP);
        }
        if timeout(GOODBYE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    /// Waits until this is so.
    async fn wait(&self, is_so: impl Fn(&Seen) -> bool) -> Result<(), String> {
        let look = async {
            loop {
                {
                    let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                    if is_so(&seen) {
                        return Ok(());
                    }
                    if seen.ended {
                        return Err("the practice shell has ended".to_owned());
                    }
                }
                self.changed.notified().await;
            }
        };
        let late = || Err(format!("no prompt came within {} seconds", PATIENCE.as_secs()));
        timeout(PATIENCE, look).await.unwrap_or_else(|_| late())
    }
}

/// Takes in what comes from the terminal, until it is gone.
async fn look(mut screen: OwnedReadPty, seen: Arc<Mutex<Seen>>, changed: Arc<Notify>) {
    let mut chunk = [0; 4096];
    loop {
        let read = screen.read(&mut chunk).await.unwrap_or_default();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.parser.process(&chunk[..read]);
        seen.since.extend_from_slice(&chunk[..read]);
        let over = seen.since.len().saturating_sub(MAX_SINCE);
        seen.since.drain(..over);
        seen.ended = read == 0;
        changed.notify_one();
        if seen.ended {
            return;
        }
    }
}
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
