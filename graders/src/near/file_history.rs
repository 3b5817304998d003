//! What the learner's commands did about a file that is not there: one ran in a container of its own, or one removed it.

use super::Traces;
use super::attempt::Wanted;
use super::container::may_be_learners;
use super::view::views;
use crate::evidence::{Argv, Exec, Run};
use crate::fact::{Container, Place};
use crate::path::{clean, is_within};
use crate::shell::{self, Word};
use crate::verdict::Feedback;
use crate::wrappers::{Inner, base_name, inner};

/// A container of its own ran the command about the file, as its main process.
pub fn in_another(place: &Place, wanted: &Wanted, expected: &str, traces: Traces) -> Option<Feedback> {
    let Place::Container(own) = place else { return None };
    let runs = traces.journal()?.runs();
    let argv = |run: &Run| run.detail.as_ref().map(|detail| detail.argv.join(" ")).unwrap_or_default();
    let is_it = |run: &&Run| {
        run.name != *own
            && run.started.is_some_and(|at| at > traces.facts.since)
            && wanted.is_mentioned_in(&argv(run))
            && may_be_learners(run, traces)
    };
    let run = runs.iter().rfind(is_it)?;
    let seen = format!("`{}` ran in {}", argv(run), run.name);
    let sentence = format!("That was in {}, which has files of its own. Which container does the step name?", run.name);
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("wrong-container"))
}

/// The newest command about the place of the file removed it.
pub fn deleted(place: &Place, wanted: &Wanted, expected: &str, traces: Traces) -> Option<Feedback> {
    let (execs, views) = (traces.execs(), views(place, wanted.path, traces));
    let removed_inside = |exec: &&Exec| {
        let Argv::Known(argv) = &exec.argv else { return false };
        let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
        let commands = match inner(&words) {
            Inner::Script(script) => shell::commands(script),
            _ => vec![shell::Command { words, ..shell::Command::default() }],
        };
        let is_here = |(container, inside): &(&Container, String)| {
            container.name == exec.container && ends_with_removal(&commands, inside)
        };
        exec.exit_code == Some(0) && views.iter().any(is_here)
    };
    let inside = execs.iter().rfind(removed_inside).map(|exec| format!("`{}` in {}", exec.argv, exec.container));
    let on_host = || {
        let path = clean(wanted.path);
        let mut lines = traces.lines().filter(|_| *place == Place::Host);
        let line =
            lines.rfind(|line| line.exit_code == 0 && ends_with_removal(&shell::commands(line.text()), &path))?;
        Some(format!("`{}`", line.line.trim()))
    };
    let seen = format!("{} took it away", inside.or_else(on_host)?);
    let sentence = "It is to be there in the end. Which of your commands was the last one about it?";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("file-deleted"))
}

/// Whether the last of these commands removes or renames this path, or one above it.
fn ends_with_removal(commands: &[shell::Command], path: &str) -> bool {
    let Some(last) = commands.last() else { return false };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let names = |word: &Word| {
        let text = clean(&word.text);
        text == path || is_within(path, &text) || (word.glob.is_some() && text == format!("{folder}/*"))
    };
    let mut words = last.words.iter();
    let program = words.next().map(|word| base_name(&word.text));
    matches!(program, Some("rm" | "rmdir" | "unlink" | "mv")) && words.any(names)
}
