//! Who a command is for, and which options mean nothing to it: the help that `labrun --help` prints.
//!
//! clap lists all commands in one row. Its template lets us write the list ourselves; everything else in it is clap's.

use std::fmt::Write as _;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use textwrap::{Options, WordSplitter};

/// Every command, by those who use it most.
pub const GROUPS: &[(&str, &[&str])] = &[
    (
        "For learners",
        &[
            "list", "start", "task", "briefing", "check", "answer", "hint", "solution", "skip", "catchup", "status",
            "watch", "report", "reset",
        ],
    ),
    ("For instructors", &["doctor", "images", "handout", "verify"]),
    ("For authors", &["new", "lint", "trust", "schema"]),
    ("For your shell", &["completions", "plugin", "man", "help"]),
];

/// Commands to which options for every command mean nothing, and which: they ask no engine and know no learner.
const MEANINGLESS: &[(&str, &[&str])] = &[
    ("new", LEARNER_AND_ENGINE),
    ("lint", LEARNER_AND_ENGINE),
    ("trust", LEARNER_AND_ENGINE),
    ("schema", LEARNER_AND_ENGINE),
    ("completions", LEARNER_AND_ENGINE),
    ("plugin", LEARNER_AND_ENGINE),
    ("man", LEARNER_AND_ENGINE),
    ("images", &["learner"]),
];

/// The ids of `--as`, `--host` and `--context`.
const LEARNER_AND_ENGINE: &[&str] = &["learner", "host", "context"];

/// Where the descriptions begin, in columns; on a narrow terminal they stand below the command's name.
const INDENT: usize = 15;
const NARROW: usize = 60;

/// The options that mean nothing to a command.
#[must_use]
pub fn meaningless(command: &str) -> &'static [&'static str] {
    MEANINGLESS.iter().find(|(name, _)| *name == command).map_or(&[], |(_, ids)| ids)
}

/// Leaves the options that mean nothing to a command out of its help.
#[must_use]
pub fn without_meaningless(root: Command) -> Command {
    let globals: Vec<_> = root.get_arguments().filter(|argument| argument.is_global_set()).cloned().collect();
    root.mut_subcommands(|command| {
        let ids = meaningless(command.get_name());
        let hidden = globals.iter().filter(|global| ids.contains(&global.get_id().as_str()));
        // clap hands a global option on to every command that has none of that id.
        let hidden: Vec<_> = hidden.map(|global| global.clone().hide(true)).collect();
        let with_parts = command.mut_subcommands(|part| part.args(hidden.clone()));
        with_parts.args(hidden)
    })
}

/// What was asked for on the command line and means nothing to the command.
#[must_use]
pub fn asked_in_vain(root: &Command, matches: &ArgMatches) -> Option<String> {
    let (name, _) = matches.subcommand()?;
    let is_given = |id: &&&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let id = meaningless(name).iter().find(is_given)?;
    let option = root.get_arguments().find(|argument| argument.get_id() == id)?.get_long()?;
    let why = if *id == "learner" { "knows no learner" } else { "asks no engine" };
    Some(format!("`{name}` {why}: leave out --{option}"))
}

/// The same with a help that lists the commands in groups, on a terminal so wide.
#[must_use]
pub fn grouped(root: Command, columns: usize) -> Command {
    let (header, literal) = (*root.get_styles().get_header(), *root.get_styles().get_literal());
    let about = |name: &str| match name {
        "help" => "Print this, or the help of a command".to_owned(),
        name => root.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string).unwrap_or_default(),
    };
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (title, names) in GROUPS {
        let _ = writeln!(text, "\n{header}{title}:{header:#}");
        for name in *names {
            let padding = " ".repeat(INDENT.saturating_sub(2 + name.len()));
            let _ = write!(text, "  {literal}{name}{literal:#}");
            text += &described(&about(name), &padding, columns);
        }
    }
    let _ = write!(text, "\n{header}Options:{header:#}\n{{options}}{{after-help}}");
    root.help_template(text)
}

/// A description behind its command's name, or below it.
fn described(about: &str, padding: &str, columns: usize) -> String {
    let (first, indent) = if columns < NARROW { ("\n", "      ".to_owned()) } else { ("", " ".repeat(INDENT)) };
    let options = Options::new(columns).subsequent_indent(&indent).word_splitter(WordSplitter::NoHyphenation);
    // What stands before the first line is as wide as the indent.
    let options = options.initial_indent(&indent).break_words(false);
    let lines = textwrap::wrap(about, options).join("\n");
    let lines = lines.strip_prefix(indent.as_str()).unwrap_or(&lines);
    let before = if first.is_empty() { padding } else { indent.as_str() };
    format!("{first}{before}{lines}\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn help(columns: usize) -> String {
        grouped(without_meaningless(Cli::command()), columns).term_width(columns).render_help().to_string()
    }

    #[test]
    fn every_command_is_in_one_group() {
        let mut root = Cli::command();
        root.build();
        let commands: BTreeSet<&str> = root.get_subcommands().map(Command::get_name).collect();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(grouped.len(), commands.len());
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), commands);
        assert!(MEANINGLESS.iter().all(|(name, _)| commands.contains(name)));
    }

    #[test]
    fn the_help_lists_the_commands_in_groups() {
        insta::assert_snapshot!("help_80", help(80));
        insta::assert_snapshot!("help_40", help(40));
        assert!(help(40).lines().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn what_means_nothing_to_a_command_is_not_in_its_help_and_is_refused() {
        let root = without_meaningless(Cli::command());
        let said = |arguments: &[&str]| {
            let words = std::iter::once("labrun").chain(arguments.iter().copied());
            root.clone().try_get_matches_from(words)
        };
        for (name, ids) in MEANINGLESS {
            let help = said(&[name, "--help"]).expect_err("the help").to_string();
            assert!(!help.contains("--as"), "{help}");
            assert_eq!(help.contains("--context"), !ids.contains(&"context"), "{help}");
            assert!(help.contains("--json"), "{help}");
        }
        let vain = |arguments: &[&str]| asked_in_vain(&root, &said(arguments).expect("it is parsed"));
        for arguments in [&["schema", "--host", "tcp://x:1"][..], &["--host", "tcp://x:1", "schema"]] {
            assert_eq!(vain(arguments).as_deref(), Some("`schema` asks no engine: leave out --host"));
        }
        let learner = vain(&["images", "check", "--as", "ada"]);
        assert_eq!(learner.as_deref(), Some("`images` knows no learner: leave out --as"));
        assert_eq!(vain(&["schema", "--json"]), None);
        assert_eq!(vain(&["list", "--as", "ada", "--host", "tcp://x:1"]), None);
    }
}
