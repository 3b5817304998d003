//! A mount whose source and place stand in each other's place: `-v /data:app-data` for `-v app-data:/data`.

use super::Traces;
use super::spelling::is_slip;
use crate::fact::{Facts, Mount};
use crate::name::{Name, NameKind};
use crate::path::{clean, same_source};
use crate::verdict::Feedback;

/// What was to be mounted: a volume by its name, or a path of the host.
pub struct Wanted<'a> {
    /// Its name or path.
    pub source: &'a Name,
    /// Where a container was to see it.
    pub at: &'a str,
}

impl Wanted<'_> {
    /// Whether a mount that the engine made is the wanted one, the other way round.
    fn is_swapped_in(&self, mount: &Mount) -> bool {
        let place = clean(&mount.destination);
        mount.kind == "bind"
            && match self.source.kind {
                NameKind::Path => place == clean(&self.source.text) && same_source(&mount.source, self.at),
                // With a slash before the name, the engine takes both for paths.
                _ => place.trim_start_matches('/') == self.source.text && place != clean(self.at),
            }
    }

    /// The near miss of a container that the engine made with it.
    pub fn made(&self, expected: &str, mounts: &[Mount]) -> Option<Feedback> {
        let mount = mounts.iter().find(|mount| self.is_swapped_in(mount))?;
        Some(swapped(expected, &mount.source, &mount.destination))
    }

    /// The near miss of the newest line that was to make a container, `name` if it has to have one. The engine refuses a
    /// place that is no path from the root on, and reports nothing of it.
    pub fn typed(&self, name: Option<&str>, expected: &str, facts: &Facts) -> Option<Feedback> {
        let calls = Traces::of(facts).calls();
        let (line, call) = calls.iter().rfind(|(_, call)| call.makes_container())?;
        let is_other = call.name.as_deref().zip(name).is_some_and(|(given, wanted)| given != wanted);
        if line.exit_code == 0 || is_other || self.source.kind == NameKind::Path {
            return None;
        }
        let named = |target: &str| target == self.source.text || is_slip(target, &self.source.text);
        let words = call.mounts.iter().find(|it| it.is_refused() && it.source.starts_with('/') && named(&it.target))?;
        Some(swapped(expected, &words.source, &words.target))
    }
}

fn swapped(expected: &str, source: &str, place: &str) -> Feedback {
    let seen = format!("{source} was given as the source, {place} as the place in the container");
    let sentence = "A mount is given as what is mounted, then where the container sees it. Which is which here?";
    Feedback::wrong(expected, seen, sentence).diagnosed("fields-swapped")
}
