//! Near misses that a container's own layer and its mounts prove: where the data went.

use labrun_graders::fact::{Container, Mount};
use labrun_graders::{Ask, Fact, Place, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line};
use crate::world::{
    World, bind_mount, engine_down, in_container, in_volume, mistake, not_begun, tmpfs_mount, volume_mount, with,
};

const WANTS: &str = "file.txt in volume app-data has the line one";

fn check() -> Value {
    json!({"file": {"in": {"volume": "app-data"}, "path": "file.txt", "has_lines": ["one"]}})
}

fn untouched() -> Verdict {
    not_begun(WANTS, "there is no file.txt in volume app-data")
}

fn absent(place: Place, path: &str) -> World {
    World::new().of_session("").no(Ask::File { place, path: path.to_owned() })
}

/// writer-1 has these mounts, this was run in it at 1,500, and its layer has these changes.
fn wrote(mounts: &[Mount], command: &str, code: i64, changes: &[&str]) -> World {
    let argv = ["sh", "-c", command];
    let changes = changes.iter().map(|path| (*path).to_owned()).collect();
    absent(in_volume("app-data"), "file.txt")
        .container(with("writer-1", mounts))
        .reported(Exec { code: Some(code), ..exec("writer-1", &argv) }.entries())
        .saw(Ask::Changes("writer-1".to_owned()), Fact::Changes(changes))
}

#[test]
fn data_in_the_containers_own_layer_goes_with_it() {
    let world = wrote(&[], "echo one > /data/file.txt", 0, &["/data", "/data/file.txt"]);
    assert_eq!(
        world.diagnose(check()),
        mistake(
            "data-in-container-layer",
            WANTS,
            "/data/file.txt in writer-1's own layer",
            "Nothing is mounted there: what a container writes to its own layer goes when it is removed.\n\
             What would survive it?"
        )
    );
}

#[test]
fn what_is_written_beside_the_mount_is_not_in_the_volume() {
    let mounts = [volume_mount("app-data", "/data/")];
    let world = |changes: &[&str]| wrote(&mounts, "echo one > /file.txt", 0, changes).diagnose(check());
    assert_eq!(
        world(&["/root", "/file.txt"]),
        mistake(
            "written-beside-mount",
            WANTS,
            "/file.txt in writer-1's own layer",
            "The mount is at /data/. Compare that with the path you wrote to."
        )
    );
    assert_eq!(world(&["/root/other.txt"]), untouched());
    assert_eq!(world(&[]), untouched());
}

#[test]
fn a_file_of_the_container_or_the_host_can_lie_beside_a_mount_too() {
    let changes = Fact::Changes(vec!["/test.txt".to_owned()]);
    let told = |wants: &str| {
        let sentence = "The mount is at /dind. Compare that with the path you wrote to.";
        mistake("written-beside-mount", wants, "/test.txt in bind-test's own layer", sentence)
    };
    let of = |world: World| {
        world
            .container(with("bind-test", &[bind_mount("/tmp/dind", "/dind")]))
            .reported(exec("bind-test", &["touch", "/test.txt"]).entries())
            .saw(Ask::Changes("bind-test".to_owned()), changes.clone())
    };
    let inside = json!({"file": {"in": {"container": "bind-test"}, "path": "/dind/test.txt"}});
    let world = of(absent(in_container("bind-test"), "/dind/test.txt"));
    assert_eq!(world.diagnose(inside), told("/dind/test.txt in bind-test exists"));
    let outside = json!({"file": {"in": "host", "path": "/tmp/dind/test.txt"}});
    let world = of(absent(Place::Host, "/tmp/dind/test.txt"));
    assert_eq!(world.diagnose(outside), told("/tmp/dind/test.txt on your host exists"));
}

