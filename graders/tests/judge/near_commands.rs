//! Near misses that a typed line or an exec shows by itself: quotes, redirections, names, engines.

use labrun_graders::evidence::{Dropped, Entry};
use labrun_graders::{Ask, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, event, exec, line};
use crate::world::{World, in_volume, mistake, not_begun};

const WANTS: &str = "file.txt in volume app-data has the line one";

fn check() -> Value {
    json!({"file": {"in": {"volume": "app-data"}, "path": "file.txt", "has_lines": ["one"]}})
}

fn absent() -> World {
    World::new().of_session("").no(Ask::File { place: in_volume("app-data"), path: "file.txt".to_owned() })
}

fn untouched() -> Verdict {
    not_begun(WANTS, "there is no file.txt in volume app-data")
}

/// The file is absent, and these lines were typed.
fn typed(lines: &[&str]) -> Verdict {
    let lines = (1_500..).zip(lines).map(|(at, text)| line(at, text, 1)).collect();
    absent().typed(lines).diagnose(check())
}

/// The file is absent, and this ran in writer-1.
fn ran(argv: &[&str], code: i64, unstarted: bool) -> Verdict {
    let entries = Exec { code: Some(code), unstarted, ..exec("writer-1", argv) }.entries();
    absent().reported(entries).diagnose(check())
}

#[test]
fn a_redirection_outside_the_quotes_is_the_hosts() {
    let told = mistake(
        "redirected-by-host",
        WANTS,
        "your own shell took `> /data/file.txt` for itself",
        "Two shells read that line. Which of them did the redirection, and in whose files?",
    );
    assert_eq!(typed(&["docker exec writer-1 echo one > /data/file.txt"]), told);
    assert_eq!(typed(&["sudo docker exec -i writer-1 sh -c 'echo one' >>/data/file.txt"]), told);
    assert_eq!(typed(&["docker exec writer-1 sh -c 'echo one > /data/file.txt'"]), untouched());
    assert_eq!(typed(&["docker exec writer-1 ls > /tmp/log"]), untouched());
    assert_eq!(typed(&["echo one > /data/file.txt"]), untouched(), "no container has a part in it");
}

#[test]
fn a_script_of_several_words_is_lost_but_for_the_first() {
    let told = mistake(
        "script-not-quoted",
        WANTS,
        "`sh -c` was given `echo` to run, and nothing else",
        "After -c a shell takes one word for its script. What keeps several together as one?",
    );
    assert_eq!(typed(&["docker exec writer-1 sh -c echo one > /data/file.txt"]), told);
    assert_eq!(ran(&["sh", "-c", "echo", "one"], 0, false), told);
    assert_eq!(ran(&["sh", "-c", "echo one", "sh"], 0, false), untouched(), "a word after a script is its name");
    assert_eq!(ran(&["sh", "-c", "date"], 0, false), untouched());
}

#[test]
fn a_whole_line_in_quotes_is_the_name_of_a_program() {
    let command = "echo one > /data/file.txt";
    let told = mistake(
        "quoted-as-one-word",
        WANTS,
        "`echo one > /data/file.txt` was taken for the name of one program",
        "One word or several: what do the quotes make of them, and who is to take them apart?",
    );
    assert_eq!(ran(&[command], 126, true), told);
    assert_eq!(ran(&["ecko"], 127, true), untouched(), "that is about something else");
    assert_eq!(ran(&["date > /x"], 126, true), untouched(), "so is that");
}

#[test]
fn quotes_swallow_a_redirection() {
    let told = mistake(
        "quotes-swallowed",
        WANTS,
        "writer-1 printed the text: one > /data/file.txt",
        "Within quotes, > is a letter like any other. What did they swallow?",
    );
    assert_eq!(ran(&["sh", "-c", "echo 'one > /data/file.txt'"], 0, false), told);
    assert_eq!(ran(&["echo", "one > /data/file.txt"], 0, false), told);
    assert_eq!(ran(&["sh", "-c", "echo one > /data/file.txt"], 0, false), untouched());
    let failed = mistake(
        "command-failed",
        WANTS,
        "the command that names it ended with 1 in writer-1",
        "Read what it printed: that says what was in its way.",
    );
    assert_eq!(ran(&["sh", "-c", "echo 'one > /data/file.txt'"], 1, false), failed, "it did not end well");
}

