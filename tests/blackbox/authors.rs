//! What an author types: a new lab, its proof, a handout, a lint that goes on while they write.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::Learner;
use crate::terminal::Terminal;

/// A folder with a new lab in it, made by labrun, and the lab's path.
fn new_lab(learner: &Learner) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = folder.path().join("greeting-lab").to_string_lossy().into_owned();
    let (code, report) = learner.json(&["new", &lab]);
    assert_eq!((code, &report["lab"]), (0, &"greeting-lab".into()), "{report}");
    (folder, lab)
}

#[test]
fn a_new_lab_has_no_faults_and_is_proved_as_it_is() {
    let learner = Learner::new();
    let (_folder, lab) = new_lab(&learner);
    assert_eq!(learner.labrun(&["lint", &lab]).code, 0);
    assert_eq!(learner.labrun(&["trust", &lab, "--yes"]).code, 0);
    let (code, report) = learner.json(&["verify", &lab]);
    assert_eq!((code, &report["labs"][0]["passed"]), (0, &true.into()), "{report}");
    let refused = report["labs"][0]["steps"][1]["mistakes"].as_array().expect("mistakes");
    assert_eq!(refused.len(), 2, "{report}");
}

#[test]
fn a_new_lab_is_written_over_nothing() {
    let learner = Learner::new();
    let (_folder, lab) = new_lab(&learner);
    let kept = Path::new(&lab).join("briefing.md");
    std::fs::write(&kept, "Mine.\n").expect("written");
    let said = learner.labrun(&["new", &lab]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("there is something in"), "{said:?}");
    assert_eq!(std::fs::read_to_string(&kept).expect("it is there"), "Mine.\n");
}

#[test]
fn a_handout_has_the_learners_names_and_no_control_characters() {
    let learner = Learner::new();
    let (_folder, lab) = new_lab(&learner);
    let briefing = Path::new(&lab).join("briefing.md");
    std::fs::write(&briefing, "Read \u{1b}[31mthis.\n").expect("written");
    let said = learner.labrun(&["handout", &lab]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(&format!("named **{}-greeting-lab-data**", learner.name)), "{said:?}");
    assert!(said.out.contains("Read ␛[31mthis.") && !said.out.contains("## Solutions"), "{said:?}");
    let with = learner.labrun(&["handout", &lab, "--solutions"]).out;
    assert!(with.contains(&format!("docker volume create {}-greeting-lab-data", learner.name)), "{with}");
}

#[test]
fn a_step_is_shown_as_a_learner_sees_it_and_what_comes_later() {
    let learner = Learner::new();
    let (_folder, lab) = new_lab(&learner);
    let by_id = learner.labrun(&["lint", &lab, "--step", "write-greeting"]);
    assert_eq!(by_id.code, 0, "{by_id:?}");
    insta::assert_snapshot!(by_id.out.replace(&lab, "…/greeting-lab"));
    assert_eq!(learner.labrun(&["lint", &lab, "--step", "2"]).out, by_id.out);
    assert_eq!(learner.labrun(&["lint", &lab, "--step", "3"]).code, 2);
    assert_eq!(learner.labrun(&["lint", "labs", "--step", "1"]).code, 2, "of which lab?");
}

#[test]
fn lint_watch_looks_again_when_a_file_changes() {
    let learner = Learner::new();
    let (_folder, lab) = new_lab(&learner);
    let terminal = Terminal::command(&learner, 80, &["lint", "--watch", &lab, "--step", "1"]);
    terminal.wait_until("the step", |screen| screen.contains("Create a Docker volume"));
    let file = Path::new(&lab).join("lab.yaml");
    let sound = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, sound.replace("- volume:", "- volum:")).expect("written");
    terminal.wait_until("the fault", |screen| screen.contains("did you mean `volume`?") && screen.contains("1 fault"));
    // As editors do it: written beside, then moved over it.
    let beside = Path::new(&lab).join(".lab.yaml.swp");
    std::fs::write(&beside, sound.replace("Create a Docker", "Please create a Docker")).expect("written");
    std::fs::rename(&beside, &file).expect("moved");
    terminal
        .wait_until("the new text", |screen| screen.contains("Please create a Docker") && !screen.contains("fault\n"));
    std::fs::write(Path::new(&lab).join("briefing.md"), "Use greeting-lab-data.\n").expect("written");
    terminal.wait_until("a fault of another file", |screen| screen.contains("bare-name"));
}
