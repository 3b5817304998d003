//! Paths as text: those of containers and engines need not be of this host's kind.

/// The same path without `.`, `..`, doubled and trailing slashes. `..` above the root stays at the root.
#[must_use]
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}

/// Whether a path has a `..` in it.
#[must_use]
pub fn leads_up(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// Whether a path is this folder or below it; both are clean.
#[must_use]
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder == "/")
}

/// Whether another mount, within a mount, lies over a file that the mount would bring; all are clean.
#[must_use]
pub fn hides(other: &str, mount: &str, file: &str) -> bool {
    other != mount && is_within(other, mount) && is_within(file, other)
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Whether a bind mount's source, as the engine tells it, is this host path.
///
/// Docker Desktop tells host paths below `/host_mnt`, and on macOS `/tmp` is a link to `/private/tmp`.
#[must_use]
pub fn same_source(told: &str, wanted: &str) -> bool {
    let (told, wanted) = (clean(told), clean(wanted));
    let told = told.strip_prefix("/host_mnt").unwrap_or(&told);
    told == wanted || told.strip_prefix("/private") == Some(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_another_form_is_the_same() {
        for form in ["/data/", "//data", "/./data", "/x/../data", "/../data"] {
            assert_eq!(clean(form), "/data", "{form}");
        }
        assert_eq!(clean("/"), "/");
        assert_eq!(clean("file.txt"), "file.txt");
    }

    #[test]
    fn a_source_told_by_docker_desktop_is_the_host_path() {
        assert!(same_source("/tmp/dind", "/tmp/dind/"));
        assert!(same_source("/host_mnt/tmp/dind", "/tmp/dind"));
        assert!(same_source("/private/tmp/dind", "/tmp/dind"));
        assert!(!same_source("/tmp/dind2", "/tmp/dind"));
        assert!(!same_source("/home/tmp/dind", "/tmp/dind"));
    }
}
