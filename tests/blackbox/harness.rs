//! A learner: a name, a home, and two programs to type into.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::recorder::PATIENCE;

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The engine remembers its last 256 events, whoever caused them. Where a test is about what it remembers, nobody else
/// may be busy.
static BUSY: RwLock<()> = RwLock::new(());

/// One's place on the engine: beside others, or alone.
enum Place {
    Beside {
        _guard: RwLockReadGuard<'static, ()>,
    },
    Alone {
        _guard: RwLockWriteGuard<'static, ()>,
    },
    /// In that of another learner of the same test.
    Shared,
}

/// How many tests may take containers off the engine's bridge at a time. Docker 20.10 can lock up its network part for ever
/// when many leave one bridge at once, and then every test fails for no reason of its own.
const MAX_LEAVING: usize = 2;

/// The right to take containers off the bridge.
pub struct Leaving;

static LEAVING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

impl Leaving {
    /// Waits for its turn; given back when dropped, so hold it for one command alone.
    pub fn wait() -> Self {
        let (count, changed) = &LEAVING;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        while *count >= MAX_LEAVING {
            count = changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
        *count += 1;
        Self
    }

    /// The same for a command that takes containers away; nothing for others.
    fn wait_if(takes_away: bool) -> Option<Self> {
        takes_away.then(Self::wait)
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        *LEAVING.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LEAVING.1.notify_one();
    }
}

/// Whether a line that is typed takes containers away.
pub fn takes_containers_away(line: &str) -> bool {
    ["docker rm", "docker container rm", "docker kill", "docker stop", "compose down", "container prune"]
        .iter()
        .any(|command| line.contains(command))
}

/// Somebody who goes through a lab.
pub struct Learner {
    pub name: String,
    pub home: TempDir,
    _place: Place,
}

impl Learner {
    /// A learner nobody else is.
    pub fn new() -> Self {
        Self::at(Place::Beside { _guard: BUSY.read().unwrap_or_else(PoisonError::into_inner) })
    }

    /// A learner with the engine to themselves.
    pub fn alone() -> Self {
        Self::at(Place::Alone { _guard: BUSY.write().unwrap_or_else(PoisonError::into_inner) })
    }

    /// Another one of the same test. A second place would be waited for for ever, where somebody waits to be alone.
    pub fn and_another(&self) -> Self {
        Self::at(Place::Shared)
    }

    /// A learner who has begun the lab, with the engine to themselves.
    pub fn alone_in_lab(lab: &str) -> Self {
        Self::alone().begun(lab)
    }

    fn at(place: Place) -> Self {
        require_engine();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}-{number}", std::process::id());
        Self { name, home: TempDir::new().expect("a folder for progress"), _place: place }
    }

    /// A learner who has begun the lab.
    pub fn in_lab(lab: &str) -> Self {
        Self::new().begun(lab)
    }

    fn begun(self, lab: &str) -> Self {
        let said = self.labrun(&["start", lab, "--no-shell"]);
        assert_eq!(said.code, 0, "{said:?}");
        self
    }

