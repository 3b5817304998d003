//! A lab's folder as it is at a moment: the hash that trust is bound to, of every file by name and content.
//!
//! Nothing is left out: a text of the lab could run any file of the folder, in `.git` as well.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};

use cap_fs_ext::DirExt;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sha2::{Digest, Sha256};

use super::folder::open_regular;

/// The most entries that a lab's folder may have to be trusted.
const MAX_ENTRIES: usize = 10_000;

/// The most bytes of all its files.
const MAX_TOTAL: u64 = 64 * 1024 * 1024;

/// How deep its folders may lie.
const MAX_DEPTH: usize = 64;

/// Why a folder cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum Untrustable {
    /// Something in it could not be read.
    #[error("{} cannot be read", .path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A symbolic link in it leads out of it, or to nothing: what it leads to can change unseen.
    #[error("the link {} leads out of the lab's folder, or to nothing", .0.display())]
    LeadsOut(PathBuf),
    /// Something in it is neither a file nor a folder nor a link.
    #[error("{} is neither a file nor a folder", .0.display())]
    Special(PathBuf),
    /// It is too large to be a lab's.
    #[error(
        "the folder has more than {MAX_ENTRIES} entries, more than {} MiB, or more than {MAX_DEPTH} folders in one another",
        MAX_TOTAL / 1024 / 1024
    )]
    TooLarge,
}

/// The SHA-256 of a file's content.
pub(super) type FileHash = [u8; 32];

/// A folder as it is at a moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// SHA-256 of the name, the kind, the length and the content of all that is in it, in the order of the names;
    /// hexadecimal.
    pub(super) digest: String,
    /// The hash of each regular file right in it.
    pub(super) files: BTreeMap<OsString, FileHash>,
}

