//! Something that was made for this step, and removed again.

use super::Traces;
use crate::name::NameKind;
use crate::verdict::Feedback;

/// The near miss of a container or volume that is not there: the engine reported its creation in this step, and then its
/// removal.
pub fn removed_again(kind: NameKind, name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let since = traces.facts.since;
    let is_of_it = |entry: &&crate::evidence::Entry| {
        let called = entry.attributes.get("name").map_or(entry.actor.as_str(), String::as_str);
        entry.kind == kind.word() && entry.at > since && called == name
    };
    let its = || traces.journal().into_iter().flat_map(|journal| &journal.entries).filter(is_of_it);
    let removed = its().rfind(|entry| entry.action == "destroy")?;
    its().find(|entry| entry.action == "create" && entry.at < removed.at)?;
    let sentence = "It was there for a while. Which of your commands removed it?";
    Some(Feedback::wrong(wants, format!("{name} was made, and removed again"), sentence).diagnosed("removed-again"))
}
