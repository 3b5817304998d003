//! `labrun verify` of several labs: side by side where they take nothing from each other, told in their order, each
//! answering only for itself, and all of them ended by one Ctrl-C.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::second::Second;

/// How long something is waited for that comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A trusted lab with one step about a volume of this name; in its solution, `MAKE` makes that.
fn lab(learner: &Learner, above: &Path, id: &str, volume: &str, solution: &str) -> String {
    let folder = above.join(id);
    std::fs::create_dir(&folder).expect("made");
    let solution = solution.replace("MAKE", &format!("docker volume create @{{{volume}}}"));
    let text = format!(
        "title: {id}\nsummary: For a test.\nlevel: beginner\nminutes: 1\nrequires: {{ images: [busybox] }}\n\
         owns: {{ volumes: [{volume}] }}\nbriefing: briefing.md\nsteps:\n  - id: make\n    title: Make it\n    \
         task: Create **@{{{volume}}}**.\n    solution: |\n      {solution}\n    \
         checks: [volume: {{ name: {volume} }}]\n"
    );
    std::fs::write(folder.join("lab.yaml"), text).expect("written");
    std::fs::write(folder.join("briefing.md"), "Read this.\n").expect("written");
    let lab = folder.to_string_lossy().into_owned();
    let said = learner.labrun(&["trust", &lab, "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    lab
}

/// Shell text that makes one file, and goes on when another one is there.
fn meet(here: &Path, there: &Path) -> String {
    let (here, there) = (here.display(), there.display());
    format!("touch {here}; for i in $(seq 600); do [ ! -e {there} ] || break; sleep 0.1; done; [ -e {there} ] && MAKE")
}

fn passed(report: &Value) -> Vec<(&str, bool)> {
    let labs = report["labs"].as_array().expect("labs");
    labs.iter().map(|lab| (lab["lab"].as_str().expect("a name"), lab["passed"] == true)).collect()
}

#[test]
fn labs_that_take_nothing_from_each_other_are_gone_through_at_once_and_told_in_order() {
    let (learner, folder) = (Learner::new(), TempDir::new().expect("a folder"));
    let (first, second) = (folder.path().join("1"), folder.path().join("2"));
    // Each waits for the other; and then the first for a moment more, so that the second has ended before it.
    let slow = format!("{}; sleep 2", meet(&first, &second));
    let one = lab(&learner, folder.path(), "one", "one", &slow);
    let two = lab(&learner, folder.path(), "two", "two", &meet(&second, &first));
    let said = learner.labrun(&["verify", &one, &two, "--jobs", "2"]);
    let blocks: Vec<&str> = said.out.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    assert_eq!((said.code, blocks), (0, vec!["one", "one: proved", "two", "two: proved"]), "{said:?}");
}

#[test]
fn labs_that_take_the_same_go_one_after_the_other() {
    let (learner, folder) = (Learner::new(), TempDir::new().expect("a folder"));
    let labs = ["one", "two", "three"].map(|id| lab(&learner, folder.path(), id, "shared", "MAKE; sleep 0.3"));
    let mut arguments = vec!["verify", "--jobs", "8"];
    arguments.extend(labs.iter().map(String::as_str));
    let (code, report) = learner.json(&arguments);
    assert_eq!((code, passed(&report)), (0, vec![("one", true), ("two", true), ("three", true)]), "{report}");
}

#[test]
fn what_one_lab_touches_is_told_of_that_one_alone() {
    let (learner, folder) = (Learner::new(), TempDir::new().expect("a folder"));
    let engine = Second::start();
    engine.give("busybox");
    let names = ["before", "harmful", "after"];
    let harm = |id: &str| if id == "harmful" { "MAKE; docker volume create foreign" } else { "MAKE" };
    let labs = names.map(|id| lab(&learner, folder.path(), id, id, harm(id)));
    let mut command = learner.command(&["verify", "--exclusive", "--json"]);
    let said: Said = command.args(&labs).env("DOCKER_HOST", &engine.host).output().expect("labrun runs").into();
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(passed(&report), [("before", true), ("harmful", false), ("after", true)], "{report}");
    let touched: Vec<_> = report["labs"].as_array().expect("labs").iter().map(|lab| &lab["foreign_touched"]).collect();
    assert_eq!(touched, [&json!([]), &json!(["volume foreign"]), &json!([])]);
}

#[test]
fn one_ctrl_c_ends_all_of_them_and_removes_what_each_has_made() {
    let (learner, folder) = (Learner::new(), TempDir::new().expect("a folder"));
    let marks = ["one", "two"].map(|id| folder.path().join(id).with_extension("mark"));
    let labs: Vec<String> = (0..2)
        .map(|number| {
            let id = ["one", "two"][number];
            lab(&learner, folder.path(), id, id, &format!("MAKE; touch {}; sleep 600", marks[number].display()))
        })
        .collect();
    let mut command = learner.command(&["verify", "--jobs", "2"]);
    let child = command.args(&labs).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("labrun runs");
    let began = Instant::now();
    while !marks.iter().all(|mark| mark.exists()) {
        assert!(began.elapsed() < PATIENCE, "both never were under way");
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, Signal::INT).expect("signalled");
    let said = Said::from(child.wait_with_output().expect("it ends"));
    assert_eq!((said.code, said.err.as_str()), (1, "error: interrupted; what was made is removed\n"), "{said:?}");
    let listed = Command::new("docker").args(["volume", "ls", "-q"]).output().expect("docker runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let left: Vec<&str> = listed.lines().filter(|line| line.starts_with(&format!("{}-", learner.name))).collect();
    assert!(left.is_empty(), "{left:?}");
}
