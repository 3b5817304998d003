use std::path::PathBuf;

use super::*;
use crate::report::{Receipt, SessionId, State};

/// A session of `learner`, with one step.
fn run(learner: Option<&str>, session: u32) -> Run {
    let run = serde_json::json!({
        "lab": "lab", "title": "The lab", "learner": learner, "session": String::from(SessionId(session)),
        "started": "2026-11-23T09:02:11Z", "last": "2026-11-23T09:40:00Z", "reset": false, "exam": false,
        "steps": [{"step": "one", "title": "One, \"two\"", "state": "passed", "attempts": 1, "hints": 0,
                   "solution": false, "seconds": 60}],
    });
    serde_json::from_value(run).expect("a session")
}

fn report(runs: &[Run]) -> String {
    serde_json::json!({"schema": 1, "made": "2026-11-23T09:41:00Z", "class": false, "sessions": runs}).to_string()
}

fn receipt(learner: &str, session: u32) -> String {
    Receipt::of(run(Some(learner), session)).to_string()
}

/// Who was found in which line of a text, and the problems in it.
fn read(text: impl AsRef<[u8]>) -> (Vec<(String, Option<usize>)>, Vec<String>) {
    let mut reading = Reading::default();
    read_text("in", "file", text.as_ref(), &mut reading);
    let name = |found: &Found| found.run.learner.clone().or(found.fallback.clone()).unwrap_or_default().to_string();
    let found = reading.found.iter().map(|found| (name(found), found.place.line)).collect();
    (found, reading.problems.iter().map(ToString::to_string).collect())
}

fn at(names: &[(&str, usize)]) -> Vec<(String, Option<usize>)> {
    names.iter().map(|(name, line)| ((*name).to_owned(), Some(*line))).collect()
}

#[test]
fn a_chat_that_looks_like_json_is_read() {
    let (ada, bob) = (receipt("ada", 1), receipt("bob", 2));
    for text in [
        format!("[11:02] ada:\n{ada}\n[11:03] bob: see above\nbob:{bob}"),
        format!("[ada]\n> {ada}\n{{joke}}\n{bob}"),
        format!("{{}}\n{ada}\r\n[]\r\n`{bob}`"),
        format!("[{{\"user\": \"a\",\n\"text\":\"{ada}\"}},\n {{\"user\": \"b\",\n\"text\":\"{bob}\"}}]"),
        format!("{{\\rtf1 chat\n{ada}\\par\n\\par\n{bob}}}"),
    ] {
        assert_eq!(read(&text), (at(&[("ada", 2), ("bob", 4)]), vec![]), "{text}");
    }
}

#[test]
fn reports_are_read_wherever_they_are_in_a_text() {
    let (ada, bob) = (report(&[run(Some("ada"), 1)]), report(&[run(Some("bob"), 2)]));
    for text in [
        format!("{ada}\n\n{bob}"),
        format!("[{ada},\n\n{bob}]"),
        format!("```json {ada}\n```\nmine: {bob} thanks"),
        format!("PS C:\\> labrun report --json {ada}\n{{x\n{bob}"),
        format!("{ada}\r\n\r\n{bob}\r\n"),
    ] {
        assert_eq!(read(&text), (at(&[("ada", 1), ("bob", 3)]), vec![]), "{text}");
    }
    let mixed = format!("eve: {}\n{ada}\n{}", receipt("eve", 3), receipt("dan", 4));
    assert_eq!(read(mixed), (at(&[("ada", 2), ("eve", 1), ("dan", 3)]), vec![]));
    let receipts = serde_json::json!({"schema": 1, "receipts": [{"receipt": receipt("eve", 3)}]}).to_string();
    assert_eq!(read(receipts), (at(&[("eve", 1)]), vec![]));
}

