//! `wsl`: in WSL 2, Docker Desktop's engine is there only where its integration is switched on.

use labrun_graders::Obstacle;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;
use labrun_docker::Transport;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    if !seen.in_wsl() {
        return Ok(Finding::skip("this is not WSL"));
    }
    let by_socket = seen.endpoint.as_ref().is_ok_and(|endpoint| matches!(endpoint.transport, Transport::Unix(_)));
    let absent = seen.ping.as_ref().err().is_some_and(|reason| reason.obstacle == Obstacle::NoEngine);
    if by_socket && absent {
        let remedy = "Docker Desktop, Settings, Resources, WSL integration: switch it on for this distribution";
        return Ok(Finding::fail("this is WSL, and no engine is let into it", remedy));
    }
    seen.told(&seen.version)?;
    Ok(Finding::ok("this is WSL, and an engine answers in it"))
}
