//! Labs of somebody who means harm: nothing in them reaches a screen or a report as more than text, nothing outside their
//! folder is read, and none takes longer than anybody waits.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::{Learner, Said};

/// Recolours, retitles, turns the direction, hides, and ends a line.
const HARM: &str = r"\e[31m\e]0;x\a\u202e\u200b\u2066\x9b31m";

fn write(folder: &Path, lab: &str, briefing: &str) {
    std::fs::write(folder.join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.join("briefing.md"), briefing).expect("written");
}

fn assert_shown(said: &Said, what: &str) {
    let hidden = ['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\u{2066}', '\u{9b}'];
    for text in [&said.out, &said.err] {
        assert!(!text.contains(hidden), "{what}: {text:?}");
    }
}

#[test]
fn what_a_lab_hides_is_shown_wherever_it_is_told() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = format!(
        r#"title: "T{HARM}"
summary: "S{HARM}"
level: beginner
minutes: 1
requires: {{ images: [busybox] }}
owns: {{ volumes: [vv] }}
briefing: briefing.md
wrap_up: briefing.md
steps:
  - id: a
    part: "P{HARM}"
    title: "A{HARM}"
    task: "Task{HARM}"
    hints: ["Hint{HARM}"]
    solution: "echo '{HARM}'"
    explain: "Explained{HARM}"
    checks: [{{ inspect: {{ volume: vv, that: "Name == 'x{HARM}'", wants: "W{HARM}" }} }}]
  - id: b
    title: "B{HARM}"
    task: "Task{HARM}"
    solution: "true"
    checks: [{{ question: {{ ask: "Q{HARM}", choices: [{{ text: "one{HARM}", right: true }}, {{ text: "two{HARM}", feedback: "F{HARM}" }}] }} }}]
"#
    );
    let harm = "B\u{1b}[31m\u{202e}\u{200b}\u{2066}\u{9b}31m\n\n```\n\u{1b}]0;x\u{7}\n```\n\n| a\u{202e} |\n|---|\n| \u{1b}[2J |\n";
    write(folder.path(), &lab, harm);
    let lab = folder.path().to_string_lossy().into_owned();
    let said = learner.labrun(&["start", &lab, "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_shown(&said, "start");
    let run = |arguments: &[&str]| {
        let said = learner.labrun(arguments);
        assert!(matches!(said.code, 0..=4), "{arguments:?}: {said:?}");
        assert_shown(&said, &arguments.join(" "));
    };
    run(&["check"]);
    learner.types(&format!("docker volume create {}-vv", learner.name));
    for arguments in [
        &["check"][..],
        &["task"],
        &["briefing"],
        &["hint"],
        &["solution"],
        &["status"],
        &["handout", &lab],
        &["lint", &lab],
        &["lint", &lab, "--step", "a"],
        &["skip"],
        &["task"],
        &["check"],
        &["answer", "x\u{1b}[31m\u{202e}"],
        &["answer", "one"],
        &["catchup", "\u{1b}[31m"],
        &["start", "\u{202e}x"],
        &["report"],
        &["report", "--format", "html"],
        &["report", "--format", "csv"],
        &["report", "--format", "junit"],
        &["report", "--receipt"],
        &["list"],
        &["verify", &lab],
        &["trust", &lab],
        &["reset", "--yes"],
    ] {
        run(arguments);
    }
}

#[test]
fn nothing_outside_a_labs_folder_is_read_for_it() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "the-secret\n").expect("written");
    let lab = folder.path().join("lab");
    std::fs::create_dir(&lab).expect("made");
    let text = "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nowns: { volumes: [vv] }\nbriefing: BRIEFING\nsteps:\n  \
                - { id: a, title: A, task: A, solution: 'true', checks: [{ volume: { name: vv } }] }\n";
    std::os::unix::fs::symlink(&secret, lab.join("link.md")).expect("linked");
    for name in ["link.md", "../secret", "/etc/hostname", "..", "'.'", "'a/../../secret'", "'..\\secret'", "''"] {
        write(&lab, &text.replace("BRIEFING", name), "B\n");
        for command in ["handout", "lint"] {
            let said = learner.labrun(&[command, &lab.to_string_lossy()]);
            assert_eq!(said.code, 3, "{name}: {said:?}");
            assert!(!said.out.contains("the-secret") && !said.err.contains("the-secret"), "{name}: {said:?}");
        }
    }
    // Nor does a lab own what is elsewhere.
    for path in ["/", "/tmp", "/tmp/", "/tmp/../etc", "/etc/x", "/tmp/./x", "/tmp//x", "tmp/x", "/home", "~/x"] {
        let text = text.replace("volumes: [vv]", &format!("volumes: [vv], paths: ['{path}']"));
        write(&lab, &text.replace("BRIEFING", "briefing.md"), "B\n");
        let said = learner.labrun(&["lint", &lab.to_string_lossy()]);
        assert_eq!(said.code, 3, "{path}: {said:?}");
        assert!((said.out + &said.err).contains("unsafe-path"), "{path}");
    }
}

#[test]
fn no_lab_file_takes_longer_than_anybody_waits() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let many: String = (0..90_000).map(|number| format!("k{number}: 1\n")).collect();
    let one_line: Vec<String> = (0..60_000).map(|number| format!("{{i{number}: 1}}")).collect();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
    }
    let labs = [
        many,
        format!("title: T\nsteps: [{}]\n", one_line.join(", ")),
        format!("title: T\nnope: {}\n", "x".repeat(900_000)),
        format!("title: T\nsteps: {}\n", "[".repeat(400_000)),
        format!("title: {}\n", "x".repeat(2_000_000)),
        bomb,
    ];
    for (number, lab) in labs.iter().enumerate() {
        write(folder.path(), lab, "B\n");
        for more in [&[][..], &["--json"]] {
            let began = Instant::now();
            let said: Said =
                learner.command(&["lint"]).arg(folder.path()).args(more).output().expect("labrun runs").into();
            assert_eq!(said.code, 3, "{number}: {}", said.err.chars().take(500).collect::<String>());
            assert!(began.elapsed() < Duration::from_secs(20), "{number}: {:?}", began.elapsed());
            assert!(said.out.len() + said.err.len() < 300_000, "{number}: {}", said.out.len() + said.err.len());
        }
    }
}
