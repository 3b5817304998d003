//! What the stream of events makes of look-ups that fail.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use labrun_graders::Nanos;
use labrun_graders::evidence::Entry;

use super::Keeper;
use super::state::Following;
use crate::testing::{engine, wait};
use labrun_journal::{Concern, Share};

const ID: &str = "c0ffee";

/// A container whose health check is `cat /x`.
const CONTAINER: &[u8] =
    br#"{"Id": "c0ffee", "Name": "/app", "Config": {"Healthcheck": {"Test": ["CMD", "cat", "/x"]}}}"#;

/// A command in it, as the engine describes it.
const EXEC: &str = r#"{"ID": "e1", "Running": false, "ExitCode": CODE, "OpenStdout": true, "OpenStderr": true,
    "ProcessConfig": {"entrypoint": "cat", "arguments": ["/x"]}}"#;

/// Keeps what it is given, for a lab with a container called "app".
struct Kept {
    concern: Concern,
    starts: Vec<(Entry, Share)>,
}

impl Keeper for Kept {
    fn heard(&mut self, _: Nanos) {}

    fn concern(&mut self) -> Option<&mut Concern> {
        Some(&mut self.concern)
    }

    fn keep(&mut self, entry: Entry, share: Share) {
        if entry.action == "exec_start" {
            self.starts.retain(|(earlier, _)| earlier.at != entry.at);
            self.starts.push((entry, share));
        }
    }

    fn waiting(&mut self, _: usize, _: Option<Nanos>) {}
}

/// A command in the container, created at this time and started a moment later.
fn exec(id: &str, at: Nanos, start_after: Nanos) -> [Entry; 2] {
    let attributes = [("name", "app"), ("execID", id), ("command", "cat /x")];
    let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let (kind, actor) = ("container".to_owned(), ID.to_owned());
    let created = Entry { at, kind, actor, action: "exec_create".to_owned(), attributes, ..Entry::default() };
    let started = Entry { at: at + start_after, action: "exec_start".to_owned(), ..created.clone() };
    [created, started]
}

#[test]
fn after_a_failed_look_at_a_container_its_health_check_still_counts_for_nobody() {
    let asked = AtomicUsize::new(0);
    // The first look at the container fails, as on an engine that is busy.
    let engine = engine(move |_, path| {
        let is_first =
            path.ends_with("/json") && path.contains("/containers/") && asked.fetch_add(1, Ordering::Relaxed) == 0;
        let is_known = path.contains("/containers/") && !is_first;
        is_known.then(|| (format!("Content-Length: {}\r\n", CONTAINER.len()), vec![CONTAINER.to_vec()]))
    });
    let own = ["app".to_owned()];
    let mut kept = Kept { concern: Concern::new(None, &own, []), starts: Vec::new() };
    let known = RefCell::new(HashSet::new());
    let mut following = Following::new(&engine, &known, 0);
    wait(async {
        for entry in
            [exec("e1", 1_000_000, 50_000), exec("e2", 2_000_000, 50_000), exec("e3", 3_000_000, 400_000)].concat()
        {
            following.take(entry, &mut kept);
            while let Some(looked) = following.lookups.next().await {
                following.looked_up(looked, &mut kept);
            }
        }
    });
    let starts: Vec<_> = kept
        .starts
        .iter()
        .map(|(entry, share)| {
            let is_perhaps_a_check = entry.detail.as_ref().is_some_and(|detail| detail.health_check);
            (entry.attributes["execID"].as_str(), *share, is_perhaps_a_check)
        })
        .collect();
    assert_eq!(
        starts,
        [("e1", Share::Stranger, true), ("e3", Share::Stranger, true)],
        "the second was seen to be the engine's"
    );
}

#[test]
fn a_command_that_fails_to_start_after_the_first_look_is_looked_at_again() {
    let asked = AtomicUsize::new(0);
    // The engine has not tried yet when it is asked first.
    let engine = engine(move |_, path| {
        let body = match path.contains("/exec/") {
            true if asked.fetch_add(1, Ordering::Relaxed) == 0 => EXEC.replace("CODE", "null"),
            true => EXEC.replace("CODE", "126"),
            false => String::from_utf8_lossy(CONTAINER).replace("cat", "ls"),
        };
        Some((format!("Content-Length: {}\r\n", body.len()), vec![body.into_bytes()]))
    });
    let own = ["app".to_owned()];
    let mut kept = Kept { concern: Concern::new(None, &own, []), starts: Vec::new() };
    let known = RefCell::new(HashSet::new());
    let mut following = Following::new(&engine, &known, 0);
    wait(async {
        for entry in exec("e1", 1_000_000, 400_000) {
            following.take(entry, &mut kept);
            while let Some(looked) = following.lookups.next().await {
                following.looked_up(looked, &mut kept);
            }
        }
        let code = |kept: &Kept| kept.starts.first().and_then(|(entry, _)| entry.detail.clone()?.exit_code);
        assert_eq!(code(&kept), None);
        let looked = following.later.next().await.expect("a second look");
        following.looked_up(looked, &mut kept);
        assert_eq!(code(&kept), Some(126));
        assert!(following.later.is_empty(), "it is not looked at a third time");
    });
}
