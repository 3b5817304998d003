//! Where root may act in the place of the user who ran sudo: only where no other user can change the way to it.
//!
//! `sudo labrun man --all /usr/share/man/man1` is meant to write where only root may. In a folder of the user's, or below
//! one, root never acts: they could exchange it between a look and the change.

use std::fs::{Metadata, read_link, symlink_metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

use super::{Invoker, as_root, invoker};

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

/// Others may add to the folder.
const BY_OTHERS: u32 = 0o002;
const BY_GROUP: u32 = 0o020;
/// Only its owner may rename or remove an entry.
const STICKY: u32 = 0o1000;

/// Who acts at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The user that this process acts as: under sudo the one who ran it.
    Ourselves,
    /// Root, in folders that are root's alone.
    Root,
}

impl Actor {
    /// Does some work as this actor.
    pub fn act<T>(self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Ourselves => work(),
            Self::Root => as_root(work),
        }
    }
}

impl Invoker {
    /// Makes a folder with those above it, where they are missing, all of them theirs. The umask takes some of `mode` away.
    ///
    /// # Errors
    /// When they may not make one; also where root may, unless only root can change the way to it.
    pub fn make_folder(&self, folder: &Path, mode: u32) -> io::Result<()> {
        let make = |folder: &Path| std::fs::DirBuilder::new().recursive(true).mode(mode).create(folder);
        let (folder, actor) = place_in(folder);
        if actor == Actor::Ourselves {
            return make(&folder);
        }
        as_root(|| {
            let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
            make(&folder)?;
            // From below: what is above is root's alone until it is given.
            missing.iter().try_for_each(|made| self.give(std::fs::File::open(made)?))
        })
    }
}

/// Who acts at a path that is to be written, and the path to use: for root one without links.
#[must_use]
pub fn place(path: &Path) -> (PathBuf, Actor) {
    let roots = invoker().and_then(|invoker| as_root(|| in_roots_hands(path, invoker)));
    roots.map_or_else(|| (path.to_owned(), Actor::Ourselves), |path| (path, Actor::Root))
}

/// The same for entries of a folder, which may be missing, and those above it.
#[must_use]
pub fn place_in(folder: &Path) -> (PathBuf, Actor) {
    let roots = invoker().and_then(|invoker| as_root(|| in_roots_folder(folder, invoker)));
    roots.map_or_else(|| (folder.to_owned(), Actor::Ourselves), |folder| (folder, Actor::Root))
}

/// The path without links, where only root can change what it leads to.
fn in_roots_hands(path: &Path, invoker: &Invoker) -> Option<PathBuf> {
    let mut path = std::path::absolute(path).ok()?;
    for _ in 0..MAX_LINKS {
        let folder = in_roots_folder(path.parent()?, invoker)?;
        let here = folder.join(path.file_name()?);
        match symlink_metadata(&here) {
            Ok(found) if found.is_symlink() => {
                let target = folder.join(read_link(&here).ok()?);
                // The kernel's links to what is open, such as `/dev/stdout`, may name nothing that has a path.
                if symlink_metadata(&target).is_err() && std::fs::metadata(&here).is_ok() {
                    return None;
                }
                path = target;
            }
            _ => return Some(here),
        }
    }
    None
}

/// The folder without links, where only root can change what is in it, or on the way to it.
fn in_roots_folder(folder: &Path, invoker: &Invoker) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder).ok()?;
    let mut links = MAX_LINKS;
    let (there, missing) = walk(Path::new("/"), &absolute, invoker, &mut links)?;
    let seen = symlink_metadata(&there).ok()?;
    let is_plain = missing.components().all(|part| matches!(part, Component::Normal(_)));
    let is_missing = missing != Path::new("");
    (is_plain && !is_common(&seen, invoker)).then(|| if is_missing { there.join(missing) } else { there })
}

