//! What may have come of a container that is not there, or that is not as it should be.

use super::typed::refused_making;
use super::{COMPOSE_PROJECT, Traces, engine};
use crate::evidence::{MountSeen, Run};
use crate::fact::{Facts, Listed};
use crate::invocation::MountWords;
use crate::name::NameKind;
use crate::verdict::Feedback;

/// The near misses of a container that is not there; `fits` knows another one that has what this one was to have.
pub fn missing(name: &str, wants: &str, facts: &Facts, fits: impl Fn(&Listed) -> bool) -> Vec<Feedback> {
    let traces = Traces::of(facts);
    let near = [
        made_by_compose(name, wants, traces),
        traces.mistyped(NameKind::Container, name, traces.new_containers().map(|made| made.name.as_str()), wants),
        name_forgotten(name, wants, traces, fits),
        refused_making(NameKind::Container, name, wants, traces),
        engine::another(wants, traces),
    ];
    near.into_iter().flatten().collect()
}

/// The near misses of a container of which something else is wanted than what the list of containers tells.
pub fn of_it(name: &str, wants: &str, facts: &Facts) -> Vec<Feedback> {
    match facts.container(name) {
        Ok(None) => missing(name, wants, facts, |_| false),
        Ok(Some(_)) => name_taken(name, wants, facts).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

fn made_by_compose(name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let made = traces.new_containers().find(|container| {
        container.labels.contains_key(COMPOSE_PROJECT)
            && container.labels.get("com.docker.compose.service").is_some_and(|service| service == name)
    })?;
    let seen = format!("there is {}, made by compose", made.name);
    let sentence = "Compose makes a container's name from the project and the service. Who chose the full name?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("made-by-compose"))
}

fn name_forgotten(name: &str, wants: &str, traces: Traces, fits: impl Fn(&Listed) -> bool) -> Option<Feedback> {
    // Where somebody listens, it must have been typed so; elsewhere, on an engine of one's own, the made-up name will do.
    let unnamed = traces.made_unnamed().unwrap_or(traces.facts.scope.prefix.is_empty());
    let ours = |made: &&Listed| unnamed || holds_ours(made, traces);
    let made = traces
        .new_containers()
        .filter(|made| traces.is_of_this_step(made.created) && is_made_up(&made.name) && fits(made))
        .find(ours)?;
    let seen = format!("there is a new container called {}, and no {name}", made.name);
    let sentence = "The engine made that name up. How will you refer to this container later?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("name-forgotten"))
}

/// Whether a container may be the learner's: by its name, by what is mounted in it, or since one was made for this step
/// without a name.
pub fn may_be_learners(run: &Run, traces: Traces) -> bool {
    let kind = |mount: &MountSeen| if mount.kind == "volume" { NameKind::Volume } else { NameKind::Path };
    traces.works_in(&run.name)
        || run.mounts.iter().any(|mount| traces.is_owned(kind(mount), &mount.source))
        || (is_made_up(&run.name) && traces.made_unnamed() == Some(true))
}

/// Whether a volume of the lab's says whose a container is.
fn holds_ours(made: &Listed, traces: Traces) -> bool {
    made.mounts.iter().any(|mount| traces.is_owned(NameKind::Volume, &mount.name))
}

/// Whether the engine may have made up a container's name: `brave_hare`, perhaps with a digit.
///
/// Source: moby's `pkg/namesgenerator`.
fn is_made_up(name: &str) -> bool {
    let name = name.strip_suffix(|last: char| last.is_ascii_digit()).unwrap_or(name);
    let letters = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    name.split_once('_').is_some_and(|(one, two)| letters(one) && letters(two))
}

/// The near miss of a container that is there and wrong: the right one was tried, and the name was taken.
pub fn name_taken(name: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let container = traces.container(name)?;
    let calls = traces.calls();
    let removes = |at: &usize| {
        let call = &calls[*at].1;
        call.command == "container rm" && call.operands.iter().any(|operand| operand.text == name)
    };
    let freed = (0..calls.len()).rfind(removes).map_or(0, |at| at + 1);
    let named = |at: &usize| calls[*at].1.makes_container() && calls[*at].1.name.as_deref() == Some(name);
    let tries: Vec<usize> = (freed..calls.len()).filter(named).collect();
    let (last, call) = calls.get(*tries.last()?)?;
    // One that is older than the step was not made by any of these.
    let taken = tries.len() > 1 || container.created < facts.since;
    // The engine's refusal reaches the prompt as 125, which other refusals share.
    // It was refused for something else, before the name was looked at.
    let refused = call.mounts.iter().any(MountWords::is_refused);
    (last.exit_code == 125 && taken && !refused).then(|| {
        let seen = format!("{name} is still the container that was made before");
        let sentence = "The last one could not be made: which container owns the name, and does it have to stay?";
        Feedback::wrong(wants, seen, sentence).diagnosed("name-taken")
    })
}

/// The near miss of a container that is there and wrong, while a newer one is right.
pub fn second(name: &str, wants: &str, facts: &Facts, fits: impl Fn(&Listed) -> bool) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let container = traces.container(name)?;
    let newer = |made: &&Listed| {
        made.id != container.id
            && traces.is_of_this_step(made.created)
            && made.created.saturating_add(super::SECOND) > container.created
            && !traces.is_owned(NameKind::Container, &made.name)
            && (traces.works_in(&made.name) || holds_ours(made, traces))
    };
    let made = traces.new_containers().filter(newer).find(|made| fits(made))?;
    let seen = format!("{} has it, and {name} has not", made.name);
    let sentence = "There are two containers now. Which one does the step mean, and what is the other one for?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("second-container"))
}

#[cfg(test)]
mod tests {
    use super::is_made_up;

    #[test]
    fn a_made_up_name_is_two_words() {
        for name in ["brave_hare", "zealous_turing3"] {
            assert!(is_made_up(name), "{name}");
        }
        for name in ["writer-1", "app_", "_x", "brave_hare_2", "Brave_hare", "brave_hare33", "a_b"] {
            assert!(!is_made_up(name), "{name}");
        }
    }
}
