//! `file: { archive }`: what an archive gives back, by its members and what they hold.

use labrun_graders::fact::{Archive, Damage, FileKind, Member, MemberKind};
use labrun_graders::{Ask, Fact, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, file, in_volume, mistake, not_begun, passes_undated};

fn member(name: &str, content: Option<&str>) -> Member {
    let size = content.map_or(100_000, |content| content.len() as u64);
    Member { name: name.to_owned(), kind: MemberKind::File, size, content: content.map(str::to_owned) }
}

fn of(members: &[Member]) -> Archive {
    Archive { members: members.to_vec(), ..Archive::default() }
}

fn world(archive: Archive) -> World {
    let ask = Ask::Archive { place: in_volume("backup"), path: "b.tar".to_owned() };
    World::new().file(in_volume("backup"), "b.tar", file(FileKind::Regular, None)).saw(ask, Fact::Archive(archive))
}

fn check(wanted: &Value) -> Value {
    json!({"file": {"in": {"volume": "backup"}, "path": "b.tar", "archive": wanted}})
}

fn judge(archive: Archive, wanted: &Value) -> Verdict {
    world(archive).judge(check(wanted))
}

const AT: &str = "b.tar in volume backup";

#[test]
fn members_are_found_however_tar_names_them() {
    let folder = Member { kind: MemberKind::Directory, ..member("./shop/", Some("")) };
    let archive = of(&[folder, member("./tally.txt", Some("3\n")), member("shop/a", Some(""))]);
    for wanted in [
        json!({"has": ["tally.txt"]}),
        json!({"has": ["./tally.txt", "shop", "shop/", "shop/a"]}),
        json!({"has": [{"member": "tally.txt", "has_lines": ["3"]}], "lacks": ["tally"]}),
        json!({"lacks": ["b.tar"]}),
    ] {
        assert_eq!(judge(archive.clone(), &wanted), passes_undated(), "{wanted}");
    }
}

#[test]
fn what_is_not_in_the_archive_is_told_by_what_is() {
    let with = "It was packed with the folder in front of its name, and would be restored into that folder. From where \
                did tar look at it?";
    let without = "It was packed without the folder in front of its name. From where did tar look at it?";
    let lost = "Whatever is not in the archive is lost with the original. What was packed?";
    let empty = "The archive is sound, and holds no file. Which folder was packed, and what was in it then?";
    for (names, wanted, diagnosis, seen, sentence) in [
        (
            &["data/", "data/tally.txt"][..],
            "tally.txt",
            "packed-with-folder",
            "it has data/tally.txt, and no tally.txt",
            with,
        ),
        (&["/data/tally.txt"], "tally.txt", "packed-with-folder", "it has /data/tally.txt, and no tally.txt", with),
        (&["tally.txt"], "data/tally.txt", "packed-without-folder", "it has tally.txt, and no data/tally.txt", without),
        (&["./"], "tally.txt", "empty-archive", "it has no members", empty),
        (&[], "tally.txt", "empty-archive", "it has no members", empty),
        (&["listing"], "tally.txt", "not-in-archive", "it has listing", lost),
        (&["a", "b", "c", "d", "e", "f"], "tally.txt", "not-in-archive", "it has a, b, c, d and 2 more", lost),
        (
            &["./Tally.txt"],
            "tally.txt",
            "not-in-archive",
            "it has Tally.txt, and no tally.txt",
            "In Tally.txt, the first letter is `T`, not `t`. Compare the names.",
        ),
    ] {
        // A file that tells of the name has it in its content, and that makes it no member.
        let members: Vec<Member> = names.iter().map(|name| member(name, Some("tally.txt\n"))).collect();
        let expected = format!("{AT} is an archive with {wanted}");
        assert_eq!(
            judge(of(&members), &json!({"has": [wanted]})),
            mistake(diagnosis, &expected, seen, sentence),
            "{names:?}"
        );
    }
}

#[test]
fn an_archive_that_cannot_be_restored_is_none() {
    for (damage, seen) in [
        (Damage::Empty, "it is empty"),
        (Damage::NoArchive, "it is no tar archive"),
        (Damage::Truncated, "the archive ends in the middle"),
        (Damage::Corrupt, "the archive is damaged"),
        (Damage::Format("zip"), "it is a zip archive"),
    ] {
        let archive = Archive { damage: Some(damage), ..of(&[member("tally.txt", Some("3\n"))]) };
        let Verdict::Fail(feedback) = judge(archive, &json!({"has": ["tally.txt"]})) else { panic!("{damage:?}") };
        assert_eq!(feedback.diagnosis.as_deref(), Some("not-restorable"), "{damage:?}");
        assert_eq!((feedback.seen.as_str(), feedback.begun), (seen, true));
    }
    let archive = Archive { damage: Some(Damage::Format("xz")), ..Archive::default() };
    let what = format!("{AT} is compressed with xz, which labrun does not read");
    let verdict = cannot(Obstacle::TooLarge, &what, "use gzip, or do not compress it");
    assert_eq!(judge(archive, &json!({"has": ["tally.txt"]})), verdict);
}

