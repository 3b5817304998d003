//! Exit codes: scripts and CI rely on them.

/// How labrun ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: it passed, or what was asked for is done.
    Done,
    /// 1: not yet: a step does not pass, a lab is not proved, a question was answered with no.
    NotYet,
    /// 2: the command line asks for something that does not exist or fit.
    Usage,
    /// 3: the lab is faulty.
    Lab,
    /// 4: the environment is: the engine, an image, the disk.
    Environment,
    /// 70: labrun itself is.
    Bug,
    /// What the practice shell's parent came to.
    Forwarded(u8),
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotYet => 1,
            Self::Usage => 2,
            Self::Lab => 3,
            Self::Environment => 4,
            Self::Bug => 70,
            Self::Forwarded(code) => code,
        }
    }
}
