//! What was passed is kept: whatever happens to the disk, the store and the clock, and however many labruns run at once.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::harness::{Learner, Said};

/// Runs the same command so many times at once.
fn at_once(learner: &Learner, count: usize, arguments: &[&str]) -> Vec<Said> {
    let run = |_| {
        let mut command = learner.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs")
    };
    let children: Vec<_> = (0..count).map(run).collect();
    children.into_iter().map(|child| child.wait_with_output().expect("it ends").into()).collect()
}

fn open(learner: &Learner) -> Connection {
    Connection::open(learner.home.path().join("progress.db")).expect("opened")
}

fn set_aside(learner: &Learner) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(learner.home.path()).expect("a folder").flatten().map(|entry| entry.path());
    // The journal of a store is set aside beside it.
    let is_store = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "db");
    entries.filter(|path| is_store(path) && path.to_string_lossy().contains("progress.damaged-")).collect()
}

fn is_whole(store: &Connection) -> bool {
    store.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).is_ok_and(|said| said == "ok")
}

/// A learner with a pass.
fn one_passed() -> Learner {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    learner
}

/// Writes the store of this learner again, as a labrun of this format would have.
fn age(learner: &Learner, format: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/store/src/migrations");
    let store = learner.home.path().join("progress.db");
    let new = learner.home.path().join("new.db");
    std::fs::rename(&store, &new).expect("moved");
    let old = Connection::open(&store).expect("opened");
    for number in 1..=format {
        let sql = std::fs::read_to_string(folder.join(format!("{number:04}.sql"))).expect("a migration");
        old.execute_batch(&sql).expect("made");
    }
    old.execute("ATTACH ?1 AS new", [new.to_string_lossy()]).expect("attached");
    for table in ["session", "attempt", "help", "answer", "sighting", "journal", "gap"] {
        let columns = "SELECT group_concat(name) FROM pragma_table_info(?1, 'main')";
        let columns: String = old.query_row(columns, [table], |row| row.get(0)).expect("columns");
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}");
        old.execute(&copy, []).expect("copied");
    }
    old.pragma_update(None, "user_version", u32::try_from(format).expect("small")).expect("set");
    drop(old);
    std::fs::remove_file(new).expect("removed");
}

#[test]
fn fifty_at_once_set_a_damaged_store_aside_once() {
    let learner = Learner::new();
    let damaged = "this is no database, however long it is ".repeat(500);
    for round in 1..=2 {
        std::fs::write(learner.home.path().join("progress.db"), &damaged).expect("written");
        for said in at_once(&learner, 50, &["list"]) {
            assert_eq!(said.code, 0, "{said:?}");
        }
        let aside = set_aside(&learner);
        assert_eq!(aside.len(), round, "{aside:?}");
        assert!(aside.iter().all(|path| std::fs::read_to_string(path).is_ok_and(|text| text == damaged)));
        assert!(is_whole(&open(&learner)));
    }
}

#[test]
fn fifty_at_once_bring_an_old_store_up_to_date() {
    for format in [1, 2, 3] {
        let learner = one_passed();
        age(&learner, format);
        for said in at_once(&learner, 50, &["status", "--json"]) {
            let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
            assert_eq!((said.code, &report["passed"]), (0, &1.into()), "{said:?}");
        }
        assert!(is_whole(&open(&learner)) && set_aside(&learner).is_empty());
    }
}

