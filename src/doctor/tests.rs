//! Every row of trouble, on recorded answers: those of a Docker and a Podman engine as they were given, and changed in the
//! one place that tells Docker Desktop, SELinux, WSL or snap from it.

mod healthy;
mod troubles;

use std::path::Path;

use labrun_graders::{CannotLook, Obstacle};

use super::finding::Word;
use super::needs::Needs;
use super::seen::{Listening, Registry};
use crate::ui::{Page, Theme};
use healthy::{healthy, needs, report};
use troubles::{SOCKET, START, TROUBLES, Trouble, disk, no_engine, says, security};

fn page_of(width: usize) -> Page {
    Page { width, theme: Theme::default(), in_shell: false, by_sudo: false }
}

/// From here on the book's page is written by a test.
const WRITTEN: &str =
    "<!-- From here on written by a test in src/doctor/tests.rs: UPDATE_REFERENCE=1 cargo test --lib doctor -->\n";

#[test]
fn on_a_healthy_machine_no_check_complains() {
    let (shipped, publishing) = needs();
    for needs in [&shipped, &publishing] {
        let report = report(&healthy(needs), needs);
        assert!(matches!(report.worst(), Word::Ok), "{report:?}");
    }
}

#[test]
fn every_trouble_is_told_by_its_check_with_a_remedy_and_by_the_book() {
    let (shipped, publishing) = needs();
    let mut story = String::new();
    for (title, how, trouble) in TROUBLES {
        story += &format!("\n### {}{}\n\nTo see it: {how}.\n\n```text\n", title[..1].to_uppercase(), &title[1..]);
        // Told for the lab that minds: both are looked at, and what is told for both is told once.
        let told = [&shipped, &publishing].map(|needs| {
            let mut seen = healthy(needs);
            trouble(&mut seen);
            let mut report = report(&seen, needs);
            report.checks.retain(|checked| matches!(checked.finding.word, Word::Warn | Word::Fail));
            for checked in &report.checks {
                assert!(checked.finding.remedy.is_some(), "{title}: {checked:?}");
            }
            let screen = page_of(80).doctor(&report);
            screen.split("\n\n").next().unwrap_or_default().to_owned() + "\n"
        });
        let [of_shipped, of_publishing] = &told;
        let told = if of_shipped.contains("try:") { of_shipped } else { of_publishing };
        story += told;
        story += "```\n";
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/instructors/doctor.md");
    let page = fs_err::read_to_string(&path).expect("the page is there");
    let (prose, kept) = page.split_once(WRITTEN).expect("it says where this begins");
    let mut seen = healthy(&shipped);
    says(&mut seen, "");
    seen.registry = vec![("busybox".to_owned(), Ok(Registry::Has))];
    let (before, sample) = prose.split_once("```text\n✓").expect("it begins with a whole screen");
    let (sample, after) = sample.split_once("```").expect("which ends");
    let screen = page_of(80).doctor(&report(&seen, &shipped)).replacen('✓', "", 1);
    if std::env::var("UPDATE_REFERENCE").as_deref() == Ok("1") {
        let page = format!("{before}```text\n✓{screen}```{after}{WRITTEN}{story}");
        fs_err::write(&path, page).expect("written");
    } else {
        assert!(
            kept == story && sample == screen,
            "the book tells of other words than doctor's. Write it anew, and look at what changed: UPDATE_REFERENCE=1 \
             cargo test --lib doctor"
        );
    }
}

#[test]
fn a_learner_with_a_name_is_not_advised_to_take_one() {
    let (mut needs, _) = needs();
    let mut seen = healthy(&needs);
    let taken = crate::engine::Taken { kind: labrun_graders::name::NameKind::Volume, name: "ada-app-data".to_owned() };
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
fn the_screen_fits_80_and_40_columns() {
    let (needs, _) = needs();
    let mut seen = healthy(&needs);
    disk(&mut seen, 700_000_000);
    says(&mut seen, "toomanyrequests: You have reached your pull rate limit.");
    let mut dead = healthy(&needs);
    dead.version = Err(CannotLook::new(Obstacle::NoEngine, "", ""));
    no_engine(&mut dead, Obstacle::NoEngine, SOCKET, START);
    for width in [80, 40] {
        let screen =
            page_of(width).doctor(&report(&seen, &needs)) + "\n\n" + &page_of(width).doctor(&report(&dead, &needs));
        // The line to paste is broken by the terminal alone.
        let lines = screen.lines().filter(|line| !line.starts_with("labrun "));
        let widest = lines.map(console::measure_text_width).max().unwrap_or_default();
        assert!(widest <= width, "{widest} columns:\n{screen}");
        insta::assert_snapshot!(format!("screen_{width}"), screen);
    }
}

#[test]
fn each_check_has_a_name_of_its_own_and_is_told_of_in_the_book() {
    let mut ids: Vec<&str> = super::CHECKS.iter().map(|check| check.id).collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/instructors/doctor.md");
    let page = fs_err::read_to_string(page).expect("the page is there");
    for id in &ids {
        assert!(page.contains(&format!("\n| `{id}` |")), "the book does not tell of {id}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), super::CHECKS.len());
}
