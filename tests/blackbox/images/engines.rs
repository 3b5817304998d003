//! Engines between labrun and the usual one: one falls silent in the middle of an export, one is there when a file changes.

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

/// The usual engine, but something happens when the load of an image begins.
pub struct Editing {
    pub host: String,
}

impl Editing {
    pub fn start(path: &Path, edit: impl Fn() + Send + Sync + 'static) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let edit = std::sync::Arc::new(edit);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let edit = edit.clone();
                std::thread::spawn(move || pass_on(&client, edit.as_ref()));
            }
        });
        Self { host: format!("unix://{}", path.display()) }
    }
}

/// One request a connection; edits before a load's content is passed on, while most of it is still in the file.
fn pass_on(client: &UnixStream, edit: &dyn Fn()) {
    let (mut head, mut lines) = (String::new(), BufReader::new(client));
    while lines.read_line(&mut head).is_ok_and(|read| read > 2) {}
    if head.lines().next().is_some_and(|first| first.contains("/images/load")) {
        edit();
    }
    let Ok(mut engine) = UnixStream::connect(ENGINE) else { return };
    let _ = engine.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes());
    let (mut to_engine, mut answer) = (engine.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut engine, &mut answer);
        let _ = answer.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut lines, &mut to_engine);
    let _ = to_engine.shutdown(Shutdown::Write);
}
