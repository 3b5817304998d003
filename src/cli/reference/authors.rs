//! The authors' reference: every kind of check, every key of the lab files, every diagnosis.

use std::fmt::Write as _;

use labrun_graders::KINDS;
use labrun_graders::diagnosis::{DIAGNOSES, Distance};
use labrun_graders::shape::{Form, Shape};

use super::tables::{table, within};
use super::{NOTE, kept_current};
use labrun_lab::{LAB_FILE, TRACK_FILE};

const MARK: &str = "A key with a `?` may be left out.";

fn checks() -> String {
    let mut page = format!(
        "# Every kind of check\n\n{NOTE}\nA check is a mapping with one key, its kind. {MARK} Examples, and what else is to \
         be known, are in\n[The kinds of check](../authors/checks.md).\n"
    );
    for kind in KINDS {
        let _ = write!(page, "\n## `{}`\n\n{}\n\n", kind.name, kind.about);
        match &kind.form {
            Form::Map(shape) => keys(&mut page, shape, "###"),
            _ => page += "A list of checks.\n",
        }
    }
    page
}

/// The keys of a mapping, and of those within it, each under a heading.
fn keys(page: &mut String, shape: &'static Shape, level: &str) {
    table(page, shape);
    for inner in within(shape) {
        let _ = write!(page, "\n{level} {}\n\n", capitalised(inner.what));
        table(page, inner);
    }
}

fn lab_files() -> String {
    let mut page = format!(
        "# Every key of the lab files\n\n{NOTE}\n{MARK} How a lab is made of these is in\n\
         [The files of a lab](../authors/lab-format.md).\n"
    );
    for file in [&LAB_FILE, &TRACK_FILE] {
        let _ = write!(page, "\n## {}\n\n{}\n\n", file.name, file.about);
        if let Form::Map(shape) = &file.form {
            keys(&mut page, shape, "###");
        }
    }
    page
}

fn diagnoses() -> String {
    let mut page = format!(
        "# Every diagnosis\n\n{NOTE}\nThe near misses that labrun knows by name, the nearest first: what stands further up \
         is told before\nwhat stands further down. Each name is stable; it stands in JSON reports and in a lab's `mistakes`. \
         More in\n[Mistakes and diagnoses](../authors/diagnoses.md).\n"
    );
    let mut group: Option<Distance> = None;
    for diagnosis in DIAGNOSES {
        if group != Some(diagnosis.distance) {
            let title = diagnosis.distance.describe();
            let _ =
                write!(page, "\n## {}\n\n| diagnosis | what proves it |\n| --- | --- |\n", title.trim_end_matches('.'));
            group = Some(diagnosis.distance);
        }
        let _ = writeln!(page, "| `{}` | {}. |", diagnosis.name, capitalised(diagnosis.proof));
    }
    page
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[test]
fn the_books_reference_of_checks_is_what_they_are_read_by() {
    kept_current("book/src/reference/checks.md", &checks());
}

#[test]
fn the_books_reference_of_lab_files_is_what_they_are_read_by() {
    kept_current("book/src/reference/lab-files.md", &lab_files());
}

#[test]
fn the_books_reference_of_diagnoses_is_the_register_nearest_first() {
    assert!(DIAGNOSES.is_sorted_by_key(|diagnosis| diagnosis.distance), "groups of the same distance stand together");
    kept_current("book/src/reference/diagnoses.md", &diagnoses());
}
