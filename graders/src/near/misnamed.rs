//! A file that was written under a name, or into a folder, that is nearly the wanted one.

use super::Traces;
use super::attempt::Wanted;
use super::spelling::{difference, is_slip};
use super::view::{is_home, is_source_above};
use crate::fact::{Container, Facts, Place};
use crate::path::{clean, file_name, same_source};
use crate::verdict::Feedback;

/// The near miss of the last command in a container that names such a path, or of a file in the container's own layer.
pub fn path(place: &Place, wanted: &Wanted, expected: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    traces.execs().iter().rev().find_map(|exec| {
        let container = traces.container(&exec.container)?;
        let inside = inside(place, wanted.path, container)?;
        let command = exec.argv.to_string();
        let words = command.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | '<' | ';' | '='));
        let paths: Vec<String> = words.filter(|word| word.starts_with('/')).map(clean).collect();
        if paths.contains(&inside) {
            return None;
        }
        let changes = facts.changes(&container.name).ok().flatten().into_iter().flatten();
        let found = paths.iter().chain(changes).find(|path| is_near(path, &inside))?;
        let seen = format!("a command in {} names {found}, and not {inside}", container.name);
        let sentence = match found.strip_prefix(inside.as_str()) {
            Some(ending) => format!("The name ends with {ending} once too often. Compare the path with the task's."),
            None => format!("In {found}, {}. Compare the path with the task's.", difference(found, &inside)),
        };
        Some(Feedback::wrong(expected, seen, sentence).diagnosed("file-name-mistyped"))
    })
}

/// The path by which a container sees the file.
fn inside(place: &Place, path: &str, container: &Container) -> Option<String> {
    match place {
        Place::Container(name) => (container.name == *name).then(|| clean(path)),
        Place::Volume(_) => {
            let mount = container.mounts.iter().find(|mount| is_home(mount, place))?;
            Some(clean(&format!("{}/{path}", mount.destination)))
        }
        Place::Host => {
            let path = clean(path);
            let mount = container.mounts.iter().find(|mount| is_source_above(mount, &path))?;
            let mut folders = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
            let at = folders.find(|at| same_source(&mount.source, &path[..*at]))?;
            Some(clean(&format!("{}/{}", mount.destination, &path[at..])))
        }
    }
}

/// Whether a path is the wanted one, written wrongly: a slip in one of its parts, or its ending twice. Another number is
/// another file.
fn is_near(found: &str, wanted: &str) -> bool {
    let ending = file_name(wanted).rsplit_once('.').map(|(_, ending)| format!(".{ending}"));
    if ending.is_some_and(|ending| found.strip_prefix(wanted) == Some(ending.as_str())) {
        return true;
    }
    let bare = |part: &str| part.replace(|letter: char| letter.is_ascii_digit(), "");
    let (parts, others): (Vec<&str>, Vec<&str>) = (found.split('/').collect(), wanted.split('/').collect());
    let mut differing = parts.iter().zip(&others).filter(|(part, other)| part != other);
    let slip = differing.next().is_some_and(|(part, other)| is_slip(part, other) && bare(part) != bare(other));
    slip && differing.next().is_none() && parts.len() == others.len()
}
