//! `answer`: something that the learner reads off the world, compared with the world.

use labrun_graders::fact::{File, FileKind};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Obstacle};
use serde_json::{Value, json};

use crate::world::{World, cannot, check, file, in_volume, mistake, not_begun, passes_undated, target, wrong};

const LOOK_AGAIN: &str = "That is not what is there. Look again, and copy what you see.";

fn field(field: &str) -> Value {
    json!({"answer": {"ask": "Which one?", "volume": "app-data", "field": field}})
}

fn line(line: u32) -> Value {
    json!({"answer": {"ask": "What?", "in": {"volume": "app-data"}, "path": "file.txt", "line": line}})
}

fn described(answer: &str) -> World {
    let json =
        json!({"Mountpoint": "/var/lib/x", "Scope": "", "Size": 3, "Id": "sha256:".to_owned() + &"0a".repeat(32)});
    World::new().described(NameKind::Volume, "app-data", json).answer(answer)
}

fn holding(text: &str, answer: &str) -> World {
    World::new().text(in_volume("app-data"), "file.txt", text).answer(answer)
}

#[test]
fn an_answer_counts_however_it_was_copied() {
    for answer in
        ["/var/lib/x", " /var/lib/x/\n", "'/var/lib/x'", "\"Mountpoint\": \"/var/lib/x\",", "mountpoint: /var/lib/x"]
    {
        assert_eq!(described(answer).judge(field("Mountpoint")), passes_undated(), "{answer}");
    }
    assert_eq!(described("3").judge(field("Size")), passes_undated());
    for (text, nth, answer) in
        [("one\ntwo\n", 2, "two"), ("one\r\ntwo", 1, " one "), ("a  b\n", 1, "a b"), ("x\n", 1, "\"x\"")]
    {
        assert_eq!(holding(text, answer).judge(line(nth)), passes_undated(), "{answer}");
    }
}

fn mounted(json: Value, answer: &str) -> labrun_graders::Verdict {
    let check = json!({"answer": {"ask": "Which?", "container": "till", "mount": "/receipts", "field": "Name"}});
    World::new().described(NameKind::Container, "till", json).answer(answer).judge(check)
}

#[test]
fn what_is_mounted_is_found_by_its_path() {
    let name = "0a".repeat(32);
    let volume = |at: &str, name: &str| json!({"Type": "volume", "Name": name, "Destination": at});
    let both = [volume("/data", "other"), volume("/receipts/", &name)];
    for mounts in [both.to_vec(), both.iter().rev().cloned().collect()] {
        for answer in [name.as_str(), &name[..12]] {
            assert_eq!(mounted(json!({"Mounts": mounts}), answer), passes_undated(), "{answer}");
        }
        let source = "Name of what till has at /receipts";
        assert_eq!(
            mounted(json!({"Mounts": mounts}), "other"),
            mistake("wrong-answer", source, "your answer, other", LOOK_AGAIN)
        );
    }
}

#[test]
fn another_kind_of_mount_or_none_is_the_learners_to_mend() {
    let source = "Name of what till has at /receipts";
    let kind = "Compare the kind of mount with the one that the task asks for.";
    let bind = json!({"Mounts": [{"Type": "bind", "Source": "/srv", "Destination": "/receipts"}]});
    let seen = |kind: &str| format!("what is mounted at /receipts is a {kind}, and has no Name");
    assert_eq!(mounted(bind, "x"), mistake("wrong-mount-type", source, &seen("bind"), kind));
    let by_mount = json!({"Mounts": [{"Type": "tmpfs", "Source": "", "Name": "", "Destination": "/receipts"}]});
    let by_option = json!({"Mounts": [], "HostConfig": {"Tmpfs": {"/receipts": "size=4m"}}});
    for memory in [by_mount, by_option] {
        assert_eq!(mounted(memory, "x"), mistake("wrong-mount-type", source, &seen("tmpfs"), kind));
    }
    for none in [json!({"Mounts": []}), json!({}), json!({"Mounts": null, "HostConfig": {"Tmpfs": null}})] {
        let sentence = "There is nothing to read the answer off: a mount is given when a container is created.";
        assert_eq!(mounted(none, "x"), wrong(source, "nothing is mounted at /receipts in till", sentence));
    }
}

