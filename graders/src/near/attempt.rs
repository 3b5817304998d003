//! Commands that were to write a file, and of which a shell made something else.

use super::Traces;
use crate::evidence::{Argv, Exec, TypedLine};
use crate::fact::{Facts, Nanos};
use crate::invocation::DockerCall;
use crate::path::file_name;
use crate::shell::{self, Word};
use crate::verdict::Feedback;
use crate::wrappers::{Inner, announces_script, inner};

/// The file that was to be written.
pub struct Wanted<'a> {
    /// Its path, wherever it is; only its last part is looked for, since it may be seen at several.
    pub path: &'a str,
    /// What it was to hold.
    pub texts: Vec<&'a str>,
}

impl Wanted<'_> {
    /// Whether a command was about this file: it names it, or prints what was to be in it.
    pub fn is_mentioned_in(&self, command: &str) -> bool {
        let texts = self.texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        command.contains(file_name(self.path)) || texts.into_iter().any(|text| command.contains(text))
    }
}

/// The near miss of the last command that was about the file, if it was one. An earlier one was left behind.
pub fn last(wanted: &Wanted, expected: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let typed = traces.calls().into_iter().filter(|(_, call)| call.command == "container exec");
    let typed = typed.filter_map(|(line, call)| typed_attempt(wanted, expected, line, &call));
    let ran = traces.execs();
    let ran = ran.iter().filter_map(|exec| {
        let command = exec.argv.to_string();
        wanted.is_mentioned_in(&command).then(|| (exec.at(), exec_attempt(wanted, expected, exec)))
    });
    // Of an exec, its end comes before the prompt at which its line is known to have ended.
    let attempts: Vec<(Nanos, Option<Feedback>)> = ran.chain(typed).collect();
    attempts.into_iter().max_by_key(|(at, _)| *at)?.1
}

/// The near miss of the newest command about the file that was one, whatever came after it.
pub fn newest(wanted: &Wanted, expected: &str, facts: &Facts) -> Option<Feedback> {
    let traces = Traces::of(facts);
    let typed = traces.calls().into_iter().filter(|(_, call)| call.command == "container exec");
    let typed = typed.filter_map(|(line, call)| typed_attempt(wanted, expected, line, &call));
    let typed = typed.filter_map(|(at, near)| Some((at, near?)));
    let ran = traces.execs();
    let ran = ran.iter().filter(|exec| wanted.is_mentioned_in(&exec.argv.to_string()));
    let ran = ran.filter_map(|exec| Some((exec.at(), exec_attempt(wanted, expected, exec)?)));
    ran.chain(typed).max_by_key(|(at, _)| *at).map(|(_, near)| near)
}

/// A line whose output went to a file of that name on the host; another line says nothing that its exec doesn't.
fn typed_attempt(
    wanted: &Wanted,
    expected: &str,
    line: &TypedLine,
    call: &DockerCall,
) -> Option<(Nanos, Option<Feedback>)> {
    let file = call.writes.iter().find(|file| file_name(&file.text) == file_name(wanted.path))?;
    let argv = call.operands.get(1..).unwrap_or_default();
    let near = match loose_script(argv) {
        Some(script) => not_quoted(expected, script),
        None => {
            let seen = format!("your own shell took `> {}` for itself", file.text);
            let sentence = "Two shells read that line. Which of them did the redirection, and in whose files?";
            Feedback::wrong(expected, seen, sentence).diagnosed("redirected-by-host")
        }
    };
    Some((line.at, Some(near)))
}

fn not_quoted(expected: &str, script: &str) -> Feedback {
    let seen = format!("`sh -c` was given `{script}` to run, and nothing else");
    let sentence = "After -c a shell takes one word for its script. What keeps several together as one?";
    Feedback::wrong(expected, seen, sentence).diagnosed("script-not-quoted")
}

/// The script of `sh -c echo hi`: one word, while the words after it are lost.
fn loose_script(argv: &[Word]) -> Option<&str> {
    let at = argv.iter().position(|word| announces_script(&word.text))?;
    let (shell, after) = (argv.get(..at)?, argv.get(at + 1..)?);
    let [script, rest @ ..] = after else { return None };
    let is_shell = matches!(inner(shell), Inner::Shell);
    (is_shell && !rest.is_empty() && !script.text.contains(char::is_whitespace)).then_some(script.text.as_str())
}

fn exec_attempt(wanted: &Wanted, expected: &str, exec: &Exec) -> Option<Feedback> {
    let Argv::Known(argv) = &exec.argv else { return None };
    let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
    if let Some(script) = loose_script(&words) {
        return Some(not_quoted(expected, script));
    }
    if let ([only], true) = (argv.as_slice(), exec.could_not_start())
        && only.contains(char::is_whitespace)
    {
        let seen = format!("`{only}` was taken for the name of one program");
        let sentence = "One word or several: what do the quotes make of them, and who is to take them apart?";
        return Some(Feedback::wrong(expected, seen, sentence).diagnosed("quoted-as-one-word"));
    }
    let printed = swallowed(&words, wanted).filter(|_| exec.exit_code == Some(0))?;
    let seen = format!("{} printed the text: {printed}", exec.container);
    let sentence = "Within quotes, > is a letter like any other. What did they swallow?";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("quotes-swallowed"))
}

/// What a command prints that has the redirection in it, as letters.
fn swallowed(argv: &[Word], wanted: &Wanted) -> Option<String> {
    let of = |words: &[Word]| {
        let Inner::Program("echo" | "printf", args) = inner(words) else { return None };
        let is_arrow = |word: &Word| matches!(word.text.as_str(), ">" | ">>");
        let names_file = |word: &Word| word.text.contains(file_name(wanted.path));
        let whole = args.iter().find(|word| word.text.contains('>') && names_file(word)).map(|word| word.text.clone());
        // The arrow may be a word by itself, and the file the next.
        let apart = args.windows(2).any(|pair| is_arrow(&pair[0]) && names_file(&pair[1]));
        let joined = || args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        whole.or_else(|| apart.then(joined))
    };
    match inner(argv) {
        Inner::Script(script) => shell::commands(script).iter().find_map(|command| of(&command.words)),
        _ => of(argv),
    }
}
