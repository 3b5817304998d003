//! Where a file went that is not where it should be: the container's own layer, memory, another volume.

use super::attempt::Wanted;
use super::view::{is_home, is_source_above, suspects, views};
use super::{Traces, alike, file_history, misnamed};
use crate::evidence::Exec;
use crate::fact::{Ask, Container, Facts, FileKind, Mount, Place};
use crate::path::{clean, file_name, is_within};
use crate::verdict::Feedback;

/// What tells where the file went: first who did what, then what lies in those containers.
pub fn asks(place: &Place, facts: &Facts) -> Vec<Ask> {
    let mut asks = super::traces_asks(facts);
    // Who did what is to be known also where nobody listens.
    if facts.has(&Ask::Typed) && Traces::of(facts).spoke_to_engine().is_none() {
        asks.push(Ask::Journal);
    }
    for name in suspects(place, Traces::of(facts)) {
        asks.extend([Ask::Container(name.clone()), Ask::Changes(name)]);
    }
    asks
}

/// What tells whether the container sees another folder than this host, and whether the file is there under another name.
pub fn asks_inside(place: &Place, path: &str, facts: &Facts) -> Vec<Ask> {
    let inside = seen_from_inside(place, path, Traces::of(facts))
        .map(|(container, inside)| Ask::File { place: Place::Container(container.name.clone()), path: inside });
    inside.chain(alike::asks(place, path, facts)).collect()
}

/// The containers that have a path of the host by a bind mount, each with the path at which it sees it.
fn seen_from_inside<'a>(
    place: &Place,
    path: &str,
    traces: Traces<'a>,
) -> impl Iterator<Item = (&'a Container, String)> {
    let views = if *place == Place::Host { views(place, path, traces) } else { Vec::new() };
    views.into_iter()
}

/// The container has the file where it sees the host's folder, and the host has not: the engine's folder is another one.
fn not_shared(place: &Place, wanted: &Wanted, expected: &str, facts: &Facts) -> Option<Feedback> {
    if matches!(facts.file(place, wanted.path), Ok(Some(_))) {
        return None;
    }
    let (container, inside) = seen_from_inside(place, wanted.path, Traces::of(facts)).find(|(container, inside)| {
        let there = Place::Container(container.name.clone());
        matches!(facts.file(&there, inside), Ok(Some(file)) if file.kind == FileKind::Regular)
    })?;
    let seen = format!("{} has it at {inside}, and your host has no {}", container.name, wanted.path);
    let sentence = "The engine's folder is another one than yours, so that no file of one is in the other.\n\
                    What stands between them: labrun doctor.";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("folder-not-shared"))
}

/// The near misses of a file that is not there.
pub fn missing(place: &Place, wanted: &Wanted, expected: &str, facts: &Facts) -> Vec<Feedback> {
    let traces = Traces::of(facts);
    let execs = traces.execs();
    let mut near: Vec<Feedback> = not_shared(place, wanted, expected, facts).into_iter().collect();
    // A try elsewhere that was refused, before the newest one, may have been a part of the task.
    let newest = execs.iter().rfind(|exec| wanted.is_mentioned_in(&exec.argv.to_string()));
    for name in suspects(place, traces) {
        let Some(container) = traces.container(&name) else { continue };
        let about = execs.iter().rfind(|exec| exec.container == name && wanted.is_mentioned_in(&exec.argv.to_string()));
        let home = container.mounts.iter().find(|mount| is_home(mount, place));
        let shared = container.mounts.iter().find(|mount| *place == Place::Host && is_source_above(mount, wanted.path));
        let refused = newest.filter(|exec| exec.container == name);
        near.extend(read_only(home.or(shared), refused, container, expected));
        if let Some(exec) = about.filter(|exec| exec.exit_code == Some(0))
            && let Some(mount) = mount_written_to(exec, wanted, container)
        {
            near.extend(in_memory(exec, mount, container, expected));
            near.extend(in_another_volume(place, mount, container, expected));
        }
        near.extend(in_own_layer(place, home, wanted, container, expected, facts));
    }
    near.extend(file_history::in_another(place, wanted, expected, traces));
    near.extend(file_history::deleted(place, wanted, expected, traces));
    let alike = alike::near(place, wanted, expected, facts);
    near.extend(alike.or_else(|| misnamed::path(place, wanted, expected, facts)));
    if near.is_empty() {
        near.extend(failed(&execs, wanted, expected));
    }
    near
}

/// The last command that was to write the file ended badly, and it said why.
fn failed(execs: &[Exec], wanted: &Wanted, expected: &str) -> Option<Feedback> {
    const WRITERS: [&str; 7] = ["touch ", "cp ", "mv ", "tee ", "mkdir ", "ln ", "tar "];
    let writes = |command: &str| command.contains('>') || WRITERS.iter().any(|program| command.contains(program));
    let last = execs.iter().rfind(|exec| {
        let command = exec.argv.to_string();
        wanted.is_mentioned_in(&command) && writes(&command)
    })?;
    let code = last.exit_code.filter(|code| *code != 0)?;
    let seen = format!("the command that names it ended with {code} in {}", last.container);
    let sentence = "Read what it printed: that says what was in its way.";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("command-failed"))
}

