//! The recorder on an engine that has much to tell at once: nothing is lost, and nothing is kept twice.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::harness::Learner;
use crate::practice::shell;
use crate::second::Second;
use crate::terminal::Terminal;

/// Commands run by each of so many at once: three events each, and fewer in all than the engine remembers.
const EACH: usize = 9;
const AT_ONCE: usize = 8;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An event: when, what, and of which command.
pub type Event = (i64, String, String);

/// Asks the engine over its socket, and gives the answer's body.
pub fn ask(socket: &Path, method: &str, path: &str, body: &str) -> String {
    let mut stream = UnixStream::connect(socket).expect("the engine listens");
    let length = body.len();
    // Version 1.0: the engine closes the connection after its answer.
    let head =
        format!("{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    assert!(head.contains(" 20"), "{path}: {answer}");
    body.to_owned()
}

fn run_in(socket: &Path, container: &str) {
    for _ in 0..EACH {
        let made = ask(socket, "POST", &format!("/containers/{container}/exec"), r#"{"Cmd":["true"],"Detach":true}"#);
        let made: Value = serde_json::from_str(&made).expect("JSON");
        let id = made["Id"].as_str().expect("an id");
        ask(socket, "POST", &format!("/exec/{id}/start"), r#"{"Detach":true}"#);
    }
}

/// What the engine itself tells of the commands that ran in a container.
fn told(learner: &Learner, host: &str, container: &str) -> Vec<Event> {
    let asked = "docker events --since 0 --until $(date +%s.%N) --format '{{json .}}'";
    let lines = learner.types(&format!("export DOCKER_HOST={host}; {asked} --filter container={container}"));
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    // That a command was made is no evidence, and is not kept.
    events.filter_map(|event| of_a_command(&event)).filter(|(_, action, _)| action != "exec_create").collect()
}

/// An event as the engine tells it, if it is about a command.
pub fn of_a_command(event: &Value) -> Option<Event> {
    let exec = event["Actor"]["Attributes"]["execID"].as_str()?.to_owned();
    let action = event["Action"].as_str()?.split(':').next()?.to_owned();
    Some((event["timeNano"].as_i64()?, action, exec))
}

/// What the journal has of it.
fn kept(learner: &Learner, container: &str) -> Vec<Event> {
    journal(learner, container).iter().flat_map(recorded).collect()
}

/// The events that an entry of the journal was made from, if it is about a command.
pub fn recorded(entry: &Value) -> Vec<Event> {
    start(entry).into_iter().chain(end(entry)).collect()
}

fn start(entry: &Value) -> Option<Event> {
    let exec = entry["attributes"]["execID"].as_str()?.to_owned();
    Some((entry["at"].as_i64()?, entry["action"].as_str()?.to_owned(), exec))
}

/// The end of a command, which its entry has beside its start.
pub fn end(entry: &Value) -> Option<Event> {
    let exec = entry["attributes"]["execID"].as_str()?.to_owned();
    Some((entry["detail"]["ended"].as_i64()?, "exec_die".to_owned(), exec))
}

/// The journal's entries about a container.
pub fn journal(learner: &Learner, container: &str) -> Vec<Value> {
    let path = learner.home.path().join("progress.db");
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opened");
    store.busy_timeout(PATIENCE).expect("set");
    let mut statement = store.prepare("SELECT entry FROM journal WHERE name = ?1").expect("a question");
    let entries = statement.query_map([container], |row| row.get::<_, String>(0)).expect("asked");
    entries.map(|entry| serde_json::from_str(&entry.expect("a row")).expect("JSON")).collect()
}

#[test]
fn every_event_of_a_busy_engine_is_kept_once() {
    let (learner, engine) = (Learner::new(), Second::start());
    engine.give("busybox");
    let host = engine.host.clone();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
    // One of the lab's: of others not all is kept.
    let container = learner.named("writer-1");
    learner.types(&format!("docker --host {host} run -d --name writer-1 busybox sleep 3600"));
    let socket = engine.socket();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| run_in(&socket, &container));
        }
    });
    let began = Instant::now();
    let (told, kept) = loop {
        let (told, kept) = (told(&learner, &host, "writer-1"), kept(&learner, &container));
        let all = told.len() == 2 * EACH * AT_ONCE && kept.len() >= told.len();
        if all || began.elapsed() > PATIENCE {
            break (told, kept);
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(told.len(), 2 * EACH * AT_ONCE);
    assert_eq!(kept.len(), told.len());
    let set = |events: Vec<Event>| events.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(kept), set(told));
    learner.types(&format!("docker --host {host} rm -f writer-1"));
    terminal.leave();
}