    /// The labrun command with this learner's settings, not yet run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_labrun"));
        command.args(arguments).env("LABRUN_HOME", self.home.path()).env("LABRUN_AS", &self.name);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
        // `sudo make test` is no `sudo labrun`: the progress is in folders of root's.
        command.env_remove("SUDO_UID");
        command
    }

    /// Runs labrun.
    pub fn labrun(&self, arguments: &[&str]) -> Said {
        let _turn = Leaving::wait_if(arguments.first().is_some_and(|command| ["reset", "catchup"].contains(command)));
        self.command(arguments).output().expect("labrun runs").into()
    }

    /// Runs labrun with `--json`, and reads its report.
    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let said = self.command(arguments).arg("--json").output().map(Said::from).expect("labrun runs");
        let report = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said.code, report)
    }

    /// This learner's form of a text with the lab's names in it.
    pub fn named(&self, text: &str) -> String {
        let name = &self.name;
        let mut text = text.replace("/tmp/dind", "@dir@");
        for owned in ["app-data", "writer-1", "writer-2", "bind-test"] {
            text = text.replace(owned, &format!("{name}-{owned}"));
        }
        text.replace("@dir@", &format!("/tmp/{name}-dind"))
    }

    /// Types a line at a shell, with this learner's names in it, and expects it to end well.
    pub fn types(&self, line: &str) -> String {
        let said = self.tries(line);
        assert_eq!(said.code, 0, "{line}: {said:?}");
        said.out
    }

    /// Types a line at a shell, with this learner's names in it.
    pub fn tries(&self, line: &str) -> Said {
        let line = self.named(line);
        let _turn = Leaving::wait_if(takes_containers_away(&line));
        Command::new("bash").args(["-c", &line]).stdin(Stdio::null()).output().expect("bash runs").into()
    }

    /// Grades, and expects this verdict of this step; gives the report.
    pub fn check(&self, step: &str, verdict: &str) -> Value {
        let (code, report) = match verdict {
            "cannot-check" => self.json(&["check"]),
            _ => answered(|| self.json(&["check"])),
        };
        assert_eq!((report["step"].as_str(), report["verdict"].as_str()), (Some(step), Some(verdict)), "{report}");
        let expected = if verdict == "pass" { 0 } else { 1 };
        assert_eq!(code, expected, "{report}");
        report
    }

    /// The volume's directory, as docker tells it.
    pub fn mountpoint(&self) -> String {
        self.types("docker volume inspect -f '{{.Mountpoint}}' app-data").trim().to_owned()
    }

    /// Brings the lab to the state in which a step begins, by the solutions before it.
    pub fn up_to(&self, step: &str) {
        loop {
            let (_, report) = self.json(&["task"]);
            if report["step"] == step {
                return;
            }
            let (code, report) = answered(|| self.json(&["solution", "--run"]));
            if report["verdict"] != "pass" {
                let question = self.json(&["task"]).1;
                let answer = match question["step"].as_str() {
                    Some("inspect-volume") => self.mountpoint(),
                    Some("read-on-host") => "bind_test_data".to_owned(),
                    step => panic!("{step:?} does not pass by its solution ({code}): {report}"),
                };
                let (code, report) = self.json(&["answer", &answer]);
                assert_eq!(code, 0, "{report}");
            }
        }
    }
}

impl Drop for Learner {
    fn drop(&mut self) {
        let _ = self.labrun(&["reset", "--yes"]);
    }
}

/// Fails, and says how to get an engine, where there is none.
fn require_engine() {
    let answers = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    let answers = answers.is_ok_and(|output| output.status.success());
    assert!(answers, "these tests need a Docker engine, and none answers; scripts/engine.sh brings one");
}

/// Something on the engine that is removed when the test ends.
pub struct Made(pub &'static str, pub String);

impl Drop for Made {
    fn drop(&mut self) {
        let arguments: &[&str] = match self.0 {
            "container" => &["rm", "-f", "-v"],
            "image" => &["image", "rm", "-f"],
            _ => &["volume", "rm"],
        };
        let _turn = Leaving::wait_if(self.0 == "container");
        let _ = Command::new("docker").args(arguments).arg(&self.1).output();
    }
}

/// What labrun reports, once everything that it asks has answered in time: on a busy machine that may take a few tries.
pub fn answered(report: impl Fn() -> (i32, Value)) -> (i32, Value) {
    let began = Instant::now();
    loop {
        let (code, report) = report();
        if !report.to_string().contains("did not answer within") || began.elapsed() > PATIENCE {
            return (code, report);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Copies the program, for somebody who can't run it where it was built. By a process of its own: a file that is open for
/// writing can't be run, and what other tests start at the same moment would inherit it open.
pub fn copy_labrun(to: &Path) {
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_labrun")).arg(to).output().map(Said::from);
    assert_eq!(copied.as_ref().map(|said| said.code).ok(), Some(0), "{copied:?}");
}

#[test]
fn at_most_two_tests_take_containers_away_at_once() {
    static NOW: AtomicU32 = AtomicU32::new(0);
    static MOST: AtomicU32 = AtomicU32::new(0);
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                let _turn = Leaving::wait();
                MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                NOW.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    assert!((1..=2).contains(&MOST.load(Ordering::SeqCst)), "{MOST:?}");
    for line in ["docker rm -f x", "docker compose down", "docker stop x; true", "true && docker container rm -f y"] {
        assert!(takes_containers_away(line), "{line}");
    }
    assert!(!takes_containers_away("docker run --rm busybox true"));
}
