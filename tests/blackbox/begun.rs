//! What somebody is told who has begun several labs, and what is counted of them.

use serde_json::Value;

use crate::harness::{Learner, Made};
use crate::practice::shell;
use crate::terminal::Terminal;

/// A screen without its line breaks.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the catalogue says of a lab.
fn listed(learner: &Learner, lab: &str) -> Value {
    let report = learner.json(&["list"]).1;
    let labs = report["tracks"].as_array().expect("tracks").iter().flat_map(|track| track["labs"].as_array());
    labs.flatten().find(|listed| listed["lab"] == lab).expect("it is listed").clone()
}

#[test]
fn of_two_labs_begun_both_are_told_of_and_each_can_be_reset() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    assert_eq!(learner.labrun(&["start", "mount-types", "--no-shell"]).code, 0);
    let resumed = unwrapped(&learner.labrun(&[]).out);
    let other = format!(
        "Also begun: Persist data with Docker volumes (1 of 14 done); labrun start docker-volumes --as {} goes on with it",
        learner.name
    );
    assert!(resumed.starts_with("Four kinds of mount 0 of 12 steps done") && resumed.contains(&other), "{resumed}");
    let list = learner.labrun(&["list"]).out;
    assert!(list.contains("25 min · begun, 1 of 14 done\n") && list.contains("begun, 0 of 12 done\n"), "{list}");
    let (volumes, mounts) = (listed(&learner, "docker-volumes"), listed(&learner, "mount-types"));
    assert_eq!((&volumes["open"], &volumes["done"], &volumes["steps"]), (&true.into(), &1.into(), &14.into()));
    assert_eq!((&mounts["open"], &mounts["done"]), (&true.into(), &0.into()));
    let (code, report) = learner.json(&["reset", "docker-volumes", "--yes"]);
    assert_eq!((code, &report["lab"], &report["ended"]), (0, &"docker-volumes".into(), &true.into()), "{report}");
    assert_eq!(report["removed"][0]["name"], learner.named("app-data"));
    assert_eq!(learner.json(&["status"]).1["lab"], "mount-types");
    let again = learner.labrun(&["reset", "docker-volumes"]);
    let expected = format!("error: docker-volumes has not been begun as {}\n", learner.name);
    assert!(again.code == 2 && again.err.starts_with(&expected), "{again:?}");
    assert!(!learner.labrun(&[]).out.contains("Also begun"));
}

#[test]
fn who_else_has_begun_a_lab_is_told_where_nobody_is_named() {
    let learner = Learner::in_lab("docker-volumes");
    let other = format!("{}b", learner.name);
    assert_eq!(learner.labrun(&["start", "mount-types", "--no-shell", "--as", &other]).code, 0);
    let list = learner.command(&["list"]).env_remove("LABRUN_AS").output().expect("labrun runs");
    let list = unwrapped(&String::from_utf8_lossy(&list.stdout));
    let volumes = format!("25 min · 14 steps as {}: begun, 0 of 14 done", learner.name);
    assert!(list.contains(&volumes) && list.contains("25 min · begun, 0 of 12 done"), "{list}");
    assert!(!learner.labrun(&["list"]).out.contains(&other));
    assert_eq!(learner.labrun(&["reset", "mount-types", "--yes", "--as", &other]).code, 0);
}

#[test]
fn status_and_report_count_attempts_alike() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-datas");
    let _made = Made("volume", learner.named("app-datas"));
    learner.check("create-volume", "fail");
    assert!(learner.labrun(&["status"]).out.contains("here     Create a volume (1 attempt)\n"));
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    assert!(learner.labrun(&["status"]).out.contains("done     Create a volume (2 attempts)\n"));
    assert!(learner.labrun(&["report"]).out.contains("passed   Create a volume (2 attempts, "));
}

#[test]
fn a_solution_that_leaves_a_question_says_where_the_answer_is() {
    let learner = Learner::in_lab("mount-types");
    let first = learner.labrun(&["solution", "--run"]);
    assert!(first.code == 0 && !first.out.contains("holds the answer"), "{first:?}");
    let second = unwrapped(&learner.labrun(&["solution", "--run"]).out);
    let told = "What it printed above holds the answer to the step's question. Read it there, and give it yourself: \
                labrun answer TEXT";
    assert!(second.contains(told), "{second}");
    let volume = "docker inspect --format '{{(index .Mounts 0).Name}}'";
    let volume = learner.types(&format!("{volume} {}-cafe-till", learner.name));
    assert_eq!(learner.json(&["answer", volume.trim()]).1["verdict"], "pass");
    let third = unwrapped(&learner.labrun(&["solution", "--run"]).out);
    assert!(third.contains("the step's question is left to you. Give your answer: labrun answer TEXT"), "{third}");
}

#[test]
fn what_is_done_after_a_wrong_answer_is_spoken_of_before_it() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    assert!(terminal.run("lab answer /var/y").contains("seen: your answer, /var/y"));
    let said = terminal.run_until("docker ps -a --no-trunc", "seen: nothing you have entered was for this step");
    assert!(unwrapped(&said).contains("Before that came your answer, /var/y, which is not right."), "{said}");
    terminal.leave();
}

#[test]
fn coming_and_leaving_are_noted_for_the_time_that_is_counted() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.run("echo at work");
    terminal.leave();
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    let mut signs = store.prepare("SELECT leaves FROM sign ORDER BY at").expect("a table");
    let signs: Vec<i64> = signs.query_map([], |row| row.get(0)).expect("asked").flatten().collect();
    assert_eq!((signs.first(), signs.last()), (Some(&0), Some(&1)), "{signs:?}");
    assert_eq!(signs.iter().filter(|leaves| **leaves == 1).count(), 1, "{signs:?}");
}

/// Makes the open session one that began on an earlier form of its lab: these steps passed there, and others were not in it.
fn as_on_the_older_lab(learner: &Learner, passed: &[&str]) {
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    store.execute("UPDATE session SET hash = 'older'", []).expect("changed");
    let known: Vec<String> = passed.iter().map(|step| format!("'{step}'")).collect();
    let others = format!("DELETE FROM attempt WHERE step NOT IN ({})", known.join(", "));
    store.execute(&others, []).expect("deleted");
    store.execute("UPDATE attempt SET verdict = 'pass'", []).expect("passed");
}

#[test]
fn a_session_of_the_older_production_practice_goes_on() {
    let learner = Learner::in_lab("production-practice");
    // In the older lab one step was what is now refused, hand-over and entries.
    assert_eq!(learner.labrun(&["catchup", "entries", "--yes"]).code, 0);
    as_on_the_older_lab(&learner, &["label", "driver-options", "run-as-user", "hand-over"]);
    let resumed = unwrapped(&learner.labrun(&[]).out);
    assert!(
        resumed.contains("this lab has changed since you began it; what you have passed stays passed"),
        "{resumed}"
    );
    assert_eq!(
        learner.json(&["task"]).1["step"],
        "entries",
        "a step that was put before a passed one is not asked for"
    );
    let (_, status) = learner.json(&["status"]);
    assert_eq!((&status["passed"], status["steps"].as_array().map(Vec::len)), (&4.into(), Some(18)), "{status}");
    let (code, report) = learner.json(&["solution", "--run"]);
    if report["verdict"] != "pass" {
        assert_eq!(learner.json(&["answer", "1000"]).0, 0, "{code}: {report}");
    }
    assert_eq!(learner.json(&["task"]).1["step"], "read-only");
}
