//! What is at a path, and what of it a question is about: its text, its members, its checksums, or its mode and owner.

use labrun_graders::fact::{Access, Digest, File, FileKind, Owner};
use labrun_graders::{Ask, CannotLook, Fact, Nanos, Obstacle, Place};
use sha2::{Digest as _, Sha256, Sha512};

use super::{MAX_CONTENT, unpack};

/// The most bytes of a file that is not shown as text. An engine's answer about one thing has at most 2 MiB.
const MAX_BYTES: usize = 1024 * 1024;

/// What a question wants to know of what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    Text,
    Archive,
    Digest,
    Access,
}

impl Aspect {
    /// What a question is about, and where; `None` for one that is not about a file.
    pub(super) fn of(ask: &Ask) -> Option<(Self, &Place, &str)> {
        match ask {
            Ask::File { place, path } => Some((Self::Text, place, path)),
            Ask::Archive { place, path } => Some((Self::Archive, place, path)),
            Ask::Digest { place, path } => Some((Self::Digest, place, path)),
            Ask::Access { place, path } => Some((Self::Access, place, path)),
            _ => None,
        }
    }

    /// The most bytes of a regular file that are read for it.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Text => MAX_CONTENT,
            Self::Archive | Self::Digest => MAX_BYTES,
            Self::Access => 0,
        }
    }

    /// Whether a file of this size is read.
    pub(super) fn reads(self, kind: FileKind, size: u64) -> bool {
        self != Self::Access && kind == FileKind::Regular && size <= self.most() as u64
    }
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) kind: FileKind,
    /// Bytes.
    pub(super) size: u64,
    /// At most 0o7777.
    pub(super) mode: u32,
    pub(super) modified: Option<Nanos>,
    /// Only where it was asked for.
    pub(super) owner: Option<Owner>,
    /// The content of a regular file, where it was asked for and no larger than the bound.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Sight {
    /// The answer to a question about `path`.
    pub(super) fn fact(self, aspect: Aspect, path: &str) -> Result<Fact, CannotLook> {
        let Self { kind, size, mode, modified, owner, bytes } = self;
        match (aspect, bytes) {
            (Aspect::Text, bytes) => {
                let content = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                Ok(Fact::File(File { kind, size, mode, modified, content }))
            }
            (Aspect::Access, _) => Ok(Fact::Access(Access { mode, owner })),
            (Aspect::Archive | Aspect::Digest, _) if kind != FileKind::Regular => Ok(Fact::Absent),
            (Aspect::Archive, Some(bytes)) => unpack::archive(&bytes).map(Fact::Archive).ok_or_else(|| {
                let what = format!("{path} unpacks to more than labrun reads");
                CannotLook::new(Obstacle::TooLarge, what, "pack only what the task asks for")
            }),
            (Aspect::Digest, Some(bytes)) => {
                Ok(Fact::Digest(Digest { sha256: hex(&Sha256::digest(&bytes)), sha512: hex(&Sha512::digest(&bytes)) }))
            }
            (Aspect::Archive | Aspect::Digest, None) => {
                let what = format!("{path} has {size} bytes; so much is not read");
                let remedy = "make it smaller: the task needs only a few small files";
                Err(CannotLook::new(Obstacle::TooLarge, what, remedy))
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