#[test]
fn a_broken_report_is_named_and_hides_nothing() {
    let (ada, bob) = (report(&[run(Some("ada"), 1)]), report(&[run(Some("bob"), 2)]));
    let cut = &ada[..ada.len() - 9];
    let (found, problems) = read(format!("{cut}\n{bob}"));
    assert_eq!(found, at(&[("bob", 2)]));
    assert!(problems.len() == 1 && problems[0].starts_with("in, line "), "{problems:?}");
    let (found, problems) = read(format!("{cut}\n{}", receipt("eve", 3)));
    assert_eq!((found, problems.len()), (at(&[("eve", 2)]), 1), "{problems:?}");
    for (text, what) in [
        (
            "{\"schema\":1,\n\"sessions\":[{\"lab\":",
            "in, line 2: it is no report of labrun's: EOF while parsing a value",
        ),
        ("hi\n{\"schema\":2,\"sessions\":7}", "in, line 2: a newer labrun wrote it (schema 2; this one reads 1)"),
        ("{\"a\":1}", "in, line 1: it is JSON, but no report; labrun report --format json makes one"),
        ("[11:02] hello", "in: there is neither a report nor a receipt in it"),
        ("[1, 2]", "in: there is neither a report nor a receipt in it"),
        (" \r\n", "in: it is empty"),
        (
            "<!DOCTYPE html><p>",
            "in: it is a page for a browser, and there is no receipt in it; labrun report --format json makes a report to join",
        ),
        (
            "<?xml version=\"1.0\"?>",
            "in: it is XML, and there is no receipt in it; labrun report --format json makes a report to join",
        ),
    ] {
        assert_eq!(read(text), (vec![], vec![what.to_owned()]), "{text}");
    }
}

#[test]
fn a_chat_in_another_encoding_is_read_and_says_so() {
    let chat = [b"hi\nGr\xfc\xdfe ".as_slice(), receipt("ada", 1).as_bytes()].concat();
    assert_eq!(
        read(chat),
        (at(&[("ada", 2)]), vec!["in, line 2: some letters are not UTF-8; the rest is read".to_owned()])
    );
    let (_, problems) = read(b"Gr\xfc\xdfe");
    assert_eq!(problems.len(), 2, "{problems:?}");
    for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let wide: Vec<u8> = report(&[run(None, 1)]).encode_utf16().flat_map(order).collect();
        assert_eq!(read(wide), (at(&[("file", 1)]), vec![]));
    }
}

#[test]
fn a_sheet_of_labruns_is_read_back() {
    let runs = vec![run(Some("ada"), 1), Run { learner: Some(Line::new("=cmd")), ..run(None, 2) }, run(None, 3)];
    let report = crate::report::Report { made: runs[0].started, class: true, runs };
    let sheet = crate::report::csv(&report).expect("a sheet");
    let resaved = sheet.replace(",", ";").replace("One; \"\"two", "One, \"\"two").replace("false", "FALSE");
    for text in [sheet.clone(), format!("\u{feff}{sheet}"), resaved, sheet.replace("\r\n", "\n")] {
        let mut reading = Reading::default();
        read_text("in", "file", text.as_bytes(), &mut reading);
        assert_eq!(reading.problems, []);
        let names: Vec<_> = reading.found.iter().map(|found| found.run.learner.clone()).collect();
        assert_eq!(names, [Some(Line::new("ada")), Some(Line::new("=cmd")), None], "{text}");
        let step = &reading.found[0].run.steps[0];
        assert_eq!((step.title.as_str(), step.state, step.seconds), ("One, \"two\"", State::Passed, Some(60)));
    }
    let (found, problems) = read(sheet.replace("passed", "perhaps"));
    assert_eq!(found, []);
    assert!(problems[0].starts_with("in, line 2: it is no sheet of labrun's: "), "{problems:?}");
    assert_eq!(read("learner,lab,step,session\n").1, ["in: it is a sheet of labrun's without a row"]);
}

#[test]
fn files_of_one_name_are_told_apart_by_their_folders() {
    let named = |paths: &[&str]| names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    assert_eq!(named(&["a/report.json", "b/report.json", "bob.json"]), ["a/report", "b/report", "bob"]);
    assert_eq!(
        named(&["x/a/report.json", "y/a/report.json", "b/report.json"]),
        ["x/a/report", "y/a/report", "b/report"]
    );
    assert_eq!(named(&["report.json", "a/report.json"]), ["report", "a/report"]);
    assert_eq!(named(&["report.json", "report.txt"]), ["report", "report"], "nothing but the ending differs");
}