#[test]
fn only_the_last_try_is_told_of() {
    let lost = Exec { at: 1_500, ..exec("writer-1", &["sh", "-c", "echo", "one"]) }.entries();
    let better = Exec { at: 1_600, ..exec("writer-1", &["sh", "-c", "echo one > /file.txt"]) }.entries();
    let about_nothing = Exec { at: 1_700, ..exec("writer-1", &["date"]) }.entries();
    let all: Vec<Entry> = [lost, better, about_nothing].concat();
    assert_eq!(absent().reported(all).diagnose(check()), untouched());
}

#[test]
fn a_command_tells_why_more_text_is_missing() {
    let text = World::new().of_session("").text(in_volume("app-data"), "file.txt", "\n");
    let world = text.typed(vec![line(1_500, "docker exec writer-1 sh -c echo one > /data/file.txt", 0)]);
    let Verdict::Fail(feedback) = world.diagnose(check()) else { panic!("it holds no text") };
    assert_eq!(feedback.diagnosis.as_deref(), Some("script-not-quoted"), "nearer than an empty file");
}

#[test]
fn a_name_typed_nearly_right_in_a_command_is_told() {
    let check = || json!({"typed": {"wants": "app-data was inspected", "runs": ["docker volume inspect app-data"]}});
    let world = |text| World::new().of_session("").typed(vec![line(1_500, text, 1)]);
    assert_eq!(
        world("docker volume inspect app_data").diagnose(check()),
        mistake(
            "name-mistyped",
            "app-data was inspected",
            "`docker volume inspect app_data` ended with 1",
            "In app_data, after `app` comes `_`, not `-`. Compare the name with the task's."
        )
    );
    let open = not_begun("app-data was inspected", "nothing you have entered was for this step");
    let seen = "`docker volume inspect logs` was entered";
    let other = "It is the right command. What does the task want it to look at?";
    let other = mistake("other-arguments", "app-data was inspected", seen, other);
    assert_eq!(world("docker volume inspect logs").diagnose(check()), other);
    assert_eq!(world("docker volume inspect logs; docker volume ls").diagnose(check()), open);
    assert_eq!(world("docker volume rm app_data").diagnose(check()), open);
    let both = "docker volume inspect app-data app_data";
    let said = mistake(
        "command-failed",
        "app-data was inspected",
        &format!("`{both}` ended with 1"),
        "It was the right kind of command. Read what it said.",
    );
    assert_eq!(world(both).diagnose(check()), said);
}

#[test]
fn a_path_typed_nearly_right_in_a_command_is_told() {
    let check = || json!({"typed": {"wants": "the file was shown", "reads": "/tmp/dind/test.txt"}});
    let world = |text, code| World::new().of_session("").typed(vec![line(1_500, text, code)]);
    assert_eq!(
        world("cat /tmp/dind/tset.txt", 1).diagnose(check()),
        mistake(
            "path-mistyped",
            "the file was shown",
            "`cat /tmp/dind/tset.txt` ended with 1",
            "In /tmp/dind/tset.txt, `s` and `e` after `/tmp/dind/t` are swapped. Compare the path with the task's."
        )
    );
    let open = not_begun("the file was shown", "nothing you have entered was for this step");
    assert_eq!(world("cat /tmp/dind/tset.txt", 0).diagnose(check()), open, "there is such a file");
    assert_eq!(world("cat /etc/passwd", 1).diagnose(check()), open);
}

