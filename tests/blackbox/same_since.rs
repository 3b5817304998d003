//! Whether what a step keeps is the same one, whether it was restarted, and what limits its memory. Graded on a real engine,
//! in right forms and in wrong states that look right.

use tempfile::TempDir;

use crate::harness::Learner;
use crate::reach::{begin, diagnosis, write_lab};

const LAB: &str = "\
title: The same one
summary: A container and a volume that stay.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
  volumes: [app-data]
briefing: briefing.md
steps:
  - id: make
    title: Make them
    task: Run @{writer-1} with @{app-data}.
    solution: docker run -d --name @{writer-1} -v @{app-data}:/data busybox sleep 600
    checks:
      - container: { name: writer-1, state: running }
  - id: keep
    title: Keep them
    task: Write a note.
    solution: docker exec @{writer-1} sh -c 'echo note > /data/note.txt'
    checks:
      - container: { name: writer-1, restarted: false }
      - mount: { container: writer-1, volume: app-data, at: /data, same_since: make }
      - file: { in: { volume: app-data }, path: note.txt, contains: note }
  - id: restart
    title: Restart it
    task: Restart @{writer-1}.
    solution: docker restart -t 0 @{writer-1}
    checks:
      - container: { name: writer-1, state: running, restarted: true, same_since: make }
  - id: data
    title: Keep the data
    task: Remove @{writer-1}, and keep @{app-data}.
    solution: docker rm -f @{writer-1}
    checks:
      - removed: { container: writer-1 }
      - volume: { name: app-data, same_since: make }
";

const MAKE: &str = "docker run -d --name writer-1 -v app-data:/data busybox sleep 600";
const WRITE: &str = "docker exec writer-1 sh -c 'echo note > /data/note.txt'";

/// Types a line at this step, and sees this diagnosis given first.
fn is_refused(learner: &Learner, step: &str, line: &str, wanted: &str) {
    learner.types(line);
    let report = learner.check(step, "fail");
    assert_eq!(diagnosis(&report), Some(wanted), "{line}: {report}");
}

/// Makes the beginning of a step again.
fn back_to(learner: &Learner, step: &str) {
    let said = learner.labrun(&["catchup", step, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn what_was_made_again_or_restarted_is_told_by_its_name() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let lab = write_lab(folder.path(), LAB);
    assert_eq!(learner.labrun(&["trust", &lab, "--yes"]).code, 0);
    begin(&learner, &lab);
    learner.types(MAKE);
    learner.check("make", "pass");
    let again = format!("docker rm -f writer-1 && {MAKE} && {WRITE}");
    let both = format!("docker rm -f writer-1 && docker volume rm app-data && {MAKE} && {WRITE}");
    let rows = [
        (again.as_str(), "made-again"),
        (&both, "made-again"),
        (&format!("{WRITE} && docker restart -t 0 writer-1"), "restarted"),
        (&format!("{WRITE} && docker kill writer-1"), "not-running"),
    ];
    for (line, wanted) in rows {
        is_refused(&learner, "keep", line, wanted);
        back_to(&learner, "keep");
    }
    learner.types(WRITE);
    learner.check("keep", "pass");
    is_refused(&learner, "restart", "docker pause writer-1 && docker unpause writer-1", "not-restarted");
    is_refused(&learner, "restart", "docker stop -t 0 writer-1", "not-running");
    learner.types("docker start writer-1");
    learner.check("restart", "pass");
    let emptied = "docker rm -f writer-1 && docker volume rm app-data && docker volume create app-data";
    is_refused(&learner, "data", emptied, "made-again");
    back_to(&learner, "data");
    // Using it makes engines up to 20.10 report its creation again, and moves its date.
    learner.types("docker run --rm -v app-data:/x busybox touch /x/more && docker rm -f writer-1");
    learner.check("data", "pass");
}

#[test]
fn a_step_that_was_skipped_may_be_made_up_for() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    begin(&learner, &write_lab(folder.path(), LAB));
    assert_eq!(learner.labrun(&["skip"]).code, 0);
    learner.types(&format!("{MAKE} && {WRITE}"));
    learner.check("keep", "pass");
}

const LIMITS: &str = "\
title: Limits
summary: Memory with a limit.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
briefing: briefing.md
steps:
  - id: limit
    title: A limit
    task: Run @{writer-1} with memory at /specials.
    solution: docker run -d --name @{writer-1} --tmpfs /specials:size=4m busybox sleep 600
    checks:
      - mount: { container: writer-1, tmpfs: { at_most: 4MiB }, at: /specials }
  - id: bare
    title: Without a mount
    task: Run @{writer-1} again, without a mount.
    solution: docker rm -f @{writer-1} && docker run -d --name @{writer-1} busybox sleep 600
    checks:
      - container: { name: writer-1, mounts: none }
";

#[test]
fn memory_is_limited_in_every_spelling() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let lab = write_lab(folder.path(), LIMITS);
    let made =
        |options: &str| format!("docker rm -f writer-1 2>&1; docker create --name writer-1 {options} busybox true");
    begin(&learner, &lab);
    for (options, wanted) in [
        ("--tmpfs /specials", "no-limit"),
        ("--tmpfs /specials:size=5m", "other-limit"),
        ("--mount type=tmpfs,dst=/specials", "no-limit"),
        ("--mount type=tmpfs,dst=/specials,tmpfs-size=5m", "other-limit"),
        ("-v /specials", "wrong-mount-type"),
    ] {
        is_refused(&learner, "limit", &made(options), wanted);
    }
    learner.types(&made("--mount type=tmpfs,dst=/specials,tmpfs-size=4194304"));
    learner.check("limit", "pass");
    for (options, wanted) in [
        ("--tmpfs /specials:size=2m", "unwanted-mount"),
        ("--mount type=tmpfs,dst=/x", "unwanted-mount"),
        ("-v /x", "unwanted-mount"),
        ("-v /tmp:/x:ro", "unwanted-mount"),
    ] {
        is_refused(&learner, "bare", &made(options), wanted);
    }
    learner.types(&made(""));
    learner.check("bare", "pass");
}
