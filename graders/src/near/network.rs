//! What may have come of a network that is not there.

use super::{COMPOSE_PROJECT, Traces};
use crate::fact::{Ask, Facts, Network};
use crate::name::NameKind;
use crate::verdict::Feedback;

/// What tells of a network that is not there.
pub fn asks(facts: &Facts) -> Vec<Ask> {
    let mut asks = super::traces_asks(facts);
    asks.push(Ask::Networks);
    asks
}

/// The near misses of a network that is not there.
pub fn missing(name: &str, wants: &str, facts: &Facts) -> Vec<Feedback> {
    let traces = Traces::of(facts);
    let fits = [
        made_by_compose(name, wants, traces),
        traces.mistyped(NameKind::Network, name, traces.new_networks().map(|made| made.name.as_str()), wants),
    ];
    fits.into_iter().flatten().collect()
}

fn made_by_compose(name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let is_it = |network: &&Network| {
        network.labels.contains_key(COMPOSE_PROJECT)
            && (network.labels.get("com.docker.compose.network").is_some_and(|key| key == name)
                || network.name.ends_with(&format!("_{name}")))
    };
    let made = traces.new_networks().find(is_it)?;
    let seen = format!("there is {}, made by compose", made.name);
    let sentence = "Compose puts the project in front of the names in its file. Who chose the full name?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("made-by-compose"))
}
