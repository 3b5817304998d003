//! What somebody else has put into a folder that everybody may write to, such as `/tmp`: a link at a name that could be
//! guessed would lead what is written there to another place, and a file of theirs would show it to them.
//!
//! Linux refuses such things to those who open them by their names (`fs.protected_symlinks`, `protected_regular`). Who
//! resolves a name first, or hands it to an engine, which is root, has to look himself.

use std::fs::symlink_metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::sudo::Invoker;

/// Everybody may write to it, and remove only what is their own: `/tmp`.
const COMMON: u32 = 0o1002;

/// The first link on the way to this path, itself included, that somebody else has put into a common folder.
#[must_use]
pub fn link_on_the_way(path: &Path, us: Option<&Invoker>) -> Option<PathBuf> {
    let is_link = |path: &Path| symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    let found = path.ancestors().find(|part| is_link(part) && by_somebody_else(part, us));
    found.map(Path::to_owned)
}

/// Whether somebody else has put what is here into a common folder: neither we, nor who called us, nor the folder's owner.
#[must_use]
pub fn by_somebody_else(path: &Path, us: Option<&Invoker>) -> bool {
    let Some(folder) = path.parent() else { return false };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (Ok(here), Ok(folder)) = (symlink_metadata(path), std::fs::metadata(folder)) else { return false };
    let ours = [Some(geteuid().as_raw()), us.map(Invoker::uid), Some(folder.uid())];
    folder.mode() & COMMON == COMMON && !ours.contains(&Some(here.uid()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use rustix::fs::{AtFlags, CWD, Uid, chownat};

    use super::*;

    /// A common folder into which somebody else has put a link and a file.
    fn common() -> tempfile::TempDir {
        let common = tempfile::tempdir().expect("a folder");
        let at = |name: &str| common.path().join(name);
        std::fs::create_dir(at("target")).expect("made");
        symlink(at("target"), at("link")).expect("linked");
        symlink(at("target"), at("ours")).expect("linked");
        std::fs::write(at("file"), "theirs").expect("written");
        for name in ["link", "file"] {
            chownat(CWD, at(name), Some(Uid::from_raw(65_534)), None, AtFlags::SYMLINK_NOFOLLOW)
                .expect("only root can make it somebody else's: sudo make test, or run it as root");
        }
        std::fs::set_permissions(common.path(), PermissionsExt::from_mode(0o1777)).expect("opened");
        common
    }

    #[test]
    fn what_somebody_else_has_put_into_a_common_folder_is_told_from_the_rest() {
        let common = common();
        let at = |name: &str| common.path().join(name);
        assert!(by_somebody_else(&at("file"), None) && by_somebody_else(&at("link"), None));
        assert!(!by_somebody_else(&at("ours"), None) && !by_somebody_else(&at("none"), None));
        assert_eq!(link_on_the_way(&at("link/deep/file"), None), Some(at("link")));
        assert_eq!(link_on_the_way(&at("ours/file"), None), None);
        std::fs::set_permissions(common.path(), PermissionsExt::from_mode(0o755)).expect("closed");
        assert!(!by_somebody_else(&at("file"), None), "only its owner has let it in here");
    }
}
