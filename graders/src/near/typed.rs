//! What a typed line names wrongly: an object or a file whose name is nearly the wanted one.

use super::Traces;
use super::spelling::{difference, slip};
use crate::fact::{Ask, Facts};
use crate::invocation::DockerCall;
use crate::name::NameKind;
use crate::shell;
use crate::verdict::Feedback;

/// The near miss of a Docker command on one of these, typed with a name that is nearly it.
pub fn mistyped_name(wanted: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let wanted_call = crate::invocation::docker_calls(wanted).pop()?;
    let name = wanted_call.operand(0)?;
    let (line, call) = traces.calls().into_iter().rfind(|(_, call)| call.command == wanted_call.command)?;
    if call.operands.iter().any(|word| word.text == name) {
        return None;
    }
    let is_owned = |word: &str| {
        [NameKind::Container, NameKind::Volume, NameKind::Network, NameKind::Image]
            .into_iter()
            .any(|kind| traces.is_owned(kind, word))
    };
    let words: Vec<&str> = call.operands.iter().filter_map(shell::Word::known).filter(|word| !is_owned(word)).collect();
    let found = slip(name, words)?;
    let seen = format!("`{}` ended with {}", line.line.trim(), line.exit_code);
    let sentence = format!("In {found}, {}. Compare the name with the task's.", difference(found, name));
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("name-mistyped"))
}

/// The near miss of a command on a file whose path is nearly this one.
pub fn mistyped_path(path: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let line = Traces::of(facts).lines().next_back().filter(|line| line.exit_code != 0)?;
    let commands = shell::commands(&line.line);
    let words = commands.iter().flat_map(|command| command.words.iter().skip(1)).filter_map(shell::Word::known);
    let words: Vec<&str> = words.filter(|word| word.starts_with('/')).collect();
    let found = slip(path, words)?;
    let seen = format!("`{}` ended with {}", line.line.trim(), line.exit_code);
    let sentence = format!("In {found}, {}. Compare the path with the task's.", difference(found, path));
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("path-mistyped"))
}

/// The near miss of a Docker command of the wanted kind, typed about something else, or about nothing.
pub fn other_arguments(wanted: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let wanted_call = crate::invocation::docker_calls(wanted).pop()?;
    let name = wanted_call.operand(0)?;
    // After it the learner may have done another part of the task.
    let (line, call) = Traces::of(facts).calls().pop().filter(|(_, call)| call.command == wanted_call.command)?;
    if call.operands.iter().any(|word| word.text == name) {
        return None;
    }
    let seen = format!("`{}` was entered", line.line.trim());
    let sentence = "It is the right command. What does the task want it to look at?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("other-arguments"))
}

/// The near miss of a command that names a file which was to be shown, and does not show it.
pub fn not_showing(path: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    // These print the name and do not open the file.
    const SPEAKING: [&str; 3] = ["echo", "printf", ":"];
    let names_it = |command: &shell::Command| {
        let mut words = command.words.iter().filter_map(shell::Word::known);
        words.next().is_some_and(|program| !SPEAKING.contains(&program)) && words.any(|word| word == path)
    };
    let mut lines = Traces::of(facts).lines();
    let line = lines.rfind(|line| shell::commands(line.text()).iter().any(names_it))?;
    let seen = format!("`{}` was entered", line.line.trim());
    let feedback = |sentence: &str| Feedback::wrong(wants, seen.clone(), sentence);
    Some(match line.exit_code {
        126 | 127 => feedback("Is there such a program on your host, and is it spelled as you meant it?")
            .diagnosed("command-cannot-start"),
        _ => feedback("Did that show what is in the file on your host?").diagnosed("other-command"),
    })
}

