//! What is said over the parent's socket: one request a connection, as JSON after its length; file descriptors may come
//! along with its first byte.

use std::collections::BTreeMap;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

/// The largest request, in bytes: a line at a prompt may be long.
const MAX_REQUEST: usize = 256 * 1024;

/// The descriptors that come with a forwarded command: input, output, errors.
const STREAMS: usize = 3;

/// What somebody asks of the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// A prompt is about to be shown. The answer is the text to show above it.
    Prompt(Prompt),
    /// Run a command of labrun's, on the streams that come along. The answer is its exit code.
    Run(Run),
}

/// What the hook knows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Prompt {
    /// The line that was entered; `None` when there was none.
    pub(super) line: Option<String>,
    /// How it ended.
    pub(super) code: i64,
    /// The shell's working directory.
    pub(super) cwd: Option<String>,
    /// The terminal's width, in columns.
    pub(super) columns: Option<usize>,
    /// Environment that decides how things are shown.
    pub(super) env: BTreeMap<String, String>,
}

/// A forwarded command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// Its arguments, the program's name first.
    pub(super) arguments: Vec<String>,
    /// Environment that decides how things are shown.
    pub(super) env: BTreeMap<String, String>,
}

/// The variables that decide how things are shown.
pub(super) fn display_env() -> BTreeMap<String, String> {
    const NAMES: [&str; 5] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", super::SOCKET];
    NAMES.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect()
}

/// Sends a request, with streams or without.
///
/// # Errors
/// When the parent does not take it.
pub(super) fn send(mut to: &UnixStream, request: &Request, streams: &[BorrowedFd]) -> io::Result<()> {
    let json = serde_json::to_vec(request)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?.to_be_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(STREAMS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !streams.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(streams)) {
        return Err(io::Error::other("too many streams"));
    }
    let sent = sendmsg(to, &[IoSlice::new(&length)], &mut ancillary, SendFlags::empty())?;
    to.write_all(length.get(sent..).unwrap_or_default())?;
    to.write_all(&json)
}

/// How long a hook may take to say that it has shown what it was told.
const SHOWN: Duration = Duration::from_millis(50);

/// Tells a hook what is new; whether it has shown it. One that has waited long enough is gone.
pub(super) fn deliver(mut to: &UnixStream, news: &str) -> bool {
    let told = to
        .write_all(news.as_bytes())
        .and_then(|()| to.shutdown(Shutdown::Write))
        .and_then(|()| to.set_read_timeout(Some(SHOWN)))
        .and_then(|()| to.read_exact(&mut [0]));
    told.is_ok()
}

/// Tells the parent that its news was shown.
pub(super) fn shown(mut to: &UnixStream) {
    let _ = to.write_all(&[1]);
}

/// Takes a request, with the streams that came along.
///
/// # Errors
/// When it does not come whole, or is none.
pub(super) fn receive(mut from: &UnixStream) -> io::Result<(Request, Vec<OwnedFd>)> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(STREAMS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let got =
        recvmsg(from.as_fd(), &mut [IoSliceMut::new(&mut length)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?.bytes;
    let streams = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(streams) => Some(streams),
            _ => None,
        })
        .flatten()
        .collect();
    from.read_exact(length.get_mut(got..).unwrap_or_default())?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_REQUEST {
        return Err(io::Error::other("the request is too large"));
    }
    let mut json = vec![0; length];
    from.read_exact(&mut json)?;
    Ok((serde_json::from_slice(&json)?, streams))
}
