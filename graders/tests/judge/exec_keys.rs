//! `exec` with `args`, `fails` and `after`: which of the right program's runs are the wanted one.

use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::fact::{Container, Mount};
use labrun_graders::{Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, event, exec, line};
use crate::world::{World, cannot, container, mistake, not_begun, passes};

/// What a row is to come to.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Right,
    /// Wrong, with this diagnosis; none where it is empty.
    Wrong(&'static str),
    Unclear,
}

use Told::{Right, Unclear, Wrong};

fn told(verdict: &Verdict) -> Told {
    match verdict {
        Verdict::Pass(_) => Right,
        Verdict::CannotCheck(_) => Unclear,
        Verdict::Fail(feedback) => match feedback.diagnosis.as_deref() {
            None => Wrong(""),
            Some("other-arguments") => Wrong("other-arguments"),
            Some("other-command") => Wrong("other-command"),
            Some("quoted-as-one-word") => Wrong("quoted-as-one-word"),
            Some("too-early") => Wrong("too-early"),
            Some("not-refused") => Wrong("not-refused"),
            Some("command-cannot-start") => Wrong("command-cannot-start"),
            Some("command-failed") => Wrong("command-failed"),
            Some("wrong-container") => Wrong("wrong-container"),
            Some(other) => panic!("{other}"),
        },
    }
}

/// A container whose volume is at /data.
fn shop() -> Container {
    let mount = Mount { kind: "volume".to_owned(), destination: "/data".to_owned(), ..Mount::default() };
    Container { mounts: vec![mount], ..container("shop") }
}

