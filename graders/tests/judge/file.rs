//! `file`: what stands at a path on the host, in a container or in a volume.

use labrun_graders::fact::{File, FileKind, Moment, Reached};
use labrun_graders::{Ask, Fact, Obstacle, Place, Verdict};
use serde_json::{Value, json};

use crate::world::{
    World, cannot, container, file, in_container, in_volume, mistake, not_begun, passes, passes_undated,
};

const TWO_LINES: &str = "file.txt in volume app-data has the lines one, two";

/// The verdict on a file of the volume's with this text.
fn holding(text: &str, wanted: &Value) -> Verdict {
    let mut check = wanted.clone();
    check["in"] = json!({"volume": "app-data"});
    check["path"] = json!("file.txt");
    World::new().text(in_volume("app-data"), "file.txt", text).judge(json!({"file": check}))
}

fn two_lines(text: &str) -> Verdict {
    holding(text, &json!({"has_lines": ["one", "two"]}))
}

#[test]
fn the_lines_are_there_however_the_file_is_written() {
    for text in [
        "one\ntwo\n",
        "one\ntwo",
        "one\r\ntwo\r\n",
        "one \ntwo\t\n",
        "\none\n\n\ntwo\n\n",
        "zero\none\nbetween\ntwo\n",
        "two\none\ntwo\n",
    ] {
        assert_eq!(two_lines(text), passes(1_200), "{text:?}");
    }
    assert_eq!(holding("one\n", &json!({"has_lines": ["one\n"]})), passes(1_200), "a YAML block ends its line");
}

#[test]
fn a_file_that_was_written_to_since_does_not_tell_when_it_came_to_be_right() {
    assert_eq!(two_lines("one\ntwo\nthree\n"), passes_undated());
}

#[test]
fn what_an_earlier_step_wanted_is_no_mistake_in_the_next() {
    let expected = "the line two in file.txt in volume app-data";
    assert_eq!(two_lines("one\n"), not_begun(expected, "it holds: one"));
    assert_eq!(two_lines("one\n\n"), not_begun(expected, "it holds: one / "));
}

#[test]
fn a_line_that_is_missing_is_told_how_it_went() {
    let arrow = "What was there before is gone. Two ways to redirect into a file differ in just that.";
    let letters = "Compare it letter by letter with what the task asks for.";
    let joined = "Both texts stand in one line. Where did the first line end?";
    let lost = "The file is there, but the text never got into it. Which of your words did the command get?";
    for (text, diagnosis, missing, seen, sentence) in [
        ("two\n", "overwritten", "one", "it holds: two", arrow),
        ("onetwo\n", "lines-joined", "one", "it holds: onetwo", joined),
        ("one\\ntwo\n", "lines-joined", "one", "it holds: one\\ntwo", joined),
        ("", "empty-file", "one", "it is empty", lost),
        ("\n", "empty-file", "one", "it holds no text", lost),
        ("one\nTwo\n", "other-content", "two", "it holds: one / Two", letters),
        (" one\ntwo\n", "overwritten", "one", "it holds:  one / two", arrow),
        ("a\nb\nc\nd\n", "other-content", "one", "it holds: a / b / c / and 1 more line", letters),
        ("a\nb\nc\nd\ne\n", "other-content", "one", "it holds: a / b / c / and 2 more lines", letters),
    ] {
        let expected = format!("the line {missing} in file.txt in volume app-data");
        assert_eq!(two_lines(text), mistake(diagnosis, &expected, seen, sentence), "{text:?}");
    }
}

#[test]
fn lines_in_another_order_are_told_so() {
    assert_eq!(
        two_lines("two\none\n"),
        mistake(
            "wrong-order",
            &format!("{TWO_LINES}, in this order"),
            "it holds: two / one",
            "Every line is there. Which of them was to come first?"
        )
    );
}

#[test]
fn a_line_wanted_twice_must_be_there_twice() {
    let twice = json!({"has_lines": ["again", "again"]});
    assert_eq!(holding("again\nagain\n", &twice), passes(1_200));
    assert_eq!(
        holding("again\n", &twice),
        not_begun("the line again in file.txt in volume app-data", "it holds: again")
    );
}