#[test]
fn a_deed_that_this_engine_never_heard_of_reached_another() {
    let check = || json!({"volume": {"name": "app-data"}});
    let world = |text: &str, code| {
        let lines = vec![line(1_200, "ls", 0), line(1_500, text, code)];
        World::new().of_session("").no(Ask::Volume("app-data".to_owned())).typed(lines)
    };
    let told = |diagnosis, sentence| {
        let seen = "the command ended well, and this engine knows nothing of it";
        mistake(diagnosis, "volume app-data exists", seen, sentence)
    };
    let create = "docker volume create app-data";
    let other =
        told("other-engine", "Which engine does your docker talk to? Its contexts, and DOCKER_HOST, decide that.");
    assert_eq!(world(create, 0).reported(vec![]).diagnose(check()), other);
    assert_eq!(world("docker run --name x busybox true", 0).reported(vec![]).diagnose(check()), other);
    let sudo =
        told("another-users-engine", "With sudo, docker goes by root's settings. Whose engine holds what you made?");
    assert_eq!(world(&format!("sudo {create}"), 0).reported(vec![]).diagnose(check()), sudo);
    let open = not_begun("volume app-data exists", "there is no volume app-data");
    let created = Entry { kind: "volume".to_owned(), actor: "app-data".to_owned(), ..event(1_499, "create", "x", &[]) };
    assert_eq!(world(create, 0).reported(vec![created]).diagnose(check()), open, "it was removed again");
    let failed = world(create, 1).reported(vec![]).diagnose(check());
    assert!(
        matches!(&failed, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("command-failed")),
        "{failed:?}"
    );
    assert_eq!(world(create, 0).reported_with_gap(vec![], 1_000, 1_400).diagnose(check()), open, "events are lost");
    for (dropped, verdict) in [(Some(1_400), &open), (Some(900), &other)] {
        let dropped = Dropped { newest: dropped, ..Dropped::default() };
        assert_eq!(world(create, 0).reported_and_dropped(vec![], dropped).diagnose(check()), *verdict, "{dropped:?}");
    }
    assert_eq!(world(create, 0).diagnose(check()), open, "nobody knows what happened");
    assert_eq!(
        world(&format!("false; {create} || true"), 0).reported(vec![]).diagnose(check()),
        open,
        "who ended well?"
    );
    assert_eq!(world("docker volume ls", 0).reported(vec![]).diagnose(check()), open, "no engine reports that");
}

#[test]
fn a_command_that_failed_did_not_go_to_another_engine() {
    let create = "docker volume create app-data";
    let world = |lines: &[(i64, &str, i64)]| {
        let lines = lines.iter().map(|(at, text, code)| line(*at, text, *code)).collect();
        let world = World::new().of_session("").no(Ask::Volume("app-data".to_owned())).typed(lines).reported(vec![]);
        world.diagnose(json!({"volume": {"name": "app-data"}}))
    };
    let open = not_begun("volume app-data exists", "there is no volume app-data");
    for lines in [
        &[(1_200, "ls", 0), (1_500, create, 1)][..],
        &[(1_200, create, 0), (1_300, create, 0), (1_500, "docker volume create app-data -d none", 1)],
    ] {
        let told = world(lines);
        assert!(
            matches!(&told, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("command-failed")),
            "{told:?}"
        );
    }
    for lines in [
        &[(1_200, "ls", 0), (1_500, "! docker volume create app-data", 0)][..],
        &[(1_200, "ls", 0), (1_500, "docker volume create app-data &", 0)],
        // It ended after this step began; what it did may be what completed the one before.
        &[(1_500, create, 0)],
        &[(900, "ls", 0), (1_001, create, 0)],
    ] {
        assert_eq!(world(lines), open, "{lines:?}");
    }
    for lines in [&[(1_200, "ls", 0), (1_500, create, 0)][..], &[(1_000, "docker volume ls", 0), (1_500, create, 0)]] {
        let labrun_graders::Verdict::Fail(told) = world(lines) else { panic!("it is not there") };
        assert_eq!(told.diagnosis.as_deref(), Some("other-engine"), "{lines:?}");
    }
}

