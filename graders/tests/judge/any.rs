//! `any`: one of several is enough.

use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Feedback, Obstacle, Pass, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line};
use crate::world::{World, cannot, check, in_volume, mistake, passes, passes_undated, wrong};

const LINE_1: &str = "line 1 of file.txt in volume app-data";
const LOOK_AGAIN: &str = "That is not what is there. Look again, and copy what you see.";

/// As the labs write it: seen by the engine, or else told by the learner.
fn read_or_told() -> Value {
    json!({"any": [
        {"exec": {"container": "writer-2", "reads": "/mnt/file.txt"}},
        {"answer": {"ask": "What is line 1?", "in": {"volume": "app-data"}, "path": "file.txt"}},
    ]})
}

fn typed_or_told() -> Value {
    json!({"any": [
        {"typed": {"wants": "the file was shown", "reads": "/tmp/x"}},
        {"answer": {"ask": "What is line 1?", "in": "host", "path": "/tmp/x"}},
    ]})
}

fn world(argv: &[&str], answer: Option<&str>) -> World {
    let entries = if argv.is_empty() { Vec::new() } else { exec("writer-2", argv).entries() };
    let world = World::new().reported(entries).text(in_volume("app-data"), "file.txt", "one\n");
    match answer {
        Some(answer) => world.answer(answer),
        None => world.no(Ask::Answer),
    }
}

#[test]
fn either_way_passes() {
    assert_eq!(world(&["cat", "/mnt/file.txt"], None).judge(read_or_told()), passes(1_501));
    assert_eq!(world(&["sh"], Some("one")).judge(read_or_told()), passes_undated());
    assert_eq!(world(&["ls"], Some("one")).judge(read_or_told()), passes_undated());
}

#[test]
fn a_shell_leads_to_the_question_and_a_wrong_answer_is_told_so() {
    assert_eq!(
        world(&["sh"], None).judge(read_or_told()),
        cannot(
            Obstacle::Unseen,
            "there was a shell in writer-2, but not what was typed in it",
            "answer the step's question instead"
        )
    );
    assert_eq!(
        world(&["sh"], Some("two")).judge(read_or_told()),
        mistake("wrong-answer", LINE_1, "your answer, two", LOOK_AGAIN)
    );
}

#[test]
fn of_an_answer_and_a_command_the_later_one_speaks() {
    let failed = Exec { code: Some(1), ..exec("writer-2", &["cat", "/mnt/file.txt"]) };
    let verdict = mistake(
        "command-failed",
        "/mnt/file.txt was read in writer-2",
        "`cat /mnt/file.txt` in writer-2 ended with 1",
        "It was the right kind of command. Read what it said: was the file there?",
    );
    let world = |at| world(&[], None).of_session("").reported(failed.entries()).answered(at, "two");
    assert_eq!(world(1_400).judge(read_or_told()), verdict);
    assert_eq!(world(1_600).judge(read_or_told()), mistake("wrong-answer", LINE_1, "your answer, two", LOOK_AGAIN));
}

#[test]
fn a_wrong_answer_is_a_by_word_once_something_else_was_done() {
    let world = |typed: &str| {
        let world = World::new().of_session("").typed(vec![line(1_500, typed, 1)]).described(
            NameKind::Volume,
            "app-data",
            json!({"Mountpoint": "/var/x"}),
        );
        world.answered(1_400, "/var/y").diagnose(json!({"any": [
            {"typed": {"wants": "it was inspected", "runs": ["docker volume inspect app-data"]}},
            {"answer": {"ask": "Where is it?", "volume": "app-data", "field": "Mountpoint"}},
        ]}))
    };
    let other = "Before that came your answer, /var/y, which is not right.";
    let verdict = wrong("it was inspected", "nothing you have entered was for this step", other);
    assert_eq!(world("docker volume create other"), verdict);
    let verdict = world("docker volume inspect app-dat");
    assert!(matches!(&verdict, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("name-mistyped")));
    let answer = mistake("wrong-answer", "Mountpoint of volume app-data", "your answer, /var/y", LOOK_AGAIN);
    for idle in ["lab hint", "clear", "ls && cd", "docker lab answer /var/y"] {
        assert_eq!(world(idle), answer, "{idle}");
    }
}

