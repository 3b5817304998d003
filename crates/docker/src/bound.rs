//! How much of an answer is read: an engine whose answer never ends must not fill the memory until the deadline.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const MIB: u64 = 1024 * 1024;

/// How much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// So many bytes in all.
    Whole(u64),
    /// So many bytes up to the end of a message, which is a line end after a brace: events, and how a pull goes on.
    Message(u64),
    /// All there is: it goes to the disk, and is counted there.
    Nothing,
}

impl Bound {
    /// What an answer about one thing may have; the lists of all there is are longer.
    const ONE: Self = Self::Whole(2 * MIB);
    const LIST: Self = Self::Whole(16 * MIB);

    /// The bound of the answer to a request for this path.
    pub(super) fn of(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        let words = match words.as_slice() {
            [version, rest @ ..] if is_version(version) => rest,
            words => words,
        };
        match words {
            ["events"] | ["images", "create" | "load"] => Self::Message(MIB),
            ["images", .., "get"] => Self::Nothing,
            ["containers" | "images", "json"] | ["volumes" | "networks"] | ["system", "df"] | [.., "changes"] => {
                Self::LIST
            }
            _ => Self::ONE,
        }
    }

    /// Takes what was read off what may still come; `false` where it is too much.
    fn allows(self, read: &[u8], so_far: &mut u64) -> bool {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self {
            Self::Nothing => true,
            Self::Whole(most) => {
                *so_far = so_far.saturating_add(length(read));
                *so_far <= most
            }
            Self::Message(most) => {
                let ends = |line: &[u8]| line.ends_with(b"}\n") || line.ends_with(b"}\r\n");
                match (0..read.len()).rev().find(|last| ends(&read[..=*last])) {
                    Some(last) => *so_far = length(&read[last + 1..]),
                    None => *so_far = so_far.saturating_add(length(read)),
                }
                *so_far <= most
            }
        }
    }
}

/// The API's version, which a path may begin with: `v1.52`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// A connection of which only so much is read.
pub(super) struct Bounded<S> {
    pub(super) stream: S,
    pub(super) bound: Bound,
    pub(super) so_far: u64,
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let mut so_far = self.so_far;
        let fits = self.bound.allows(&buffer.filled()[before..], &mut so_far);
        self.so_far = so_far;
        Poll::Ready(if fits { Ok(()) } else { Err(io::ErrorKind::FileTooLarge.into()) })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, MIB};

    #[test]
    fn the_bound_follows_from_what_is_asked() {
        assert_eq!(Bound::of("/v1.52/events?since=3"), Bound::Message(MIB));
        assert_eq!(Bound::of("/v1.52/images/create?fromImage=busybox"), Bound::Message(MIB));
        assert_eq!(Bound::of("/v1.52/images/busybox/get"), Bound::Nothing);
        assert_eq!(Bound::of("/v1.52/containers/json?all=true"), Bound::LIST);
        assert_eq!(Bound::of("/v1.52/volumes"), Bound::LIST);
        assert_eq!(Bound::of("/v1.52/volumes/v2"), Bound::ONE);
        assert_eq!(Bound::of("/v1.52/containers/events/json"), Bound::ONE, "a container may be called so");
        assert_eq!(Bound::of("/_ping"), Bound::ONE);
    }

    #[test]
    fn a_whole_answer_counts_all_that_was_read() {
        let mut so_far = 0;
        assert!(Bound::Whole(4).allows(b"1234", &mut so_far));
        assert!(!Bound::Whole(4).allows(b"5", &mut so_far));
    }

    #[test]
    fn a_stream_goes_on_while_its_messages_end() {
        let mut so_far = 0;
        for _ in 0..100 {
            assert!(Bound::Message(20).allows(b"{\"a\":1}\n{\"b", &mut so_far));
            assert!(Bound::Message(20).allows(b"\":2}\r\n", &mut so_far));
        }
        assert!(Bound::Message(20).allows(b"{\"status\":\"", &mut so_far));
        assert!(!Bound::Message(20).allows(b"for ever and \n ever", &mut so_far), "a line end alone ends nothing");
    }
}
