//! When the learner last did something: what was done after an answer is spoken of before it.

use super::Traces;
use crate::evidence::Entry;
use crate::fact::{Container, Fact, Facts, Nanos};
use crate::shell;
use crate::verdict::Feedback;
use crate::wrappers::base_name;

/// What the engine reports when somebody does something in or to a container. What it reports of volumes may be due to
/// labrun itself, which looks into them.
const DEEDS: [&str; 7] = ["create", "start", "exec_start", "attach", "stop", "rename", "destroy"];

/// Commands that ask labrun.
const LABRUNS: [&str; 4] = ["lab", "labrun", "hint", "answer"];

/// Commands that only look around, and those that tidy up the screen.
const IDLE: [&str; 7] = ["cd", "clear", "exit", "history", "ls", "pwd", "reset"];

/// Whether the learner has done something since they answered: then that is what they are to hear of.
pub fn is_after_answer(facts: &Facts) -> bool {
    let answered = facts.answer().ok().flatten();
    !facts.answering && answered.is_some_and(|answer| newest(facts).is_some_and(|deed| deed > answer.at))
}

/// The feedback about an answer; it is marked where the answer is older than the learner's last deed.
pub fn of_answer(feedback: Feedback, facts: &Facts) -> Feedback {
    Feedback { overtaken: is_after_answer(facts), ..feedback }
}

/// When the newest deed of the learner's was, as far as the facts tell.
fn newest(facts: &Facts) -> Option<Nanos> {
    let traces = Traces::of(facts);
    let lines = traces
        .lines()
        .filter(|line| !consists_of(&line.line, |it| is_for_labrun(it) || is_idle(it)))
        .map(|line| line.at);
    let entries = traces.journal().map(|journal| journal.entries.as_slice()).unwrap_or_default();
    let entries = entries.iter().filter(|entry| is_deed(entry, traces)).map(|entry| entry.at);
    let containers = facts.iter().filter_map(|(_, fact)| match fact {
        Ok(Fact::Container(container)) => Some(made_or_started(container)),
        _ => None,
    });
    lines.chain(entries).chain(containers).max()
}

fn is_deed(entry: &Entry, traces: Traces) -> bool {
    let name = entry.attributes.get("name").map(String::as_str).unwrap_or_default();
    entry.kind == "container"
        && DEEDS.contains(&entry.action.as_str())
        && !entry.is_our_own()
        && entry.at > traces.facts.since
        && traces.works_in(name)
}

fn made_or_started(container: &Container) -> Nanos {
    container.started.unwrap_or_default().max(container.created)
}

/// Whether a line asks labrun, and does nothing else.
#[must_use]
pub fn asks_labrun(line: &str) -> bool {
    consists_of(line, is_for_labrun)
}

/// Whether a line has commands, and only such.
fn consists_of(line: &str, such: impl Fn(&shell::Command) -> bool) -> bool {
    let commands = shell::commands(line);
    !commands.is_empty() && commands.iter().all(such)
}

fn is_for_labrun(command: &shell::Command) -> bool {
    let mut words = command.words.iter().map(|word| base_name(&word.text));
    match words.next() {
        Some("docker") => words.next() == Some("lab"),
        first => first.is_some_and(|first| LABRUNS.contains(&first)),
    }
}

fn is_idle(command: &shell::Command) -> bool {
    command.words.first().is_some_and(|word| IDLE.contains(&base_name(&word.text)))
}

#[cfg(test)]
mod tests {
    use super::asks_labrun;

    #[test]
    fn a_line_that_asks_labrun_does_nothing_else() {
        for line in ["lab", "lab answer x", "hint", "/usr/bin/labrun check && lab", "docker lab answer x"] {
            assert!(asks_labrun(line), "{line}");
        }
        for line in ["", "docker ps", "lab && docker ps", "echo lab", "docker exec lab ls"] {
            assert!(!asks_labrun(line), "{line}");
        }
    }
}
