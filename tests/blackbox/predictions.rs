//! Predictions come back at the step that settles them, and only those that a learner made.

use tempfile::TempDir;

use crate::harness::Learner;
use crate::reach::write_lab;

const LAB: &str = "\
title: Say before you look
summary: Predictions that a later step settles, and one that its own step does.
level: beginner
minutes: 5
owns:
  paths: [/tmp/predicted]
briefing: briefing.md
steps:
  - id: write
    title: Write a file
    task: Make the directory @{/tmp/predicted}. Say what will be in it.
    solution: mkdir @{/tmp/predicted}
    checks:
      - file: { in: host, path: /tmp/predicted, is: directory }
      - question:
          ask: What is in a new directory?
          choices:
            - { text: what was in the one above, feedback: Nothing is handed down from above. }
            - { text: nothing, right: true }
          graded: false
          settled_by: look
    explain: It is there.
  - id: look
    title: Look into it
    task: Make the file `seen`.
    solution: touch @{/tmp/predicted}/seen
    checks:
      - file: { in: host, path: /tmp/predicted/seen, is: file }
    explain: You have looked.
  - id: count
    title: Count the files
    task: Say how many there will be, and make the file `more`.
    solution: touch @{/tmp/predicted}/more
    checks:
      - file: { in: host, path: /tmp/predicted/more, is: file }
      - question: { ask: How many files will there be?, number: 2, graded: false }
    explain: You have counted.
";

/// What is said of the steps that the command passed, without the task that follows.
fn passed(learner: &Learner, arguments: &[&str]) -> String {
    let said = learner.labrun(arguments);
    assert_eq!(said.code, 0, "{said:?}");
    let end = said.out.find("\n\n").expect("an empty line");
    said.out[..end].to_owned()
}

fn types(learner: &Learner, line: &str) {
    learner.types(&line.replace("@me", &learner.name));
}

fn begun() -> (Learner, TempDir) {
    let (learner, folder) = (Learner::new(), TempDir::new().expect("a folder"));
    let lab = write_lab(folder.path(), LAB);
    let said = learner.labrun(&["start", &lab, "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    (learner, folder)
}

#[test]
fn a_prediction_comes_back_where_it_is_settled() {
    let (learner, _folder) = begun();
    types(&learner, "mkdir /tmp/@me-predicted");
    let asked = passed(&learner, &["answer", "a"]);
    assert_eq!(asked, "Step 1 of 3 · done: Write a file\n  It is there.");
    types(&learner, "touch /tmp/@me-predicted/seen");
    let recalled = "Step 2 of 3 · done: Look into it\n  You predicted: what was in the one above\n  It turned out: nothing\n  \
                    Nothing is handed down from above.\n  You have looked.";
    assert_eq!(passed(&learner, &["check"]), recalled);
    types(&learner, "touch /tmp/@me-predicted/more");
    let recalled = "Step 3 of 3 · done: Count the files\n  As you predicted: 2\n  You have counted.";
    assert_eq!(passed(&learner, &["answer", "2"]), recalled);
    types(&learner, "rm -r /tmp/@me-predicted");
}

#[test]
fn what_labrun_answered_is_nobodys_prediction() {
    let (learner, folder) = begun();
    assert_eq!(learner.labrun(&["trust", &folder.path().to_string_lossy(), "--yes"]).code, 0);
    let said = learner.labrun(&["catchup", "2", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    types(&learner, "touch /tmp/@me-predicted/seen");
    assert_eq!(passed(&learner, &["check"]), "Step 2 of 3 · done: Look into it\n  You have looked.");
    types(&learner, "rm -r /tmp/@me-predicted");
}
