//! The folder of a parent: its socket and its hook, for nobody else.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The socket's name in it.
pub(super) const SOCKET: &str = "socket";

/// The command for the shells within the shell.
const LAB: &str = "lab";

/// What the folders' names begin with.
const PREFIX: &str = "labrun-";

/// A folder for one parent, gone when that ends.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Makes it, in the user's runtime folder or the system's for temporary files.
    pub(super) fn make() -> io::Result<Self> {
        let above = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| is_our_own(folder));
        let above = above.unwrap_or_else(std::env::temp_dir);
        Self::make_in(&above)
    }

    fn make_in(above: &Path) -> io::Result<Self> {
        sweep(above);
        // The name can't be guessed, and a folder that is there already is never used.
        let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
        let folder = above.join(format!("{PREFIX}{random:016x}"));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    /// Listens at its socket. That has its name only when somebody listens: between the two it would look deserted.
    pub(super) fn listen(&self) -> io::Result<UnixListener> {
        let unready = self.0.join("unready");
        let listener = UnixListener::bind(&unready)?;
        fs_err::rename(unready, self.0.join(SOCKET))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    /// Writes the command `lab`, for shells in which there is no hook.
    pub(super) fn write_lab(&self) -> io::Result<()> {
        fs_err::write(self.0.join(LAB), include_str!("lab.sh"))
    }

    /// Closes what is in it to everybody else, whatever the umask is.
    pub(super) fn close(&self) -> io::Result<()> {
        for entry in fs_err::read_dir(&self.0)? {
            let entry = entry?;
            let mode = if entry.file_name() == LAB { 0o700 } else { 0o600 };
            fs_err::set_permissions(entry.path(), PermissionsExt::from_mode(mode))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// True for a folder that belongs to us. In another user's, which `su` and `sudo -E` leave in the environment, that user
/// could exchange what we make.
fn is_our_own(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|folder| folder.is_dir() && folder.uid() == rustix::process::geteuid().as_raw())
}

/// Removes the folders of parents that were killed: ours, of such a name, with a socket at which nobody listens.
fn sweep(above: &Path) {
    let ours = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(above).into_iter().flatten().flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        let is_name = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).is_some_and(is_random);
        let is_ours = entry.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == ours);
        if is_name && is_ours && is_deserted(&path.join(SOCKET)) {
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

fn is_random(rest: &str) -> bool {
    rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A socket without a listener; a folder without a socket may be one that is just being made.
fn is_deserted(socket: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    // Connecting to a file that is no socket is refused, too.
    let is_socket = std::fs::symlink_metadata(socket).is_ok_and(|found| found.file_type().is_socket());
    is_socket && matches!(UnixStream::connect(socket), Err(error) if error.kind() == io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deserted_folders_of_parents_are_swept() {
        let above = tempfile::tempdir().expect("a folder");
        let make = |name: &str| {
            let folder = above.path().join(name);
            std::fs::create_dir(&folder).expect("made");
            folder
        };
        let dead = make("labrun-0123456789abcdef");
        drop(UnixListener::bind(dead.join(SOCKET)).expect("a socket"));
        let live = make("labrun-fedcba9876543210");
        let _listener = UnixListener::bind(live.join(SOCKET)).expect("a socket");
        let file = make("labrun-1111111111111111");
        std::fs::write(file.join(SOCKET), "a learner's").expect("written");
        let (new, other) = (make("labrun-00000000ffffffff"), make("labrun-notes"));
        sweep(above.path());
        let exist = [&dead, &live, &new, &other, &file].map(|folder| folder.exists());
        assert_eq!(exist, [false, true, true, true, true]);
    }

    #[test]
    fn another_users_runtime_folder_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(is_our_own(folder.path()));
        std::os::unix::fs::chown(folder.path(), Some(65_534), None)
            .expect("only root can give it away: sudo make test, or run it as root");
        assert!(!is_our_own(folder.path()) && !is_our_own(&folder.path().join("none")));
    }

    #[test]
    fn one_that_is_just_being_made_is_not_swept() {
        let above = tempfile::tempdir().expect("a folder");
        let make = || {
            for _ in 0..500 {
                let folder = Folder::make_in(above.path()).expect("made");
                let listener = folder.listen().expect("it is there");
                drop(UnixStream::connect(folder.0.join(SOCKET)).expect("it listens"));
                drop((folder, listener));
            }
        };
        std::thread::scope(|threads| {
            threads.spawn(make);
            threads.spawn(make);
        });
    }

    #[test]
    fn what_somebody_else_has_planted_is_neither_followed_nor_swept() {
        let (above, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        drop(UnixListener::bind(elsewhere.path().join(SOCKET)).expect("a socket"));
        let link = above.path().join("labrun-0123456789abcdef");
        std::os::unix::fs::symlink(elsewhere.path(), &link).expect("linked");
        let theirs = above.path().join("labrun-fedcba9876543210");
        std::fs::create_dir(&theirs).expect("made");
        drop(UnixListener::bind(theirs.join(SOCKET)).expect("a socket"));
        // Only root can make it somebody else's.
        let given = std::os::unix::fs::chown(&theirs, Some(65_534), None).is_ok();
        sweep(above.path());
        assert!(link.is_symlink() && elsewhere.path().join(SOCKET).exists());
        assert_eq!(theirs.exists(), given);
    }
}
