//! The folder where progress is kept: what its file system has left, and whether it can be written. Makes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

use super::machine::aside;
use crate::doctor::seen::Home;

/// Why the folder can't be looked at, and what to do.
type Unseen = (String, String);

/// Looks at the folder, or at the nearest one above it that is there.
pub(super) async fn home(folder: Result<PathBuf, Unseen>, limit: Duration) -> Result<Home, Unseen> {
    let folder = folder?;
    let shown = folder.display().to_string();
    let unseen = |why: String| {
        (
            format!("{shown}, where progress is kept, can't be looked at: {why}"),
            "set LABRUN_HOME to a folder".to_owned(),
        )
    };
    let looked = tokio::time::timeout(limit, aside(move || look(&folder))).await;
    match looked {
        Ok(Ok(home)) => Ok(home),
        Ok(Err(error)) => Err(unseen(error.to_string())),
        Err(_) => Err(unseen(format!("no answer within {} seconds", limit.as_secs_f32()))),
    }
}

fn look(folder: &Path) -> rustix::io::Result<Home> {
    let there = |path: &&Path| path.symlink_metadata().is_ok();
    let nearest = folder.ancestors().find(there).unwrap_or(Path::new("/"));
    let system = statvfs(nearest)?;
    let may_write = |path: &Path, rights| access(path, rights).is_ok();
    let file = folder.join("progress.db");
    let closed = if !may_write(nearest, Access::WRITE_OK | Access::EXEC_OK) {
        Some(nearest.to_owned())
    } else {
        Some(file).filter(|file| file.exists() && !may_write(file, Access::WRITE_OK | Access::READ_OK))
    };
    Ok(Home {
        folder: folder.to_owned(),
        is_folder: nearest.is_dir(),
        free: system.f_bavail.saturating_mul(system.f_frsize),
        // Some file systems make inodes as they need them, and say 0 of 0.
        files: (system.f_files > 0).then_some(system.f_favail),
        read_only: system.f_flag.contains(StatVfsMountFlags::RDONLY),
        closed,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_is_not_made_yet_is_judged_by_the_one_above() {
        let above = tempfile::tempdir().expect("a folder");
        let folder = above.path().join("not/yet");
        let home = look(&folder).expect("it is looked at");
        assert_eq!((home.folder, home.is_folder, home.closed, home.read_only), (folder.clone(), true, None, false));
        assert!(home.free > 0 && !folder.exists(), "nothing is made");
        let file = above.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert!(!look(&file).expect("it is looked at").is_folder);
        assert!(!look(&file.join("below")).expect("it is looked at").is_folder);
    }

    #[test]
    fn a_folder_that_is_closed_is_named() {
        let above = tempfile::tempdir().expect("a folder");
        let closed = above.path().join("closed");
        std::fs::create_dir(&closed).expect("made");
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).expect("closed");
        let home = look(&closed.join("labrun")).expect("it is looked at");
        // Root may write everywhere.
        let expected = (!rustix::process::geteuid().is_root()).then_some(closed);
        assert_eq!(home.closed, expected);
        let read_only = look(Path::new("/proc")).expect("it is looked at");
        assert_eq!(read_only.files, None, "a file system without inodes to count");
    }
}
