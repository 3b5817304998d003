//! A stranger's lab shows no file but its own, waits for nothing, and its handout runs nothing.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Learner, Said};
use crate::trust::write_lab;

/// Readable by labrun, and none of the lab's; it is faulty in every place of a lab, so that lines of it would be shown.
const SECRET: &str = "password: [the-secret\n\tthe-secret: @{the-secret}\n";

const COMMANDS: [&[&str]; 11] = [
    &["lint"],
    &["lint", "--json"],
    &["lint", "--step", "make"],
    &["start", "--no-shell"],
    &["handout"],
    &["handout", "--json", "--solutions"],
    &["trust", "--yes"],
    &["verify"],
    &["doctor"],
    &["images", "check"],
    &["report", "--lab"],
];

/// Runs a command on a lab, and ends it if it waits.
fn bounded(learner: &Learner, arguments: &[&str]) -> Said {
    let mut child = learner
        .command(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("labrun runs");
    let began = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        if began.elapsed() > Duration::from_secs(20) {
            child.kill().expect("ended");
            panic!("{arguments:?} waits");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn no_command_prints_a_file_behind_a_link() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    let address = write_lab(folder.path(), "docker volume create @{trust-note}");
    let lab = Path::new(&address);
    let kept = std::fs::read(lab.join("lab.yaml")).expect("read");
    for name in ["lab.yaml", "track.yaml", "briefing.md"] {
        let path = lab.join(name);
        let before = std::fs::read(&path).ok();
        for target in [secret.to_string_lossy().as_ref(), "../secret", ".git/secret", "/dev/stdin", "/dev/zero"] {
            std::fs::create_dir_all(lab.join(".git")).expect("made");
            std::fs::write(lab.join(".git/secret"), SECRET).expect("written");
            let _ = std::fs::remove_file(&path);
            symlink(target, &path).expect("linked");
            for command in COMMANDS {
                let said = bounded(&learner, &[command, &[&address]].concat());
                assert!(!format!("{said:?}").contains("the-secret"), "{name} -> {target}: {command:?}: {said:?}");
                // A track's file is read by lint alone.
                if matches!(command, ["lint", ..])
                    || (name != "track.yaml" && matches!(command, ["trust" | "start", ..]))
                {
                    assert_eq!(said.code, 3, "{name} -> {target}: {command:?}: {said:?}");
                    assert!(format!("{said:?}").contains("is a link"), "{name} -> {target}: {command:?}: {said:?}");
                }
            }
        }
        std::fs::remove_file(&path).expect("removed");
        if let Some(before) = before {
            std::fs::write(&path, before).expect("written");
        }
    }
    assert_eq!(std::fs::read(lab.join("lab.yaml")).expect("read"), kept);
    std::fs::remove_dir_all(lab.join(".git")).expect("removed");
    assert_eq!(learner.labrun(&["lint", &address]).code, 0, "without links it has no fault");
}

#[test]
fn pipes_and_folders_in_place_of_files_are_refused() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let address = write_lab(folder.path(), "docker volume create @{trust-note}");
    let lab = Path::new(&address);
    for name in ["lab.yaml", "track.yaml", "briefing.md"] {
        let path = lab.join(name);
        let before = std::fs::read(&path).ok();
        let pipe = |path: &Path| {
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        };
        let folder = |path: &Path| std::fs::create_dir(path).expect("made");
        let huge = |path: &Path| std::fs::File::create(path).and_then(|file| file.set_len(1 << 42)).expect("sparse");
        for kind in ["a pipe", "a folder", "huge"] {
            let _ = std::fs::remove_file(&path);
            match kind {
                "a pipe" => pipe(&path),
                "a folder" => folder(&path),
                _ => huge(&path),
            }
            for command in COMMANDS {
                let said = bounded(&learner, &[command, &[&address]].concat());
                if matches!(command, ["lint", ..])
                    || (name != "track.yaml" && matches!(command, ["trust" | "start", ..]))
                {
                    assert_eq!(said.code, 3, "{name} is {kind}: {command:?}: {said:?}");
                }
            }
            match kind {
                "a folder" => std::fs::remove_dir(&path).expect("removed"),
                _ => std::fs::remove_file(&path).expect("removed"),
            }
        }
        if let Some(before) = before {
            std::fs::write(&path, before).expect("written");
        }
    }
}

#[test]
fn lint_that_watches_prints_no_file_behind_a_link() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), SECRET).expect("written");
    let address = write_lab(folder.path(), "docker volume create @{trust-note}");
    let mut terminal = crate::terminal::Terminal::command(&learner, 80, &["lint", "--watch", &address]);
    terminal.wait_for("no faults");
    let path = Path::new(&address).join("lab.yaml");
    std::fs::remove_file(&path).expect("removed");
    symlink("../secret", &path).expect("linked");
    terminal.wait_for("is a link");
    assert!(!terminal.screen().contains("the-secret"), "{}", terminal.screen());
    terminal.send("\u{3}");
    terminal.wait_for_end();
}

