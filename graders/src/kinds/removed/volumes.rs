//! `with_volumes`: a container's anonymous volumes were removed together with it.

use super::Removed;
use crate::evidence::{self, Journal};
use crate::fact::{Ask, Fact, Facts, Nanos};
use crate::grader::Grader;
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle, Pass};

/// The names of the volumes that must be gone, for asking whether they are.
pub(super) fn asks(wanted: &Removed, facts: &Facts) -> Vec<Ask> {
    let removed = facts.journal().ok().flatten().map(|journal| removed_now(wanted, journal, facts.since));
    let volumes = removed.into_iter().flatten().flat_map(|run| anonymous(&run));
    volumes.map(Ask::Volume).collect()
}

/// What became of the volumes of the containers that were removed in this step; `otherwise` is the verdict on those.
pub(super) fn judge(wanted: &Removed, otherwise: Pass, facts: &Facts) -> Result<Finding, CannotLook> {
    let nothing = Journal::default();
    let journal = facts.journal()?.unwrap_or(&nothing);
    let removed = removed_now(wanted, journal, facts.since);
    for volume in removed.iter().flat_map(anonymous) {
        if *facts.get(&Ask::Volume(volume.clone()))? != Fact::Absent {
            let seen = format!("the volume {}… is still there", short(&volume));
            let sentence = "A removal leaves volumes alone, unless an option of it takes the anonymous ones along. Remove \
                            this one by its name; then start such a container again, and let its volume go with it.";
            return Ok(fail(wanted, seen, sentence, "volume-left-behind"));
        }
    }
    // Of several with this name the last one counts: it shows that the option is known by now.
    let last = removed.iter().rev().find_map(|run| run.removed.map(|at| (run, at)));
    let Some((run, gone)) = last.filter(|(run, _)| is_known(run)) else {
        return Err(unknown(wanted));
    };
    let volumes = anonymous(run);
    if volumes.is_empty() {
        let seen = format!("{} had no anonymous volume when it was removed", wanted.name);
        let sentence = "Start one as in the step before, and let its volume go with it.";
        return Ok(Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence)));
    }
    match volumes.iter().find(|volume| removed_by_itself(volume, gone, journal)) {
        Some(volume) => {
            let seen = format!("the volume {}… was removed after it, by a command of its own", short(volume));
            let sentence = "An option of the removal does both at once, and nobody has to know the volume's name. Start \
                            such a container again, and try it.";
            Ok(fail(wanted, seen, sentence, "volume-removed-by-hand"))
        }
        None => Ok(Finding::Pass(Pass { at: Some(gone), ..otherwise })),
    }
}

/// The containers of this name that were removed in this step, oldest first.
fn removed_now(wanted: &Removed, journal: &Journal, since: Nanos) -> Vec<evidence::Run> {
    let mut runs = journal.runs();
    runs.retain(|run| run.name == wanted.name.text && run.removed.is_some_and(|at| at > since));
    runs.sort_by_key(|run| run.removed);
    runs
}

/// Whether it is known what was mounted in it.
fn is_known(run: &evidence::Run) -> bool {
    run.detail.is_some() || !run.mounts.is_empty()
}

fn anonymous(run: &evidence::Run) -> Vec<String> {
    run.mounts.iter().filter(|mount| mount.is_anonymous()).map(|mount| mount.source.clone()).collect()
}

/// Whether a volume was removed after its container was gone. With its option, the engine removes the volumes first.
///
/// Source: moby's `daemon/delete.go`, where the container's own event comes last.
fn removed_by_itself(volume: &str, gone: Nanos, journal: &Journal) -> bool {
    let is_it = |entry: &&evidence::Entry| entry.kind == "volume" && entry.action == "destroy" && entry.actor == volume;
    journal.entries.iter().filter(is_it).any(|entry| entry.at > gone)
}

/// The part of a made-up name by which it is told.
fn short(volume: &str) -> &str {
    volume.get(..12).unwrap_or(volume)
}

fn fail(wanted: &Removed, seen: String, sentence: &str, diagnosis: &'static str) -> Finding {
    Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed(diagnosis))
}

fn unknown(wanted: &Removed) -> CannotLook {
    let what = format!("what was mounted in {} cannot be known: the engine no longer tells", wanted.name);
    CannotLook::new(Obstacle::Gap, what, "start such a container again, check, and remove it then")
}
