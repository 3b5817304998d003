//! What comes nearest to a mount that is wanted, and which mistake that is.

use super::{Mount, Source};
use crate::fact;
use crate::path::{clean, file_name};
use crate::verdict::Feedback;

/// Nearest first: the right thing in the wrong place, something else in the right place, nothing like it.
pub(super) fn to(wanted: &Mount, container: &fact::Container) -> Feedback {
    let wrong = |seen: String, sentence: &str| Feedback::wrong(wanted.expected(), seen, sentence);
    let mounts = &container.mounts;
    let source = wanted.source();
    if let Some(mount) = mounts.iter().find(|mount| wanted.is_source_of(mount) && wanted.is_at(mount)) {
        let it = format!("the tmpfs at {}", mount.destination);
        let broken = wanted.limits().and_then(|limits| limits.broken_by(&mount.limits, &it, &wanted.expected()));
        if let Some(feedback) = broken {
            return feedback;
        }
        return match mount.writable {
            true => wrong(
                format!("{source} is writable there"),
                "Could this container still write to it? Look at the options of the mount.",
            )
            .diagnosed("writable-mount"),
            false => wrong(format!("{source} is read-only there"), "Look at the access that the mount was given.")
                .diagnosed("read-only-mount"),
        };
    }
    if let Some(mount) = mounts.iter().find(|mount| wanted.is_source_of(mount)) {
        let sentence = "Which part of the mount says where the container sees it? Mounts are fixed at creation.";
        return wrong(format!("{source} at {}", mount.destination), sentence).diagnosed("wrong-destination");
    }
    if let Some(mount) = mounts.iter().find(|mount| wanted.is_at(mount)) {
        return other_source(wanted, mount);
    }
    if let Some(mount) = mounts.iter().find(|mount| is_source_as_destination(&wanted.source, mount)) {
        let sentence = "A mount given as one word is only a place. Was that word the source or the destination?";
        return wrong(described_at(mount), sentence).diagnosed("source-taken-for-destination");
    }
    match mounts.first() {
        Some(mount) => wrong(described_at(mount), "Compare source and destination of the mount with the task's.")
            .diagnosed("missing-mount"),
        None => wrong("nothing is mounted in it".to_owned(), "Mounts are given when a container is created, and stay.")
            .diagnosed("no-mount"),
    }
}

/// `-v app-data`: an anonymous volume at a place of that name.
fn is_source_as_destination(source: &Source, mount: &fact::Mount) -> bool {
    let Source::Volume(name) = source else { return false };
    mount.is_anonymous() && clean(mount.destination.trim_start_matches('/')) == clean(&name.text)
}

/// Something else is where the wanted was to be.
fn other_source(wanted: &Mount, mount: &fact::Mount) -> Feedback {
    let (sentence, diagnosis) = match (&wanted.source, mount.kind.as_str()) {
        (Source::Volume(_) | Source::Anonymous, "bind") => {
            ("What does a slash at the start of the source say about it?", "bind-instead-of-volume")
        }
        (Source::Volume(_) | Source::Bind(_), "volume") if mount.is_anonymous() => {
            ("The engine named this storage itself. Could you find it again?", "anonymous-volume")
        }
        (Source::Bind(_), "volume") => {
            ("A source without a slash is taken as a name. Of what?", "volume-instead-of-bind")
        }
        (Source::Volume(_), "volume") => {
            ("The engine makes a new volume for each name that it does not know. Compare the names.", "wrong-source")
        }
        (Source::Bind(path), "bind") if file_name(&clean(&path.text)) == file_name(&clean(&mount.source)) => {
            ("A directory of that name, but elsewhere. Relative to which directory was it given?", "other-directory")
        }
        (_, "tmpfs") | (Source::Tmpfs(_), _) => {
            ("Memory or disk: which of them is to hold the data?", "wrong-mount-type")
        }
        _ => ("Something else is mounted there: compare the sources.", "wrong-source"),
    };
    Feedback::wrong(wanted.expected(), described_at(mount), sentence).diagnosed(diagnosis)
}

/// A mount in words: "volume x at /data", "host path /x at /data".
pub(in crate::kinds) fn described_at(mount: &fact::Mount) -> String {
    let what = match mount.kind.as_str() {
        "volume" if mount.is_anonymous() => "an anonymous volume".to_owned(),
        "volume" => format!("volume {}", mount.name),
        "bind" => format!("host path {}", mount.source),
        kind => format!("a {kind}"),
    };
    format!("{what} at {}", mount.destination)
}
