//! The GitHub Action: its script, run here as a runner runs it, and its description.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::trust::write_lab;

/// Runs the action's only step in this workspace, with these inputs as they are handed over.
fn run(learner: &Learner, workspace: &Path, inputs: &[(&str, &str)]) -> Said {
    let root = env!("CARGO_MANIFEST_DIR");
    let action = std::fs::read_to_string(Path::new(root).join("action.yml")).expect("it is there");
    let action: Value = serde_saphyr::from_str(&action).expect("YAML");
    let step = &action["runs"]["steps"][0];
    let mut command = Command::new("bash");
    command.args(["-c", step["run"].as_str().expect("a command")]).current_dir(workspace);
    // A lab's name in the environment would change what is proved.
    command.env("GITHUB_ACTION_PATH", root).env("LABRUN_AS", &learner.name);
    for (name, value) in step["env"].as_object().expect("variables") {
        let input = value.as_str().and_then(|value| value.strip_prefix("${{ inputs.")?.strip_suffix(" }}"));
        let input = input.unwrap_or_else(|| panic!("{value} is no input"));
        let default = action["inputs"][input]["default"].as_str().unwrap_or_else(|| panic!("{input} is not declared"));
        let given = inputs.iter().find(|(name, _)| *name == input).map_or(default, |(_, value)| value);
        command.env(name, given);
    }
    command.output().expect("bash runs").into()
}

#[test]
fn the_action_verifies_every_lab_of_a_folder_and_writes_what_it_found() {
    let learner = Learner::new();
    let workspace = TempDir::new().expect("a folder");
    let labs = workspace.path().join("some labs");
    write_lab(&labs.join("deeper"), "docker volume create @{trust-note}");
    let new = labs.join("new-lab");
    assert_eq!(learner.labrun(&["new", new.to_str().expect("a path")]).code, 0);
    let inputs =
        [("labs", "some labs"), ("arguments", "--in-shell --jobs 2"), ("labrun", env!("CARGO_BIN_EXE_labrun"))];
    let said = run(&learner, workspace.path(), &inputs);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("a-lab: proved") && said.out.contains("new-lab: proved"), "{said:?}");
    assert!(said.out.contains("passes in the practice shell"), "{said:?}");
    let written = std::fs::read_to_string(workspace.path().join("labrun-verify.xml")).expect("written");
    assert!(
        written.contains(r#"<testsuite name="a-lab""#) && written.contains(r#"<testsuite name="new-lab""#),
        "{written}"
    );
    assert!(!learner.home.path().join("progress.db").exists(), "the trust was for this run alone");
}

#[test]
fn the_action_fails_where_a_lab_is_not_proved_faulty_or_not_there() {
    let learner = Learner::new();
    let workspace = TempDir::new().expect("a folder");
    let labrun = ("labrun", env!("CARGO_BIN_EXE_labrun"));
    let said = run(&learner, workspace.path(), &[("labs", "."), labrun]);
    assert!(said.code == 2 && said.err.ends_with("there is no lab.yaml below .\n"), "{said:?}");
    let lab = write_lab(workspace.path(), "'true; touch \"$(printf ran-\"%s\" \"$$\")\"'");
    let said = run(&learner, workspace.path(), &[("labs", "a-lab"), ("arguments", ""), labrun]);
    assert!(said.code == 1 && said.out.contains("a-lab: NOT PROVED"), "{said:?}");
    let written = std::fs::read_to_string(workspace.path().join("labrun-verify.xml")).expect("written");
    assert!(written.contains(r#"<failure type="fails-after-its-solution""#), "{written}");
    let ran = || {
        let names = std::fs::read_dir(workspace.path()).expect("there").flatten().map(|file| file.file_name());
        names.filter(|name| name.to_string_lossy().starts_with("ran-")).collect::<BTreeSet<_>>()
    };
    let before = ran();
    assert_eq!(before.len(), 1, "its solution ran once");
    std::fs::write(Path::new(&lab).join("lab.yaml"), "title: Nothing else\n").expect("written");
    let said = run(&learner, workspace.path(), &[("labs", "a-lab"), labrun]);
    assert_eq!((said.code, ran()), (3, before), "of a faulty lab nothing runs: {said:?}");
}

#[test]
fn the_action_leaves_no_old_report_behind() {
    let learner = Learner::new();
    let workspace = TempDir::new().expect("a folder");
    let junit = workspace.path().join("labrun-verify.xml");
    let labrun = env!("CARGO_BIN_EXE_labrun");
    let lab = write_lab(workspace.path(), "docker volume create @{trust-note}");
    let faulty = workspace.path().join("faulty");
    std::fs::create_dir(&faulty).expect("made");
    std::fs::write(faulty.join("lab.yaml"), "title: Nothing else\n").expect("written");
    let missing = workspace.path().join("missing");
    std::fs::create_dir(&missing).expect("made");
    let yaml = std::fs::read_to_string(Path::new(&lab).join("lab.yaml")).expect("read");
    std::fs::write(missing.join("lab.yaml"), yaml.replace("busybox", "localhost:1/labrun/none:1")).expect("written");
    for file in std::fs::read_dir(&lab).expect("there").flatten().filter(|file| file.file_name() != "lab.yaml") {
        std::fs::copy(file.path(), missing.join(file.file_name())).expect("copied");
    }
    for (labs, program, code, failure) in [
        ("nowhere", labrun, 2, "there is no lab.yaml in the folder"),
        ("faulty", labrun, 3, "lint found faults in a lab"),
        ("missing", labrun, 4, "an image could not be pulled, or a lab not trusted"),
        ("a-lab", "/none/labrun", 127, "labrun could not be built or run"),
    ] {
        std::fs::write(&junit, "<testsuites/>").expect("written");
        let said = run(&learner, workspace.path(), &[("labs", labs), ("labrun", program)]);
        assert_eq!(said.code, code, "{labs}: {said:?}");
        let written = std::fs::read_to_string(&junit).expect("written");
        assert!(written.contains(&format!("<error message=\"{failure}\"/>")), "{labs}: {written}");
    }
}
