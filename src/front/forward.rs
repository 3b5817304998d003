//! Commands typed in a practice shell go to its parent: it has the recorder, what was typed, and under sudo the right to
//! ask the engine.

use std::ffi::OsString;
use std::io::{self, BufRead, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::wire::{ACCEPTED, HEARTBEAT, Request, Run, connect, display_env, send, send_streams};
use crate::ui::streams::ASK;

/// How long the parent may take to accept a command. A command that it has not accepted by then, it never runs.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the parent may be silent while a command runs: it sends a heartbeat every second.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);

/// The digits of an exit code, at most.
const MAX_DIGITS: usize = 3;

/// How forwarding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// There is no parent, or it did not accept the command: the command may run here.
    NoParent,
    /// The parent ran the command, which ended with this exit code.
    Ended(u8),
    /// The parent accepted the command and then fell silent: how far the command came is not known.
    Lost,
}

/// Has the parent run a command with our streams, and reads lines for it when it asks.
#[must_use]
pub fn forward(arguments: &[OsString]) -> Forwarding {
    let Some(stream) = accepted(arguments) else { return Forwarding::NoParent };
    follow(&stream).map_or(Forwarding::Lost, Forwarding::Ended)
}

/// Sends the command, and waits until the parent has accepted it.
fn accepted(arguments: &[OsString]) -> Option<UnixStream> {
    let deadline = Instant::now() + ACCEPT_TIMEOUT;
    let stream = connect(&std::env::var_os(super::SOCKET)?, deadline).ok()?;
    stream.set_write_timeout(Some(ACCEPT_TIMEOUT)).ok()?;
    let arguments = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let request = Request::Run(Run { arguments, env: display_env() });
    send(&stream, &request).ok()?;
    let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
    stream.set_read_timeout(Some(left)).ok()?;
    if byte(&stream)? != ACCEPTED {
        return None;
    }
    let (input, out, err) = (io::stdin(), io::stdout(), io::stderr());
    send_streams(&stream, &[input.as_fd(), out.as_fd(), err.as_fd()]).ok()?;
    Some(stream)
}

/// Follows a command to its exit code; `None` where the parent falls silent, ends, or says what no parent says.
fn follow(stream: &UnixStream) -> Option<u8> {
    stream.set_read_timeout(Some(SILENCE_TIMEOUT)).ok()?;
    let mut code = String::new();
    loop {
        match byte(stream) {
            Some(HEARTBEAT) => {}
            Some(ASK) => answer(stream)?,
            Some(digit) if digit.is_ascii_digit() && code.len() < MAX_DIGITS => code.push(char::from(digit)),
            Some(_) => return None,
            None => return code.parse().ok(),
        }
    }
}

/// Reads a line for the command. The end of the input is an empty line.
fn answer(mut stream: &UnixStream) -> Option<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    stream.write_all(line.trim_end_matches('\n').as_bytes()).ok()?;
    stream.write_all(b"\n").ok()
}

/// The next byte; `None` at the end, and where none comes in time.
fn byte(mut stream: &UnixStream) -> Option<u8> {
    let mut byte = [0];
    loop {
        match stream.read(&mut byte) {
            Ok(1..) => return byte.first().copied(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return None,
        }
    }
}
