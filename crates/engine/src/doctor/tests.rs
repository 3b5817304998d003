//! What the checks make of recorded answers.

use std::path::Path;

use super::finding::Word;
use super::needs::Needs;
use super::seen::Listening;
use super::testing::healthy::{healthy, needs, report};
use super::testing::troubles::{Trouble, security};

#[test]
fn on_a_healthy_machine_no_check_complains() {
    let (shipped, publishing) = needs();
    for needs in [&shipped, &publishing] {
        let report = report(&healthy(needs), needs);
        assert!(matches!(report.worst(), Word::Ok), "{report:?}");
    }
}

#[test]
fn a_learner_with_a_name_is_not_advised_to_take_one() {
    let (mut needs, _) = needs();
    let mut seen = healthy(&needs);
    let taken = crate::Taken { kind: labrun_graders::name::NameKind::Volume, name: "ada-app-data".to_owned() };
    seen.taken = Ok(vec![("docker-volumes".to_owned(), vec![taken])]);
    let remedy = |needs: &Needs| {
        let report = report(&seen, needs);
        let names = report.checks.into_iter().find(|checked| checked.check == "names").expect("names");
        names.finding.remedy.expect("a remedy").text
    };
    assert_eq!(remedy(&needs), "take names of your own with --as NAME; or remove these yourself, if they are yours");
    needs.learner = Some("ada".parse().expect("a name"));
    assert_eq!(remedy(&needs), "take another name than ada with --as; or remove these yourself, if they are yours");
}

#[test]
fn a_room_on_an_old_engine_is_warned() {
    let (mut needs, _) = needs();
    let word = |needs: &Needs, version: &str| {
        let mut seen = healthy(needs);
        if let Ok(told) = &mut seen.version {
            told.version = Some(version.to_owned());
        }
        let report = report(&seen, needs);
        report.checks.into_iter().find(|checked| checked.check == "engine-faults").expect("it is there").finding.word
    };
    assert_eq!(word(&needs, "20.10.24+dfsg1"), Word::Ok);
    needs.learners = 2;
    for (version, expected) in [
        ("20.10.24+dfsg1", Word::Warn),
        ("20.10.0", Word::Warn),
        ("23.0.1", Word::Ok),
        ("28.2.2", Word::Ok),
        ("", Word::Ok),
    ] {
        assert_eq!(word(&needs, version), expected, "{version}");
    }
}

#[test]
fn nobody_fails_for_what_they_do_not_use() {
    let (shipped, publishing) = needs();
    let words = |needs: &Needs, trouble: Trouble| {
        let mut seen = healthy(needs);
        trouble(&mut seen);
        report(&seen, needs).worst()
    };
    let mind: [(Trouble, Word, Word); 4] = [
        (|seen| seen.compose = Ok(None), Word::Ok, Word::Fail),
        (|seen| seen.ports = vec![(80, Listening::Somebody)], Word::Ok, Word::Fail),
        (|seen| security(seen, &["name=rootless"]), Word::Ok, Word::Fail),
        (|seen| security(seen, &["name=userns"]), Word::Warn, Word::Ok),
    ];
    for (number, (trouble, of_shipped, of_publishing)) in mind.into_iter().enumerate() {
        assert_eq!((words(&shipped, trouble), words(&publishing, trouble)), (of_shipped, of_publishing), "{number}");
    }
}

#[test]
fn each_check_has_a_name_of_its_own_and_is_told_of_in_the_book() {
    let mut ids: Vec<&str> = super::CHECKS.iter().map(|check| check.id).collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/instructors/doctor.md");
    let page = fs_err::read_to_string(page).expect("the page is there");
    for id in &ids {
        assert!(page.contains(&format!("\n| `{id}` |")), "the book does not tell of {id}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), super::CHECKS.len());
}
