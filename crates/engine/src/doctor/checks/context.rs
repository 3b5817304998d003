//! `context`: which engine `docker` talks to; where it does not answer, whether another context's does.

use labrun_graders::Obstacle;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;
use labrun_docker::{ChosenBy, Endpoint};

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let endpoint = match &seen.endpoint {
        Ok(endpoint) => endpoint,
        Err((what, remedy)) => return Ok(Finding::fail(what, remedy)),
    };
    let name = endpoint.describe();
    let refused = seen.ping.as_ref().err().is_some_and(|reason| reason.obstacle == Obstacle::Denied);
    if let Some(other) = seen.others.first().filter(|_| !refused) {
        let what = format!("no engine answers at {name}, and one does in context {}", seen.others.join(", "));
        return Ok(Finding::fail(what, turn(endpoint, other)));
    }
    if let Some(warning) = endpoint.warnings.first() {
        return Ok(Finding::warn(warning.trim_end_matches('.').to_owned(), "docker context ls shows what is in use"));
    }
    Ok(Finding::ok(name))
}

/// How to turn to another context, from what has decided now.
fn turn(endpoint: &Endpoint, other: &str) -> String {
    match endpoint.chosen_by {
        ChosenBy::ContextFlag | ChosenBy::HostFlag => format!("--context {other}, instead of {}", endpoint.chosen_by),
        ChosenBy::DockerHost | ChosenBy::DockerContext => {
            format!("unset {}; docker context use {other}", endpoint.chosen_by)
        }
        ChosenBy::ConfigFile | ChosenBy::Default => format!("docker context use {other}"),
    }
}
