//! What was read of an engine's events since the last time, sorted by whom it concerns.

use labrun_graders::Nanos;
use labrun_graders::evidence::{Entry, Gap};

use super::concern::Share;

/// What was read of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// New and updated entries that concern the session's lab, oldest first; nothing of labrun's own.
    pub entries: Vec<Entry>,
    /// Those that concern another open session as well, or only that one.
    pub shared: Vec<Entry>,
    /// Those that concern no lab, of which the newest are kept.
    pub strangers: Vec<Entry>,
    /// The newest event known now.
    pub anchor: Option<Nanos>,
    /// The engine's time up to which everything is known.
    pub reached: Nanos,
    /// What was lost, if anything was.
    pub gap: Option<Gap>,
    /// The engine never tells what was run in a container: asking again would not help.
    pub tells_less: bool,
}

impl Fill {
    /// Every entry, with for whom it is kept.
    pub fn kept(&self) -> impl Iterator<Item = (&Entry, Share)> {
        let with = |share| move |entry| (entry, share);
        let (own, shared) = (self.entries.iter().map(with(Share::Own)), self.shared.iter().map(with(Share::Shared)));
        own.chain(shared).chain(self.strangers.iter().map(with(Share::Stranger)))
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept().next().is_none()
    }
}
