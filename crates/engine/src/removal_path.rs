//! Removing a path of the host's and what is below it: never through a link, never across a mount point.

use std::io;
use std::path::Path;

use cap_fs_ext::DirExt;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, MetadataExt};

use labrun_docker::path_identity;

/// So many folders are held open at once; what lies deeper is moved up first. Systems allow some hundred open files.
const MAX_DEPTH: usize = 64;

/// Where labs' paths lie. On some systems these are links themselves.
const ROOTS: [&str; 2] = ["/tmp", "/var/tmp"];

/// How often what was moved up is gone through: with [`MAX_DEPTH`], deeper than any tree that anybody makes.
const MAX_ROUNDS: usize = 10_000;

/// Removes it, if it still has this identity. Interrupted, it can be run again.
///
/// # Errors
/// When it has another identity, something of it is a mount point, or may not be removed; that then stays, with the folders
/// above it.
pub(super) fn remove_path(path: &Path, identity: &str) -> io::Result<()> {
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::other("it is not a path that a lab may own"));
    };
    let name = Path::new(name);
    let above = open_above(above)?;
    let metadata = above.symlink_metadata(name)?;
    if !metadata.is_dir() {
        is_still(&metadata, identity)?;
        return above.remove_file(name);
    }
    // cap-std opens beneath `above` and refuses what leads out of it, also if it changes meanwhile.
    let top = above.open_dir_nofollow(name)?;
    is_still(&top.dir_metadata()?, identity)?;
    let mut removal = Removal { device: above.dir_metadata()?.dev(), top: top.try_clone()?, moved: 0 };
    removal.refuse_mount_point(&top, name)?;
    for _ in 0..MAX_ROUNDS {
        removal.empty(&top, 0)?;
        if top.entries()?.next().is_none() {
            return above.remove_dir(name);
        }
    }
    Err(io::Error::other("somebody goes on making files in it"))
}

/// Sees that this is what was listed.
fn is_still(metadata: &Metadata, identity: &str) -> io::Result<()> {
    let created = metadata.created().ok().map(cap_std::time::SystemTime::into_std);
    let now = path_identity::text(metadata.dev(), metadata.ino(), created);
    if path_identity::agree(&now, identity) {
        return Ok(());
    }
    Err(io::Error::other("it was replaced after it was listed"))
}

/// The folder that the path is in. Below the folders where labs' paths lie no link is followed: it may lead to what was
/// there long before the lab.
fn open_above(above: &Path) -> io::Result<Dir> {
    let rooted = ROOTS.iter().find_map(|root| Some((root, above.strip_prefix(root).ok()?)));
    let (root, below) = rooted.map_or((above, Path::new("")), |(root, below)| (Path::new(root), below));
    let mut folder = Dir::open_ambient_dir(root, ambient_authority())?;
    for part in below.components() {
        if folder.symlink_metadata(part)?.is_symlink() {
            let part = part.as_os_str().display();
            return Err(io::Error::other(format!("{part} on the way to it is a link: it may be somebody else's")));
        }
        folder = folder.open_dir_nofollow(part)?;
    }
    Ok(folder)
}

struct Removal {
    device: u64,
    top: Dir,
    /// How many folders were moved up.
    moved: usize,
}

impl Removal {
    fn empty(&mut self, folder: &Dir, depth: usize) -> io::Result<()> {
        for entry in folder.entries()? {
            self.remove(folder, Path::new(&entry?.file_name()), depth)?;
        }
        Ok(())
    }

    fn remove(&mut self, above: &Dir, name: &Path, depth: usize) -> io::Result<()> {
        let at = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", name.display()));
        if !above.symlink_metadata(name)?.is_dir() {
            return above.remove_file(name).map_err(at);
        }
        let folder = above.open_dir_nofollow(name).map_err(at)?;
        self.refuse_mount_point(&folder, name)?;
        if depth >= MAX_DEPTH {
            drop(folder);
            return self.move_up(above, name);
        }
        self.empty(&folder, depth + 1)?;
        drop(folder);
        above.remove_dir(name).map_err(at)
    }

    /// Moves a folder to the top, where another round finds it.
    fn move_up(&mut self, above: &Dir, name: &Path) -> io::Result<()> {
        loop {
            self.moved += 1;
            let new = format!(".labrun-{}", self.moved);
            if self.top.symlink_metadata(&new).is_err() {
                return above.rename(name, &self.top, new);
            }
        }
    }

