//! Events of others cost a practice shell nothing that lasts: neither memory nor disk. The learner's own command among
//! them still counts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Learner, Made};
use crate::practice::shell;
use crate::proxy::ENGINE;
use crate::recorder::PATIENCE;
use crate::replay::{Replay, model, now};
use crate::terminal::Terminal;

/// How many events others cause.
const EVENTS: usize = 20_000;

/// How much more memory the practice shell may take than before, in KiB.
const MORE_MEMORY: u64 = 5 * 1024;

/// How much larger the progress file may get with its journal, in bytes: for ten times as many events it is 10 MB.
const LARGER_FILE: u64 = 1_500_000;

/// How large it may be once the session has ended, in bytes.
const AFTER_RESET: u64 = 2_000_000;

/// How often the step is checked while others cause events.
const CHECKS: usize = 6;

/// The command of the health check of the lab's container.
const HEALTH: &str = "hostname";

/// A lab of one step, at the practice shell.
struct Lab {
    learner: Learner,
    app: String,
    _made: [Made; 2],
    replay: Replay,
    terminal: Terminal,
    parent: String,
}

impl Lab {
    /// With this health check in the lab's container, run at this interval; `replayed` puts the relay before the engine.
    fn practise(health: &str, every: &str, replayed: bool) -> Self {
        let learner = Learner::new();
        let lab = learner.home.path().join("one-command");
        std::fs::create_dir(&lab).expect("made");
        let text = "title: T\nsummary: S\nlevel: beginner\nminutes: 5\nrequires: { images: [busybox] }\n\
                    owns: { containers: [app], volumes: [shelf] }\nbriefing: briefing.md\nsteps:\n\
                    - { id: run, title: T, task: T, solution: 'true', checks: [{ exec: { container: app, runs: date } }] }\n";
        std::fs::write(lab.join("lab.yaml"), text).expect("written");
        std::fs::write(lab.join("briefing.md"), "Read this.\n").expect("written");
        let replay = Replay::start(learner.home.path());
        let host = if replayed { replay.path.clone() } else { ENGINE.into() };
        let host = format!("unix://{}", host.display());
        let folder = lab.to_string_lossy();
        let mut terminal =
            Terminal::start(&learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)], &["start", &folder]);
        let said = terminal.run("echo parent=$PPID=");
        let parent = said.split('=').nth(1).expect("a number").to_owned();
        let (app, other) = (format!("{}-app", learner.name), format!("{}-other", learner.name));
        let health = format!("--health-cmd '{health}' --health-interval {every}");
        learner.types(&format!("docker run -d --name {app} {health} busybox sleep 3600"));
        learner.types(&format!("docker run -d --name {other} busybox sleep 3600"));
        let made = [Made("container", app.clone()), Made("container", other)];
        Self { learner, app, _made: made, replay, terminal, parent }
    }

    /// The practice shell's resident memory, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.parent)).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// The size of the progress file and its journal, in bytes.
    fn disk(&self) -> u64 {
        let size = |name: &str| std::fs::metadata(self.learner.home.path().join(name)).map_or(0, |it| it.len());
        size("progress.db") + size("progress.db-journal")
    }

    /// Tells an event: of what kind, what happened to what, with these attributes.
    fn tell(&self, kind: &str, action: &str, id: &str, attributes: &[(&str, &str)]) -> i64 {
        self.tell_at(now(), kind, action, id, attributes)
    }

    fn tell_at(&self, at: i64, kind: &str, action: &str, id: &str, attributes: &[(&str, &str)]) -> i64 {
        let attributes: Value = attributes.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let actor = json!({"ID": id, "Attributes": attributes});
        let (seconds, scope) = (at / 1_000_000_000, "local");
        let event =
            json!({"Type": kind, "Action": action, "Actor": actor, "scope": scope, "time": seconds, "timeNano": at});
        self.replay.tell(&event);
        at
    }

    /// Tells a command from its creation to its end, without a client's requests in between.
    fn tells_exec(&self, container: (&str, &str), exec: &str, command: &str) {
        let (id, name) = container;
        let attributes = [("name", name), ("image", "busybox"), ("execID", exec)];
        let at = now();
        self.tell_at(at, "container", &format!("exec_create: {command}"), id, &attributes);
        self.tell_at(at + 50_000, "container", &format!("exec_start: {command}"), id, &attributes);
        let ended = [attributes.as_slice(), &[("exitCode", "0")]].concat();
        self.tell_at(at + 60_000, "container", "exec_die", id, &ended);
    }

    /// Tells so many events of others.
    fn flood(&self, turns: std::ops::Range<usize>, own_id: &str) -> i64 {
        let (labels, long) = ("x".repeat(4_096), "y".repeat(100_000));
        let mut events = 0;
        for turn in turns.clone() {
            let (id, exec) = (format!("{turn:064x}"), format!("{:064x}", 1_000_000_000 + turn));
            let named = [("name", "web"), ("image", "nginx")];
            let web = "0".repeat(64);
            match turn % 10 {
                // Health checks: of others, and of the lab's own container.
                0 | 1 => self.tells_exec((&web, "web"), &exec, "/bin/sh -c curl localhost"),
                2 => {
                    self.tells_exec((own_id, &self.app), &exec, &format!("/bin/sh -c {HEALTH}"));
                    self.tell("container", "health_status: healthy", own_id, &[("name", &self.app)]);
                }
                // A container that restarts in a loop.
                3 => {
                    self.tell("container", "die", &web, &[named.as_slice(), &[("exitCode", "1")]].concat());
                    self.tell("network", "disconnect", "net", &[("name", "bridge"), ("container", &web)]);
                    self.tell("volume", "unmount", "cache", &[("container", &web)]);
                    self.tell("volume", "mount", "cache", &[("container", &web), ("destination", "/cache")]);
                    self.tell("network", "connect", "net", &[("name", "bridge"), ("container", &web)]);
                    self.tell("container", "start", &web, &named);
                }
                // docker cp, top, attach and a terminal that changes its size.
                4 => ["archive-path", "top", "attach", "resize", "export"].iter().for_each(|action| {
                    self.tell("container", action, &web, &named);
                }),
                5 => {
                    let image = format!("image-{turn}:latest");
                    self.tell("image", "pull", &image, &[("name", &image), ("label", &labels)]);
                    self.tell("image", "tag", &id, &[("name", &image)]);
                    self.tell("image", "delete", &id, &[("name", &id)]);
                    self.tell("builder", "prune", "", &[("reclaimed", "0")]);
                }
                // Containers with large labels that are gone before labrun can inspect them.
                6 => ["create", "attach", "start", "die", "destroy"].iter().for_each(|action| {
                    let name = format!("job-{turn}");
                    let attributes = [("name", name.as_str()), ("image", "job"), ("exitCode", "0"), ("label", &labels)];
                    self.tell("container", action, &id, &attributes);
                }),
                7 if turn % 100 == 7 => self.tells_exec((&web, "web"), &exec, &long),
                7 => self.tells_exec((&id, &format!("web-{turn}")), &exec, "cat /data/file.txt"),
                8 => self.tells_exec((&id, "bob-app"), &exec, "date"),
                _ => {
                    let volume = format!("volume-{turn}");
                    self.tell("volume", "create", &volume, &[("driver", "local")]);
                    self.tell("volume", "destroy", &volume, &[("driver", "local")]);
                }
            }
            events += [3, 3, 4, 6, 5, 4, 5, 3, 3, 2][turn % 10];
            // As fast as no engine is, and slow enough to be followed.
            if turn % 50 == 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        assert!(events >= 3 * turns.len());
        // An engine that goes on telling shows how far the journal has come.
        self.tell("volume", "create", "last", &[("driver", "local")])
    }

    /// Waits until the journal has come to this moment.
    fn comes_to(&self, moment: i64) {
        let path = self.learner.home.path().join("progress.db");
        let store = rusqlite::Connection::open(path).expect("opened");
        store.busy_timeout(PATIENCE).expect("set");
        let began = Instant::now();
        let anchor = || store.query_row("SELECT coalesce(max(anchor), 0) FROM session", [], |row| row.get::<_, i64>(0));
        while anchor().expect("read") < moment {
            assert!(began.elapsed() < PATIENCE, "the recorder does not keep up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_health_check_is_no_command_of_the_learner() {
    // The same command as the step wants, once a second.
    let mut lab = Lab::practise("date", "1s", false);
    let checked = |lab: &Lab| {
        let count = format!("docker inspect -f '{{{{len .State.Health.Log}}}}' {}", lab.app);
        lab.learner.types(&count).trim().parse::<usize>().expect("a number")
    };
    let began = Instant::now();
    while checked(&lab) < 4 {
        assert!(began.elapsed() < PATIENCE, "the engine checks nothing");
        std::thread::sleep(Duration::from_millis(200));
    }
    let said = lab.terminal.run("lab check");
    assert!(!said.contains("done"), "a health check passes the step:\n{said}");
    let entries = crate::recorder::journal(&lab.learner, &lab.app);
    let kept = entries.iter().filter(|entry| entry["attributes"].get("execID").is_some()).count();
    assert!(kept <= 2, "{kept} health checks are kept: {entries:#?}");
    lab.learner.types(&format!("docker exec {} date", lab.app));
    lab.terminal.run_until("lab check", "Step 1 of 1 · done");
    lab.terminal.leave();
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{AFTER_RESET, CHECKS, EVENTS, HEALTH, LARGER_FILE, Lab, MORE_MEMORY, json, model};

    #[test]
    fn events_of_others_cost_nothing_that_lasts() {
        let mut lab = Lab::practise(HEALTH, "1h", true);
        let (events, known) = model(&lab.app);
        let id = events[0]["Actor"]["ID"].as_str().expect("an id").to_owned();
        lab.comes_to(lab.flood(0..200, &id));
        let (memory, disk) = (lab.memory(), lab.disk());
        let turns = EVENTS / 38 * 10;
        // In the middle of it a check finds events forgotten by the engine. The recorder has heard them.
        lab.terminal.send(&format!("for i in $(seq {CHECKS}); do lab check; sleep 0.2; done\r"));
        lab.comes_to(lab.flood(200..200 + turns / 2, &id));
        lab.terminal.wait_for_prompt();
        // The learner's own command, between 10,000 events of others and as many more.
        let exec = "c".repeat(64);
        let mut date = known;
        (date["ID"], date["ProcessConfig"]["entrypoint"]) = (json!(exec), json!("date"));
        date["ProcessConfig"]["arguments"] = json!([]);
        lab.replay.know(date);
        lab.tells_exec((&id, &lab.app), &exec, "date");
        lab.comes_to(lab.flood(200 + turns / 2..200 + turns, &id));
        eprintln!("memory {memory} -> {}, disk {disk} -> {}", lab.memory(), lab.disk());
        let (more, larger) = (lab.memory().saturating_sub(memory), lab.disk().saturating_sub(disk));
        assert!(more <= MORE_MEMORY, "{more} KiB more memory than {memory}");
        assert!(larger <= LARGER_FILE, "{larger} bytes more on the disk than {disk}");
        let store = rusqlite::Connection::open(lab.learner.home.path().join("progress.db")).expect("opened");
        let gaps = store.query_row("SELECT count(*) FROM gap", [], |row| row.get(0));
        assert_eq!(gaps, Ok(0), "nothing was missed");
        // A check's list of past events may begin between the creation and the start of a health check. Then it cannot be
        // told whose that command is, and the check asks about it.
        let foreign: Vec<String> = lab.replay.asked().into_iter().filter(|asked| *asked != exec).collect();
        let is_health_check = |asked: &String| usize::from_str_radix(asked, 16).is_ok_and(|id| id % 10 == 2);
        assert!(foreign.len() <= CHECKS && foreign.iter().all(is_health_check), "asked about: {foreign:?}");
        lab.terminal.run_until("lab check", "Step 1 of 1 · done");
        lab.terminal.run("lab reset --yes");
        let more = lab.memory().saturating_sub(memory);
        assert!(more <= MORE_MEMORY, "{more} KiB more memory than {memory} after the reset");
        assert!(lab.disk() <= AFTER_RESET, "{} bytes are left after the reset", lab.disk());
        lab.terminal.leave();
    }
}
