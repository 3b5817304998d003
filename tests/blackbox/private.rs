//! What labrun keeps is for its owner alone, whatever the umask; what it makes in a folder for everybody can't be guessed;
//! and what is secret is shown nowhere.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use portable_pty::CommandBuilder;
use rusqlite::Connection;

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::terminal::{Terminal, write_settings};

/// Takes back what the last format has brought.
const OLDER: &str = "
    DROP TABLE helper_mark; DROP TABLE verification; DROP TABLE dropped;
    DROP INDEX journal_stranger; DROP INDEX journal_long; DROP INDEX journal_removed; DROP INDEX journal_output;
    ALTER TABLE journal DROP COLUMN session; ALTER TABLE journal DROP COLUMN stranger;
    ALTER TABLE journal DROP COLUMN ended;
    CREATE INDEX journal_name ON journal (engine, kind, name);
    ALTER TABLE sighting DROP COLUMN identity; PRAGMA user_version = 5";

/// Runs labrun with the umask that hides nothing.
fn openly(learner: &Learner, home: &Path, arguments: &[&str]) -> Said {
    let own = learner.command(arguments);
    let mut command = Command::new("bash");
    command.args(["-c", r#"umask 000; exec "$@""#, "bash"]).arg(own.get_program()).args(own.get_args());
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("LABRUN_HOME", home);
    command.stdin(std::process::Stdio::null()).output().expect("bash runs").into()
}

/// What below a folder, and the folder itself, others than the owner may do anything with.
fn open_to_others(path: &Path) -> Vec<(PathBuf, u32)> {
    let metadata = std::fs::symlink_metadata(path).expect("it is there");
    let mode = metadata.permissions().mode() & 0o777;
    let mut found = if mode & 0o077 == 0 { Vec::new() } else { vec![(path.to_owned(), mode)] };
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).expect("it can be listed") {
            found.extend(open_to_others(&entry.expect("an entry").path()));
        }
    }
    found
}

#[test]
fn progress_is_for_its_owner_alone_whatever_the_umask() {
    let learner = Learner::new();
    let home = learner.home.path().join("new/deep");
    for arguments in [&["start", "docker-volumes", "--no-shell"][..], &["check"], &["hint"], &["list"]] {
        let said = openly(&learner, &home, arguments);
        assert!(matches!(said.code, 0 | 1), "{arguments:?}: {said:?}");
    }
    // Set aside and rescued, it is no more open than before.
    let store = home.join("progress.db");
    let mut bytes = std::fs::read(&store).expect("read");
    bytes[4096..].fill(0xa5);
    std::fs::write(&store, bytes).expect("written");
    openly(&learner, &home, &["status"]);
    assert_eq!(openly(&learner, &home, &["list"]).code, 0);
    assert!(std::fs::read_dir(&home).expect("a folder").count() > 1, "the damaged one is kept");
    // Nor is one of an older labrun when it has been brought up to date.
    let older = Connection::open(&store).expect("opened");
    older.execute_batch(OLDER).expect("as it was then");
    drop(older);
    assert_eq!(openly(&learner, &home, &["list"]).code, 0);
    let newer = Connection::open(&store).expect("opened");
    assert_eq!(newer.query_row("SELECT count(identity) FROM sighting", [], |row| row.get::<_, i64>(0)), Ok(0));
    assert_eq!(open_to_others(&home), []);
}

