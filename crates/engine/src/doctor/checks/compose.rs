//! `compose`: whether compose is here, where a lab needs it: at least as `docker-compose`, where its steps say that they take
//! it, and as `docker compose` where a solution just uses that.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

const REMEDY: &str = "install docker-compose-plugin (Debian's own: docker-compose)";

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    if !needs.ask_for_compose() {
        return Ok(Finding::skip("it is not needed"));
    }
    let compose = seen.compose.as_ref().map_err(Finding::unseen)?;
    let (labs, steps) = (needs.with_compose(), needs.passed_over_without_compose());
    let is_plugin = compose.as_ref().is_some_and(|compose| compose.is_plugin);
    Ok(match compose {
        _ if !is_plugin && !labs.is_empty() => {
            let what = format!("docker compose is no command here, and it is needed in {}", labs.join(", "));
            Finding::fail(what, REMEDY).for_administrator()
        }
        Some(compose) if is_plugin => Finding::ok(format!("compose {}", compose.version)),
        Some(compose) => Finding::ok(format!("docker-compose {}", compose.version)),
        None => {
            let what = format!("no docker compose here; passed over: {}", steps.join("; "));
            Finding::warn(what, REMEDY).for_administrator()
        }
    })
}
