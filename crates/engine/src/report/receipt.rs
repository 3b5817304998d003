//! A session in one line that can be pasted into a chat: `labrun1 docker-volumes ada 13/14 3mz8…`.
//!
//! The first word is the format's version; the lab, the learner and the steps passed can be read; the last word has the
//! rest, in Crockford's base32 (<https://www.crockford.com/base32.html>): a chat neither breaks nor formats it, and a
//! letter that was taken for another is still read. A checksum over all of it finds typing errors. It proves nothing:
//! anybody can compute one.

mod body;
mod words;

use std::fmt;

use super::model::{Run, State};

pub(super) use words::Words;

/// What a receipt of this version begins with; what follows `labrun` is its version.
const MARK: &str = "labrun1";

/// More steps than any lab has.
pub(super) const MOST_STEPS: usize = 500;

/// Why a receipt is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It has another version.
    #[error("`{0}` is a receipt of a newer labrun; this one reads {MARK}")]
    Version(String),
    /// Something is missing at its end.
    #[error("the receipt is cut off: copy the whole line")]
    CutOff,
    /// The third word after the mark is not such as `13/14`.
    #[error("a receipt has the steps passed here, such as 13/14, and not `{0}`")]
    Count(String),
    /// Something that is in no receipt.
    #[error("`{0}` is in no receipt: copy the line again")]
    Symbol(char),
    /// The checksum does not fit.
    #[error("the receipt was changed on its way, or mistyped: copy the line again")]
    Checksum,
    /// The checksum fits, and the content does not.
    #[error("the receipt does not say what a receipt says")]
    Content,
}

/// What a receipt carries: no titles, and of the steps' ids only a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The session. Read from a receipt its steps are called `1`, `2`, …, and its named mistakes are not known.
    pub run: Run,
    /// Three bytes that are others for other steps.
    pub steps: u32,
}

impl Receipt {
    /// Of this session.
    #[must_use]
    pub fn of(run: Run) -> Self {
        let steps = Self::fingerprint(&run);
        Self { run, steps }
    }

    /// The fingerprint of a session's steps, as receipts carry it.
    #[must_use]
    pub fn fingerprint(run: &Run) -> u32 {
        run.steps_fingerprint() >> 8
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = &self.run;
        let (passed, steps) = (run.count(State::Passed), run.steps.len());
        let learner = run.learner.as_ref().map(|learner| words::escaped(learner.as_str()));
        let readable =
            format!("{} {} {passed}/{steps}", words::escaped(run.lab.as_str()), learner.as_deref().unwrap_or("-"));
        write!(f, "{MARK} {readable} {}", body::encode(self, &readable))
    }
}

#[cfg(test)]
mod tests;
