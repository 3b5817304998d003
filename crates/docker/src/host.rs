//! Files on the learner's own host.
//!
//! A path may be a pipe, a device or on a file system that hangs: opening never blocks, and the looking happens on a
//! thread that nobody waits for longer than the deadline.

use std::fs::Metadata;
use std::io::{self, Read};
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use labrun_graders::fact::{FileKind, HostPath, Owner};
use labrun_graders::{CannotLook, Fact, Nanos, Obstacle};
#[cfg(target_os = "linux")]
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2};

use super::path_identity;
use super::sight::{Aspect, Sight};
use labrun_process::sudo::as_root;
#[cfg(target_os = "linux")]
use labrun_process::sudo::is_raised;

const DEADLINE: Duration = Duration::from_secs(2);

/// What stands at a path of the host's.
pub(super) async fn file(path: &str, aspect: Aspect) -> Result<Fact, CannotLook> {
    let name = path.to_owned();
    let sight = aside_for(path, move |path| look_at(path, aspect)).await?;
    sight.map_or(Ok(Fact::Absent), |sight| sight.fact(aspect, &name))
}

/// Who made what stands at a path of the host's, and whether anything is in it.
pub(super) async fn path(path: &str) -> Result<Fact, CannotLook> {
    aside(path, stat).await
}

/// Where a path of the host's leads.
pub(super) async fn real_path(path: &str) -> Result<Fact, CannotLook> {
    aside(path, follow).await
}

/// Looks on a thread of its own, and tells the trouble.
async fn aside(path: &str, look: fn(&Path) -> io::Result<Fact>) -> Result<Fact, CannotLook> {
    aside_for(path, look).await
}

async fn aside_for<T: Send + 'static>(
    path: &str,
    look: impl Fn(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, CannotLook> {
    let owned = path.to_owned();
    let look = move || match look(Path::new(&owned)) {
        // Under sudo root can read what a container has written as root, though through no link.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => as_root(|| look(Path::new(&owned))),
        looked => looked,
    };
    match apart(look).await {
        Some(Ok(fact)) => Ok(fact),
        Some(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            let remedy = "make it readable for yourself; what a container wrote often belongs to root";
            Err(CannotLook::new(Obstacle::Denied, format!("you may not read {path}"), remedy))
        }
        Some(Err(error)) if error.kind() == io::ErrorKind::Unsupported => {
            let what = format!("the mode and the owner of {path} cannot be seen: its file system keeps none");
            Err(CannotLook::new(Obstacle::Unseen, what, "use a folder on a disk of Linux's own, such as /tmp"))
        }
        Some(Err(error)) => {
            Err(CannotLook::new(Obstacle::Broken, format!("{path} cannot be read: {error}"), "try again"))
        }
        None => {
            let what = format!("{path} could not be read within {} seconds", DEADLINE.as_secs());
            Err(CannotLook::new(Obstacle::Timeout, what, "see whether its file system answers: ls -l"))
        }
    }
}

/// Works on a thread of its own; `None` where it has not ended by the deadline.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = sender.send(work());
    });
    tokio::time::timeout(DEADLINE, receiver).await.ok()?.ok()
}