#[test]
fn a_shell_that_was_opened_after_a_wrong_answer_leads_to_the_question_again() {
    let shell = exec("writer-2", &["sh"]).entries();
    let world = |at| world(&[], None).of_session("").reported(shell.clone()).answered(at, "two");
    let unseen = cannot(
        Obstacle::Unseen,
        "there was a shell in writer-2, but not what was typed in it",
        "answer the step's question instead",
    );
    assert_eq!(world(1_400).judge(read_or_told()), unseen);
    assert_eq!(world(1_600).judge(read_or_told()), mistake("wrong-answer", LINE_1, "your answer, two", LOOK_AGAIN));
}

#[test]
fn of_several_checks_an_answer_speaks_last_once_something_else_was_done() {
    let checks = [
        json!({"answer": {"ask": "Where is it?", "volume": "app-data", "field": "Mountpoint"}}),
        json!({"inspect": {"container": "writer-1", "that": "false", "wants": "more", "says": "Add it."}}),
    ];
    let told = |at| {
        let world = World::new()
            .of_session("")
            .described(NameKind::Container, "writer-1", json!({}))
            .typed(vec![line(1_500, "docker run busybox", 0)]);
        let world = world.described(NameKind::Volume, "app-data", json!({"Mountpoint": "/var/x"}));
        let verdicts = world.answered(at, "/var/y").diagnose_all(&checks, &[]);
        Feedback::nearest_of(&verdicts).map(|feedback| feedback.expected.clone()).unwrap_or_default()
    };
    assert_eq!(told(1_400), "more");
    assert_eq!(told(1_600), "Mountpoint of volume app-data");
}

#[test]
fn who_has_just_answered_is_told_of_the_answer_and_not_of_what_was_typed_before() {
    let inspected = || {
        json!({"any": [
            {"typed": {"wants": "it was inspected", "runs": ["docker volume inspect app-data"]}},
            {"answer": {"ask": "Where is it?", "volume": "app-data", "field": "Mountpoint"}},
        ]})
    };
    let world = || {
        World::new().of_session("").typed(vec![line(1_500, "docker volume inspect app-dat", 1)]).described(
            NameKind::Volume,
            "app-data",
            json!({"Mountpoint": "/var/x"}),
        )
    };
    let told = world().just_answered("/var/y").diagnose(inspected());
    assert_eq!(told, mistake("wrong-answer", "Mountpoint of volume app-data", "your answer, /var/y", LOOK_AGAIN));
    let told = world().no(Ask::Answer).diagnose(inspected());
    assert!(matches!(&told, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("name-mistyped")), "{told:?}");
}

#[test]
fn it_wants_what_the_first_wants_and_asks_for_all() {
    let any = check(read_or_told());
    assert_eq!(any.wants(), "/mnt/file.txt was read in writer-2");
    let file = Ask::File { place: in_volume("app-data"), path: "file.txt".to_owned() };
    assert_eq!(any.asks(), [Ask::Journal, Ask::Answer]);
    assert_eq!(any.asks_then(world(&[], None).facts()), [], "nothing is looked up for an answer that was not given");
    assert_eq!(any.asks_then(world(&[], Some("one")).facts()), [file]);
    assert_eq!(any.question(), Some("What is line 1?"));
    assert_eq!(any.right_answer(world(&[], None).facts()).as_deref(), Some("one"));
}

#[test]
fn a_question_is_asked_outright_where_nobody_may_be_listening() {
    assert!(check(typed_or_told()).asks_outright());
    assert!(!check(read_or_told()).asks_outright());
    assert!(!check(json!({"any": [{"volume": {"name": "x"}}]})).asks_outright());
}

#[test]
fn one_that_cannot_be_looked_at_does_not_spoil_one_that_passes() {
    let deaf = CannotLook::new(Obstacle::NoEngine, "no engine answers", "start it");
    let world = World::new().unseen(Ask::Journal, deaf).text(in_volume("app-data"), "file.txt", "one\n").answer("one");
    assert_eq!(world.judge(read_or_told()), Verdict::Pass(Pass::default()));
}
