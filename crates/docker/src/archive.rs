//! Files inside containers, seen through the engine's archive: it works on running, stopped and never-started ones.
//!
//! Not below a tmpfs of the container: the engine does not look into that.

use std::io::{Cursor, Read};

use bollard::container::PathStatResponse;
use bollard::errors::Error;
use bollard::query_parameters::{ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder};
use futures_util::StreamExt;
use labrun_graders::fact::{FileKind, Owner};
use labrun_graders::path::{clean, is_within, leads_up};
use labrun_graders::{CannotLook, Fact, Obstacle};

use super::connect::Engine;
use super::inside::{self, Main};
use super::sight::{Aspect, Sight};
use super::{clock, container};

/// How many links are followed before they count as a loop.
const MAX_LINKS: usize = 8;

/// Bits of Go's `fs.FileMode`, in which the engine tells a file's type.
const MODE_DIRECTORY: u32 = 1 << 31;
const MODE_LINK: u32 = 1 << 27;
const MODE_IRREGULAR: u32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;

/// Go's bits for setuid, setgid and the sticky bit, each with the one that `chmod` knows.
const MODE_SPECIAL: [(u32, u32); 3] = [(1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000)];

/// The headers of an archive of one file, with a long name's: these come on top of the content.
const HEADERS: usize = 16 * 1024;

/// What stands at a path in a container.
///
/// Of one that is being removed nothing is looked at: what that may cost, [`volume`](super::volume) says.
pub(super) async fn file(engine: &Engine, container: &str, path: &str, aspect: Aspect) -> Result<Fact, CannotLook> {
    let Some(seen) = container::described(engine, container).await? else { return Ok(Fact::Absent) };
    if container::is_going(&seen) {
        return Ok(Fact::Absent);
    }
    file_below(engine, &Folder { container, main: Main::of(engine, &seen), path: "/" }, path, aspect).await
}

/// A folder in a container.
pub(super) struct Folder<'a> {
    /// The container's name or id.
    pub(super) container: &'a str,
    /// Its main process, where it may be possible to look into its file system from here.
    pub(super) main: Option<Main>,
    pub(super) path: &'a str,
}

/// What stands at a path below a folder in a container. A link that leads out of the folder leads nowhere.
pub(super) async fn file_below(
    engine: &Engine,
    folder: &Folder<'_>,
    path: &str,
    aspect: Aspect,
) -> Result<Fact, CannotLook> {
    match sight(engine, folder, path, aspect).await? {
        Some(sight) => sight.fact(aspect, path),
        None => Ok(Fact::Absent),
    }
}

async fn sight(engine: &Engine, folder: &Folder<'_>, path: &str, aspect: Aspect) -> Result<Option<Sight>, CannotLook> {
    let Folder { container, main, path: folder } = folder;
    let mut path = format!("{}/{}", folder.trim_end_matches('/'), path.trim_start_matches('/'));
    if leads_up(&path) {
        return Ok(None);
    }
    for _ in 0..MAX_LINKS {
        let Some(stat) = stat(engine, container, &path).await? else { return Ok(None) };
        if stat.file_mode & MODE_LINK != 0 {
            path = linked(&path, &stat.link_target);
            if !is_within(&clean(&path), folder) {
                break;
            }
            continue;
        }
        let kind = match stat.file_mode {
            mode if mode & MODE_DIRECTORY != 0 => FileKind::Directory,
            mode if mode & MODE_IRREGULAR != 0 => FileKind::Other,
            _ => FileKind::Regular,
        };
        let size = u64::try_from(stat.size).unwrap_or_default();
        let (mut bytes, mut owner) = (None, None);
        if aspect.reads(kind, size) {
            bytes = match main {
                Some(main) => inside::content(main, &path, &stat).await,
                None => None,
            };
        }
        if bytes.is_none() && (aspect == Aspect::Access || aspect.reads(kind, size)) {
            let Some(packed) = packed(engine, container, &path, aspect.most()).await? else { return Ok(None) };
            (bytes, owner) = (packed.content, packed.owner);
        }
        let modified = clock::parse(stat.modification_time.as_deref());
        return Ok(Some(Sight { kind, size, mode: mode(stat.file_mode), modified, owner, bytes }));
    }
    Ok(Some(Sight { kind: FileKind::Other, size: 0, mode: 0, modified: None, owner: None, bytes: None }))
}

