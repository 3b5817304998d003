//! Two learners of one name. A report is one learner's; where two reports have a name in common, and each has a session of
//! its own of the same lab, they may be two people, and joining them would hide one.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::line::Line;
use crate::report::model::SessionId;
use crate::report::read::{Found, Place};

/// What one report has under a name: where it was handed in, and its sessions by lab.
struct Part {
    places: Vec<Place>,
    sessions: BTreeSet<(Line, SessionId)>,
}

impl Part {
    fn labs(&self) -> BTreeSet<&Line> {
        self.sessions.iter().map(|(lab, _)| lab).collect()
    }
}

/// Gives each learner of a name that several have a name of its own, and says so, a sentence a name.
pub(super) fn tell_apart(all: &mut [(Line, Found)]) -> Vec<String> {
    let mut names: BTreeMap<Line, Vec<Part>> = BTreeMap::new();
    for (learner, found) in all.iter() {
        let part = Part {
            places: vec![found.place.clone()],
            sessions: BTreeSet::from([(found.run.lab.clone(), found.run.session)]),
        };
        join(names.entry(learner.clone()).or_default(), part);
    }
    names.retain(|_, parts| {
        parts
            .iter()
            .enumerate()
            .any(|(place, part)| parts[..place].iter().any(|other| !other.labs().is_disjoint(&part.labs())))
    });
    let taken: BTreeSet<Line> = all.iter().map(|(learner, _)| learner.clone()).collect();
    let mut notes = Vec::new();
    for (name, parts) in &names {
        let mut number = 1;
        let own: Vec<Line> = parts
            .iter()
            .enumerate()
            .map(|(place, _)| {
                loop {
                    if place == 0 {
                        break name.clone();
                    }
                    number += 1;
                    let own = Line::new(&format!("{name} ({number})"));
                    if !taken.contains(&own) {
                        break own;
                    }
                }
            })
            .collect();
        for (learner, found) in all.iter_mut().filter(|(learner, _)| learner == name) {
            let session = (found.run.lab.clone(), found.run.session);
            if let Some(place) = parts.iter().position(|part| part.sessions.contains(&session)) {
                *learner = own[place].clone();
            }
        }
        let kept: Vec<String> =
            own.iter().zip(parts).map(|(own, part)| format!("{own} ({})", part.places[0])).collect();
        notes.push(format!(
            "{name} is the name of several learners, or of one who began a lab again; they are kept apart: {}",
            kept.join(", ")
        ));
    }
    notes
}

/// Adds what a report has to the parts of its name: to those of the same report, or with the same session.
fn join(parts: &mut Vec<Part>, mut new: Part) {
    parts.retain_mut(|part| {
        let belongs =
            part.places.iter().any(|place| new.places.contains(place)) || !part.sessions.is_disjoint(&new.sessions);
        if belongs {
            part.places.append(&mut new.places);
            std::mem::swap(&mut part.places, &mut new.places);
            new.sessions.append(&mut part.sessions);
        }
        !belongs
    });
    parts.push(new);
}
