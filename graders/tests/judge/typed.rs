//! `typed`: commands entered at the learner's own prompt.

use labrun_graders::evidence::{TypedLine, Unread};
use labrun_graders::{Ask, CannotLook, Doubt, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::line;
use crate::world::{SINCE, World, cannot, mistake, not_begun, passes, wrong};

const LISTED: &str = "the volumes were listed, and app-data was inspected";

fn volumes(lines: Vec<TypedLine>) -> Verdict {
    let runs = json!(["docker volume ls", "docker volume inspect app-data"]);
    World::new().typed(lines).judge(json!({"typed": {"wants": LISTED, "runs": runs}}))
}

fn read() -> Value {
    json!({"typed": {"wants": "the file was shown", "reads": "/tmp/dind/test.txt"}})
}

#[test]
fn each_command_counts_in_any_order_and_form() {
    for lines in [
        vec![line(1_100, "docker volume ls", 0), line(1_200, "docker volume inspect app-data", 0)],
        vec![line(1_100, "docker volume inspect app-data", 0), line(1_200, "docker volume ls", 0)],
        vec![line(1_200, "docker volume ls && docker volume inspect app-data", 0)],
        vec![line(1_200, "sudo docker volume list && docker inspect app-data other", 0)],
        vec![
            line(1_100, "docker volume inspect app-data; docker volume ls", 0),
            line(1_200, "docker ps; docker volume inspect app-data", 0),
        ],
        vec![TypedLine {
            pipeline: vec![0, 0],
            ..line(1_200, "docker volume inspect app-data && docker volume ls | sort", 0)
        }],
        vec![
            line(1_100, "docker volume ls -q", 0),
            line(1_200, "docker inspect -f '{{.Mountpoint}}' app-data", 0),
            line(1_300, "docker volume ls", 0),
        ],
    ] {
        assert_eq!(volumes(lines.clone()), passes(1_200), "{lines:?}");
    }
}

#[test]
fn half_of_it_is_half_of_it() {
    for lines in [
        vec![line(1_100, "docker volume ls", 0)],
        vec![line(1_100, "docker volume inspect app-data", 0)],
        vec![line(1_100, "docker volume ls", 0), line(1_200, "docker volume inspect app-data-2", 0)],
        vec![line(1_100, "docker volume ls", 0), line(1_200, "docker volume inspect --help", 0)],
        vec![line(SINCE, "docker volume ls", 0), line(1_200, "docker volume inspect app-data", 0)],
    ] {
        let half = wrong(LISTED, "a part of it has been entered", "One part is done; another is still open.");
        assert_eq!(volumes(lines.clone()), half, "{lines:?}");
    }
}

#[test]
fn nothing_of_it_is_not_begun() {
    for lines in [
        Vec::new(),
        vec![line(1_100, "echo docker volume ls", 0)],
        vec![line(1_100, "# docker volume ls", 0)],
        vec![line(500, "docker volume ls", 0), line(SINCE, "docker volume inspect app-data", 0)],
    ] {
        assert_eq!(
            volumes(lines.clone()),
            not_begun(LISTED, "nothing you have entered was for this step"),
            "{lines:?}"
        );
    }
    let absent = World::new().no(Ask::Typed);
    assert_eq!(absent.judge(read()), not_begun("the file was shown", "nothing you have entered was for this step"));
}

#[test]
fn a_command_that_failed_is_told_so_until_it_is_made_good() {
    let listed = line(1_100, "docker volume ls", 0);
    let failed = line(1_200, " docker volume inspect app-data ", 1);
    let said = mistake(
        "command-failed",
        LISTED,
        "`docker volume inspect app-data` ended with 1",
        "It was the right kind of command. Read what it said.",
    );
    assert_eq!(volumes(vec![listed.clone(), failed.clone()]), said);
    let again = line(1_300, "docker volume inspect app-data", 0);
    assert_eq!(volumes(vec![listed, failed, again]), passes(1_300));
}

#[test]
fn a_file_is_read_from_wherever_the_shell_is() {
    let from = |cwd: Option<&str>, text: &str| {
        let cwd = cwd.map(str::to_owned);
        World::new().typed(vec![TypedLine { cwd, ..line(1_100, text, 0) }]).judge(read())
    };
    for (cwd, text) in [
        (Some("/home/ada"), "cat /tmp/dind/test.txt"),
        (None, "less /tmp/dind//test.txt"),
        (Some("/tmp/dind"), "cat test.txt"),
        (Some("/tmp"), "cat -n ./dind/test.txt"),
        (Some("/home/ada"), "cd /tmp/dind && cat *.txt"),
        (Some("/home/ada"), "sudo cat /tmp/dind/test.txt"),
    ] {
        assert_eq!(from(cwd, text), passes(1_100), "{text} in {cwd:?}");
    }
    for (cwd, text) in [
        (Some("/home/ada"), "cat test.txt"),
        (Some("/home/ada"), "ls /tmp/dind/test.txt"),
        (Some("/home/ada"), "cat /tmp/dind/test.txt.bak"),
        (Some("/home/ada"), "docker exec bind-test cat /tmp/dind/test.txt"),
    ] {
        let nothing = not_begun("the file was shown", "nothing you have entered was for this step");
        assert_eq!(from(cwd, text), nothing, "{text} in {cwd:?}");
    }
    for (cwd, text, doubt) in [
        (None, "cat test.txt", Doubt::Unknowable),
        (Some("/tmp/dind"), "cat \"$PWD/test.txt\"", Doubt::Unknowable),
        (Some("/tmp/dind"), "ls test.txt || cat test.txt", Doubt::Perhaps),
        (Some("/tmp/dind"), "find . -type f -exec cat {} +", Doubt::Unknowable),
        (Some("/tmp/dind"), "cat test.txt; cd", Doubt::Hidden),
        (Some("/tmp/dind"), "cat test.txt > copy", Doubt::Unseen),
        (Some("/tmp/dind"), "sudo -i", Doubt::Shell),
    ] {
        assert_eq!(from(cwd, text), untold(text, doubt), "{text} in {cwd:?}");
    }
}

fn untold(line: &str, doubt: Doubt) -> Verdict {
    cannot(
        Obstacle::Unseen,
        &format!("labrun can't tell whether `{line}` did it: {doubt}"),
        "answer the step's question, or enter it by itself",
    )
}

#[test]
fn a_line_that_may_have_done_it_is_asked_about_where_no_other_did() {
    let either = "docker volume ls || docker volume inspect app-data";
    assert_eq!(volumes(vec![line(1_100, either, 0)]), untold(either, Doubt::Perhaps));
    let then = line(1_200, "docker volume inspect app-data", 0);
    assert_eq!(volumes(vec![line(1_100, either, 0), then.clone()]), untold(either, Doubt::Hidden));
    let listed = line(1_150, "docker volume ls", 0);
    assert_eq!(volumes(vec![line(1_100, either, 0), listed, then]), passes(1_200));
    let failed = "docker volume inspect app-data nothing";
    assert_eq!(
        volumes(vec![line(1_100, "docker volume ls || docker volume ls", 0), line(1_200, failed, 1)]),
        mistake(
            "command-failed",
            LISTED,
            &format!("`{failed}` ended with 1"),
            "It was the right kind of command. Read what it said."
        )
    );
    assert_eq!(
        volumes(vec![line(1_100, "docker volume ls || docker volume inspect app-data", 1)]),
        mistake(
            "command-failed",
            LISTED,
            &format!("`{either}` ended with 1"),
            "It was the right kind of command. Read what it said."
        )
    );
}

#[test]
fn a_line_that_was_not_read_is_no_pass_and_no_fail() {
    let unread = |at, code, unread| TypedLine { unread: Some(unread), ..line(at, "", code) };
    let cannot_tell = |why: Unread| {
        let what = format!("labrun can't tell whether it was done: {why}");
        let remedy = match why {
            Unread::Space => "enter it again without the space, or answer the step's question",
            _ => "answer the step's question, or enter it by itself",
        };
        cannot(Obstacle::Unseen, &what, remedy)
    };
    let listed = || line(1_100, "docker volume ls", 0);
    let failed = |at| line(at, "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}'", 1);
    for why in [Unread::Space, Unread::LeftOut, Unread::TooLong] {
        assert_eq!(volumes(vec![unread(1_100, 0, why)]), cannot_tell(why));
        assert_eq!(volumes(vec![listed(), unread(1_200, 0, why)]), cannot_tell(why));
        assert_eq!(volumes(vec![listed(), unread(1_200, 1, why)]), cannot_tell(why));
        assert_eq!(volumes(vec![listed(), failed(1_200), unread(1_300, 0, why)]), cannot_tell(why));
        // What was done is done.
        let inspected = line(1_300, "docker volume inspect app-data", 0);
        assert_eq!(volumes(vec![listed(), unread(1_200, 0, why), inspected]), passes(1_300));
        // It was of the step before.
        let nothing = not_begun(LISTED, "nothing you have entered was for this step");
        assert_eq!(volumes(vec![unread(SINCE, 0, why)]), nothing);
    }
    // The reason is that of the newest line.
    let hidden = line(1_200, "docker volume ls; docker volume inspect app-data; true", 0);
    let Verdict::CannotCheck(reason) = volumes(vec![unread(1_100, 0, Unread::Space), hidden]) else {
        panic!("it is not known")
    };
    assert!(reason.what.contains("; true` did it"), "{}", reason.what);
    let last = volumes(vec![unread(1_100, 0, Unread::Space), failed(1_200)]);
    assert!(matches!(last, Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some("command-failed")));
}

#[test]
fn a_question_put_to_another_engine_is_no_evidence() {
    let elsewhere = |text: &str| TypedLine { elsewhere: true, ..line(1_200, text, 0) };
    let both = "docker volume ls && docker volume inspect app-data";
    assert_eq!(volumes(vec![elsewhere(both)]), untold(both, Doubt::OtherEngine));
    assert_eq!(volumes(vec![elsewhere(both), line(1_300, both, 0)]), passes(1_300));
    // A file of the host's is no question to an engine.
    let cat = elsewhere("cat /tmp/dind/test.txt");
    assert_eq!(World::new().typed(vec![cat]).judge(read()), passes(1_200));
}

#[test]
fn aliases_are_looked_through_and_functions_are_not_trusted() {
    let both = "docker volume ls && docker volume inspect app-data";
    let alias = TypedLine { expanded: Some(both.to_owned()), ..line(1_200, "dvls && d volume inspect app-data", 0) };
    assert_eq!(volumes(vec![alias]), passes(1_200));
    let own = |name: &str, body: &str, text: &str| TypedLine {
        functions: vec![(name.to_owned(), body.to_owned())],
        ..line(1_200, text, 0)
    };
    for (name, body, text) in [
        ("dv", "dv () { docker volume ls; docker volume inspect \"$1\"; }", "dv app-data"),
        ("docker", "docker () { true; }", both),
        ("docker", "docker () { command docker \"$@\"; }", both),
    ] {
        assert_eq!(volumes(vec![own(name, body, text)]), untold(text, Doubt::Function), "{body}");
    }
    let nothing = not_begun(LISTED, "nothing you have entered was for this step");
    assert_eq!(volumes(vec![own("ll", "ll () { ls -l; }", "ll")]), nothing);
    assert_eq!(volumes(vec![own("ll", "ll () { ls -l; }", both)]), passes(1_200), "it is not called");
}

#[test]
fn where_nobody_listens_to_the_prompt_nobody_can_tell() {
    let deaf = CannotLook::new(Obstacle::Unseen, "what you type can't be seen from here", "answer the question");
    assert_eq!(
        World::new().unseen(Ask::Typed, deaf).judge(read()),
        cannot(Obstacle::Unseen, "what you type can't be seen from here", "answer the question")
    );
}

#[test]
fn a_refusal_that_is_to_be_seen_counts_when_it_was_one() {
    let judged = |lines: &[(&str, i64)]| {
        let lines = lines.iter().map(|(text, exit_code)| line(1_100, text, *exit_code)).collect();
        let runs = json!(["docker volume rm app-data"]);
        World::new().typed(lines).judge(json!({"typed": {"wants": "it was refused", "runs": runs, "fails": true}}))
    };
    assert_eq!(judged(&[("docker volume rm app-data", 1)]), passes(1_100));
    assert_eq!(judged(&[("docker volume rm app-data", 0), ("docker volume remove -f app-data", 1)]), passes(1_100));
    assert_eq!(
        judged(&[("docker volume rm other", 1)]),
        not_begun("it was refused", "nothing you have entered was for this step")
    );
    let went_through = mistake(
        "not-refused",
        "it was refused",
        "`docker volume rm app-data` ended with 0",
        "It was to be refused, and it went through. What should have stood in its way?",
    );
    assert_eq!(judged(&[("docker volume rm app-data", 0)]), went_through);
    // The refusal was there, and another part of the line went through.
    for text in ["docker volume rm app-data; docker ps -a", "docker volume rm app-data || true"] {
        let unclear = cannot(
            Obstacle::Unseen,
            &format!("labrun can't tell whether `{text}` did it: {}", Doubt::Hidden),
            "answer the step's question, or enter it by itself",
        );
        assert_eq!(judged(&[(text, 0)]), unclear, "{text}");
    }
}

#[test]
fn the_right_command_without_an_option_that_matters_is_told_so() {
    let judged = |text: &str| {
        let runs = json!(["docker volume ls --filter dangling=true"]);
        World::new().typed(vec![line(1_100, text, 0)]).judge(json!({"typed": {"wants": "filtered", "runs": runs}}))
    };
    for text in ["docker volume ls --filter dangling=true", "docker volume ls -qf dangling=true"] {
        assert_eq!(judged(text), passes(1_100), "{text}");
    }
    for text in ["docker volume ls", "docker volume ls -f dangling=false"] {
        let seen = format!("`{text}` was entered");
        let sentence = "It is the right command. Which option makes it tell just what the task asks for?";
        assert_eq!(judged(text), mistake("missing-option", "filtered", &seen, sentence), "{text}");
    }
    assert_eq!(
        judged("docker ps -f dangling=true"),
        not_begun("filtered", "nothing you have entered was for this step")
    );
}
