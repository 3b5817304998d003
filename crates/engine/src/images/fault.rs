//! What can be wrong with a file that should be a bundle.

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    /// A folder, a pipe, a device.
    #[error("is no regular file")]
    NotAFile,
    /// Something else.
    #[error("is no file that labrun images save made")]
    Foreign,
    /// A list that can't be read.
    #[error("has a list of contents that cannot be read: {0}")]
    List(String),
    /// One from a later labrun.
    #[error("was made by a newer labrun ({labrun}; layout {format})")]
    Newer {
        /// That labrun's version.
        labrun: String,
        /// Its layout's number.
        format: u32,
    },
    /// A copy that broke off.
    #[error("is only a part: it has {has} of {whole} bytes")]
    Part {
        /// How long it is.
        has: u64,
        /// How long its list says it is.
        whole: u64,
    },
    /// Something that the list does not name.
    #[error("holds {found:?} where its list says {listed:?}")]
    Unlisted {
        /// What is there.
        found: String,
        /// What should be.
        listed: String,
    },
    /// More than the list names.
    #[error("goes on for {0} bytes after what its list names")]
    Longer(u64),
    /// Something where a tar has only zeros: `tar` would unpack it.
    #[error("holds something between or behind what its list names")]
    Filled,
    /// Other bytes than were written.
    #[error("is damaged: {0} is not what was saved")]
    Damaged(String),
    /// Other bytes than were checked a moment before.
    #[error("was changed while it was loaded")]
    Changed,
    /// An export that would bring other images than the list says.
    #[error("would bring {found} as {listed}")]
    OtherNames {
        /// The names in the export.
        found: String,
        /// The name in the list.
        listed: String,
    },
    /// An export that is none.
    #[error("has {0}, which is no engine's export of an image")]
    NoExport(String),
}

impl BundleFault {
    /// A stable name for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAFile | Self::Foreign => "no-bundle",
            Self::Newer { .. } => "newer-bundle",
            Self::Part { .. } => "half-a-bundle",
            Self::Damaged(_) => "damaged-bundle",
            Self::Changed => "changed-bundle",
            Self::List(_)
            | Self::Unlisted { .. }
            | Self::Longer(_)
            | Self::Filled
            | Self::OtherNames { .. }
            | Self::NoExport(_) => "altered-bundle",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotAFile | Self::Foreign => "name the .tar file that labrun images save made",
            Self::Newer { .. } => "use that labrun; it may be in the file: tar -xf FILE labrun",
            Self::Part { .. } | Self::Damaged(_) => "copy it again, and eject the stick before you pull it out",
            Self::Changed => "copy it to a folder that only you can write to, and load that copy",
            Self::List(_)
            | Self::Unlisted { .. }
            | Self::Longer(_)
            | Self::Filled
            | Self::OtherNames { .. }
            | Self::NoExport(_) => "it was changed: take it from where it was made, or save it again",
        }
    }
}
