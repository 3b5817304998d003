//! Joining what many handed in.

mod namesakes;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::line::Line;
use super::model::{Report, Run, SessionId};
use super::read::Found;
use super::receipt::Receipt;
use labrun_lab::{catalogue, load};

/// A class's report, and what is odd about it.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The report.
    pub report: Report,
    /// What is worth a look, a sentence each.
    pub notes: Vec<String>,
}

/// Joins sessions, of one lab if it is named: what was handed in twice counts once, the newest of it.
#[must_use]
pub fn merge(found: Vec<Found>, lab: Option<&str>, made: Timestamp) -> Merged {
    let titles = Titles::of(&found);
    let mut groups: BTreeMap<(Line, SessionId), Vec<Found>> = BTreeMap::new();
    // In the order in which they were handed in, so that those without a name are numbered as they came.
    let mut order = Vec::new();
    for mut found in found.into_iter().filter(|found| lab.is_none_or(|lab| found.run.lab.as_str() == lab)) {
        if let Some(steps) = found.receipt {
            titles.give(&mut found.run, steps);
        }
        let key = (found.run.lab.clone(), found.run.session);
        let group = groups.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(found);
    }
    let (mut notes, mut unnamed, mut all) = (Vec::new(), 0, Vec::new());
    for key in &order {
        let group = groups.remove(key).unwrap_or_default();
        notes.extend(same_without_name(key, &group));
        all.extend(named(group, &mut unnamed));
    }
    notes.extend(namesakes::tell_apart(&mut all));
    let mut newest: BTreeMap<(Line, SessionId, Line), Found> = BTreeMap::new();
    for (learner, found) in all {
        // Of two that are equally new, a report knows more than a receipt.
        let rank = |found: &Found| (found.run.last, found.receipt.is_none());
        let key = (found.run.lab.clone(), found.run.session, learner);
        if newest.get(&key).is_none_or(|known| rank(known) < rank(&found)) {
            newest.insert(key, found);
        }
    }
    for (lab, session) in &order {
        let handed_in = newest.iter().filter(|((its_lab, its_session, _), _)| (its_lab, its_session) == (lab, session));
        let names: Vec<String> =
            handed_in.map(|((.., learner), found)| format!("{learner} ({})", found.place)).collect();
        if names.len() > 1 {
            let (session, names) = (String::from(*session), names.join(" and as "));
            notes.push(format!("session {session} of {lab} was handed in as {names}: one may be a copy"));
        }
    }
    let mut runs: Vec<Run> =
        newest.into_iter().map(|((.., learner), found)| Run { learner: Some(learner), ..found.run }).collect();
    runs.sort_by(|one, other| (&one.learner, &one.lab, one.started).cmp(&(&other.learner, &other.lab, other.started)));
    Merged { report: Report { made, class: true, runs }, notes }
}

/// A note where one session came without a name in several files.
fn same_without_name((lab, session): &(Line, SessionId), group: &[Found]) -> Option<String> {
    let files: BTreeSet<&Line> = group.iter().filter_map(|found| found.fallback.as_ref()).collect();
    let places: BTreeSet<String> = group.iter().map(|found| found.place.source.to_string()).collect();
    let is_named = group.iter().any(|found| found.run.learner.is_some());
    (files.len() > 1 && places.len() > 1 && !is_named).then(|| {
        let (session, places) = (String::from(*session), places.into_iter().collect::<Vec<_>>().join(" and in "));
        format!(
            "session {session} of {lab} was handed in without a name in {places}: one may be a copy; it counts once"
        )
    })
}

/// The same session, with its learners' names. One that was handed in without is the one's who handed it in with a name;
/// where nobody did, it is called what its file is, or numbered.
fn named(mut group: Vec<Found>, unnamed: &mut usize) -> impl Iterator<Item = (Line, Found)> {
    if group.iter().any(|found| found.run.learner.is_some()) {
        group.retain(|found| found.run.learner.is_some());
    }
    let fallback = group.iter().find_map(|found| found.fallback.clone());
    let is_unnamed = group.iter().any(|found| found.run.learner.is_none());
    let fallback = fallback.unwrap_or_else(|| {
        *unnamed += usize::from(is_unnamed);
        Line::new(&format!("unnamed {unnamed}"))
    });
    group.into_iter().map(move |found| (found.run.learner.clone().unwrap_or_else(|| fallback.clone()), found))
}

/// What a receipt does not carry: the titles and ids of labs, from the reports beside it and from the labs that ship. By
/// the lab's id and the fingerprint of its steps.
struct Titles(BTreeMap<(Line, u32), Titled>);

/// A lab's title, and its steps' ids and titles.
type Titled = (Line, Vec<(Line, Line)>);

impl Titles {
    fn of(found: &[Found]) -> Self {
        let mut titles = BTreeMap::new();
        let wanted: BTreeSet<&Line> =
            found.iter().filter(|found| found.receipt.is_some()).map(|found| &found.run.lab).collect();
        for track in catalogue().unwrap_or_default() {
            for lab in track.labs.iter().filter(|lab| wanted.contains(&Line::new(lab))) {
                // A name that a stranger gave is looked up among ours, and is never a path.
                let Ok(loaded) = load(&format!("{}/{lab}", track.id), None) else { continue };
                let steps = loaded.lab.steps.iter().map(|step| (Line::new(&step.id), Line::new(&step.title.text)));
                let steps: Vec<_> = steps.collect();
                let ids: Vec<&str> = steps.iter().map(|(id, _)| id.as_str()).collect();
                let key = (Line::new(lab), super::model::fingerprint(&ids) >> 8);
                titles.insert(key, (Line::new(&loaded.lab.title), steps));
            }
        }
        for Found { run, .. } in found.iter().filter(|found| found.receipt.is_none()) {
            if wanted.contains(&run.lab) {
                let steps = || run.steps.iter().map(|step| (step.step.clone(), step.title.clone())).collect();
                let key = (run.lab.clone(), Receipt::fingerprint(run));
                titles.entry(key).or_insert_with(|| (run.title.clone(), steps()));
            }
        }
        Self(titles)
    }

    fn give(&self, run: &mut Run, steps: u32) {
        let Some((title, steps)) = self.0.get(&(run.lab.clone(), steps)) else { return };
        run.title = title.clone();
        for (step, (id, title)) in run.steps.iter_mut().zip(steps) {
            (step.step, step.title) = (id.clone(), title.clone());
        }
    }
}
