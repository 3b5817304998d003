//! A file that is there under nearly the wanted name.

use labrun_graders::fact::FileKind;
use labrun_graders::{Ask, Place, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line};
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
fn what_is_not_there_or_not_alike_is_no_slip() {
    let wants = "sub/file.txt in volume app-data has the line one";
    let untouched = not_begun(wants, "there is no sub/file.txt in volume app-data");
    let of = |command: &str, found: &[&str]| {
        let world = world(&["sh", "-c", command], found)
            .no(Ask::File { place: in_container("writer-1"), path: "/data/sub/files.txt".to_owned() });
        world.diagnose(check(json!({"volume": "app-data"}), "sub/file.txt"))
    };
    assert_eq!(of("echo one > /data/sub/files.txt", &[]), untouched, "it was removed again, or never came about");
    assert_eq!(of("echo one > /data/sub/notes.md", &["/data/sub/notes.md"]), untouched);
}

#[test]
fn a_command_that_ended_badly_has_a_message_of_its_own() {
    let wants = "sub/file.txt in volume app-data has the line one";
    let of = |code: i64| {
        let argv = ["sh", "-c", "echo one > /data/sub/file.txt"];
        let told = Exec { code: Some(code), ..exec("writer-1", &argv) }.entries();
        world(&[], &[]).reported(told).diagnose(check(json!({"volume": "app-data"}), "sub/file.txt"))
    };
    let seen = "`sh -c echo one > /data/sub/file.txt` in writer-1 ended with 1";
    let sentence = "Read what it said: what kept it from writing the file?";
    assert_eq!(of(1), mistake("command-failed", wants, seen, sentence));
    assert_eq!(of(0), not_begun(wants, "there is no sub/file.txt in volume app-data"));
}