#[test]
fn a_line_that_holds_another_wanted_one_is_not_both() {
    assert_eq!(
        holding("line 10\n", &json!({"has_lines": ["line 1", "line 10"]})),
        mistake(
            "overwritten",
            "the line line 1 in file.txt in volume app-data",
            "it holds: line 10",
            "What was there before is gone. Two ways to redirect into a file differ in just that."
        )
    );
}

#[test]
fn a_long_line_is_shown_only_as_far_as_it_is_needed() {
    let judged = holding(&"é".repeat(61), &json!({"has_lines": ["one"]}));
    let seen = format!("it holds: {}…{}", "é".repeat(40), "é".repeat(20));
    let sentence = "Compare it letter by letter with what the task asks for.";
    assert_eq!(judged, mistake("other-content", "the line one in file.txt in volume app-data", &seen, sentence));
}

#[test]
fn a_text_may_stand_anywhere() {
    let wanted = json!({"contains": "b\nc"});
    assert_eq!(holding("ab\ncd", &wanted), passes_undated());
    assert_eq!(holding("ab\r\ncd", &wanted), passes_undated());
    assert_eq!(
        holding("abc", &wanted),
        mistake(
            "other-content",
            "file.txt in volume app-data contains b\nc",
            "it holds: abc",
            "Compare it letter by letter with what the task asks for."
        )
    );
    let spaced = "file.txt in volume app-data contains ` one`";
    assert_eq!(
        holding("/one", &json!({"contains": " one"})),
        mistake("other-content", spaced, "it holds: /one", "Compare it letter by letter with what the task asks for.")
    );
    assert_eq!(holding("./a\0\0\0ab\ncd\0\0", &wanted), passes_undated(), "an archive of it");
    assert_eq!(
        holding("./a\0\0\0abc\0\0", &wanted),
        mistake(
            "other-content",
            "file.txt in volume app-data contains b\nc",
            "it holds data that is no text",
            "The text is nowhere in it. What was it made from?"
        )
    );
    assert_eq!(
        holding("", &wanted),
        mistake(
            "empty-file",
            "file.txt in volume app-data contains b\nc",
            "it is empty",
            "The file is there, but the text never got into it. Which of your words did the command get?"
        )
    );
}

#[test]
fn both_lines_and_a_text_are_wanted_where_both_stand() {
    let both = json!({"has_lines": ["one"], "contains": "tw"});
    assert_eq!(holding("one\ntwo", &both), passes_undated());
    assert_eq!(
        holding("one\n", &both),
        mistake(
            "other-content",
            "file.txt in volume app-data contains tw",
            "it holds: one",
            "Compare it letter by letter with what the task asks for."
        )
    );
}

#[test]
fn a_file_that_is_not_there_is_not_begun() {
    for (place, written, seen) in [
        (Place::Host, json!("host"), "/x on your host"),
        (in_container("writer-1"), json!({"container": "writer-1"}), "/x in writer-1"),
        (in_volume("app-data"), json!({"volume": "app-data"}), "/x in volume app-data"),
    ] {
        let world = World::new().no(Ask::File { place, path: "/x".to_owned() });
        for (wanted, expected) in [
            (json!({}), "exists"),
            (json!({"is": "file"}), "exists"),
            (json!({"is": "directory"}), "is a directory"),
            (json!({"has_lines": ["one"]}), "has the line one"),
            (json!({"contains": "one"}), "contains one"),
            (json!({"has_lines": ["one", "two"], "contains": "x"}), "has the lines one, two and contains x"),
        ] {
            let mut check = wanted.clone();
            check["in"] = written.clone();
            check["path"] = json!("/x");
            let expected = format!("{seen} {expected}");
            assert_eq!(world.judge(json!({"file": check})), not_begun(&expected, &format!("there is no {seen}")));
        }
    }
}

#[test]
fn a_file_is_not_a_directory_nor_a_pipe() {
    let judge = |kind, is: &str| {
        World::new()
            .file(Place::Host, "/x", file(kind, None))
            .judge(json!({"file": {"in": "host", "path": "/x", "is": is}}))
    };
    assert_eq!(judge(FileKind::Regular, "file"), passes_undated());
    assert_eq!(judge(FileKind::Directory, "directory"), passes_undated());
    for (kind, is, expected, seen) in [
        (FileKind::Directory, "file", "exists", "a directory"),
        (FileKind::Other, "file", "exists", "neither a file nor a directory"),
        (FileKind::Regular, "directory", "is a directory", "a file"),
        (FileKind::Other, "directory", "is a directory", "neither a file nor a directory"),
    ] {
        assert_eq!(
            judge(kind, is),
            mistake(
                "file-or-directory",
                &format!("/x on your host {expected}"),
                &format!("/x on your host is {seen}"),
                "What should stand at this path: a file or a directory?"
            )
        );
    }
}

