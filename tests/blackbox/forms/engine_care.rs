//! An engine that has locked up: Docker 20.10 can, when many containers leave one bridge at once.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::say;

/// How the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Fine,
    /// It did not, and does now: its containers have ended.
    Revived,
    /// It does not answer.
    Lost,
}

/// How often the engine was brought back in this run, by whoever did: each time, its process is noted.
pub fn generation() -> u64 {
    static KNOWN: Mutex<Option<(String, u64)>> = Mutex::new(None);
    let path = std::env::var("ENGINE_PID").unwrap_or_else(|_| "/var/run/labrun-dockerd.pid".to_owned());
    let now = std::fs::read_to_string(path).unwrap_or_default();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let count = match known.as_ref() {
        Some((before, count)) if *before == now => *count,
        Some((_, count)) => count + 1,
        None => 0,
    };
    *known = Some((now, count));
    count
}

/// Sees whether the engine runs containers, and brings it back where it does not. `since` is the generation of the engine
/// that made trouble.
pub fn revive(since: u64) -> Health {
    if generation() != since {
        return Health::Revived;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/engine.sh");
    let output = Command::new("sh").args([script, "revive"]).output().expect("the script runs");
    let health = match output.status.code() {
        _ if generation() != since => Health::Revived,
        Some(0) => Health::Fine,
        Some(3) => Health::Revived,
        _ => Health::Lost,
    };
    if health != Health::Fine {
        say(String::from_utf8_lossy(&output.stderr).trim());
    }
    health
}
