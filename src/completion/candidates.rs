//! What may stand in a place of the command line.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};

use super::current;
use labrun_docker::Ambient;
use labrun_lab::{Lab, catalogue, load};

/// The labs that ship with labrun; folders, once a path is begun.
#[must_use]
pub fn labs() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| if is_path(begun) { folders(begun) } else { starting(begun, lab_names()) })
}

/// The labs and the tracks.
#[must_use]
pub fn labs_and_tracks() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let tracks = catalogue().unwrap_or_default();
        let tracks = tracks.into_iter().map(|track| candidate(track.id, track.title));
        lab_names().into_iter().chain(tracks).collect()
    })
}

/// The steps of the lab that is gone through.
#[must_use]
pub fn step_of_session() -> ArgValueCandidates {
    ArgValueCandidates::new(|| current::lab_of_session().map(|lab| steps(&lab)).unwrap_or_default())
}

/// The steps of the lab that the command line names.
#[must_use]
pub fn steps_of_lab() -> ArgValueCandidates {
    ArgValueCandidates::new(|| current::lab().map(|lab| steps(&lab)).unwrap_or_default())
}

/// The parts of the lab that the command line names, by their numbers.
#[must_use]
pub fn parts() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let lab = current::lab();
        let mut titles: Vec<&str> =
            lab.iter().flat_map(|lab| &lab.steps).filter_map(|step| Some(step.part.as_ref()?.text.as_str())).collect();
        titles.dedup();
        titles.iter().zip(1..).map(|(title, number)| candidate(number.to_string(), (*title).to_owned())).collect()
    })
}

/// The names that learners have gone by on this machine.
#[must_use]
pub fn learners() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let names = current::sessions().into_iter().filter_map(|row| row.begin.learner);
        let names: std::collections::BTreeSet<String> = names.collect();
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// Docker's contexts.
#[must_use]
pub fn contexts() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let env = |name: &str| std::env::var_os(name);
        let ambient = Ambient { host_flag: None, context_flag: None, env: &env, home };
        ambient.context_names().into_iter().map(CompletionCandidate::new).collect()
    })
}

fn lab_names() -> Vec<CompletionCandidate> {
    let labs = catalogue().unwrap_or_default().into_iter().flat_map(|track| track.labs);
    labs.map(|id| {
        let title = load(&id, None).map(|loaded| loaded.lab.title).unwrap_or_default();
        candidate(id, title)
    })
    .collect()
}

fn steps(lab: &Lab) -> Vec<CompletionCandidate> {
    let steps = lab.steps.iter().zip(1..);
    steps.map(|(step, number)| candidate(step.id.clone(), format!("{number}. {}", step.title.text))).collect()
}

fn candidate(value: String, help: String) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.into()))
}

fn starting(begun: &OsStr, candidates: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    let begins = |candidate: &CompletionCandidate| {
        candidate.get_value().as_encoded_bytes().starts_with(begun.as_encoded_bytes())
    };
    candidates.into_iter().filter(begins).collect()
}

fn is_path(begun: &OsStr) -> bool {
    let bytes = begun.as_encoded_bytes();
    bytes.starts_with(b".") || bytes.contains(&b'/')
}

fn folders(begun: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::dir().complete(begun)
}