/// The near miss of a command that was to make this object, which is not there: it failed.
pub fn refused_making(kind: NameKind, name: &str, wants: &str, traces: Traces) -> Option<Feedback> {
    let makes = |call: &DockerCall| {
        let makes_kind = match kind {
            NameKind::Container => call.makes_container() || call.command == "container start",
            _ => call.command == format!("{} create", kind.word()),
        };
        let names_it = || call.name.as_deref() == Some(name) || call.operands.iter().any(|word| word.text == name);
        makes_kind && names_it()
    };
    let calls = traces.calls();
    let (line, call) = calls.last()?;
    // Only 125 says that the container was not made: other codes are those of its program.
    let is_refused = if call.makes_container() { line.exit_code == 125 } else { line.exit_code != 0 };
    if !is_refused || !makes(call) || !ends_with_its_code(line.text(), call) {
        return None;
    }
    let seen = format!("`{}` ended with {}", line.line.trim(), line.exit_code);
    let sentence = "It did not go through. The message names the reason: which part of the command does it mean?";
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("command-failed"))
}

/// Whether the exit code of a line is surely that of this call: it comes last, and nothing but `;` or a line's end stands
/// between the commands.
fn ends_with_its_code(line: &str, call: &DockerCall) -> bool {
    let last = line.rsplit([';', '\n']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let calls = crate::invocation::docker_calls(last);
    !line.contains(['&', '|']) && calls.last().is_some_and(|last| last.command == call.command)
}

/// What tells of a container that was typed and is not there. What was typed need not be asked for elsewhere.
pub fn container_asks(facts: &Facts) -> Vec<Ask> {
    let mut asks = vec![Ask::Typed];
    asks.extend(failed_on_containers(facts).map(|_| Ask::Everything));
    asks
}

/// The near miss of the newest Docker command, if it was about a container that is not there, and one of nearly that name
/// is: the engine then reports nothing.
pub fn no_such_container(wants: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let typed = failed_on_containers(facts)?;
    let there = &facts.everything().ok().flatten()?.containers;
    let is_there = |word: &str| there.iter().any(|one| one.name == word || one.id.starts_with(word));
    let ours = || there.iter().map(|one| one.name.as_str()).filter(|name| traces.works_in(name));
    let (word, near) =
        typed.iter().filter(|word| !is_there(word)).find_map(|word| Some((word, slip(word, ours())?)))?;
    let seen = format!("there is no container {word}; the nearest is {near}");
    let sentence = format!("In {word}, {}. Read what docker said, and compare.", difference(word, near));
    Some(Feedback::wrong(wants, seen, sentence).diagnosed("name-mistyped"))
}

/// The containers that the newest Docker command was about, if it failed; `None` if it was about something else.
fn failed_on_containers(facts: &Facts) -> Option<Vec<String>> {
    let (line, DockerCall { command, operands, .. }) = Traces::of(facts).calls().pop()?;
    let about = match command.as_str() {
        "container exec" => 1,
        "container rm" | "container stop" | "container start" | "container restart" | "container kill" => usize::MAX,
        _ => return None,
    };
    let names = operands.iter().take(about).filter_map(shell::Word::known).map(str::to_owned);
    (line.exit_code != 0).then(|| names.collect())
}

/// The near misses of a removal of this object, which is still there: it was refused, or it named something else.
pub fn removal(kind: NameKind, name: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let command = format!("{} rm", kind.word());
    let (line, call) = traces.calls().into_iter().rfind(|(_, call)| call.command == command)?;
    let named: Vec<&str> = call.operands.iter().filter_map(shell::Word::known).collect();
    if named.contains(&name) {
        let seen = format!("`{}` ended with {}", line.line.trim(), line.exit_code);
        let sentence = format!("Read what docker said: what keeps {name}?");
        return (line.exit_code != 0).then(|| Feedback::wrong(wants, seen, sentence).diagnosed("command-failed"));
    }
    // The lab may want its other objects removed, too: that is no mistake.
    let others: Vec<&str> = named.into_iter().filter(|word| !traces.is_owned(kind, word)).collect();
    let seen = |found: &str| format!("the removal was of {found}, and {name} is still there");
    match slip(name, others.iter().copied()) {
        Some(found) => {
            let sentence = format!("In {found}, {}. Compare the names.", difference(found, name));
            Some(Feedback::wrong(wants, seen(found), sentence).diagnosed("name-mistyped"))
        }
        None => {
            let sentence = "It is the right command. What does the task want removed?";
            Some(Feedback::wrong(wants, seen(others.first()?), sentence).diagnosed("other-arguments"))
        }
    }
}