fn follow(path: &Path) -> io::Result<Fact> {
    match std::fs::canonicalize(path) {
        Ok(path) => Ok(Fact::RealPath(path.to_string_lossy().into_owned())),
        Err(error) if is_absence(&error) => Ok(Fact::Absent),
        Err(error) => Err(error),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What is known of a path; `None` if there is nothing.
fn metadata(path: &Path) -> io::Result<Option<Metadata>> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn look_at(path: &Path, aspect: Aspect) -> io::Result<Option<Sight>> {
    let Some(metadata) = metadata(path)? else { return Ok(None) };
    let (kind, size) = (kind(&metadata), metadata.len());
    if aspect == Aspect::Access && !keeps_access(path)? {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let bytes = if aspect.reads(kind, size) { content(path, aspect.most())? } else { None };
    // Elsewhere a machine of the engine's own is between its files and these.
    let owner =
        cfg!(target_os = "linux").then(|| Owner { user: u64::from(metadata.uid()), group: u64::from(metadata.gid()) });
    let (mode, modified) = (metadata.mode() & 0o7777, modified(&metadata));
    Ok(Some(Sight { kind, size, mode, modified, owner, bytes }))
}

/// Whether the file system has modes and owners of its own: those of Windows and of shares give the same for all.
#[cfg(target_os = "linux")]
fn keeps_access(path: &Path) -> io::Result<bool> {
    // FAT, exFAT, NTFS (both drivers), 9P, SMB (all three), FUSE, and VirtualBox's shares: linux/magic.h, statfs(2).
    const WITHOUT: [u32; 10] = [
        0x4d44,
        0x2011_bab0,
        0x5346_544e,
        0x7366_746e,
        0x0102_1997,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x786f_4256,
    ];
    let found = rustix::fs::statfs(path)?.f_type;
    // The number is signed on some machines, and wider on others.
    Ok(!WITHOUT.iter().any(|kind| i128::from(found) & 0xffff_ffff == i128::from(*kind)))
}

#[cfg(not(target_os = "linux"))]
fn keeps_access(_: &Path) -> io::Result<bool> {
    Ok(true)
}

fn kind(metadata: &Metadata) -> FileKind {
    match metadata.file_type() {
        kind if kind.is_file() => FileKind::Regular,
        kind if kind.is_dir() => FileKind::Directory,
        _ => FileKind::Other,
    }
}

fn modified(metadata: &Metadata) -> Option<Nanos> {
    metadata.mtime().checked_mul(1_000_000_000).and_then(|at| at.checked_add(metadata.mtime_nsec()))
}

fn stat(path: &Path) -> io::Result<Fact> {
    let Some(metadata) = metadata(path)? else { return Ok(Fact::Absent) };
    let empty = metadata.is_dir() && std::fs::read_dir(path)?.next().is_none();
    let (kind, changed) = (kind(&metadata), modified(&metadata));
    Ok(Fact::HostPath(HostPath { kind, owner: metadata.uid(), empty, changed }))
}

/// Opens a regular file. What was one a moment ago may be something else now: a pipe must not wait for a writer, and a
/// device may act when it is opened, above all for root.
#[cfg(target_os = "linux")]
fn open(path: &Path) -> io::Result<Option<std::fs::File>> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let found = match is_raised() {
        // A link of the user's would show them any file of root's.
        true => openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)?,
        false => openat(CWD, path, flags, Mode::empty())?,
    };
    let is_file = FileType::from_raw_mode(fstat(&found)?.st_mode) == FileType::RegularFile;
    let reopened = || std::fs::File::open(format!("/proc/self/fd/{}", found.as_raw_fd()));
    is_file.then(reopened).transpose()
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> io::Result<Option<std::fs::File>> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    Ok(file.metadata()?.is_file().then_some(file))
}

fn content(path: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= most).then_some(bytes))
}

/// What stands at a path, without following it where it is a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// Something.
    There {
        /// Device, inode and, where it is recorded, the time of creation: they tell it from something else at the path.
        identity: String,
        /// Files below it, counted up to 1,000; 1 for a file.
        files: usize,
    },
}

/// Looks whether something is at a path.
///
/// # Errors
/// When the path cannot be looked at, other than for its absence.
pub fn presence(path: &Path) -> io::Result<Presence> {
    // Under sudo root also counts what a container has closed to others; nothing is opened but folders.
    as_root(|| look_for(path))
}

fn look_for(path: &Path) -> io::Result<Presence> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Presence::There {
            identity: path_identity::of(&metadata),
            files: if metadata.is_dir() { count(path, 1_000) } else { 1 },
        }),
        Err(error) if is_absence(&error) => Ok(Presence::Absent),
        Err(error) => Err(error),
    }
}