fn world(execs: &[Exec<'_>]) -> World {
    World::new().container(shop()).reported(execs.iter().flat_map(Exec::entries).collect())
}

fn all(check: &Value, rows: &[(&[&str], i64, Told)]) {
    let otherwise = rows.iter().filter_map(|(argv, code, expected)| {
        let verdict = world(&[Exec { code: Some(*code), ..exec("shop", argv) }]).judge(check.clone());
        (told(&verdict) != *expected).then(|| format!("{argv:?} ended with {code}, not {expected:?}: {verdict:?}"))
    });
    assert_eq!(otherwise.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_program_counts_with_the_wanted_arguments_only() {
    let list = json!({"exec": {"container": "shop", "runs": "ls", "args": ["/shop"]}});
    all(
        &list,
        &[
            (&["ls", "/shop"], 0, Right),
            (&["ls", "-la", "/shop/"], 0, Right),
            (&["/bin/ls", "//shop", "/bin"], 0, Right),
            (&["busybox", "ls", "/shop"], 0, Right),
            (&["sh", "-c", "ls /shop"], 0, Right),
            (&["sh", "-c", "cd /shop && ls"], 0, Right),
            (&["sh", "-c", "cd / && ls -l shop"], 0, Right),
            (&["sh", "-c", "cd /shop; ls ."], 0, Right),
            (&["sh", "-ec", "ls /bin; ls /shop"], 0, Right),
            (&["sh", "-c", "cd /shop && sh -c ls"], 0, Right),
            (&["ls", "-d", "/shop"], 0, Wrong("other-arguments")),
            (&["sh", "-c", "ls -d /shop/*"], 0, Unclear),
            (&["ls", "/bin"], 0, Wrong("other-arguments")),
            (&["ls", "-la", "/"], 0, Wrong("other-arguments")),
            (&["ls", "/shop/orders"], 0, Wrong("other-arguments")),
            (&["sh", "-c", "ls /bin"], 0, Wrong("other-arguments")),
            (&["sh", "-c", "cd /bin && ls"], 0, Wrong("other-arguments")),
            (&["sh", "-c", "echo ls /shop"], 0, Wrong("other-command")),
            (&["cat", "/shop"], 0, Wrong("other-command")),
            (&["ls", "/shop"], 1, Wrong("command-failed")),
            // The directory of an exec is told nowhere.
            (&["ls"], 0, Unclear),
            (&["ls", "shop"], 0, Unclear),
            (&["ls", "."], 0, Unclear),
            (&["sh", "-c", "ls"], 0, Unclear),
            (&["sh", "-c", "cd shop; ls"], 0, Unclear),
            (&["sh", "-c", "ls \"$DIR\""], 0, Unclear),
            (&["sh", "-c", "ls /shop; true"], 0, Unclear),
            (&["sh", "-c", "ls /shop || true"], 0, Unclear),
            (&["sh", "-c", "ls /shop/*"], 0, Unclear),
            (&["sh", "-c", "ls /shop; false"], 1, Unclear),
            (&["sh"], 0, Unclear),
        ],
    );
    let measure = json!({"exec": {"container": "shop", "runs": "df", "args": ["/specials"]}});
    all(
        &measure,
        &[
            (&["df", "/specials"], 0, Right),
            (&["df", "-h", "/specials/"], 0, Right),
            (&["sh", "-c", "df -h /specials"], 0, Right),
            (&["df", "/"], 0, Wrong("other-arguments")),
            (&["df"], 0, Unclear),
        ],
    );
    let options = json!({"exec": {"container": "shop", "runs": "ls", "args": ["-ln", "/data"]}});
    all(
        &options,
        &[
            (&["ls", "-l", "-n", "/data"], 0, Right),
            (&["ls", "/data", "-nal"], 0, Right),
            (&["ls", "-l", "--numeric-uid-gid", "/data"], 0, Right),
            (&["ls", "-l", "/data"], 0, Wrong("other-arguments")),
            (&["ls", "-ln", "/"], 0, Wrong("other-arguments")),
            (&["ls", "--long", "-n", "/data"], 0, Unclear),
        ],
    );
}

#[test]
fn a_file_may_come_through_standard_input() {
    let list = json!({"exec": {"container": "shop", "runs": "tar", "args": ["-t", "/data/x.tar"]}});
    all(
        &list,
        &[
            (&["tar", "-tf", "/data/x.tar"], 0, Right),
            (&["tar", "tvf", "/data/x.tar"], 0, Right),
            (&["sh", "-c", "tar -t < /data/x.tar"], 0, Right),
            (&["sh", "-c", "cat /data/x.tar | tar -t"], 0, Unclear),
            (&["sh", "-c", "tar -t < /data/y.tar"], 0, Wrong("other-arguments")),
            (&["tar", "-xf", "/data/x.tar"], 0, Wrong("other-arguments")),
        ],
    );
}

#[test]
fn a_command_in_quotes_is_told_though_nobody_knows_where_its_path_leads() {
    let list = json!({"exec": {"container": "shop", "runs": "tar", "args": ["-t", "/data/x.tar"]}});
    let quoted = Exec { code: Some(127), unstarted: true, ..exec("shop", &["tar -tf x.tar"]) };
    assert_eq!(told(&world(&[quoted]).judge(list)), Wrong("quoted-as-one-word"));
}

#[test]
fn a_failure_counts_where_the_program_ran_and_failed() {
    let sums = json!({"exec": {"container": "shop", "runs": "sha256sum", "args": ["-c"], "fails": true}});
    all(
        &sums,
        &[
            (&["sha256sum", "-c", "/data/SUMS"], 1, Right),
            (&["sha256sum", "--check", "SUMS"], 1, Right),
            (&["sh", "-c", "sha256sum -cw /data/SUMS"], 1, Right),
            // A mount is always there: `cd` did not fail.
            (&["sh", "-c", "cd /data && sha256sum -c SUMS"], 1, Right),
            (&["sh", "-c", "cd /data; sha256sum -c SUMS"], 1, Right),
            (&["sha256sum", "-c", "/data/SUMS"], 0, Wrong("not-refused")),
            (&["sh", "-c", "cd /data && sha256sum -c SUMS"], 0, Wrong("not-refused")),
            (&["sha256sum", "/data/none"], 1, Wrong("other-arguments")),
            (&["sha256sum", "-c", "/data/SUMS"], 127, Wrong("command-cannot-start")),
            (&["sh", "-c", "sha256sum -c /data/SUMS"], 127, Wrong("command-cannot-start")),
            (&["sha256sum", "-c", "/data/SUMS"], 130, Wrong("")),
            (&["false"], 1, Wrong("other-command")),
            // What failed may be `cd`, or another part of the script.
            (&["sh", "-c", "cd /nowhere && sha256sum -c SUMS"], 1, Unclear),
            (&["sh", "-c", "test -f /x && sha256sum -c /data/SUMS"], 1, Unclear),
            (&["sh", "-c", "sha256sum -c /data/SUMS; true"], 0, Unclear),
            (&["sh", "-c", "sha256sum -c /data/SUMS || echo bad"], 0, Unclear),
            (&["sh", "-c", "sha256sum -c /data/SUMS; false"], 1, Unclear),
            (&["sh", "-c", "sha256sum -c /data/SUMS; nothing"], 127, Unclear),
            // Nobody saw it fail.
            (&["sh", "-c", "sha256sum -c /data/SUMS 2> /dev/null"], 1, Unclear),
        ],
    );
    let write = json!({"exec": {"container": "shop", "runs": "touch", "args": ["/menu/x"], "fails": true}});
    all(
        &write,
        &[
            (&["touch", "/menu/x"], 1, Right),
            (&["sh", "-c", "touch /menu/x"], 1, Right),
            (&["touch", "/menu/x"], 0, Wrong("not-refused")),
            (&["touch", "/menu/y"], 1, Wrong("other-arguments")),
            (&["touch", "x"], 1, Unclear),
        ],
    );
    let read = json!({"exec": {"container": "shop", "reads": "/data/gone", "fails": true}});
    all(
        &read,
        &[
            (&["cat", "/data/gone"], 1, Right),
            (&["sh", "-c", "cd /data && cat gone"], 1, Right),
            (&["cat", "/data/gone"], 0, Wrong("not-refused")),
            (&["cat", "gone"], 1, Unclear),
            (&["sh", "-c", "ls && cat /data/gone"], 1, Unclear),
            (&["cat", "/data/other"], 1, Wrong("other-command")),
        ],
    );
}

#[test]
fn what_did_not_start_or_ran_unseen_was_not_refused() {
    let write = || json!({"exec": {"container": "shop", "runs": "touch", "fails": true}});
    let unstarted = Exec { code: Some(127), unstarted: true, ..exec("shop", &["touch"]) };
    assert_eq!(told(&world(&[unstarted]).judge(write())), Wrong("command-cannot-start"));
    let hidden = Exec { code: Some(1), detached: true, ..exec("shop", &["touch", "/x"]) };
    assert_eq!(
        world(&[hidden]).judge(write()),
        mistake(
            "output-not-shown",
            "touch was run in shop, and failed",
            "`touch /x` in shop ran in the background",
            "Nobody saw what it said. What connects a command's output to your terminal?"
        )
    );
    let running = Exec { code: None, ..exec("shop", &["touch", "/x"]) };
    assert_eq!(told(&world(&[running]).judge(write())), Wrong(""));
    // It went through, and was refused when it was tried again.
    let first = Exec { at: 1_300, ..exec("shop", &["touch", "/x"]) };
    let again = Exec { code: Some(1), ..exec("shop", &["touch", "/x"]) };
    assert_eq!(world(&[first, again]).judge(write()), passes(1_501));
}

#[test]
fn the_mistake_is_named_and_the_options_are_not() {
    let list = json!({"exec": {"container": "shop", "runs": "ls", "args": ["-l", "/shop"]}});
    assert_eq!(
        world(&[exec("shop", &["ls", "/bin"])]).judge(list.clone()),
        mistake(
            "other-arguments",
            "ls was run on /shop in shop",
            "`ls /bin` ran in shop",
            "It is the right program. What does the step want it to look at, and how?"
        )
    );
    assert_eq!(told(&world(&[exec("other", &["ls", "-l", "/shop"])]).judge(list.clone())), Wrong("wrong-container"));
    assert_eq!(world(&[]).judge(list), not_begun("ls was run on /shop in shop", "nothing has run in shop since"));
}

/// What happens, event by event, the word after `after`, and what that comes to.
type Row<'a> = (&'a str, Vec<Vec<Entry>>, &'a str, Told);

/// `docker restart` at this time, as the engine reports it.
fn restart(at: i64) -> Vec<Entry> {
    [("kill", 0), ("die", 1), ("stop", 2), ("start", 3), ("restart", 4)]
        .map(|(action, after)| event(at + after, action, "shop", &[]))
        .to_vec()
}

#[test]
fn a_command_must_come_after_what_it_is_to_follow() {
    let ls = |at| Exec { at, ..exec("shop", &["ls", "/shop"]) }.entries();
    let rows: Vec<Row<'_>> = vec![
        ("restarted, then listed", vec![restart(1_400), ls(1_500)], "restart", Right),
        ("listed, then restarted", vec![ls(1_300), restart(1_400)], "restart", Wrong("too-early")),
        ("listed both times", vec![ls(1_300), restart(1_400), ls(1_500)], "restart", Right),
        ("restarted once more", vec![restart(1_200), ls(1_300), restart(1_400)], "restart", Wrong("too-early")),
        ("never restarted", vec![ls(1_300)], "restart", Wrong("too-early")),
        ("restarted before the step", vec![restart(900), ls(1_300)], "restart", Wrong("too-early")),
        ("only restarted", vec![restart(1_400)], "restart", Wrong("")),
        (
            "stopped and started",
            vec![vec![event(1_300, "die", "shop", &[]), event(1_310, "start", "shop", &[])], ls(1_500)],
            "restart",
            Right,
        ),
        (
            "removed and run: a new container is not restarted",
            vec![
                vec![
                    event(1_300, "die", "shop", &[]),
                    event(1_310, "destroy", "shop", &[]),
                    Entry { actor: "new".to_owned(), ..event(1_320, "create", "shop", &[]) },
                    Entry { actor: "new".to_owned(), ..event(1_330, "start", "shop", &[]) },
                ],
                ls(1_500),
            ],
            "restart",
            Wrong("too-early"),
        ),
        (
            "of another container",
            vec![vec![event(1_310, "start", "other", &[])], ls(1_500)],
            "restart",
            Wrong("too-early"),
        ),
        (
            "restarted, then removed and run",
            vec![
                restart(1_200),
                vec![
                    event(1_310, "destroy", "shop", &[]),
                    Entry { actor: "new".to_owned(), ..event(1_320, "create", "shop", &[]) },
                    Entry { actor: "new".to_owned(), ..event(1_330, "start", "shop", &[]) },
                ],
                ls(1_500),
            ],
            "restart",
            Wrong("too-early"),
        ),
        ("Podman's report", vec![vec![event(1_310, "restart", "shop", &[])], ls(1_500)], "restart", Right),
        ("started", vec![vec![event(1_310, "start", "shop", &[])], ls(1_500)], "start", Right),
        ("a restart starts, too", vec![restart(1_310), ls(1_500)], "start", Right),
        ("not stopped", vec![vec![event(1_310, "start", "shop", &[])], ls(1_500)], "stop", Wrong("too-early")),
        ("paused", vec![vec![event(1_310, "pause", "shop", &[])], ls(1_500)], "pause", Right),
        ("renamed", vec![vec![event(1_310, "rename", "shop", &[])], ls(1_500)], "rename", Right),
    ];
    for (what, entries, word, expected) in rows {
        let check = json!({"exec": {"container": "shop", "runs": "ls", "args": ["/shop"], "after": word}});
        let verdict = World::new().container(shop()).reported(entries.concat()).judge(check);
        assert_eq!(told(&verdict), expected, "{what}: {verdict:?}");
    }
    // It is the start of the command that counts.
    let across = Exec { at: 1_402, ..exec("shop", &["ls", "/shop"]) }.entries();
    let check = json!({"exec": {"container": "shop", "runs": "ls", "after": ["restart", "unpause"]}});
    let both = World::new().reported([restart(1_400), across].concat()).judge(check.clone());
    assert_eq!(
        both,
        mistake(
            "too-early",
            "ls was run in shop after its restart or unpause",
            "`ls /shop` ran in shop before its last restart or unpause",
            "That was before the restart or unpause. What does the command say after it? Run it again."
        )
    );
    assert_eq!(
        World::new().reported(ls(1_300)).judge(check),
        mistake(
            "too-early",
            "ls was run in shop after its restart or unpause",
            "`ls /shop` ran, and shop has not been restarted or unpaused in this step",
            "The restart or unpause comes first. What does the command say after it?"
        )
    );
}

#[test]
fn a_shell_hides_what_came_after_and_a_gap_what_came_before() {
    let check = || json!({"exec": {"container": "shop", "runs": "ls", "after": "restart"}});
    let ls = exec("shop", &["ls"]).entries();
    let shell = exec("shop", &["sh"]).entries();
    assert_eq!(told(&World::new().reported([restart(1_300), shell.clone()].concat()).judge(check())), Unclear);
    assert_eq!(told(&World::new().reported(shell).judge(check())), Wrong("other-command"), "there was no restart");
    assert_eq!(
        World::new().reported_with_gap(ls, 1_100, 1_200).judge(check()),
        cannot(
            Obstacle::Gap,
            "the engine no longer tells all that happened in shop",
            "run the command again, then check"
        )
    );
}

#[test]
fn the_directory_of_an_exec_is_known_from_the_line_that_ran_it() {
    let check = || json!({"exec": {"container": "shop", "runs": "ls", "args": ["/shop"]}});
    let judged = |lines: Vec<TypedLine>, argv: &[&str]| told(&world(&[exec("shop", argv)]).typed(lines).judge(check()));
    for (typed, argv, expected) in [
        ("docker exec -w /shop shop ls", &["ls"][..], Right),
        ("docker exec --workdir=/ -it shop ls -l shop", &["ls", "-l", "shop"], Right),
        ("docker exec shop ls shop", &["ls", "shop"], Right),
        ("docker exec -w /bin shop ls", &["ls"], Wrong("other-arguments")),
        ("docker exec shop ls", &["ls"], Wrong("other-arguments")),
        ("docker exec -w /shop shop sh -c 'ls ..'", &["sh", "-c", "ls .."], Wrong("other-arguments")),
        ("docker exec -w \"$DIR\" shop ls", &["ls"], Unclear),
        ("docker exec -w /shop shop ls; docker exec -w /bin shop ls", &["ls"], Unclear),
        ("docker exec -w /shop other ls", &["ls"], Unclear),
        ("make list", &["ls"], Unclear),
    ] {
        assert_eq!(judged(vec![line(1_600, typed, 0)], argv), expected, "{typed}");
    }
    // Another line than the one in whose time it ran tells nothing of it.
    let other = vec![line(1_400, "docker exec -w /shop shop ls", 0), line(1_600, "make list", 0)];
    assert_eq!(judged(other, &["ls"]), Unclear);
    let home = Container { working_dir: "/shop".to_owned(), ..shop() };
    let world = World::new().container(home).reported(exec("shop", &["ls"]).entries());
    assert_eq!(told(&world.typed(vec![line(1_600, "docker exec shop ls", 0)]).judge(check())), Right);
}