#[test]
fn memory_is_emptied_by_a_restart() {
    let mounts = [tmpfs_mount("/data")];
    let world = wrote(&mounts, "echo one > /data/file.txt", 0, &[]);
    assert_eq!(
        world.diagnose(check()),
        mistake(
            "wrong-mount-type",
            WANTS,
            "writer-1 has a tmpfs at /data: it was written to memory",
            "Memory or disk: which of them is to hold the data?"
        )
    );
    let again = Container { started: Some(1_600), ..with("writer-1", &mounts) };
    assert_eq!(
        world.container(again).diagnose(check()),
        mistake(
            "tmpfs-emptied",
            WANTS,
            "it was written to a tmpfs at /data, and writer-1 was started again since",
            "What lies in memory lasts as long as the container runs. What outlives a stop?"
        )
    );
    assert_eq!(wrote(&mounts, "echo one > /tmp/file.txt", 0, &[]).diagnose(check()), untouched());
    let failed = mistake(
        "command-failed",
        WANTS,
        "the command that names it ended with 1 in writer-1",
        "Read what it printed: that says what was in its way.",
    );
    assert_eq!(wrote(&mounts, "echo one > /data/file.txt", 1, &[]).diagnose(check()), failed);
}

#[test]
fn another_volume_there_keeps_writer_and_reader_apart() {
    let world = wrote(&[volume_mount("logs", "/data")], "echo one > /data/file.txt", 0, &[]);
    assert_eq!(
        world.diagnose(check()),
        mistake(
            "different-volumes",
            WANTS,
            "writer-1 has volume logs at /data",
            "What is written there, no container with the other volume can see. Do both share one source?"
        )
    );
}

#[test]
fn a_read_only_mount_takes_nothing() {
    let mounts = [Mount { writable: false, ..volume_mount("app-data", "/data") }];
    let world = |code| wrote(&mounts, "echo one > /data/file.txt", code, &[]).diagnose(check());
    assert_eq!(
        world(1),
        mistake(
            "read-only-mount",
            WANTS,
            "writer-1 has app-data read-only",
            "Writing needs write access. Look at the access that the mount was given."
        )
    );
    assert_eq!(world(0), untouched());
}

#[test]
fn a_file_that_is_there_or_to_be_absent_is_not_looked_for() {
    let world = wrote(&[], "echo one > /data/file.txt", 0, &["/data/file.txt"]);
    let there = world.clone().text(in_volume("app-data"), "file.txt", "two\n").diagnose(check());
    assert!(matches!(there, Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some("other-content")));
    let gone = json!({"file": {"in": {"volume": "app-data"}, "path": "file.txt", "is": "absent"}});
    let world = world.text(in_volume("app-data"), "file.txt", "two\n");
    let wants = "file.txt in volume app-data is gone";
    assert_eq!(world.diagnose(gone), not_begun(wants, "file.txt in volume app-data is still there"));
}

#[test]
fn where_to_look_is_asked_only_of_containers_in_which_something_ran() {
    let check = crate::world::check(check());
    let execs = ["a", "b", "c", "d", "d"].map(|name| exec(name, &["date"]).entries()).concat();
    let nobody_listens = World::new().unseen(Ask::Typed, engine_down());
    let into = |name: &str| [Ask::Container(name.to_owned()), Ask::Changes(name.to_owned())];
    let first = vec![Ask::Everything, Ask::Typed];
    let with_journal = [first.clone(), vec![Ask::Journal]].concat();
    assert_eq!(check.asks_when_wrong(World::new().facts()), first);
    assert_eq!(check.asks_when_wrong(nobody_listens.facts()), with_journal);
    let then = [with_journal.clone(), into("d").to_vec(), into("c").to_vec(), into("b").to_vec()].concat();
    assert_eq!(check.asks_when_wrong(nobody_listens.reported(execs).facts()), then);
    let typed = |text| check.asks_when_wrong(World::new().typed(vec![line(1_500, text, 0)]).facts());
    assert_eq!(typed("ls"), first, "nothing that the engine could tell of");
    assert_eq!(typed("docker exec a date"), with_journal);
}

