//! The register of diagnoses: what is in it, and which of several is the nearest.

use std::collections::BTreeSet;
use std::path::Path;

use labrun_graders::diagnosis::{DIAGNOSES, find, nearest, rank};
use labrun_graders::{Feedback, Verdict};

fn of(diagnosis: &'static str) -> Feedback {
    Feedback::wrong("x", "y", "z").diagnosed(diagnosis)
}

/// All that the graders are made of.
fn source(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the source is here");
    let texts = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => source(&path),
            false if path.ends_with("diagnosis.rs") => String::new(),
            false => std::fs::read_to_string(&path).expect("a text"),
        }
    });
    texts.collect()
}

#[test]
fn the_register_has_every_name_that_is_given_and_no_other() {
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let given: BTreeSet<&str> =
        source.split(".diagnosed(\"").skip(1).filter_map(|after| after.split_once('"')).map(|(name, _)| name).collect();
    let unknown: Vec<_> = given.iter().filter(|name| find(name).is_none()).collect();
    assert_eq!(unknown, Vec::<&&str>::new(), "given, and not in the register");
    let quoted = |name: &str| source.contains(&format!("\"{name}\""));
    let dead: Vec<_> = DIAGNOSES.iter().map(|known| known.name).filter(|name| !quoted(name)).collect();
    assert_eq!(dead, Vec::<&str>::new(), "in the register, and never given");
}

#[test]
fn the_register_is_in_the_order_of_nearness_and_names_each_once() {
    assert!(DIAGNOSES.is_sorted_by_key(|diagnosis| diagnosis.distance));
    let names: BTreeSet<&str> = DIAGNOSES.iter().map(|diagnosis| diagnosis.name).collect();
    assert_eq!(names.len(), DIAGNOSES.len());
}

#[test]
fn the_nearest_is_an_authors_own_then_the_first_of_the_register_then_what_has_no_name() {
    let unnamed = || Feedback::wrong("x", "y", "z");
    let others = || [of("wrong-source"), of("name-mistyped"), of("wrong-destination")];
    assert_eq!(nearest(unnamed(), others()), of("wrong-destination"));
    assert_eq!(nearest(of("name-taken"), others()), of("name-taken"));
    assert_eq!(nearest(of("name-taken"), [of("an-authors-own")]), of("an-authors-own"));
    assert_eq!(nearest(unnamed(), []), unnamed());
    assert_eq!([rank(&of("an-authors-own")), rank(&of("name-taken")), rank(&unnamed())], [0, 1, usize::MAX]);
}

#[test]
fn of_two_that_are_as_near_the_first_is_told() {
    let (first, second) = (Feedback { seen: "1".to_owned(), ..of("wrong-image") }, of("wrong-image"));
    assert_eq!(nearest(first.clone(), [second.clone()]), first);
    let verdicts = [Verdict::Fail(of("wrong-source")), Verdict::Fail(first.clone()), Verdict::Fail(second)];
    assert_eq!(Feedback::nearest_of(&verdicts), Some(&first));
    assert_eq!(Feedback::nearest_of([]), None);
}