#[test]
fn the_member_that_is_restored_is_the_last_of_its_name() {
    let wanted = json!({"has": [{"member": "tally.txt", "has_lines": ["3"]}]});
    let name = format!("tally.txt in {AT}");
    let first_then = |last| of(&[member("tally.txt", Some("3\n")), member("./tally.txt", Some(last))]);
    assert_eq!(judge(first_then("2\n3\n"), &wanted), passes_undated());
    let lost = "The file is there, but the text never got into it. Which of your words did the command get?";
    let verdict = mistake("empty-file", &format!("the line 3 in {name}"), "it is empty", lost);
    assert_eq!(judge(first_then(""), &wanted), verdict);
    let two = json!({"has": [{"member": "tally.txt", "has_lines": ["3", "4"]}]});
    let Verdict::Fail(feedback) = judge(first_then("3\n"), &two) else { panic!("it was packed too early") };
    assert!(feedback.begun);
    let folder = Member { kind: MemberKind::Directory, ..member("tally.txt", None) };
    let sentence = "What should be under this name: a file or a directory?";
    let verdict =
        mistake("file-or-directory", &format!("{name} has the line 3"), &format!("{name} is a directory"), sentence);
    assert_eq!(judge(of(&[folder]), &wanted), verdict);
}

#[test]
fn more_than_is_read_is_nobodys_mistake() {
    let large = of(&[member("tally.txt", None)]);
    let what = format!("tally.txt in {AT} has 100000 bytes; so much is not read");
    let wanted = json!({"has": [{"member": "tally.txt", "contains": "3"}]});
    let verdict = cannot(Obstacle::TooLarge, &what, "make it smaller: the task needs a few lines");
    assert_eq!(judge(large, &wanted), verdict);
    let many = Archive { more: true, ..of(&[member("a", None)]) };
    let what = format!("{AT} has more members than are read");
    for wanted in [json!({"has": ["tally.txt"]}), json!({"lacks": ["tally.txt"]})] {
        let verdict = cannot(Obstacle::TooLarge, &what, "pack only what the task asks for");
        assert_eq!(judge(many.clone(), &wanted), verdict, "{wanted}");
    }
    assert_eq!(judge(many, &json!({"has": ["a"]})), passes_undated());
}

#[test]
fn an_unwanted_member_is_told() {
    let sentence = "The archive holds more than it should. What was it packed from?";
    let verdict = mistake("unwanted-in-archive", &format!("{AT} has no secret"), "it has secret", sentence);
    assert_eq!(judge(of(&[member("./secret", None)]), &json!({"lacks": ["secret"]})), verdict);
}

#[test]
fn an_archive_that_is_not_there_is_not_begun() {
    let place = in_volume("backup");
    let world = World::new().no(Ask::File { place, path: "b.tar".to_owned() });
    let expected = format!("{AT} is an archive with a");
    assert_eq!(world.judge(check(&json!({"has": ["a"]}))), not_begun(&expected, &format!("there is no {AT}")));
}

#[test]
fn an_archive_may_have_to_be_compressed_or_not() {
    let packed = |compressed: bool| Archive { compressed, ..of(&[member("a", Some("1"))]) };
    let of = |compressed, wanted: bool| judge(packed(compressed), &json!({"has": ["a"], "compressed": wanted}));
    assert_eq!((of(true, true), of(false, false)), (passes_undated(), passes_undated()));
    assert_eq!(judge(packed(true), &json!({"has": ["a"]})), passes_undated(), "both will do");
    let wants = |kind: &str| format!("{AT} is {kind} archive with a");
    let sentence = "It has all that it needs, in a form that not every tar unpacks. What compressed it?";
    assert_eq!(of(true, false), mistake("wrong-compression", &wants("an uncompressed"), "it is compressed", sentence));
    let sentence = "It has all that it needs, at full size. What makes it smaller?";
    assert_eq!(of(false, true), mistake("wrong-compression", &wants("a compressed"), "it is not compressed", sentence));
}