fn read_only(home: Option<&Mount>, about: Option<&Exec>, container: &Container, expected: &str) -> Option<Feedback> {
    let home = home.filter(|home| !home.writable)?;
    about.filter(|exec| exec.exit_code.is_some_and(|code| code != 0))?;
    let source = if home.kind == "volume" { &home.name } else { &home.source };
    let seen = format!("{} has {source} read-only", container.name);
    let sentence = "Writing needs write access. Look at the access that the mount was given.";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("read-only-mount"))
}

/// The mount that a command's words lead below, if they name the file there.
fn mount_written_to<'a>(exec: &Exec, wanted: &Wanted, container: &'a Container) -> Option<&'a Mount> {
    let command = exec.argv.to_string();
    let mut words = command.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | '<' | ';' | '='));
    let path = words.rfind(|word| word.starts_with('/') && file_name(word) == file_name(wanted.path)).map(clean)?;
    let covering = container.mounts.iter().filter(|mount| is_within(&path, &clean(&mount.destination)));
    covering.max_by_key(|mount| mount.destination.len())
}

/// The engine does not look into a tmpfs, and a restart empties it.
fn in_memory(exec: &Exec, mount: &Mount, container: &Container, expected: &str) -> Option<Feedback> {
    let (name, at) = (&container.name, &mount.destination);
    (mount.kind == "tmpfs").then(|| {
        if container.started.is_some_and(|started| started > exec.at()) {
            let seen = format!("it was written to a tmpfs at {at}, and {name} was started again since");
            let sentence = "What lies in memory lasts as long as the container runs. What outlives a stop?";
            Feedback::wrong(expected, seen, sentence).diagnosed("tmpfs-emptied")
        } else {
            let seen = format!("{name} has a tmpfs at {at}: it was written to memory");
            let sentence = "Memory or disk: which of them is to hold the data?";
            Feedback::wrong(expected, seen, sentence).diagnosed("wrong-mount-type")
        }
    })
}

fn in_another_volume(place: &Place, mount: &Mount, container: &Container, expected: &str) -> Option<Feedback> {
    let Place::Volume(volume) = place else { return None };
    (mount.kind == "volume" && mount.name != *volume && !mount.is_anonymous()).then(|| {
        let seen = format!("{} has volume {} at {}", container.name, mount.name, mount.destination);
        let sentence = "What is written there, no container with the other volume can see. Do both share one source?";
        Feedback::wrong(expected, seen, sentence).diagnosed("different-volumes")
    })
}

/// A file of that name among the changes of the container's own layer, where no mount is.
fn in_own_layer(
    place: &Place,
    home: Option<&Mount>,
    wanted: &Wanted,
    container: &Container,
    expected: &str,
    facts: &Facts,
) -> Option<Feedback> {
    let changes = facts.changes(&container.name).ok().flatten()?;
    let name = &container.name;
    let mounted = |path: &str| container.mounts.iter().any(|mount| is_within(path, &clean(&mount.destination)));
    let is_wanted =
        |path: &str| matches!(place, Place::Container(own) if own == name) && clean(path) == clean(wanted.path);
    let is_it = |path: &&String| file_name(path) == file_name(wanted.path) && !mounted(path) && !is_wanted(path);
    let found = changes.iter().find(is_it)?;
    let home = match place {
        Place::Volume(_) => home,
        Place::Container(_) => {
            container.mounts.iter().find(|mount| is_within(&clean(wanted.path), &clean(&mount.destination)))
        }
        Place::Host => container.mounts.iter().find(|mount| is_source_above(mount, wanted.path)),
    };
    if let Place::Container(wanted_in) = place
        && (wanted_in != name || home.is_none())
    {
        return Some(at_another_path(found, container, wanted_in, wanted, expected));
    }
    let seen = format!("{found} in {name}'s own layer");
    Some(match home {
        Some(home) => {
            let sentence = format!("The mount is at {}. Compare that with the path you wrote to.", home.destination);
            Feedback::wrong(expected, seen, sentence).diagnosed("written-beside-mount")
        }
        None if *place == Place::Host => {
            let sentence = "A container's files are not your host's. Where was the command to run?";
            Feedback::wrong(expected, seen, sentence).diagnosed("data-in-container-layer")
        }
        None => {
            let sentence = "Nothing is mounted there: what a container writes to its own layer goes when it is removed.\n\
                            What would survive it?";
            Feedback::wrong(expected, seen, sentence).diagnosed("data-in-container-layer")
        }
    })
}

/// A file that was to be in a container's own files, and is at another path, or in another container: no mount is missing.
fn at_another_path(found: &str, container: &Container, wanted_in: &str, wanted: &Wanted, expected: &str) -> Feedback {
    let name = &container.name;
    if name != wanted_in {
        let seen = format!("{found} is in {name}, and not in {wanted_in}");
        let sentence = format!("That is in {name}. Which container does the step name?");
        return Feedback::wrong(expected, seen, sentence).diagnosed("wrong-container");
    }
    let seen = format!("{name} has {found}, and no {}", wanted.path);
    let sentence = "The file is there, at another path. Compare it with the task's.";
    Feedback::wrong(expected, seen, sentence).diagnosed("wrong-path")
}
