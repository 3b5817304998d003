//! What others do on the same engine, what labrun does there itself, what was done for an earlier lab or with an earlier
//! thing of the same name, and what the engine no longer tells: none of it passes a step, and none of it is a mistake.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use labrun_docker::Clock;
use labrun_graders::Nanos;
use rusqlite::{Connection, OpenFlags, ToSql};
use serde_json::{Value, json};

use crate::harness::Learner;
use crate::practice::shell;
use crate::proxy::Proxy;
use crate::recorder::ask;
use crate::second::Second;
use crate::terminal::Terminal;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// More events than the engine keeps.
const FLOOD: usize = 260;

const CUP: &str = "container: { name: cup, state: running }";
const AT: &str = "mount: { container: cup, volume: shelf, at: /data }";
const READ: &str = "exec: { container: cup, reads: /data/note }";
const SHOWN: &str = "run: { image: busybox, volume: shelf, at: /check }";
const GONE: &str = "removed: { container: cup }";
const IN_CUP: &str = "file: { in: { container: cup }, path: /data/note, has_lines: [tea] }";
const ON_SHELF: &str = "file: { in: { volume: shelf }, path: note, has_lines: [tea] }";

/// What the lab is about.
const MAKE: &str = "docker run -d --name @cup -v @shelf:/data busybox sh -c 'echo tea > /data/note; echo poured; exec sleep 600' && \
     until docker logs @cup | grep -q poured; do sleep 0.1; done";
const CAT: &str = "docker exec @cup cat /data/note";
const SHOW: &str = "docker run --rm -v @shelf:/check busybox cat /check/note";

/// Somebody in a lab that has these checks, a list for each step.
struct Room {
    learner: Learner,
    lab: PathBuf,
    /// The way to the engine.
    host: String,
}

impl Room {
    fn new(learner: Learner, steps: &[&[&str]], host: &str) -> Self {
        let lab = learner.home.path().join("cup-and-shelf");
        std::fs::create_dir(&lab).expect("made");
        let step = |(number, checks): (usize, &&[&str])| {
            let checks: String = checks.iter().map(|check| format!("      - {check}\n")).collect();
            format!("  - id: step-{number}\n    title: T\n    task: T\n    solution: 'true'\n    checks:\n{checks}")
        };
        let steps: String = steps.iter().enumerate().map(step).collect();
        let head = "title: T\nsummary: S\nlevel: beginner\nminutes: 5\nrequires:\n  images: [busybox]\n\
                    owns:\n  containers: [cup]\n  volumes: [shelf]\nbriefing: briefing.md\nsteps:\n";
        std::fs::write(lab.join("lab.yaml"), format!("{head}{steps}")).expect("written");
        std::fs::write(lab.join("briefing.md"), "Read this.\n").expect("written");
        let room = Self { learner, lab, host: host.to_owned() };
        room.starts();
        room
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.learner.command(arguments);
        command.env("DOCKER_HOST", &self.host);
        command
    }

    fn starts(&self) {
        let lab = self.lab.to_string_lossy();
        let said = self.command(&["start", &lab, "--no-shell"]).output().expect("labrun runs");
        assert!(said.status.success(), "{said:?}");
    }

    /// Opens a practice shell, over this way to the engine.
    fn practises(&self, host: &str) -> Terminal {
        let lab = self.lab.to_string_lossy();
        Terminal::start(&self.learner, &shell("bash"), 80, &[("DOCKER_HOST", host)], &["start", &lab])
    }

    /// Types a line at a shell, with this learner's names in place of `@cup` and `@shelf`.
    fn types(&self, line: &str) {
        let line = line.replace('@', &format!("{}-", self.learner.name));
        let mut command = Command::new("bash");
        command.args(["-c", &line]).env("DOCKER_HOST", &self.host);
        let said = command.output().expect("bash runs");
        assert!(said.status.success(), "{line}: {said:?}");
    }

    /// Grades, and expects this of a step.
    fn check(&self, step: usize, verdict: &str) -> Value {
        let said = self.command(&["check", "--json"]).output().expect("labrun runs");
        let report: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        assert_eq!(
            (&report["step"], &report["verdict"]),
            (&format!("step-{step}").into(), &verdict.into()),
            "{report}"
        );
        report
    }

