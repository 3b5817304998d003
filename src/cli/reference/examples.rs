//! What the book's own text says of labs, read as labs.

use super::book;

#[test]
fn the_books_examples_of_checks_have_no_faults() {
    let loaded = labrun_lab::load_dir(&book("examples/check-kinds"), None);
    let loaded = loaded.map_err(|error| error.to_string()).expect("the example lab is read");
    assert!(!loaded.lab.steps.is_empty());
}

/// The first block of this language in a page of the book.
pub(super) fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, after) = page.split_once(&format!("```{language}\n")).expect("the page has such a block");
    after.split_once("```").map_or(after, |(block, _)| block)
}

#[test]
fn the_books_faulty_lab_has_the_faults_that_the_book_shows() {
    let page = fs_err::read_to_string(book("src/authors/lint.md")).expect("the page is there");
    let folder = tempfile::tempdir().expect("a folder");
    fs_err::write(folder.path().join("lab.yaml"), block(&page, "yaml")).expect("written");
    fs_err::write(folder.path().join("briefing.md"), "A note.\n").expect("written");
    let Err(labrun_lab::LoadError::Faulty(faulty)) = labrun_lab::load_dir(folder.path(), None) else {
        panic!("the lab has no faults");
    };
    let screen = crate::ui::Page { width: 80, theme: crate::ui::Theme::default(), in_shell: false, by_sudo: false }
        .faults(&faulty);
    let place = fs_err::canonicalize(folder.path()).expect("its path").display().to_string();
    let transcript = format!("$ labrun lint /tmp/my-lab\n{}", screen.replace(&place, "/tmp/my-lab"));
    assert_eq!(block(&page, "text"), transcript);
}

#[test]
fn the_book_tells_of_every_kind_of_check() {
    let page = fs_err::read_to_string(book("src/authors/checks.md")).expect("the page is there");
    let untold: Vec<_> = labrun_graders::KINDS
        .iter()
        .map(|kind| kind.name)
        .filter(|kind| !page.contains(&format!("\n## `{kind}`\n")))
        .collect();
    assert!(untold.is_empty(), "book/src/authors/checks.md has no section for {untold:?}");
}
