//! An engine that answers in every wrong way: nothing hangs, nothing grows without end, and nobody is called wrong.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Learner, Said};
use crate::liar::forwarded;

/// What is wrong with the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    Silent,
    ByteByByte,
    ClosedInTheMiddle,
    Garbage,
    EndlessHead,
    EndlessBody,
    Error500,
    EmptyObject,
    WrongTypes,
    /// Only events: each told twice, and the newest first.
    EventsTwiceAndBackwards,
}

const BROKEN: [Fault; 9] = [
    Fault::Silent,
    Fault::ByteByByte,
    Fault::ClosedInTheMiddle,
    Fault::Garbage,
    Fault::EndlessHead,
    Fault::EndlessBody,
    Fault::Error500,
    Fault::EmptyObject,
    Fault::WrongTypes,
];

/// How much address space labrun gets, in KiB, whatever an engine sends. One that is not stopped sends more within the
/// deadline.
const MEMORY: u64 = 600_000;

/// In front of the real engine; one request a connection.
pub struct Faulty {
    path: PathBuf,
    fault: Arc<Mutex<Fault>>,
}

impl Faulty {
    pub fn start(folder: &Path) -> Self {
        let faulty = Self { path: folder.join("faulty.sock"), fault: Arc::new(Mutex::new(Fault::None)) };
        let listener = UnixListener::bind(&faulty.path).expect("a socket");
        let fault = faulty.fault.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let fault = *fault.lock().expect("the fault");
                std::thread::spawn(move || answer(&mut { client }, fault));
            }
        });
        faulty
    }

    pub fn set(&self, fault: Fault) {
        *self.fault.lock().expect("the fault") = fault;
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.path.display())
    }
}

