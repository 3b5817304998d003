//! An engine that can be stopped: a socket in front of the real one.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The socket of the real engine.
pub const ENGINE: &str = "/var/run/docker.sock";

pub struct Proxy {
    path: PathBuf,
    running: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Proxy {
    pub fn start(folder: &Path) -> Self {
        let proxy = Self { path: folder.join("engine.sock"), running: Arc::default(), streams: Arc::default() };
        proxy.listen();
        proxy
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    fn listen(&self) {
        let listener = UnixListener::bind(&self.path).expect("a socket");
        self.running.store(true, Ordering::SeqCst);
        let (running, streams) = (self.running.clone(), self.streams.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !running.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(engine) = UnixStream::connect(ENGINE) else { continue };
                for (from, to) in [(&client, &engine), (&engine, &client)] {
                    let (mut from, mut to) = (from.try_clone().expect("a copy"), to.try_clone().expect("a copy"));
                    std::thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
                streams.lock().expect("the list").extend([client, engine]);
            }
        });
    }

    /// Nobody listens any more, and every connection is cut.
    pub fn stop(&mut self) {
        self.running.store(false, Ordering::SeqCst);
        // The thread is waiting for one more.
        let _ = UnixStream::connect(&self.path);
        let _ = std::fs::remove_file(&self.path);
        for stream in self.streams.lock().expect("the list").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn go_on(&mut self) {
        self.listen();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}