#[test]
fn a_command_that_names_the_file_and_does_not_show_it_is_told_so() {
    let check = || json!({"typed": {"wants": "the file was shown", "reads": "/tmp/dind/test.txt"}});
    let told = |text: &str, code| World::new().of_session("").typed(vec![line(1_500, text, code)]).diagnose(check());
    let shows = "Did that show what is in the file on your host?";
    for text in ["ls -l /tmp/dind/test.txt", "cp /tmp/dind/test.txt /tmp/x", "sudo touch /tmp/dind/test.txt"] {
        let seen = format!("`{text}` was entered");
        assert_eq!(told(text, 0), mistake("other-command", "the file was shown", &seen, shows), "{text}");
    }
    let unknown = told("bat /tmp/dind/test.txt", 127);
    assert!(matches!(&unknown, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("command-cannot-start")));
    let open = not_begun("the file was shown", "nothing you have entered was for this step");
    for text in ["echo cat /tmp/dind/test.txt", "# cat /tmp/dind/test.txt", "ls /tmp/dind", "cat /etc/hosts"] {
        assert_eq!(told(text, 0), open, "{text}");
    }
}

#[test]
fn a_command_that_the_engine_refused_is_told_where_what_it_was_to_make_is_not_there() {
    let volume = || json!({"volume": {"name": "app-data"}});
    let world = |text: &str, code| {
        let world = World::new().of_session("").no(Ask::Volume("app-data".to_owned()));
        world.reported(Vec::new()).everything(&[], &[]).typed(vec![line(1_500, text, code)])
    };
    let sentence = "It did not go through. The message names the reason: which part of the command does it mean?";
    let text = "docker volume create -d nosuchdriver app-data";
    let refused = mistake("command-failed", "volume app-data exists", &format!("`{text}` ended with 1"), sentence);
    assert_eq!(world(text, 1).diagnose(volume()), refused);
    let open = not_begun("volume app-data exists", "there is no volume app-data");
    assert_eq!(world("docker volume ls", 1).diagnose(volume()), open, "that was to make nothing");
    for text in ["docker volume create app-data; false", "false && docker volume create app-data"] {
        assert_eq!(world(text, 1).diagnose(volume()), open, "{text}: the code may be that of the other command");
    }
    let container = || json!({"container": {"name": "writer-2"}});
    let world = |text: &str, code| {
        let world = World::new().of_session("").no(Ask::Container("writer-2".to_owned()));
        world.reported(Vec::new()).everything(&[], &[]).typed(vec![line(1_500, text, code)])
    };
    let ran = world("docker run --rm --name writer-2 busybox false", 1).diagnose(container());
    assert_eq!(ran, not_begun("container writer-2 is there", "there is no container writer-2"), "it ran, and is gone");
    for text in ["docker run -dit --name writer-2 -v app-data:/data:RO busybox", "docker start writer-2"] {
        let told = world(text, 125).diagnose(container());
        assert!(
            matches!(&told, Verdict::Fail(near) if near.diagnosis.as_deref() == Some("command-failed")),
            "{told:?}"
        );
    }
}

#[test]
fn a_removal_of_something_else_is_told_and_that_of_the_labs_own_is_none() {
    let check = || json!({"removed": {"container": "writer-1"}});
    let world = |text: &str| {
        let world = World::new().of_session("").container(crate::world::container("writer-1"));
        world.reported(Vec::new()).everything(&[], &[]).typed(vec![line(1_500, text, 0)]).diagnose(check())
    };
    let sentence = "It is the right command. What does the task want removed?";
    let seen = "the removal was of other, and writer-1 is still there";
    let told = mistake("other-arguments", "container writer-1 is gone", seen, sentence);
    assert_eq!(world("docker rm -f other"), told);
    let open = not_begun("container writer-1 is gone", "writer-1 is still there");
    assert_eq!(world("docker rm -f writer-2"), open, "the lab may want that removed, too");
    assert_eq!(world("docker ps -a"), open);
}
