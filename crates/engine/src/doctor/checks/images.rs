//! `images`: whether the images that the labs need are on the engine.

use super::pull_limit::is_limit;
use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Registry, Seen};

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    seen.told(&seen.info)?;
    if seen.images.is_empty() {
        return Ok(Finding::skip("none is needed"));
    }
    if let Some(reason) = seen.images.iter().find_map(|(_, image)| image.as_ref().err()) {
        return Ok(Finding::unseen(reason));
    }
    let names = |there: bool| -> Vec<&str> {
        let such = seen.images.iter().filter(|(_, image)| matches!(image, Ok(Some(_))) == there);
        such.map(|(name, _)| name.as_str()).collect()
    };
    let missing = names(false);
    let Some(first) = missing.first() else {
        return Ok(Finding::ok(format!("{} on the engine", is_or_are(&names(true)))));
    };
    let unknown = seen.registry.iter().find(|(_, said)| matches!(said, Ok(Registry::Says(words)) if is_unknown(words)));
    let remedy = match unknown {
        Some((image, _)) => {
            format!("the registry does not give {image} out: see whether its name is right, or build it")
        }
        None => {
            let pull = missing.iter().map(|image| format!("docker pull {image}")).collect::<Vec<_>>().join("; ");
            let said = |wanted: fn(&str) -> bool| {
                seen.registry.iter().any(|(_, said)| matches!(said, Ok(Registry::Says(words)) if wanted(words)))
            };
            let stands_between = match seen.registry.iter().all(|(_, said)| matches!(said, Ok(Registry::Has))) {
                true => "",
                false if said(is_limit) => "see pull-limit, then: ",
                false => "see network, then: ",
            };
            format!("{stands_between}{pull}")
        }
    };
    Ok(Finding::fail(format!("{} not on the engine", is_or_are(&missing)), remedy).about(*first))
}

/// What a registry says of an image that it does not have, or not for everybody.
fn is_unknown(words: &str) -> bool {
    ["manifest unknown", "not found", "denied", "unauthorized"].iter().any(|known| words.contains(known))
}

fn is_or_are(names: &[&str]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}
