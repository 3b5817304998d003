//! What a line that was entered proves about a wanted command.

use std::fmt;

use crate::matching::Match;
use crate::shell::{Exit, Fate, Reach};

/// What is wanted of a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Aim {
    /// It is to be refused: to end with anything but 0.
    pub refusal: bool,
    /// The learner is to see its output; or its errors, where it is to be refused.
    pub shown: bool,
    /// It is to write something into a file, and not only to make or to empty it.
    pub content: bool,
}

/// What a line proves about a wanted command: the better, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// It does not have the command.
    Absent,
    /// The command did not end as wanted.
    Otherwise,
    /// It may have done it.
    Unclear(Doubt),
    /// The command ran and ended as wanted.
    Done,
}

/// Why a line proves nothing: the last that holds is the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// A word of the command was known to the shell alone.
    Unknowable,
    /// A function of the learner's own ran it.
    Function,
    /// It is not known whether the command ran before or after what it was to follow.
    Order,
    /// A shell was opened, in which anything may have been typed.
    Shell,
    /// It depends on what came before it whether the command ran.
    Perhaps,
    /// The exit code is that of another part of the line.
    Hidden,
    /// What the command said was not shown.
    Unseen,
    /// The command was put to another engine.
    OtherEngine,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknowable => "only the shell knew what that stood for",
            Self::Function => "a function of your own shell ran it",
            Self::Order => "labrun doesn't know which came first",
            Self::Shell => "labrun does not see what is typed in a shell within the shell",
            Self::Perhaps => "part of the line may not have run",
            Self::Hidden => "the exit code is that of another part of the line",
            Self::Unseen => "its output was not shown",
            Self::OtherEngine => "the question went to another engine than the lab's",
        })
    }
}

impl Trace {
    /// What a command proves, from whether it is the wanted one and how it ended.
    pub(crate) fn proved(match_: Match, fate: Fate, aim: Aim) -> Self {
        match match_ {
            Match::No => return Self::Absent,
            Match::Perhaps if !aim.refusal && matches!(fate.exit, Exit::Failed | Exit::NotSucceeded) => {
                return Self::Absent;
            }
            Match::Perhaps => return Self::Unclear(Doubt::Unknowable),
            Match::Yes => {}
        }
        match (fate.reach, fate.exit) {
            (Reach::Yes, Exit::Succeeded) if aim.refusal => Self::Otherwise,
            (Reach::Yes, Exit::Succeeded) => Self::Done,
            (Reach::Yes, Exit::Failed) if aim.refusal => Self::Done,
            (_, Exit::Failed | Exit::NotSucceeded) if !aim.refusal => Self::Otherwise,
            (Reach::No, _) => Self::Absent,
            (Reach::Yes, _) => Self::Unclear(Doubt::Hidden),
            (Reach::Maybe, _) => Self::Unclear(Doubt::Perhaps),
        }
    }
}
