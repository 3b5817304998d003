//! What may have come of a source that is not mounted: the name or path of another one.

use super::Traces;
use super::spelling::{difference, is_slip};
use crate::fact::{Container, Facts, FileKind, Mount};
use crate::name::NameKind;
use crate::verdict::Feedback;

/// The near misses of a volume in whose place `found` is mounted.
pub fn other_volume(name: &str, expected: &str, container: &Container, found: &Mount, facts: &Facts) -> Vec<Feedback> {
    if found.kind != "volume" || found.is_anonymous() {
        return Vec::new();
    }
    let near = [mistyped(name, expected, found, facts), different(name, expected, container, found, facts)];
    near.into_iter().flatten().collect()
}

fn mistyped(name: &str, expected: &str, found: &Mount, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let made = found.name.as_str();
    // Only one that came with the mount, or for it: an older volume was meant.
    let is_new = traces.new_volumes().any(|volume| volume.name == made);
    (is_new && is_slip(made, name) && !traces.is_owned(NameKind::Volume, made)).then(|| {
        let seen = format!("volume {made} at {}", found.destination);
        let sentence =
            format!("In {made}, {}. The engine makes a volume for each name it does not know.", difference(made, name));
        Feedback::wrong(expected, seen, sentence).diagnosed("name-mistyped")
    })
}

fn different(name: &str, expected: &str, container: &Container, found: &Mount, facts: &Facts) -> Option<Feedback> {
    let has = |mounts: &[Mount]| mounts.iter().any(|mount| mount.kind == "volume" && mount.name == name);
    let other = Traces::of(facts).new_containers().find(|other| other.id != container.id && has(&other.mounts))?;
    let seen = format!("volume {} at {}; {} has {name}", found.name, found.destination, other.name);
    let sentence = "What one of them writes, the other cannot see. Do both share one source?";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("different-volumes"))
}

/// The near miss of a host path in whose place `found` is mounted.
pub fn other_path(path: &str, expected: &str, found: &Mount, facts: &Facts) -> Option<Feedback> {
    if found.kind != "bind" || !is_slip(&found.source, path) {
        return None;
    }
    let source = facts.host_path(&found.source).ok().flatten()?;
    // The engine makes what is not there, as root, and nobody has put anything in it since.
    let by_engine = source.kind == FileKind::Directory && source.empty && source.owner == 0;
    let is_new = source.changed.is_some_and(|changed| changed > facts.scope.began);
    (by_engine && is_new).then(|| {
        let seen = format!("host path {} at {}; it is empty, and root's", found.source, found.destination);
        let sentence = format!("In that path, {}. Did that directory exist before?", difference(&found.source, path));
        Feedback::wrong(expected, seen, sentence).diagnosed("path-mistyped")
    })
}
