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

/// Sees whether the engine answers, and brings it back where it does not.
pub fn revive() -> Health {
    // One at a time: who comes second finds it well.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/engine.sh");
    let output = Command::new("sh").args([script, "revive"]).output().expect("the script runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let health = match output.status.code() {
        Some(0) => Health::Fine,
        Some(3) => Health::Revived,
        _ => Health::Lost,
    };
    if health != Health::Fine {
        say(said.trim());
    }
    health
}
