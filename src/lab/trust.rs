//! The hash that trust in a lab's folder is bound to: of every file below it, by name and content.
//!
//! As direnv does it: what was looked at may be run, and any edit, new file or changed link revokes that. Who trusts
//! what is the store's.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

/// The most entries that a lab's folder may have to be trusted.
const MAX_ENTRIES: usize = 1_000;

/// The most bytes of all its files.
const MAX_TOTAL: u64 = 64 * 1024 * 1024;

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
    #[error("the folder has more than {MAX_ENTRIES} entries, or more than {} MiB", MAX_TOTAL / 1024 / 1024)]
    TooLarge,
}

/// SHA-256 of a folder, hexadecimal: of the name, the kind, the length and the content of all that is in it, in the
/// order of the names. A `.git` at its top is left out: what git notes there is not the lab's.
///
/// # Errors
/// When something in it can't be read, leads out of it or is no file, or there is too much.
pub fn digest(folder: &Path) -> Result<String, Untrustable> {
    let cannot_read = |path: &Path, source| Untrustable::Read { path: path.to_owned(), source };
    let folder = &fs_err::canonicalize(folder).map_err(|error| cannot_read(folder, error))?;
    let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    let mut left = MAX_TOTAL;
    let mut hash = Sha256::new();
    for (number, entry) in entries.filter_entry(|entry| !is_git(entry)).enumerate() {
        if number == MAX_ENTRIES {
            return Err(Untrustable::TooLarge);
        }
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Untrustable::Read { path, source: error.into_io_error().unwrap_or_else(looping) }
        })?;
        let path = entry.path();
        let (kind, content) = match entry.file_type() {
            kind if kind.is_dir() => (b'd', Vec::new()),
            kind if kind.is_symlink() => (b'l', link(folder, path)?),
            kind if kind.is_file() => {
                let mut content = Vec::new();
                let file = fs_err::File::open(path).map_err(|error| cannot_read(path, error))?;
                file.take(left + 1).read_to_end(&mut content).map_err(|error| cannot_read(path, error))?;
                left = left.checked_sub(content.len() as u64).ok_or(Untrustable::TooLarge)?;
                (b'f', content)
            }
            _ => return Err(Untrustable::Special(path.to_owned())),
        };
        let name = path.strip_prefix(folder).unwrap_or(path).as_os_str().as_encoded_bytes();
        // With their lengths, so that nothing can pass from one field into the next.
        hash.update([kind]);
        for field in [name, &content] {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_git(entry: &DirEntry) -> bool {
    entry.depth() == 1 && entry.file_name() == ".git"
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

fn looping() -> std::io::Error {
    std::io::Error::other("its links go round in a circle")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::{Untrustable, digest};

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
    fn what_git_notes_is_no_edit() -> Test {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("lab.yaml"), "title: x\n")?;
        let before = digest(folder.path())?;
        std::fs::create_dir(folder.path().join(".git"))?;
        std::fs::write(folder.path().join(".git/index"), "x")?;
        assert_eq!(before, digest(folder.path())?);
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
        Ok(())
    }

    #[test]
    fn what_is_too_large_is_not_read_to_its_end() -> Test {
        let folder = tempfile::tempdir()?;
        std::fs::File::create(folder.path().join("sparse"))?.set_len(10 * 1024 * 1024 * 1024)?;
        assert!(matches!(digest(folder.path()), Err(Untrustable::TooLarge)));
        let folder = tempfile::tempdir()?;
        for number in 0..=1_000 {
            std::fs::write(folder.path().join(number.to_string()), "")?;
        }
        assert!(matches!(digest(folder.path()), Err(Untrustable::TooLarge)));
        Ok(())
    }
}
