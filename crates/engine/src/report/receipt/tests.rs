use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::report::line::Line;
use crate::report::model::{SessionId, StepRun};

fn step(place: usize, state: State, attempts: u32, hints: u32, solution: bool, seconds: Option<u32>) -> StepRun {
    let (step, title) = (Line::new(&place.to_string()), Line::new(&format!("Step {place}")));
    StepRun { step, title, state, passed_over: None, attempts, hints, solution, seconds, diagnoses: Default::default() }
}

/// Fourteen steps as a workshop has them.
fn usual() -> Receipt {
    let steps = (1..=14).map(|place| match place {
        2 => step(place, State::Given, 0, 2, true, Some(200)),
        3 => step(place, State::Passed, 4, 1, false, Some(320)),
        _ => step(place, State::Passed, 1, 0, false, Some(75)),
    });
    let started = Timestamp::from_second(1_795_428_600).expect("a moment");
    let run = Run {
        lab: Line::new("docker-volumes"),
        title: Line::new("docker-volumes"),
        learner: Some(Line::new("alice")),
        session: SessionId(0x1f3a_9c07),
        started,
        last: Timestamp::from_second(1_795_430_100).expect("a moment"),
        reset: false,
        exam: false,
        steps: steps.collect(),
    };
    Receipt { steps: 0x00ab_cdef, run }
}

fn read(text: &str) -> Vec<(usize, Result<Receipt, ReceiptError>)> {
    Words::of(text).collect()
}

#[test]
fn a_receipt_of_fourteen_steps_is_a_line_that_can_be_pasted() {
    let line = usual().to_string();
    assert_eq!(
        line,
        "labrun1 docker-volumes alice 13/14 6801yemw0zwa346r0ve0qaydxx4mpbp807cg3g02955mjjt99d4mpjab955mjjt99d4mpjab955qvdn5rr"
    );
    assert!(line.len() < 200);
    assert_eq!(read(&line), [(1, Ok(usual()))]);
}

#[test]
fn it_is_found_in_what_people_paste() {
    let line = usual().to_string();
    let (head, tail) = line.split_at(60);
    for text in [
        format!("hi!\nada: `{line}`, thanks"),
        format!("hi!\n> {head}\n> {tail}\n> bye"),
        format!("\n{}", line.replace("labrun1", "Labrun1")),
        format!("\n{head}\r\n  {tail} OK"),
    ] {
        assert_eq!(read(&text), [(2, Ok(usual()))], "{text}");
    }
    let (before, body) = line.rsplit_once(' ').expect("a body");
    let misread = body.to_uppercase().replace('0', "O").replace('1', "l");
    assert_eq!(read(&format!("{before} {misread}")), [(1, Ok(usual()))]);
    assert_eq!(read("we use labrun, labrun 1 and labrunner1 here"), []);
}

#[test]
fn a_receipt_is_read_in_whatever_surrounds_it() {
    let line = usual().to_string();
    let (head, body) = line.rsplit_once(' ').expect("a body");
    let (lab, half) = (head.replace(' ', ","), body.split_at(40));
    for text in [
        format!("ada:{line}"),
        format!("[11:02] ada: {line}"),
        format!("adas{line}"),
        format!("1.{line}"),
        format!(">{line}"),
        format!("> {line}"),
        format!("**{line}**"),
        format!("```{line}```"),
        format!("| ada | {line} | ok |"),
        format!("2026-11-23,ada,{line},thanks"),
        format!("ada;\"{line}\";\"x\""),
        format!("ada\t{line}\tx"),
        format!("{lab},{body},x"),
        format!("{{\"text\":\"hi\\n{line}\\nbye\"}}"),
        format!("<p>{line}</p>"),
        format!("&gt; {line}"),
        format!("{head} {}=\n{}", half.0, half.1),
        format!("{head} {}\n>{}", half.0, half.1),
        line.replace("alice", "ali\u{200b}ce"),
        line.replace(' ', "\u{a0}"),
        format!("{line}."),
    ] {
        assert_eq!(read(&text), [(1, Ok(usual()))], "{text}");
    }
    let run = Run { learner: Some(Line::new("a_b")), ..usual().run };
    let escaped = Receipt { run, ..usual() };
    assert_eq!(read(&escaped.to_string().replace('_', "\\_")), [(1, Ok(escaped))]);
    let named = Receipt { run: Run { learner: Some(Line::new("x-labrun1")), ..usual().run }, ..usual() };
    assert_eq!(read(&named.to_string()), [(1, Ok(named))]);
    assert_eq!(read(&format!("{line}{line}")), [(1, Ok(usual())), (1, Ok(usual()))], "glued to one another");
    assert_eq!(read("the file mylabrun1 is in a/b, and 1/2"), []);
}

