//! `network`: whether the engine reaches the registry of an image that has to be pulled.

use labrun_graders::Obstacle;

use super::pull_limit::is_limit;
use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Registry, Seen};
use labrun_docker::is_podman;

const BUNDLE: &str = "or bring the images: labrun images load FILE";

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    seen.told(&seen.info)?;
    let Some((image, said)) = seen.registry.first() else { return Ok(Finding::skip("nothing has to be pulled")) };
    if seen.version.as_ref().is_ok_and(is_podman) {
        return Ok(Finding::skip("Podman does not say; podman pull does"));
    }
    let words = match said {
        Ok(Registry::Has) => return Ok(Finding::ok(format!("the registry of {image} answers"))),
        Ok(Registry::Says(words)) => words,
        Err(reason) if reason.obstacle == Obstacle::Timeout => {
            let remedy = format!("see whether this network wants you to sign in, in a browser; {BUNDLE}");
            return Ok(Finding::fail(&reason.what, remedy).about(image));
        }
        Err(reason) => return Ok(Finding::unseen(reason)),
    };
    let has = |known: &[&str]| known.iter().any(|known| words.contains(known));
    let seen_as = |what: &str| format!("the engine can't reach the registry of {image}: {what}");
    let finding = if has(&["x509", "certificate", "tls: "]) {
        // Somebody between the engine and the registry answers in its place.
        let remedy = format!(
            "sign in to this network in a browser; where a proxy looks into TLS, give the engine its certificate; {BUNDLE}"
        );
        Finding::fail(seen_as("somebody else's certificate"), remedy)
    } else if has(&["proxyconnect", "proxy"]) {
        Finding::fail(seen_as("its proxy does not answer"), format!("correct the engine's proxy settings; {BUNDLE}"))
            .for_administrator()
    } else if has(&["no such host", "server misbehaving", "name resolution"]) {
        let remedy = format!("sign in to this network in a browser; behind a proxy, set the engine's; {BUNDLE}");
        Finding::fail(seen_as("no such host"), remedy)
    } else if has(&["unreachable", "timeout", "deadline", "connection refused", "connection reset", "no route", "EOF"])
    {
        let remedy = format!("see whether this machine is online; behind a proxy, set the engine's; {BUNDLE}");
        Finding::fail(seen_as("no connection"), remedy)
    } else if is_limit(words) {
        Finding::ok("the registry answers; see pull-limit")
    } else {
        Finding::ok(format!("the registry of {image} answers: {words}"))
    };
    Ok(if finding.remedy.is_some() { finding.about(image) } else { finding })
}
