//! A file that is where it should be, under a name that is nearly the wanted one.

use super::Traces;
use super::attempt::Wanted;
use super::spelling;
use super::view::views;
use crate::evidence::{Argv, Exec};
use crate::fact::{Ask, Facts, File, FileKind, Place};
use crate::path::{clean, file_name};
use crate::shell::{self, Word};
use crate::verdict::Feedback;
use crate::wrappers::{Inner, inner};

/// How many names are looked for: each costs a look.
const LOOKED_FOR: usize = 3;

/// What tells whether a file of nearly the wanted name is there.
pub fn asks(place: &Place, path: &str, facts: &Facts) -> Vec<Ask> {
    let asks = candidates(place, path, Traces::of(facts)).into_iter();
    asks.map(|(place, path)| Ask::File { place, path }).collect()
}

/// The near miss of a file that is not there while one of nearly its name is.
pub fn near(place: &Place, wanted: &Wanted, expected: &str, facts: &Facts) -> Option<Feedback> {
    // Where the wanted file is there as well, what was to be added to it must be in the other one.
    let added = match facts.file(place, wanted.path) {
        Ok(Some(_)) => Some(wanted.texts.last().map_or("", |text| text.trim())),
        _ => None,
    };
    let has_it = |file: &File| {
        added.is_none_or(|text| {
            !text.is_empty() && file.content.as_deref().is_some_and(|content| content.contains(text))
        })
    };
    let is_there = |(place, path): &(Place, String)| matches!(facts.file(place, path), Ok(Some(file)) if file.kind == FileKind::Regular && has_it(file));
    let (_, path) = candidates(place, wanted.path, Traces::of(facts)).into_iter().find(is_there)?;
    let (found, name) = (file_name(&path), file_name(wanted.path));
    let seen = match added {
        Some(text) => format!("{found} has {text}, and {name} has not"),
        None => format!("{found} is there, and {name} is not"),
    };
    let sentence = format!("In {found}, {}. Compare the names.", spelling::file_difference(found, name));
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("file-name-mistyped"))
}

/// What tells whether a path of the host that was typed, and that is nearly the wanted one, is there.
pub fn asks_of_host(path: &str, facts: &Facts) -> Vec<Ask> {
    typed_like(path, Traces::of(facts)).into_iter().map(Ask::HostPath).collect()
}

/// The near miss of a path of the host that is not there while a typed one that is nearly it is.
pub fn on_host(path: &str, expected: &str, facts: &Facts) -> Option<Feedback> {
    let is_there = |typed: &String| matches!(facts.host_path(typed), Ok(Some(_)));
    let found = typed_like(path, Traces::of(facts)).into_iter().find(is_there)?;
    let seen = format!("{found} is there, and {path} is not");
    let sentence = format!("In {found}, {}. Compare the paths.", spelling::difference(&found, path));
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("path-mistyped"))
}

/// Absolute paths of lines typed for this step that are nearly this one, newest first.
fn typed_like(path: &str, traces: Traces) -> Vec<String> {
    let words = traces.lines().rev().flat_map(|line| named_in(&shell::commands(line.text())).into_iter().rev());
    let mut alike: Vec<String> = Vec::new();
    for word in words.filter(|word| word.starts_with('/')).map(|word| clean(&word)) {
        if alike.len() < LOOKED_FOR && spelling::is_slip(&word, path) && !alike.contains(&word) {
            alike.push(word);
        }
    }
    alike
}

/// Files that the learner's commands name, newest first, in the folder of the wanted one and alike in name.
fn candidates(place: &Place, path: &str, traces: Traces) -> Vec<(Place, String)> {
    let mut found: Vec<(Place, String)> = Vec::new();
    let mut add = |place: Place, path: &str, words: Vec<String>| {
        let (folder, wanted) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
        for word in words.iter().rev() {
            let name = file_name(word);
            let candidate = (place.clone(), format!("{folder}/{name}"));
            if found.len() < LOOKED_FOR && spelling::is_file_slip(name, wanted) && !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    };
    for (container, inside) in views(place, path, traces) {
        let execs = traces.execs().into_iter().rev().filter(|exec| exec.container == container.name);
        for exec in execs {
            add(Place::Container(container.name.clone()), &inside, named_by(&exec));
        }
    }
    if *place == Place::Host {
        for line in traces.lines().rev() {
            add(Place::Host, path, named_in(&shell::commands(line.text())));
        }
    }
    found
}

/// What an exec names that may be a file.
fn named_by(exec: &Exec) -> Vec<String> {
    let argv: Vec<Word> = match &exec.argv {
        Argv::Known(argv) => argv.iter().map(|word| Word::literal(word)).collect(),
        Argv::Joined(joined) => joined.split_whitespace().map(Word::literal).collect(),
    };
    match inner(&argv) {
        Inner::Script(script) => named_in(&shell::commands(script)),
        Inner::Program(_, args) => args.iter().filter_map(value).collect(),
        _ => Vec::new(),
    }
}

fn named_in(commands: &[shell::Command]) -> Vec<String> {
    let words = commands.iter().flat_map(|command| {
        let targets = command.redirects.iter().map(|redirect| &*redirect.target);
        command.words.iter().skip(1).chain(targets)
    });
    words.filter_map(value).collect()
}

/// A word, or what stands behind the `=` in it: `of=FILE`.
fn value(word: &Word) -> Option<String> {
    let text = word.known()?;
    Some(text.split_once('=').map_or(text, |(_, value)| value).to_owned())
}
