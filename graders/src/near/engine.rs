//! Whether what was typed reached another engine: the learner's `docker` and labrun then talk to different ones.

use super::Traces;
use crate::evidence::{Entry, Journal, TypedLine};
use crate::invocation::{DockerCall, docker_calls};
use crate::verdict::Feedback;

/// The near miss of something that is not there although a line that makes it ended well.
///
/// The proof is a silence, so it is taken only where nothing else can explain it: one command on the line, an exit code
/// of 0, an action that every engine reports, and a journal without gaps that dropped nothing.
pub fn another(wants: &str, traces: Traces) -> Option<Feedback> {
    let is_complete = |journal: &&Journal| {
        !journal.has_gap_after(traces.facts.since) && !journal.has_dropped_after(traces.facts.since)
    };
    let journal = traces.journal().filter(is_complete)?;
    // The newest one: what is said is read as said of it. One that failed went nowhere else.
    let line = traces.lines().rfind(|line| !docker_calls(&line.line).is_empty())?;
    if line.exit_code != 0 || !tells_its_end(&line.line) || may_have_ended_the_step_before(line, traces) {
        return None;
    }
    let commands = crate::shell::commands(&line.line);
    let [call] = docker_calls(&line.line).try_into().ok().filter(|_: &[DockerCall; 1]| commands.len() == 1)?;
    // Any report of such a deed will do, whenever it came: an engine that ever told of it is the right one.
    if !is_always_reported(&call) || journal.entries.iter().any(|entry| is_report_of(entry, &call)) {
        return None;
    }
    let seen = "the command ended well, and this engine knows nothing of it";
    Some(if call.as_another {
        let sentence = "With sudo, docker goes by root's settings. Whose engine holds what you made?";
        Feedback::wrong(wants, seen, sentence).diagnosed("another-users-engine")
    } else {
        let sentence = "Which engine does your docker talk to? Its contexts, and DOCKER_HOST, decide that.";
        Feedback::wrong(wants, seen, sentence).diagnosed("other-engine")
    })
}

/// Whether a line's exit code is that of its command: not turned round by `!`, and not of one that still runs.
fn tells_its_end(line: &str) -> bool {
    let line = line.trim();
    !line.starts_with('!') && !line.ends_with('&')
}

/// Whether a line may be the one that completed the step before. It is known when a line ended, and what it did came
/// before that: the engine's report of it is then older than this step, and its silence proves nothing.
fn may_have_ended_the_step_before(line: &TypedLine, traces: Traces) -> bool {
    let (since, began) = (traces.facts.since, traces.facts.scope.began);
    let is_first = traces.lines().next().is_some_and(|first| first == line);
    let follows = traces.all_lines().unwrap_or_default().iter().any(|before| before.at == since);
    is_first && since != began && !follows
}

/// Whether every engine has something to say when this succeeds.
fn is_always_reported(call: &DockerCall) -> bool {
    match call.command.as_str() {
        "container run" | "container create" => true,
        "volume create" | "container exec" => call.operand(0).is_some(),
        _ => false,
    }
}

/// Whether an event may tell of this command.
fn is_report_of(entry: &Entry, call: &DockerCall) -> bool {
    let name = entry.attributes.get("name").map(String::as_str);
    match (call.command.as_str(), entry.kind.as_str(), entry.action.as_str()) {
        ("container run" | "container create", "container", "create") => {
            call.name.as_deref().is_none_or(|wanted| name == Some(wanted))
        }
        ("volume create", "volume", "create") => call.operand(0) == Some(entry.actor.as_str()),
        ("container exec", "container", "exec_create" | "exec_start") => {
            let wanted = call.operand(0).unwrap_or_default();
            name == Some(wanted) || entry.actor.starts_with(wanted)
        }
        _ => false,
    }
}