#[test]
fn damage_that_shows_late_is_set_aside_too() {
    let learner = one_passed();
    let path = learner.home.path().join("progress.db");
    let at = 4096 * (page(&learner, "session") - 1);
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[at..at + 4096].fill(0xa5);
    std::fs::write(&path, &bytes).expect("written");
    let said = learner.labrun(&["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("try: what can't be read is kept, and a new file begun: run it again\n"), "{}", said.err);
    assert!(said.err.contains("warning: the progress file was damaged; it is kept as"), "{}", said.err);
    assert_eq!(std::fs::read(set_aside(&learner).first().expect("it is kept")).expect("read"), bytes);
    assert_eq!(learner.labrun(&["list"]).code, 0);
    // The lab's things are still there, and nobody's any more.
    learner.types("docker volume rm app-data");
}

/// The page at which a table begins, of 4096 bytes each.
fn page(learner: &Learner, table: &str) -> usize {
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: u32 = open(learner).query_row(root, [table], |row| row.get(0)).expect("it is there");
    usize::try_from(page).expect("small")
}

#[test]
fn what_can_be_read_of_a_damaged_store_is_rescued_passes_first() {
    let learner = one_passed();
    let path = learner.home.path().join("progress.db");
    let at = 4096 * (page(&learner, "help") - 1);
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[at..at + 4096].fill(0xa5);
    std::fs::write(&path, &bytes).expect("written");
    let said = learner.labrun(&["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    let rescued = "a new one was begun, with what could be read of it: steps done: 1, labs begun: 1\n";
    assert!(said.err.contains(rescued), "{}", said.err);
    assert_eq!(std::fs::read(set_aside(&learner).first().expect("it is kept")).expect("read"), bytes);
    let (code, report) = learner.json(&["status"]);
    assert_eq!((code, &report["passed"]), (0, &1.into()), "{report}");
    assert!(is_whole(&open(&learner)));
    // It goes on, and what was made is still known to be the lab's.
    assert_eq!(learner.labrun(&["check"]).code, 1);
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
    assert_ne!(learner.tries("docker volume inspect app-data").code, 0);
}

/// A script in a mount namespace of its own, with a small file system at `$small`.
fn on_a_small_disk(learner: &Learner, script: &str) -> String {
    let mut command = Command::new("unshare");
    if !rustix::process::getuid().is_root() {
        command.arg("--map-root-user");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!("set -u; mount -t tmpfs -o size=256k labrun-test \"$small\"\n{script}");
    command.args(["--mount", "bash", "-c", &script]).env("small", folder.path());
    command.env("labrun", env!("CARGO_BIN_EXE_labrun")).env("LABRUN_HOME", folder.path().join("home"));
    command.env("LABRUN_AS", &learner.name).stdin(Stdio::null());
    let said: Said = command.output().expect("unshare runs").into();
    assert_eq!(said.code, 0, "{said:?}");
    said.out
}

#[test]
fn on_a_full_disk_nothing_is_called_passed_and_nothing_is_lost() {
    let learner = Learner::new();
    let name = &learner.name;
    let said = on_a_small_disk(
        &learner,
        &format!(
            r#"$labrun start docker-volumes --no-shell >/dev/null || exit 1
            docker volume create {name}-app-data >/dev/null
            dd if=/dev/zero of=$small/filler bs=1k 2>/dev/null
            $labrun check 2>&1; echo "full: $?"
            LABRUN_HOME=$small/other $labrun list >/dev/null 2>&1; echo "a new one: $?"
            rm $small/filler
            $labrun check | head -1
            $labrun status --json | grep -o '"passed":1'
            mount -o remount,ro $small
            $labrun answer /nowhere 2>&1; echo "read-only: $?"
            $labrun status --json | grep -o '"passed":1'
            mount -o remount,rw $small
            $labrun reset --yes >/dev/null; echo "reset: $?""#
        ),
    );
    let full = "error: progress could not be read or written: database or disk is full\n\
                try: the disk is full, or a quota is used up: free some space\nfull: 4\na new one: 4\n";
    let after = "Step 1 of 14 · done: Create a volume\n\"passed\":1\n";
    let read_only = "error: progress could not be read or written: attempt to write a readonly database\n\
                     try: make that file and its folder writable, or set LABRUN_HOME to another folder\nread-only: 4\n\
                     \"passed\":1\nreset: 0\n";
    assert_eq!(said, format!("{full}{after}{read_only}"));
}

/// Runs labrun with a clock that is off.
fn at_another_time(learner: &Learner, offset: &str, arguments: &[&str]) -> (serde_json::Value, Duration) {
    let own = learner.command(arguments);
    let mut command = Command::new("faketime");
    command.args(["-f", offset]).arg(own.get_program()).args(own.get_args()).arg("--json");
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let began = Instant::now();
    let said: Said = command.output().expect("faketime runs: apt-get install faketime").into();
    (serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}")), began.elapsed())
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{Command, Duration, Learner, at_another_time, one_passed, open, set_aside};

    #[test]
    fn a_clock_that_jumps_costs_no_pass() {
        for offset in ["-1h", "+1h", "-3d"] {
            let learner = Learner::alone_in_lab("docker-volumes");
            learner.up_to("read-from-writer-2");
            learner.check("read-from-writer-2", "fail");
            learner.types("docker exec writer-2 cat /mnt/file.txt");
            let (report, took) = at_another_time(&learner, offset, &["check"]);
            assert_eq!(report["verdict"], "pass", "{offset}: {report}");
            assert!(took < Duration::from_secs(15), "{offset}: {took:?}");
            // Back in time, what is done now counts as well.
            learner.types(r#"docker exec writer-2 sh -c "echo two_from_writer2 >> /mnt/file.txt""#);
            learner.types("docker exec writer-1 cat /data/file.txt");
            let report = learner.json(&["check"]).1;
            assert_eq!(report["passed_steps"].as_array().map(Vec::len), Some(2), "{offset}: {report}");
        }
    }

    #[test]
    fn a_database_of_somebody_elses_is_left_as_it_is() {
        let learner = Learner::new();
        open(&learner).execute_batch("CREATE TABLE session (x)").expect("made");
        let said = learner.labrun(&["list"]);
        let path = learner.home.path().join("progress.db");
        let expected = format!(
            "error: {} belongs to another program, so labrun does not write to it\ntry: set LABRUN_HOME to another folder\n",
            path.display()
        );
        assert_eq!((said.code, said.err), (4, expected));
        assert!(set_aside(&learner).is_empty());
    }

    #[test]
    fn a_small_step_back_of_our_own_clock_hides_nothing_from_an_engine_with_another_one() {
        let learner = Learner::alone();
        let (begun, _) = at_another_time(&learner, "+1h", &["start", "docker-volumes", "--no-shell"]);
        assert_eq!(begun["lab"], "docker-volumes", "{begun}");
        learner.up_to("read-from-writer-2");
        let (report, _) = at_another_time(&learner, "+1h", &["check"]);
        assert_eq!(report["verdict"], "fail", "{report}");
        learner.types("docker exec writer-2 cat /mnt/file.txt");
        let (report, _) = at_another_time(&learner, "+59m", &["check"]);
        assert_eq!(report["verdict"], "pass", "{report}");
    }

    #[test]
    fn bytes_overwritten_anywhere_and_a_file_cut_off_anywhere_end_in_a_store_that_works() {
        let learner = one_passed();
        let whole = std::fs::read(learner.home.path().join("progress.db")).expect("read");
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("it fits") % below
        };
        for round in 0..12 {
            let mut bytes = whole.clone();
            if round % 3 == 2 {
                bytes.truncate(random(whole.len()));
            } else {
                for _ in 0..4 {
                    let at = random(whole.len() - 600);
                    bytes[at..at + 600].fill_with(|| u8::try_from(random(256)).unwrap_or_default());
                }
            }
            let other = learner.and_another();
            let path = other.home.path().join("progress.db");
            std::fs::write(&path, &bytes).expect("written");
            let mut status = learner.command(&["status", "--json"]);
            status.env("LABRUN_HOME", other.home.path());
            let ended = |command: &mut Command| command.output().expect("labrun runs").status.code();
            let (first, second) = (ended(&mut status), ended(&mut status));
            for code in [first, second] {
                assert!(matches!(code, Some(0 | 2 | 4)), "round {round}: {first:?}, then {second:?}");
            }
            // Damage that only shows now is set aside now.
            let first = other.labrun(&["list"]);
            let listed = other.labrun(&["list"]);
            assert_eq!(listed.code, 0, "round {round}: {first:?}, then {listed:?}");
            if let Some(aside) = set_aside(&other).first() {
                assert_eq!(
                    std::fs::read(aside).expect("read"),
                    bytes,
                    "round {round}: the damaged file is kept as it was"
                );
            }
        }
    }
}
