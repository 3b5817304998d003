//! Examinations for tests, on recorded answers: those of a Docker and a Podman engine as they were given, and changed in
//! the one place that tells Docker Desktop, SELinux, WSL or snap from it.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "what fails in a test has to end it")]

pub(super) mod healthy;
pub(super) mod troubles;

use labrun_graders::{CannotLook, Obstacle};

use super::Report;
use super::finding::Word;
use super::seen::Registry;
use healthy::{healthy, needs, report};
use troubles::{SOCKET, START, TROUBLES, disk, no_engine, says};

/// A trouble: its title, how to see it, and what two examinations complain of, for `docker-volumes` and for a lab that
/// publishes a port and uses compose.
pub type Told = (&'static str, &'static str, [Report; 2]);

/// Every trouble, with the complaints about it alone.
#[must_use]
pub fn troubles() -> Vec<Told> {
    let (shipped, publishing) = needs();
    let told = |(title, how, trouble): &(&'static str, &'static str, troubles::Trouble)| {
        let reports = [&shipped, &publishing].map(|needs| {
            let mut seen = healthy(needs);
            trouble(&mut seen);
            let mut report = report(&seen, needs);
            report.checks.retain(|checked| matches!(checked.finding.word, Word::Warn | Word::Fail));
            report
        });
        (*title, *how, reports)
    };
    TROUBLES.iter().map(told).collect()
}

/// An examination of a healthy machine, whose image its registry has.
#[must_use]
pub fn well() -> Report {
    let (needs, _) = needs();
    let mut seen = healthy(&needs);
    says(&mut seen, "");
    seen.registry = vec![("busybox".to_owned(), Ok(Registry::Has))];
    report(&seen, &needs)
}

/// An examination of a full machine whose registry refuses, and one without an engine.
#[must_use]
pub fn full_and_dead() -> [Report; 2] {
    let (needs, _) = needs();
    let mut full = healthy(&needs);
    disk(&mut full, 700_000_000);
    says(&mut full, "toomanyrequests: You have reached your pull rate limit.");
    let mut dead = healthy(&needs);
    dead.version = Err(CannotLook::new(Obstacle::NoEngine, "", ""));
    no_engine(&mut dead, Obstacle::NoEngine, SOCKET, START);
    [full, dead].map(|seen| report(&seen, &needs))
}
