//! What a report says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::line::Line;

/// What learners did.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// When it was made.
    pub made: Timestamp,
    /// It is about several learners, side by side.
    pub class: bool,
    /// One a session, oldest first.
    pub runs: Vec<Run>,
}

impl Report {
    /// Whether it is read side by side: a class of one is somebody's own report.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        let others = self.runs.iter().skip(1).zip(&self.runs);
        self.class && others.into_iter().any(|(run, before)| run.learner != before.learner)
    }
}

/// One session: one learner going once through one lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The lab's id.
    pub lab: Line,
    /// The lab's title.
    pub title: Line,
    /// Who; `None` for somebody who gave no name.
    pub learner: Option<Line>,
    /// Which session of theirs.
    pub session: SessionId,
    /// When it began.
    pub started: Timestamp,
    /// When something was last recorded of it.
    pub last: Timestamp,
    /// It was ended by a reset.
    pub reset: bool,
    /// It was an exam.
    pub exam: bool,
    /// The lab's steps, in order.
    pub steps: Vec<StepRun>,
}

/// How a learner fared with one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// Its id.
    pub step: Line,
    /// Its title.
    pub title: Line,
    /// How it was left.
    pub state: State,
    /// Why labrun passed it over; `None` where the learner did, or nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<Line>,
    /// Gradings that told something new, the one that passed it with them.
    pub attempts: u32,
    /// Hints shown.
    pub hints: u32,
    /// Whether the solution was shown.
    pub solution: bool,
    /// How long it took; `None` while nothing was recorded of it.
    pub seconds: Option<u32>,
    /// The named mistakes, and how many attempts showed each.
    #[serde(default)]
    pub diagnoses: BTreeMap<Line, u32>,
}

/// How a step was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The learner has not come to its end.
    Open,
    /// It passed.
    Passed,
    /// Its state was made for the learner.
    Given,
    /// The learner passed it over.
    Skipped,
}

impl State {
    /// Every state; a receipt has the position of one in two bits.
    pub const ALL: [Self; 4] = [Self::Open, Self::Passed, Self::Given, Self::Skipped];

    /// The word it is reported by.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Passed => "passed",
            Self::Given => "given",
            Self::Skipped => "skipped",
        }
    }
}

/// Tells one session from any other, also those of other machines: in reports eight hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(pub u32);

impl SessionId {
    /// Of the session that began on this engine at this moment.
    #[must_use]
    pub fn of(engine: &str, lab: &str, learner: &str, started: i64) -> Self {
        Self(fingerprint(&[engine, lab, learner, &started.to_string()]))
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        format!("{:08x}", id.0)
    }
}

impl TryFrom<String> for SessionId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = u32::from_str_radix(&text, 16).ok().filter(|_| is_hex).map(Self);
        id.ok_or_else(|| "a session is eight hexadecimal digits".to_owned())
    }
}

/// Four bytes that are others for other words.
pub(super) fn fingerprint(words: &[&str]) -> u32 {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word);
        hash.update([0]);
    }
    hash.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Run {
    /// How many steps were left in this way.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.steps.iter().filter(|step| step.state == state).count()
    }

    /// No step is open.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.count(State::Open) == 0
    }

    /// Hints shown in all.
    #[must_use]
    pub fn hints(&self) -> u64 {
        self.steps.iter().map(|step| u64::from(step.hints)).sum()
    }

    /// How long all of it took, in seconds.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.steps.iter().filter_map(|step| step.seconds).map(u64::from).sum()
    }

    /// What tells its steps from those of another lab, or of the same lab before it was changed.
    #[must_use]
    pub fn steps_fingerprint(&self) -> u32 {
        fingerprint(&self.steps.iter().map(|step| step.step.as_str()).collect::<Vec<_>>())
    }
}

impl StepRun {
    /// Attempts that did not pass.
    #[must_use]
    pub fn fails(&self) -> u32 {
        self.attempts.saturating_sub(u32::from(self.state == State::Passed))
    }
}
