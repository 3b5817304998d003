//! The checks: a new one is a file here and a line in [`CHECKS`].

mod address_pools;
mod api;
mod architecture;
mod bind_mounts;
mod clock;
mod compose;
mod context;
mod disk;
mod engine;
mod engine_faults;
mod helpers;
mod images;
mod names;
mod network;
mod permission;
mod podman;
mod ports;
mod progress;
mod pull_limit;
mod rootless;
mod wsl;

use super::finding::Judged;
use super::needs::Needs;
use super::seen::Seen;
pub(super) use architecture::canonical;
pub(super) use disk::LITTLE;

/// One check.
pub struct Check {
    /// Its name, which is never changed.
    pub id: &'static str,
    /// The judgement, on what was seen.
    pub judge: fn(&Seen, &Needs) -> Judged,
    /// Whether it is also made, in passing, when a lab begins.
    pub in_passing: bool,
    /// Whether an engine that hangs in some requests leaves nothing to judge.
    pub asks_engine: bool,
}

const fn check(id: &'static str, judge: fn(&Seen, &Needs) -> Judged) -> Check {
    Check { id, judge, in_passing: false, asks_engine: true }
}

const fn in_passing(id: &'static str, judge: fn(&Seen, &Needs) -> Judged) -> Check {
    Check { id, judge, in_passing: true, asks_engine: true }
}

/// A check of what this machine, or the head of an answer, says.
const fn here(check: Check) -> Check {
    Check { asks_engine: false, ..check }
}

/// Every check, in the order in which they are told: the engine, what the labs need of it, what is around it.
pub const CHECKS: &[Check] = &[
    here(check("context", context::judge)),
    here(check("engine", engine::judge)),
    here(check("permission", permission::judge)),
    here(check("wsl", wsl::judge)),
    in_passing("api", api::judge),
    check("engine-faults", engine_faults::judge),
    in_passing("podman", podman::judge),
    in_passing("rootless", rootless::judge),
    check("images", images::judge),
    check("pull-limit", pull_limit::judge),
    check("network", network::judge),
    in_passing("architecture", architecture::judge),
    check("names", names::judge),
    in_passing("bind-mounts", bind_mounts::judge),
    check("helpers", helpers::judge),
    in_passing("disk", disk::judge),
    check("address-pools", address_pools::judge),
    in_passing("clock", clock::judge),
    check("ports", ports::judge),
    here(check("compose", compose::judge)),
    here(check("progress", progress::judge)),
];
