//! An engine that falls silent in the middle of an export.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::proxy::ENGINE;

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
