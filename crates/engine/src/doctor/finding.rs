//! What a check came to: a word, what was seen, and what to do.

use labrun_graders::CannotLook;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It does not apply, or could not be looked at for a reason that another check tells.
    Skip,
    /// As it should be.
    Ok,
    /// A lab can be done, with a surprise on the way.
    Warn,
    /// A lab can't be done.
    Fail,
}

impl Word {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// In the imperative, without a full stop.
    pub text: String,
    /// It takes somebody who administers the machine.
    pub administrator: bool,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub word: Word,
    /// What was looked at and seen.
    pub seen: String,
    /// What to do; at least with every warning and failure.
    pub remedy: Option<Remedy>,
    /// What it is about where the check alone does not tell: the image that is missing.
    pub about: Option<String>,
}

/// A finding, or one that ended the judging early.
pub type Judged = Result<Finding, Finding>;

impl Finding {
    fn new(word: Word, seen: impl Into<String>) -> Self {
        Self { word, seen: seen.into(), remedy: None, about: None }
    }

    /// As it should be.
    #[must_use]
    pub fn ok(seen: impl Into<String>) -> Self {
        Self::new(Word::Ok, seen)
    }

    /// Nothing to check, and why.
    #[must_use]
    pub fn skip(why: impl Into<String>) -> Self {
        Self::new(Word::Skip, why)
    }

    /// A lab can be done, with a surprise on the way.
    #[must_use]
    pub fn warn(seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Word::Warn, seen).with(remedy, false)
    }

    /// A lab can't be done.
    #[must_use]
    pub fn fail(seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Word::Fail, seen).with(remedy, false)
    }

    /// It could not be looked at although an engine answers.
    #[must_use]
    pub fn unseen(reason: &CannotLook) -> Self {
        Self::warn(reason.what.clone(), reason.remedy.clone())
    }

    fn with(mut self, text: impl Into<String>, administrator: bool) -> Self {
        self.remedy = Some(Remedy { text: text.into(), administrator });
        self
    }

    /// The remedy takes an administrator.
    #[must_use]
    pub fn for_administrator(mut self) -> Self {
        if let Some(remedy) = &mut self.remedy {
            remedy.administrator = true;
        }
        self
    }

    /// What it is about.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }
}