    /// How often each step counts as failed.
    fn fails(&self) -> Vec<i64> {
        let said = self.command(&["status", "--json"]).output().expect("labrun runs");
        let status: Value = serde_json::from_slice(&said.stdout).expect("JSON");
        status["steps"].as_array().expect("steps").iter().filter_map(|step| step["fails"].as_i64()).collect()
    }

    /// Asks this learner's store for a number.
    fn stored(&self, sql: &str, value: impl ToSql) -> i64 {
        let path = self.learner.home.path().join("progress.db");
        let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opened");
        store.busy_timeout(PATIENCE).expect("set");
        store.query_row(sql, [value], |row| row.get(0)).expect("a number")
    }

    /// Waits until this learner's journal has come past this moment.
    fn comes_past(&self, moment: Nanos) {
        let began = Instant::now();
        while self.stored("SELECT count(*) FROM session WHERE anchor > ?1", moment) == 0 {
            assert!(began.elapsed() < PATIENCE, "the recorder heard nothing");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Has it graded until this is said: the first time may come before the connection does.
fn checks_until(terminal: &mut Terminal, text: &str) -> String {
    let began = Instant::now();
    loop {
        let said = terminal.run("lab check");
        if said.contains(text) {
            return said;
        }
        assert!(began.elapsed() < PATIENCE, "waited for {text:?}:\n{}", terminal.screen());
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // An engine that is ended waits for what runs on it.
        let cup = format!("{}-cup", self.learner.name);
        let _ = Command::new("docker").args(["rm", "-f", &cup]).env("DOCKER_HOST", &self.host).output();
    }
}

/// On an engine of its own, and on one for all: where others are busy, what they do is soon all that an engine remembers.
#[test]
fn what_is_not_this_learners_not_of_this_lab_or_lost_passes_nothing() {
    let (learner, engine) = (Learner::new(), Second::start());
    engine.give("busybox");
    what_another_learner_does_beside_us_counts_for_them_alone(&learner, &engine.host);
    what_labrun_does_to_look_is_no_evidence(&learner, &engine);
    what_was_done_with_an_earlier_thing_of_the_name_passes_nothing(&learner, &engine.host);
    what_was_done_for_a_lab_that_was_reset_passes_nothing_in_the_next(&learner, &engine.host);
    what_the_engine_no_longer_tells_is_neither_a_pass_nor_a_fail(&learner, &engine);
}

fn what_another_learner_does_beside_us_counts_for_them_alone(learner: &Learner, host: &str) {
    let steps: &[&[&str]] = &[&[READ], &[SHOWN]];
    let (ada, bob) = (Room::new(learner.and_another(), steps, host), Room::new(learner.and_another(), steps, host));
    for room in [&ada, &bob] {
        room.types(MAKE);
    }
    ada.check(0, "fail");
    let mut terminal = ada.practises(host);
    bob.types(CAT);
    let between = Clock::default().now();
    bob.types(SHOW);
    ada.comes_past(between);
    let of_his = ada.stored("SELECT count(*) FROM journal WHERE name = ?1", format!("{}-cup", bob.learner.name));
    assert_eq!(of_his, 0, "her journal is not filled with what he does");
    let said = terminal.run("lab check");
    assert!(said.contains("Step 1 of 2 · not begun"), "{said}");
    let report = ada.check(0, "fail");
    assert!(!report.to_string().contains(&bob.learner.name), "she is told nothing of him: {report}");
    // His own count, for him.
    let report = bob.check(0, "pass");
    assert_eq!(report["passed_steps"], json!(["step-0", "step-1"]));
    let cat = CAT.replace('@', &format!("{}-", ada.learner.name));
    terminal.run_until(&cat, "Step 1 of 2 · done");
    ada.check(1, "fail");
    terminal.leave();
}

fn what_labrun_does_to_look_is_no_evidence(learner: &Learner, engine: &Second) {
    let learner = learner.and_another();
    let proxy = Proxy::before(&engine.socket(), learner.home.path());
    let room = Room::new(learner, &[&[READ, IN_CUP], &[SHOWN, ON_SHELF]], &proxy.host());
    // Each time it reads the file, and sees nobody else do so.
    let looks = |step: usize| {
        for _ in 0..3 {
            let report = room.check(step, "fail");
            assert_eq!(
                (&report["checks"][0]["verdict"], &report["checks"][1]["verdict"]),
                (&"fail".into(), &"pass".into())
            );
        }
    };
    room.types(MAKE);
    proxy.requests();
    looks(0);
    // By its archive, or where root sees it: then the engine tells what is to be seen.
    let read = |requests: &[String]| requests.iter().filter(|it| it.ends_with("/archive")).count();
    assert!(read(&proxy.requests()) >= 3, "labrun has read the file in the container");
    room.types(CAT);
    room.check(0, "pass");
    // Nothing holds the volume now: labrun needs a container of its own to look into it.
    room.types("docker rm -f @cup");
    proxy.requests();
    looks(1);
    let requests = proxy.requests();
    assert!(read(&requests) >= 3 && requests.iter().any(|it| it == "POST /containers/create"), "{requests:?}");
    room.types(SHOW);
    room.check(1, "pass");
}

fn what_the_engine_no_longer_tells_is_neither_a_pass_nor_a_fail(learner: &Learner, engine: &Second) {
    let learner = learner.and_another();
    let mut proxy = Proxy::before(&engine.socket(), learner.home.path());
    let room = Room::new(learner, &[&[READ], &[SHOWN], &[GONE]], &engine.host);
    room.types(MAKE);
    let mut terminal = room.practises(&proxy.host());
    // Cut off for a while, nothing is lost: the engine still knows it.
    proxy.stop();
    room.types(CAT);
    proxy.go_on();
    // No check is asked for: what was done meanwhile is news as soon as the connection is back.
    terminal.run_until("", "Step 1 of 3 · done");
    // And so long that it is.
    proxy.stop();
    room.types(SHOW);
    for number in 0..FLOOD {
        ask(&engine.socket(), "POST", "/volumes/create", &format!(r#"{{"Name":"flood-{number}"}}"#));
    }
    proxy.go_on();
    let said = checks_until(&mut terminal, "no longer tells");
    assert!(said.contains("Step 2 of 3 · could not check"), "{said}");
    terminal.leave();
    let report = room.check(1, "cannot-check");
    assert_eq!(report["reason"]["code"], "gap", "{report}");
    assert_eq!(room.fails(), [0, 0, 0]);
    room.types(SHOW);
    room.check(1, "pass");
    room.check(2, "fail");
    room.types("docker rm -f @cup");
    room.check(2, "pass");
}

fn what_was_done_with_an_earlier_thing_of_the_name_passes_nothing(learner: &Learner, host: &str) {
    let room = Room::new(learner.and_another(), &[&[CUP, AT], &[READ], &[SHOWN, ON_SHELF], &[GONE]], host);
    // A cup of another purpose: it has no shelf, and what was read in it is its own.
    room.types(&format!("{}; {CAT}", MAKE.replace("-v @shelf:/data", "").replace("echo tea", "mkdir data; echo milk")));
    room.check(0, "fail");
    room.types(&format!("docker rm -f @cup; {MAKE}"));
    assert_eq!(room.check(0, "pass")["passed_steps"], json!(["step-0"]), "the first cup's reading is not this one's");
    room.check(1, "fail");
    room.types(CAT);
    room.check(1, "pass");
    // It was shown of a shelf that is gone; the new one has nothing on it.
    room.types(&format!("{SHOW} && docker rm -f @cup && docker volume rm @shelf && docker volume create @shelf"));
    let report = room.check(2, "fail");
    assert_eq!(report["checks"][1]["verdict"], "fail", "{report}");
    room.types(&format!("{MAKE} && {SHOW}"));
    // That the first cups were removed is not that this one is.
    assert_eq!(room.check(2, "pass")["passed_steps"], json!(["step-2"]));
    room.check(3, "fail");
    room.types("docker rm -f @cup");
    room.check(3, "pass");
}

fn what_was_done_for_a_lab_that_was_reset_passes_nothing_in_the_next(learner: &Learner, host: &str) {
    for (checks, deed) in [(READ, CAT), (SHOWN, SHOW), (GONE, "docker rm -f @cup")] {
        let room = Room::new(learner.and_another(), &[&[checks]], host);
        room.types(&format!("{MAKE} && {deed}"));
        let said = room.command(&["reset", "--yes"]).output().expect("labrun runs");
        assert!(said.status.success(), "{said:?}");
        room.starts();
        room.check(0, "fail");
        room.types(MAKE);
        room.check(0, "fail");
        room.types(deed);
        room.check(0, "pass");
    }
}
