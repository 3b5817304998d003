//! What `labrun lint` says of a faulty lab: everything at once, each fault beside its words.

use std::path::Path;

use crate::harness::Learner;

fn lint(lab: &str, files: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let lab_folder = folder.path().join("a-lab");
    std::fs::create_dir(&lab_folder).expect("made");
    std::fs::write(lab_folder.join("lab.yaml"), lab).expect("written");
    for (name, text) in files {
        std::fs::write(lab_folder.join(name), text).expect("written");
    }
    let said = Learner::new()
        .command(&["lint"])
        .arg(&lab_folder)
        .output()
        .map(crate::harness::Said::from)
        .expect("labrun runs");
    let place = std::fs::canonicalize(folder.path()).expect("it is there").to_string_lossy().into_owned();
    (said.code, (said.out + &said.err).replace(&place, "…").replace(&*folder.path().to_string_lossy(), "…"))
}

#[test]
fn every_fault_of_a_file_is_said_at_once() {
    let lab = include_str!("faulty-lab.yaml");
    let (code, said) = lint(lab, &[("briefing.md", "Use app-data, and @{nothing}.\n")]);
    assert_eq!(code, 3);
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_no_yaml_is_pointed_at() {
    let (code, said) = lint("title: x\nsteps: [\n", &[]);
    assert_eq!(code, 3);
    insta::assert_snapshot!(said);
}

#[test]
fn the_json_report_tells_where() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("lab.yaml"), "title: x\ntitel: y\n").expect("written");
    let learner = Learner::new();
    let (code, report) = learner.json(&["lint", &folder.path().to_string_lossy()]);
    assert_eq!(code, 3);
    let faults = report["labs"][0]["faults"].as_array().expect("faults");
    let unknown = faults.iter().find(|fault| fault["code"] == "unknown-key").expect("the unknown key");
    assert_eq!((&report["schema"], &unknown["message"]), (&1.into(), &"a lab has no key `titel`".into()));
    assert!(unknown["file"].as_str().is_some_and(|file| file.ends_with("/lab.yaml")), "{unknown}");
    assert_eq!(
        (&unknown["line"], &unknown["column"], &unknown["help"]),
        (&2.into(), &1.into(), &"did you mean `title`?".into())
    );
}

#[test]
fn shipped_labs_have_no_faults() {
    let said = Learner::new().labrun(&["lint", "labs"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    assert!(Path::new("labs").is_dir());
}
