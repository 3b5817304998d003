//! The protocol of the parent's socket: one request a connection, as JSON after its length. The parent accepts a forwarded
//! command with a byte; the client then sends its three streams.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketAddrUnix, SocketType, recvmsg, sendmsg, socket,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};

/// The largest request, in bytes: a line at a prompt may be long.
const MAX_REQUEST: usize = 256 * 1024;

/// How much of a request is read at a time, in bytes.
const CHUNK: usize = 16 * 1024;

/// The parent's first byte to a forwarded command: it runs the command now.
pub(super) const ACCEPTED: u8 = b'+';

/// The parent's heartbeat while a forwarded command runs.
pub(super) const HEARTBEAT: u8 = b'.';

/// How often the parent sends a heartbeat.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

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
    /// The line that was entered; `None` when there was none, or it is not known.
    pub(super) line: Option<String>,
    /// The line with its aliases expanded, where the shell does that.
    pub(super) expanded: Option<String>,
    /// The aliases among its words, as the shell's `alias` shows them.
    pub(super) aliases: String,
    /// The functions among its words: each a name, a unit separator, the definition, a record separator.
    pub(super) functions: String,
    /// Why the line is not known, in the hook's word.
    pub(super) unread: String,
    /// How it ended.
    pub(super) code: i64,
    /// How the commands of its last pipeline ended.
    pub(super) pipeline: Vec<i64>,
    /// The shell's working directory.
    pub(super) cwd: Option<String>,
    /// The terminal's width, in columns.
    pub(super) columns: Option<usize>,
    /// Environment that decides how things are shown, and which engine docker speaks to.
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
    const NAMES: [&str; 6] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", super::SOCKET, super::LOST];
    NAMES.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect()
}

/// Connects to the parent.
///
/// A connect to a listener that never accepts would block as soon as its backlog is full, so this never blocks.
///
/// # Errors
/// When no program listens at this path, or the listener has no room until the deadline.
pub(super) fn connect(path: &OsStr, deadline: Instant) -> io::Result<UnixStream> {
    const RETRY_INTERVAL: Duration = Duration::from_millis(5);
    let address = SocketAddrUnix::new(path)?;
    let stream = UnixStream::from(socket(AddressFamily::UNIX, SocketType::STREAM, None)?);
    rustix::io::fcntl_setfd(&stream, rustix::io::FdFlags::CLOEXEC)?;
    stream.set_nonblocking(true)?;
    loop {
        match rustix::net::connect(&stream, &address) {
            Ok(()) | Err(Errno::ISCONN) => break,
            Err(Errno::AGAIN | Errno::INPROGRESS | Errno::ALREADY) if Instant::now() + RETRY_INTERVAL < deadline => {
                std::thread::sleep(RETRY_INTERVAL);
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// Sends a request.
///
/// # Errors
/// When the parent does not take it.
pub(super) fn send(mut to: &UnixStream, request: &Request) -> io::Result<()> {
    let json = serde_json::to_vec(request)?;
    let mut bytes = u32::try_from(json.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
    bytes.extend(json);
    to.write_all(&bytes)
}

/// Sends the streams of a command that the parent has accepted. A parent that hangs must not hold them: the reader of our
/// output would wait for its end.
///
/// # Errors
/// When the parent does not take them.
pub(super) fn send_streams(to: &UnixStream, streams: &[BorrowedFd]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(STREAMS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(streams)) {
        return Err(io::Error::other("too many streams"));
    }
    sendmsg(to, &[IoSlice::new(&[ACCEPTED])], &mut ancillary, SendFlags::empty())?;
    Ok(())
}

/// The variables that decide which engine docker speaks to.
pub(super) const OF_ENGINE: [&str; 4] = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "HOME"];

/// The environment that the hook hands over.
pub(super) fn prompt_env() -> BTreeMap<String, String> {
    let of_engine = OF_ENGINE.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)));
    display_env().into_iter().chain(of_engine).collect()
}

/// How long a hook may take to read its news and to confirm that it has shown them.
const SHOWN: Duration = Duration::from_millis(50);

/// Sends a hook its news; whether it has shown them. A hook that has waited long enough is gone.
pub(super) async fn deliver(to: &mut tokio::net::UnixStream, news: &str) -> bool {
    let delivery = async {
        to.write_all(news.as_bytes()).await?;
        to.shutdown().await?;
        to.read_exact(&mut [0]).await
    };
    matches!(tokio::time::timeout(SHOWN, delivery).await, Ok(Ok(_)))
}

/// Confirms to the parent that its news were shown.
pub(super) fn shown(mut to: &UnixStream) {
    let _ = to.write_all(&[1]);
}

/// Sends a heartbeat to the client of a forwarded command; a client that reads nothing for now gets none.
pub(super) fn beat(to: &UnixStream) {
    let _ = rustix::net::send(to, &[HEARTBEAT], SendFlags::DONTWAIT);
}

/// Takes a request. It takes no more than [`MAX_REQUEST`] bytes, and memory only for bytes that have arrived. The caller
/// sets the deadline.
///
/// # Errors
/// When the request does not come whole, or is none.
pub(super) async fn receive(from: &mut tokio::net::UnixStream) -> io::Result<Request> {
    let length = from.read_u32().await? as usize;
    if length > MAX_REQUEST {
        return Err(io::Error::other("the request is too large"));
    }
    let mut json = Vec::new();
    let mut chunk = [0; CHUNK];
    while json.len() < length {
        let most = CHUNK.min(length - json.len());
        match from.read(chunk.get_mut(..most).unwrap_or_default()).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => json.extend_from_slice(chunk.get(..read).unwrap_or_default()),
        }
    }
    Ok(serde_json::from_slice(&json)?)
}

/// Takes the streams of an accepted command. The caller sets the deadline.
///
/// # Errors
/// When the client has gone.
pub(super) async fn receive_streams(from: &tokio::net::UnixStream) -> io::Result<Vec<OwnedFd>> {
    from.async_io(Interest::READABLE, || {
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(STREAMS))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [IoSliceMut::new(&mut byte)];
        let received = recvmsg(from.as_fd(), &mut bytes, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
        if received.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let streams = ancillary.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(streams) => Some(streams),
            _ => None,
        });
        Ok(streams.flatten().collect())
    })
    .await
}
