//! An engine that tells of more than happens on it: a hundred commands a second in a container, each in the words that the
//! real engine had for one of them. Nothing of it is lost, and nothing is kept twice.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::harness::{Learner, Made};
use crate::liar::{asked_of_the_engine, request};
use crate::practice::shell;
use crate::proxy::ENGINE;
use crate::recorder::{Event, PATIENCE, ask, end, journal, of_a_command, recorded};
use crate::terminal::Terminal;

/// So many commands, one every ten milliseconds, so many of them under way at a time.
const COMMANDS: usize = 300;
const EVERY: Duration = Duration::from_millis(10);
const UNDER_WAY: usize = 3;

/// How many events an engine still knows (moby's `eventsLimit`).
const KNOWN: usize = 256;

/// What the relay tells.
#[derive(Default)]
struct Told {
    events: Vec<Value>,
    /// The commands that somebody asked about, by their ids.
    asked: BTreeSet<String>,
    /// What is known of a command, by its id.
    commands: HashMap<String, Value>,
}

/// In front of the real engine; one request a connection.
pub struct Replay {
    pub path: PathBuf,
    told: Arc<(Mutex<Told>, Condvar)>,
}

impl Replay {
    pub fn start(folder: &Path) -> Self {
        let replay = Self { path: folder.join("replay.sock"), told: Arc::default() };
        let listener = UnixListener::bind(&replay.path).expect("a socket");
        let told = replay.told.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let told = told.clone();
                std::thread::spawn(move || answer(client, &told));
            }
        });
        replay
    }

    pub fn tell(&self, event: &Value) {
        self.told.0.lock().expect("what is told").events.push(event.clone());
        self.told.1.notify_all();
    }

    /// The commands that somebody has asked about.
    pub fn asked(&self) -> BTreeSet<String> {
        self.told.0.lock().expect("what is told").asked.clone()
    }

    pub fn know(&self, command: Value) {
        let id = command["ID"].as_str().expect("an id").to_owned();
        self.told.0.lock().expect("what is told").commands.insert(id, command);
    }
}

/// Events and commands are the relay's own; everything else is the engine's.
fn answer(mut client: UnixStream, told: &(Mutex<Told>, Condvar)) -> Option<()> {
    let (head, body) = request(&mut client).ok()?;
    let target = head.split_whitespace().nth(1)?;
    let (route, query) = target.split_once('?').unwrap_or((target, ""));
    if route.ends_with("/events") {
        return events(client, told, query);
    }
    let id = route.strip_suffix("/json").and_then(|route| route.rsplit_once("/exec/")).map(|(_, id)| id);
    let known = id.and_then(|id| {
        let mut told = told.0.lock().ok()?;
        told.asked.insert(id.to_owned());
        told.commands.get(id).map(Value::to_string)
    });
    match known {
        Some(known) => {
            let length = known.len();
            client.write_all(format!("{HEAD}Content-Length: {length}\r\n\r\n{known}").as_bytes()).ok()?;
        }
        None => client.write_all(&asked_of_the_engine(&head, &body)?).ok()?,
    }
    client.shutdown(Shutdown::Both).ok()
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";

/// The last events since then; and where no end is given, all that come, until nobody listens.
fn events(mut client: UnixStream, told: &(Mutex<Told>, Condvar), query: &str) -> Option<()> {
    let moment = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name))?;
        let (seconds, part) = value.split_once('.').unwrap_or((value, ""));
        format!("{seconds}{part:0<9}").parse::<i64>().ok()
    };
    let (since, until) = (moment("since=").unwrap_or(i64::MAX), moment("until="));
    client.write_all(format!("{HEAD}\r\n").as_bytes()).ok()?;
    let at = |event: &Value| event["timeNano"].as_i64().unwrap_or_default();
    let mut next = None;
    loop {
        let mut now = told.0.lock().ok()?;
        while until.is_none() && next == Some(now.events.len()) {
            now = told.1.wait(now).ok()?;
        }
        let first = next.unwrap_or(now.events.len().saturating_sub(KNOWN));
        let wanted =
            |event: &&Value| next.is_some() || (at(event) >= since && until.is_none_or(|until| at(event) <= until));
        let lines: String = now.events[first..].iter().filter(wanted).map(|event| format!("{event}\n")).collect();
        next = Some(now.events.len());
        drop(now);
        client.write_all(lines.as_bytes()).ok()?;
        if until.is_some() {
            return client.shutdown(Shutdown::Both).ok();
        }
    }
}