/// Answers one request; the connection is to be closed then.
pub fn answer(client: &mut (impl Read + Write), fault: Fault) -> Option<()> {
    let (path, told) = forwarded(client)?;
    let fine = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    match fault {
        Fault::None => client.write_all(&told).ok()?,
        Fault::Silent => std::thread::sleep(Duration::from_secs(60)),
        Fault::ByteByByte => {
            for byte in told {
                client.write_all(&[byte]).ok()?;
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Fault::ClosedInTheMiddle => {
            // The length belongs to it: otherwise half an answer that ends with a line is a whole one.
            let text = String::from_utf8_lossy(&told);
            let (head, body) = text.split_once("\r\n\r\n")?;
            let head: Vec<&str> = head.lines().filter(|line| !line.starts_with("Content-Length:")).collect();
            let whole = format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len());
            client.write_all(&whole.as_bytes()[..whole.len() / 2]).ok()?;
        }
        Fault::Garbage => client.write_all(&[0x1b, 0xff, 0, b'\n'].repeat(1_000)).ok()?,
        Fault::EndlessHead => {
            client.write_all(fine.as_bytes()).ok()?;
            for_ever(client, &b"X-More: and more\r\n".repeat(1_000))?;
        }
        Fault::EndlessBody => {
            client.write_all(format!("{fine}\r\n{{\"Id\":\"").as_bytes()).ok()?;
            for_ever(client, &[b'a'; 65_536])?;
        }
        Fault::Error500 => {
            let body = r#"{"message":"no \u001b[31mspace\u202e left"}"#;
            let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json";
            client.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).ok()?;
        }
        Fault::EmptyObject => client.write_all(format!("{fine}Content-Length: 2\r\n\r\n{{}}").as_bytes()).ok()?,
        Fault::WrongTypes => {
            let body = r#"{"Id":7,"Name":[],"Names":{},"State":"running","ID":null,"Mounts":3,"Created":{}}"#;
            client.write_all(format!("{fine}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).ok()?;
        }
        Fault::EventsTwiceAndBackwards if path.contains("/events") => {
            let text = String::from_utf8_lossy(&told).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let lines: Vec<&str> = body.lines().rev().flat_map(|line| [line, line]).collect();
            client.write_all(format!("{head}\r\n\r\n{}\n", lines.join("\n")).as_bytes()).ok()?;
        }
        Fault::EventsTwiceAndBackwards => client.write_all(&told).ok()?,
    }
    Some(())
}

fn for_ever(client: &mut impl Write, bytes: &[u8]) -> Option<()> {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        client.write_all(bytes).ok()?;
    }
    Some(())
}

/// Runs labrun with little memory; it must end by itself.
fn run(learner: &Learner, host: &str, arguments: &[&str]) -> (Said, Duration) {
    let own = learner.command(arguments);
    let mut command = Command::new("bash");
    let script = format!(r#"ulimit -v {MEMORY}; exec timeout -s KILL 60 "$@""#);
    command.args(["-c", &script, "bash"]);
    command.arg(own.get_program()).args(own.get_args());
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("DOCKER_HOST", host);
    command.stdin(std::process::Stdio::null());
    let began = Instant::now();
    (command.output().expect("bash runs").into(), began.elapsed())
}

/// A learner whose lab was begun through this engine, at a step.
fn begun(at: &str) -> (Learner, Faulty) {
    let learner = Learner::new();
    let faulty = Faulty::start(learner.home.path());
    let (said, _) = run(&learner, &faulty.host(), &["start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    // By the engine itself: what docker needs for an exec goes through no such thing.
    learner.up_to(at);
    (learner, faulty)
}

#[test]
fn whatever_is_wrong_with_the_answers_every_other_command_ends() {
    let commands: [&[&str]; 5] = [
        &["reset", "--yes"],
        &["start", "mount-types", "--no-shell"],
        &["doctor", "docker-volumes"],
        &["images", "check"],
        &["catchup", "2", "--yes"],
    ];
    for fault in BROKEN {
        let (learner, faulty) = begun("create-volume");
        faulty.set(fault);
        std::thread::scope(|scope| {
            for arguments in commands {
                let (learner, faulty) = (&learner, &faulty);
                scope.spawn(move || {
                    let (said, took) = run(learner, &faulty.host(), arguments);
                    // That it is there, and nothing that can be used, is an answer: doctor warns.
                    let looks = matches!(arguments, ["doctor", ..] | ["images", ..]);
                    let vague = matches!(fault, Fault::EmptyObject | Fault::WrongTypes);
                    let ends = matches!(said.code, 1 | 4) || (looks && vague && said.code == 0);
                    assert!(ends, "{fault:?}, {arguments:?}: {said:?}");
                    assert!(took < Duration::from_secs(45), "{fault:?}, {arguments:?}: {took:?}");
                    let text = said.out + &said.err;
                    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{fault:?}, {arguments:?}: {text:?}");
                });
            }
        });
    }
}

#[test]
fn events_told_twice_and_backwards_are_the_same_evidence() {
    let (learner, faulty) = begun("read-from-writer-2");
    faulty.set(Fault::EventsTwiceAndBackwards);
    let check =
        || -> Value { serde_json::from_str(&run(&learner, &faulty.host(), &["check", "--json"]).0.out).expect("JSON") };
    assert_eq!(check()["verdict"], "fail");
    learner.types("docker exec writer-2 cat /mnt/file.txt");
    assert_eq!(check()["verdict"], "pass");
    learner.types(r#"docker exec writer-2 sh -c "echo two_from_writer2 >> /mnt/file.txt""#);
    assert_eq!(check()["verdict"], "pass");
    assert_eq!(check()["verdict"], "fail", "what was read before is no evidence");
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{BROKEN, Duration, Value, begun, run};

    #[test]
    fn whatever_is_wrong_with_the_answers_a_check_ends_and_blames_nobody() {
        let steps = ["create-volume", "read-from-writer-2", "append-from-writer-2"];
        let tries: Vec<_> = BROKEN.iter().flat_map(|fault| steps.map(|step| (*fault, step))).collect();
        for some in tries.chunks(6) {
            std::thread::scope(|scope| {
                for (fault, step) in some {
                    scope.spawn(move || {
                        let (learner, faulty) = begun(step);
                        faulty.set(*fault);
                        let (said, took) = run(&learner, &faulty.host(), &["check", "--json"]);
                        assert_eq!(said.code, 4, "{fault:?} at {step}: {said:?}");
                        let report: Value = serde_json::from_str(&said.out).expect("JSON");
                        assert_eq!(report["verdict"], "cannot-check", "{fault:?} at {step}: {report}");
                        assert!(took < Duration::from_secs(20), "{fault:?} at {step}: {took:?}");
                        let fails = &learner.json(&["status"]).1["steps"];
                        assert!(
                            fails.as_array().is_some_and(|all| all.iter().all(|step| step["fails"] == 0)),
                            "{fails}"
                        );
                    });
                }
            });
        }
    }
}
