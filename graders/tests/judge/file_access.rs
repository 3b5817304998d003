//! `file: { mode, owner }`: the bits and numbers that the engine or the host gives.

use labrun_graders::fact::{Access, FileKind, Owner};
use labrun_graders::{Ask, Fact, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, file, in_container, mistake, not_begun, passes_undated};

fn judge(mode: u32, owner: Option<(u64, u64)>, wanted: &Value) -> Verdict {
    judge_kind(FileKind::Directory, mode, owner, wanted)
}

fn judge_kind(kind: FileKind, mode: u32, owner: Option<(u64, u64)>, wanted: &Value) -> Verdict {
    let mut check = wanted.clone();
    check["in"] = json!({"container": "c"});
    check["path"] = json!("/x");
    if kind == FileKind::Directory {
        check["is"] = json!("directory");
    }
    let owner = owner.map(|(user, group)| Owner { user, group });
    let ask = Ask::Access { place: in_container("c"), path: "/x".to_owned() };
    World::new()
        .file(in_container("c"), "/x", file(kind, None))
        .saw(ask, Fact::Access(Access { mode, owner }))
        .judge(json!({"file": check}))
}

#[test]
fn the_wanted_bits_and_numbers_pass() {
    for (mode, owner, wanted) in [
        (0o750, None, json!({"mode": "0750"})),
        (0o750, None, json!({"mode": "750"})),
        (0o1777, None, json!({"mode": "1777"})),
        (0, Some((1000, 1001)), json!({"owner": "1000:1001"})),
        (0, Some((1000, 7)), json!({"owner": "1000"})),
        (0, Some((0, 0)), json!({"owner": "root"})),
        (0, Some((0, 0)), json!({"owner": "root:root"})),
        (0, Some((0, 5)), json!({"owner": "root:5"})),
        (0o640, Some((9, 9)), json!({"mode": "0640", "owner": "9:9"})),
    ] {
        for kind in [FileKind::Directory, FileKind::Regular] {
            assert_eq!(judge_kind(kind, mode, owner, &wanted), passes_undated(), "{wanted}");
        }
    }
}

#[test]
fn other_bits_are_told_by_whom_they_let_in() {
    let three = "The last three digits are for the owner, the group and everybody else.";
    for (mode, now) in [
        (0o777, "Now everybody else may read, write and execute it."),
        (0o700, "Now the group may do nothing with it."),
        (0o150, "Now the owner may execute it."),
        (0o751, "Now everybody else may execute it."),
    ] {
        let expected = "/x in c has mode 0750";
        let verdict = mistake("wrong-mode", expected, &format!("its mode is {mode:04o}"), &format!("{now} {three}"));
        assert_eq!(judge(mode, None, &json!({"mode": "0750"})), verdict);
    }
    let sentence = "The digits for owner, group and others are right. Look at the digit before them.";
    let verdict = mistake("wrong-mode", "/x in c has mode 1777", "its mode is 0777", sentence);
    assert_eq!(judge(0o777, None, &json!({"mode": "1777"})), verdict);
}

#[test]
fn another_owner_is_told_with_its_numbers() {
    let user = "A new file belongs to the user that the program runs as. Who wrote it, and who is to own it?";
    let group = "The user is right, and the group is another one. Which number comes after the colon?";
    for (wanted, expected, sentence) in
        [("1000:1000", "1000:1000", user), ("1000", "user 1000", user), ("0:1000", "0:1000", group)]
    {
        let expected = format!("/x in c belongs to {expected}");
        let verdict = mistake("wrong-owner", &expected, "it belongs to 0:0", sentence);
        assert_eq!(judge(0, Some((0, 0)), &json!({"owner": wanted})), verdict, "{wanted}");
    }
}

#[test]
fn an_owner_that_the_file_system_does_not_keep_is_nobodys_mistake() {
    let verdict = cannot(
        Obstacle::Unseen,
        "the owner of /x in c cannot be seen: its file system gives no container's numbers",
        "use an engine that runs on this machine as root",
    );
    assert_eq!(judge(0o750, None, &json!({"owner": "1000", "mode": "0750"})), verdict);
}

#[test]
fn what_went_away_while_it_was_looked_at_is_not_begun() {
    let ask = Ask::Access { place: in_container("c"), path: "/x".to_owned() };
    let world = World::new().file(in_container("c"), "/x", file(FileKind::Directory, None)).no(ask);
    let check = json!({"file": {"in": {"container": "c"}, "path": "/x", "is": "directory", "mode": "0750"}});
    let expected = "/x in c is a directory and has mode 0750";
    assert_eq!(world.judge(check), not_begun(expected, "there is no /x in c"));
}
