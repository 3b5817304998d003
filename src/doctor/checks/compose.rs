//! `compose`: whether `docker compose` is there, where a lab needs it.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    let labs = needs.with_compose();
    if labs.is_empty() {
        return Ok(Finding::skip("it is not needed"));
    }
    Ok(match &seen.compose {
        Ok(Some(version)) => Finding::ok(format!("compose {version}")),
        Ok(None) => {
            let what = format!("docker compose is no command here, and it is needed in {}", labs.join(", "));
            Finding::fail(what, "install docker-compose-plugin (Debian's own: docker-compose)").for_administrator()
        }
        Err(reason) => Finding::unseen(reason),
    })
}
