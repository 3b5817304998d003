//! Images that lost a tag of the lab's to a newer build: they have no name any more, and only events tell that they had one.

use std::collections::BTreeSet;

use labrun_graders::evidence::Entry;
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Fact};

use super::error::EngineError;
use super::session::Session;
use labrun_docker::{Engine, look, past_events};
use labrun_store::Store;

/// Returns the images that had one of the lab's names since the session began, have none now, and were not there before:
/// each with its id and that name.
///
/// # Errors
/// Why the engine does not answer, or the journal can't be read.
pub(super) async fn untagged(
    session: &Session,
    store: &Store,
    engine: &Engine,
) -> Result<Vec<(String, String)>, EngineError> {
    let names = session.loaded.lab.owns.names.iter().filter(|name| name.kind == NameKind::Image);
    let owned: BTreeSet<String> = names.map(|name| with_tag(&name.text)).collect();
    if owned.is_empty() {
        return Ok(Vec::new());
    }
    let begin = &session.row.begin;
    let mut had = tags(&store.tags(&begin.engine, begin.started)?, &owned);
    had.extend(tags(&past_events(engine, begin.started).await?, &owned));
    let baseline = session.baseline()?;
    let mut untagged = Vec::new();
    for (id, name) in had {
        if !baseline.has_image(&id) && is_untagged(&id, engine).await? {
            untagged.push((id, name));
        }
    }
    Ok(untagged)
}

/// Whether an image is there and has no name.
pub(super) async fn is_untagged(id: &str, engine: &Engine) -> Result<bool, CannotLook> {
    let seen = look(&Ask::Image(id.to_owned()), &Ok(engine.clone())).await;
    Ok(matches!(seen.transpose()?, Some(Fact::Image(image)) if image.tags.is_empty()))
}

/// The ids that were given one of these names, each once.
fn tags(events: &[Entry], owned: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let tags = events.iter().filter(|event| event.kind == "image" && event.action == "tag");
    let named = tags.filter_map(|event| Some((event.actor.clone(), with_tag(event.attributes.get("name")?))));
    named.filter(|(_, name)| owned.contains(name)).collect()
}

/// A name with its tag: `latest` where it says none.
fn with_tag(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_of_owned_names_count() {
        let event = |action: &str, id: &str, name: &str| Entry {
            kind: "image".to_owned(),
            action: action.to_owned(),
            actor: id.to_owned(),
            attributes: [("name".to_owned(), name.to_owned())].into_iter().collect(),
            ..Entry::default()
        };
        let owned = ["shop:latest", "host:5000/shop:latest", "web:1"].map(str::to_owned).into_iter().collect();
        let events = [
            event("tag", "sha256:1", "shop:latest"),
            event("tag", "sha256:2", "shop"),
            event("tag", "sha256:3", "host:5000/shop"),
            event("tag", "sha256:4", "web:2"),
            event("tag", "sha256:5", "myshop:latest"),
            event("untag", "sha256:6", "shop:latest"),
        ];
        let ids: Vec<_> = tags(&events, &owned).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["sha256:1", "sha256:2", "sha256:3"]);
    }
}
