//! `architecture`: whether the images that are there run on the engine's processor.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let version = seen.told(&seen.version)?;
    let here = canonical(version.arch.as_deref().unwrap_or_default());
    let there =
        || seen.images.iter().filter_map(|(name, image)| Some((name, canonical(image.as_ref().ok()?.as_deref()?))));
    let other = there().find(|(_, of_image)| !of_image.is_empty() && !here.is_empty() && *of_image != here);
    let Some((name, of_image)) = other else {
        return Ok(match there().next() {
            Some(_) => Finding::ok(format!("engine and images are for {here}")),
            None => Finding::skip("no image is there to compare"),
        });
    };
    let what = format!("{name} is for {of_image}, and the engine for {here}");
    let remedy = format!("docker pull --platform linux/{here} {name}; or take an image for several architectures");
    // Docker Desktop brings an emulator.
    let emulates = seen.info.as_ref().is_ok_and(|(info, _)| info.operating_system.as_deref() == Some("Docker Desktop"));
    Ok(match emulates {
        true => Finding::warn(format!("{what}: it is emulated, and slow"), remedy),
        false => Finding::fail(what, remedy),
    }
    .about(name))
}

/// As Go calls it: `uname -m` has other words.
pub(in crate::doctor) fn canonical(architecture: &str) -> &str {
    match architecture {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv7l" | "armv6l" | "armhf" => "arm",
        other => other,
    }
}
