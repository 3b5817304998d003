//! Shell text of a lab from outside runs only when its folder is as it was when it was trusted.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{Learner, Said};

const LAB: &str = "\
title: A note
summary: Keep a note.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  volumes: [trust-note]
briefing: briefing.md
steps:
  - id: make
    title: Make it
    task: Make a volume named @{trust-note}.
    solution: SOLUTION
    checks:
      - volume: { name: trust-note }
";

/// A lab in a folder below this one, with this solution; gives its address.
pub fn write_lab(above: &Path, solution: &str) -> String {
    let lab = above.join("a-lab");
    std::fs::create_dir_all(&lab).expect("made");
    std::fs::write(lab.join("lab.yaml"), LAB.replace("SOLUTION", solution)).expect("written");
    std::fs::write(lab.join("briefing.md"), "Read this.\n").expect("written");
    lab.to_string_lossy().into_owned()
}

/// A folder with a lab whose solution leaves a mark, and the lab.
fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("mark");
    let lab = write_lab(folder.path(), &format!("docker volume create @{{trust-note}}; touch {}", mark.display()));
    (folder, lab)
}

fn has_run(folder: &TempDir) -> bool {
    folder.path().join("mark").exists()
}

fn refused(said: &Said, why: &str) {
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains(why) && said.err.contains("labrun trust /"), "{said:?}");
}

#[test]
fn a_lab_that_is_not_trusted_is_graded_and_nothing_of_it_runs() {
    let (folder, lab) = folder();
    let learner = Learner::new();
    refused(&learner.labrun(&["verify", &lab]), "that you have not trusted");
    assert_eq!(learner.labrun(&["start", &lab, "--no-shell"]).code, 0);
    refused(&learner.labrun(&["solution", "--run"]), "that you have not trusted");
    refused(&learner.labrun(&["catchup", "1", "--yes"]), "that you have not trusted");
    assert!(learner.labrun(&["solution"]).out.contains("docker volume create"), "it is shown");
    learner.check("make", "fail");
    learner.types(&format!("docker volume create {}-trust-note", learner.name));
    learner.check("make", "pass");
    assert!(!has_run(&folder), "nothing of the lab has run");
}

#[test]
fn trust_is_bound_to_the_folder_as_it_was() {
    let (folder, lab) = folder();
    let learner = Learner::new();
    let asked = learner.labrun(&["trust", &lab]);
    assert_eq!(asked.code, 2, "nobody can be asked: {asked:?}");
    let (code, report) = learner.json(&["trust", &lab, "--yes"]);
    assert_eq!((code, &report["trusted"]), (0, &true.into()), "{report}");
    let (code, report) = learner.json(&["verify", &lab]);
    assert_eq!((code, &report["labs"][0]["passed"]), (0, &true.into()), "{report}");
    assert!(has_run(&folder));
    std::fs::remove_file(folder.path().join("mark")).expect("removed");
    for edit in ["briefing.md", "new-file"] {
        let path = Path::new(&lab).join(edit);
        let before = std::fs::read(&path).ok();
        std::fs::write(&path, "Read this, too.\n").expect("written");
        refused(&learner.labrun(&["verify", &lab]), "has changed since you trusted it");
        match before {
            Some(before) => std::fs::write(&path, before).expect("written"),
            None => std::fs::remove_file(&path).expect("removed"),
        }
    }
    assert_eq!(learner.labrun(&["verify", &lab]).code, 0, "as it was, it is trusted");
    assert_eq!(learner.json(&["trust", &lab, "--revoke"]).1["trusted"], false);
    refused(&learner.labrun(&["verify", &lab]), "that you have not trusted");
}

#[test]
fn a_link_that_leads_out_of_the_folder_is_a_fault() {
    let (_folder, lab) = folder();
    std::os::unix::fs::symlink("/etc/hostname", Path::new(&lab).join("host")).expect("a link");
    let said = Learner::new().labrun(&["trust", &lab, "--yes"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("leads out of the lab's folder"), "{said:?}");
}

#[test]
fn a_lab_that_hands_out_the_machine_is_faulty() {
    let (_folder, lab) = folder();
    let path = Path::new(&lab).join("lab.yaml");
    let text = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(&path, text.replace("touch", "docker run --privileged -v /:/host busybox; touch")).expect("written");
    for command in [&["lint", &lab][..], &["start", &lab, "--no-shell"], &["trust", &lab, "--yes"]] {
        let said = Learner::new().labrun(command);
        assert_eq!(said.code, 3, "{said:?}");
        assert_eq!((said.out + &said.err).matches("unsafe-command").count(), 2, "{command:?}");
    }
}

#[test]
fn what_somebody_exported_for_something_else_is_not_the_labs() {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = folder.path().join("a-lab");
    std::fs::create_dir_all(&lab).expect("made");
    // Both write what they should only where they see no secret: a leak fails the step, or lets its mistake pass.
    let written = |without: &str, with: &str| {
        format!(
            "mkdir -p @{{/tmp/seen}}; if env | grep -q the-secret; then echo {with}; else echo {without}; fi >@{{/tmp/seen}}/is"
        )
    };
    let (solution, mistake) = (written("clean", "leaked"), written("other", "clean"));
    let yaml = format!(
        "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nowns: {{ paths: [/tmp/seen] }}\nbriefing: b.md\nsteps:\n  \
         - id: look\n    title: A\n    task: A\n    solution: '{solution}'\n    checks:\n      \
         - file: {{ in: host, path: /tmp/seen/is, has_lines: [clean] }}\n    mistakes:\n      \
         - {{ run: '{mistake}', diagnosis: other-content }}\n"
    );
    std::fs::write(lab.join("lab.yaml"), yaml).expect("written");
    std::fs::write(lab.join("b.md"), "B\n").expect("written");
    let lab = lab.to_string_lossy().into_owned();
    let learner = Learner::new();
    let run = |arguments: &[&str]| -> Said {
        let mut command = learner.command(arguments);
        for name in ["GITHUB_TOKEN", "DOCKER_AUTH_CONFIG", "LABRUN_NOTE", "npm_config__auth", "LC", "MY_PASSWORD"] {
            command.env(name, "the-secret");
        }
        command.output().expect("labrun runs").into()
    };
    for arguments in [
        &["trust", &lab, "--yes"][..],
        &["verify", &lab],
        &["verify", &lab, "--in-shell=bash"],
        &["start", &lab, "--no-shell"],
        &["solution", "--run"],
        &["reset", "--yes"],
    ] {
        let said = run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    }
}
