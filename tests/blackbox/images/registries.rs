//! Registries on this machine: Debian's own, and some that only answer what a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Debian's docker-registry on a port of its own; ended when dropped. An engine needs no TLS on 127.0.0.0/8.
pub struct Registry {
    pub host: String,
    child: Child,
}

impl Registry {
    pub fn start(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("made");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let config = folder.join("registry.yml");
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: '{free}' }}\n",
            folder.display()
        );
        std::fs::write(&config, text).expect("written");
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.expect("these tests need docker-registry: apt-get install docker-registry");
        let registry = Self { host: free.to_string(), child };
        let began = Instant::now();
        while TcpStream::connect(free).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the registry does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a false registry answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status and text, to everything.
    Always(u16, String),
    /// Nothing, to anybody; the connection stays open.
    Never,
    /// To whoever has a login, that there is nothing; to others, that one is needed.
    AsksWho,
}

impl Answer {
    pub fn of(status: u16, text: &str) -> Self {
        Self::Always(status, text.to_owned())
    }

    /// Status and text for a request with this login.
    fn to(&self, login: Option<&str>) -> Option<(u16, String)> {
        let error = |code: &str| format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"by the test\"}}]}}");
        match (self, login) {
            (Self::Always(status, text), _) => Some((*status, text.clone())),
            (Self::Never, _) => None,
            (Self::AsksWho, Some(_)) => Some((404, error("MANIFEST_UNKNOWN"))),
            (Self::AsksWho, None) => Some((401, error("UNAUTHORIZED"))),
        }
    }
}

/// A registry that only ever answers one thing.
pub struct Fake {
    pub host: String,
    ended: Arc<AtomicBool>,
    logins: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let fake = Self { host, ended: Arc::default(), logins: Arc::default() };
        let (ended, logins) = (fake.ended.clone(), fake.logins.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, logins, ended) = (answer.clone(), logins.clone(), ended.clone());
                std::thread::spawn(move || serve(client, &answer, &logins, &ended));
            }
        });
        fake
    }

    /// Whether somebody came with this login.
    pub fn heard(&self, login: &str) -> bool {
        self.logins.lock().expect("the list").iter().any(|heard| heard == login)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The thread is waiting for one more.
        let _ = TcpStream::connect(&self.host);
    }
}

fn serve(client: TcpStream, answer: &Answer, logins: &Mutex<Vec<String>>, ended: &AtomicBool) {
    if matches!(answer, Answer::Never) {
        while !ended.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(50));
        }
        return;
    }
    let mut lines = BufReader::new(&client).lines();
    let mut login = None;
    // The engine first tries TLS, whose greeting is no text.
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        if let Some((_, value)) = line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            login = Some(value.to_owned());
            logins.lock().expect("the list").push(value.to_owned());
        }
    }
    let Some((status, text)) = answer.to(login.as_deref()) else { return };
    let challenge = if status == 401 { "WWW-Authenticate: Basic realm=\"test\"\r\n" } else { "" };
    let _ = write!(
        &client,
        "HTTP/1.1 {status} Test\r\nContent-Type: application/json\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
         {challenge}Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}

/// Base64 as `config.json` has it.
pub fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