#[test]
fn what_other_learners_run_on_the_same_engine_is_nothing_of_ours() {
    let place = || in_volume("s1-app-data");
    let changes = || Fact::Changes(vec!["/file.txt".to_owned()]);
    let check = json!({"file": {"in": {"volume": "s1-app-data"}, "path": "file.txt"}});
    let world = |name: &str| {
        World::new()
            .of_session("s1-")
            .no(Ask::File { place: place(), path: "file.txt".to_owned() })
            .container(with(name, &[volume_mount("s2-app-data", "/data")]))
            .reported(exec(name, &["sh", "-c", "echo 'one > /data/file.txt'"]).entries())
            .saw(Ask::Changes(name.to_owned()), changes())
            .diagnose(check.clone())
    };
    let wants = "file.txt in volume s1-app-data exists";
    assert_eq!(world("s2-writer-1"), not_begun(wants, "there is no file.txt in volume s1-app-data"));
    let Verdict::Fail(ours) = world("s1-writer-1") else { panic!("the file is absent") };
    assert_eq!(ours.diagnosis.as_deref(), Some("quotes-swallowed"));
    let exec_check = json!({"exec": {"container": "s1-writer-1", "reads": "/data/file.txt"}});
    let elsewhere = exec("s2-writer-1", &["cat", "/data/file.txt"]).entries();
    let world = World::new().of_session("s1-").reported(elsewhere);
    let wants = "/data/file.txt was read in s1-writer-1";
    assert_eq!(world.judge(exec_check), not_begun(wants, "nothing has run in s1-writer-1 since"));
}

/// A file wanted in writer-1's own files, in which this was run, and which has these changes.
fn in_own_files(path: &str, container: &str, command: &str, mounts: &[Mount], changes: &[&str]) -> Verdict {
    let changes = changes.iter().map(|path| (*path).to_owned()).collect();
    let world = absent(in_container("writer-1"), path)
        .container(with("writer-1", &[]))
        .saw(Ask::Changes("writer-1".to_owned()), Fact::Changes(Vec::new()));
    let world = world
        .container(with(container, mounts))
        .reported(exec(container, &["sh", "-c", command]).entries())
        .saw(Ask::Changes(container.to_owned()), Fact::Changes(changes));
    world.diagnose(json!({"file": {"in": {"container": "writer-1"}, "path": path}}))
}

#[test]
fn a_wrong_path_gets_no_lesson_in_storage() {
    for (wanted, found) in [
        ("/tmp/info.sh", "/info.sh"),
        ("/tmp/info.sh", "/tmp/scripts/info.sh"),
        ("/etc/app/app.conf", "/etc/app.conf"),
        ("/index.html", "/var/www/index.html"),
    ] {
        let command = format!("touch {found}");
        let wants = format!("{wanted} is in writer-1");
        let Verdict::Fail(told) = in_own_files(wanted, "writer-1", &command, &[], &["/x", found]) else {
            panic!("{wanted} is not there")
        };
        assert_eq!(told.diagnosis.as_deref(), Some("wrong-path"), "{wants}: {told:?}");
        assert_eq!(told.seen, format!("writer-1 has {found}, and no {wanted}"));
        assert!(!told.sentence.contains("survive"), "{told:?}");
    }
    // Where a mount covers the wanted path, the lesson is about that mount.
    let covered = in_own_files("/data/f", "writer-1", "touch /f", &[volume_mount("app-data", "/data")], &["/f"]);
    let Verdict::Fail(told) = covered else { panic!("it is not there") };
    assert_eq!(told.diagnosis.as_deref(), Some("written-beside-mount"));
}

#[test]
fn a_file_in_another_container_is_named_with_that_container() {
    let Verdict::Fail(told) = in_own_files("/tmp/info.sh", "writer-2", "touch /tmp/info.sh", &[], &["/tmp/info.sh"])
    else {
        panic!("it is not there")
    };
    assert_eq!(told.diagnosis.as_deref(), Some("wrong-container"), "{told:?}");
    assert_eq!(told.seen, "/tmp/info.sh is in writer-2, and not in writer-1");
}