/// One command as the engine tells it: its three events, and what is known of it afterwards.
pub fn model(container: &str) -> (Vec<Value>, Value) {
    let engine = Path::new(ENGINE);
    // Listened to as it goes on: on a busy engine its events could be forgotten before they are asked for.
    let mut heard = listener(container);
    let made =
        ask(engine, "POST", &format!("/containers/{container}/exec"), r#"{"Cmd":["true","turn"],"Detach":true}"#);
    let id = serde_json::from_str::<Value>(&made).expect("JSON")["Id"].as_str().expect("an id").to_owned();
    ask(engine, "POST", &format!("/exec/{id}/start"), r#"{"Detach":true}"#);
    let mut events = Vec::new();
    while events.len() < 3 {
        let line = heard.next().expect("the engine goes on").expect("it tells of a command");
        let event = serde_json::from_str::<Value>(&line).unwrap_or_default();
        if event["Actor"]["Attributes"]["execID"] == id.as_str() {
            events.push(event);
        }
    }
    (events, serde_json::from_str(&ask(engine, "GET", &format!("/exec/{id}/json"), "")).expect("JSON"))
}

/// The lines of the engine's answer about a container's events, from now on.
fn listener(container: &str) -> Lines<BufReader<UnixStream>> {
    let mut stream = UnixStream::connect(ENGINE).expect("the engine listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let filters = format!("%7B%22container%22%3A%5B%22{container}%22%5D%7D");
    let since = now() / 1_000_000_000;
    let asked = format!("GET /events?since={since}&filters={filters} HTTP/1.0\r\n\r\n");
    stream.write_all(asked.as_bytes()).expect("asked");
    let mut lines = BufReader::new(stream).lines();
    // Its head.
    while lines.next().expect("an answer").expect("an answer").trim() != "" {}
    lines
}

pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_nanos()).expect("before 2262")
}

/// Tells of many commands; gives what was told. Every seventh event comes after the next one, as it does on a busy engine.
fn run(replay: &Replay, container: &str) -> Vec<Event> {
    let (model, known) = model(container);
    let (mut told, mut held): (Vec<Event>, Option<Value>) = (Vec::new(), None);
    let mut tell = |number: usize, which: usize| {
        let (id, at, word) = (format!("{number:064x}"), now(), format!("turn-{number}"));
        let mut command = known.clone();
        command["ID"] = json!(id);
        command["ProcessConfig"]["arguments"] = json!([word]);
        if which < 2 {
            command["Running"] = json!(true);
            command["ExitCode"] = Value::Null;
        }
        replay.know(command);
        let mut event = model[which].clone();
        for field in ["Action", "status"] {
            event[field] = json!(event[field].as_str().expect("a text").replace("turn", &word));
        }
        event["Actor"]["Attributes"]["execID"] = json!(id);
        (event["time"], event["timeNano"]) = (json!(at / 1_000_000_000), json!(at));
        told.extend(of_a_command(&event));
        if told.len() % 7 == 1 && held.is_none() {
            held = Some(event);
        } else {
            replay.tell(&event);
            held.take().iter().for_each(|late| replay.tell(late));
        }
    };
    let began = Instant::now();
    for turn in 0..COMMANDS + UNDER_WAY {
        if let Ok(turn) = u32::try_from(turn) {
            std::thread::sleep((EVERY * turn).saturating_sub(began.elapsed()));
        }
        if turn < COMMANDS {
            tell(turn, 0);
            tell(turn, 1);
        }
        if turn >= UNDER_WAY {
            tell(turn - UNDER_WAY, 2);
        }
    }
    held.iter().for_each(|late| replay.tell(late));
    told
}

#[test]
fn a_hundred_commands_a_second_are_recorded_once_each_with_what_they_were_and_how_they_ended() {
    let learner = Learner::new();
    // One of the lab's: of others not all is kept.
    let container = learner.named("writer-1");
    let replay = Replay::start(learner.home.path());
    let host = format!("unix://{}", replay.path.display());
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
    learner.types("docker run -d --name writer-1 busybox sleep 3600");
    let _container = Made("container", container.clone());
    let mut told = run(&replay, &container);
    assert_eq!(told.len(), 3 * COMMANDS);
    // That a command was made is no evidence, and is not kept.
    told.retain(|(_, action, _)| action != "exec_create");
    let ended = |entry: &&Value| entry["action"] == "exec_start" && entry["detail"]["exit_code"] == 0;
    let began = Instant::now();
    let entries = loop {
        let entries = journal(&learner, &container);
        let all = entries.iter().filter(ended).filter_map(end).count() == COMMANDS;
        if all || began.elapsed() > PATIENCE {
            break entries;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let kept: Vec<Event> = entries.iter().flat_map(recorded).collect();
    assert_eq!(kept.len(), told.len());
    let set = |events: Vec<Event>| events.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(kept), set(told));
    let arguments =
        entries.iter().filter(ended).map(|entry| (&entry["attributes"]["execID"], &entry["detail"]["argv"]));
    let arguments: HashMap<_, _> = arguments.map(|(id, argv)| (id.to_string(), argv.to_string())).collect();
    for number in 0..COMMANDS {
        let argv = arguments.get(&json!(format!("{number:064x}")).to_string());
        assert_eq!(argv, Some(&json!(["true", format!("turn-{number}")]).to_string()));
    }
    terminal.leave();
}