/// The permission bits of Go's `fs.FileMode`, as `chmod` has them.
fn mode(go: u32) -> u32 {
    MODE_SPECIAL.iter().fold(go & 0o777, |mode, (go_bit, bit)| if go & go_bit == 0 { mode } else { mode | bit })
}

/// Where a link leads; the engine tells it as it is written, relative to its own folder.
fn linked(path: &str, target: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with('/') => format!("{folder}/{target}"),
        _ => target.to_owned(),
    }
}

async fn stat(engine: &Engine, container: &str, path: &str) -> Result<Option<PathStatResponse>, CannotLook> {
    let options = ContainerArchiveInfoOptionsBuilder::new().path(path).build();
    match engine.docker.get_container_archive_info(container, Some(options)).await {
        Ok(stat) => Ok(Some(stat)),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        // The answer to this request has no body, so the engine does not say why. Asked for the file itself, it does.
        Err(Error::DockerResponseServerError { status_code: 500.., .. }) => {
            match refusal(engine, container, path).await {
                Some(why) if why.contains("not a directory") => Ok(None),
                why => {
                    let why = why.unwrap_or_else(|| "it does not say why".to_owned());
                    let what = format!("the engine cannot look at {path}: {why}");
                    Err(CannotLook::new(Obstacle::Broken, what, "look at it yourself with ls -l"))
                }
            }
        }
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// Why the engine does not give a file.
async fn refusal(engine: &Engine, container: &str, path: &str) -> Option<String> {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    match engine.docker.download_from_container(container, Some(options)).next().await {
        Some(Err(Error::DockerResponseServerError { message, .. })) => Some(message),
        _ => None,
    }
}

/// What the engine packs of a path.
struct Packed {
    owner: Option<Owner>,
    /// Of a regular file that has at most the bytes asked for.
    content: Option<Vec<u8>>,
}

/// What the engine packs of a path, of whose content at most `most` bytes are read; `None` if it is gone.
async fn packed(engine: &Engine, container: &str, path: &str, most: usize) -> Result<Option<Packed>, CannotLook> {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let mut stream = engine.docker.download_from_container(container, Some(options));
    let mut bytes = Vec::new();
    // The archive's headers come on top of the content; more than that is not the file that was asked for.
    while bytes.len() <= most + HEADERS {
        match stream.next().await {
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
            Some(Err(Error::DockerResponseServerError { status_code: 404, .. })) => return Ok(None),
            Some(Err(error)) => return Err(engine.trouble(&error)),
            None => break,
        }
    }
    let broken = |error: std::io::Error| {
        CannotLook::new(Obstacle::Broken, format!("the engine's copy of {path} cannot be read: {error}"), "try again")
    };
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    let Some(entry) = archive.entries().map_err(broken)?.next() else { return Ok(None) };
    let entry = entry.map_err(broken)?;
    let header = entry.header();
    let owner = header.uid().ok().zip(header.gid().ok()).map(|(user, group)| Owner { user, group });
    if !header.entry_type().is_file() || entry.size() > most as u64 {
        return Ok(Some(Packed { owner, content: None }));
    }
    let mut content = Vec::new();
    entry.take(most as u64).read_to_end(&mut content).map_err(broken)?;
    Ok(Some(Packed { owner, content: Some(content) }))
}

#[cfg(test)]
mod tests {
    use super::{linked, mode};

    #[test]
    fn a_mode_has_the_bits_of_chmod() {
        for (go, wanted) in [
            (0o750, 0o750),
            (1 << 31 | 1 << 20 | 0o777, 0o1777),
            (1 << 23 | 0o755, 0o4755),
            (1 << 31 | 1 << 22 | 0o2755, 0o2755),
        ] {
            assert_eq!(mode(go), wanted, "{go:o}");
        }
    }

    #[test]
    fn a_link_leads_from_its_own_folder() {
        assert_eq!(linked("/data/link", "file.txt"), "/data/file.txt");
        assert_eq!(linked("/data/link", "/mnt/file.txt"), "/mnt/file.txt");
        assert_eq!(linked("/data/link", "../x"), "/data/../x");
    }
}