    /// What is mounted below the path is somebody else's: also where it is of the same device, as a bind mount may be.
    fn refuse_mount_point(&self, folder: &Dir, name: &Path) -> io::Result<()> {
        if folder.dir_metadata()?.dev() != self.device || is_mount_root(folder) {
            return Err(io::Error::other(format!("{} is a mount point", name.display())));
        }
        Ok(())
    }
}

/// Whether a mount begins at this folder, as Linux tells since 5.8; elsewhere and before, the device must do.
#[cfg(target_os = "linux")]
fn is_mount_root(folder: &Dir) -> bool {
    use rustix::fs::{AtFlags, StatxAttributes, StatxFlags, statx};
    statx(folder, "", AtFlags::EMPTY_PATH, StatxFlags::empty())
        .is_ok_and(|told| told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_root(_: &Dir) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::path_identity;

    /// Removes what is there now.
    fn remove_path(path: &std::path::Path) -> std::io::Result<()> {
        let metadata = std::fs::symlink_metadata(path);
        super::remove_path(path, &metadata.map(|metadata| path_identity::of(&metadata)).unwrap_or_default())
    }

    #[test]
    fn a_folder_or_file_in_place_of_the_listed_one_stays() {
        let root = tempfile::tempdir().expect("a folder");
        let (owned, other) = (root.path().join("owned"), root.path().join("other"));
        let folder = |path: &std::path::Path| std::fs::create_dir(path);
        for make in [folder, |path: &std::path::Path| std::fs::write(path, "")] {
            make(&owned).expect("made");
            let listed = path_identity::of(&std::fs::symlink_metadata(&owned).expect("there"));
            std::fs::rename(&owned, &other).expect("moved");
            make(&owned).expect("made");
            let error = super::remove_path(&owned, &listed).expect_err("it is another one");
            assert!(owned.exists() && error.to_string().contains("replaced"), "{error}");
            super::remove_path(&other, &listed).expect("the listed one, where it is now");
            remove_path(&owned).expect("removed");
        }
    }

    #[test]
    fn removing_a_folder_leaves_what_its_links_point_at() {
        let root = tempfile::tempdir().expect("a folder");
        let (owned, other) = (root.path().join("owned"), root.path().join("other"));
        std::fs::create_dir_all(owned.join("a/b")).expect("made");
        std::fs::create_dir(&other).expect("made");
        std::fs::write(other.join("keep"), "").expect("written");
        std::fs::write(owned.join("a/b/file"), "").expect("written");
        std::os::unix::fs::symlink(&other, owned.join("a/link")).expect("linked");
        std::os::unix::fs::symlink("/", owned.join("root")).expect("linked");
        remove_path(&owned).expect("removed");
        assert!(!owned.exists() && other.join("keep").exists());
    }

    #[test]
    fn removing_a_link_leaves_its_target() {
        let root = tempfile::tempdir().expect("a folder");
        let (owned, other) = (root.path().join("owned"), root.path().join("other"));
        std::fs::create_dir(&other).expect("made");
        std::os::unix::fs::symlink(&other, &owned).expect("linked");
        remove_path(&owned).expect("removed");
        assert!(!owned.is_symlink() && other.exists());
    }

    #[test]
    fn a_link_on_the_way_is_not_followed() {
        let root = tempfile::tempdir_in("/tmp").expect("a folder");
        let other = root.path().join("other");
        std::fs::create_dir_all(other.join("owned")).expect("made");
        std::os::unix::fs::symlink(&other, root.path().join("link")).expect("linked");
        let error = remove_path(&root.path().join("link/owned")).expect_err("it is refused");
        assert!(error.to_string().starts_with("link on the way to it is a link"), "{error}");
        assert!(other.join("owned").exists());
    }

    #[test]
    fn a_tree_of_any_depth_is_removed_with_few_open_files() {
        let root = tempfile::tempdir().expect("a folder");
        let owned = root.path().join("owned");
        std::fs::create_dir(&owned).expect("made");
        // Deeper than a path can be long: built from below.
        for _ in 0..3_000 {
            let next = root.path().join("next");
            std::fs::create_dir(&next).expect("made");
            std::fs::write(next.join("file"), "").expect("written");
            std::fs::rename(&owned, next.join("d")).expect("moved");
            std::fs::rename(&next, &owned).expect("moved");
        }
        std::fs::write(owned.join(".labrun-1"), "the learner's own").expect("written");
        remove_path(&owned).expect("removed");
        assert!(!owned.exists());
    }
}
