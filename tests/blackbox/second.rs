//! A second engine beside the usual one, with a store of its own and nothing in it: it may be stopped and started.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The engine; ended when dropped.
pub struct Second {
    pub host: String,
    child: Child,
    folder: TempDir,
}

impl Second {
    pub fn start() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test starts a second engine, and that needs root: sudo make test, or run it as root"
        );
        let folder = TempDir::new().expect("a folder");
        let host = format!("unix://{}", folder.path().join("engine.sock").display());
        let child = spawn(folder.path(), &host);
        let engine = Self { host, child, folder };
        engine.wait();
        engine
    }

    /// Ends the engine as a reboot does, and starts it again: its containers have ended, its events are forgotten.
    pub fn restart(&mut self) {
        self.end();
        self.child = spawn(self.folder.path(), &self.host);
        self.wait();
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    /// Takes over an image of the usual engine.
    pub fn give(&self, image: &str) {
        let copied = format!("docker save {image} | docker --host {} load", self.host);
        let output =
            Command::new("bash").args(["-c", &format!("set -o pipefail; {copied}")]).output().expect("bash runs");
        assert!(output.status.success(), "{output:?}");
    }

    fn wait(&self) {
        let began = Instant::now();
        let answers = || {
            let asked =
                Command::new("docker").args(["--host", &self.host, "version", "-f", "{{.Server.Version}}"]).output();
            asked.is_ok_and(|output| output.status.success())
        };
        while !answers() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(60), "the second engine does not answer:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(&mut self) {
        // It ends what it started, and unmounts, when it is asked to.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.end();
    }
}

/// In a network of its own: an engine without a bridge takes away the bridge that it finds, and that is the usual one's.
fn spawn(folder: &Path, host: &str) -> Child {
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let log = std::fs::OpenOptions::new().create(true).append(true).open(at("log")).expect("a file");
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("unshare")
        .args(["--net", "dockerd", "--host", host])
        .args(["--data-root", &at("data"), "--exec-root", &at("run"), "--pidfile", &at("pid")])
        .args(["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"])
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("dockerd runs")
}
