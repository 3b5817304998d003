//! `labrun verify`: the proof, also at the practice shell; what machines read of it; and its being interrupted.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Learner, Said};

/// Verifies with a folder of its own for what is temporary, and sees that nothing stays there.
fn in_a_clean_place(learner: &Learner, arguments: &[&str], then: impl FnOnce(Child) -> Said) -> Said {
    let temporary = TempDir::new().expect("a folder");
    let mut command = learner.command(arguments);
    command.env("TMPDIR", temporary.path()).env_remove("XDG_RUNTIME_DIR");
    let said = then(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("labrun runs"));
    let left: Vec<_> = std::fs::read_dir(temporary.path()).expect("there").flatten().map(|left| left.path()).collect();
    assert!(left.is_empty(), "{left:?} was left: {said:?}");
    said
}

fn to_its_end(child: Child) -> Said {
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn every_solution_passes_where_learners_type_it_and_a_machine_reads_so() {
    let learner = Learner::new();
    let xml = learner.home.path().join("verify.xml");
    let xml = xml.to_str().expect("a path");
    let arguments = ["verify", "docker-volumes", "--no-mistakes", "--in-shell", "--json", "--junit", xml];
    let said = in_a_clean_place(&learner, &arguments, to_its_end);
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let lab = &report["labs"][0];
    assert_eq!((said.code, &lab["passed"]), (0, &true.into()), "{report}");
    assert!(lab["seconds"].as_f64().is_some_and(|seconds| seconds > 1.0), "{lab}");
    for step in lab["steps"].as_array().expect("steps") {
        assert_eq!((&step["passes_after"], &step["passes_in_shell"]), (&true.into(), &true.into()), "{step}");
        assert!(step["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{step}");
    }
    let written = std::fs::read_to_string(xml).expect("written");
    assert!(written.contains(r#"tests="14" failures="0" errors="0" skipped="0""#), "{written}");
    assert_eq!(written.matches("<testcase ").count(), 14);
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    let rows = |table: &str| -> i64 {
        store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted")
    };
    for table in ["session", "attempt", "journal", "verification"] {
        assert_eq!(rows(table), 0, "{table}: nothing is kept in anybody's progress");
    }
}

#[test]
fn what_could_not_be_verified_is_an_error_in_the_file_and_an_unwritable_file_is_told_first() {
    let learner = Learner::new();
    let xml = learner.home.path().join("verify.xml");
    std::fs::write(&xml, "another program's").expect("written");
    let said = learner.labrun(&["verify", "no-lab", "--junit", xml.to_str().expect("a path")]);
    assert!(said.code == 2 && said.err.contains("add --force to replace this one"), "{said:?}");
    assert_eq!(std::fs::read_to_string(&xml).expect("read"), "another program's");
    let forced = learner.labrun(&["verify", "no-lab", "--force", "--junit", xml.to_str().expect("a path")]);
    assert!(forced.code == 2 && forced.err.contains("there is no lab called no-lab"), "{forced:?}");
    // What a run before has left there is replaced without being asked for: CI has no terminal.
    let said = learner.labrun(&["verify", "no-lab", "--junit", xml.to_str().expect("a path")]);
    let written = std::fs::read_to_string(&xml).expect("written");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(written.contains(r#"<error type="ended-early" message="there is no lab called no-lab">"#), "{written}");
    let edited = written.replace("ended-early", "ended-well");
    std::fs::write(&xml, &edited).expect("written");
    let said = learner.labrun(&["verify", "no-lab", "--junit", xml.to_str().expect("a path")]);
    assert!(said.code == 2 && said.err.contains("is not as labrun verify wrote it"), "{said:?}");
    assert_eq!(std::fs::read_to_string(&xml).expect("read"), edited);
    let said = learner.labrun(&["verify", "docker-volumes", "--junit", "/no/such/folder/verify.xml"]);
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{said:?}");
    assert!(said.err.starts_with("error: /no/such/folder/verify.xml cannot be written: "), "{said:?}");
}

#[test]
fn interrupted_it_removes_what_it_made_and_tells_how_far_it_came() {
    let learner = Learner::new();
    let xml = learner.home.path().join("verify.xml");
    let arguments = ["verify", "docker-volumes", "--in-shell", "--junit", xml.to_str().expect("a path")];
    // The first way through the lab is numbered 0, and has no number; the second is the practice shell's.
    let typed = format!("{}-1-writer-1", learner.name);
    let said = in_a_clean_place(&learner, &arguments, |child| interrupted_at(&learner, child, "container", &typed));
    assert_eq!((said.code, said.err.as_str()), (1, "error: interrupted; what was made is removed\n"));
    let written = std::fs::read_to_string(&xml).expect("written");
    assert!(written.contains(r#"tests="15""#) && written.contains(r#"errors="1""#), "{written}");
    assert!(written.contains(r#"<error type="ended-early" message="interrupted; what was made is removed">"#));
    assert!(written.contains(r#"<skipped message="not "#), "{written}");
}

#[test]
fn interrupted_in_the_middle_of_a_mistake_it_removes_what_that_has_made() {
    let folder = TempDir::new().expect("a folder");
    let lab = crate::trust::write_lab(folder.path(), "docker volume create @{trust-note}");
    let path = Path::new(&lab).join("lab.yaml");
    let text = std::fs::read_to_string(&path).expect("written");
    let mistake = "    mistakes:
      - run: docker volume create @{trust-note}s; sleep 60
        diagnosis: name-mistyped
        leaves: { volumes: [\"@{trust-note}s\"] }
";
    std::fs::write(&path, text + mistake).expect("written");
    let learner = Learner::new();
    assert_eq!(learner.labrun(&["trust", &lab, "--yes"]).code, 0);
    let mistyped = format!("{}-1-trust-notes", learner.name);
    let arguments = ["verify", &lab];
    let said = in_a_clean_place(&learner, &arguments, |child| interrupted_at(&learner, child, "volume", &mistyped));
    assert_eq!((said.code, said.err.as_str()), (1, "error: interrupted; what was made is removed\n"));
}

/// Waits until this is there, and presses Ctrl-C; nothing of the learner's may be left.
fn interrupted_at(learner: &Learner, child: Child, kind: &str, name: &str) -> Said {
    let ours = |kind: &str, of: &str| {
        let list: &[&str] =
            if kind == "volume" { &["volume", "ls", "-q"] } else { &["ps", "-a", "--format", "{{.Names}}"] };
        let listed = Command::new("docker").args(list).output().expect("docker runs");
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        names.lines().filter(|line| line.contains(of)).map(str::to_owned).collect::<Vec<_>>()
    };
    let began = Instant::now();
    while ours(kind, name).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "there never was {name}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let said = to_its_end(child);
    // With the dash: another learner's name may begin like this one's.
    let name = format!("{}-", learner.name);
    let left = [ours("container", &name), ours("volume", &name)].concat();
    assert!(left.is_empty(), "{left:?}");
    said
}

#[test]
fn a_lab_from_a_folder_is_not_run() {
    let learner = Learner::new();
    let said = learner.labrun(&["verify", "./labs/docker-storage/docker-volumes"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("error: labrun does not run the commands of a folder that you have not trusted\n"),
        "{}",
        said.err
    );
}

#[test]
fn one_step_is_proved_after_what_the_steps_before_it_make() {
    let learner = Learner::new();
    // Half way through it, a volume in memory is in use: what is listed then must be removed all the same.
    let (code, report) =
        learner.json(&["verify", "production-practice", "--step", "10", "--jobs", "2", "--repeat", "2"]);
    let labs = report["labs"].as_array().expect("a report for each time");
    assert_eq!((code, labs.len()), (0, 2), "{report}");
    for lab in labs {
        let steps = lab["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), 1, "{lab}");
        assert_eq!((&steps[0]["step"], &steps[0]["passes_after"]), (&"inodes".into(), &true.into()));
        assert!(!steps[0]["mistakes"].as_array().expect("mistakes").is_empty());
    }
    let said = learner.labrun(&["verify", "production-practice", "--step", "70"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: this lab has no step 70\n"), "{}", said.err);
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{Learner, TempDir, Value, in_a_clean_place, to_its_end};

    #[test]
    fn every_step_of_a_shipped_lab_is_proved() {
        let learner = Learner::new();
        let (code, report) = learner.json(&["verify", "docker-volumes"]);
        assert_eq!(code, 0, "{report}");
        let lab = &report["labs"][0];
        assert_eq!(
            (&report["schema"], &lab["lab"], &lab["passed"]),
            (&1.into(), &"docker-volumes".into(), &true.into())
        );
        assert_eq!((&lab["left_behind"], &lab["foreign_touched"]), (&Value::Array(vec![]), &Value::Array(vec![])));
        let steps = lab["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), 14);
        for step in steps {
            for proof in ["fails_before", "passes_after", "repeatable"] {
                assert_eq!(step[proof], true, "{step}");
            }
            for mistake in step["mistakes"].as_array().expect("mistakes") {
                assert_eq!(mistake["refused"], true, "{mistake}");
            }
        }
    }

    #[test]
    fn a_solution_that_a_prompt_takes_otherwise_is_found_and_told_with_the_screen() {
        let folder = TempDir::new().expect("a folder");
        let lab = crate::trust::write_lab(
            folder.path(),
            "'[ -t 0 ] && echo \"it''s a terminal\" || docker volume create @{trust-note}'",
        );
        let learner = Learner::new();
        assert_eq!(learner.labrun(&["trust", &lab, "--yes"]).code, 0);
        let xml = folder.path().join("verify.xml");
        let arguments = ["verify", &lab, "--in-shell=zsh", "--json", "--junit", xml.to_str().expect("a path")];
        let said = in_a_clean_place(&learner, &arguments, to_its_end);
        let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let step = &report["labs"][0]["steps"][0];
        assert_eq!((said.code, &step["passes_after"], &step["passes_in_shell"]), (1, &true.into(), &false.into()));
        let why = step["why"].as_str().expect("a reason");
        assert!(why.starts_with("in the practice shell (zsh): its solution did not pass within"), "{why}");
        assert!(why.contains("\nit's a terminal"), "{why}");
        let written = std::fs::read_to_string(xml).expect("written");
        assert!(written.contains(r#"<failure type="fails-in-the-practice-shell""#), "{written}");
    }
}
