//! A store for tests: in memory, with one session in it.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "what fails in a test has to end it")]

use labrun_graders::Nanos;

use super::{NewSession, Store};

/// The engine of its session.
pub const ENGINE: &str = "engine";

/// A store, and the session that began in it at this moment.
#[must_use]
pub fn with_session(started: Nanos) -> (Store, i64) {
    let mut store = Store::in_memory().expect("a store");
    let new = NewSession {
        lab: "lab".to_owned(),
        address: "track/lab".to_owned(),
        hash: String::new(),
        learner: None,
        engine: ENGINE.to_owned(),
        endpoint: "unix:///var/run/docker.sock".to_owned(),
        skew: 0,
        started,
        baseline: "{}".to_owned(),
        anchor: None,
    };
    let session = store.begin(new).expect("a session").id;
    (store, session)
}
