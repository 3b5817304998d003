//! What only one process at a time does for a session: each has a lock on a file of the progress folder. It is given back
//! when its process ends, however it ends.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use fs_err::os::unix::fs::OpenOptionsExt;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

/// How long another one's work is waited for, and how often it is looked whether it has ended. A solution that takes
/// longer than this is one that somebody else runs at the same time on purpose.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(20);

/// The right to record a session.
#[derive(Debug)]
pub struct RecorderLock(#[allow(dead_code)] File);

impl RecorderLock {
    /// Takes it, if nobody has it.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn take(folder: &Path, session: i64) -> std::io::Result<Option<Self>> {
        let file = open(folder, &format!("recorder-{session}.lock"))?;
        Ok(try_lock(&file)?.then_some(Self(file)))
    }
}

/// Held as long as a way through a lab goes on: what it has noted is no leftover meanwhile.
#[derive(Debug)]
pub(super) struct VerificationLock(#[allow(dead_code)] File);

impl VerificationLock {
    /// Takes it, if no process has it.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub(super) fn take(folder: &Path, verification: i64) -> std::io::Result<Option<Self>> {
        let file = open(folder, &format!("verification-{verification}.lock"))?;
        Ok(try_lock(&file)?.then_some(Self(file)))
    }

    /// Takes the file away, after its row is gone.
    pub(super) fn forget(self, folder: &Path, verification: i64) {
        let _ = fs_err::remove_file(folder.join(format!("verification-{verification}.lock")));
    }
}

/// The right to make and to remove a session's things.
///
/// A process that was killed leaves the commands of a solution running, and these make more things. So they hold the lock
/// too: it is their standard input, an empty file.
#[derive(Debug)]
pub struct MakerLock(File);

impl MakerLock {
    /// Takes it; after ten seconds also where somebody still has it, since a command may run for as long as it likes.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub async fn wait(folder: &Path, session: i64) -> std::io::Result<Self> {
        let file = open(folder, &format!("maker-{session}.lock"))?;
        let began = Instant::now();
        while !try_lock(&file)? && began.elapsed() < PATIENCE {
            tokio::time::sleep(AGAIN).await;
        }
        Ok(Self(file))
    }

    /// The standard input of a command that holds the lock as long as it runs.
    pub(super) fn input(&self) -> std::io::Result<Stdio> {
        self.0.try_clone().map(Stdio::from)
    }
}

/// Opens a lock file, making it where it is missing. What is in it stays, and no link is followed: in a folder that
/// another user may change, it could lead to any file of ours.
fn open(folder: &Path, name: &str) -> std::io::Result<File> {
    let path = folder.join(name);
    let refused = |what: &str| {
        let why = format!("{} {what}: labrun makes this file itself; remove it", path.display());
        std::io::Error::new(ErrorKind::InvalidInput, why)
    };
    // A pipe is not waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = fs_err::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let opened = options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default()).open(&path);
    let is_link = || std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
    let file = opened.map_err(|error| if is_link() { refused("is a link") } else { error })?.into_parts().0;
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused("is not a regular file")) }
}

fn try_lock(file: &File) -> std::io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_of_one_that_is_gone_still_holds_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = MakerLock::wait(folder.path(), 1).await.expect("taken");
        let sleeper = |input| std::process::Command::new("sh").args(["-c", "cat; sleep 0.5"]).stdin(input).spawn();
        let mut child = sleeper(lock.input().expect("shared")).expect("runs");
        drop(lock);
        let is_free = || try_lock(&open(folder.path(), "maker-1.lock").expect("opened")).expect("asked");
        assert!(!is_free(), "its command runs");
        let _lock = MakerLock::wait(folder.path(), 1).await.expect("waited for");
        assert!(child.wait().expect("ended").success());
        assert!(!is_free(), "we have it");
    }

    #[test]
    fn a_lock_file_keeps_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("recorder-1.lock");
        std::fs::write(&path, "a note").expect("written");
        let lock = RecorderLock::take(folder.path(), 1).expect("opened");
        assert!(lock.is_some() && RecorderLock::take(folder.path(), 1).expect("opened").is_none());
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "a note");
    }

    #[tokio::test]
    async fn a_lock_file_that_is_a_link_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("target"), "kept").expect("written");
        std::os::unix::fs::symlink("target", at("recorder-1.lock")).expect("linked");
        std::os::unix::fs::symlink("nowhere", at("maker-1.lock")).expect("linked");
        let error = RecorderLock::take(folder.path(), 1).expect_err("refused").to_string();
        assert!(error.contains("recorder-1.lock is a link: labrun makes this file itself; remove it"), "{error}");
        let error = MakerLock::wait(folder.path(), 1).await.expect_err("refused").to_string();
        assert!(error.contains("maker-1.lock is a link"), "{error}");
        assert_eq!(std::fs::read_to_string(at("target")).expect("read"), "kept");
        assert!(!at("nowhere").exists());
    }

    #[test]
    fn only_a_regular_file_is_a_lock_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let made = rustix::fs::mknodat(rustix::fs::CWD, at("recorder-1.lock"), rustix::fs::FileType::Fifo, mode, 0);
        made.expect("a pipe");
        let error = RecorderLock::take(folder.path(), 1).expect_err("refused").to_string();
        assert!(error.contains("is not a regular file"), "{error}");
        std::fs::create_dir(at("recorder-2.lock")).expect("made");
        let error = RecorderLock::take(folder.path(), 2).expect_err("refused").to_string();
        assert!(error.contains("directory"), "{error}");
    }
}
