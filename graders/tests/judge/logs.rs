//! `logs`: what a container has written.

use labrun_graders::fact::{Container, Log};
use labrun_graders::{Ask, Fact, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, container, ended, engine_down, mistake, not_begun, passes};

fn ask() -> Ask {
    Ask::Log("web".to_owned())
}

fn log(stdout: &str, stderr: &str) -> Log {
    Log { text: format!("{stdout}{stderr}"), stdout: stdout.to_owned(), stderr: stderr.to_owned(), cut: false }
}

fn wrote(log: Log) -> World {
    World::new().container(container("web")).saw(ask(), Fact::Log(log))
}

fn logs(keys: Value) -> Value {
    let mut check = json!({"logs": {"container": "web"}});
    check["logs"].as_object_mut().expect("a mapping").extend(keys.as_object().expect("a mapping").clone());
    check
}

fn judge(log: Log, keys: Value) -> Verdict {
    wrote(log).judge(logs(keys))
}

#[test]
fn what_was_written_passes_with_other_lines_around_it_and_windows_ends() {
    let said = || log("starting\r\nready 1 \r\nready 2\r\n", "warning: slow\n");
    for keys in [
        json!({"contains": "ready 2"}),
        json!({"has_lines": ["starting", "ready 2"]}),
        json!({"has_lines": ["ready 1"], "contains": "slow", "lacks": "error"}),
        json!({"contains": "warning", "stream": "stderr"}),
        json!({"lacks": "warning", "stream": "stdout"}),
    ] {
        assert_eq!(judge(said(), keys.clone()), passes(1_101), "{keys}");
    }
    let over = World::new().container(ended("web", 1, 5)).saw(ask(), Fact::Log(said()));
    assert_eq!(over.judge(logs(json!({"contains": "ready"}))), passes(1_101), "what has ended has a log, too");
    assert_eq!(judge(log("", ""), json!({"lacks": "error"})), passes(1_101), "silence lacks everything");
}

#[test]
fn what_is_missing_is_told_with_the_end_of_the_log() {
    let compare = "Compare it letter by letter with what the task asks for.";
    let contains = json!({"contains": "ready"});
    let wants = "the log of web contains ready";
    assert_eq!(
        judge(log("one\ntwo\nthree\n", ""), contains.clone()),
        mistake("not-in-log", wants, "its log ends: two / three", compare)
    );
    let long = "x".repeat(80);
    let seen = format!("its log ends: {}…", "x".repeat(59));
    assert_eq!(judge(log(&long, ""), contains.clone()), mistake("not-in-log", wants, &seen, compare));
    assert_eq!(
        judge(log("web is READY\n", ""), contains.clone()),
        mistake(
            "wrong-case",
            wants,
            "its log ends: web is READY",
            "It is there, and some letters are in upper or lower case that should not be."
        )
    );
    assert_eq!(
        judge(log(" \n", ""), contains),
        mistake(
            "empty-log",
            wants,
            "its log is empty",
            "Nothing was written yet. Does the program write to its output, or to a file?"
        )
    );
}

#[test]
fn one_that_ended_in_silence_is_told_so() {
    let world = World::new().container(ended("web", 0, 5)).saw(ask(), Fact::Log(log("", "")));
    let sentence = "It ended without a word. Does the program write to its output, or to a file?";
    let verdict = mistake("empty-log", "the log of web contains ready", "its log is empty", sentence);
    assert_eq!(world.judge(logs(json!({"contains": "ready"}))), verdict);
}

#[test]
fn the_other_stream_and_the_other_order_are_told() {
    let sentence = "A process has two streams. How does a shell send a text to the other one?";
    let verdict = mistake("other-stream", "stderr of web contains ready", "it was written to stdout", sentence);
    assert_eq!(judge(log("ready\n", ""), json!({"contains": "ready", "stream": "stderr"})), verdict);
    let sentence = "Every line is there. Which of them was to come first?";
    let verdict = mistake("wrong-order", "the log of web has the lines a, b", "its log ends: b / a", sentence);
    assert_eq!(judge(log("b\na\n", ""), json!({"has_lines": ["a", "b"]})), verdict);
}

#[test]
fn what_was_not_to_happen_is_shown() {
    let sentence = "That was not to happen. The lines before it may say why it did.";
    let wants = "the log of web contains ready and lacks error";
    let verdict = mistake("unwanted-in-log", wants, "its log ends: error: no disk", sentence);
    assert_eq!(judge(log("ready\n", "error: no disk\nbye\n"), json!({"contains": "ready", "lacks": "error"})), verdict);
}

#[test]
fn of_a_log_that_is_too_long_only_what_was_read_proves_anything() {
    let cut = || Log { cut: true, ..log("ready\n", "") };
    assert_eq!(judge(cut(), json!({"contains": "ready"})), passes(1_101));
    let remedy = "start the container anew, and check before it has written so much";
    let unknown = cannot(Obstacle::TooLarge, "the log of web is longer than what is read of it", remedy);
    assert_eq!(judge(cut(), json!({"contains": "steady"})), unknown);
    assert_eq!(judge(cut(), json!({"lacks": "error"})), unknown);
}

#[test]
fn what_never_ran_has_no_log_and_what_is_not_there_is_not_begun() {
    let check = logs(json!({"lacks": "error"}));
    let wants = "the log of web lacks error";
    let created = Container { status: "created".to_owned(), started: None, ..container("web") };
    let world = World::new().container(created).saw(ask(), Fact::Log(log("", "")));
    let verdict = mistake("never-started", wants, "web was never started", "What never ran has written nothing.");
    assert_eq!(world.judge(check.clone()), verdict);
    let absent = not_begun(wants, "there is no container web");
    assert_eq!(World::new().no(Ask::Container("web".to_owned())).no(ask()).judge(check.clone()), absent);
    // It went between the two looks.
    assert_eq!(World::new().container(container("web")).no(ask()).judge(check), absent);
}

#[test]
fn a_log_that_cannot_be_read_is_nobodys_mistake() {
    let reason = engine_down();
    let verdict = cannot(reason.obstacle, &reason.what, &reason.remedy);
    let world = World::new().container(container("web")).unseen(ask(), reason);
    assert_eq!(world.judge(logs(json!({"contains": "ready"}))), verdict);
}
