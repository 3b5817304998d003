//! What may have come of a volume that is not there, or does not go.

use std::collections::BTreeMap;

use super::Traces;
use super::typed::refused_making;
use super::{COMPOSE_PROJECT, engine};
use crate::fact::{Ask, Facts, Nanos, Target, Volume, is_made_up_volume};
use crate::name::NameKind;
use crate::verdict::Feedback;

/// What tells of a volume that is not there.
pub fn asks(name: &str, facts: &Facts) -> Vec<Ask> {
    let target = Target { kind: NameKind::Volume, name: name.to_owned() };
    let mut asks = super::traces_asks(facts);
    asks.push(Ask::Sighted(target.clone()));
    // What was never there cannot have gone.
    if facts.sighted(&target).is_ok_and(|seen| seen.is_some()) {
        asks.extend([Ask::Journal, Ask::Lifetime(target)]);
    }
    asks
}

/// The near misses of a volume that is not there.
pub fn missing(name: &str, wants: &str, facts: &Facts) -> Vec<Feedback> {
    let traces = Traces::of(facts);
    let fits = [
        made_by_compose(name, wants, traces),
        traces.mistyped(NameKind::Volume, name, traces.new_volumes().map(|made| made.name.as_str()), wants),
        deleted_too(name, wants, traces),
        refused_making(NameKind::Volume, name, wants, traces),
        engine::another(wants, traces),
    ];
    fits.into_iter().flatten().collect()
}

fn made_by_compose(name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let made = traces.new_volumes().find(|volume| {
        volume.labels.contains_key(COMPOSE_PROJECT)
            && (volume.labels.get("com.docker.compose.volume").is_some_and(|key| key == name)
                || volume.name.ends_with(&format!("_{name}")))
    })?;
    let seen = format!("there is {}, made by compose", made.name);
    let sentence = "Compose puts the project in front of the names in its file. Who chose the full name?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("made-by-compose"))
}

/// A new volume with a made-up name and the wanted labels: containers make theirs without labels.
pub fn name_forgotten(
    has_labels: impl Fn(&BTreeMap<String, String>) -> bool,
    wants: &str,
    facts: &Facts,
) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let is_it = |volume: &&Volume| {
        let is_new = volume.created.is_some_and(|created| traces.is_of_this_step(created));
        is_new && is_made_up_volume(&volume.name) && has_labels(&volume.labels)
    };
    let made = traces.new_volumes().find(is_it)?;
    let seen = format!("there is a new volume {}…, whose name the engine made up", made.name.get(..12)?);
    let sentence = "Without a name the engine makes one up. How would you refer to it later?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("name-forgotten"))
}

fn deleted_too(name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let target = Target { kind: NameKind::Volume, name: name.to_owned() };
    let lifetime = traces.facts.lifetime(&target).ok().flatten()?;
    let went = |at: Nanos| at > traces.facts.since;
    if !lifetime.removed.is_some_and(went) {
        return None;
    }
    let journal = traces.journal()?;
    let gone = journal.entries.iter().any(|entry| {
        let name = entry.attributes.get("name").map(String::as_str).unwrap_or_default();
        entry.kind == "container" && entry.action == "destroy" && went(entry.at) && traces.works_in(name)
    });
    gone.then(|| {
        let sentence = "The containers were to go, the data was to stay. Which of your commands deleted the volume?\n\
                        What was in it is gone: the earlier steps make it anew.";
        let seen = format!("{name} was there, and went with the containers");
        Feedback::wrong(wants, seen, sentence).diagnosed("volume-deleted-too")
    })
}

/// The near miss of a volume that was to go and is still there.
pub fn in_use(name: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let everything = traces.facts.everything().ok().flatten()?;
    let holds = |mounts: &[crate::fact::Mount]| mounts.iter().any(|mount| mount.kind == "volume" && mount.name == name);
    let holder = everything.containers.iter().find(|container| holds(&container.mounts))?;
    let state = if holder.status == "running" { "running" } else { "stopped" };
    let seen = format!("the container {}, {state}, still holds it", holder.name);
    let sentence = "A volume goes only when no container refers to it. Does a stopped one still count?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("volume-in-use"))
}
