//! What the learner's commands did about a file that is not there: one ran in a container of its own, or one removed it.

use super::Traces;
use super::attempt::Wanted;
use super::container::may_be_learners;
use super::place::views;
use crate::evidence::{Argv, Exec, Run};
use crate::fact::Place;
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
    let removes = |exec: &Exec, inside: &str| {
        let Argv::Known(argv) = &exec.argv else { return false };
        let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
        let commands = match inner(&words) {
            Inner::Script(script) => shell::commands(script),
            _ => vec![shell::Command { words, ..shell::Command::default() }],
        };
        let last = commands.last().map(|command| command.words.as_slice()).unwrap_or_default();
        let names = |word: &Word| {
            let text = clean(&word.text);
            let (folder, _) = inside.rsplit_once('/').unwrap_or_default();
            text == inside || is_within(inside, &text) || (word.glob.is_some() && text == format!("{folder}/*"))
        };
        last.first().is_some_and(|program| base_name(&program.text) == "rm") && last.iter().skip(1).any(names)
    };
    let exec = execs.iter().rfind(|exec| {
        exec.exit_code == Some(0)
            && views.iter().any(|(container, inside)| container.name == exec.container && removes(exec, inside))
    })?;
    let seen = format!("`{}` in {} removed it", exec.argv, exec.container);
    let sentence = "It is to be there in the end. Which of your commands was the last one about it?";
    Some(Feedback::wrong(expected, seen, sentence).diagnosed("file-deleted"))
}
