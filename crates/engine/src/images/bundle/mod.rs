//! The file that images are carried in: a plain tar whose first member lists all others.
//!
//! ```text
//! labrun-bundle.json          the list: what is in it, each with its size and SHA-256
//! images/1-busybox_latest.tar the engine's own export of one image
//! labrun                      this program, if asked for
//! ```
//!
//! Where each member lies follows from the list, so that a file that was copied in part is known by its length alone, and
//! nothing that the list does not name can be in it. Nothing is ever unpacked: the engine gets a member as it is.

mod archive;
mod inner;
mod json;
mod pieces;
mod read;
mod window;
mod write;

pub(super) use inner::names_of;
pub(super) use pieces::Checked;
pub(super) use read::{Bundle, check, open};
use window::Window;
pub(super) use write::Writer;

use serde::{Deserialize, Serialize};

use super::Reference;
use super::fault::BundleFault;

/// The first member's name.
const LIST: &str = "labrun-bundle.json";

/// Where the images' exports are, and the program.
const FOLDER: &str = "images/";
const PROGRAM: &str = "labrun";

/// The layout that this labrun writes, and the only one that it reads.
const FORMAT: u32 = 1;

/// What a tar is made of, in bytes.
const BLOCK: u64 = 512;

/// The most that a list may have, in bytes.
const MAX_LIST: u64 = 1024 * 1024;

/// How much is read or written at once, in bytes.
pub(super) const CHUNK: usize = 256 * 1024;

/// The list: what a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout's number.
    pub format: u32,
    /// The version of the labrun that wrote it.
    pub labrun: String,
    /// The track or lab that it was saved for.
    pub labs: String,
    /// What its images were built for, as Go calls it.
    pub architecture: String,
    /// What follows the list, in this order.
    pub members: Vec<Member>,
}

/// One file in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name in the tar.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The image that it is the export of; none for another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The image's layers, by the hash of what is in them: the same in every image store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
}

impl Manifest {
    /// An empty list for images of this architecture.
    #[must_use]
    pub fn new(labs: &str, architecture: &str) -> Self {
        Self {
            format: FORMAT,
            labrun: env!("CARGO_PKG_VERSION").to_owned(),
            labs: labs.to_owned(),
            architecture: architecture.to_owned(),
            members: Vec::new(),
        }
    }

    /// Adds an image; its size and hash are found when it is written.
    pub fn add_image(&mut self, image: &Reference, layers: Vec<String>) {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-._".contains(letter) { letter } else { '_' };
        // A tar's header has room for 100 bytes.
        let readable: String = image.to_string().chars().map(plain).take(64).collect();
        let name = format!("{FOLDER}{}-{readable}.tar", self.members.len() + 1);
        let image = Some(image.to_string());
        self.members.push(Member { name, bytes: 0, sha256: String::new(), image, layers });
    }

    /// Adds the program.
    pub fn add_program(&mut self) {
        let (name, sha256) = (PROGRAM.to_owned(), String::new());
        self.members.push(Member { name, bytes: 0, sha256, image: None, layers: Vec::new() });
    }
}

/// A size in whole blocks; `None` for one that no file has.
fn padded(bytes: u64) -> Option<u64> {
    bytes.checked_next_multiple_of(BLOCK)
}

/// A hash as text.
fn hex(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
