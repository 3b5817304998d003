//! What a step may need of the learner's machine beside docker itself: `needs:`.

use std::fmt;

/// A tool that is not everywhere. Another one is a variant here, and how it is found in `probe::tools`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Compose: `docker compose`, or the older `docker-compose`.
    Compose,
}

impl Tool {
    const ALL: [Self; 1] = [Self::Compose];

    /// The words of [`Self::from_word`].
    pub const WORDS: [&'static str; 1] = [Self::Compose.word()];

    /// How a lab file calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compose => "compose",
        }
    }

    /// The tool that a lab file calls so.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.word() == word)
    }

    /// Why a step that needs it is passed over.
    #[must_use]
    pub fn missing(self) -> &'static str {
        match self {
            Self::Compose => "no docker compose here",
        }
    }
}

impl fmt::Display for Tool {
    /// As people call it.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Compose => "docker compose",
        })
    }
}
