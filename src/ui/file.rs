//! Writing a file so that what was there stays until the new one is whole.

mod over;

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use labrun_process::planted;
use labrun_process::sudo::Invoker;
use labrun_process::sudo::place;

pub use over::{Comment, There, replace_ours, sealed, there};

/// Who may read and write a new file, before the umask takes some of it away.
const MODE: u32 = 0o666;

/// The same, of a new folder.
const FOLDER_MODE: u32 = 0o777;

/// Puts `content` in a file's place, all or nothing. The file keeps its permissions; a new one is given to `owner`, if
/// there is one. A link stays, and what it points at is replaced; into a pipe or a device it is written. What somebody else
/// has put into a common folder is refused. Under sudo the user who ran it writes, and root only where no other
/// user can change the way to the file.
///
/// # Errors
/// When it can't be written; what was there is then as it was.
pub fn replace(path: &Path, content: &[u8], owner: Option<&Invoker>) -> io::Result<()> {
    put(path, content, owner, true)
}

/// As [`replace`], for a file that is not there yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when something is there, and when it can't be written.
pub fn create(path: &Path, content: &[u8], owner: Option<&Invoker>) -> io::Result<()> {
    put(path, content, owner, false)
}

fn put(path: &Path, content: &[u8], owner: Option<&Invoker>, over: bool) -> io::Result<()> {
    let (path, actor) = place(path);
    actor.act(|| put_here(&path, content, owner, over))
}

fn put_here(path: &Path, content: &[u8], owner: Option<&Invoker>, over: bool) -> io::Result<()> {
    if planted::link_on_the_way(path, owner).is_some() || planted::by_somebody_else(path, owner) {
        let why = "somebody else has put it into a folder that everybody may write to; name another place";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    // Where a link points at nothing yet, it is replaced itself.
    let path = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = fs_err::metadata(&path).ok();
    if there.as_ref().is_some_and(std::fs::Metadata::is_dir) {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if there.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return fs_err::OpenOptions::new().write(true).open(&path)?.write_all(content);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = std::fs::Permissions::from_mode(MODE);
    let mut file = tempfile::Builder::new().prefix(".labrun-").permissions(mode).tempfile_in(folder)?;
    file.write_all(content)?;
    match (&there, owner) {
        (Some(metadata), _) => {
            file.as_file().set_permissions(metadata.permissions())?;
            keep_owner(file.as_file(), metadata);
        }
        (None, Some(owner)) => owner.give(file.as_file())?,
        (None, None) => {}
    }
    file.as_file().sync_all()?;
    if over {
        file.persist(&path)?
    } else {
        file.persist_noclobber(&path)?
    };
    Ok(())
}

/// Somebody else's file stays theirs where we may give it; where not, its folder let us replace it anyway.
fn keep_owner(file: &std::fs::File, metadata: &std::fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let (uid, gid) = (rustix::fs::Uid::from_raw(metadata.uid()), rustix::fs::Gid::from_raw(metadata.gid()));
    let _ = rustix::fs::fchown(file, Some(uid), Some(gid));
}

/// Makes a folder with those above it, where they are missing; under sudo all of them are `owner`'s.
///
/// # Errors
/// When one can't be made or given.
pub fn make_folder(folder: &Path, owner: Option<&Invoker>) -> io::Result<()> {
    match owner {
        Some(owner) => owner.make_folder(&std::path::absolute(folder)?, FOLDER_MODE),
        None => fs_err::create_dir_all(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that everybody may write to, into which somebody else has put a link and a file.
    fn common() -> tempfile::TempDir {
        let common = tempfile::tempdir().expect("a folder");
        let at = |name: &str| common.path().join(name);
        std::fs::create_dir(at("target")).expect("made");
        for name in ["link", "ours"] {
            std::os::unix::fs::symlink(at("target"), at(name)).expect("linked");
        }
        std::fs::write(at("file"), "theirs").expect("written");
        for name in ["link", "file"] {
            std::os::unix::fs::lchown(at(name), Some(65_534), None)
                .expect("only root can make it somebody else's: sudo make test, or run it as root");
        }
        std::fs::set_permissions(common.path(), PermissionsExt::from_mode(0o1777)).expect("opened");
        common
    }

    #[test]
    fn a_report_is_not_written_through_a_planted_link_nor_into_a_planted_file() {
        let common = common();
        let at = |name: &str| common.path().join(name);
        std::fs::write(at("target/kept"), "kept").expect("written");
        for name in ["link/kept", "link", "file"] {
            let refused = replace(&at(name), b"new", None);
            assert!(refused.is_err_and(|error| error.to_string().contains("somebody else")), "{name}");
        }
        assert_eq!(std::fs::read_to_string(at("target/kept")).expect("read"), "kept");
        assert_eq!(std::fs::read_to_string(at("file")).expect("read"), "theirs");
        replace(&at("ours/kept"), b"new", None).expect("a link of our own stays one");
    }

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions_and_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("report.html"), folder.path().join("latest"));
        replace(&file, b"one", None).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("set");
        std::os::unix::fs::symlink("report.html", &link).expect("linked");
        replace(&link, b"two", None).expect("written");
        assert_eq!(std::fs::read_to_string(&file).expect("read"), "two");
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
        let left = std::fs::read_dir(folder.path()).expect("read").count();
        assert_eq!(left, 2, "nothing else is left");
    }

    #[test]
    fn a_file_is_created_only_where_nothing_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        create(&at("new"), b"one", None).expect("written");
        let refused = create(&at("new"), b"two", None).expect_err("it is there").kind();
        assert_eq!(refused, io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(at("new")).expect("read"), "one");
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 1, "nothing else is left");
    }

    #[test]
    fn where_it_cannot_be_written_nothing_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(replace(folder.path(), b"new", None).is_err());
        assert!(replace(&folder.path().join("none/report.html"), b"new", None).is_err());
    }

    #[test]
    fn a_pipe_is_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        let reading = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read_to_string(pipe)
        });
        replace(&pipe, b"new", None).expect("written");
        assert_eq!(reading.join().expect("read").expect("read"), "new");
        assert!(!std::fs::metadata(&pipe).expect("there").is_file());
    }
}
