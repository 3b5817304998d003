//! `run`: a container that did one thing and ended, proved from the events.

use labrun_graders::evidence::Dropped;
use labrun_graders::{Ask, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, Run, event, exec, mounted, ran};
use crate::world::{SINCE, World, cannot, mistake, not_begun, passes, wrong};

const WANTS: &str = "a container from busybox has app-data at /check, reads /check/file.txt, and is gone again";
const CAT: [&str; 2] = ["cat", "/check/file.txt"];

fn world(runs: &[Run<'_>]) -> World {
    World::new().image("busybox", "sha256:b0b0b0b0b0b0b0b0").reported(runs.iter().flat_map(Run::entries).collect())
}

fn wanted(change: Value) -> Value {
    let mut check = json!({"image": "busybox", "volume": "app-data", "at": "/check", "reads": "/check/file.txt"});
    for (key, value) in change.as_object().expect("keys") {
        check[key] = value.clone();
    }
    json!({"run": check})
}

fn judge(runs: &[Run<'_>]) -> Verdict {
    world(runs).judge(wanted(json!({})))
}

fn gone_before(what: &str) -> Verdict {
    cannot(Obstacle::Unseen, what, "answer the step's question instead")
}

#[test]
fn a_temporary_container_that_reads_the_file_passes_when_it_is_gone() {
    for argv in [
        CAT.as_slice(),
        &["/bin/cat", "/check/file.txt"],
        &["sh", "-c", "cat /check/file.txt"],
        &["cat", "check/file.txt"],
        &["grep", "", "/check/../check/file.txt"],
    ] {
        assert_eq!(judge(&[ran(argv)]), passes(1_505), "{argv:?}");
    }
    let at_work = Run { working_dir: "/check", ..ran(&["cat", "file.txt"]) };
    assert_eq!(judge(&[at_work]), passes(1_505));
    let with_slash = Run { mounts: &[("volume", "app-data", "/check/")], ..ran(&CAT) };
    assert_eq!(judge(&[with_slash]), passes(1_505));
    let by_id = Run { image: "b0b0b0b0b0b0", ..ran(&CAT) };
    assert_eq!(judge(&[by_id]), passes(1_505));
    let other_name = Run { image: "mine:1", ..ran(&CAT) };
    assert_eq!(judge(&[other_name]), passes(1_505), "another name of the same image");
    let twice = Run { mounts: &[("volume", "app-data", "/other"), ("volume", "app-data", "/check")], ..ran(&CAT) };
    assert_eq!(judge(&[twice]), passes(1_505), "it is mounted there too");
}

/// A container that waits until it is removed by force, and what was run in it meanwhile; a moment later than that.
fn kept_waiting(exec: &Exec<'_>, removed: bool) -> World {
    let waits = Run { attached: false, code: Some(137), removed, ..ran(&["sleep", "600"]) };
    let mut entries = waits.entries();
    entries.iter_mut().filter(|entry| ["die", "destroy"].contains(&entry.action.as_str())).for_each(|entry| {
        entry.at += 100;
    });
    entries.extend(exec.entries());
    entries.sort_by_key(|entry| entry.at);
    World::new().image("busybox", "sha256:b0b0b0b0b0b0b0b0").reported(entries)
}

#[test]
fn what_was_run_in_a_temporary_container_counts_when_it_is_gone() {
    let reads = |argv| Exec { at: 1_550, ..exec("brave_hare", argv) };
    assert_eq!(kept_waiting(&reads(&CAT), true).judge(wanted(json!({}))), passes(1_605));
    let forgotten = Exec { forgotten: true, ..reads(&CAT) };
    assert_eq!(kept_waiting(&forgotten, true).judge(wanted(json!({}))), passes(1_605));
    assert_eq!(kept_waiting(&reads(&CAT), false).judge(wanted(json!({"gone": false}))), passes(1_604));
    let left = kept_waiting(&reads(&CAT), false).judge(wanted(json!({})));
    assert!(matches!(&left, Verdict::Fail(it) if it.diagnosis.as_deref() == Some("left-behind")), "{left:?}");
    let shell = kept_waiting(&reads(&["sh"]), true).judge(wanted(json!({})));
    assert_eq!(shell, gone_before("there was a shell in brave_hare, but not what was typed in it"));
    let instead = mistake("other-command", WANTS, "brave_hare ran `sleep 600`", "Did that show what is in the file?");
    for other in [
        reads(&["ls", "/check"]),
        Exec { code: Some(1), ..reads(&CAT) },
        Exec { detached: true, ..reads(&CAT) },
        Exec { container: "other", ..reads(&CAT) },
        Exec { at: 1_700, ..reads(&CAT) },
    ] {
        assert_eq!(kept_waiting(&other, true).judge(wanted(json!({}))), instead, "{:?}", other.argv);
    }
}

#[test]
fn a_container_that_was_ended_from_outside_has_nothing_to_say() {
    let unasked = Run { unasked: true, code: Some(137), ..ran(&["sleep", "600"]) };
    let sentence = "It was to do one thing and end by itself. Which command did you give it?";
    let ended = wrong(WANTS, "brave_hare was ended from outside while it ran", sentence);
    assert_eq!(judge(&[unasked]), ended);
}

#[test]
fn a_container_created_for_the_step_before_counts_when_it_is_started_now() {
    let mut entries = ran(&CAT).entries();
    for entry in entries.iter_mut().filter(|entry| entry.action == "create") {
        entry.at = SINCE - 10;
    }
    let world = World::new().image("busybox", "sha256:b0b0").reported(entries);
    assert_eq!(world.judge(wanted(json!({}))), passes(1_505));
}

#[test]
fn what_started_before_belongs_to_another_step() {
    let earlier = Run { at: SINCE - 3, ..ran(&CAT) };
    let nothing = not_begun(WANTS, "no such container has run since");
    assert_eq!(judge(&[earlier]), nothing, "it ended after that moment, but began before");
    assert_eq!(judge(&[]), nothing);
    assert_eq!(World::new().no(Ask::Journal).judge(wanted(json!({}))), nothing);
}

#[test]
fn of_what_was_gone_too_soon_it_is_not_known_what_it_ran() {
    let unasked = Run { unasked: true, ..ran(&CAT) };
    let gone = gone_before("brave_hare was gone before it could be asked which command it ran");
    assert_eq!(judge(std::slice::from_ref(&unasked)), gone);
    assert_eq!(judge(&[Run { attached: false, ..unasked.clone() }]), gone);
    assert_eq!(judge(&[unasked.clone(), ran(&CAT)]), passes(1_505), "another one was seen");
    let seen = gone_before("brave_hare ran in the background, and whether anybody looked at its output cannot be seen");
    assert_eq!(judge(&[Run { attached: false, ..ran(&CAT) }]), seen, "it read the file, for whom is not known");
    let no_reading = json!({"run": {"image": "busybox", "volume": "app-data", "at": "/check"}});
    assert_eq!(world(&[unasked]).judge(no_reading), passes(1_505), "nothing is in doubt where nothing is to be read");
}

#[test]
fn what_only_the_shell_inside_knew_is_asked_for() {
    let unclear = ran(&["sh", "-c", "cat /check/*.md || cat /check/file.txt"]);
    assert_eq!(judge(std::slice::from_ref(&unclear)), gone_before("whether brave_hare read the file cannot be told"));
    let left = Run { removed: false, ..unclear };
    assert_eq!(judge(&[left]).word(), "fail", "that it is still there is known");
}

#[test]
fn a_file_under_another_mount_is_another_file() {
    let app_data = ("volume", "app-data", "/check");
    for over in [("bind", "/tmp/x", "/check/file.txt"), ("volume", "x", "/check/file.txt/")] {
        let hidden = Run { mounts: &[app_data, over], ..ran(&CAT) };
        let seen = format!("brave_hare had {} at {}", over.1, over.2);
        assert_eq!(
            judge(&[hidden]),
            mistake("hidden-by-mount", WANTS, &seen, "What lies over the file, that container does not see.")
        );
    }
    for beside in [("volume", "x", "/check/file"), ("volume", "x", "/check/sub"), ("volume", "x", "/")] {
        assert_eq!(judge(&[Run { mounts: &[app_data, beside], ..ran(&CAT) }]), passes(1_505), "{beside:?}");
    }
}

#[test]
fn of_a_bind_mount_the_events_say_nothing() {
    let bind = wanted(json!({"volume": null, "bind": "/tmp/dind", "at": "/dind", "reads": "/dind/x"}));
    let bind = {
        let mut bind = bind;
        bind["run"].as_object_mut().expect("keys").remove("volume");
        bind
    };
    let run = Run { mounts: &[("bind", "/tmp/dind", "/dind")], ..ran(&["cat", "/dind/x"]) };
    assert_eq!(world(std::slice::from_ref(&run)).judge(bind.clone()), passes(1_505));
    assert_eq!(
        world(&[Run { unasked: true, ..run }]).judge(bind),
        gone_before("brave_hare was gone before it could be asked what was mounted in it")
    );
}

fn bound() -> Value {
    json!({"run": {"image": "busybox", "bind": "/tmp/dind", "at": "/dind", "reads": "/dind/x"}})
}

#[test]
fn a_dropped_container_may_have_had_the_bind_mount() {
    let judge = |newest_unknown, check| {
        let dropped = Dropped { newest: Some(2_000), newest_unknown };
        World::new().image("busybox", "sha256:b0b0").reported_and_dropped(vec![], dropped).judge(check)
    };
    let lost =
        cannot(Obstacle::Gap, "the engine no longer tells all the containers that ran", "run it again, then check");
    let open = |wants: &str| not_begun(wants, "no such container has run since");
    let of_bind = "a container from busybox has /tmp/dind at /dind, reads /dind/x, and is gone again";
    assert_eq!(judge(Some(1_500), bound()), lost);
    assert_eq!(judge(Some(500), bound()), open(of_bind), "it is older than the step");
    assert_eq!(judge(None, bound()), open(of_bind), "the mounts of all that were dropped are known");
    assert_eq!(judge(Some(1_500), wanted(json!({}))), open(WANTS), "events report the mounts of volumes");
}

#[test]
fn a_container_older_than_the_session_is_no_answer() {
    let run = Run { unasked: true, removed: false, ..ran(&["cat", "/dind/x"]) };
    let entries = run.entries().into_iter().filter(|entry| entry.action != "create").collect();
    let world = World::new().image("busybox", "sha256:b0b0").reported(entries);
    let wants = "a container from busybox has /tmp/dind at /dind, reads /dind/x, and is gone again";
    assert_eq!(world.judge(bound()), not_begun(wants, "no such container has run since"));
}

#[test]
fn each_mistake_is_told_by_what_the_run_shows() {
    let compare_image = "Compare the image's name and tag with the task's.";
    let shows = "Did that show what is in the file?";
    for (run, verdict) in [
        (
            Run { mounts: &[], ..ran(&CAT) },
            wrong(WANTS, "brave_hare ran without app-data", "What did that container see of your data?"),
        ),
        (
            Run { mounts: &[("volume", "app-data", "/data")], ..ran(&["cat", "/data/file.txt"]) },
            mistake(
                "wrong-destination",
                WANTS,
                "brave_hare had app-data at /data",
                "Where does the task want this container to see it?",
            ),
        ),
        (
            Run { image: "alpine", image_id: "sha256:a1a1", ..ran(&CAT) },
            mistake("wrong-image", WANTS, "brave_hare was from alpine", compare_image),
        ),
        (
            Run { started: false, attached: false, removed: false, ..ran(&CAT) },
            mistake(
                "never-started",
                WANTS,
                "brave_hare was never started",
                "Creating a container and running it are two things. Which one is still to be done?",
            ),
        ),
        (
            Run { started: false, ..ran(&["cat /check/file.txt"]) },
            mistake(
                "command-cannot-start",
                WANTS,
                "brave_hare could not start",
                "Is there such a command in the image, and is it spelled as you meant it?",
            ),
        ),
        (
            Run { code: None, removed: false, ..ran(&CAT) },
            mistake(
                "other-state",
                WANTS,
                "brave_hare is still running",
                "It was to do one thing and end. What is it waiting for?",
            ),
        ),
        (ran(&["ls", "/check"]), mistake("other-command", WANTS, "brave_hare ran `ls /check`", shows)),
        (
            ran(&["cat", "/data/file.txt"]),
            mistake("other-command", WANTS, "brave_hare ran `cat /data/file.txt`", shows),
        ),
        (Run { attached: false, ..ran(&["sh"]) }, mistake("other-command", WANTS, "brave_hare ran `sh`", shows)),
        (
            Run { code: Some(1), ..ran(&CAT) },
            mistake(
                "command-failed",
                WANTS,
                "brave_hare ended with 1",
                "Read what it said: was everything there that it needed?",
            ),
        ),
        (
            Run { removed: false, ..ran(&CAT) },
            mistake(
                "left-behind",
                WANTS,
                "brave_hare did it, and is still there, stopped",
                "Who cleans up a container that has done its one thing?",
            ),
        ),
    ] {
        assert_eq!(judge(&[run]), verdict);
    }
}

#[test]
fn a_container_that_the_engine_is_removing_is_not_left_behind() {
    let mut entries = Run { removed: false, ..ran(&CAT) }.entries();
    for detail in entries.iter_mut().filter_map(|entry| entry.detail.as_mut()) {
        detail.auto_remove = true;
    }
    let verdict = World::new().image("busybox", "sha256:b0b0b0b0b0b0b0b0").reported(entries).judge(wanted(json!({})));
    let what = "brave_hare has ended, and the engine has not removed it yet";
    assert!(matches!(&verdict, Verdict::CannotCheck(reason) if reason.what.contains(what)), "{verdict:?}");
}

#[test]
fn a_container_that_may_stay_passes_when_it_has_ended() {
    let check = wanted(json!({"gone": false}));
    let stays = Run { removed: false, ..ran(&CAT) };
    assert_eq!(world(std::slice::from_ref(&stays)).judge(check.clone()), passes(1_504));
    let mut again = stays.entries();
    again.push(event(1_600, "start", "brave_hare", &[]));
    let wants = "a container from busybox has app-data at /check, reads /check/file.txt";
    assert_eq!(
        World::new().reported(again).judge(check),
        mistake(
            "other-state",
            wants,
            "brave_hare is still running",
            "It was to do one thing and end. What is it waiting for?"
        ),
        "it was started again"
    );
}

#[test]
fn of_several_the_right_one_counts_and_else_the_nearest() {
    let other = Run { name: "calm_owl", ..ran(&CAT) };
    let no_mount = Run { name: "wise_elk", mounts: &[], ..ran(&CAT) };
    assert_eq!(judge(&[no_mount.clone(), other.clone(), ran(&["ls"])]), passes(1_505));
    let failed = Run { code: Some(1), ..other };
    assert_eq!(
        judge(&[failed, no_mount]),
        mistake(
            "command-failed",
            WANTS,
            "calm_owl ended with 1",
            "Read what it said: was everything there that it needed?"
        )
    );
}

#[test]
fn containers_of_other_people_are_no_attempts() {
    let theirs = Run {
        name: "web",
        image: "nginx",
        image_id: "sha256:0e0e",
        mounts: &[("volume", "site", "/srv")],
        ..ran(&["nginx"])
    };
    assert_eq!(judge(&[theirs]), not_begun(WANTS, "no such container has run since"));
}

#[test]
fn a_mount_without_a_start_proves_no_run() {
    // Our own reading of the volume's files is reported as a mount as well.
    let create = Run { started: false, attached: false, removed: false, unasked: true, ..ran(&CAT) };
    let mut entries = create.entries();
    entries.push(mounted(1_510, "app-data", "/check", "brave_hare"));
    assert_eq!(
        World::new().reported(entries).judge(wanted(json!({}))),
        mistake(
            "never-started",
            WANTS,
            "brave_hare was never started",
            "Creating a container and running it are two things. Which one is still to be done?"
        )
    );
}

#[test]
fn in_a_shell_nobody_sees_what_is_typed_nor_can_tell_by_how_it_ended() {
    for code in [0, 1, 127, 130] {
        let shell = Run { code: Some(code), ..ran(&["sh"]) };
        let unseen = "there was a shell in brave_hare, but not what was typed in it";
        assert_eq!(judge(&[shell]), gone_before(unseen), "it ended with {code}");
    }
}

#[test]
fn where_the_journal_has_a_gap_nobody_is_blamed() {
    let judge = |run: Run<'_>, to| {
        let world = World::new().image("busybox", "sha256:b0b0").reported_with_gap(run.entries(), 500, to);
        world.judge(wanted(json!({})))
    };
    let lost =
        cannot(Obstacle::Gap, "the engine no longer tells all the containers that ran", "run it again, then check");
    assert_eq!(judge(Run { mounts: &[], ..ran(&CAT) }, 1_001), lost);
    assert_eq!(judge(ran(&CAT), 1_001), passes(1_505));
    assert_eq!(
        judge(Run { mounts: &[], ..ran(&CAT) }, SINCE),
        wrong(WANTS, "brave_hare ran without app-data", "What did that container see of your data?"),
        "what was lost before does not matter"
    );
}
