//! `restarted: true | false`: whether a container was stopped and started since the step began. Told by when it was last
//! started and when it last ended, and by the engine's events where another one may have taken its name.

use super::Container;
use crate::evidence::{Happening, Journal};
use crate::fact::{self, Facts, Nanos};
use crate::grader::Grader;
use crate::kinds::target::fact_target;
use crate::near::Traces;
use crate::verdict::{CannotLook, Feedback, Obstacle};

/// What the engine reports when a container's processes are acted on and do not end.
const SIGNALS: [&str; 3] = ["kill", "pause", "unpause"];

/// Why it is not as wanted; `Ok(Ok(since))` where it is, with the restart that was wanted.
pub(super) fn judge(
    wanted: bool,
    check: &Container,
    container: &fact::Container,
    facts: &Facts,
) -> Result<Result<Option<Nanos>, Feedback>, CannotLook> {
    let (name, since, wants) = (&check.name, facts.since, check.wants());
    let removed = facts.lifetime(&fact_target(name))?.and_then(|lifetime| lifetime.removed);
    let nothing = Journal::default();
    let journal = facts.journal()?.unwrap_or(&nothing);
    let is_new = container.created > since;
    let is_replaced =
        is_new && (removed.is_some_and(|removed| removed > since) || journal.new_name(&name.text, since).is_some());
    if is_replaced {
        let sentence = match wanted {
            true => "A restart keeps the container, and what it wrote in its own layer. Is that what you did?",
            false => "It was to stay as it is, and to go on running. Which of your commands replaced it?",
        };
        let seen = format!("{name} is a new container, made in this step");
        return Ok(Err(Feedback::wrong(wants, seen, sentence).diagnosed("made-again")));
    }
    let ended = container.finished.filter(|finished| *finished > since);
    let started = container.started.filter(|started| *started > since);
    let runs = matches!(container.status.as_str(), "running" | "paused" | "restarting");
    if wanted {
        let again = if runs { started.filter(|_| ended.is_some()) } else { restart_of(container, journal, since) };
        return match again {
            Some(at) => Ok(Ok(Some(at))),
            None if !runs && journal.has_gap_after(since) => Err(unknown(check)),
            None => Ok(Err(not_restarted(check, container, journal, ended.is_some(), since))),
        };
    }
    match (ended, runs) {
        (Some(_), true) => {
            let sentence =
                "The task is to be done while it runs: a restart ends its processes, and what is in memory is lost.";
            let seen = format!("{name} ended in this step, and was started again");
            Ok(Err(Feedback::wrong(wants, seen, sentence).diagnosed("restarted")))
        }
        (Some(_), false) => {
            let sentence = "It was to go on running. Which of your commands ended it?";
            Ok(Err(Feedback::wrong(wants, format!("{name} has ended in this step"), sentence).diagnosed("not-running")))
        }
        (None, _) if is_new && journal.has_gap_after(since) => Err(unknown(check)),
        (None, _) => Ok(Ok(None)),
    }
}

fn unknown(check: &Container) -> CannotLook {
    let what = format!("the engine no longer tells all that happened to {}", check.name);
    CannotLook::new(Obstacle::Gap, what, "do it again, then check")
}

/// When a container that has ended was started in this step after it had ended in it.
fn restart_of(container: &fact::Container, journal: &Journal, since: Nanos) -> Option<Nanos> {
    let of_it = |action: &'static str| {
        let is_it = move |entry: &&crate::evidence::Entry| entry.kind == "container" && entry.action == action;
        let times = journal.entries.iter().filter(is_it).filter(|entry| entry.actor == container.id);
        times.map(|entry| entry.at).filter(|at| *at > since)
    };
    let ended = of_it("die").min()?;
    of_it("start").filter(|at| *at > ended).max()
}

/// Nothing of a restart is to be seen, or only a part of one.
fn not_restarted(
    check: &Container,
    container: &fact::Container,
    journal: &Journal,
    has_ended: bool,
    since: Nanos,
) -> Feedback {
    let (name, wants) = (&check.name, check.wants());
    if has_ended {
        let seen = format!("{name} was stopped, and not started again");
        let sentence = "A restart has two halves. Which one is still to be done?";
        return Feedback::wrong(wants, seen, sentence).diagnosed("not-running");
    }
    let signal = journal
        .entries
        .iter()
        .rfind(|entry| entry.actor == container.id && entry.at > since && SIGNALS.contains(&entry.action.as_str()));
    match signal {
        Some(_) => {
            let seen = format!("{name} was interrupted, and its main process went on");
            let sentence = "A pause or a signal keeps the process. What would end it and start a new one?";
            Feedback::wrong(wants, seen, sentence).diagnosed("not-restarted")
        }
        None => Feedback::not_begun(wants, format!("{name} has not been restarted in this step")),
    }
}

/// The near miss of a restart of another container.
pub(super) fn another(check: &Container, facts: &Facts) -> Option<Feedback> {
    let (traces, restart) = (Traces::of(facts), Happening::of_word("restart")?);
    let journal = traces.journal()?;
    let names = journal.entries.iter().rev().filter(|entry| entry.kind == "container" && !entry.is_our_own());
    let mut names = names.filter_map(|entry| entry.attributes.get("name")).filter(|name| **name != check.name.text);
    let other = names.find(|name| journal.newest(name, restart, facts.since).is_some() && traces.works_in(name))?;
    let sentence = format!("That was {other}. Which container does the step name?");
    Some(Feedback::wrong(check.wants(), format!("{other} was restarted"), sentence).diagnosed("wrong-container"))
}
