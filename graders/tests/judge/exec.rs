//! `exec`: a command that was run in a container, proved from the engine's events.

use labrun_graders::evidence::Entry;
use labrun_graders::{Ask, Obstacle, Verdict};
use serde_json::json;

use crate::story::{Exec, event, exec};
use crate::world::{SINCE, World, cannot, engine_down, mistake, not_begun, passes, wrong};

const WANTS: &str = "/mnt/file.txt was read in writer-2";

fn world(execs: &[Exec<'_>]) -> World {
    World::new().reported(execs.iter().flat_map(Exec::entries).collect())
}

fn reads(world: World) -> Verdict {
    world.judge(json!({"exec": {"container": "writer-2", "reads": "/mnt/file.txt"}}))
}

fn runs(world: World, program: &str) -> Verdict {
    world.judge(json!({"exec": {"container": "writer-2", "runs": program}}))
}

fn shell_unseen() -> Verdict {
    cannot(
        Obstacle::Unseen,
        "there was a shell in writer-2, but not what was typed in it",
        "answer the step's question instead",
    )
}

#[test]
fn every_way_of_reading_the_file_counts() {
    for argv in [
        ["cat", "/mnt/file.txt"].as_slice(),
        &["/bin/cat", "/mnt/file.txt"],
        &["busybox", "cat", "/mnt//file.txt"],
        &["head", "-n", "5", "/mnt/./file.txt"],
        &["sh", "-c", "cat /mnt/file.txt"],
        &["sh", "-c", "cd /mnt && cat file.txt"],
        &["/bin/sh", "-ec", "cat < /mnt/file.txt"],
        &["sh", "-c", "cat /mnt/*"],
        &["env", "X=1", "cat", "/mnt/file.txt"],
        // Its directory was chosen with `-w`, which is told nowhere.
        &["cat", "file.txt"],
        &["cat", "./file.txt"],
        &["cat", "mnt/file.txt"],
    ] {
        assert_eq!(reads(world(&[exec("writer-2", argv)])), passes(1_501), "{argv:?}");
    }
    for argv in [["cat", "/mnt/file.txt"].as_slice(), &["sh", "-c", "grep x /mnt/file.txt"]] {
        let forgotten = Exec { forgotten: true, ..exec("writer-2", argv) };
        assert_eq!(reads(world(&[forgotten])), passes(1_501), "{argv:?}, of which only the event's text is left");
    }
}

#[test]
fn a_health_check_that_reads_the_file_is_no_reading() {
    let argv = ["cat", "/mnt/file.txt"];
    let check = |at| {
        let mut entries = Exec { at, ..exec("writer-2", &argv) }.entries();
        entries.iter_mut().filter_map(|entry| entry.detail.as_mut()).for_each(|detail| detail.health_check = true);
        entries
    };
    let unknown = cannot(
        Obstacle::Unseen,
        "whether you ran `cat /mnt/file.txt` in writer-2, or its health check did, cannot be told",
        "answer the step's question instead",
    );
    assert_eq!(reads(World::new().reported(check(1_500))), unknown);
    assert_eq!(reads(World::new().reported(check(500))), reads(World::new().reported(vec![])), "before the step");
    let of_another_file = world(&[exec("writer-2", &["cat", "/mnt/other"])]);
    assert_eq!(runs(World::new().reported(check(1_500)), "ls"), runs(World::new().reported(vec![]), "ls"));
    assert!(matches!(reads(of_another_file), Verdict::Fail(_)));
    let mut both = check(1_300);
    both.extend(exec("writer-2", &argv).entries());
    assert_eq!(reads(World::new().reported(both)), passes(1_501), "the learner read it as well");
}

#[test]
fn the_first_that_counts_dates_the_pass() {
    let argv = ["cat", "/mnt/file.txt"];
    let first = Exec { at: 1_300, ..exec("writer-2", &argv) };
    assert_eq!(reads(world(&[first, exec("writer-2", &argv)])), passes(1_301));
}

#[test]
fn what_reads_another_file_or_none_does_not_count() {
    for argv in [
        ["ls", "/mnt"].as_slice(),
        &["touch", "/mnt/file.txt"],
        &["echo", "/mnt/file.txt"],
        &["wc", "-l", "/mnt/file.txt"],
        &["cp", "/mnt/file.txt", "/tmp"],
        &["cat", "/mnt/file.txt.bak"],
        &["cat", "/data/file.txt"],
        // No shell sees these words, so the pattern is a name.
        &["cat", "/mnt/*"],
        &["sh", "-c", "cd /tmp; cat file.txt"],
        &["sh", "-c", "echo cat /mnt/file.txt"],
        &["sh", "-c", "cat > /mnt/file.txt"],
    ] {
        assert_eq!(
            reads(world(&[exec("writer-2", argv)])),
            mistake(
                "other-command",
                WANTS,
                &format!("`{}` ran in writer-2", argv.join(" ")),
                "Did that show the file? Compare its path with the one that the step is about."
            ),
            "{argv:?}"
        );
    }
}

#[test]
fn a_command_must_have_ended_well_and_after_the_step_before() {
    let argv = ["cat", "/mnt/file.txt"];
    let told = "`cat /mnt/file.txt` in writer-2";
    let read_it = "It was the right kind of command. Read what it said: was the file there?";
    assert_eq!(
        reads(world(&[Exec { code: Some(1), ..exec("writer-2", &argv) }])),
        mistake("command-failed", WANTS, &format!("{told} ended with 1"), read_it)
    );
    assert_eq!(
        reads(world(&[Exec { code: None, ..exec("writer-2", &argv) }])),
        wrong(WANTS, &format!("{told} has not ended"), "It counts when it has ended.")
    );
    assert_eq!(
        reads(world(&[Exec { code: Some(127), unstarted: true, ..exec("writer-2", &argv) }])),
        mistake(
            "command-cannot-start",
            WANTS,
            &format!("{told} could not start"),
            "Is there such a program in the container, and is it spelled as you meant it?"
        )
    );
    let nothing = not_begun(WANTS, "nothing has run in writer-2 since");
    for at in [SINCE - 100, SINCE - 1] {
        assert_eq!(reads(world(&[Exec { at, ..exec("writer-2", &argv) }])), nothing, "at {at}");
    }
    let across = Exec { at: SINCE, ..exec("writer-2", &argv) };
    assert_eq!(reads(world(&[across])), passes(1_001), "it ended afterwards");
}

#[test]
fn the_wrong_container_is_named() {
    for argv in [["cat", "/mnt/file.txt"].as_slice(), &["cat", "/data/file.txt"], &["sh", "-c", "cat '/data/file.txt'"]]
    {
        // A name that begins alike is another name.
        for other in ["writer-1", "writer-22", "writer"] {
            let seen = format!("`{}` ran in {other}", argv.join(" "));
            let sentence =
                format!("That was in {other}. Which container does the step name, and where is the file there?");
            let verdict = mistake("wrong-container", WANTS, &seen, &sentence);
            assert_eq!(reads(world(&[exec(other, argv)])), verdict);
        }
    }
}

#[test]
fn of_two_wrong_attempts_the_later_is_told() {
    let there = Exec { at: 1_500, ..exec("writer-1", &["cat", "/data/file.txt"]) };
    let here = Exec { at: 1_600, code: Some(1), ..exec("writer-2", &["cat", "/data/file.txt"]) };
    assert_eq!(
        reads(world(&[there, here])),
        mistake(
            "wrong-path",
            WANTS,
            "`cat /data/file.txt` ran in writer-2",
            "The right container, another path. Where does this one see the file?"
        )
    );
}

#[test]
fn a_command_in_quotes_is_one_word() {
    let quoted = Exec { code: Some(127), unstarted: true, ..exec("writer-2", &["cat /mnt/file.txt"]) };
    assert_eq!(
        reads(world(&[quoted])),
        mistake(
            "quoted-as-one-word",
            WANTS,
            "`cat /mnt/file.txt` was taken for the name of one program",
            "What do the quotes make of several words?"
        )
    );
}

#[test]
fn nothing_done_is_not_begun() {
    let nothing = not_begun(WANTS, "nothing has run in writer-2 since");
    assert_eq!(reads(World::new().reported(Vec::new())), nothing);
    assert_eq!(reads(World::new().no(Ask::Journal)), nothing);
    assert_eq!(reads(world(&[exec("writer-1", &["ls"])])), nothing, "what ran elsewhere is none of this");
}

#[test]
fn in_a_shell_nobody_sees_what_is_typed() {
    for code in [Some(0), Some(1), Some(130), None] {
        let shell = Exec { code, ..exec("writer-2", &["sh"]) };
        assert_eq!(reads(world(&[shell])), shell_unseen(), "it ended with {code:?}");
    }
    let opened_before = Exec { at: 500, code: None, ..exec("writer-2", &["sh"]) };
    assert_eq!(reads(world(&[opened_before])), shell_unseen(), "it is still open");
    let attach = event(1_400, "attach", "writer-2", &[]);
    assert_eq!(reads(World::new().reported(vec![attach])), shell_unseen());
    let read = exec("writer-2", &["cat", "/mnt/file.txt"]);
    assert_eq!(reads(world(&[exec("writer-2", &["sh"]), read])), passes(1_501), "what was seen counts");
}

#[test]
fn what_only_the_shell_inside_knew_is_asked_for() {
    for script in
        ["for f in /mnt/*; do cat \"$f\"; done", "cat /data/file.txt || cat /mnt/file.txt", "ls /mnt/* | xargs cat"]
    {
        let argv = ["sh", "-c", script];
        let unclear = exec("writer-2", &argv);
        let what = format!("whether `sh -c {script}` did it cannot be told");
        let verdict = cannot(Obstacle::Unseen, &what, "answer the step's question instead");
        assert_eq!(reads(world(std::slice::from_ref(&unclear))), verdict);
        let read = exec("writer-2", &["cat", "/mnt/file.txt"]);
        assert_eq!(reads(world(&[unclear, read])), passes(1_501));
    }
}

#[test]
fn what_nobody_saw_was_not_shown() {
    let hidden = Exec { detached: true, ..exec("writer-2", &["cat", "/mnt/file.txt"]) };
    assert_eq!(
        reads(world(std::slice::from_ref(&hidden))),
        mistake(
            "output-not-shown",
            WANTS,
            "`cat /mnt/file.txt` in writer-2 ran in the background",
            "It read the file, and nobody saw it. What connects a command's output to your terminal?"
        )
    );
    assert_eq!(runs(world(&[hidden]), "cat"), passes(1_501), "where nothing is to be shown, it counts");
}

#[test]
fn a_shell_elsewhere_or_closed_before_or_that_never_started_explains_nothing() {
    let nothing = not_begun(WANTS, "nothing has run in writer-2 since");
    assert_eq!(reads(world(&[exec("writer-1", &["sh"])])), nothing);
    assert_eq!(reads(world(&[Exec { at: 500, ..exec("writer-2", &["sh"]) }])), nothing);
    let attach = event(900, "attach", "writer-2", &[]);
    assert_eq!(reads(World::new().reported(vec![attach])), nothing);
    let missing = Exec { code: Some(127), unstarted: true, ..exec("writer-2", &["bash"]) };
    assert_eq!(
        reads(world(&[missing])),
        mistake(
            "command-cannot-start",
            WANTS,
            "`bash` in writer-2 could not start",
            "Is there such a program in the container, and is it spelled as you meant it?"
        )
    );
}

#[test]
fn where_the_journal_has_a_gap_nobody_is_blamed() {
    let gap = |entries: Vec<Entry>, to| World::new().reported_with_gap(entries, 500, to);
    let lost = cannot(
        Obstacle::Gap,
        "the engine no longer tells all that happened in writer-2",
        "run the command again, then check",
    );
    assert_eq!(reads(gap(Vec::new(), 1_001)), lost);
    assert_eq!(reads(gap(exec("writer-2", &["ls"]).entries(), 1_001)), lost);
    assert_eq!(reads(gap(exec("writer-2", &["cat", "/mnt/file.txt"]).entries(), 1_001)), passes(1_501));
    let nothing = not_begun(WANTS, "nothing has run in writer-2 since");
    assert_eq!(reads(gap(Vec::new(), SINCE)), nothing, "what was lost before does not matter");
    let reason = engine_down();
    let down = World::new().unseen(Ask::Journal, engine_down());
    assert_eq!(reads(down), cannot(reason.obstacle, &reason.what, &reason.remedy));
}

#[test]
fn a_program_counts_by_its_name_however_it_was_run() {
    for argv in [
        ["ls"].as_slice(),
        &["/bin/ls", "-l", "/data"],
        &["busybox", "ls"],
        &["env", "X=1", "ls"],
        &["sh", "-c", "cd /data && ls -l"],
        &["sh", "-c", "true; ls"],
    ] {
        assert_eq!(runs(world(&[exec("writer-2", argv)]), "ls"), passes(1_501), "{argv:?}");
        let forgotten = Exec { forgotten: true, ..exec("writer-2", argv) };
        assert_eq!(runs(world(&[forgotten]), "ls"), passes(1_501), "{argv:?}, forgotten");
    }
    for program in ["sh", "env"] {
        assert_eq!(runs(world(&[exec("writer-2", &[program, "-c", "ls"])]), program), passes(1_501));
    }
}

#[test]
fn a_script_whose_code_is_that_of_another_command_proves_nothing() {
    for script in ["ls; true", "ls || true", "ls | cat", "ls & wait", "if ls; then :; fi", "echo $(ls)"] {
        let verdict = runs(world(&[exec("writer-2", &["sh", "-c", script])]), "ls");
        let what = format!("whether `sh -c {script}` did it cannot be told");
        assert_eq!(verdict, cannot(Obstacle::Unseen, &what, "answer the step's question instead"), "{script}");
    }
}

#[test]
fn another_program_does_not_count() {
    for argv in [["lsof"].as_slice(), &["echo", "ls"], &["sh", "-c", "echo ls"], &["ls/cat"], &[]] {
        let verdict = mistake(
            "other-command",
            "ls was run in writer-2",
            &format!("`{}` ran in writer-2", argv.join(" ")),
            "Compare the command with the one that the step is about.",
        );
        assert_eq!(runs(world(&[exec("writer-2", argv)]), "ls"), verdict, "{argv:?}");
    }
}

#[test]
fn a_program_that_failed_or_ran_elsewhere_is_told_so() {
    assert_eq!(
        runs(world(&[Exec { code: Some(2), ..exec("writer-2", &["ls", "/nope"]) }]), "ls"),
        mistake(
            "command-failed",
            "ls was run in writer-2",
            "`ls /nope` in writer-2 ended with 2",
            "It was the right command. Read what it said."
        )
    );
    assert_eq!(
        runs(world(&[exec("writer-1", &["ls"])]), "ls"),
        mistake(
            "wrong-container",
            "ls was run in writer-2",
            "`ls` ran in writer-1",
            "That was in writer-1. Which container does the step name?"
        )
    );
    assert_eq!(runs(world(&[exec("writer-2", &["sh"])]), "ls"), shell_unseen());
}
