//! The command reference, written from the command line itself.

use std::fmt::Write as _;

use clap::{Arg, Command};

use super::{NOTE, kept_current};
use crate::app::command_line;
use crate::cli::groups::{GROUPS, meaningless};

/// The whole command line as one page.
fn page() -> String {
    let mut root = command_line();
    root.build();
    let mut page = format!("# Command reference\n\n{NOTE}\nThis page is written from the program's own help.\n");
    section(&mut page, &root, "##");
    page += "\nThe options above hold for every command, but where it is said that they mean nothing to it.\n";
    for (title, names) in GROUPS {
        let commands = names.iter().filter(|name| **name != "help").filter_map(|name| root.find_subcommand(name));
        let _ = write!(page, "\n## {title}\n");
        for command in commands {
            section(&mut page, command, "###");
            let vain: Vec<String> = root
                .get_arguments()
                .filter(|argument| meaningless(command.get_name()).contains(&argument.get_id().as_str()))
                .filter_map(|argument| Some(format!("`--{}`", argument.get_long()?)))
                .collect();
            if let [first, others @ ..] = vain.as_slice() {
                let others: String = others.iter().map(|other| format!(", {other}")).collect();
                let _ = write!(page, "\nMeans nothing to it: {first}{others}.\n");
            }
            for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
                section(&mut page, part, "####");
            }
        }
    }
    page
}

fn section(page: &mut String, command: &Command, level: &str) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let is_root = !name.contains(' ');
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let _ = write!(page, "\n{level} {name}\n\n");
    if let Some(about) = command.get_about() {
        let _ = write!(page, "{}\n\n", sentence(&about.to_string()));
    }
    let _ = write!(page, "```text\n{usage}\n```\n");
    // What holds for every command is told once; `--help` needs no telling.
    let own = |arg: &&Arg| is_root == arg.is_global_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    let arguments: Vec<&Arg> = command.get_arguments().filter(own).collect();
    if !arguments.is_empty() {
        page.push('\n');
    }
    for argument in arguments {
        let _ = writeln!(page, "- {}", described(argument));
    }
    if let Some(after) = command.get_after_help() {
        let _ = write!(page, "\n{}\n", after.to_string().replace('\n', "  \n"));
    }
}

/// Help texts have no full stop; in a page they want one.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

fn described(argument: &Arg) -> String {
    let mut text = format!("`{argument}`");
    if let Some(short) = argument.get_short().filter(|_| argument.get_long().is_some()) {
        let _ = write!(text, ", `-{short}`");
    }
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let _ = write!(text, ": {}", sentence(&help));
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() {
        let _ = write!(text, " One of {}", values.join(", "));
        let default = argument.get_default_values().first().map(|value| value.to_string_lossy());
        text += &default.map_or(".".to_owned(), |default| format!("; without it, `{default}`."));
    }
    text
}

#[test]
fn the_books_command_reference_is_what_the_program_understands() {
    kept_current("book/src/reference/commands.md", &page());
}