#[test]
fn under_an_open_umask_the_practice_shell_keeps_all_it_makes_to_itself() {
    let learner = Learner::new();
    let (home, runtime) = (learner.home.path().join("new"), learner.home.path().join("runtime"));
    std::fs::create_dir(&runtime).expect("made");
    std::fs::set_permissions(&runtime, PermissionsExt::from_mode(0o700)).expect("closed");
    write_settings(&runtime, "");
    let settings = open_to_others(&runtime);
    let mut command = CommandBuilder::new("bash");
    command.args(["-c", r#"umask 000; exec "$@""#, "bash", env!("CARGO_BIN_EXE_labrun"), "start", "docker-volumes"]);
    for (name, value) in [("LABRUN_HOME", &home), ("XDG_RUNTIME_DIR", &runtime), ("HOME", &runtime)] {
        command.env(name, value);
    }
    command.env("SHELL", shell("bash"));
    command.env("LABRUN_AS", &learner.name);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::owned(command, 80, rustix::process::geteuid().as_raw());
    let socket = PathBuf::from(terminal.run("echo $LABRUN_SOCKET").trim().replace('\n', ""));
    assert_eq!(std::fs::symlink_metadata(&socket).expect("a socket").permissions().mode() & 0o777, 0o600);
    let lock = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|ending| ending == "lock");
    assert!(std::fs::read_dir(&home).expect("a folder").flatten().any(lock), "it records");
    assert_eq!(open_to_others(&home), []);
    assert_eq!(open_to_others(&runtime), settings, "beside the settings that the test has made");
    assert_eq!(terminal.run("umask").trim(), "0000", "the learner's own umask is as it was");
    terminal.leave();
}

#[test]
fn the_practice_shell_is_reached_by_its_owner_alone_at_a_place_that_nobody_guesses() {
    let learner = Learner::in_lab("docker-volumes");
    let mut names = Vec::new();
    for _ in 0..2 {
        // Everybody may write there, as in /tmp.
        let common = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(common.path(), PermissionsExt::from_mode(0o1777)).expect("opened");
        let folder = common.path().to_string_lossy().into_owned();
        let environment = [("TMPDIR", folder.as_str()), ("XDG_RUNTIME_DIR", "")];
        let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &environment);
        let made: Vec<_> =
            std::fs::read_dir(common.path()).expect("listed").flatten().map(|made| made.path()).collect();
        for path in &made {
            assert_eq!(std::fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o700, "{path:?}");
            names.push(path.file_name().map(ToOwned::to_owned));
        }
        assert!(!made.is_empty(), "its folder is here");
        terminal.leave();
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "no name comes twice: {names:?}");
}

#[test]
fn a_link_that_somebody_else_has_put_at_a_labs_path_is_not_written_through() {
    let learner = Learner::in_lab("docker-volumes");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let planted = Planted(PathBuf::from(learner.named("/tmp/dind")));
    std::os::unix::fs::symlink(elsewhere.path(), &planted.0).expect("linked");
    std::os::unix::fs::lchown(&planted.0, Some(65_534), None).expect("this test makes a link somebody else's: as root");
    let said = learner.labrun(&["solution", "--run"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("is a link that somebody else has put there"), "{said:?}");
    assert!(std::fs::read_dir(elsewhere.path()).expect("listed").next().is_none(), "nothing was written there");
}

/// A link, gone when dropped.
struct Planted(PathBuf);

impl Drop for Planted {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_password_in_an_engines_address_or_in_a_login_is_shown_nowhere() {
    let learner = Learner::in_lab("docker-volumes");
    let login = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YWRhOmh1bnRlcjItbG9naW4="}}}"#;
    for address in ["ssh://ada:hunter2@box.invalid", "tcp://ada:hunter2@127.0.0.1:9", "ftp://ada:hunter2@box"] {
        for arguments in [
            &["check"][..],
            &["check", "--json"],
            &["status", "--json"],
            &["doctor", "docker-volumes"],
            &["reset", "--yes"],
            &["images", "check"],
        ] {
            let said: Said = learner
                .command(arguments)
                .envs([("DOCKER_HOST", address), ("DOCKER_AUTH_CONFIG", login), ("RUST_LOG", "trace")])
                .output()
                .expect("labrun runs")
                .into();
            let text = said.out + &said.err;
            for secret in ["hunter2", "YWRhOmh1bnRlcjItbG9naW4"] {
                assert!(!text.contains(secret), "{address}, {arguments:?}: {text}");
            }
        }
    }
    for entry in std::fs::read_dir(learner.home.path()).expect("listed").flatten() {
        let kept = std::fs::read(entry.path()).expect("read");
        assert!(!kept.windows(7).any(|part| part == b"hunter2"), "it is kept in {:?}", entry.path());
    }
}
