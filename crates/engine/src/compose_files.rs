//! The compose projects whose files are in a folder. Volumes and networks carry only a project's name, and compose gets it
//! from the file, from `.env` or from the folder.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::ownership::compose_name;

/// How many folders deep files are looked for, and among how many entries.
const DEPTH: usize = 4;
const ENTRIES: usize = 2_000;

/// How much of a file is read, in bytes.
const HEAD: u64 = 64 * 1024;

/// Lists the names that projects can have whose files are in this folder or below it. A file can have any name, so every
/// YAML file counts.
pub(super) fn projects(folder: &Path) -> BTreeSet<String> {
    let mut projects = BTreeSet::new();
    // A link is removed, and what it leads to stays.
    if std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        collect(folder, DEPTH, &mut ENTRIES.clone(), &mut projects);
    }
    projects
}

fn collect(folder: &Path, depth: usize, left: &mut usize, projects: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() && depth > 0 {
            collect(&path, depth - 1, left, projects);
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml") {
            projects.extend(folder.file_name().and_then(|name| name.to_str()).map(compose_name));
            projects.extend(value(&head(&path), "name:"));
        } else if kind.is_file() && path.file_name().is_some_and(|name| name == ".env") {
            projects.extend(value(&head(&path), "COMPOSE_PROJECT_NAME="));
        }
    }
}

/// What a line that begins with this key sets it to.
fn value(text: &str, key: &str) -> Option<String> {
    let set = text.lines().find_map(|line| line.strip_prefix(key))?;
    let set = set.split(" #").next()?.trim().trim_matches(['"', '\'']);
    (!set.is_empty()).then(|| set.to_owned())
}

fn head(path: &Path) -> String {
    // A file that was exchanged for a pipe is not waited for.
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let read = |file: File| {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).map(|_| String::from_utf8_lossy(&head).into_owned())
    };
    OpenOptions::new().read(true).custom_flags(flags).open(path).and_then(read).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_called_after_file_env_or_folder() {
        let above = tempfile::tempdir().expect("a folder");
        let shop = above.path().join("My Shop");
        let write = |name: &str, text: &str| {
            let path = shop.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("deep/er/compose.yaml", "services: {}\n");
        write("other.yml", "name: \"stock\" # ours\nservices: {}\n");
        write("env/.env", "A=1\nCOMPOSE_PROJECT_NAME='till'\n");
        write("notes/read.txt", "name: none\n");
        std::os::unix::fs::symlink("/", shop.join("root")).expect("linked");
        let expected = ["er", "myshop", "stock", "till"].map(str::to_owned);
        assert_eq!(projects(&shop), expected.into_iter().collect());
        std::os::unix::fs::symlink(&shop, above.path().join("link")).expect("linked");
        for none in ["link", "missing", "My Shop/other.yml"] {
            assert_eq!(projects(&above.path().join(none)), BTreeSet::new(), "{none}");
        }
    }
}
