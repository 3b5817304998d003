//! An event of the engine as an entry of the journal, in Docker's words.

use bollard::models::EventMessage;
use labrun_graders::evidence::{Entry, OWN_LABEL, own_mark};
use labrun_journal::podman::is_its;

/// The attributes that are kept; the labels of containers and images may be large.
const KEPT_ATTRIBUTES: [&str; 10] =
    [OWN_LABEL, "command", "container", "destination", "execID", "exitCode", "image", "name", "oldName", "podId"];

/// The longest attribute that is kept, in bytes.
const MAX_ATTRIBUTE: usize = 4 * 1024;

/// The first part of a text.
pub(super) fn short(text: &str) -> &str {
    let mut end = text.len().min(MAX_ATTRIBUTE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// An event as an entry. The engine appends the command to the action of an exec: `exec_start: cat /x`.
pub(super) fn entry(event: EventMessage) -> Option<Entry> {
    let actor = event.actor?;
    let mut attributes: std::collections::BTreeMap<String, String> =
        actor.attributes.unwrap_or_default().into_iter().collect();
    let action = event.action?;
    let action = match action.split_once(": ") {
        Some((name, command)) if name.starts_with("exec_") => {
            attributes.insert("command".to_owned(), command.trim_end().to_owned());
            name.to_owned()
        }
        _ => action,
    };
    attributes.retain(|key, value| {
        value.truncate(short(value).len());
        KEPT_ATTRIBUTES.contains(&key.as_str())
    });
    let (at, kind) = (event.time_nano?, event.typ?.to_string());
    Some(in_dockers_words(Entry { at, kind, action, actor: actor.id?, attributes, detail: None }))
}

/// Gives an event of Podman the names that Docker gives it.
fn in_dockers_words(mut entry: Entry) -> Entry {
    if !is_its(&entry) {
        return entry;
    }
    // It reports no labels.
    if let Some(mark) = entry.attributes.get("name").and_then(|name| own_mark(name)).map(str::to_owned) {
        entry.attributes.insert(OWN_LABEL.to_owned(), mark);
    }
    let action = match entry.action.as_str() {
        "exec" => "exec_start",
        "exec_died" => "exec_die",
        "remove" => "destroy",
        _ => return named(entry),
    };
    action.clone_into(&mut entry.action);
    named(entry)
}

/// A volume has a name there and no id.
fn named(mut entry: Entry) -> Entry {
    if entry.actor.is_empty() {
        entry.actor = entry.attributes.get("name").cloned().unwrap_or_default();
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(short(&"ß".repeat(5_000)).len(), 4_096);
        assert_eq!(short(&format!("x{}", "ß".repeat(5_000))).len(), 4_095);
        assert_eq!(short("whole"), "whole");
    }
}
