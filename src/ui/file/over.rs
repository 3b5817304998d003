//! What is at a place that a file is to be written to. Someone else's file is not replaced, nor is one that was edited
//! after labrun wrote it: what labrun writes ends with the sum of its own text, and only where that holds is it replaced.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{create, replace};
use labrun_process::sudo::Invoker;
use labrun_process::sudo::place;

/// The most that is read of a file to know it, in bytes: many times what labrun writes.
const MOST: u64 = 64 * 1024 * 1024;

/// What stands before the sum.
const LABEL: &str = "written by labrun, sha256 ";

/// How a comment begins and ends in a kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Comment(pub &'static str, pub &'static str);

/// Ends a text with a comment that holds the sum of what comes before it.
#[must_use]
pub fn sealed(mut text: String, Comment(begins, ends): Comment) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let sum = sum(text.as_bytes());
    text += &format!("{begins}{LABEL}{sum}{ends}\n");
    text
}

/// Puts `content` in the place of a file that is missing, or empty, or just as labrun wrote it.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when another file is there, and when it can't be written.
pub fn replace_ours(path: &Path, content: &[u8], owner: Option<&Invoker>) -> io::Result<()> {
    match there(path) {
        There::Nothing => create(path, content, owner),
        There::Content if !content_of(path).is_ok_and(|found| is_as_written(&found)) => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "another file is there"))
        }
        There::Content | There::NoContent => replace(path, content, owner),
    }
}

/// True where the last line holds the sum of the lines before it.
fn is_as_written(content: &[u8]) -> bool {
    let Some(whole) = content.strip_suffix(b"\n") else { return false };
    let last = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (text, line) = whole.split_at(last);
    let line = String::from_utf8_lossy(line);
    line.split_once(LABEL).is_some_and(|(_, rest)| rest.get(..64) == Some(&sum(text)))
}

fn sum(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::new(), |sum, byte| sum + &format!("{byte:02x}"))
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

fn content_of(path: &Path) -> io::Result<Vec<u8>> {
    let (path, actor) = place(path);
    let mut content = Vec::new();
    actor.act(|| fs_err::File::open(&path))?.take(MOST).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: Comment = Comment("# ", "");

    #[test]
    fn only_what_labrun_wrote_and_empty_files_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(at(name), text).expect("written");
        let written = sealed("one\ntwo\n".to_owned(), HASH);
        write("empty", "");
        write("ours", &written);
        write("edited", &written.replace("two", "three"));
        write("continued", &format!("{written}more\n"));
        write("mentions", "# written by labrun, sha256 \n");
        write("notes", "a note");
        std::os::unix::fs::symlink("notes", at("link")).expect("linked");
        std::os::unix::fs::symlink("nowhere", at("dangling")).expect("linked");
        std::fs::create_dir(at("folder")).expect("made");
        let put = |name: &str| replace_ours(&at(name), b"new", None);
        for name in ["new", "empty", "ours", "dangling"] {
            put(name).expect("written");
            assert_eq!(std::fs::read_to_string(at(name)).expect("read"), "new", "{name}");
        }
        for name in ["edited", "continued", "mentions", "notes", "link", "folder"] {
            assert_eq!(put(name).expect_err("refused").kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!(std::fs::read_to_string(at("notes")).expect("read"), "a note");
        assert_eq!(there(&at("notes")), There::Content);
        assert_eq!((there(&at("none")), there(Path::new("/dev/null"))), (There::Nothing, There::NoContent));
    }

    #[test]
    fn a_text_ends_with_its_sum_in_a_comment_of_its_kind() {
        let text = sealed("<a/>".to_owned(), Comment("<!-- ", " -->"));
        let (before, line) = text.split_once('\n').expect("two lines");
        assert_eq!(before, "<a/>");
        assert!(line.starts_with("<!-- written by labrun, sha256 ") && line.ends_with(" -->\n"), "{line}");
        assert!(is_as_written(text.as_bytes()));
    }
}
