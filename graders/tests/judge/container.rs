//! `container`: a container exists, in a state, from an image.

use labrun_graders::fact::Container;
use labrun_graders::{Ask, Verdict};
use serde_json::json;

use crate::world::{World, cannot, container, ended, engine_down, mistake, not_begun, passes};

const RUNNING: &str = "writer-1 is running";

fn running(container: Container) -> Verdict {
    World::new().container(container).judge(json!({"container": {"name": "writer-1", "state": "running"}}))
}

fn from_busybox(image: &str, image_id: &str) -> Verdict {
    let (image, image_id) = (image.to_owned(), image_id.to_owned());
    World::new()
        .container(Container { image, image_id, ..container("writer-1") })
        .image("busybox", "sha256:b0b0b0b0b0b0b0b0")
        .judge(json!({"container": {"name": "writer-1", "image": "busybox"}}))
}

#[test]
fn a_container_passes_since_the_event_that_made_it_so() {
    let world = World::new().container(container("writer-1"));
    assert_eq!(world.judge(json!({"container": {"name": "writer-1"}})), passes(1_100));
    assert_eq!(world.judge(json!({"container": {"name": "writer-1", "state": "running"}})), passes(1_101));
    let world = World::new().container(ended("writer-1", 0, 50));
    assert_eq!(world.judge(json!({"container": {"name": "writer-1", "state": "exited"}})), passes(1_151));
}

#[test]
fn a_container_that_is_not_there_is_not_begun() {
    let world = World::new().no(Ask::Container("writer-1".to_owned()));
    for (check, expected) in [
        (json!({"name": "writer-1"}), "container writer-1 is there"),
        (json!({"name": "writer-1", "image": "busybox"}), "writer-1 is there, from busybox"),
        (json!({"name": "writer-1", "state": "paused"}), "writer-1 is paused"),
        (json!({"name": "writer-1", "state": "running", "image": "busybox"}), "writer-1 is running busybox"),
        (json!({"name": "writer-1", "state": "exited", "image": "busybox"}), "writer-1 is exited, from busybox"),
    ] {
        let judged = world.judge(json!({"container": check}));
        assert_eq!(judged, not_begun(expected, "there is no container writer-1"));
    }
}

#[test]
fn what_is_not_running_is_told_why_it_is_not() {
    let created = |error: &str, exit_code| Container {
        status: "created".to_owned(),
        started: None,
        error: error.to_owned(),
        exit_code,
        ..container("writer-1")
    };
    let second = 1_000_000_000;
    let at_once = || {
        mistake(
            "exited-at-once",
            RUNNING,
            "writer-1 started, and ended at once with 0",
            "A container lives as long as its main process. What would keep that one waiting?\n\
             It still holds its name; that has to be free before you try again.",
        )
    };
    for (seen, verdict) in [
        (
            created("", 0),
            mistake(
                "never-started",
                RUNNING,
                "writer-1 was created, and never started",
                "Creating a container and running it are two things. Which one is still to be done?",
            ),
        ),
        (
            created("exec: \"shh\": not found", 127),
            mistake(
                "command-cannot-start",
                RUNNING,
                "writer-1 could not start: exec: \"shh\": not found",
                "Docker's message names the cause. Which part of the command has to change?",
            ),
        ),
        (
            created("", 127),
            mistake(
                "command-cannot-start",
                RUNNING,
                "writer-1 could not start: its command",
                "Docker's message names the cause. Which part of the command has to change?",
            ),
        ),
        (
            ended("writer-1", 127, 5),
            mistake(
                "command-cannot-start",
                RUNNING,
                "writer-1 ended with 127: its command could not start",
                "Is there such a command in the image, and is it spelled as you meant it?",
            ),
        ),
        (ended("writer-1", 0, second - 1), at_once()),
        (
            Container { argv: vec!["sleep".to_owned(), "60".to_owned()], ..ended("writer-1", 0, second) },
            mistake(
                "not-running",
                RUNNING,
                "writer-1 has ended, with 0",
                "It is there, but it is not running any more.",
            ),
        ),
        // A shell without input ends at once, also where that takes a busy machine seconds.
        (ended("writer-1", 0, 2 * second), at_once()),
        (
            ended("writer-1", 137, 5),
            mistake(
                "not-running",
                RUNNING,
                "writer-1 has ended, with 137",
                "It is there, but it is not running any more.",
            ),
        ),
        (
            Container { open_stdin: true, ..ended("writer-1", 0, 5) },
            mistake(
                "not-running",
                RUNNING,
                "writer-1 has ended, with 0",
                "It is there, but it is not running any more.",
            ),
        ),
    ] {
        assert_eq!(running(seen), verdict);
    }
}

