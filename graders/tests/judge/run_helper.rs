//! `run`: a temporary container that was kept running for a command in it, and what stood in a mount's place.

use labrun_graders::evidence::Entry;
use labrun_graders::{Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, Run, exec, line, ran};
use crate::world::{MADE_UP, World, cannot, mistake, passes};

const WANTS: &str = "a container from busybox has app-data at /check, reads /check/file.txt, and is gone again";
const CAT: [&str; 2] = ["cat", "/check/file.txt"];

fn check() -> Value {
    json!({"run": {"image": "busybox", "volume": "app-data", "at": "/check", "reads": "/check/file.txt"}})
}

fn world(entries: Vec<Entry>) -> World {
    World::new().image("busybox", "sha256:b0b0b0b0b0b0b0b0").reported(entries)
}

/// `docker run -d … sleep`, an exec in it, `docker rm -f`.
fn helper(removed: bool, argv: &[&str], code: i64) -> Vec<Entry> {
    let life = Run { at: 1_400, code: removed.then_some(137), removed, attached: false, ..ran(&["sleep", "99"]) };
    let mut entries = life.entries();
    let before_its_end = entries.len() - if removed { 2 } else { 0 };
    let done = Exec { at: 1_403, code: Some(code), ..exec("brave_hare", argv) };
    entries.splice(before_its_end..before_its_end, done.entries());
    entries
}

#[test]
fn a_command_in_a_temporary_container_counts_however_the_container_ended() {
    assert_eq!(world(helper(true, &CAT, 0)).judge(check()), passes(1_405));
    let mut no_reading = check();
    no_reading["run"].as_object_mut().expect("keys").remove("reads");
    assert_eq!(world(helper(true, &["cp", "/x", "/check"], 0)).judge(no_reading), passes(1_405));
}

#[test]
fn another_command_in_it_or_one_that_failed_does_not() {
    let shows = "Did that show what is in the file?";
    let seen = "brave_hare ran `sleep 99`";
    assert_eq!(world(helper(true, &["ls", "/check"], 0)).judge(check()), mistake("other-command", WANTS, seen, shows));
    assert_eq!(world(helper(true, &CAT, 1)).judge(check()), mistake("other-command", WANTS, seen, shows));
}

#[test]
fn one_that_goes_on_running_is_left_behind() {
    let verdict = world(helper(false, &CAT, 0)).judge(check());
    let seen = "brave_hare did it, and is still running";
    let sentence = "Who cleans up a container that has done its one thing?";
    assert_eq!(verdict, mistake("left-behind", WANTS, seen, sentence));
    let waiting = mistake(
        "other-state",
        WANTS,
        "brave_hare is still running",
        "It was to do one thing and end. What is it waiting for?",
    );
    assert_eq!(world(helper(false, &["ls"], 0)).judge(check()), waiting);
}

#[test]
fn what_was_in_the_place_of_the_volume_is_told() {
    for (mount, diagnosis, sentence) in [
        (
            ("volume", "app_data", "/check"),
            "name-mistyped",
            "In app_data, after `app` comes `_`, not `-`. The engine takes any name: compare.",
        ),
        (
            ("volume", MADE_UP, "/check"),
            "anonymous-volume",
            "The engine named this storage itself. Could you find it again?",
        ),
        (
            ("bind", "/srv/app-data", "/check/"),
            "bind-instead-of-volume",
            "What does a slash at the start of the source say about it?",
        ),
        (
            ("volume", "logs", "/check"),
            "wrong-source",
            "The engine makes a new volume for each name that it does not know. Compare the names.",
        ),
    ] {
        let run = Run { mounts: &[mount], ..ran(&CAT) };
        let seen = match mount.1 {
            MADE_UP => "brave_hare had a new volume without a name at /check".to_owned(),
            source => format!("brave_hare had {source} at {}", mount.2),
        };
        assert_eq!(world(run.entries()).judge(check()), mistake(diagnosis, WANTS, &seen, sentence));
    }
}

