//! Commands in a container that are asked for with their arguments, a failure, and a moment: graded by what a real engine
//! reports.

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::Learner;
use crate::practice::shell;
use crate::reach::write_lab;
use crate::terminal::Terminal;

const LAB: &str = "\
title: Commands
summary: A container in which commands run.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
  volumes: [app-data]
briefing: briefing.md
steps:
  - id: run
    title: Run it
    task: Run **@{writer-1}** with the volume **@{app-data}**.
    solution: docker run -d --name @{writer-1} -v @{app-data}:/data busybox sleep 600
    checks: [{ container: { name: writer-1, state: running } }]
  - id: arguments
    title: List
    task: List the files of `/data`.
    solution: docker exec @{writer-1} ls -l /data
    checks: [{ exec: { container: writer-1, runs: ls, args: [-l, /data] } }]
  - id: failure
    title: Fail
    task: Try to make `/data` in **@{writer-1}**.
    solution: docker exec @{writer-1} mkdir /data
    checks: [{ exec: { container: writer-1, runs: mkdir, args: [/data], fails: true } }]
  - id: unread
    title: Look for it
    task: Try to show `/data/gone`.
    solution: docker exec @{writer-1} cat /data/gone
    checks: [{ exec: { container: writer-1, reads: /data/gone, fails: true } }]
  - id: moment
    title: Restart
    task: Restart **@{writer-1}**, then list `/data`.
    solution: docker restart -t 0 @{writer-1} && docker exec @{writer-1} ls /data
    checks: [{ exec: { container: writer-1, runs: ls, args: [/data], after: restart } }]
";

/// Of a step: lines that are not the way, with the diagnosis that names why, or `unclear`; and one that is.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const ROWS: &[Row] = &[
    ("run", &[], "docker run -d --name writer-1 -v app-data:/data busybox sleep 600"),
    (
        "arguments",
        &[
            ("docker exec writer-1 ls -l /bin", "other-arguments"),
            ("docker exec writer-1 ls /data", "other-arguments"),
            ("docker exec writer-1 sh -c 'cd / && ls -l'", "other-arguments"),
            ("docker exec -w /data writer-1 ls -l", "unclear"),
        ],
        "docker exec writer-1 sh -c 'cd /data && ls -al .'",
    ),
    (
        "failure",
        &[
            ("docker exec writer-1 mkdir -p /data", "not-refused"),
            ("docker exec writer-1 mkdir /data/x", "not-refused"),
            ("docker exec writer-1 sh -c 'mkdir /data; true'", "unclear"),
        ],
        "docker exec writer-1 sh -c 'cd /data && mkdir /data'",
    ),
    (
        "unread",
        &[("docker exec writer-1 sh -c 'ls /none && cat /data/gone'", "unclear")],
        "docker exec writer-1 cat /data/gone",
    ),
    (
        "moment",
        &[
            ("docker exec writer-1 ls /data", "too-early"),
            ("docker exec writer-1 ls /data && docker restart -t 0 writer-1", "too-early"),
            (
                "docker rm -f writer-1 && docker run -d --name writer-1 -v app-data:/data busybox sleep 600 && \
                 docker exec writer-1 ls /data",
                "too-early",
            ),
        ],
        "docker stop -t 0 writer-1 && docker start writer-1 && docker exec writer-1 ls /data",
    ),
];

fn told(report: &Value) -> &str {
    let checks = report["checks"].as_array().expect("checks");
    let diagnosis = checks.iter().find_map(|check| check["diagnosis"].as_str());
    match report["verdict"].as_str() {
        Some("cannot-check") => "unclear",
        _ => diagnosis.unwrap_or_default(),
    }
}

#[test]
fn a_command_counts_with_its_arguments_its_end_and_its_moment() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let said = learner.labrun(&["start", &write_lab(folder.path(), LAB), "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    for (step, wrong, right) in ROWS {
        for (line, expected) in *wrong {
            learner.tries(line);
            let (_, report) = learner.json(&["check"]);
            assert_eq!((report["step"].as_str(), told(&report)), (Some(*step), *expected), "{line}: {report}");
        }
        learner.tries(right);
        learner.check(step, "pass");
    }
}

#[test]
fn at_the_prompt_the_directory_of_a_command_is_known() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let lab = write_lab(folder.path(), LAB);
    assert_eq!(learner.labrun(&["start", &lab, "--no-shell"]).code, 0);
    learner.types(ROWS[0].2);
    learner.check("run", "pass");
    let mut terminal = Terminal::start(&learner, &shell("bash"), 80, &[], &["start", &lab]);
    let other = "docker exec -w /bin writer-1 ls -l -d .";
    terminal.run_until(&learner.named(other), "It is the right program");
    terminal.run_until(&learner.named("docker exec -w /data writer-1 ls -l"), "Step 2 of 5 · done");
    terminal.leave();
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::Learner;

    #[test]
    fn the_books_examples_are_proved_with_their_mistakes() {
        let learner = Learner::new();
        let lab = concat!(env!("CARGO_MANIFEST_DIR"), "/book/examples/check-kinds");
        assert_eq!(learner.labrun(&["trust", lab, "--yes"]).code, 0);
        let (code, report) = learner.json(&["verify", lab]);
        assert_eq!((code, &report["labs"][0]["passed"]), (0, &true.into()), "{report}");
    }
}
