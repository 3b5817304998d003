//! A file that is there under nearly the wanted name.

use labrun_graders::fact::{FileKind, HostPath};
use labrun_graders::{Ask, Fact, Place, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line, ran};
use crate::world::{World, bind_mount, file, in_container, in_volume, mistake, not_begun, volume_mount, with};

fn check(place: Value, path: &str) -> Value {
    json!({"file": {"in": place, "path": path, "has_lines": ["one"]}})
}

/// A command was run in writer-1, which has app-data at /data and /tmp/dind at /dind; at these paths it has files.
fn world(argv: &[&str], found: &[&str]) -> World {
    let mounts = [volume_mount("app-data", "/data"), bind_mount("/tmp/dind", "/dind")];
    let world = World::new()
        .of_session("")
        .no(Ask::File { place: in_volume("app-data"), path: "sub/file.txt".to_owned() })
        .no(Ask::File { place: in_container("writer-1"), path: "/shop/file.txt".to_owned() })
        .no(Ask::File { place: Place::Host, path: "/tmp/dind/file.txt".to_owned() })
        .container(with("writer-1", &mounts))
        .reported(exec("writer-1", argv).entries());
    found
        .iter()
        .fold(world, |world, path| world.file(in_container("writer-1"), path, file(FileKind::Regular, Some("one\n"))))
}

fn told(wants: &str, found: &str, difference: &str) -> Verdict {
    let seen = format!("{found} is there, and file.txt is not");
    let sentence = format!("In {found}, {difference}. Compare the names.");
    mistake("file-name-mistyped", wants, &seen, &sentence)
}

#[test]
fn a_file_of_nearly_the_wanted_name_is_pointed_at() {
    let (in_volume, wants) = (json!({"volume": "app-data"}), "sub/file.txt in volume app-data has the line one");
    for (command, name, difference) in [
        ("echo one > /data/sub/file.txt.txt", "file.txt.txt", "`.txt` at the end is too much"),
        ("echo one > /data/sub/file", "file", "`.txt` at the end is missing"),
        ("cd /data/sub; echo one | tee File.txt", "File.txt", "the first letter is `F`, not `f`"),
        ("cp /x /data/sub/fiel.txt", "fiel.txt", "`e` and `l` after `fi` are swapped"),
    ] {
        let world = world(&["sh", "-c", command], &[&format!("/data/sub/{name}")]);
        assert_eq!(
            world.diagnose(check(in_volume.clone(), "sub/file.txt")),
            told(wants, name, difference),
            "{command}"
        );
    }
}

#[test]
fn it_may_be_in_a_container_or_on_the_host() {
    let copied = world(&["dd", "of=/shop/files.txt"], &["/shop/files.txt"]);
    let wants = "/shop/file.txt in writer-1 has the line one";
    let difference = "`s` after `file` is too much";
    let verdict = copied.diagnose(check(json!({"container": "writer-1"}), "/shop/file.txt"));
    assert_eq!(verdict, told(wants, "files.txt", difference));
    let wants = "/tmp/dind/file.txt on your host has the line one";
    let by_mount = world(&["tar", "-cf", "/dind/files.txt", "."], &["/dind/files.txt"]);
    assert_eq!(by_mount.diagnose(check(json!("host"), "/tmp/dind/file.txt")), told(wants, "files.txt", difference));
    let typed = world(&["ls"], &[]).typed(vec![line(1_500, "echo one > /tmp/dind/files.txt", 0)]);
    let typed = typed.file(Place::Host, "/tmp/dind/files.txt", file(FileKind::Regular, Some("one\n")));
    assert_eq!(typed.diagnose(check(json!("host"), "/tmp/dind/file.txt")), told(wants, "files.txt", difference));
}

#[test]
fn a_file_of_another_name_is_no_slip() {
    let wants = "sub/file.txt in volume app-data has the line one";
    let world = world(&["sh", "-c", "echo one > /data/sub/notes.md"], &["/data/sub/notes.md"]);
    let verdict = world.diagnose(check(json!({"volume": "app-data"}), "sub/file.txt"));
    assert_eq!(verdict, not_begun(wants, "there is no sub/file.txt in volume app-data"));
}

#[test]
fn a_command_that_ended_badly_has_a_message_of_its_own() {
    let wants = "sub/file.txt in volume app-data has the line one";
    let of = |code: i64| {
        let argv = ["sh", "-c", "echo one > /data/sub/file.txt"];
        let told = Exec { code: Some(code), ..exec("writer-1", &argv) }.entries();
        world(&[], &[]).reported(told).diagnose(check(json!({"volume": "app-data"}), "sub/file.txt"))
    };
    let seen = "the command that names it ended with 1 in writer-1";
    let sentence = "Read what it printed: that says what was in its way.";
    assert_eq!(of(1), mistake("command-failed", wants, seen, sentence));
    assert_eq!(of(0), not_begun(wants, "there is no sub/file.txt in volume app-data"));
}

fn directory(world: World) -> Verdict {
    world.diagnose(json!({"file": {"in": "host", "path": "/tmp/dind", "is": "directory"}}))
}

