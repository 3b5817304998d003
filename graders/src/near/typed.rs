//! What a typed line names wrongly: an object or a file whose name is nearly the wanted one.

use super::Traces;
use super::spelling::{difference, slip};
use crate::fact::Facts;
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
