//! Why the engine part of labrun could not go on.

use labrun_graders::CannotLook;
use labrun_graders::name::NameKind;
use labrun_lab::{AsName, LoadError};
use labrun_store::StoreError;

/// A name that a lab owns and that something else has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it names.
    pub kind: NameKind,
    /// The name.
    pub name: String,
}

/// Why the engine part of labrun could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The lab can't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Progress can't be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored session has a learner's name that labrun never gives: the names of its things are not known.
    #[error("progress names a learner {0:?}, and that is no name that --as takes")]
    LostName(String),
    /// The engine or the host can't be looked at.
    #[error("{}", .0.what)]
    CannotLook(CannotLook),
    /// An image that the lab requires is not there.
    #[error("the lab needs the image {0}, and it is not on this engine")]
    MissingImage(String),
    /// Names that the lab owns are in use.
    #[error("{}", taken(.0))]
    Taken(Vec<Taken>),
    /// Names that the lab owns in this learner's form are in use.
    #[error("{}", taken(.0))]
    TakenAs(Vec<Taken>, AsName),
    /// A lab that was started and not ended owns one of the names: nothing would tell apart what the two make.
    #[error("{lab} is not ended, and owns {} {}, too", .name.kind.word(), .name.name)]
    Shared {
        /// That lab's id, and its learner's `--as` name if it has one.
        lab: String,
        /// The name.
        name: Taken,
    },
    /// The lab has no such step.
    #[error("this lab has no step {0}")]
    NoSuchStep(String),
    /// The state in which a step begins could not be rebuilt.
    #[error("step {step} could not be made: {why}")]
    CatchUp {
        /// The step's number.
        step: usize,
        /// Why not.
        why: String,
    },
    /// What is in the way could not be removed.
    #[error("{name} can't be removed: {why}")]
    NotRemoved {
        /// What it is.
        name: String,
        /// Why not.
        why: String,
    },
    /// Ctrl-C; what was made is removed.
    #[error("interrupted; what was made is removed")]
    Interrupted,
    /// There is no such shell to type at.
    #[error("there is no {0} here to type the solutions into")]
    NoShell(&'static str),
    /// The practice shell can't be run on a terminal.
    #[error("the practice shell cannot be typed at: {0}")]
    Terminal(std::io::Error),
    /// Shell text could not be run.
    #[error("bash cannot be run: {0}")]
    Shell(std::io::Error),
    /// A path that the lab owns is a link of somebody else's.
    #[error("{} is a link that somebody else has put there", .0.display())]
    Planted(std::path::PathBuf),
}

impl From<CannotLook> for EngineError {
    fn from(reason: CannotLook) -> Self {
        Self::CannotLook(reason)
    }
}

fn taken(taken: &[Taken]) -> String {
    let list: Vec<String> = taken.iter().map(|taken| format!("{} {}", taken.kind.word(), taken.name)).collect();
    format!("already here, and not made by this lab: {}", list.join(", "))
}
