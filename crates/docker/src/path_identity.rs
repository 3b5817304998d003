//! What tells a path's file or folder from another one that takes its place.
//!
//! Device and inode alone do not: a file system gives the number of a removed folder to the next one. So the time of
//! creation belongs to the identity where the file system records it, and between listing and removing a descriptor is
//! held, which keeps the number in use.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use labrun_graders::Nanos;

/// Returns `DEVICE:INODE`, and `:NANOSECONDS` since 1970 of the creation where the file system records it.
#[must_use]
pub fn of(metadata: &std::fs::Metadata) -> String {
    text(metadata.dev(), metadata.ino(), metadata.created().ok())
}

/// An identity as it is kept in the store.
#[must_use]
pub fn text(device: u64, inode: u64, created: Option<std::time::SystemTime>) -> String {
    let created = created.and_then(|created| created.duration_since(UNIX_EPOCH).ok());
    let created = created.map(|since| format!(":{}", since.as_nanos())).unwrap_or_default();
    format!("{device}:{inode}{created}")
}

/// Returns the time of creation in an identity, in nanoseconds since 1970; `None` if it has none.
#[must_use]
pub fn created(identity: &str) -> Option<Nanos> {
    identity.splitn(3, ':').nth(2)?.parse().ok()
}

/// Returns true if both may be the same file: device and inode agree, and so do the times of creation if both have one.
/// Earlier versions noted none.
#[must_use]
pub fn agree(one: &str, other: &str) -> bool {
    let parts = |identity: &str| {
        let mut parts = identity.splitn(3, ':').map(str::to_owned);
        (parts.next(), parts.next(), parts.next())
    };
    let ((device, inode, created), (other_device, other_inode, other_created)) = (parts(one), parts(other));
    let same_file = (device, inode) == (other_device, other_inode);
    same_file && (created.is_none() || other_created.is_none() || created == other_created)
}

/// Keeps the inode of a listed path in use, so that no other file can get its number.
#[derive(Clone, Debug, Default)]
pub struct Pin(#[allow(dead_code)] Option<Arc<File>>);

impl PartialEq for Pin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Pin {}

impl Pin {
    /// Pins what is at a path, without following a link and without reading it. Where the system cannot do that, the
    /// identity alone has to do.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(open(path).map(|file| Arc::new(File::from(file))))
    }
}

#[cfg(target_os = "linux")]
fn open(path: &Path) -> Option<rustix::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    rustix::fs::open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> Option<rustix::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(path: &Path) -> String {
        of(&std::fs::symlink_metadata(path).expect("there"))
    }

    #[test]
    fn a_pinned_folder_is_told_from_one_made_in_its_place() {
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join("owned");
        for _ in 0..50 {
            std::fs::create_dir(&path).expect("made");
            let (listed, pin) = (identity(&path), Pin::at(&path));
            assert!(agree(&listed, &identity(&path)));
            std::fs::remove_dir(&path).expect("removed");
            std::fs::create_dir(&path).expect("made");
            assert!(!agree(&listed, &identity(&path)), "the same inode, and nothing tells them apart");
            drop(pin);
            std::fs::remove_dir(&path).expect("removed");
        }
    }

    #[test]
    fn a_path_is_pinned_whatever_it_is() {
        let above = tempfile::tempdir().expect("a folder");
        let at = |name: &str| above.path().join(name);
        std::os::unix::fs::symlink("/nowhere", at("link")).expect("linked");
        std::fs::write(at("file"), "").expect("written");
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
            .expect("a pipe");
        for name in ["link", "file", "pipe"] {
            let pin = Pin::at(&at(name));
            assert!(!cfg!(target_os = "linux") || pin.0.is_some(), "{name}");
        }
        assert!(Pin::at(&at("absent")).0.is_none());
    }

    #[test]
    fn an_identity_tells_when_a_file_was_created() {
        assert_eq!((created("1:2:3"), created("1:2"), created("")), (Some(3), None, None));
    }

    #[test]
    fn a_time_of_creation_counts_where_both_have_one() {
        assert!(agree("1:2:3", "1:2:3") && agree("1:2", "1:2:3") && agree("1:2:3", "1:2"));
        assert!(!agree("1:2:3", "1:2:4") && !agree("1:2", "1:3") && !agree("1:2:3", "2:2:3"));
    }
}
