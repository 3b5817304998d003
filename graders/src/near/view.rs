//! Which containers see the place of a file, and at which path.

use super::Traces;
use crate::fact::{Container, Mount, Place};
use crate::path::{clean, same_source};

/// How many containers are looked into: those in which something was run last.
const LOOKED_INTO: usize = 3;

/// The containers that see the place of a file, each with the path at which it sees it.
pub(super) fn views<'a>(place: &Place, path: &str, traces: Traces<'a>) -> Vec<(&'a Container, String)> {
    let path = clean(path);
    let view = |name: String| {
        let container = traces.container(&name)?;
        let mounted = |mount: &Mount, rest: &str| format!("{}{rest}", mount.destination.trim_end_matches('/'));
        let inside = match place {
            Place::Container(own) => (*own == name).then(|| path.clone())?,
            Place::Volume(_) => {
                let home = container.mounts.iter().find(|mount| is_home(mount, place))?;
                mounted(home, &format!("/{path}"))
            }
            Place::Host => {
                let mount = container.mounts.iter().find(|mount| is_source_above(mount, &path))?;
                let mut ends = path.match_indices('/').map(|(at, _)| at);
                let at = ends.find(|at| *at > 0 && same_source(&mount.source, &path[..*at]))?;
                mounted(mount, &path[at..])
            }
        };
        Some((container, inside))
    };
    suspects(place, traces).into_iter().filter_map(view).collect()
}

/// The containers in which the file may be: its own, else those that something was run in for this step.
pub(super) fn suspects(place: &Place, traces: Traces) -> Vec<String> {
    let mut names: Vec<String> = match place {
        Place::Container(name) => vec![name.clone()],
        Place::Host | Place::Volume(_) => Vec::new(),
    };
    for exec in traces.execs().iter().rev() {
        if names.len() < LOOKED_INTO && !names.contains(&exec.container) && !exec.container.is_empty() {
            names.push(exec.container.clone());
        }
    }
    names
}

/// Whether a mount brings the place of the file into a container.
pub(super) fn is_home(mount: &Mount, place: &Place) -> bool {
    matches!(place, Place::Volume(name) if mount.kind == "volume" && mount.name == *name)
}

/// Whether a bind mount brings a path of the host into a container.
pub(super) fn is_source_above(mount: &Mount, path: &str) -> bool {
    let path = clean(path);
    mount.kind == "bind" && path.match_indices('/').any(|(at, _)| at > 0 && same_source(&mount.source, &path[..at]))
}
