//! What a container had mounted in the place of what it was to have.

use super::Run;
use crate::evidence::MountSeen;
use crate::fact::Facts;
use crate::grader::Grader;
use crate::name::NameKind;
use crate::near::{Traces, spelling};
use crate::path::{clean, file_name};
use crate::verdict::Feedback;

/// What is said of it.
pub(super) struct Other {
    pub(super) seen: String,
    pub(super) sentence: String,
    pub(super) diagnosis: &'static str,
}

/// Which mistake the mount in the right place is; `run` is the container's name.
pub(super) fn other(wanted: &Run, mount: &MountSeen, run: &str) -> Other {
    let (source, name) = (mount.source.as_str(), wanted.source.text.as_str());
    let is_slip = spelling::is_slip(source, name);
    let by = |sentence: &str| sentence.to_owned();
    let (sentence, diagnosis) = match (wanted.source.kind, mount.kind.as_str()) {
        (_, "volume") if mount.is_anonymous() => {
            (by("The engine named this storage itself. Could you find it again?"), "anonymous-volume")
        }
        (NameKind::Volume, "bind") => {
            (by("What does a slash at the start of the source say about it?"), "bind-instead-of-volume")
        }
        (NameKind::Volume, "volume") if is_slip => {
            let difference = spelling::difference(source, name);
            (format!("In {source}, {difference}. The engine takes any name: compare."), "name-mistyped")
        }
        (NameKind::Volume, "volume") => (
            by("The engine makes a new volume for each name that it does not know. Compare the names."),
            "wrong-source",
        ),
        (NameKind::Path, "volume") => {
            (by("A source without a slash is taken as a name. Of what?"), "volume-instead-of-bind")
        }
        (NameKind::Path, "bind") if file_name(&clean(source)) == file_name(&clean(name)) => (
            by("A directory of that name, but elsewhere. Relative to which directory was it given?"),
            "other-directory",
        ),
        (NameKind::Path, "bind") if is_slip => {
            (format!("In {source}, {}. Compare the paths.", spelling::difference(source, name)), "path-mistyped")
        }
        (_, "tmpfs") => (by("Memory or disk: which of them is to hold the data?"), "wrong-mount-type"),
        _ => (by("Something else is mounted there: compare the sources."), "wrong-source"),
    };
    let what = if mount.is_anonymous() { "a new volume without a name" } else { source };
    Other { seen: format!("{run} had {what} at {}", mount.destination), sentence, diagnosis }
}

/// The near miss of the newest `docker run` that was typed, where it mounts something else in the place. A container that
/// is gone at once cannot be asked what was mounted in it.
pub(super) fn typed(wanted: &Run, facts: &Facts) -> Option<Feedback> {
    let calls = Traces::of(facts).calls();
    let (_, call) = calls.iter().rfind(|(_, call)| call.command == "container run")?;
    let mount = call.mounts.iter().find(|words| clean(&words.target) == clean(&wanted.at))?;
    // What the shell made of another one is not known.
    if mount.source.contains(['$', '`', '~']) || mount.source == wanted.source.text {
        return None;
    }
    let kind = if mount.source.starts_with(['/', '.']) { "bind" } else { "volume" };
    let seen = MountSeen {
        kind: kind.to_owned(),
        source: mount.source.clone(),
        destination: mount.target.clone(),
        ..MountSeen::default()
    };
    let Other { seen, sentence, diagnosis } = other(wanted, &seen, "the last one that was run");
    Some(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed(diagnosis))
}
