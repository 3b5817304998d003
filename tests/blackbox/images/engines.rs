//! Engines beside the usual one: a second one with nothing in it, and one that falls silent in the middle of an export.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::proxy::ENGINE;

/// A second dockerd with a store of its own, no network, and no image; ended when dropped.
pub struct Second {
    pub host: String,
    child: Child,
    _folder: TempDir,
}

impl Second {
    pub fn start() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test starts a second engine, and that needs root: sudo make test, or run it as root"
        );
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let host = format!("unix://{}", at("engine.sock"));
        let log = std::fs::File::create(at("log")).expect("a file");
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("dockerd")
            .args(["--data-root", &at("data"), "--exec-root", &at("run"), "--pidfile", &at("pid"), "--host", &host])
            .args(["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"])
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("dockerd runs");
        let engine = Self { host, child, _folder: folder };
        let began = Instant::now();
        let answers = || {
            let asked =
                Command::new("docker").args(["--host", &engine.host, "version", "-f", "{{.Server.Version}}"]).output();
            asked.is_ok_and(|output| output.status.success())
        };
        while !answers() {
            let log = std::fs::read_to_string(engine._folder.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(60), "the second engine does not answer:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        engine
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        // It ends what it started, and unmounts, when it is asked to.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// The usual engine, but an export of an image begins and never goes on.
pub struct Halting {
    pub host: String,
}

impl Halting {
    pub fn start(path: &Path) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                std::thread::spawn(move || serve(&client));
            }
        });
        Self { host: format!("unix://{}", path.display()) }
    }
}

/// One request a connection, so that each is seen.
fn serve(mut client: &UnixStream) {
    let mut head = String::new();
    let mut lines = BufReader::new(client);
    while lines.read_line(&mut head).is_ok_and(|read| read > 2) {}
    if head.lines().next().is_some_and(|first| first.contains("/get ")) {
        let begun = "x".repeat(5_000);
        let _ = write!(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{begun}\r\n", begun.len());
        // Until labrun has had enough.
        let _ = client.read(&mut [0]);
        return;
    }
    let Ok(mut engine) = UnixStream::connect(ENGINE) else { return };
    let _ = engine.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes());
    let _ = std::io::copy(&mut engine, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}
