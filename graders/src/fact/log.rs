//! What a container has written.

/// One of the two streams of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Its output.
    Stdout,
    /// Its errors.
    Stderr,
}

impl Stream {
    /// `stdout` or `stderr`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Stdout => Self::Stderr,
            Self::Stderr => Self::Stdout,
        }
    }
}

/// The end of a container's log, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Both streams, in the order in which they came.
    pub text: String,
    /// Its output alone; with a terminal (`-t`) everything.
    pub stdout: String,
    /// Its errors alone.
    pub stderr: String,
    /// There is more than was read.
    pub cut: bool,
}

impl Log {
    /// What was written to a stream, or to both.
    #[must_use]
    pub fn of(&self, stream: Option<Stream>) -> &str {
        match stream {
            None => &self.text,
            Some(Stream::Stdout) => &self.stdout,
            Some(Stream::Stderr) => &self.stderr,
        }
    }
}
