//! What can end a command early: one message, what to do about it, and an exit code.

use labrun_graders::CannotLook;

use crate::exit::Exit;
use labrun_docker::EndpointError;
use labrun_engine::EngineError;
use labrun_engine::images::ImagesError;
use labrun_lab::LoadError;
use labrun_store::StoreError;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that does not fit.
    #[error("{message}")]
    Usage {
        /// What does not fit.
        message: String,
        /// What to do instead.
        hint: String,
    },
    /// Something around labrun is not as it should be.
    #[error("{message}")]
    Environment {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The lab is not one that can be worked with.
    #[error("{message}")]
    Faulty {
        /// What is wrong with it.
        message: String,
        /// What to do.
        hint: String,
    },
    /// From the engine part.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// About images, from a registry or a file.
    #[error(transparent)]
    Images(ImagesError),
    /// The engine's address can't be found out.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<ImagesError> for Error {
    fn from(error: ImagesError) -> Self {
        match error {
            ImagesError::Lab(error) => error.into(),
            ImagesError::Engine(reason) => reason.into(),
            error => Self::Images(error),
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<CannotLook> for Error {
    fn from(reason: CannotLook) -> Self {
        Self::Engine(reason.into())
    }
}

impl Error {
    /// A command line that does not fit.
    #[must_use]
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// Something around labrun that is not as it should be.
    #[must_use]
    pub fn environment(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Environment { message: message.into(), hint: hint.into() }
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. }
            | Self::Engine(EngineError::Load(LoadError::Unknown { .. }) | EngineError::NoSuchStep(_)) => Exit::Usage,
            Self::Faulty { .. } | Self::Engine(EngineError::Load(_)) => Exit::Lab,
            Self::Images(ImagesError::NotAnImage { .. }) => Exit::Lab,
            Self::Engine(EngineError::Interrupted) | Self::Images(ImagesError::Interrupted) => Exit::NotYet,
            Self::Environment { .. } | Self::Engine(_) | Self::Images(_) | Self::Endpoint(_) => Exit::Environment,
        }
    }

    /// A stable name for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Environment { .. } => "environment",
            Self::Faulty { .. } => "faulty-lab",
            Self::Endpoint(_) => "endpoint",
            Self::Images(error) => error.code(),
            Self::Engine(error) => match error {
                EngineError::Load(LoadError::Unknown { .. }) => "unknown-lab",
                EngineError::Load(LoadError::Read { .. }) => "unreadable-lab",
                EngineError::Load(LoadError::Faulty(_)) => "faulty-lab",
                EngineError::Load(LoadError::Changed) => "changed-lab",
                EngineError::NoSuchStep(_) => "unknown-step",
                EngineError::Store(_) | EngineError::LostName(_) => "store",
                EngineError::CannotLook(reason) => reason.obstacle.code(),
                EngineError::MissingImage(_) => "missing-image",
                EngineError::Taken(_) | EngineError::TakenAs(..) | EngineError::Shared { .. } => "names-taken",
                EngineError::CatchUp { .. } => "catchup",
                EngineError::NotRemoved { .. } => "not-removed",
                EngineError::Interrupted => "interrupted",
                EngineError::NoShell(_) => "no-shell",
                EngineError::Terminal(_) => "no-terminal",
                EngineError::Shell(_) => "no-bash",
                EngineError::Planted(_) => "planted-link",
            },
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Usage { hint, .. } | Self::Environment { hint, .. } | Self::Faulty { hint, .. } => hint.clone(),
            Self::Endpoint(error) => error.remedy(),
            Self::Images(error) => return error.remedy(),
            Self::Engine(error) => match error {
                EngineError::Load(LoadError::Unknown { hint, .. }) => hint.clone(),
                EngineError::Load(LoadError::Read { source, .. }) => source.to_string(),
                EngineError::NoSuchStep(_) => "a number counted from 1, or an id: labrun handout LAB shows them".to_owned(),
                EngineError::Load(LoadError::Changed) => "run it again when nobody edits them".to_owned(),
                EngineError::Load(LoadError::Faulty(_)) | EngineError::Interrupted => return None,
                EngineError::Store(error) => error.remedy(),
                EngineError::LostName(_) => "set LABRUN_HOME to another folder; this one's progress file was changed by something else".to_owned(),
                EngineError::CannotLook(reason) => reason.remedy.clone(),
                EngineError::CatchUp { .. } | EngineError::NotRemoved { .. } => "see what stands in its way, then run it again: it begins anew".to_owned(),
                EngineError::MissingImage(image) => format!("docker pull {image}; or without a network: labrun images load FILE"),
                EngineError::Taken(_) => {
                    "go through the lab with names of your own: add --as NAME; or remove these yourself, if they are yours".to_owned()
                }
                EngineError::TakenAs(_, learner) => {
                    format!("take another name than {learner} with --as; or remove these yourself, if they are yours")
                }
                EngineError::Shared { lab, .. } => {
                    format!("end that one: labrun reset {lab}; or take part under another name: add --as NAME")
                }
                EngineError::NoShell(shell) => format!("install {shell}, or leave --in-shell out"),
                EngineError::Terminal(_) => "leave --in-shell out; and see that /dev/ptmx may be opened".to_owned(),
                EngineError::Planted(_) => "have it removed, or take part under another name: --as NAME".to_owned(),
                EngineError::Shell(_) => "install bash: solutions are written for it".to_owned(),
            },
        })
    }
}
