//! What a Tab offers: the shell's script calls labrun with the words typed so far, and labrun answers from its labs,
//! its store and docker's contexts.
//!
//! Asking costs an ordinary command a look at one variable. It never asks the engine, and it writes nothing.

mod candidates;
mod current;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use clap_complete::engine::{CompletionCandidate, complete};
use clap_complete::env::Shells;

pub use candidates::{contexts, labs, labs_and_tracks, learners, parts, step_of_session, steps_of_lab};

/// The shell that asks; the words are among the arguments then, after `--`.
pub const VARIABLE: &str = "LABRUN_COMPLETE";

/// The place of the word to complete among the words, where the shell tells it.
const PLACE: &str = "_CLAP_COMPLETE_INDEX";

/// What the shell wants between two candidates, where it tells that.
const BETWEEN: &str = "_CLAP_IFS";

/// The script that a shell reads once; `None` for a shell that has none. `word` is what is completed, and `program` what
/// answers.
#[must_use]
pub fn script(shell: &str, word: &str, program: &str) -> Option<String> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    shells.completer(shell)?.write_registration(VARIABLE, word, word, program, &mut script).ok()?;
    let mut script = String::from_utf8_lossy(&script).trim().to_owned() + "\n";
    if shell == "zsh" {
        // Found by its name in a folder of functions, the file is run at the first Tab, and must answer that one, too.
        let function = word.replace('-', "_");
        script += &format!("[[ ${{funcstack[1]-}} = _{word} ]] && _clap_dynamic_completer_{function} \"$@\"\n");
        script += "true\n";
    }
    Some(script)
}

/// What a script's question is answered with; `None` if this is none. The arguments are the process's own, and `command_line`
/// is the whole of what can be typed.
#[must_use]
pub fn answer(
    arguments: &[OsString],
    env: &dyn Fn(&str) -> Option<String>,
    command_line: fn() -> clap::Command,
) -> Option<String> {
    let shell = env(VARIABLE).filter(|shell| !shell.is_empty())?;
    let start = arguments.iter().position(|argument| argument == "--")? + 1;
    let mut words = arguments.get(start..)?.to_vec();
    let place = env(PLACE).and_then(|place| place.parse().ok()).unwrap_or(words.len().saturating_sub(1));
    words.resize(words.len().max(place + 1), OsString::new());
    // What stands behind the cursor says nothing about the word under it.
    words.truncate(place + 1);
    let lines: Vec<String> = matching(words, command_line).iter().map(|candidate| line(&shell, candidate)).collect();
    Some(lines.join(&env(BETWEEN).unwrap_or_else(|| "\n".to_owned())))
}

/// What `docker` is answered at a Tab: cobra's form, with a number at the end that says what to do with it.
#[must_use]
pub fn answer_docker(words: Vec<OsString>, described: bool, command_line: fn() -> clap::Command) -> String {
    /// The shell is not to add a blank, and not to offer files (`ShellCompDirective` in cobra).
    const NO_SPACE: u8 = 2;
    const NO_FILES: u8 = 4;
    let candidates = matching(words, command_line);
    let goes_on = |candidate: &CompletionCandidate| candidate.get_value().as_encoded_bytes().ends_with(b"/");
    let directive = if candidates.iter().any(goes_on) { NO_FILES | NO_SPACE } else { NO_FILES };
    let mut text = String::new();
    for candidate in &candidates {
        text += &line(if described { "fish" } else { "bash" }, candidate);
        text.push('\n');
    }
    let _ = writeln!(text, ":{directive}");
    text
}

/// What the last word may become.
fn matching(words: Vec<OsString>, command_line: fn() -> clap::Command) -> Vec<CompletionCandidate> {
    let place = words.len().saturating_sub(1);
    let is_begun = words.last().is_some_and(|word| !word.is_empty());
    current::remember(&words);
    let folder = std::env::current_dir().ok();
    let mut candidates = complete(&mut command_line(), words, place, folder.as_deref()).unwrap_or_default();
    // Nothing typed is no wish for an option, as long as there is something else.
    let is_option = |candidate: &CompletionCandidate| candidate.get_value().as_encoded_bytes().starts_with(b"-");
    if !is_begun && !candidates.iter().all(is_option) {
        candidates.retain(|candidate| !is_option(candidate));
    }
    candidates
}

/// A candidate as a shell's script takes it, with its meaning where the shell shows that.
fn line(shell: &str, candidate: &CompletionCandidate) -> String {
    let value = OsStr::to_string_lossy(candidate.get_value());
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.lines().next().filter(|help| !help.is_empty());
    match (shell, help) {
        ("zsh", help) => {
            let value = value.replace('\\', "\\\\").replace(':', "\\:");
            help.map_or(value.clone(), |help| format!("{value}:{}", help.replace('\\', "\\\\")))
        }
        ("fish" | "powershell", Some(help)) => format!("{value}\t{help}"),
        _ => value.into_owned(),
    }
}
