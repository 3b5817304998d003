//! The folder of a lab or track: labrun reads files of that folder itself, and nothing else through it.
//!
//! A stranger's folder could have a link, a pipe or a device in place of a file. labrun shows lines of these files, so a
//! link would show any file that labrun may read. It could also be exchanged at any moment: the kind of a file is that
//! of the open file, never that of a name looked at before.
//!
//! A hard link looks like any file: only its count of names shows it, and not where the others are. Copies made by
//! `cp -l` or backups have such counts, too. labrun refuses one only where the file belongs to another user than the
//! folder: that is what a link to a stranger's file looks like.

use std::io::{self, Read};
use std::path::Path;

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, MetadataExt, OpenOptions};

/// A folder, held open.
#[derive(Debug)]
pub(super) struct LabFolder {
    dir: Dir,
    /// The user whom the folder belongs to.
    owner: u32,
}

impl LabFolder {
    /// Opens a folder.
    ///
    /// # Errors
    /// When it is not there, may not be read, or is no folder.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        let owner = dir.dir_metadata()?.uid();
        Ok(Self { dir, owner })
    }

    /// The text of a file in it, up to one byte more than `limit`.
    ///
    /// # Errors
    /// When it is a link, another user's file with several names, no regular file or no UTF-8; or can't be read.
    pub(super) fn text(&self, name: &str, limit: usize) -> io::Result<String> {
        let (file, metadata) = open_regular(&self.dir, Path::new(name))?;
        if metadata.nlink() > 1 && metadata.uid() != self.owner {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is a hard link to a file of another user than the folder's owner",
            ));
        }
        let mut text = String::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).min(limit));
        file.take(limit as u64 + 1).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Whether something has this name in it: also a link, and whatever is wrong with it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.dir.symlink_metadata(name).is_ok()
    }

    /// Whether a folder in it, and no link to one, has a regular file of this name.
    pub(super) fn has_file_below(&self, folder: &str, name: &str) -> bool {
        let is = |path: &Path| self.dir.symlink_metadata(path).ok().map(|found| (found.is_dir(), found.is_file()));
        is(Path::new(folder)) == Some((true, false)) && is(&Path::new(folder).join(name)) == Some((false, true))
    }
}

/// Opens a regular file, never through a link, without waiting for a pipe's writer.
///
/// # Errors
/// When it is something else, or can't be opened.
pub(super) fn open_regular(dir: &Dir, name: &Path) -> io::Result<(File, Metadata)> {
    let refused = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
    // For the message alone: what decides is how it is opened.
    if dir.symlink_metadata(name)?.is_symlink() {
        return Err(refused("it is a link, and labrun reads only files of the folder itself"));
    }
    let mut options = OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No).nonblock(true);
    let file = dir.open_with(name, &options)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(refused("it is not a regular file")) }
}

/// Whether there is something of this name in a folder: also a link, and whatever is wrong with it.
#[must_use]
pub fn has_entry(folder: &Path, name: &str) -> bool {
    LabFolder::open(folder).is_ok_and(|folder| folder.has(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::{Duration, Instant};

    use rustix::fs::{AtFlags, CWD, FileType, Mode, Uid, chownat, mknodat};

    use super::*;

    fn folder() -> (tempfile::TempDir, LabFolder) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("lab.yaml"), "title: x\n").expect("written");
        std::fs::write(folder.path().join("secret"), "secret").expect("written");
        let open = LabFolder::open(folder.path()).expect("a folder");
        (folder, open)
    }

    #[test]
    fn only_regular_files_of_the_folder_are_read() {
        let (folder, open) = folder();
        let at = |name: &str| folder.path().join(name);
        symlink("/etc/hostname", at("absolute")).expect("linked");
        symlink("secret", at("within")).expect("linked");
        symlink("/proc/self/environ", at("process")).expect("linked");
        symlink("absolute", at("chain")).expect("linked");
        symlink("nowhere", at("dangling")).expect("linked");
        std::fs::create_dir(at("folder")).expect("made");
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
        let began = Instant::now();
        for name in
            ["absolute", "within", "process", "chain", "dangling", "folder", "pipe", "socket", "none", "../secret"]
        {
            let read = open.text(name, 100);
            assert!(read.is_err(), "{name}: {read:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "a pipe is not waited for");
        assert_eq!(open.text("lab.yaml", 100).expect("read"), "title: x\n");
        assert!(open.has("dangling") && open.has("pipe") && !open.has("none"));
    }

    #[test]
    fn a_huge_file_is_read_to_its_limit() {
        let (folder, open) = folder();
        let file = std::fs::File::create(folder.path().join("huge")).expect("made");
        file.set_len(1 << 40).expect("sparse");
        assert_eq!(open.text("huge", 1000).expect("read").len(), 1001);
    }

    #[test]
    fn a_hard_link_to_another_users_file_is_refused() {
        let (folder, open) = folder();
        let at = |name: &str| folder.path().join(name);
        std::fs::hard_link(at("lab.yaml"), at("copy")).expect("linked");
        assert_eq!(open.text("copy", 100).expect("a copy of one's own"), "title: x\n");
        chownat(CWD, at("secret"), Some(Uid::from_raw(65_534)), None, AtFlags::SYMLINK_NOFOLLOW)
            .expect("only root can make it another user's: run the tests as root");
        assert_eq!(open.text("secret", 100).expect("one name"), "secret");
        std::fs::hard_link(at("secret"), at("lab2.yaml")).expect("linked");
        assert!(open.text("lab2.yaml", 100).is_err());
    }

    #[test]
    fn a_lab_behind_a_link_is_none_of_a_track() {
        let (folder, open) = folder();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).expect("made");
        std::fs::write(at("real/lab.yaml"), "").expect("written");
        symlink("real", at("link")).expect("linked");
        std::fs::create_dir(at("linked-file")).expect("made");
        symlink("../lab.yaml", at("linked-file/lab.yaml")).expect("linked");
        let found = ["real", "link", "linked-file", "none"].map(|name| open.has_file_below(name, "lab.yaml"));
        assert_eq!(found, [true, false, false, false]);
    }
}