#[test]
fn a_directory_may_have_been_made_at_nearly_the_wanted_path() {
    let absent = || World::new().of_session("").no(Ask::File { place: Place::Host, path: "/tmp/dind".to_owned() });
    let there = HostPath { kind: FileKind::Directory, owner: 0, empty: true, changed: None };
    let typed = |text: &str| absent().typed(vec![line(1_500, text, 0)]);
    let found = |path: &str| Ask::HostPath(path.to_owned());
    let wants = "/tmp/dind on your host is a directory";
    let sentence = "In /tmp/dnid, `n` and `i` after `/tmp/d` are swapped. Compare the paths.";
    let seen = "/tmp/dnid is there, and /tmp/dind is not";
    let world = typed("mkdir -p /tmp/dnid/").saw(found("/tmp/dnid"), Fact::HostPath(there));
    assert_eq!(directory(world), mistake("path-mistyped", wants, seen, sentence));
    let untouched = not_begun(wants, "there is no /tmp/dind on your host");
    assert_eq!(directory(typed("echo /tmp/dnid").no(found("/tmp/dnid"))), untouched);
    assert_eq!(directory(typed("mkdir /tmp/logs")), untouched);
}

#[test]
fn a_directory_in_a_container_is_none_of_the_host() {
    let world = World::new().of_session("").no(Ask::File { place: Place::Host, path: "/tmp/dind".to_owned() });
    let changes = Fact::Changes(vec!["/tmp".to_owned(), "/tmp/dind".to_owned()]);
    let world = world
        .container(with("writer-1", &[]))
        .reported(exec("writer-1", &["mkdir", "/tmp/dind"]).entries())
        .saw(Ask::Changes("writer-1".to_owned()), changes);
    let wants = "/tmp/dind on your host is a directory";
    let seen = "/tmp/dind in writer-1's own layer";
    let sentence = "A container's files are not your host's. Where was the command to run?";
    assert_eq!(directory(world), mistake("data-in-container-layer", wants, seen, sentence));
}

#[test]
fn what_was_to_be_added_may_have_gone_to_another_file() {
    let check = json!({"file": {"in": {"container": "writer-1"}, "path": "/shop/file.txt", "lines": ["one", "two"]}});
    let of = |command: &str, changes: &[&str], files: &str| {
        let world = world(&["sh", "-c", command], &[]).text(in_container("writer-1"), "/shop/file.txt", "one\n");
        let changes = changes.iter().map(|path| (*path).to_owned()).collect();
        let world = world.saw(Ask::Changes("writer-1".to_owned()), Fact::Changes(changes));
        world.text(in_container("writer-1"), "/shop/files.txt", files).diagnose(check.clone())
    };
    let expected = "the line two in /shop/file.txt in writer-1";
    let wants = "/shop/file.txt in writer-1 has only the lines one, two";
    let sentence = "In files.txt, `s` after `file` is too much. Compare the names.";
    let seen = "files.txt has two, and file.txt has not";
    let mistyped = of("echo two >> /shop/files.txt", &["/shop/file.txt", "/shop/files.txt"], "two\n");
    assert_eq!(mistyped, mistake("file-name-mistyped", wants, seen, sentence));
    let beside = of("echo two >> file.txt", &["/file.txt", "/shop/file.txt"], "");
    let sentence = "The file is there, at another path. Compare it with the task's.";
    assert_eq!(beside, mistake("wrong-path", wants, "writer-1 has /file.txt, and no /shop/file.txt", sentence));
    assert_eq!(of("ls", &["/shop/file.txt"], ""), not_begun(expected, "it holds: one"));
}

#[test]
fn a_file_that_the_newest_command_removed_was_there() {
    let wants = "sub/file.txt in volume app-data has the line one";
    let sentence = "It is to be there in the end. Which of your commands was the last one about it?";
    let of = |argv: &[&str]| world(argv, &[]).diagnose(check(json!({"volume": "app-data"}), "sub/file.txt"));
    for (argv, shown) in [
        (&["rm", "-r", "/data/sub"][..], "rm -r /data/sub"),
        (&["sh", "-c", "rm /data/sub/*"], "sh -c rm /data/sub/*"),
        (
            &["sh", "-c", "echo one > /data/sub/file.txt; rm /data/sub/file.txt"],
            "sh -c echo one > /data/sub/file.txt; rm /data/sub/file.txt",
        ),
    ] {
        let seen = format!("`{shown}` in writer-1 took it away");
        assert_eq!(of(argv), mistake("file-deleted", wants, &seen, sentence));
    }
    let untouched = not_begun(wants, "there is no sub/file.txt in volume app-data");
    assert_eq!(of(&["rm", "/data/other"]), untouched);
    assert_eq!(of(&["sh", "-c", "rm -f /data/sub/file.txt; ls"]), untouched);
    let wants = "/tmp/dind/file.txt on your host has the line one";
    for text in ["rm -rf /tmp/dind", "docker rm -f x; mv /tmp/dind/file.txt /tmp/x"] {
        let typed = world(&[], &[]).reported(Vec::new()).typed(vec![line(1_500, text, 0)]);
        let seen = format!("`{text}` took it away");
        let verdict = typed.diagnose(check(json!("host"), "/tmp/dind/file.txt"));
        assert_eq!(verdict, mistake("file-deleted", wants, &seen, sentence));
    }
}

#[test]
fn a_temporary_container_has_files_of_its_own() {
    let wants = "/shop/file.txt in writer-1 has the line one";
    let run = ran(&["sh", "-c", "echo one > /shop/file.txt"]);
    let verdict =
        world(&[], &[]).reported(run.entries()).diagnose(check(json!({"container": "writer-1"}), "/shop/file.txt"));
    let seen = "`sh -c echo one > /shop/file.txt` ran in brave_hare";
    let sentence = "That was in brave_hare, which has files of its own. Which container does the step name?";
    assert_eq!(verdict, mistake("wrong-container", wants, seen, sentence));
}