#[test]
fn no_other_state_is_taken_for_running() {
    for status in ["paused", "restarting", "removing", "dead", "", "Running"] {
        let seen = Container { status: status.to_owned(), ..container("writer-1") };
        let verdict =
            mistake("other-state", RUNNING, &format!("writer-1 is {status}"), "Which state does the task ask for?");
        assert_eq!(running(seen), verdict);
    }
}

#[test]
fn every_name_of_the_right_image_is_right() {
    let busybox = "sha256:b0b0b0b0b0b0b0b0";
    for (image, id) in [
        ("busybox", busybox),
        ("busybox:latest", busybox),
        ("busybox:1.36", "sha256:another"),
        ("docker.io/library/busybox:stable", "sha256:another"),
        ("busybox@sha256:0123456789ab", "sha256:another"),
        ("my-own-tag", busybox),
        ("sha256:b0b0b0b0b0b0b0b0", busybox),
        ("b0b0b0b0b0b0", ""),
    ] {
        assert_eq!(from_busybox(image, id), passes(1_100), "{image}");
    }
}

#[test]
fn another_image_is_the_wrong_one_however_alike() {
    for (image, id) in [
        ("alpine", "sha256:a1a1"),
        ("busybox2", "sha256:a1a1"),
        ("me/busybox", "sha256:a1a1"),
        ("localhost:5000/busybox", "sha256:a1a1"),
        ("alpine", ""),
        ("b0b", ""),
    ] {
        assert_eq!(
            from_busybox(image, id),
            mistake(
                "wrong-image",
                "writer-1 is there, from busybox",
                &format!("writer-1 is from {image}"),
                "Compare the image's name and tag with the task's."
            )
        );
    }
}

#[test]
fn an_image_that_nobody_has_is_no_excuse_for_another() {
    // Neither of the two has an id: that does not make them one.
    let nameless = Container { image: "alpine".to_owned(), image_id: String::new(), ..container("writer-1") };
    let world = World::new().container(nameless);
    let check = || json!({"container": {"name": "writer-1", "image": "busybox"}});
    let refused = mistake(
        "wrong-image",
        "writer-1 is there, from busybox",
        "writer-1 is from alpine",
        "Compare the image's name and tag with the task's.",
    );
    assert_eq!(world.clone().image("busybox", "").judge(check()), refused);
    assert_eq!(world.no(Ask::Image("busybox".to_owned())).judge(check()), refused);
}

#[test]
fn the_image_is_looked_up_only_where_the_names_differ() {
    let unknown = Ask::Image("busybox".to_owned());
    let named = World::new().container(container("writer-1")).unseen(unknown.clone(), engine_down());
    let check = || json!({"container": {"name": "writer-1", "image": "busybox"}});
    assert_eq!(named.judge(check()), passes(1_100));
    let other = Container { image: "mine".to_owned(), ..container("writer-1") };
    let reason = engine_down();
    assert_eq!(
        World::new().container(other).unseen(unknown, engine_down()).judge(check()),
        cannot(reason.obstacle, &reason.what, &reason.remedy)
    );
}