#[test]
fn a_folder_that_is_not_shared_is_told_from_one_that_is() {
    let check = || json!({"file": {"in": "host", "path": "/tmp/dind/test.txt"}});
    let world = |source: &str, at: &str| {
        absent(Place::Host, "/tmp/dind/test.txt")
            .container(with("bind-test", &[bind_mount(source, at)]))
            .reported(exec("bind-test", &["sh", "-c", "echo x > /dind/test.txt"]).entries())
            .saw(Ask::Changes("bind-test".to_owned()), Fact::Changes(Vec::new()))
    };
    for (source, at, inside) in [
        ("/tmp/dind", "/dind", "/dind/test.txt"),
        ("/tmp/dind", "/dind/", "/dind/test.txt"),
        ("/tmp", "/host", "/host/dind/test.txt"),
        ("/tmp/dind/", "/a/b", "/a/b/test.txt"),
    ] {
        let Verdict::Fail(told) = world(source, at).text(in_container("bind-test"), inside, "x").diagnose(check())
        else {
            panic!("it is not there")
        };
        assert_eq!(told.diagnosis.as_deref(), Some("folder-not-shared"), "{source}: {told:?}");
        assert_eq!(told.seen, format!("bind-test has it at {inside}, and your host has no /tmp/dind/test.txt"));
        assert!(told.sentence.contains("labrun doctor"), "{told:?}");
        // The container has not written it, either.
        let inside = Ask::File { place: in_container("bind-test"), path: inside.to_owned() };
        let Verdict::Fail(told) = world(source, at).no(inside).diagnose(check()) else { panic!("it is not there") };
        assert_eq!(told.diagnosis, None, "{source}: {told:?}");
    }
    let elsewhere = world("/tmp/other", "/dind").text(in_container("bind-test"), "/dind/test.txt", "x");
    let Verdict::Fail(told) = elsewhere.diagnose(check()) else { panic!("it is not there") };
    assert_eq!(told.diagnosis, None, "{told:?}");
}

#[test]
fn a_path_that_is_nearly_the_wanted_one_is_named() {
    let mounts = [volume_mount("app-data", "/data")];
    let compare = "Compare the path with the task's.";
    for (command, code, found, sentence) in [
        ("echo one > /data/File.txt", 0, "/data/File.txt", "In /data/File.txt, after `/data/` comes `F`, not `f`."),
        ("echo one >/date/file.txt", 1, "/date/file.txt", "In /date/file.txt, after `/dat` comes `e`, not `a`."),
        ("echo one > /data/file.txt.txt", 0, "/data/file.txt.txt", "The name ends with .txt once too often."),
        (
            "echo one > /data/fiel.txt",
            0,
            "/data/fiel.txt",
            "In /data/fiel.txt, `e` and `l` after `/data/fi` are swapped.",
        ),
    ] {
        let seen = format!("a command in writer-1 names {found}, and not /data/file.txt");
        let verdict = mistake("file-name-mistyped", WANTS, &seen, &format!("{sentence} {compare}"));
        assert_eq!(wrote(&mounts, command, code, &[]).diagnose(check()), verdict, "{command}");
    }
    for command in ["echo one > /mnt/file.txt", "echo one > /data/other.txt", "echo one > /data/file.txt", "ls /data"] {
        assert_eq!(wrote(&mounts, command, 0, &[]).diagnose(check()), untouched(), "{command}");
    }
}

#[test]
fn another_number_is_another_file() {
    let check = json!({"file": {"in": {"container": "writer-1"}, "path": "/data/log2.txt"}});
    let world = absent(in_container("writer-1"), "/data/log2.txt")
        .container(with("writer-1", &[]))
        .reported(exec("writer-1", &["touch", "/data/log1.txt"]).entries())
        .saw(Ask::Changes("writer-1".to_owned()), Fact::Changes(vec!["/data/log1.txt".to_owned()]));
    let expected = "/data/log2.txt in writer-1 exists";
    assert_eq!(world.diagnose(check), not_begun(expected, "there is no /data/log2.txt in writer-1"));
}

#[test]
fn a_command_that_was_to_write_the_file_and_failed_is_named() {
    let mounts = [volume_mount("app-data", "/data")];
    let verdict = mistake(
        "command-failed",
        WANTS,
        "the command that names it ended with 1 in writer-1",
        "Read what it printed: that says what was in its way.",
    );
    assert_eq!(wrote(&mounts, "echo one > /data/file.txt", 1, &[]).diagnose(check()), verdict);
    assert_eq!(wrote(&mounts, "cat /data/file.txt", 1, &[]).diagnose(check()), untouched(), "it was only to be read");
}
