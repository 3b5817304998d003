//! What a lab touched without owning it: known when nobody else uses the engine.

use std::collections::HashSet;

use labrun_graders::evidence::Entry;

use crate::error::EngineError;
use crate::session::Session;
use labrun_docker::{Engine, Snapshot};
use labrun_store::Store;

/// What has changed on the engine and is not the lab's: objects that came or went, and old ones that were acted on.
///
/// # Errors
/// When the engine stops answering, or the journal can't be read.
pub(super) async fn foreign(
    store: &Store,
    session: &Session,
    baseline: &Snapshot,
    engine: &Engine,
) -> Result<Vec<String>, EngineError> {
    let row = &session.row;
    let journal = store.journal(row.id, &row.begin.engine, row.begin.started, row.begin.started)?;
    let owned: HashSet<&str> = session.loaded.lab.owns.names.iter().map(|name| name.text.as_str()).collect();
    let now = engine.snapshot().await?;
    let mut touched: Vec<String> = Vec::new();
    for (kind, ids) in &now.objects {
        let before = baseline.objects.get(kind);
        for (name, id) in ids {
            let same = before.and_then(|before| before.get(name)).is_some_and(|known| known == id || kind == "volume");
            if !same && !owned.contains(name.as_str()) {
                touched.push(format!("{kind} {name}"));
            }
        }
    }
    for (kind, ids) in &baseline.objects {
        let gone = ids.keys().filter(|name| !now.objects.get(kind).is_some_and(|now| now.contains_key(*name)));
        touched.extend(gone.map(|name| format!("{kind} {name}")));
    }
    touched.extend(journal.entries.iter().filter_map(|entry| acted_on(entry, baseline)));
    touched.sort();
    touched.dedup();
    Ok(touched)
}

/// An object of the baseline that an event says was changed.
fn acted_on(entry: &Entry, baseline: &Snapshot) -> Option<String> {
    const CHANGES: [&str; 12] =
        ["start", "stop", "kill", "die", "pause", "unpause", "restart", "rename", "update", "destroy", "tag", "untag"];
    if !CHANGES.contains(&entry.action.as_str()) {
        return None;
    }
    let (name, id) = match entry.kind.as_str() {
        "volume" => (&entry.actor, None),
        _ => (entry.attributes.get("name")?, Some(&entry.actor)),
    };
    let known = baseline.objects.get(&entry.kind)?.get(name)?;
    id.is_none_or(|id| id == known).then(|| format!("{} {name}", entry.kind))
}
