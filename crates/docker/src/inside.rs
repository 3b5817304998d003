//! The content of a file in a running container, read where its processes see it, and not packed by the engine.
//!
//! An engine starts a program of its own to pack a file: some 40 ms. Who may look into the container's own file system,
//! as root may on the engine's machine, can read it there. That needs proof, since a local socket is none of a local
//! engine. The kernel gives it: the container's id, which nobody else has, is in the control group of the process that
//! the engine calls the container's; and what the engine has just told of the file is true of the one that is opened.
//! Whatever is missing or differs, the engine is asked.

use bollard::container::PathStatResponse;
use bollard::models::ContainerInspectResponse;

use super::connect::Engine;
#[cfg(target_os = "linux")]
use labrun_process::sudo::as_root;

/// The main process of a container that it is worth trying to look into.
#[derive(Clone, Debug)]
pub(super) struct Main {
    id: String,
    process: u32,
}

impl Main {
    /// That of a container that runs, as the engine describes it.
    pub(super) fn of(engine: &Engine, seen: &ContainerInspectResponse) -> Option<Self> {
        let process = u32::try_from(seen.state.as_ref()?.pid?).ok().filter(|id| *id > 0)?;
        engine.may_look_inside.then_some(Self { id: seen.id.clone()?, process })
    }
}

/// The content of a regular file of which the engine has told this; `None` where the engine must be asked for it.
#[cfg(target_os = "linux")]
pub(super) async fn content(main: &Main, path: &str, told: &PathStatResponse) -> Option<Vec<u8>> {
    let (main, file) = (main.clone(), linux::Told::of(path, told)?);
    super::host::apart(move || as_root(|| linux::read(&main, &file))).await?.ok()?
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn content(_: &Main, _: &str, _: &PathStatResponse) -> Option<Vec<u8>> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::AsRawFd;

    use bollard::container::PathStatResponse;
    use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2};

    use super::Main;
    use crate::clock;

    /// A file, as the engine tells of it.
    pub(super) struct Told {
        path: String,
        /// Bytes.
        size: u64,
        permissions: u32,
        modified: i64,
    }

    impl Told {
        pub(super) fn of(path: &str, told: &PathStatResponse) -> Option<Self> {
            Some(Self {
                path: path.to_owned(),
                size: u64::try_from(told.size).ok()?,
                permissions: told.file_mode & 0o777,
                modified: clock::parse(told.modification_time.as_deref())?,
            })
        }

        fn is(&self, seen: &rustix::fs::Stat) -> bool {
            let modified = seen.st_mtime.checked_mul(1_000_000_000).zip(i64::try_from(seen.st_mtime_nsec).ok());
            FileType::from_raw_mode(seen.st_mode) == FileType::RegularFile
                && u64::try_from(seen.st_size) == Ok(self.size)
                && seen.st_mode & 0o777 == self.permissions
                && modified.and_then(|(seconds, rest)| seconds.checked_add(rest)) == Some(self.modified)
        }
    }

    /// Reads the file; `None` where it is not proved to be the one that the engine means.
    pub(super) fn read(main: &Main, told: &Told) -> io::Result<Option<Vec<u8>>> {
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // Held open: when the process has ended, its number may become another's, but this folder is nobody's.
        let process = openat(CWD, format!("/proc/{}", main.process), folder, Mode::empty())?;
        let root = openat(&process, "root", folder, Mode::empty())?;
        let groups = openat(&process, "cgroup", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        if !is_of(&io::read_to_string(File::from(groups).take(64 * 1024))?, &main.id) {
            return Ok(None);
        }
        // Nothing is opened for reading before it is known to be a file: a pipe would wait, and a device might act.
        let look = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let within = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let found = openat2(&root, told.path.as_str(), look, Mode::empty(), within)?;
        if !told.is(&fstat(&found)?) {
            return Ok(None);
        }
        let file = File::open(format!("/proc/self/fd/{}", found.as_raw_fd()))?;
        let mut content = Vec::new();
        file.take(told.size).read_to_end(&mut content)?;
        Ok((u64::try_from(content.len()) == Ok(told.size)).then_some(content))
    }

    /// Whether a process with these control groups is of this container, and not of one within it.
    ///
    /// Docker writes `/docker/ID` or `docker-ID.scope`, Podman `libpod-ID.scope`, with what is below each.
    fn is_of(groups: &str, id: &str) -> bool {
        let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let innermost =
            |line: &str| line.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).find(is_id).map(str::to_owned);
        let mut containers = groups.lines().filter_map(innermost).peekable();
        containers.peek().is_some() && containers.all(|container| container == id)
    }

    #[cfg(test)]
    mod tests {
        use super::is_of;

        #[test]
        fn a_process_is_of_the_innermost_container_that_its_groups_name() {
            let (ours, other) = ("a1".repeat(32), "b2".repeat(32));
            let is = |groups: &str| is_of(groups, &ours);
            assert!(is(&format!("1:cpu:/docker/{ours}\n0::/docker/{ours}\n")));
            assert!(is(&format!("0::/system.slice/docker-{ours}.scope/init.scope\n")));
            assert!(is(&format!("0::/machine.slice/libpod-{ours}.scope/container\n")));
            assert!(is(&format!("0::/docker/{other}/docker/{ours}\n")));
            assert!(is(&format!("2:freezer:/\n0::/../{ours}\n")));
            assert!(!is(&format!("0::/docker/{ours}/docker/{other}\n")));
            assert!(!is(&format!("1:cpu:/docker/{ours}\n0::/docker/{other}\n")));
            assert!(!is("0::/\n"));
            assert!(!is(""));
            assert!(!is(&format!("0::/docker/{}\n", &ours[..63])));
            assert!(!is(&format!("0::/docker/{ours}0\n")));
        }
    }
}
