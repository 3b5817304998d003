//! A socket in front of an engine: it can be stopped, and it knows what was asked.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The socket of the real engine.
pub const ENGINE: &str = "/var/run/docker.sock";

/// What a client has sent over one connection.
type Sent = Arc<Mutex<Vec<u8>>>;

pub struct Proxy {
    path: PathBuf,
    engine: PathBuf,
    asked: Arc<Mutex<Vec<Sent>>>,
    running: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Proxy {
    pub fn start(folder: &Path) -> Self {
        Self::before(Path::new(ENGINE), folder)
    }

    /// In front of the engine with this socket.
    pub fn before(engine: &Path, folder: &Path) -> Self {
        let (path, engine) = (folder.join("proxy.sock"), engine.to_owned());
        let proxy = Self { path, engine, asked: Arc::default(), running: Arc::default(), streams: Arc::default() };
        proxy.listen();
        proxy
    }

    /// What was asked since this was last called, as `GET /volumes/NAME`: without version and options, sorted, since
    /// questions are put side by side.
    pub fn requests(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("the list");
        // Emptied and not dropped: a connection is used again.
        let sent = asked.iter().map(|sent| std::mem::take(&mut *sent.lock().expect("what was sent")));
        let mut requests: Vec<String> = sent.flat_map(|sent| requests(&sent)).collect();
        requests.sort();
        requests
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    fn listen(&self) {
        let listener = UnixListener::bind(&self.path).expect("a socket");
        self.running.store(true, Ordering::SeqCst);
        let (running, streams) = (self.running.clone(), self.streams.clone());
        let (socket, asked) = (self.engine.clone(), self.asked.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !running.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(engine) = UnixStream::connect(&socket) else { continue };
                let sent = Sent::default();
                asked.lock().expect("the list").push(sent.clone());
                let copy = |stream: &UnixStream| stream.try_clone().expect("a copy");
                let (mut from, mut to) = (Heard { stream: copy(&client), sent }, copy(&engine));
                std::thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
                let (mut from, mut to) = (copy(&engine), copy(&client));
                std::thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
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

/// A client whose words are kept, before the engine has them.
struct Heard {
    stream: UnixStream,
    sent: Sent,
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.sent.lock().expect("what was sent").extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

/// The first lines of requests. A body has no line end of its own: the next request follows it on its last line.
fn requests(sent: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(sent);
    let lines = text.split("\r\n").filter_map(|line| line.strip_suffix(" HTTP/1.1"));
    let told = lines.filter_map(|line| {
        let (before, path) = line.rsplit_once(' ')?;
        let method = before.rsplit(|letter: char| !letter.is_ascii_uppercase()).next()?;
        let path = path.split('?').next()?;
        Some(format!("{method} {path}"))
    });
    told.collect()
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}
