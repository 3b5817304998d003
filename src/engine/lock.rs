//! What only one process at a time does for a session: each has a lock on a file of the progress folder. It is given back
//! when its process ends, however it ends.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use fs_err::os::unix::fs::OpenOptionsExt;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::invoker::Invoker;

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
    pub fn take(folder: &Path, session: i64, owner: Option<&Invoker>) -> std::io::Result<Option<Self>> {
        let file = open(folder, &format!("recorder-{session}.lock"), owner)?;
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
    pub(super) fn take(folder: &Path, verification: i64, owner: Option<&Invoker>) -> std::io::Result<Option<Self>> {
        let file = open(folder, &format!("verification-{verification}.lock"), owner)?;
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
    pub async fn wait(folder: &Path, session: i64, owner: Option<&Invoker>) -> std::io::Result<Self> {
        let file = open(folder, &format!("maker-{session}.lock"), owner)?;
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

fn open(folder: &Path, name: &str, owner: Option<&Invoker>) -> std::io::Result<File> {
    let path = folder.join(name);
    let mut options = fs_err::OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(true).mode(0o600).open(&path)?.into_parts().0;
    if let Some(owner) = owner {
        owner.give(&path)?;
    }
    Ok(file)
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
        let lock = MakerLock::wait(folder.path(), 1, None).await.expect("taken");
        let sleeper = |input| std::process::Command::new("sh").args(["-c", "cat; sleep 0.5"]).stdin(input).spawn();
        let mut child = sleeper(lock.input().expect("shared")).expect("runs");
        drop(lock);
        let is_free = || try_lock(&open(folder.path(), "maker-1.lock", None).expect("opened")).expect("asked");
        assert!(!is_free(), "its command runs");
        let _lock = MakerLock::wait(folder.path(), 1, None).await.expect("waited for");
        assert!(child.wait().expect("ended").success());
        assert!(!is_free(), "we have it");
    }
}
