//! Bad input and bad luck: one clear message with what to do, the right exit code, nothing lost.

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Learner, Said, copy_labrun};
use crate::liar::silent_engine;

fn with(learner: &Learner, arguments: &[&str], env: &[(&str, &str)]) -> Said {
    learner.command(arguments).envs(env.iter().copied()).output().expect("labrun runs").into()
}

#[test]
fn without_an_engine_nothing_is_called_wrong() {
    let learner = Learner::in_lab("docker-volumes");
    let said = with(&learner, &["check"], &[("DOCKER_HOST", "unix:///nonexistent/docker.sock")]);
    assert_eq!(said.code, 4);
    assert_eq!(
        said.out,
        learner.named(
            "Step 1 of 14 · could not check\n  unclear  volume app-data exists\n           no engine answers (DOCKER_HOST unix:///nonexistent/docker.sock):\n           there is no socket; this lab was begun on context default\n           try: go back to that engine: unset DOCKER_HOST; docker context use\n           default; or end the lab here and leave what it made: labrun reset\n           --forget\n"
        )
    );
    assert_eq!(learner.json(&["status"]).1["steps"][0]["fails"], 0, "it is no attempt");
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
}

#[test]
fn a_mistyped_docker_host_is_named() {
    let learner = Learner::in_lab("docker-volumes");
    for (host, seen, remedy) in [
        ("garbage", "there is no host garbage", "unset DOCKER_HOST"),
        ("docker.sock", "there is no host docker.sock", "unset DOCKER_HOST"),
        ("tcp:/host", "`tcp` is followed by `://`", "correct DOCKER_HOST"),
        ("/var/run/docker.sock", "needs `unix://` in front", "correct DOCKER_HOST"),
        ("unix://var/run/docker.sock", "there is no socket", "unix:///var/run/docker.sock"),
        ("unix:// /var/run/docker.sock", "there is no socket", "slash, unix:///var/run/docker.sock"),
        ("tcp://127.0.0.1:1", "nobody listens there", "unset DOCKER_HOST"),
        ("unix:///var/run/docker.sokc", "there is no socket", "unset DOCKER_HOST"),
    ] {
        for arguments in [&["check"][..], &["images", "check"], &["doctor", "docker-volumes"]] {
            let said = with(&learner, arguments, &[("DOCKER_HOST", host)]);
            let text = (said.out + &said.err).split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(said.code, 4, "{host} {arguments:?}: {text}");
            // Where another context's engine answers, doctor says to turn to that one.
            // A lab that is begun has an engine to go back to.
            let remedy = if arguments[0] == "images" { remedy } else { "DOCKER_HOST" };
            assert!(text.contains(seen) && text.contains(remedy), "{host} {arguments:?}: {text}");
            assert!(!text.contains("could not be read") && !text.contains("systemctl"), "{host} {arguments:?}: {text}");
        }
    }
}

#[test]
fn an_engine_that_accepts_and_is_silent_is_not_waited_for() {
    let learner = Learner::in_lab("docker-volumes");
    let host = silent_engine(learner.home.path());
    let began = Instant::now();
    let said = with(&learner, &["check", "--json"], &[("DOCKER_HOST", &host)]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&report["verdict"], &report["reason"]["code"]), (&"cannot-check".into(), &"timeout".into()));
}

#[test]
fn an_engine_that_talks_nonsense_is_not_believed() {
    let learner = Learner::in_lab("docker-volumes");
    let socket = learner.home.path().join("nonsense.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming().take(8).flatten() {
            let mut stream = stream;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"Nam");
        }
    });
    let host = format!("unix://{}", socket.display());
    let said = with(&learner, &["check"], &[("DOCKER_HOST", &host)]);
    assert_eq!(said.code, 4, "{said:?}");
}

#[test]
fn a_socket_that_may_not_be_used_is_told_from_one_that_is_not_there() {
    let learner = Learner::in_lab("docker-volumes");
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let mode = |path: &std::path::Path, mode| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("changed");
    };
    mode(&socket, 0o000);
    mode(folder.path(), 0o755);
    let mut command = learner.command(&["check", "--json"]);
    command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    if rustix::process::getuid().is_root() {
        // Root may use any socket: look as somebody else, who may enter the folders on the way.
        let home = tempfile::tempdir().expect("a folder");
        let copy = home.path().join("labrun");
        copy_labrun(&copy);
        let store = home.path().join("progress.db");
        std::fs::copy(learner.home.path().join("progress.db"), &store).expect("copied");
        mode(&store, 0o666);
        mode(home.path(), 0o777);
        let mut other = Command::new(&copy);
        other.args(["check", "--json"]).env("LABRUN_HOME", home.path()).env("LABRUN_AS", &learner.name);
        other.env("DOCKER_HOST", format!("unix://{}", socket.display())).uid(65534).gid(65534);
        denied(&other.output().expect("labrun runs").into());
    } else {
        denied(&command.output().expect("labrun runs").into());
    }
}

fn denied(said: &Said) {
    assert_eq!(said.code, 4, "{said:?}");
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["reason"]["code"], "denied", "{report}");
    assert!(report["reason"]["remedy"].as_str().is_some_and(|remedy| remedy.contains("usermod -aG docker")));
}

