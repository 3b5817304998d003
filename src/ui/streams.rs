//! The three streams that a command reads and writes: the process's own, or those of another process that asked for it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The most that is read of an answer, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// Asks the owner of lent streams to read a line, and to hand it over.
pub const ASK: u8 = b'?';

/// Why our own standard output could not be written.
static UNWRITTEN: Unwritten = Unwritten(Mutex::new(None));

/// Why standard output could not be written, until it is asked for.
#[derive(Debug, Default)]
pub struct Unwritten(Mutex<Option<io::Error>>);

impl Unwritten {
    /// Keeps the first error; a closed pipe is none, since its reader does not want the rest.
    fn keep(&self, error: io::Error) {
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    fn is_kept(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Which stream is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Input, output and errors.
#[derive(Debug)]
pub enum Streams {
    /// The process's own.
    Own,
    /// Those of somebody else, passed to us.
    Lent {
        /// Standard input.
        input: File,
        /// Standard output.
        out: File,
        /// Standard error.
        err: File,
        /// Whom to ask for a line. The system stops a process that reads a terminal from the background, and that is
        /// where we are.
        owner: UnixStream,
        /// They left a question without an answer (Ctrl-C): nothing more is said to them.
        left: AtomicBool,
        /// Why their standard output could not be written.
        unwritten: Unwritten,
    },
}

impl Streams {
    /// Streams that were passed to us.
    #[must_use]
    pub fn lent(input: OwnedFd, out: OwnedFd, err: OwnedFd, owner: UnixStream) -> Self {
        Self::Lent {
            input: input.into(),
            out: out.into(),
            err: err.into(),
            owner,
            left: AtomicBool::new(false),
            unwritten: Unwritten::default(),
        }
    }

    /// Writes, and goes on when that fails; [`Streams::unwritten`] knows of it.
    pub fn write(&self, to: To, text: &str) {
        let bytes = text.as_bytes();
        if matches!(self, Self::Lent { left, .. } if left.load(Ordering::Relaxed)) {
            return;
        }
        let (unwritten, written) = match (self, to) {
            (Self::Own, To::Out) => (&UNWRITTEN, write_all(io::stdout().lock(), bytes)),
            (Self::Lent { out, unwritten, .. }, To::Out) => (unwritten, write_all(out, bytes)),
            // Where errors cannot be written, there is no place to say so.
            (Self::Own, To::Err) => return drop(write_all(io::stderr().lock(), bytes)),
            (Self::Lent { err, .. }, To::Err) => return drop(write_all(err, bytes)),
        };
        if let Err(error) = written {
            unwritten.keep(error);
        }
    }

    /// Why standard output could not be written, once; `None` when it was, or when its reader closed the pipe.
    #[must_use]
    pub fn unwritten(&self) -> Option<io::Error> {
        match self {
            Self::Own => UNWRITTEN.take(),
            Self::Lent { unwritten, .. } => unwritten.take(),
        }
    }

    /// Whether something could not be written to standard output so far; that its reader closed the pipe does not count.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        match self {
            Self::Own => UNWRITTEN.is_kept(),
            Self::Lent { unwritten, .. } => unwritten.is_kept(),
        }
    }

    /// Reads a line, without waiting for more than one.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read_line(&self) -> io::Result<String> {
        let mut line = String::new();
        match self {
            Self::Own => io::stdin().lock().take(MAX_LINE).read_line(&mut line)?,
            Self::Lent { input, owner, left, .. } if input.is_terminal() => {
                let mut asked = owner;
                let read =
                    asked.write_all(&[ASK]).and_then(|()| BufReader::new(owner.take(MAX_LINE)).read_line(&mut line));
                left.store(!matches!(read, Ok(1..)), Ordering::Relaxed);
                read?
            }
            Self::Lent { input, .. } => BufReader::new(input.take(MAX_LINE)).read_line(&mut line)?,
        };
        Ok(line)
    }

    /// Reads everything, but no more than `most` bytes.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read_all(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self {
            Self::Own => io::stdin().lock().take(most).read_to_end(&mut bytes)?,
            Self::Lent { input, .. } => input.take(most).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }

    /// Whether somebody sits at the input.
    #[must_use]
    pub fn input_is_terminal(&self) -> bool {
        match self {
            Self::Own => io::stdin().is_terminal(),
            Self::Lent { input, .. } => input.is_terminal(),
        }
    }

    /// The width of the terminal that is written to, in columns; `None` where there is none.
    #[must_use]
    pub fn width(&self, to: To) -> Option<usize> {
        match (self, to) {
            (Self::Own, To::Out) => terminal_width(io::stdout()),
            (Self::Own, To::Err) => terminal_width(io::stderr()),
            (Self::Lent { out, .. }, To::Out) => terminal_width(out),
            (Self::Lent { err, .. }, To::Err) => terminal_width(err),
        }
    }
}

fn write_all(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

fn terminal_width(stream: impl AsFd) -> Option<usize> {
    if !rustix::termios::isatty(&stream) {
        return None;
    }
    // A terminal that does not know its size says 0.
    let columns = rustix::termios::tcgetwinsize(&stream).map(|size| usize::from(size.ws_col)).unwrap_or_default();
    Some(if columns == 0 { 80 } else { columns })
}
