//! Handouts of a small lab, as snapshots.

use insta::assert_snapshot;

use super::{Help, handout};
use labrun_lab::{AsName, Lab, load_dir};

const LAB: &str = r##"
title: Notes *and* a_name
summary: Keep a note.
level: beginner
minutes: 5
exam: { minutes: 10 }
requires: { images: [busybox] }
owns: { volumes: [notes], paths: [/tmp/notes-dir] }
briefing: briefing.md
wrap_up: wrap-up.md
steps:
  - id: make
    part: Make
    title: Make it
    task: Create a volume named **@{notes}**.
    hints:
      - |
        Volumes have commands.

        They are a family.
      - One word, and the name.
    solution: docker volume create @{notes}
    checks:
      - volume: { name: notes }
    explain: |
      # Why
      It is yours.
  - id: think
    part: Think
    title: Think
    task: Guess.
    solution: |
      echo '```' # {{.Name}}
    checks:
      - question:
          ask: How many?
          choices: [{ text: one, feedback: No. }, { text: two, right: true }]
  - id: look
    title: Look
    task: Look at it.
    solution: docker volume inspect @{notes}
    checks:
      - file: { in: { volume: notes }, path: "<note>", is: absent }
      - answer: { ask: Which driver?, volume: notes, field: Driver }
"##;

fn page(learner: Option<&str>, help: Help) -> String {
    let learner = learner.map(|name| name.parse().expect("a name"));
    handout(&lab(learner.clone()), learner.as_ref(), help)
}

fn lab(learner: Option<AsName>) -> Lab {
    lab_of(LAB, learner)
}

fn lab_of(text: &str, learner: Option<AsName>) -> Lab {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let lab = folder.join("notes-lab");
    fs_err::create_dir(&lab).expect("made");
    for (name, text) in [("lab.yaml", text), ("briefing.md", "# First\n\nRead.\n"), ("wrap-up.md", "Done.\n")] {
        fs_err::write(lab.join(name), text).expect("written");
    }
    let loaded = load_dir(&lab, learner);
    fs_err::remove_dir_all(&folder).expect("removed");
    loaded.map_err(|error| error.to_string()).expect("it is read").lab
}

#[test]
fn a_learners_copy_has_hints_at_the_end_and_no_solutions() {
    assert_snapshot!(page(Some("ada"), Help::Hints));
}

#[test]
fn an_instructors_copy_ends_with_the_solutions() {
    let (page, without) = (page(None, Help::Solutions), page(None, Help::Hints));
    let (before, solutions) = page.split_once("## Solutions").expect("a chapter");
    assert_eq!(before.trim_end(), without.trim_end(), "all else is the same");
    assert_snapshot!(solutions);
}

#[test]
fn on_a_screen_help_is_folded_below_its_step() {
    let page = page(None, Help::Folded);
    let (_, steps) = page.split_once("## Part 1").expect("a part");
    assert_snapshot!(steps);
}

#[test]
fn a_path_that_is_no_plain_word_is_quoted_where_it_is_removed() {
    let text = LAB.replace("/tmp/notes-dir", r#""/tmp/a; rm -r ~/b'c""#);
    let page = handout(&lab_of(&text, None), None, Help::Hints);
    assert!(page.contains("\nrm -r '/tmp/a; rm -r ~/b'\\''c'\n"), "{page}");
}

#[test]
fn no_text_of_a_lab_brings_a_script() {
    const SCRIPT: &str = "<script>alert(1)</script>";
    let open_fence = "|\n      a\n\n      ```\n      code";
    for (text, with) in [
        ("title: Notes *and* a_name", format!("title: \"Notes ` {SCRIPT}\"")),
        ("summary: Keep a note.", format!("summary: \"{SCRIPT}\"")),
        ("images: [busybox]", "images: [\"a/b\"]".to_owned()),
        ("/tmp/notes-dir", format!("\"/tmp/a`{SCRIPT}\"")),
        ("part: Make", format!("part: \"{SCRIPT}\"")),
        ("title: Make it", "title: \"Make {onclick=alert(1)}\"".to_owned()),
        ("task: Guess.", format!("task: \"{SCRIPT}\"")),
        ("One word, and the name.", format!("\"[x](javascript:alert(1)) {SCRIPT}\"")),
        ("solution: docker volume create @{notes}", format!("solution: \"echo x # ``` {SCRIPT}\"")),
        ("ask: How many?", format!("ask: \"{SCRIPT}\"")),
        ("text: one,", format!("text: \"{SCRIPT}\",")),
        ("It is yours.", format!("It is <img src=x onerror=alert(1)> {SCRIPT}")),
        // One text opens a fence, another closes it.
        ("task: Guess.", format!("task: {open_fence}\n    explain: \"{SCRIPT}\"")),
    ] {
        let yaml = LAB.replace(text, &with);
        assert_ne!(yaml, LAB, "{text}");
        let lab = lab_of(&yaml, None);
        for help in [Help::Hints, Help::Solutions, Help::Folded] {
            let page = handout(&lab, None, help);
            let found = super::harmless::tests::running(&page, pulldown_cmark::Options::ENABLE_TABLES);
            assert!(found.is_empty(), "{with}: {found:?} in {page}");
        }
    }
}