#[test]
fn another_engine_is_not_graded_for_the_labs_own() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let said = with(&learner, &["check"], &[("DOCKER_HOST", "tcp://127.0.0.1:9")]);
    assert_eq!(said.code, 4, "{said:?}");
    let said = with(&learner, &["check"], &[("DOCKER_CONTEXT", "no-such-context")]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains("no-such-context"), "{said:?}");
}

#[test]
fn a_missing_image_is_said_before_the_lab_begins() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nrequires: { images: ['labrun-no-such-image:1'] }\n\
               owns: { volumes: [vv] }\nbriefing: b.md\nsteps:\n  - id: a\n    title: A\n    task: A\n    solution: 'true'\n    \
               checks: [{ volume: { name: vv } }]\n";
    std::fs::write(folder.path().join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.path().join("b.md"), "B\n").expect("written");
    let said = learner.labrun(&["start", &folder.path().to_string_lossy(), "--no-shell"]);
    assert_eq!(said.code, 4);
    assert_eq!(
        said.err,
        "error: the lab needs the image labrun-no-such-image:1, and it is not on this engine\ntry: docker pull labrun-no-such-image:1; or without a network: labrun images load FILE\n"
    );
}

#[test]
fn an_unknown_lab_is_met_with_the_nearest_name() {
    let said = Learner::new().labrun(&["start", "docker-volume"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: there is no lab called docker-volume\ntry: did you mean docker-volumes? `labrun list` shows all\n"
    );
}

#[test]
fn an_answer_where_none_is_asked_is_no_attempt() {
    let learner = Learner::in_lab("docker-volumes");
    let said = learner.labrun(&["answer", "42"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err, "error: this step asks no question\ntry: do what the task says, then: labrun check\n");
    assert_eq!(learner.json(&["status"]).1["steps"][0]["fails"], 0);
}

#[test]
fn without_a_lab_the_commands_say_how_to_begin_one() {
    let learner = Learner::new();
    for command in ["check", "task", "hint", "solution", "skip", "status", "reset", "briefing", "answer"] {
        let said = learner.labrun(&[command]);
        assert_eq!(said.code, 2, "{command}: {said:?}");
        let expected = format!(
            "error: no lab has been started as {}\ntry: labrun list shows the labs; labrun start LAB --as NAME begins one\n",
            learner.name
        );
        assert_eq!(said.err, expected, "{command}");
    }
}

#[test]
fn a_home_that_cannot_be_written_is_said() {
    let learner = Learner::new();
    let file = learner.home.path().join("file");
    std::fs::write(&file, "").expect("written");
    let said = with(&learner, &["list"], &[("LABRUN_HOME", &file.join("below").to_string_lossy())]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("progress cannot be kept in") && said.err.contains("LABRUN_HOME"), "{}", said.err);
}

#[test]
fn a_damaged_store_is_set_aside_and_never_deleted() {
    let learner = Learner::new();
    let store = learner.home.path().join("progress.db");
    std::fs::write(&store, "this is no database, however long it is ".repeat(100)).expect("written");
    let said = learner.labrun(&["list"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.starts_with("warning: the progress file was damaged"), "{}", said.err);
    let kept = std::fs::read_dir(learner.home.path()).expect("a folder").flatten();
    let kept: Vec<_> =
        kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("progress.damaged-")).collect();
    assert_eq!(kept.len(), 1);
    assert!(std::fs::read_to_string(kept[0].path()).is_ok_and(|text| text.starts_with("this is no database")));
    assert_eq!(learner.labrun(&["list"]).err, "");
}

#[test]
fn a_store_of_a_newer_labrun_is_left_alone() {
    let learner = Learner::new();
    learner.labrun(&["list"]);
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    store.pragma_update(None, "user_version", 99).expect("changed");
    let said = learner.labrun(&["list"]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("was written by a newer labrun (format 99"), "{}", said.err);
}

#[test]
fn a_store_held_by_somebody_else_is_waited_for_but_not_for_ever() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    store.execute_batch("BEGIN EXCLUSIVE").expect("held");
    let began = Instant::now();
    let said = learner.labrun(&["check"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("another labrun has been writing"), "{}", said.err);
    assert!(began.elapsed() < Duration::from_secs(20));
    store.execute_batch("ROLLBACK").expect("released");
    learner.check("create-volume", "pass");
}

#[test]
fn many_at_once_lose_nothing() {
    let learner = Learner::new();
    let mut children: Vec<_> = (0..20)
        .map(|_| learner.command(&["list"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs"))
        .collect();
    for child in children.drain(..) {
        let said: Said = child.wait_with_output().expect("it ends").into();
        assert_eq!((said.code, said.err.as_str()), (0, ""), "on a new store");
    }
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.types("docker volume create app-data");
    let children: Vec<_> = (0..12)
        .map(|_| learner.command(&["check"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs"))
        .collect();
    for child in children {
        let said: Said = child.wait_with_output().expect("it ends").into();
        assert!(matches!(said.code, 0 | 1) && said.err.is_empty(), "{said:?}");
    }
    assert_eq!(learner.json(&["status"]).1["passed"], 1);
}

#[test]
fn a_closed_pipe_is_no_trouble() {
    let learner = Learner::new();
    let mut child = learner.command(&["man"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    drop(child.stdout.take());
    let said: Said = child.wait_with_output().expect("it ends").into();
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}
