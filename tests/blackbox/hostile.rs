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
        // Once more as JSON, but for what can be done only once, and what has a format of its own.
        if !matches!(arguments, ["skip" | "answer" | "reset" | "report" | "verify", ..]) {
            let said: Said = learner.command(arguments).arg("--json").output().expect("labrun runs").into();
            assert!(matches!(said.code, 0..=4), "{arguments:?}: {said:?}");
            assert_shown(&said, &format!("{} --json", arguments.join(" ")));
        }
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
fn a_fault_beside_hidden_text_shows_it() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = folder.path().join("a\u{202e}\u{1b}[31m\u{200b}lab");
    std::fs::create_dir(&lab).expect("made");
    // As they stand, not escaped, in a key, a value, a comment and what is no YAML; and a name that no file has.
    for text in [
        "\u{202e}title\u{200b}: x # \u{2066}\n",
        "title: [\u{feff}\u{ad}\u{61c}\u{e0041}] # \u{2028}\nlevel: x\u{202e}\n",
        "title: \u{202e}\u{200b} { [\n",
        "title: \u{9b}31m\n",
        "title: T\nsummary: S\nlevel: \"\\e[31m\\u202e\"\nminutes: 1\nbriefing: \"\\e]0;x\\a\\u200b\"\n",
    ] {
        write(&lab, text, "B\n");
        for arguments in [&["lint"][..], &["lint", "--color", "always"], &["start", "--no-shell"], &["handout"]] {
            let said: Said = learner.command(arguments).arg(&lab).output().expect("labrun runs").into();
            assert_ne!(said.code, 0, "{said:?}");
            assert_shown_but_for_colours(&said, text);
        }
    }
}

/// As [`assert_shown`], beside labrun's own colours.
fn assert_shown_but_for_colours(said: &Said, what: &str) {
    let strip = |text: &str| {
        let mut parts = text.split("\u{1b}[");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| match part.split_once('m') {
            // What a lab writes stands between labrun's own, each of which is closed.
            Some((code, rest)) if code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') => all + rest,
            _ => all + "\u{1b}[" + part,
        })
    };
    let hidden = ['\u{ad}', '\u{61c}', '\u{feff}', '\u{2028}', '\u{e0041}'];
    for text in [strip(&said.out), strip(&said.err)] {
        assert!(!text.contains(hidden), "{what:?}: {text:?}");
        assert_shown(&Said { code: said.code, out: text, err: String::new() }, what);
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
fn no_path_of_a_lab_leads_anywhere_else() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = folder.path().join("lab");
    std::fs::create_dir(&lab).expect("made");
    let check = |check: &str| {
        format!(
            "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nrequires: {{ images: [busybox] }}\n\
             owns: {{ volumes: [vv], containers: [cc], paths: [/tmp/dd] }}\nbriefing: briefing.md\nsteps:\n  \
             - id: a\n    title: A\n    task: A\n    solution: 'true'\n    checks:\n      - {check}\n"
        )
    };
    // Every key that takes a path; the shapes' own test sees that none is without such a rule.
    let host = [
        check("file: { in: host, path: PATH, contains: a }"),
        check("answer: { ask: q, in: host, path: PATH }"),
        check("mount: { container: cc, bind: PATH, at: /a }"),
        check("run: { image: busybox, bind: PATH, at: /a }"),
        check("typed: { wants: w, reads: PATH }"),
        check("volume: { name: vv }")
            + "    mistakes: [{ run: 'true', diagnosis: name-taken, leaves: { paths: [PATH] } }]\n",
    ];
    let inside = [
        check("file: { in: { container: cc }, path: PATH, contains: a }"),
        check("file: { in: { volume: vv }, path: PATH, contains: a }"),
        check("answer: { ask: q, in: { volume: vv }, path: PATH }"),
        check("mount: { container: cc, volume: vv, at: PATH }"),
        check("run: { image: busybox, volume: vv, at: PATH }"),
        check("http: { container: cc, port: 80, path: PATH }"),
    ];
    let up = ["..", "../x", "/..", "/tmp/dd/..", "/tmp/dd/../../etc/shadow", "/tmp/dd/x/../../dd2", "/../../x"];
    let elsewhere = ["/", "~/x", "~root/x", "x", "./x", "$HOME/x", "@{vv}/../x"];
    let faulty = |text: &str, path: &str| {
        write(&lab, &text.replace("PATH", &format!("'{path}'")), "B\n");
        let said = learner.labrun(&["lint", &lab.to_string_lossy()]);
        assert_eq!(said.code, 3, "{path} in {text}: {said:?}");
    };
    for text in &host {
        up.iter().chain(&elsewhere).for_each(|path| faulty(text, path));
    }
    for text in &inside {
        up.iter().for_each(|path| faulty(text, path));
    }
    // A track names the folders of labs beside it.
    let track = "title: T\nsummary: S\nlabs: [PATH]\n";
    for path in ["../lab", "/etc", "..", ".", "~", "lab/../lab"] {
        std::fs::write(folder.path().join("track.yaml"), track.replace("PATH", &format!("'{path}'"))).expect("written");
        let said = learner.labrun(&["lint", &folder.path().to_string_lossy()]);
        assert_eq!(said.code, 3, "{path}: {said:?}");
        assert!((said.out + &said.err).contains("unknown-lab"), "{path}");
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
