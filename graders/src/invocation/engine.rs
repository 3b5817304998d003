//! Which engine a Docker command speaks to, where the line itself says so: the options and variables of the Docker CLI
//! reference, and `docker context use`.

use crate::args::Flag;
use crate::shell::{Command, Word};
use crate::wrappers::base_name;

/// The variables that decide it.
const VARIABLES: [&str; 3] = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"];

/// Commands that change variables of the shell itself.
const CHANGE_VARIABLES: [&str; 10] =
    ["export", "declare", "typeset", "local", "readonly", "unset", "set", "setenv", "source", "."];

/// Whether one of docker's own options decides it.
pub(super) fn is_named_by(flag: Flag<'_>) -> bool {
    matches!(flag, Flag::Short('H' | 'c') | Flag::Long("--host" | "--context" | "--config"))
}

/// Whether a command has a variable of its own that decides it, as in `DOCKER_HOST=… docker ps` or `env DOCKER_HOST=…`.
pub(super) fn is_addressed_by_environment(command: &Command) -> bool {
    let assigned = command.assignments.iter().map(String::as_str);
    let words = command.words.iter().map(|word| word.text.as_str());
    let before_program = words.take_while(|word| base_name(word) != "docker");
    let mut settings = assigned.chain(before_program.filter(|word| word.contains('=')));
    settings.any(|setting| setting.split_once('=').is_some_and(|(name, _)| is_variable(name)))
}

/// Whether another engine may be meant after this command.
pub(super) fn is_changed_by(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let Some((program, rest)) = words.split_first() else {
        return command.assignments.iter().any(|it| it.split_once('=').is_some_and(|(name, _)| is_variable(name)));
    };
    let names_variable =
        |word: &&str| is_variable(word.split_once('=').map_or(*word, |(name, _)| name)) || word.contains("docker-env");
    match base_name(program) {
        "docker" => rest.windows(2).any(|pair| pair == ["context", "use"]),
        "eval" => {
            command.words.iter().any(|word: &Word| word.text.contains("DOCKER_") || word.text.contains("docker-env"))
        }
        program if CHANGE_VARIABLES.contains(&program) => rest.iter().any(names_variable),
        _ => false,
    }
}

fn is_variable(name: &str) -> bool {
    VARIABLES.contains(&name.trim_end_matches('+'))
}
