//! Every input that was once found is tried again, by the very functions that `make fuzz` tries.

use std::path::Path;

use super::TARGETS;

/// The least that a corpus is worth: with fewer somebody has lost it.
const FEWEST: usize = 20;

fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).expect("there is such a target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let inputs: Vec<_> =
        std::fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    assert!(inputs.len() >= FEWEST, "{} files in {}", inputs.len(), folder.display());
    for input in inputs {
        let bytes = std::fs::read(&input).expect("read");
        if std::panic::catch_unwind(|| run(&bytes)).is_err() {
            panic!("above: cargo fuzz run {target} {}", input.display());
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
