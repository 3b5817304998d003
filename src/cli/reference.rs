//! What the book says of the program and only the program knows: the command reference is written from the command line
//! itself, and the examples of labs are read as labs. Prose belongs in `book/src`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};

use crate::app::command_line;

/// Set to `1`, the reference is written instead of compared.
const UPDATE: &str = "UPDATE_REFERENCE";

const HEAD: &str = "\
# Command reference

<!-- Written by the test in src/cli/reference.rs; change src/cli.rs or src/command/*.rs, then run
     UPDATE_REFERENCE=1 cargo test --lib cli::reference -->

This page is written from the program's own help.
";

fn book(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("book").join(path)
}

/// The whole command line as one page.
fn page() -> String {
    let mut root = command_line();
    root.build();
    let mut page = HEAD.to_owned();
    section(&mut page, &root, "##");
    page += "\nThe options above hold for every command.\n";
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        section(&mut page, command, "##");
        for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
            section(&mut page, part, "###");
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
    let (path, page) = (book("src/reference/commands.md"), page());
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        fs_err::write(&path, &page).expect("the reference is written");
    }
    let kept = fs_err::read_to_string(&path).unwrap_or_default();
    let place = kept.lines().zip(page.lines()).position(|(kept, now)| kept != now);
    let line = place.unwrap_or(kept.lines().count().min(page.lines().count())) + 1;
    assert!(
        kept == page,
        "{} is not what the program understands, from line {line} on.\n\
         Write it anew, and look at what changed: {UPDATE}=1 cargo test --lib cli::reference",
        path.display()
    );
}

#[test]
fn the_books_examples_of_checks_have_no_faults() {
    let loaded = crate::lab::load_dir(&book("examples/check-kinds"), None);
    let loaded = loaded.map_err(|error| error.to_string()).expect("the example lab is read");
    assert!(!loaded.lab.steps.is_empty());
}

/// The first block of this language in a page of the book.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, after) = page.split_once(&format!("```{language}\n")).expect("the page has such a block");
    after.split_once("```").map_or(after, |(block, _)| block)
}

#[test]
fn the_books_faulty_lab_has_the_faults_that_the_book_shows() {
    let page = fs_err::read_to_string(book("src/authors/lint.md")).expect("the page is there");
    let folder = tempfile::tempdir().expect("a folder");
    fs_err::write(folder.path().join("lab.yaml"), block(&page, "yaml")).expect("written");
    fs_err::write(folder.path().join("briefing.md"), "A note.\n").expect("written");
    let Err(crate::lab::LoadError::Faulty(faulty)) = crate::lab::load_dir(folder.path(), None) else {
        panic!("the lab has no faults");
    };
    let screen = crate::ui::Page { width: 80, theme: crate::ui::Theme::default(), in_shell: false, by_sudo: false }
        .faults(&faulty);
    let place = fs_err::canonicalize(folder.path()).expect("its path").display().to_string();
    let transcript = format!("$ labrun lint /tmp/my-lab\n{}", screen.replace(&place, "/tmp/my-lab"));
    assert_eq!(block(&page, "text"), transcript);
}

#[test]
fn the_book_lists_every_diagnosis_nearest_first() {
    let page = fs_err::read_to_string(book("src/authors/diagnoses.md")).expect("the page is there");
    let (_, list) = page.split_once("\n## The list\n").expect("it has a list");
    let list = list.split_once("\n## ").map_or(list, |(list, _)| list);
    let told: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name)).collect();
    let known: Vec<&str> = labrun_graders::diagnosis::DIAGNOSES.iter().map(|diagnosis| diagnosis.name).collect();
    assert_eq!(told, known, "book/src/authors/diagnoses.md lists other diagnoses, or in another order");
    for diagnosis in labrun_graders::diagnosis::DIAGNOSES {
        let group = list.find(diagnosis.distance.describe()).expect("the book explains how near it is");
        let row = list.find(&format!("| `{}` |", diagnosis.name)).expect("it is in the list");
        assert!(group < row, "{}", diagnosis.name);
    }
}

#[test]
fn the_book_tells_of_every_kind_of_check() {
    let page = fs_err::read_to_string(book("src/authors/checks.md")).expect("the page is there");
    let untold: Vec<_> = labrun_graders::KINDS
        .iter()
        .map(|kind| kind.name)
        .filter(|kind| !page.contains(&format!("\n## `{kind}`\n")))
        .collect();
    assert!(untold.is_empty(), "book/src/authors/checks.md has no section for {untold:?}");
}
