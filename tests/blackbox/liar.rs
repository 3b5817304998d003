//! Sockets that are not what they seem: one in front of the real engine that tells one thing otherwise, and one that
//! accepts and never says a word.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::proxy::ENGINE;

pub struct Liar {
    path: PathBuf,
}

impl Liar {
    /// `lie` makes, from a path and the engine's whole answer, the answer that is given; `None` leaves it as it is.
    pub fn start(folder: &Path, lie: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        let lie = Arc::new(lie);
        let path = folder.join("liar.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let lie = lie.clone();
                std::thread::spawn(move || answer(client, &*lie));
            }
        });
        Self { path }
    }

    /// An engine that takes requests for these paths and never answers them; the others go to the real one.
    pub fn hanging(folder: &Path, hangs: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::start(folder, move |path, _| {
            if hangs(path) {
                std::thread::sleep(Duration::from_secs(120));
            }
            None
        })
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.path.display())
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// An engine that accepts and is silent; gives its address.
pub fn silent_engine(folder: &Path) -> String {
    let socket = folder.join("silent.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        let held: Vec<_> = listener.incoming().take(20).collect();
        std::thread::sleep(Duration::from_secs(30));
        drop(held);
    });
    format!("unix://{}", socket.display())
}

/// One request a connection. In HTTP/1.0 the engine answers without chunks, and closes.
fn answer(mut client: UnixStream, lie: &dyn Fn(&str, &str) -> Option<String>) -> Option<()> {
    let (path, answered) = forwarded(&mut client)?;
    let text = String::from_utf8_lossy(&answered);
    let told = lie(&path, &text).map_or(answered.clone(), |lie| without_length(&lie).into_bytes());
    client.write_all(&told).ok()?;
    client.shutdown(Shutdown::Both).ok()
}

/// Asks the engine what a client asks; gives the path, and the whole answer up to the connection's end.
pub fn forwarded(client: &mut (impl Read + Write)) -> Option<(String, Vec<u8>)> {
    let (head, body) = request(client).ok()?;
    let path = head.split_whitespace().nth(1)?.to_owned();
    Some((path, asked_of_the_engine(&head, &body)?))
}

/// The engine's whole answer to a request.
pub fn asked_of_the_engine(head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let head = kept.collect::<Vec<_>>().join("\r\n").replacen("HTTP/1.1", "HTTP/1.0", 1);
    let mut engine = UnixStream::connect(ENGINE).ok()?;
    engine.write_all(format!("{head}\r\n\r\n").as_bytes()).ok()?;
    engine.write_all(body).ok()?;
    let mut answered = Vec::new();
    engine.read_to_end(&mut answered).ok()?;
    Some(answered)
}

/// A request's head and body.
pub fn request(client: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).trim_end().to_owned();
    let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok();
    let mut body = vec![0; head.lines().find_map(length).unwrap_or_default()];
    client.read_exact(&mut body)?;
    Ok((head, body))
}

/// What was made longer or shorter ends with the connection.
fn without_length(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    format!("{}\r\n\r\n{body}", kept.collect::<Vec<_>>().join("\r\n"))
}
