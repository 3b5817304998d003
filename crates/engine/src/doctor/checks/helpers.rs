//! `helpers`: containers with labrun's label that labrun does not remove.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let helpers = seen.told(&seen.helpers)?;
    let (what, remedy) = match helpers.as_slice() {
        [] => return Ok(Finding::ok("no helper container of labrun is left over")),
        [one] => (
            format!("container {one} carries labrun's label; labrun did not make it, or it runs, so labrun keeps it"),
            format!("if you don't need it: docker rm {one}"),
        ),
        several => (
            format!(
                "containers {} carry labrun's label; labrun did not make them, or they run, so labrun keeps them",
                several.join(", ")
            ),
            format!("if you don't need them: docker rm {}", several.join(" ")),
        ),
    };
    Ok(Finding::warn(what, remedy))
}