#[test]
fn a_changed_or_short_one_is_refused_and_the_next_one_read() {
    let line = usual().to_string();
    let forms = [
        (line.replace("alice", "alicia"), ReceiptError::Checksum),
        // Its length, and with it all that is looked at.
        (line.replace(" 68", " 60"), ReceiptError::Checksum),
        (line.replace("13/14", "14/14"), ReceiptError::Checksum),
        (line.replace("13/14", "13/15"), ReceiptError::Checksum),
        (line.replace("13/14", "13of14"), ReceiptError::Count("13of14".to_owned())),
        (line.replace("13/14", "13/99999"), ReceiptError::Count("13/99999".to_owned())),
        (line[..70].to_owned(), ReceiptError::CutOff),
        ("labrun1 docker-volumes".to_owned(), ReceiptError::CutOff),
        (line.replace("labrun1", "labrun2"), ReceiptError::Version("labrun2".to_owned())),
        (line.replace("yemw", "ye*w"), ReceiptError::Symbol('*')),
        (line.replace("yemw", "yeuw"), ReceiptError::Symbol('u')),
    ];
    for (broken, error) in forms {
        assert_eq!(read(&format!("{broken}\n{line}")), [(1, Err(error)), (2, Ok(usual()))], "{broken}");
    }
}

fn any_run() -> impl Strategy<Value = Receipt> {
    let a_step = (0_usize..4, any::<u32>(), 0_u32..9, any::<bool>(), proptest::option::of(any::<u32>()));
    let steps = proptest::collection::vec(a_step, 0..40);
    let names = (".{1,30}", proptest::option::of(".{1,30}"));
    let times = (0_i64..5_000_000_000, 0_i64..100_000_000);
    (names, any::<u32>(), times, any::<(bool, bool)>(), steps, 0_u32..1 << 24).prop_map(
        |((lab, learner), session, (started, lasted), (reset, exam), steps, fingerprint)| {
            let moment = |second| Timestamp::from_second(second).expect("a moment");
            let lab = Line::new(&format!("l{lab}"));
            let steps = steps.into_iter().zip(1..).map(|((state, attempts, hints, solution, seconds), place)| {
                step(place, State::ALL[state], attempts, hints, solution, seconds)
            });
            let run = Run {
                title: lab.clone(),
                lab,
                learner: learner.map(|name| Line::new(&name)).filter(|name| !name.is_empty()),
                session: SessionId(session),
                started: moment(started),
                last: moment(started + lasted),
                reset,
                exam,
                steps: steps.collect(),
            };
            Receipt { run, steps: fingerprint }
        },
    )
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(receipt in any_run()) {
        prop_assert_eq!(read(&receipt.to_string()), [(1, Ok(receipt))]);
    }

    #[test]
    fn one_wrong_character_is_found(receipt in any_run(), place in any::<proptest::sample::Index>(), other in "[a-z0-9]") {
        let line = receipt.to_string();
        let place = "labrun1 ".len() + place.index(line.len() - "labrun1 ".len());
        let mut wrong = line.clone();
        wrong.replace_range(place..=place, &other);
        let same = |ch: &str| ch.replace('o', "0").replace(['i', 'l'], "1");
        let body = line.rfind(' ').unwrap_or_default();
        let is_same = line[place..=place] == other || (place > body && same(&other) == line[place..=place]);
        let all_right = read(&wrong).iter().any(|(_, read)| read.is_ok());
        prop_assert_eq!(all_right, is_same, "{} {}", line, wrong);
    }

    #[test]
    fn nothing_makes_it_stumble(text in "(labrun1 |[a-z0-9]{1,9} |[0-9]/[0-9] |%|\\PC){0,40}") {
        let _ = read(&text);
    }
}
