//! Expands the aliases of a line (POSIX 2.3.1 Alias Substitution), from the definitions that the shell reports.

use super::MAX_LINE;
use super::lexer::{Lexer, Token};

/// Words after which a command begins.
const BEFORE_COMMAND: [&str; 16] = [
    "!", "{", "if", "then", "else", "elif", "while", "until", "do", "time", "and", "or", "not", "begin", "exec",
    "command",
];

/// The line with its aliases expanded, each once; `None` where it has none.
#[must_use]
pub fn expand(line: &str, aliases: &[(String, String)]) -> Option<String> {
    if line.len() > MAX_LINE || aliases.is_empty() {
        return None;
    }
    let mut lexer = Lexer::new(line);
    let mut expanded = String::new();
    let mut is_command = true;
    let mut is_target = false;
    let mut changed = false;
    loop {
        let before = lexer.rest;
        let Some(token) = lexer.next() else { break };
        let source = before.get(..before.len() - lexer.rest.len()).unwrap_or_default();
        let Token::Word(word) = token else {
            is_target = matches!(token, Token::Redirect(..));
            is_command |= !is_target;
            expanded.push_str(source);
            continue;
        };
        let name = source.trim_start_matches([' ', '\t', '\r']);
        let alias = aliases.iter().find(|(alias, _)| alias == name && !word.quoted);
        match alias.filter(|_| is_command && !is_target) {
            Some((_, value)) => {
                expanded.push_str(source.get(..source.len() - name.len()).unwrap_or_default());
                expanded.push_str(value);
                changed = true;
                // After one that ends with a blank the next word is looked up, too.
                is_command = value.ends_with([' ', '\t']);
            }
            None => {
                expanded.push_str(source);
                is_command &= is_target || word.assigns || BEFORE_COMMAND.contains(&name);
            }
        }
        is_target = false;
    }
    expanded.push_str(lexer.rest);
    (changed && expanded.len() <= MAX_LINE).then_some(expanded)
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn aliases_are_expanded_where_a_command_begins() {
        let aliases = [("d", "docker"), ("dvls", "docker volume ls"), ("s", "sudo "), ("ls", "ls --color")];
        let aliases = aliases.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expanded = |line: &str| expand(line, &aliases).unwrap_or_else(|| line.to_owned());
        for (line, expected) in [
            ("dvls", "docker volume ls"),
            ("dvls -q", "docker volume ls -q"),
            ("d volume ls; d ps", "docker volume ls; docker ps"),
            ("d ps&&dvls|cat", "docker ps&&docker volume ls|cat"),
            ("X=1 d ps", "X=1 docker ps"),
            ("if d ps; then dvls; fi", "if docker ps; then docker volume ls; fi"),
            ("(d ps)", "(docker ps)"),
            ("ls; and d ps", "ls --color; and docker ps"),
            (">log d ps", ">log docker ps"),
            ("s d ps d", "sudo  docker ps d"),
            ("ls ls", "ls --color ls"),
            ("echo d", "echo d"),
            ("cat d > dvls", "cat d > dvls"),
            ("\\d ps", "\\d ps"),
            ("'d' ps", "'d' ps"),
            ("$d ps", "$d ps"),
            ("# d ps", "# d ps"),
            ("cat <<E\nd ps\nE\nd ps", "cat <<E\nd ps\nE\ndocker ps"),
        ] {
            assert_eq!(expanded(line), expected, "{line}");
        }
    }
}
