//! The labs that ship with labrun, as chapters of the book: a page a lab, and one a track.

use std::collections::BTreeSet;

use super::{NOTE, book, kept_current};
use crate::ui::{Help, handout, track};
use labrun_lab::{Lab, catalogue, load};

/// Below the title, where no reader of the Markdown stumbles over it.
fn with_note(page: &str) -> String {
    page.replacen("\n\n", &format!("\n\n{NOTE}\n"), 1)
}

#[test]
fn each_shipped_lab_and_track_is_a_chapter_that_says_what_the_lab_says() {
    let summary = fs_err::read_to_string(book("src/SUMMARY.md")).expect("the summary is there");
    crate::builtin::provide();
    let mut pages = BTreeSet::new();
    for known in catalogue().map_err(|error| error.to_string()).expect("the tracks are read") {
        let load = |id| load(id, None).map_err(|error| error.to_string()).expect("the lab is read").lab;
        let labs: Vec<Lab> = known.labs.iter().map(|id| load(id)).collect();
        let chapters = labs.iter().map(|lab| (&lab.id, &lab.title, handout(lab, None, Help::Folded)));
        let chapters = std::iter::once((&known.id, &known.title, track(&known, &labs))).chain(chapters);
        for (id, title, page) in chapters {
            kept_current(&format!("book/src/labs/{id}.md"), &with_note(&page));
            let line = format!("- [{title}](labs/{id}.md)\n");
            assert!(summary.contains(&line), "book/src/SUMMARY.md has no line {line}");
            assert!(pages.insert(format!("{id}.md")), "two pages are called {id}.md");
        }
    }
    let kept = fs_err::read_dir(book("src/labs")).expect("the folder is there");
    let kept: BTreeSet<String> =
        kept.map(|entry| entry.expect("it is read").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(kept, pages, "book/src/labs has pages of labs that are not there");
}