#[test]
fn a_directory_of_the_host_has_its_own_mistakes() {
    let check = json!({"run": {"image": "busybox", "bind": "/tmp/dind", "at": "/dind"}});
    let wants = "a container from busybox has /tmp/dind at /dind, and is gone again";
    for (mount, diagnosis, sentence) in [
        (
            ("bind", "/tmp/dnid", "/dind"),
            "path-mistyped",
            "In /tmp/dnid, `n` and `i` after `/tmp/d` are swapped. Compare the paths.",
        ),
        (
            ("volume", "dind", "/dind"),
            "volume-instead-of-bind",
            "A source without a slash is taken as a name. Of what?",
        ),
    ] {
        let run = Run { mounts: &[mount], ..ran(&["ls"]) };
        let seen = format!("brave_hare had {} at {}", mount.1, mount.2);
        assert_eq!(world(run.entries()).judge(check.clone()), mistake(diagnosis, wants, &seen, sentence));
    }
}

#[test]
fn a_volume_that_was_read_only_takes_nothing() {
    let check = json!({"run": {"image": "busybox", "volume": "app-data", "at": "/check"}});
    let wants = "a container from busybox has app-data at /check, and is gone again";
    let mut entries = Run { code: Some(1), ..ran(&["touch", "/check/x"]) }.entries();
    for mount in entries.iter_mut().filter_map(|entry| entry.detail.as_mut()).flat_map(|detail| &mut detail.mounts) {
        mount.read_only = true;
    }
    let seen = "brave_hare had app-data read-only, and ended with 1";
    let sentence = "Writing needs write access. Look at the access that the mount was given.";
    assert_eq!(world(entries).judge(check), mistake("read-only-mount", wants, seen, sentence));
}

fn unpacks() -> Value {
    json!({"run": {"image": "busybox", "volume": "app-data", "at": "/check", "runs": "tar"}})
}

#[test]
fn a_program_that_it_is_to_run_is_looked_for_in_its_command() {
    let judge = |run: Run| world(run.entries()).judge(unpacks());
    for argv in [&["tar", "-xf", "/x.tar"][..], &["/bin/tar", "x"], &["sh", "-c", "cd /check && tar xf /x.tar"]] {
        assert_eq!(judge(ran(argv)), passes(1_505), "{argv:?}");
    }
    let wants = "a container from busybox has app-data at /check, runs tar, and is gone again";
    let sentence = "Did that do what the container was run for? Compare the command with the task.";
    for (argv, shown) in
        [(&["cp", "/x.tar", "/check"][..], "cp /x.tar /check"), (&["echo", "tar", "-xf"], "echo tar -xf")]
    {
        let seen = format!("brave_hare ran `{shown}`");
        assert_eq!(judge(ran(argv)), mistake("other-command", wants, &seen, sentence));
    }
    let unseen = |what: &str| cannot(Obstacle::Unseen, what, "answer the step's question instead");
    let gone = "brave_hare was gone before it could be asked which command it ran";
    assert_eq!(judge(Run { unasked: true, ..ran(&["tar"]) }), unseen(gone));
    assert_eq!(judge(ran(&["sh"])), unseen("there was a shell in brave_hare, but not what was typed in it"));
    assert_eq!(judge(ran(&["sh", "-c", "true || tar x"])).word(), "fail");
    let left = judge(Run { removed: false, ..ran(&["tar"]) });
    assert!(
        matches!(&left, Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some("left-behind")),
        "{left:?}"
    );
    assert_eq!(world(helper(true, &["tar", "-xf", "/x.tar"], 0)).judge(unpacks()), passes(1_405));
}

#[test]
fn what_was_mounted_in_one_that_was_gone_too_soon_is_known_by_what_was_typed() {
    let told = |text: &str| {
        let gone = Run { unasked: true, mounts: &[], ..ran(&CAT) };
        world(gone.entries()).of_session("ada-").typed(vec![line(1_600, text, 0)]).diagnose(check())
    };
    let sentence = "In app_data, after `app` comes `_`, not `-`. The engine takes any name: compare.";
    let seen = "the last one that was run had app_data at /check/";
    let mistyped = mistake("name-mistyped", WANTS, seen, sentence);
    assert_eq!(told("docker run --rm -v app_data:/check/ busybox cat /check/file.txt"), mistyped);
    assert_eq!(told("docker run --rm --mount src=app_data,dst=/check/ busybox cat /check/file.txt"), mistyped);
    assert_ne!(told("docker run --rm -v $V:/check busybox cat /check/file.txt"), mistyped);
    assert_ne!(told("docker run --rm -v app_data:/data busybox cat /data/file.txt"), mistyped);
}
