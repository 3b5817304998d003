//! How surely something is what is wanted.

/// Whether a command is the wanted one; the surer, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    No,
    /// A word of it was known to the shell alone, or has a form that labrun cannot tell.
    Perhaps,
    Yes,
}

impl Match {
    pub(crate) fn when(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    pub(crate) fn inverted(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}
