//! What the book says of labs, and only the labs know: the tutorial's lab and its faults, and what the track covers.

use std::collections::BTreeSet;
use std::path::Path;

use super::examples::block;
use super::{book, root};
use crate::ui::{Page, Theme};
use labrun_lab::{LoadError, Loaded, Step, catalogue, load, load_dir};

const TUTORIAL: &str = "src/authors/first-lab.md";
const COVERAGE: &str = "src/instructors/coverage.md";

fn read(path: &str) -> String {
    fs_err::read_to_string(book(path)).expect("it is in the book")
}

/// The tutorial's lab as its author has it after the first step: without the marks of the book's listings.
fn first_draft() -> String {
    let lab = read("examples/first-lab/lab.yaml");
    let (draft, _) = lab.split_once("    # ANCHOR_END: shelf\n").expect("the first step is marked");
    draft
        .lines()
        .filter(|line| !line.contains("# ANCHOR") && !line.starts_with("# yaml"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn lint(folder: &Path, lab: &str) -> Result<Loaded, LoadError> {
    fs_err::write(folder.join("lab.yaml"), lab).expect("written");
    fs_err::write(folder.join("briefing.md"), read("examples/first-lab/briefing.md")).expect("written");
    load_dir(folder, None)
}

#[test]
fn the_tutorials_lab_has_no_faults() {
    let loaded = load_dir(&book("examples/first-lab"), None).map_err(|error| error.to_string()).expect("it is read");
    assert_eq!(loaded.lab.steps.len(), 3);
    assert!(loaded.lab.steps.iter().all(|step| !step.mistakes.is_empty()), "each step shows a mistake");
    let page = read(TUTORIAL);
    for listing in ["head", "shelf", "shelf-mistakes", "write", "read"] {
        assert!(page.contains(&format!("first-lab/lab.yaml:{listing}}}}}")), "{TUTORIAL} leaves out {listing}");
    }
}

#[test]
fn the_tutorials_slips_are_told_as_the_book_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let draft = lint(folder.path(), &first_draft()).map_err(|error| error.to_string()).expect("no faults yet");
    assert_eq!(draft.lab.steps.len(), 1);
    let slips = first_draft().replace("- volume:", "- volum:").replace("**@{note-shelf}**", "**note-shelf**");
    let Err(LoadError::Faulty(faulty)) = lint(folder.path(), &slips) else { panic!("the slips are no faults") };
    let screen = Page { width: 80, theme: Theme::default(), in_shell: false, by_sudo: false }.faults(&faulty);
    let place = fs_err::canonicalize(folder.path()).expect("its path").display().to_string();
    let page = read(TUTORIAL);
    let (_, after) = page.split_once("Now make a slip").expect("the tutorial makes slips");
    let shown = block(after, "text");
    assert_eq!(shown, format!("$ labrun lint ./my-lab\n{}", screen.replace(&place, "my-lab")));
}

/// The rows of the table of what the track covers: what each says, and the steps that it names.
fn rows(page: &str) -> Vec<(&str, Vec<&str>)> {
    page.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---") && line.contains('`'))
        .map(|line| {
            let (says, steps) = line.trim_matches(['|', ' ']).rsplit_once(" | ").unwrap_or((line, ""));
            (says, steps.split(", ").collect())
        })
        .collect()
}

fn asks_something(step: &Step) -> bool {
    step.checks.iter().any(|check| matches!(check.kind, "question" | "answer"))
}

#[test]
fn what_the_track_covers_is_graded_where_the_book_says() {
    let page = read(COVERAGE);
    let rows = rows(&page);
    assert!(rows.len() >= 30, "the table is not found: {} rows", rows.len());
    crate::builtin::provide();
    let mut told = BTreeSet::new();
    for (says, steps) in rows {
        for named in steps {
            let (place, remark) = named.split_once("` ").unwrap_or((named.trim_end_matches('`'), ""));
            let (lab, step) = place.trim_start_matches('`').split_once('/').unwrap_or((place, ""));
            let loaded = load(lab, None).map_err(|_| format!("“{says}” names {named}: no such lab")).expect("a lab");
            let found = loaded.lab.steps.iter().find(|found| found.id == step);
            let found = found.ok_or_else(|| format!("“{says}” names {named}: no such step")).expect("a step");
            match remark {
                "" => {}
                "(question)" => assert!(asks_something(found), "{named} asks no question"),
                other => panic!("{named}: what is {other}?"),
            }
            told.insert(lab.to_owned());
        }
    }
    let labs: BTreeSet<String> = catalogue().expect("the tracks").into_iter().flat_map(|track| track.labs).collect();
    assert_eq!(told, labs, "{COVERAGE} names other labs than there are");
}

/// The diagnoses that no mistake of a lab can make happen on the lab's own engine: those of another engine are proved in
/// tests/blackbox/other_engine.rs, a folder that the engine does not share in tests/blackbox/ways_on.rs, and another driver
/// takes a plugin.
const NOT_OF_A_LAB: [&str; 4] = ["another-users-engine", "folder-not-shared", "other-engine", "wrong-driver"];

/// Those of kinds of check of which the labs need little: they are made to happen on a real engine by the tables of these
/// tests.
const TABLES: [&str; 4] = [
    include_str!("../../../tests/blackbox/reach.rs"),
    include_str!("../../../tests/blackbox/same_since.rs"),
    include_str!("../../../tests/blackbox/formats.rs"),
    include_str!("../../../tests/blackbox/exec_keys.rs"),
];

#[test]
fn every_diagnosis_is_made_to_happen_on_a_real_engine() {
    crate::builtin::provide();
    let mut unmade: BTreeSet<&str> =
        labrun_graders::diagnosis::DIAGNOSES.iter().map(|diagnosis| diagnosis.name).collect();
    for lab in catalogue().map_err(|error| error.to_string()).expect("a catalogue").iter().flat_map(|track| &track.labs)
    {
        let loaded = load(lab, None).map_err(|error| error.to_string()).expect("it is read");
        for mistake in loaded.lab.steps.iter().flat_map(|step| &step.mistakes) {
            unmade.remove(mistake.diagnosis.text.as_str());
        }
    }
    let is_in_table = |diagnosis: &str| TABLES.iter().any(|table| table.contains(&format!("\"{diagnosis}\")")));
    let folder = fs_err::read_dir(root("tests/forms")).expect("the form tables are there");
    let forms: String =
        folder.map(|entry| fs_err::read_to_string(entry.expect("read").path()).expect("read")).collect();
    let is_in_forms = |diagnosis: &str| forms.contains(&format!("\n        says: {diagnosis}\n"));
    unmade.retain(|diagnosis| !is_in_table(diagnosis) && !is_in_forms(diagnosis));
    assert_eq!(unmade, NOT_OF_A_LAB.into(), "nobody sees these on a real engine");
}