#[test]
fn the_hosts_clock_does_not_date_a_pass() {
    let check = |place: Value| json!({"file": {"in": place, "path": "/x", "has_lines": ["one"]}});
    let on_the_host = World::new().text(Place::Host, "/x", "one\n");
    assert_eq!(on_the_host.judge(check(json!("host"))), passes_undated());
    let inside = World::new().text(in_container("c"), "/x", "one\n");
    assert_eq!(inside.judge(check(json!({"container": "c"}))), passes(1_200));
}

#[test]
fn what_is_too_large_to_read_is_not_the_learners_mistake() {
    let large = File { size: 2_000_000, ..file(FileKind::Regular, None) };
    let world = World::new().file(Place::Host, "/x", large);
    assert_eq!(
        world.judge(json!({"file": {"in": "host", "path": "/x", "has_lines": ["one"]}})),
        cannot(
            Obstacle::TooLarge,
            "/x on your host has 2000000 bytes; so much is not read",
            "make it smaller: the task needs a few lines"
        )
    );
    assert_eq!(world.judge(json!({"file": {"in": "host", "path": "/x"}})), passes_undated(), "that it exists is seen");
}

#[test]
fn a_file_is_gone_only_while_what_held_it_is_there() {
    let judge =
        |world: World| world.judge(json!({"file": {"in": {"container": "writer-1"}, "path": "/x", "is": "absent"}}));
    let gone = || World::new().no(Ask::File { place: in_container("writer-1"), path: "/x".to_owned() });
    assert_eq!(judge(gone().container(container("writer-1"))), passes_undated());
    let expected = "/x in writer-1 is gone";
    assert_eq!(
        judge(gone().no(Ask::Container("writer-1".to_owned()))),
        not_begun(expected, "there is no container writer-1")
    );
    let there = World::new().text(in_container("writer-1"), "/x", "");
    assert_eq!(judge(there), not_begun(expected, "/x in writer-1 is still there"));
    let on_the_host = World::new().no(Ask::File { place: Place::Host, path: "/x".to_owned() });
    assert_eq!(on_the_host.judge(json!({"file": {"in": "host", "path": "/x", "is": "absent"}})), passes_undated());
}

#[test]
fn all_lines_may_be_wanted_and_no_others() {
    let judge = |text: &str| {
        let world = World::new().text(in_volume("v"), "f", text);
        world.judge(json!({"file": {"in": {"volume": "v"}, "path": "f", "lines": ["one", "two"]}}))
    };
    for text in ["one\ntwo\n", "one\ntwo", "one \r\ntwo\r\n\n"] {
        assert_eq!(judge(text).word(), "pass", "{text:?}");
    }
    let wants = "f in volume v has only the lines one, two";
    let sentence = "What the task asks for is in it, and more. Which line is too much, and how did it get there?";
    for (text, shown) in [("one\ntwo\nthree\n", "one / two / three"), ("one\ntwo\ntwo\n", "one / two / two")] {
        let seen = format!("it holds: {shown}");
        assert_eq!(judge(text), mistake("unwanted-text", wants, &seen, sentence));
    }
    assert_eq!(judge("two\none\n").word(), "fail");
}

#[test]
fn a_file_may_have_to_stay_as_it_was_after_a_step() {
    let check = json!({"file": {"in": {"volume": "v"}, "path": "f", "lines": ["one"], "same_since": "restore"}});
    let judge = |at: i64| {
        let reached = Fact::Reached(Reached { at, step: Some(3), skipped: false });
        let world = World::new().text(in_volume("v"), "f", "one\n");
        world.saw(Ask::Reached(Moment::Step("restore".to_owned())), reached).judge(check.clone())
    };
    // The file was written at 1,200.
    assert_eq!(judge(1_300).word(), "pass");
    let sentence = "It was to stay as it is: what it holds now is not what it was kept for. Which of your commands wrote to \
                    it?";
    let wants = "f in volume v has only the line one, not written to since";
    let seen = "f in volume v was written to after step 3";
    assert_eq!(judge(1_100), mistake("written-since", wants, seen, sentence));
}