fn count(folder: &Path, at_most: usize) -> usize {
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => files += 1,
            }
            if files + folders.len() >= at_most {
                return at_most;
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_path_tells_who_made_it_and_whether_it_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::fs::create_dir(at("empty")).expect("made");
        std::fs::write(at("file"), "").expect("written");
        let seen = async |name: &str| match path(&at(name)).await {
            Ok(Fact::HostPath(seen)) => Some((seen.kind, seen.owner, seen.empty, seen.changed.is_some())),
            _ => None,
        };
        let me = rustix::process::getuid().as_raw();
        assert_eq!(seen("empty").await, Some((FileKind::Directory, me, true, true)));
        assert_eq!(seen("").await, Some((FileKind::Directory, me, false, true)));
        assert_eq!(seen("file").await, Some((FileKind::Regular, me, false, true)));
        assert_eq!(seen("absent").await, None);
        assert_eq!(seen("file/below").await, None);
    }

    #[tokio::test]
    async fn odd_files_are_seen_for_what_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::fs::write(at("text"), "one\n").expect("written");
        std::fs::write(at("large"), vec![b'x'; crate::MAX_CONTENT + 1]).expect("written");
        std::os::unix::fs::symlink(at("text"), at("link")).expect("linked");
        std::os::unix::fs::symlink(at("loop"), at("loop")).expect("linked");
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
            .expect("a pipe");
        let content = async |name: &str| match file(&at(name), Aspect::Text).await {
            Ok(Fact::File(file)) => Ok(Some((file.kind, file.content))),
            Ok(_) => Ok(None),
            Err(reason) => Err(reason.obstacle),
        };
        assert_eq!(content("text").await, Ok(Some((FileKind::Regular, Some("one\n".to_owned())))));
        assert_eq!(content("link").await, Ok(Some((FileKind::Regular, Some("one\n".to_owned())))));
        assert_eq!(content("large").await, Ok(Some((FileKind::Regular, None))));
        assert_eq!(content("pipe").await, Ok(Some((FileKind::Other, None))));
        assert_eq!(content("").await, Ok(Some((FileKind::Directory, None))));
        assert_eq!(content("absent").await, Ok(None));
        assert_eq!(content("text/below").await, Ok(None));
        assert_eq!(content("loop").await, Err(Obstacle::Broken));
        let real = folder.path().canonicalize().expect("a folder").join("text").to_string_lossy().into_owned();
        assert_eq!(real_path(&at("link")).await, Ok(Fact::RealPath(real.clone())));
        assert_eq!(real_path(&at("./text")).await, Ok(Fact::RealPath(real)));
        assert_eq!(real_path(&at("absent")).await, Ok(Fact::Absent));
    }

    #[tokio::test]
    async fn what_has_no_end_is_not_read_to_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let sparse = std::fs::File::create(at("sparse")).expect("made");
        sparse.set_len(10 * 1024 * 1024 * 1024).expect("it takes no room");
        std::fs::create_dir(at("crowded")).expect("made");
        for number in 0..5_000 {
            std::fs::write(folder.path().join(format!("crowded/{number}")), "").expect("written");
        }
        let seen = async |path: &str| match file(path, Aspect::Text).await {
            Ok(Fact::File(file)) => (file.kind, file.content),
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(seen(&at("sparse")).await, (FileKind::Regular, None));
        assert_eq!(seen("/dev/zero").await, (FileKind::Other, None));
        // It says that it has 0 bytes.
        let (kind, status) = seen("/proc/self/status").await;
        assert!(kind == FileKind::Regular && status.is_some_and(|status| status.starts_with("Name:")));
        let Ok(Fact::HostPath(crowded)) = path(&at("crowded")).await else { panic!("it is there") };
        assert!(!crowded.empty);
        assert!(matches!(presence(&folder.path().join("crowded")), Ok(Presence::There { files: 1_000, .. })));
    }
}
