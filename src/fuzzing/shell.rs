//! What a learner types, and what the engine says was run: taken apart and compared with what is wanted, in bounded time
//! and without a change of heart.

use std::cell::OnceCell;
use std::path::PathBuf;

use labrun_graders::evidence::{Entry, Journal, TypedLine};
use labrun_graders::invocation::{published_ports, runs_but_for_options, uses_compose};
use labrun_graders::shell::{Ended, commands};
use labrun_graders::{Aim, Ask, Check, Fact, Facts, Trace, Verdict, asks_when_wrong, diagnose, reading, runs};

use labrun_lab::{Source, read_text};

/// A lab whose checks look at lines and arguments.
const LAB: &str = "
title: T
summary: S
level: beginner
minutes: 1
requires: { images: [busybox] }
owns: { containers: [cc], volumes: [vv], paths: [/tmp/dd] }
briefing: b.md
steps:
  - id: a
    title: A
    task: A
    solution: 'true'
    checks:
      - typed: { wants: w, runs: [docker volume ls, 'docker volume inspect @{vv}'], reads: /tmp/dd/x }
      - typed: { wants: w, runs: ['docker rm @{cc}'], fails: true }
      - exec: { container: cc, reads: /data/file.txt }
      - exec: { container: cc, runs: touch /data/x }
      - run: { image: busybox, volume: vv, at: /data, reads: /data/file.txt }
";

/// A line, a NUL, what is wanted; in the engine's words the line is an exec's.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (line, wanted) = text.split_once('\0').unwrap_or((text, "docker volume inspect vv"));
    let found = commands(line);
    assert!(found.len() <= line.len(), "more commands than there are characters");
    let _ = (published_ports(line), uses_compose(line));
    for ended in [Ended::with(0), Ended::with(1), Ended::with(1).of_pipeline(&[0, 1])] {
        for aim in [Aim::default(), Aim { refusal: true, shown: true, content: false }] {
            if matches!(runs(line, wanted, &ended, aim), Trace::Done | Trace::Otherwise) {
                assert!(runs_but_for_options(line, wanted), "options only ever ask for more");
            }
        }
    }
    for cwd in [None, Some("/data")] {
        let _ = reading::line_reads(line, "/data/file.txt", cwd, &Ended::with(0));
        let _ = reading::joined_reads(line, "/data/file.txt", cwd);
    }
    let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let _ = reading::reads(&argv, "/data/file.txt", None);
    judge(line);
}

/// Judges what was typed and run, and says why it is not right; the second changes nothing of the first.
fn judge(line: &str) {
    thread_local!(static CHECKS: OnceCell<Vec<Check>> = const { OnceCell::new() });
    CHECKS.with(|checks| {
        let checks = checks.get_or_init(|| {
            let source = Source::Folder(PathBuf::from("lab"));
            let lab = read_text(source, LAB, |_| Ok(String::new()), None).expect("a lab without faults").lab;
            lab.steps.into_iter().flat_map(|step| step.checks).collect()
        });
        let facts = facts(line);
        let judged: Vec<Verdict> = checks.iter().map(|check| check.judge(&facts)).collect();
        let words: Vec<_> = judged.iter().map(Verdict::word).collect();
        let _ = asks_when_wrong(checks, &[], &judged, &facts);
        let told = diagnose(checks, &[], judged, &facts);
        assert_eq!(words, told.iter().map(Verdict::word).collect::<Vec<_>>());
        for verdict in told {
            if let Verdict::Fail(feedback) = verdict {
                assert!(feedback.sentence.lines().count() <= 3, "{feedback:?}");
            }
        }
    });
}

fn facts(line: &str) -> Facts {
    let mut facts = Facts::since(1_000);
    let typed =
        TypedLine { line: line.to_owned(), exit_code: 0, cwd: Some("/".to_owned()), at: 2_000, ..TypedLine::default() };
    facts.insert(Ask::Typed, Ok(Fact::Typed(vec![typed])));
    let event = |action: &str, at: i64, more: &[(&str, &str)]| Entry {
        at,
        kind: "container".to_owned(),
        action: action.to_owned(),
        actor: "id".to_owned(),
        attributes: [("name", "cc"), ("image", "busybox"), ("execID", "e"), ("exitCode", "0")]
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        detail: None,
    };
    let entries = vec![
        event("create", 1_500, &[]),
        event("start", 1_600, &[]),
        event("exec_start", 2_000, &[("command", line)]),
        event("exec_die", 2_001, &[]),
        event("die", 2_002, &[]),
    ];
    facts.insert(Ask::Journal, Ok(Fact::Journal(Journal { entries, ..Journal::default() })));
    facts.insert(Ask::Image("busybox".to_owned()), Ok(Fact::Absent));
    for container in ["cc", "id"] {
        facts.insert(Ask::Container(container.to_owned()), Ok(Fact::Absent));
    }
    facts
}
