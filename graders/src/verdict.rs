//! What a judgement can be, and how those of several checks combine.

use std::borrow::Cow;

use crate::nanos::Nanos;

/// The outcome of a check or of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass(Pass),
    /// It does not hold.
    Fail(Feedback),
    /// Nobody can tell; never the learner's fault, never an attempt.
    CannotCheck(CannotLook),
}

/// That a check holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// The engine's time of the latest event that made it hold, where it is known. Evidence for the next step counts
    /// from there.
    pub at: Option<Nanos>,
    /// What could not be known although it passed.
    pub caveat: Option<String>,
}

impl Pass {
    /// Holds since this event.
    #[must_use]
    pub fn since(at: Option<Nanos>) -> Self {
        Self { at, caveat: None }
    }
}

/// Why a check does not hold: it teaches, and gives no command away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// What the task wants, as a short phrase.
    pub expected: String,
    /// What is there, as a short phrase.
    pub seen: String,
    /// Where to look: at most three lines.
    pub sentence: String,
    /// The near miss that the facts prove: a name of [`DIAGNOSES`](crate::diagnosis::DIAGNOSES), or one of the author's.
    pub diagnosis: Option<Cow<'static, str>>,
    /// It is of an answer, and the learner has done something else since: then it is not spoken of first.
    pub overtaken: bool,
    /// Whether there is anything of the learner's to judge. A step that is not begun is not wrong.
    pub begun: bool,
}

impl Feedback {
    /// Nothing of what is wanted is there yet.
    #[must_use]
    pub fn not_begun(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { expected: expected.into(), seen: seen.into(), ..Self::default() }
    }

    /// Something else than what is wanted is there.
    #[must_use]
    pub fn wrong(expected: impl Into<String>, seen: impl Into<String>, sentence: impl Into<String>) -> Self {
        let (expected, seen, sentence) = (expected.into(), seen.into(), sentence.into());
        Self { expected, seen, sentence, begun: true, ..Self::default() }
    }

    /// Names the near miss that this is.
    #[must_use]
    pub fn diagnosed(mut self, diagnosis: impl Into<Cow<'static, str>>) -> Self {
        self.diagnosis = Some(diagnosis.into());
        self
    }
}

/// What stood in the way of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// No engine answers.
    NoEngine,
    /// The engine or the file system refuses us.
    Denied,
    /// No answer within the deadline.
    Timeout,
    /// An answer that makes no sense, or an error of the engine's.
    Broken,
    /// More than we are willing to read.
    TooLarge,
    /// The journal has a gap where the evidence may have been.
    Gap,
    /// What a learner typed cannot be seen from here; an answer proves it instead.
    Unseen,
    /// The lab asks for something that cannot be evaluated.
    Lab,
}

impl Obstacle {
    /// A stable kebab-case name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoEngine => "no-engine",
            Self::Denied => "denied",
            Self::Timeout => "timeout",
            Self::Broken => "broken-answer",
            Self::TooLarge => "too-large",
            Self::Gap => "gap",
            Self::Unseen => "unseen",
            Self::Lab => "lab",
        }
    }
}

/// Why something could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotLook {
    /// The kind of trouble.
    pub obstacle: Obstacle,
    /// What could not be seen, and why.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl CannotLook {
    /// Could not look, for this reason.
    #[must_use]
    pub fn new(obstacle: Obstacle, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { obstacle, what: what.into(), remedy: remedy.into() }
    }
}

/// What a grader makes of facts that could all be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It holds.
    Pass(Pass),
    /// It does not.
    Fail(Feedback),
}

impl From<Result<Finding, CannotLook>> for Verdict {
    fn from(judged: Result<Finding, CannotLook>) -> Self {
        match judged {
            Ok(Finding::Pass(pass)) => Self::Pass(pass),
            Ok(Finding::Fail(feedback)) => Self::Fail(feedback),
            Err(reason) => Self::CannotCheck(reason),
        }
    }
}

impl Verdict {
    /// Whether it is a pass.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Pass(_))
    }

    /// `pass`, `fail` or `cannot-check`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::CannotCheck(_) => "cannot-check",
        }
    }
}

/// All must hold: fail beats cannot-check beats pass. The pass is as old as its latest part.
#[must_use]
pub fn all<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Verdict {
    let mut passed = Pass::default();
    let mut unclear = None;
    for verdict in verdicts {
        match verdict {
            Verdict::Fail(_) => return verdict.clone(),
            Verdict::CannotCheck(_) => unclear = unclear.or(Some(verdict)),
            Verdict::Pass(pass) => {
                passed.at = passed.at.max(pass.at);
                passed.caveat = passed.caveat.or_else(|| pass.caveat.clone());
            }
        }
    }
    unclear.cloned().unwrap_or(Verdict::Pass(passed))
}

/// One must hold: pass beats cannot-check beats fail.
///
/// With one refinement: what is merely [`Obstacle::Unseen`] (a line typed where nobody was listening) gives way to an
/// alternative that was tried and is wrong, since that one could be looked at: a wrong answer is told so.
#[must_use]
pub fn any(verdicts: &[Verdict]) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Pass(_) => 0,
        Verdict::CannotCheck(reason) if reason.obstacle != Obstacle::Unseen => 1,
        Verdict::Fail(feedback) if feedback.begun => 2,
        Verdict::CannotCheck(_) => 3,
        Verdict::Fail(_) => 4,
    };
    // The first of several equals speaks: authors put the usual way first.
    verdicts.iter().min_by_key(|verdict| rank(verdict)).cloned().unwrap_or_else(|| {
        // None of nothing holds, and the learner has no part in that.
        let what = "the lab asks for one of several things, and names none";
        Verdict::CannotCheck(CannotLook::new(Obstacle::Lab, what, "tell the lab's author"))
    })
}
