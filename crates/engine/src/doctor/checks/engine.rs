//! `engine`: whether an engine answers, which, and whether there is a `docker` command to talk to it.

use labrun_graders::Obstacle;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;
use labrun_docker::is_podman;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let Ok(endpoint) = &seen.endpoint else { return Ok(Finding::skip("it is not known where to look; see context")) };
    if let Err(reason) = &seen.ping {
        return Ok(match reason.obstacle {
            Obstacle::Denied => Finding::skip("it is not known whether one answers; see permission"),
            _ if !seen.others.is_empty() => Finding::fail(&reason.what, "turn to the other one; see context"),
            _ if seen.in_wsl() => Finding::fail(&reason.what, "let Docker Desktop's in; see wsl"),
            // Starting a service takes root; Docker Desktop and Colima are the user's.
            _ if reason.remedy.contains("sudo") => Finding::fail(&reason.what, &reason.remedy).for_administrator(),
            _ => Finding::fail(&reason.what, &reason.remedy),
        });
    }
    if let Some(reason) = seen.hanging() {
        let what = format!("it answers some requests and hangs in another one: {}", reason.what);
        return Ok(Finding::fail(what, &reason.remedy).for_administrator());
    }
    if let Ok(None) = seen.command {
        let what = "an engine answers, and there is no docker command to talk to it";
        return Ok(Finding::fail(what, "install docker-cli").for_administrator());
    }
    let version = seen.told(&seen.version)?;
    let product = if is_podman(version) { "Podman " } else { "" };
    Ok(match version.version.as_deref().filter(|number| !number.is_empty()) {
        Some(number) => Finding::ok(format!("{product}{number} via {}", endpoint.describe())),
        None => Finding::warn(
            format!("something answers via {}, and does not say what it is", endpoint.describe()),
            "see whether that is an engine: docker version",
        ),
    })
}
