//! `podman`: whether Podman answers as Docker, and which steps it then leaves without proof.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::{LabNeeds, Needs};
use crate::doctor::seen::Seen;
use labrun_docker::is_podman;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    let version = seen.told(&seen.version)?;
    if !is_podman(version) {
        return Ok(Finding::skip("it is not Podman"));
    }
    let affected: Vec<&LabNeeds> = needs.labs.iter().filter(|lab| !lab.proved_by_events.is_empty()).collect();
    let list = match affected.as_slice() {
        [] => return Ok(Finding::ok("Podman answers; every step can be graded by what is there")),
        [lab] if needs.labs.len() == 1 => format!("steps {}", numbers(lab)),
        labs => labs.iter().map(|lab| format!("{} {}", lab.id, numbers(lab))).collect::<Vec<_>>().join("; "),
    };
    let what = format!(
        "Podman answers, and tells for five minutes what was run in a container, and not in which order; what only that \
         proves may stay unclear: {list}"
    );
    Ok(Finding::warn(what, "check after each command, or run it again; or answer instead: labrun answer"))
}

fn numbers(lab: &LabNeeds) -> String {
    lab.proved_by_events.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
