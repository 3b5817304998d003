//! `pull-limit`: whether the registry turns this address away for having pulled too much.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Registry, Seen};

/// Whether a registry says that the limit is reached: Docker Hub's word, with status 429.
pub(super) fn is_limit(words: &str) -> bool {
    words.contains("toomanyrequests") || words.contains("pull rate limit") || words.contains("429 Too Many Requests")
}

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    seen.told(&seen.info)?;
    let said = || seen.registry.iter().filter_map(|(image, said)| Some((image, said.as_ref().ok()?)));
    let limited = said().find(|(_, said)| matches!(said, Registry::Says(words) if is_limit(words)));
    if let Some((image, _)) = limited {
        let what =
            format!("the registry gives {image} out to this address no more: it has pulled too much (toomanyrequests)");
        return Ok(Finding::fail(what, "docker login, which raises the limit; or labrun images load FILE").about(image));
    }
    if seen.registry.is_empty() {
        return Ok(Finding::skip("nothing has to be pulled"));
    }
    Ok(if said().any(|(_, said)| *said == Registry::Has) {
        Finding::ok("the registry lets this address pull")
    } else {
        Finding::skip("the registry does not say; see network")
    })
}
