//! Why images could not be looked at, brought or carried.

use std::io;
use std::path::PathBuf;

use labrun_graders::CannotLook;

use super::fault::BundleFault;
use super::reference::NotAReference;
use labrun_lab::LoadError;

/// Why it did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// The lab can't be loaded, or there is none of this name.
    #[error(transparent)]
    Lab(#[from] LoadError),
    /// What a lab requires is no name of an image.
    #[error("lab {lab} requires the image {image:?}, which is no image's name: {why}")]
    NotAnImage {
        /// The lab.
        lab: String,
        /// What it requires.
        image: String,
        /// Why that is no name.
        why: NotAReference,
    },
    /// The engine does not answer, or not well.
    #[error("{}", .0.what)]
    Engine(CannotLook),
    /// A registry, or the way to it.
    #[error("{image} could not be pulled: {said}")]
    Pull {
        /// The image.
        image: String,
        /// What the engine said.
        said: String,
        /// A stable name for the kind of trouble.
        code: &'static str,
        /// What to do about it.
        remedy: String,
    },
    /// Nothing moved for too long.
    #[error("{what}: nothing has moved for {seconds} s")]
    Stalled {
        /// What was done.
        what: String,
        /// How long it was waited.
        seconds: u64,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Images that should be saved are not there.
    #[error("not on this engine: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// An image whose name a file can't carry.
    #[error("{0} is named by its digest, and an engine forgets digests when it loads a file")]
    Digest(String),
    /// The labs require no image.
    #[error("{0} requires no image, so there is nothing to save")]
    Nothing(String),
    /// The images are for several architectures.
    #[error("a file holds images for one architecture, and these are for several: {}", .0.join(", "))]
    Mixed(Vec<String>),
    /// The file is there already, or the one that it is written to first.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// A file can't be read or written.
    #[error("{} cannot be {what}: {source}", path.display())]
    File {
        /// `read` or `written`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no whole bundle.
    #[error("{} {fault}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: BundleFault,
    },
    /// The bundle's images are for another architecture than the engine's.
    #[error("this file's images are for {bundle}, and the engine's machine is {engine}")]
    Architecture {
        /// What the images are for.
        bundle: String,
        /// What the engine runs on.
        engine: String,
    },
    /// What was loaded is not what was saved.
    #[error("{image} was loaded, but its layers are not those that were saved")]
    OtherLayers {
        /// The image.
        image: String,
    },
    /// Somebody wanted it to end.
    #[error("interrupted; nothing half done is left behind")]
    Interrupted,
}

impl From<CannotLook> for ImagesError {
    fn from(reason: CannotLook) -> Self {
        Self::Engine(reason)
    }
}

impl ImagesError {
    /// A stable name for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Lab(_) => "lab",
            Self::NotAnImage { .. } => "faulty-lab",
            Self::Engine(reason) => reason.obstacle.code(),
            Self::Pull { code, .. } => code,
            Self::Stalled { .. } => "stalled",
            Self::Missing(_) => "missing-image",
            Self::Digest(_) => "named-by-digest",
            Self::Nothing(_) => "no-images",
            Self::Mixed(_) => "several-architectures",
            Self::Exists(_) => "file-exists",
            Self::File { .. } => "file",
            Self::Bundle { fault, .. } => fault.code(),
            Self::Architecture { .. } => "other-architecture",
            Self::OtherLayers { .. } => "other-layers",
            Self::Interrupted => "interrupted",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Lab(_) | Self::Interrupted => return None,
            Self::NotAnImage { .. } => "correct it under `requires` in the lab's lab.yaml".to_owned(),
            Self::Engine(reason) => reason.remedy.clone(),
            Self::Pull { remedy, .. } => remedy.clone(),
            Self::Stalled { remedy, .. } => (*remedy).to_owned(),
            Self::Missing(_) => "pull them first: labrun images pull".to_owned(),
            Self::Digest(_) => "let the lab require a tag, as name:1.2".to_owned(),
            Self::Nothing(_) => "labrun images check shows what the labs require".to_owned(),
            Self::Mixed(_) => {
                "pull those of the other architecture anew: docker pull --platform linux/ARCH IMAGE".to_owned()
            }
            Self::Exists(_) => "remove it, or name another file".to_owned(),
            Self::File { source, .. } => of_file(source).to_owned(),
            Self::Bundle { fault, .. } => fault.remedy().to_owned(),
            Self::Architecture { engine, .. } => {
                format!(
                    "take the file whose name ends in -{engine}.tar; labrun images save makes one where such images are"
                )
            }
            Self::OtherLayers { image } => format!("remove it (docker image rm {image}) and load again"),
        })
    }

    /// A file could not be read.
    pub(super) fn reading(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what: "read", path, source }
    }

    /// A file could not be written.
    pub(super) fn writing(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what: "written", path, source }
    }
}

/// What to do about a file that can't be read or written.
fn of_file(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "see whether the folder and the name are right",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a place that is yours, or make it so"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room there, or choose another place",
        // FAT32, as many sticks have it, takes files up to 4 GB.
        io::ErrorKind::FileTooLarge => "use a stick with exFAT or ext4; FAT32 takes no file of 4 GB or more",
        _ => "see whether the medium is still there; then try again",
    }
}
