//! What is at a place that a file is to be written to: another program's file is not replaced.

use std::io::{self, Read};
use std::path::Path;

use super::{create, replace};
use crate::invoker::Invoker;
use crate::privilege::place;

/// How much of a file is read to know it, in bytes.
const HEAD: u64 = 4096;

/// Puts `content` in the place of a file that is missing, or empty, or that `is_ours` knows from its beginning.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when another file is there, and when it can't be written.
pub fn replace_ours(
    path: &Path,
    content: &[u8],
    owner: Option<&Invoker>,
    is_ours: impl FnOnce(&[u8]) -> bool,
) -> io::Result<()> {
    match there(path) {
        There::Nothing => create(path, content, owner),
        There::Content if !head(path).is_ok_and(|head| is_ours(&head)) => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "another program's file is there"))
        }
        There::Content | There::NoContent => replace(path, content, owner),
    }
}

/// What is at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// An empty file, a link that leads nowhere, or something that keeps nothing, such as a pipe: no content is lost when
    /// it is written to.
    NoContent,
    /// A file with something in it, a folder, or what can't be looked at.
    Content,
}

/// Looks what is at a path.
#[must_use]
pub fn there(path: &Path) -> There {
    let (path, actor) = place(path);
    match actor.act(|| std::fs::metadata(&path)) {
        Ok(found) if found.is_dir() || (found.is_file() && found.len() > 0) => There::Content,
        Ok(_) => There::NoContent,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_link = actor.act(|| std::fs::symlink_metadata(&path)).is_ok();
            if is_link { There::NoContent } else { There::Nothing }
        }
        Err(_) => There::Content,
    }
}

/// The beginning of a file.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let (path, actor) = place(path);
    let mut head = Vec::new();
    actor.act(|| fs_err::File::open(&path))?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_ours_and_empty_ones_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(at(name), text).expect("written");
        write("empty", "");
        write("ours", "ours: one");
        write("notes", "a note");
        std::os::unix::fs::symlink("notes", at("link")).expect("linked");
        std::os::unix::fs::symlink("nowhere", at("dangling")).expect("linked");
        std::fs::create_dir(at("folder")).expect("made");
        let put = |name: &str| replace_ours(&at(name), b"ours: two", None, |head| head.starts_with(b"ours"));
        for name in ["new", "empty", "ours", "dangling"] {
            put(name).expect("written");
            assert_eq!(std::fs::read_to_string(at(name)).expect("read"), "ours: two", "{name}");
        }
        for name in ["notes", "link", "folder"] {
            assert_eq!(put(name).expect_err("refused").kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!(std::fs::read_to_string(at("notes")).expect("read"), "a note");
        assert_eq!(there(&at("notes")), There::Content);
        assert_eq!((there(&at("none")), there(Path::new("/dev/null"))), (There::Nothing, There::NoContent));
    }
}
