//! `permission`: whether we may use the engine's socket; if not, whether a new login is all that it takes.

use labrun_graders::Obstacle;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let reason = match &seen.ping {
        Ok(_) => return Ok(Finding::ok("you may use it")),
        Err(reason) if reason.obstacle == Obstacle::Denied => reason,
        Err(_) => return Ok(Finding::skip("no engine answers")),
    };
    let what = &reason.what;
    let Some(access) = &seen.access else { return Ok(Finding::fail(what, &reason.remedy).for_administrator()) };
    let group = &access.group;
    if access.member && !access.in_effect {
        let what = format!("{what}: you are in the group {group}, and this login is older than that");
        return Ok(Finding::fail(what, format!("log out and in again; or for this terminal alone: newgrp {group}")));
    }
    if access.lets_group && group != "root" && !access.member {
        let remedy = format!(
            "sudo usermod -aG {group} {}, then log in again; or run labrun as you run docker: with sudo",
            access.user
        );
        return Ok(Finding::fail(what, remedy).for_administrator());
    }
    Ok(Finding::fail(what, "run labrun as you run docker: with sudo").for_administrator())
}
