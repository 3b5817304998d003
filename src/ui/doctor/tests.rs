//! What doctor shows of recorded answers, on the screen and in the book.

use std::path::Path;

use labrun_engine::doctor::Report;
use labrun_engine::doctor::testing::{full_and_dead, troubles, well};

use crate::ui::{Page, Theme};

fn page_of(width: usize) -> Page {
    Page { width, theme: Theme::default(), in_shell: false, by_sudo: false }
}

/// From here on the book's page is written by a test.
const WRITTEN: &str =
    "<!-- From here on written by a test in src/ui/doctor/tests.rs: UPDATE_REFERENCE=1 cargo test --lib doctor -->\n";

#[test]
fn every_trouble_is_told_by_its_check_with_a_remedy_and_by_the_book() {
    let mut story = String::new();
    for (title, how, reports) in troubles() {
        story += &format!("\n### {}{}\n\nTo see it: {how}.\n\n```text\n", title[..1].to_uppercase(), &title[1..]);
        // Told for the lab that minds: both are looked at, and what is told for both is told once.
        let told = reports.map(|report: Report| {
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
    let (before, sample) = prose.split_once("```text\n✓").expect("it begins with a whole screen");
    let (sample, after) = sample.split_once("```").expect("which ends");
    let screen = page_of(80).doctor(&well()).replacen('✓', "", 1);
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
fn the_screen_fits_80_and_40_columns() {
    let [full, dead] = full_and_dead();
    for width in [80, 40] {
        let screen = page_of(width).doctor(&full) + "\n\n" + &page_of(width).doctor(&dead);
        // The line to paste is broken by the terminal alone.
        let lines = screen.lines().filter(|line| !line.starts_with("labrun "));
        let widest = lines.map(console::measure_text_width).max().unwrap_or_default();
        assert!(widest <= width, "{widest} columns:\n{screen}");
        insta::assert_snapshot!(format!("screen_{width}"), screen);
    }
}