impl Snapshot {
    /// Reads a folder, each file once.
    ///
    /// # Errors
    /// When something in it can't be read, leads out of it or is no file, or there is too much.
    pub(super) fn take(folder: &Path) -> Result<Self, Untrustable> {
        let cannot_read = |source| Untrustable::Read { path: folder.to_owned(), source };
        let folder = fs_err::canonicalize(folder).map_err(cannot_read)?;
        let dir = Dir::open_ambient_dir(&folder, ambient_authority()).map_err(cannot_read)?;
        let mut walk = Walk {
            folder,
            hash: Sha256::new(),
            files: BTreeMap::new(),
            entries_left: MAX_ENTRIES,
            bytes_left: MAX_TOTAL,
        };
        walk.enter(&dir, Path::new(""), MAX_DEPTH)?;
        Ok(Self { digest: hex(&walk.hash.finalize()), files: walk.files })
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A walk through a folder. It holds each folder open and follows no link, whatever is exchanged meanwhile.
struct Walk {
    folder: PathBuf,
    hash: Sha256,
    files: BTreeMap<OsString, FileHash>,
    entries_left: usize,
    bytes_left: u64,
}

impl Walk {
    fn enter(&mut self, dir: &Dir, below: &Path, depth_left: usize) -> Result<(), Untrustable> {
        let depth_left = depth_left.checked_sub(1).ok_or(Untrustable::TooLarge)?;
        let mut names = Vec::new();
        for entry in dir.entries().map_err(self.cannot_read(below))? {
            self.entries_left = self.entries_left.checked_sub(1).ok_or(Untrustable::TooLarge)?;
            names.push(entry.map_err(self.cannot_read(below))?.file_name());
        }
        names.sort();
        for name in names {
            let path = below.join(&name);
            let kind = dir.symlink_metadata(&name).map_err(self.cannot_read(&path))?.file_type();
            if kind.is_dir() {
                self.add(b'd', &path, b"");
                let inner = dir.open_dir_nofollow(&name).map_err(self.cannot_read(&path))?;
                self.enter(&inner, &path, depth_left)?;
            } else if kind.is_symlink() {
                let target = link(&self.folder, &self.folder.join(&path))?;
                self.add(b'l', &path, &target);
            } else if kind.is_file() {
                let content = self.content(dir, &name, &path)?;
                self.add(b'f', &path, &content);
                if below.as_os_str().is_empty() {
                    self.files.insert(name, Sha256::digest(&content).into());
                }
            } else {
                return Err(Untrustable::Special(self.folder.join(path)));
            }
        }
        Ok(())
    }

    fn content(&mut self, dir: &Dir, name: &OsStr, path: &Path) -> Result<Vec<u8>, Untrustable> {
        let (file, _) = open_regular(dir, Path::new(name)).map_err(self.cannot_read(path))?;
        let mut content = Vec::new();
        file.take(self.bytes_left + 1).read_to_end(&mut content).map_err(self.cannot_read(path))?;
        self.bytes_left = self.bytes_left.checked_sub(content.len() as u64).ok_or(Untrustable::TooLarge)?;
        Ok(content)
    }

    fn add(&mut self, kind: u8, path: &Path, content: &[u8]) {
        // With their lengths, so that nothing can pass from one field into the next.
        self.hash.update([kind]);
        for field in [path.as_os_str().as_encoded_bytes(), content] {
            self.hash.update((field.len() as u64).to_le_bytes());
            self.hash.update(field);
        }
    }

    fn cannot_read(&self, path: &Path) -> impl Fn(std::io::Error) -> Untrustable + use<> {
        let path = self.folder.join(path);
        move |source| Untrustable::Read { path: path.clone(), source }
    }
}

/// Where a link within the folder points, as it is written.
fn link(folder: &Path, path: &Path) -> Result<Vec<u8>, Untrustable> {
    let leads_out = || Untrustable::LeadsOut(path.to_owned());
    let target = fs_err::canonicalize(path).map_err(|_| leads_out())?;
    if !target.starts_with(folder) {
        return Err(leads_out());
    }
    let written = fs_err::read_link(path).map_err(|_| leads_out())?;
    Ok(written.into_os_string().into_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use std::path::Path;

    use super::{Snapshot, Untrustable};

    fn digest(folder: &Path) -> Result<String, Untrustable> {
        Snapshot::take(folder).map(|taken| taken.digest)
    }

    type Test = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn every_change_of_a_folder_changes_its_digest() -> Test {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("lab.yaml"), "title: x\n")?;
        std::fs::create_dir(at("more"))?;
        std::fs::write(at("more/a"), "1")?;
        let mut seen = vec![digest(folder.path())?];
        let mut expect_new = |what: &str| -> Test {
            let now = digest(folder.path())?;
            assert_eq!(now, digest(folder.path())?, "{what}: the same folder, the same digest");
            assert!(!seen.contains(&now), "{what}");
            seen.push(now);
            Ok(())
        };
        std::fs::write(at("lab.yaml"), "title: y\n")?;
        expect_new("an edit")?;
        std::fs::rename(at("more/a"), at("more/b"))?;
        expect_new("another name")?;
        std::fs::write(at("more/c"), "")?;
        expect_new("a new file")?;
        symlink("more/b", at("link"))?;
        expect_new("a link")?;
        std::fs::remove_file(at("link"))?;
        symlink("more/c", at("link"))?;
        expect_new("the link's target")?;
        std::fs::create_dir(at("empty"))?;
        expect_new("an empty folder")?;
        Ok(())
    }

    #[test]
    fn content_cannot_pass_for_a_name() -> Test {
        let (one, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
        std::fs::write(one.path().join("ab"), "c")?;
        std::fs::write(other.path().join("a"), "bc")?;
        assert_ne!(digest(one.path())?, digest(other.path())?);
        Ok(())
    }

    #[test]
    fn nothing_is_left_out_of_the_digest() -> Test {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("lab.yaml"), "title: x\n")?;
        let mut before = digest(folder.path())?;
        for path in [".git/index", ".git/hooks/post-checkout", ".hidden", "node_modules/x", "a~", ".lab.yaml.swp"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().ok_or("a folder")?)?;
            for content in ["x", "y"] {
                std::fs::write(&path, content)?;
                let now = digest(folder.path())?;
                assert_ne!(before, now, "{}: {content}", path.display());
                before = now;
            }
        }
        Ok(())
    }

    /// As a version of labrun computed it that left `.git` out: its entries in the store keep their meaning.
    #[test]
    fn a_folder_without_git_has_the_digest_that_it_had() -> Test {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("lab.yaml"), "title: x\n")?;
        std::fs::create_dir(folder.path().join("more"))?;
        std::fs::write(folder.path().join("more/a"), "1")?;
        std::fs::write(folder.path().join("more.txt"), "2")?;
        symlink("more/a", folder.path().join("link"))?;
        assert_eq!(digest(folder.path())?, "e537c460c13da219a5d3a8c95ac0290cad2d7af55500b66551515f5ef2dc37ef");
        Ok(())
    }

    #[test]
    fn what_leads_out_or_is_no_file_cannot_be_trusted() -> Test {
        for target in ["/etc/passwd", "..", "nowhere", "link"] {
            let folder = tempfile::tempdir()?;
            symlink(target, folder.path().join("link"))?;
            assert!(matches!(digest(folder.path()), Err(Untrustable::LeadsOut(_))), "{target}");
        }
        let folder = tempfile::tempdir()?;
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket"))?;
        assert!(matches!(digest(folder.path()), Err(Untrustable::Special(_))));
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)?;
        assert!(matches!(digest(folder.path()), Err(Untrustable::Special(_))));
        Ok(())
    }

    #[test]
    fn what_is_too_large_is_not_read_to_its_end() -> Test {
        let folder = tempfile::tempdir()?;
        std::fs::File::create(folder.path().join("sparse"))?.set_len(10 * 1024 * 1024 * 1024)?;
        assert!(matches!(digest(folder.path()), Err(Untrustable::TooLarge)));
        let folder = tempfile::tempdir()?;
        for number in 0..=super::MAX_ENTRIES {
            std::fs::write(folder.path().join(number.to_string()), "")?;
        }
        assert!(matches!(digest(folder.path()), Err(Untrustable::TooLarge)));
        Ok(())
    }
}
