//! Leave to run a lab's shell text.
//!
//! As direnv does it: a user who looked at a folder may let labrun run its texts, and any edit, new file or changed link
//! revokes that. The store keeps which folder is trusted with which hash.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::load::{LoadError, Loaded, Source};
use super::snapshot::{FileHash, Snapshot, Untrustable};

/// Why the shell text of a lab may not be run.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its folder was never trusted.
    #[error("labrun does not run the commands of a folder that you have not trusted")]
    NotTrusted,
    /// Its folder is not as it was.
    #[error("this folder has changed since you trusted it, and labrun does not run its commands")]
    Changed,
    /// Its files are not those that were loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its folder can't be compared.
    #[error(transparent)]
    Untrustable(#[from] Untrustable),
}

/// Leave to run the shell text of a lab: it ships with labrun, or its folder is as it was when it was trusted.
/// Running text takes one, and asks it again before each text.
#[derive(Clone, Debug)]
pub struct Permission(Option<Trusted>);

#[derive(Clone, Debug)]
struct Trusted {
    folder: PathBuf,
    digest: String,
}

impl Permission {
    /// Leave to run the text of this lab, whose folder was trusted with this hash.
    ///
    /// # Errors
    /// When it was not trusted, or the folder or the lab that was loaded is not what was trusted.
    pub fn of(loaded: &Loaded, trusted: Option<&str>) -> Result<Self, Refused> {
        let Source::Folder(folder) = &loaded.source else { return Ok(Self(None)) };
        let trusted = trusted.ok_or(Refused::NotTrusted)?;
        let digest = digest_of(loaded)?;
        if digest != trusted {
            return Err(Refused::Changed);
        }
        Ok(Self(Some(Trusted { folder: folder.clone(), digest })))
    }

    /// Compares the folder again, right before a text is run: a text may use other files of its folder.
    ///
    /// # Errors
    /// [`LoadError::Changed`] when it is not as it was.
    pub fn still_holds(&self) -> Result<(), LoadError> {
        let Some(Trusted { folder, digest }) = &self.0 else { return Ok(()) };
        let is_same = Snapshot::take(folder).is_ok_and(|now| now.digest == *digest);
        is_same.then_some(()).ok_or(LoadError::Changed)
    }
}

/// The hash of a lab's folder with the very files that were loaded; empty for a lab that ships with labrun.
///
/// # Errors
/// [`LoadError::Changed`] when a file of the lab is not what was loaded; and when the folder can't be trusted.
pub fn digest_of(loaded: &Loaded) -> Result<String, Refused> {
    let Source::Folder(folder) = &loaded.source else { return Ok(String::new()) };
    let now = Snapshot::take(folder)?;
    let is_loaded = |(name, hash): &(String, FileHash)| now.files.get(OsStr::new(name)) == Some(hash);
    if loaded.files.iter().all(is_loaded) { Ok(now.digest) } else { Err(LoadError::Changed.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_dir;

    type Test = Result<(), Box<dyn std::error::Error>>;

    const LAB: &str = "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nowns: { volumes: [vv] }\nbriefing: b.md\n\
        steps:\n  - id: a\n    title: A\n    task: A\n    solution: docker volume create @{vv}\n    \
        checks: [{ volume: { name: vv } }]\n";

    fn lab() -> Result<(tempfile::TempDir, Loaded), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("lab.yaml"), LAB)?;
        std::fs::write(folder.path().join("b.md"), "B\n")?;
        let loaded = load_dir(folder.path(), None)?;
        Ok((folder, loaded))
    }

    #[test]
    fn what_was_loaded_is_what_is_trusted_and_run() -> Test {
        let (folder, loaded) = lab()?;
        let trusted = digest_of(&loaded)?;
        let permission = Permission::of(&loaded, Some(&trusted))?;
        permission.still_holds()?;
        assert!(matches!(Permission::of(&loaded, None), Err(Refused::NotTrusted)));
        let evil = LAB.replace("docker volume create", "touch /tmp/x; docker volume create");
        for (name, other) in [("lab.yaml", evil.as_str()), ("b.md", "Other\n"), ("new.sh", "x")] {
            let path = folder.path().join(name);
            let before = std::fs::read(&path).ok();
            std::fs::write(&path, other)?;
            assert!(matches!(permission.still_holds(), Err(LoadError::Changed)), "{name}");
            // Exchanged while it was loaded, and exchanged back: the digest is right, and what was loaded is not.
            if let Some(before) = before {
                let exchanged = load_dir(folder.path(), None)?;
                std::fs::write(&path, before)?;
                let refused = Permission::of(&exchanged, Some(&trusted));
                assert!(matches!(refused, Err(Refused::Load(LoadError::Changed))), "{name}: {refused:?}");
            } else {
                assert!(matches!(Permission::of(&loaded, Some(&trusted)), Err(Refused::Changed)), "{name}");
                std::fs::remove_file(&path)?;
            }
            permission.still_holds()?;
        }
        Ok(())
    }

    #[test]
    fn text_moved_between_two_files_is_noticed() -> Test {
        let (folder, loaded) = lab()?;
        let (end, start) = LAB.split_once("    checks").ok_or("it has checks")?;
        std::fs::write(folder.path().join("lab.yaml"), end)?;
        std::fs::write(folder.path().join("b.md"), format!("    checks{start}B\n"))?;
        assert!(matches!(digest_of(&loaded), Err(Refused::Load(LoadError::Changed))));
        Ok(())
    }
}