#[test]
fn a_text_can_run_no_file_that_changed_unseen() {
    let folder = tempfile::tempdir().expect("a folder");
    let (learner, mark) = (Learner::new(), folder.path().join("mark"));
    let lab = folder.path().join("a-lab");
    for script in [".git/x", ".hidden/x", "x.sh"] {
        let solution = format!("sh {}; docker volume create @{{trust-note}}", lab.join(script).display());
        let address = write_lab(folder.path(), &solution);
        let script = lab.join(script);
        std::fs::create_dir_all(script.parent().expect("a folder")).expect("made");
        std::fs::write(&script, "true\n").expect("written");
        assert_eq!(learner.labrun(&["trust", &address, "--yes"]).code, 0);
        assert_eq!(learner.labrun(&["verify", &address]).code, 0);
        std::fs::write(&script, format!("touch {}\n", mark.display())).expect("written");
        let said = learner.labrun(&["verify", &address]);
        assert!(said.code == 2 && said.err.contains("has changed since you trusted it"), "{said:?}");
        assert!(!mark.exists(), "{}", script.display());
    }
}

/// A lab of three steps; the second runs a script of its folder, long after the first has begun.
fn write_slow_lab(lab: &Path, begun: &Path) {
    let script = lab.join("x.sh");
    let solutions = [
        format!("touch {}; sleep 3; docker volume create @{{v1}}", begun.display()),
        format!("sh {}; docker volume create @{{v2}}", script.display()),
        "docker volume create @{v3}".to_owned(),
    ];
    let mut yaml = "title: T\nsummary: S\nlevel: beginner\nminutes: 5\nrequires: { images: [busybox] }\n\
        owns: { volumes: [v1, v2, v3] }\nbriefing: b.md\nsteps:\n"
        .to_owned();
    for (number, solution) in (1..).zip(solutions) {
        yaml += &format!(
            "  - id: s{number}\n    title: A\n    task: Create @{{v{number}}}.\n    solution: '{solution}'\n    \
             checks: [{{ volume: {{ name: v{number} }} }}]\n"
        );
    }
    std::fs::create_dir_all(lab).expect("made");
    for (name, text) in [("lab.yaml", yaml.as_str()), ("b.md", "B\n"), ("x.sh", "true\n")] {
        std::fs::write(lab.join(name), text).expect("written");
    }
}

#[test]
fn the_folder_is_compared_again_before_each_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let (learner, mark, begun) = (Learner::new(), folder.path().join("mark"), folder.path().join("begun"));
    let lab = folder.path().join("a-lab");
    write_slow_lab(&lab, &begun);
    let address = lab.to_string_lossy().into_owned();
    assert_eq!(learner.labrun(&["trust", &address, "--yes"]).code, 0);
    assert_eq!(learner.labrun(&["start", &address, "--no-shell"]).code, 0);
    for command in [&["verify", &address][..], &["catchup", "3", "--yes"]] {
        write_slow_lab(&lab, &begun);
        let child = learner.command(command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs");
        let asked = Instant::now();
        while !begun.exists() {
            assert!(asked.elapsed() < Duration::from_secs(20), "{command:?}: the first text runs");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::write(lab.join("x.sh"), format!("touch {}\n", mark.display())).expect("written");
        let said: Said = child.wait_with_output().expect("it ends").into();
        assert!(said.code == 3 && said.err.contains("files were changed"), "{command:?}: {said:?}");
        assert!(!mark.exists(), "{command:?}: {said:?}");
        std::fs::remove_file(&begun).expect("removed");
    }
    // As it was, it runs.
    write_slow_lab(&lab, &begun);
    let said = learner.labrun(&["catchup", "3", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
}

#[test]
fn an_edit_while_trust_is_asked_for_is_not_trusted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (learner, mark) = (Learner::new(), folder.path().join("mark"));
    let address = write_lab(folder.path(), "docker volume create @{trust-note}");
    let mut terminal = crate::terminal::Terminal::command(&learner, 80, &["trust", &address]);
    terminal.wait_for("May labrun run these");
    write_lab(folder.path(), &format!("touch {}; docker volume create @{{trust-note}}", mark.display()));
    terminal.send("y\r");
    terminal.wait_for_end();
    let said = learner.labrun(&["verify", &address]);
    assert!(said.code == 2 && said.err.contains("has changed since you trusted it"), "{said:?}");
    assert!(!mark.exists());
}

#[test]
fn a_handout_of_a_strangers_lab_has_no_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let learner = Learner::new();
    let address = write_lab(folder.path(), "docker volume create @{trust-note}; echo '<script>in_code()</script>'");
    let briefing = "Read <script>alert(1)</script> [this](javascript:alert(1)).\n\n<img src=x onerror=alert(1)>\n\n\
                    <!-- a -->\n\n## Title {onclick=alert(1)}\n\n| a |\n| - |\n| ` | <b onclick=x> ` |\n\n<javascript:alert(1)>\n";
    std::fs::write(Path::new(&address).join("briefing.md"), briefing).expect("written");
    let said = learner.labrun(&["handout", &address, "--solutions"]);
    let (code, report) = learner.json(&["handout", &address, "--solutions"]);
    assert_eq!((said.code, code), (0, 0), "{said:?}");
    for page in [said.out.as_str(), report["handout"].as_str().expect("a page")] {
        assert!(page.contains("'<script>in_code()</script>'"), "code stays what it is: {page}");
        let text = page.replace("'<script>in_code()</script>'", "");
        for live in ["<script", "<img", "<!--", "[this](javascript", "{onclick", "<b onclick", "<javascript"] {
            let bare = text.match_indices(live).filter(|(at, _)| !text[..*at].ends_with('\\')).count();
            assert_eq!(bare, 0, "{live}: {page}");
        }
        assert!(page.contains("&lt;script>alert(1)&lt;/script>"), "{page}");
    }
}
