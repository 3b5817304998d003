//! The parent's socket, when the program at either end does not play along.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::terminal::Terminal;

/// A command with a dead socket may take so long until it works by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// `labrun status`, in the environment of a practice shell whose socket is here.
fn status_at(learner: &Learner, socket: &Path) -> (Said, Duration) {
    let began = Instant::now();
    // The end of its output comes no later than its own.
    let output = learner.command(&["status"]).env("LABRUN_SOCKET", socket).output().expect("labrun runs");
    (output.into(), began.elapsed())
}

/// The hook, in the same environment.
fn hook_at(learner: &Learner, socket: &Path) -> Duration {
    let began = Instant::now();
    let mut hook = learner.command(&["hook"]);
    let output = hook.env("LABRUN_SOCKET", socket).env("LABRUN_LINE", "true").output().expect("labrun runs");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    began.elapsed()
}

/// Listens, and does this with every connection in a thread of its own.
fn serve(socket: &Path, each: impl Fn(UnixStream) + Send + Clone + 'static) {
    let listener = UnixListener::bind(socket).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let each = each.clone();
            std::thread::spawn(move || each(stream));
        }
    });
}

#[test]
fn a_dead_socket_keeps_no_command_waiting() {
    let learner = Learner::in_lab("docker-volumes");
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);

    let gone = place("gone");
    let deserted = place("deserted");
    drop(UnixListener::bind(&deserted).expect("a socket"));
    let fifo = place("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
    let file = place("file");
    std::fs::write(&file, "no socket").expect("written");
    // One that never accepts: its queue is full, so a connect would wait.
    let full = place("full");
    let _listener = UnixListener::bind(&full).expect("a socket");
    let mut waiting = Vec::new();
    while let Ok(stream) = connect_at_once(&full) {
        waiting.push(stream);
    }
    assert!(!waiting.is_empty(), "some did connect");
    let silent = place("silent");
    serve(&silent, |_stream| std::thread::sleep(Duration::from_secs(60)));
    let hangs_up = place("hangs-up");
    serve(&hangs_up, drop);
    let slow = place("slow");
    serve(&slow, |mut stream| {
        while stream.write_all(b"7").is_ok() {
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    let chatty = place("chatty");
    serve(&chatty, |mut stream| while stream.write_all(&[b'x'; 4096]).is_ok() {});
    let web = place("web");
    serve(&web, |mut stream| {
        let _ = stream.read(&mut [0; 16]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });

    for socket in [gone, deserted, fifo, file, full, silent, hangs_up, slow, chatty, web] {
        let (said, took) = status_at(&learner, &socket);
        assert_eq!(said.code, 0, "{socket:?}: {said:?}");
        assert!(said.out.contains("Create a volume"), "{socket:?}: it works by itself: {said:?}");
        assert!(took < PATIENCE, "{socket:?}: {took:?}");
        let took = hook_at(&learner, &socket);
        assert!(took < Duration::from_secs(2), "{socket:?}: a prompt waits {took:?}");
    }
}

#[test]
fn a_parent_that_falls_silent_ends_the_command() {
    let learner = Learner::in_lab("docker-volumes");
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    serve(&socket, |mut stream| {
        stream.write_all(b"+..").expect("written");
        std::thread::sleep(Duration::from_secs(5));
    });
    let (said, _) = status_at(&learner, &socket);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("stopped answering"), "{said:?}");
}

#[test]
fn slow_clients_delay_no_other_client() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let socket = PathBuf::from(terminal.run("echo $LABRUN_SOCKET").trim().replace('\n', ""));
    let connect = || UnixStream::connect(&socket).expect("the parent listens");
    let silent: Vec<_> = (0..20).map(|_| connect()).collect();
    let halves: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect();
            stream.write_all(&[0, 0, 1]).expect("written");
            stream
        })
        .collect();
    let mut drip = connect();
    std::thread::spawn(move || {
        while drip.write_all(&[0]).is_ok() {
            std::thread::sleep(Duration::from_millis(90));
        }
    });
    // Requests that claim to be huge, and prompts that never read their news.
    let huge = [0xff, 0xff, 0xff, 0xff];
    let mut deaf = Vec::new();
    for _ in 0..10 {
        connect().write_all(&huge).expect("written");
        let mut stream = connect();
        let prompt = br#"{"Prompt":{"line":"docker volume ls","code":0,"cwd":null,"columns":80,"env":{}}}"#;
        stream.write_all(&u32::try_from(prompt.len()).expect("short").to_be_bytes()).expect("written");
        stream.write_all(prompt).expect("written");
        deaf.push(stream);
    }
    let began = Instant::now();
    assert!(terminal.run("lab status").contains("Create a volume"));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop((silent, halves, deaf));
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.leave();
}

/// Connects, or fails where that would block.
fn connect_at_once(socket: &Path) -> std::io::Result<UnixStream> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
    let stream = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::NONBLOCK, None)?;
    connect(&stream, &SocketAddrUnix::new(socket)?)?;
    Ok(UnixStream::from(stream))
}
