use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::ui::{Page, Theme};
use labrun_engine::report::{Found, Line, Merged, Place, SessionId, StepRun, merge};

fn moment(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_428_600 + minute * 60).expect("a moment")
}

fn step(id: &str, title: &str, state: State, attempts: u32, seconds: Option<u32>) -> StepRun {
    let (step, title) = (Line::new(id), Line::new(title));
    StepRun {
        step,
        title,
        state,
        passed_over: None,
        attempts,
        hints: 0,
        solution: false,
        seconds,
        diagnoses: BTreeMap::new(),
    }
}

/// Somebody who had trouble with the third step; `lead` is how much quicker than others they were.
fn run(learner: Option<&str>, session: u32, lead: u32) -> Run {
    let mut steps = vec![
        step("create-volume", "Create a volume", State::Passed, 1, Some(40 - lead)),
        step("inspect-volume", "Find out where it lives", State::Given, 0, Some(200 - lead)),
        step("mount-in-writer-1", "Mount it in a container", State::Passed, 4, Some(605 - lead)),
        step("remove-both", "Delete both, keep the volume", State::Skipped, 1, Some(30)),
        step("bind-mount", "Mount a directory of your host", State::Open, 2, Some(3_900)),
        step("read-on-host", "See the file on your host", State::Open, 0, None),
    ];
    (steps[1].hints, steps[1].solution) = (2, true);
    steps[2].diagnoses = BTreeMap::from([(Line::new("wrong-destination"), 2), (Line::new("stopped"), 1)]);
    steps[4].diagnoses = BTreeMap::from([(Line::new("a<b>&\"'"), 2)]);
    Run {
        lab: Line::new("docker-volumes"),
        title: Line::new("Persist data with Docker volumes"),
        learner: learner.map(Line::new),
        session: SessionId(session),
        started: moment(0),
        last: moment(80),
        reset: false,
        exam: false,
        steps,
    }
}

fn mine() -> Report {
    let earlier = Run { reset: true, started: moment(-90), ..run(Some("ada"), 1, 5) };
    let exam = Run {
        exam: true,
        lab: Line::new("mount-types"),
        title: Line::new("Four kinds of mount"),
        ..run(Some("ada"), 2, 9)
    };
    Report { made: moment(100), class: false, runs: vec![earlier, exam] }
}

/// Names as somebody types them into a file who means harm.
const HOSTILE: [&str; 4] = [
    "=cmd|'/c calc'!A1",
    "<script>alert(1)</script>\"><img src=x>",
    "bob\u{1b}[2J\u{202e}\u{200b}\n| x | ]]> &amp;",
    "**ada** [x](y) `z` \\",
];

fn class() -> Merged {
    let mut found: Vec<Found> = Vec::new();
    for (name, number) in HOSTILE.into_iter().zip(10..) {
        found.push(Found {
            run: run(Some(name), number, number),
            receipt: None,
            fallback: None,
            place: Place::default(),
        });
    }
    let mut finished = run(Some("ada"), 20, 20);
    finished.steps.iter_mut().for_each(|step| step.state = State::Passed);
    found.push(Found { run: finished.clone(), receipt: None, fallback: None, place: Place::default() });
    let other = Run {
        lab: Line::new("mount-types"),
        title: Line::new("Four kinds of mount"),
        session: SessionId(21),
        ..finished
    };
    found.push(Found { run: other, receipt: None, fallback: None, place: Place::default() });
    merge(found, None, moment(100))
}

fn page(width: usize) -> Page {
    Page { width, theme: Theme::default(), in_shell: false, by_sudo: false }
}

fn fits(width: usize, screen: &str) {
    for line in screen.lines() {
        assert!(console::measure_text_width(line) <= width, "{line:?} is wider than {width}");
    }
}

#[test]
fn my_report_on_a_terminal() {
    insta::assert_snapshot!("mine_80", page(80).report(&mine()));
    let narrow = page(40).report(&mine());
    fits(40, &narrow);
    insta::assert_snapshot!("mine_40", narrow);
}

#[test]
fn a_class_on_a_terminal() {
    let screen = page(80).report(&class().report);
    fits(80, &screen);
    insta::assert_snapshot!("class_80", screen);
    insta::assert_snapshot!("class_40", page(40).report(&class().report));
}

#[test]
fn a_class_as_a_sheet_that_no_spreadsheet_obeys() {
    let sheet = labrun_engine::report::csv(&class().report).expect("made");
    insta::assert_snapshot!("class_csv", sheet);
    let mut reader = ::csv::Reader::from_reader(sheet.as_bytes());
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 6 * 6);
    for field in rows.iter().flatten() {
        assert!(!field.starts_with(['=', '+', '-', '@']) && !field.contains(['\n', '\r', '\u{202e}']), "{field:?}");
    }
}

#[test]
fn a_class_as_junit_is_well_formed_and_says_what_was_typed() {
    use quick_xml::events::Event;
    let xml = junit(&class().report).expect("made");
    insta::assert_snapshot!("mine_junit", junit(&mine()).expect("made"));
    let mut reader = quick_xml::Reader::from_str(&xml);
    let mut learners = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => break,
            Event::Empty(element) if element.name().as_ref() == "property" => {
                let value = |name: &str| {
                    let attribute = element.try_get_attribute(name).expect("well-formed").expect("there");
                    attribute.normalized_value(quick_xml::XmlVersion::default()).expect("well-formed").into_owned()
                };
                if value("name") == "learner" {
                    learners.push(value("value"));
                }
            }
            _ => {}
        }
    }
    for name in HOSTILE {
        assert!(learners.contains(&Line::new(name).to_string()), "{name:?} in {learners:?}");
    }
}

#[test]
fn a_page_shows_names_and_obeys_none() {
    let page = html(&class().report).expect("made");
    insta::assert_snapshot!("class_html", body(&page));
    insta::assert_snapshot!("mine_html", body(&html(&mine()).expect("made")));
    for sign in ["<script", "<img", "onerror=", "href=", "\u{1b}", "\u{202e}", "\u{200b}"] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(page.contains("&lt;img src=x&gt;"), "it is shown as it was typed");
}

/// A page without its style, which is a file of its own.
fn body(page: &str) -> &str {
    page.split_once("</head>").map_or(page, |(_, body)| body)
}

#[test]
fn what_json_says_is_read_again_as_it_was() {
    let Merged { report, .. } = class();
    let text = json(&report, &[], &[]).to_string();
    let mut reading = labrun_engine::report::Reading::default();
    labrun_engine::report::read_text("class.json", "class", text.as_bytes(), &mut reading);
    assert_eq!(reading.problems, []);
    assert_eq!(merge(reading.found, None, report.made).report, report);
}

#[test]
fn times_are_told_as_people_tell_them() {
    let told = [0, 59, 60, 61, 600, 661, 3_599, 3_600, 3_900, 360_000].map(took);
    assert_eq!(
        told,
        ["0 s", "59 s", "1 min", "1 min 1 s", "10 min", "11 min", "59 min", "1 h 00 min", "1 h 05 min", "100 h 00 min"]
    );
}