#[test]
fn an_id_may_be_as_short_as_the_lists_show_it() {
    let id = "0a".repeat(32);
    for answer in [id.clone(), format!("sha256:{id}"), "0a0a0a0a0a0a".to_owned(), "sha256:0a0a0a0a0a0a".to_owned()] {
        assert_eq!(described(&answer).judge(field("Id")), passes_undated(), "{answer}");
    }
    for answer in ["0a0a0a", "0a0a0a0a0a0b", "a0a0a0a0a0a0"] {
        assert_eq!(
            described(answer).judge(field("Id")),
            mistake("wrong-answer", "Id of volume app-data", &format!("your answer, {answer}"), LOOK_AGAIN)
        );
    }
}

#[test]
fn another_answer_is_wrong_and_shown_short() {
    assert_eq!(
        described("Name: /var/lib/x").judge(field("Mountpoint")),
        mistake("wrong-answer", "Mountpoint of volume app-data", "your answer, Name: /var/lib/x", LOOK_AGAIN)
    );
    assert_eq!(
        holding("one\ntwo\n", "one").judge(line(2)),
        mistake("wrong-answer", "line 2 of file.txt in volume app-data", "your answer, one", LOOK_AGAIN)
    );
    assert_eq!(
        holding("one\n", &"é".repeat(99)).judge(line(1)),
        mistake(
            "wrong-answer",
            "line 1 of file.txt in volume app-data",
            &format!("your answer, {}", "é".repeat(60)),
            LOOK_AGAIN
        )
    );
}

#[test]
fn without_an_answer_it_is_not_begun() {
    let world = World::new().no(Ask::Answer);
    assert_eq!(world.judge(line(1)), not_begun("line 1 of file.txt in volume app-data", "no answer yet"));
}

#[test]
fn what_the_world_does_not_say_cannot_be_answered() {
    let nothing = |of: &str| not_begun(of, "there is nothing to read it off yet");
    let no_file = Ask::File { place: in_volume("app-data"), path: "file.txt".to_owned() };
    let source = "line 3 of file.txt in volume app-data";
    for world in [
        World::new().no(no_file).answer(""),
        World::new().file(in_volume("app-data"), "file.txt", file(FileKind::Directory, None)).answer(""),
        holding("one\ntwo\n", ""),
        holding("one\ntwo\n \n", ""),
    ] {
        assert_eq!(world.judge(line(3)), nothing(source));
    }
    let no_volume = World::new().no(Ask::Inspect(target(NameKind::Volume, "app-data"))).answer("x");
    assert_eq!(no_volume.judge(field("Mountpoint")), nothing("Mountpoint of volume app-data"));
    assert_eq!(described("").judge(field("Scope")), nothing("Scope of volume app-data"));
}

#[test]
fn what_cannot_be_read_is_not_the_learners_mistake() {
    let large = File { size: 2_000_000, ..file(FileKind::Regular, None) };
    assert_eq!(
        World::new().file(in_volume("app-data"), "file.txt", large).answer("x").judge(line(1)),
        cannot(
            Obstacle::TooLarge,
            "file.txt in volume app-data has 2000000 bytes; so much is not read",
            "make it smaller: the task needs a few lines"
        )
    );
    assert_eq!(
        described("x").judge(field("Nope")),
        cannot(
            Obstacle::Lab,
            "the lab's expression `Nope` cannot be evaluated: it names something that is not there",
            "tell the lab's author"
        )
    );
}

#[test]
fn the_question_and_the_right_answer_can_be_told() {
    let by_line = check(line(2));
    assert_eq!((by_line.question(), by_line.asks_outright()), (Some("What?"), true));
    assert_eq!(by_line.right_answer(holding("one\ntwo\n", "").facts()).as_deref(), Some("two"));
    assert_eq!(by_line.right_answer(holding("one\n", "").facts()), None);
    assert_eq!(check(field("Mountpoint")).right_answer(described("").facts()).as_deref(), Some("/var/lib/x"));
}
