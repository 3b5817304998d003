//! `engine-faults`: whether this version of the engine has a fault that a room meets.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;
use labrun_docker::is_podman;

/// From so many running containers on, an engine has a room on it, or something that is as busy as one.
const MANY: i64 = 32;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    let version = seen.told(&seen.version)?;
    let number = version.version.as_deref().unwrap_or_default();
    if is_podman(version) || !number.starts_with("20.10.") {
        return Ok(Finding::ok("none is known of this version"));
    }
    let running = seen.info.as_ref().ok().and_then(|(info, _)| info.containers_running).unwrap_or_default();
    let room = match (needs.learners, running) {
        (2.., _) => format!("{} learners are at work on it", needs.learners),
        (_, MANY..) => format!("{running} containers run on it"),
        _ => {
            let what = format!("Docker {number} does for one learner; for a room on one engine, use a newer version");
            return Ok(Finding::ok(what));
        }
    };
    let what = format!(
        "Docker {number} can lock up its network part when many containers leave one bridge at once, and {room}; \
         /info and /networks then hang until the engine is restarted"
    );
    Ok(Finding::warn(what, "upgrade the engine before the workshop, or give each learner a machine")
        .for_administrator())
}
