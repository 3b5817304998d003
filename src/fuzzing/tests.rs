//! Every input that was once found is tried again, by the very functions that `make fuzz` tries.

use std::path::{Path, PathBuf};

use super::TARGETS;

/// The least that a corpus is worth: with fewer somebody has lost it.
const FEWEST: usize = 20;

/// The corpus of a target, in order.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("a file").path());
    let mut inputs: Vec<_> = files.map(|path| (path.clone(), std::fs::read(path).expect("read"))).collect();
    inputs.sort();
    assert!(inputs.len() >= FEWEST, "{} files in {}", inputs.len(), folder.display());
    inputs
}

fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).expect("there is such a target");
    for (path, bytes) in corpus(target) {
        if std::panic::catch_unwind(|| run(&bytes)).is_err() {
            panic!("above: cargo fuzz run {target} {}", path.display());
        }
    }
}

/// Inputs made from each of the corpus, without a nightly Rust and without a guide; more with `LABRUN_MUTATIONS`.
const MUTATIONS: u64 = 5;

/// Changes an input a little: bytes, pieces taken out, doubled, or put in from another.
fn mutated(input: &[u8], other: &[u8], random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random(3) {
        let at = random(bytes.len() + 1);
        let end = (at + random(24)).min(bytes.len());
        let from = random(other.len() + 1);
        let piece = other[from..(from + random(24)).min(other.len())].to_vec();
        match random(5) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(random(256)).unwrap_or_default(),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            3 => drop(bytes.splice(at..at, piece)),
            _ => drop(bytes.splice(at..end, piece)),
        }
    }
    bytes
}

#[test]
fn what_is_a_little_different_holds_too() {
    let count = std::env::var("LABRUN_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTATIONS);
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below
    };
    for (target, run) in TARGETS {
        let inputs = corpus(target);
        for _ in 0..count * inputs.len() as u64 {
            let bytes = mutated(&inputs[random(inputs.len())].1, &inputs[random(inputs.len())].1, &mut random);
            if std::panic::catch_unwind(|| run(&bytes)).is_err() {
                panic!("above: {target}, with {:?}", bytes.escape_ascii().to_string());
            }
        }
    }
}

macro_rules! replays {
    ($($name:ident: $target:literal;)*) => {
        $(#[test]
        fn $name() {
            replay($target);
        })*

        #[test]
        fn every_target_is_replayed_and_has_its_program() {
            let mut programs: Vec<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets"))
                .expect("targets")
                .map(|entry| entry.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
                .collect();
            programs.sort();
            let named = TARGETS.map(|(name, _)| name);
            assert_eq!(programs, named);
            assert_eq!([$($target),*], named);
        }
    };
}

replays! {
    archives_hold: "archive";
    events_hold: "events";
    expressions_hold: "expression";
    labs_hold: "lab";
    markdown_holds: "markdown";
    lines_hold: "shell";
}
