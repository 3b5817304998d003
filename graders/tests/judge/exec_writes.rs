//! `exec: { writes }`: a command that wrote to a path from a container, or tried to.

use labrun_graders::{Obstacle, Verdict};
use serde_json::json;

use crate::story::{Exec, Run, exec, line, ran};
use crate::world::{World, cannot, mistake, not_begun, passes};

fn world(execs: &[Exec<'_>]) -> World {
    World::new().reported(execs.iter().flat_map(Exec::entries).collect())
}

fn wrote(execs: &[Exec<'_>]) -> Verdict {
    world(execs).judge(json!({"exec": {"container": "app", "writes": "/ledger/entries.txt"}}))
}

fn tried(execs: &[Exec<'_>]) -> Verdict {
    world(execs).judge(json!({"exec": {"container": "app", "writes": "/ledger/", "fails": true}}))
}

fn failed<'a>(container: &'a str, argv: &'a [&'a str]) -> Exec<'a> {
    Exec { code: Some(1), ..exec(container, argv) }
}

#[test]
fn every_way_of_writing_the_file_counts() {
    for argv in [
        ["tee", "/ledger/entries.txt"].as_slice(),
        &["sh", "-c", "echo a > /ledger/entries.txt"],
        &["sh", "-c", "cd /ledger; { echo a; echo b; } >> entries.txt"],
        &["cp", "/tmp/entries.txt", "/ledger"],
    ] {
        assert_eq!(wrote(&[exec("app", argv)]), passes(1_501), "{argv:?}");
        let forgotten = Exec { forgotten: true, ..exec("app", argv) };
        assert_eq!(wrote(&[forgotten]), passes(1_501), "{argv:?}, forgotten");
    }
}

#[test]
fn a_refused_write_is_one_that_was_tried() {
    let wants = "app tried to write in /ledger, and failed";
    assert_eq!(tried(&[failed("app", &["touch", "/ledger/a"])]), passes(1_501));
    assert_eq!(tried(&[failed("app", &["sh", "-c", "echo a > /ledger/a"])]), passes(1_501));
    let sentence = "It was to fail, and it went through. What should have stood in its way?";
    assert_eq!(
        tried(&[exec("app", &["touch", "/ledger/a"])]),
        mistake("not-refused", wants, "`touch /ledger/a` in app ended with 0", sentence)
    );
    let sentence = "Does that write anything? Compare it with what the step is about.";
    for argv in [["cat", "/ledger/a"].as_slice(), &["test", "-w", "/ledger"], &["sh", "-c", "exit 1"]] {
        let seen = format!("`{}` ran in app", argv.join(" "));
        assert_eq!(tried(&[failed("app", argv)]), mistake("other-command", wants, &seen, sentence), "{argv:?}");
    }
    assert_eq!(tried(&[]), not_begun(wants, "nothing has run in app since"));
}

#[test]
fn another_path_and_another_container_are_named() {
    let wants = "app tried to write in /ledger, and failed";
    let sentence = "The right container, another path. Where does the step want it to write?";
    for exec in [exec("app", &["touch", "/tmp/a"]), failed("app", &["sh", "-c", "echo a > /etc/a"])] {
        let seen = format!("`{}` ran in app", exec.argv.join(" "));
        assert_eq!(tried(&[exec]), mistake("wrong-path", wants, &seen, sentence));
    }
    let seen = "`touch /ledger/a` ran in report";
    let sentence = "That was in report. Which container does the step name?";
    assert_eq!(tried(&[failed("report", &["touch", "/ledger/a"])]), mistake("wrong-container", wants, seen, sentence));
}

#[test]
fn a_file_of_nearly_the_name_and_a_redirection_of_the_host_are_named() {
    let Verdict::Fail(feedback) = wrote(&[exec("app", &["touch", "/ledger/entrie.txt"])]) else { panic!("it passes") };
    assert_eq!(feedback.diagnosis.as_deref(), Some("file-name-mistyped"), "{feedback:?}");
    let typed = World::new().of_session("").reported(Vec::new()).typed(vec![line(
        1_500,
        "docker exec app echo a > /ledger/b",
        1,
    )]);
    let check = json!({"exec": {"container": "app", "writes": "/ledger/", "fails": true}});
    let Verdict::Fail(feedback) = typed.diagnose(check) else { panic!("it passes") };
    assert_eq!(feedback.diagnosis.as_deref(), Some("redirected-by-host"), "{feedback:?}");
}

#[test]
fn what_the_main_process_did_is_not_told() {
    let argv = ["sh", "-c", "touch /ledger/a; exec sleep 600"];
    let run = Run { name: "app", code: None, removed: false, ..ran(&argv) };
    let check = json!({"exec": {"container": "app", "writes": "/ledger/", "fails": true}});
    let verdict = World::new().reported(run.entries()).judge(check);
    assert!(matches!(&verdict, Verdict::CannotCheck(reason) if reason.obstacle == Obstacle::Unseen), "{verdict:?}");
}

#[test]
fn what_only_a_shell_knows_is_asked_for() {
    let remedy = "answer the step's question instead";
    let shell = "there was a shell in app, but not what was typed in it";
    assert_eq!(wrote(&[exec("app", &["sh"])]), cannot(Obstacle::Unseen, shell, remedy));
    let swallowed = "whether `sh -c touch /ledger/a || true` did it cannot be told";
    let argv = ["sh", "-c", "touch /ledger/a || true"];
    assert_eq!(tried(&[exec("app", &argv)]), cannot(Obstacle::Unseen, swallowed, remedy));
}

#[test]
fn a_file_that_is_only_made_or_emptied_was_not_filled() {
    for argv in [
        ["touch", "/ledger/entries.txt"].as_slice(),
        &["rm", "/ledger/entries.txt"],
        &["sh", "-c", ": > /ledger/entries.txt"],
        &["sh", "-c", "> /ledger/entries.txt"],
    ] {
        let filled = json!({"exec": {"container": "app", "writes": "/ledger/entries.txt", "filled": true}});
        assert_eq!(wrote(&[exec("app", argv)]), passes(1_501), "{argv:?}");
        let Verdict::Fail(told) = world(&[exec("app", argv)]).judge(filled) else { panic!("{argv:?}") };
        assert_eq!(told.diagnosis.as_deref(), Some("empty-file"), "{argv:?}");
    }
}

#[test]
fn another_path_in_the_right_container_is_nearer_than_the_right_one_in_another() {
    let sentence = "The right container, another path. Where does the step want it to write?";
    let seen = "`touch /tmp/a` ran in app";
    let execs = [exec("app", &["touch", "/tmp/a"]), exec("report", &["touch", "/ledger/a"])];
    assert_eq!(tried(&execs), mistake("wrong-path", "app tried to write in /ledger, and failed", seen, sentence));
}