/// Goes from a folder that is root's alone along a path; gives how far it leads without links, and what is missing of it.
/// From the top down: what is below a folder of root's alone can't change any more while it is looked at. `None` where
/// anybody else can change the way.
fn walk(from: &Path, path: &Path, invoker: &Invoker, links: &mut usize) -> Option<(PathBuf, PathBuf)> {
    let mut here = from.to_owned();
    let mut parts = path.components();
    while let Some(part) = parts.next() {
        match part {
            Component::RootDir => here = PathBuf::from("/"),
            Component::ParentDir => _ = here.pop(),
            Component::CurDir | Component::Prefix(_) => {}
            Component::Normal(name) => {
                let next = here.join(name);
                let seen = match symlink_metadata(&next) {
                    Ok(seen) => seen,
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        return Some((here, Path::new(name).join(parts.as_path())));
                    }
                    Err(_) => return None,
                };
                // In a sticky folder such as `/tmp`, what is root's can't be exchanged either.
                let is_roots = seen.uid() == 0 && (seen.is_symlink() || !is_common(&seen, invoker) || is_sticky(&seen));
                if !is_roots {
                    return None;
                }
                if seen.is_symlink() {
                    *links = links.checked_sub(1)?;
                    let (target, missing) = walk(&here, &read_link(&next).ok()?, invoker, links)?;
                    if missing != Path::new("") {
                        return None;
                    }
                    here = target;
                } else if seen.is_dir() {
                    here = next;
                } else {
                    return None;
                }
            }
        }
    }
    Some((here, PathBuf::new()))
}

/// True where others may add to a folder of root's. An access list for others shows in the bits of the group.
fn is_common(seen: &Metadata, invoker: &Invoker) -> bool {
    let by_group = seen.mode() & BY_GROUP != 0 && invoker.groups().contains(&seen.gid());
    seen.mode() & BY_OTHERS != 0 || by_group
}

fn is_sticky(seen: &Metadata) -> bool {
    seen.mode() & STICKY != 0
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, create_dir, set_permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("opened");
        folder
    }

    fn ada() -> Invoker {
        Invoker::of_passwd(1001, "ada:x:1001:1002:Ada:/home/ada:/bin/sh\n", "1002 50\n").expect("a user")
    }

    #[test]
    fn root_acts_only_where_root_alone_changes_the_way() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        for name in ["roots", "theirs", "open", "of-group", "of-other-group", "theirs/below"] {
            create_dir(at(name)).expect("made");
        }
        let needs_root = "this test gives folders away: sudo make test, or run it as root";
        chown(at("theirs"), Some(1001), Some(1002)).expect(needs_root);
        chown(at("of-group"), None, Some(50)).expect(needs_root);
        for (name, mode) in [("open", 0o777), ("of-group", 0o775), ("of-other-group", 0o775)] {
            set_permissions(at(name), Permissions::from_mode(mode)).expect("set");
        }
        symlink(at("roots"), at("theirs/link")).expect("linked");
        symlink(at("theirs"), at("link")).expect("linked");
        symlink(at("theirs/report"), at("roots/report")).expect("linked");
        std::fs::write(at("theirs/report"), "").expect("written");
        std::fs::write(at("roots/kept"), "").expect("written");
        symlink("kept", at("roots/latest")).expect("linked");
        symlink(at("roots"), at("roots-link")).expect("linked");
        symlink("theirs/back", at("around")).expect("linked");
        symlink(at("roots"), at("theirs/back")).expect("linked");
        symlink("circle", at("circle")).expect("linked");
        let roots = |name: &str| in_roots_hands(&at(name), &ada()).is_some();
        assert!(roots("roots-link/new") && roots("roots/../roots/new"));
        assert_eq!(in_roots_folder(&at("roots-link/a"), &ada()), Some(at("roots/a")));
        for name in ["around/new", "around", "circle", "circle/new", "roots/kept/new", "roots/none/../../theirs/new"] {
            assert!(!roots(name), "{name}");
        }
        assert!(roots("roots/new") && roots("roots/deep/new") && roots("roots/kept") && roots("of-other-group/new"));
        assert_eq!(in_roots_hands(&at("roots/latest"), &ada()), Some(at("roots/kept")));
        for name in ["theirs/new", "theirs/below/new", "theirs/link/new", "link/new", "open/new", "of-group/new"] {
            assert!(!roots(name), "{name}");
        }
        symlink(at("theirs/none"), at("roots/dangling")).expect("linked");
        assert!(!roots("roots/report") && !roots("roots/dangling"), "they lead into a folder of theirs");
        assert!(in_roots_folder(&at("roots/a/b"), &ada()).is_some() && in_roots_folder(&at("roots"), &ada()).is_some());
        for name in ["theirs", "theirs/a", "theirs/link/a", "link", "link/a", "open", "of-group", "roots/dangling/a"] {
            assert!(in_roots_folder(&at(name), &ada()).is_none(), "{name}");
        }
        assert!(!roots("roots/../theirs/new") && !roots("none/../theirs/new"));
        assert!(in_roots_hands(Path::new("/tmp/new"), &ada()).is_none(), "anybody may add to it");
    }
}
