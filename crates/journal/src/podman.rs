//! What Podman's events have that Docker's have not.

use labrun_graders::evidence::Entry;

/// Whether Podman tells of this: each time with a pod.
#[must_use]
pub fn is_its(entry: &Entry) -> bool {
    entry.attributes.contains_key("podId")
}

/// Whether it was a command in a container, and not told which.
#[must_use]
pub fn is_unnamed(entry: &Entry) -> bool {
    entry.action == "exec_start" && is_its(entry) && !entry.attributes.contains_key("execID")
}
