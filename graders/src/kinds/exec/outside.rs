//! What was to be done in a container was done in a temporary one, on the host itself, or by copying.

use super::Exec;
use super::command::{Command, Deed};
use super::directory::Where;
use super::nearest;
use crate::evidence::{self, Argv};
use crate::fact::Facts;
use crate::grader::Grader;
use crate::invocation::{DockerCall, docker_calls};
use crate::near::{self, Traces};
use crate::path::file_name;
use crate::shell::{self, Ended, Reach, RedirectKind};
use crate::trace::Trace;
use crate::verdict::Feedback;

/// The near misses, newest last.
pub(super) fn near(wanted: &Exec, facts: &Facts) -> Vec<Feedback> {
    let traces = Traces::of(facts);
    let elsewhere = in_another(wanted, traces).or_else(|| in_a_new_one(wanted, traces));
    let found = [redirected(wanted, traces), elsewhere, copied(wanted, traces), on_host(wanted, traces)];
    found.into_iter().flatten().collect()
}

/// The host's own shell sent the output to a path that is the container's.
fn redirected(wanted: &Exec, traces: Traces) -> Option<Feedback> {
    let calls = traces.calls();
    let is_here =
        |call: &DockerCall| call.command == "container exec" && call.operand(0) == Some(wanted.container.text.as_str());
    let mut taken = calls.iter().filter(|(_, call)| is_here(call)).flat_map(|(_, call)| &call.writes);
    let file = taken.rfind(|file| wanted.command.is_target(file))?;
    let seen = format!("your own shell took `> {}` for itself", file.text);
    let sentence = "Two shells read that line. Which of them did the redirection, and in whose files?";
    Some(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("redirected-by-host"))
}

/// A container of its own ran the command as its main process.
fn in_another(wanted: &Exec, traces: Traces) -> Option<Feedback> {
    let journal = traces.journal()?;
    let mut runs = journal.runs();
    runs.retain(|run| {
        run.name != wanted.container.text
            && run.started.is_some_and(|at| at > traces.facts.since)
            && near::container::may_be_learners(run, traces)
    });
    let did_it = |run: &evidence::Run| {
        let detail = run.detail.as_ref().filter(|detail| !detail.argv.is_empty())?;
        let (argv, place) = (Argv::Known(detail.argv.clone()), Where::begun_in(&detail.working_dir));
        let is_it = wanted.command.of_kind(&argv, &place) == Trace::Done || nearest::names_the_file(wanted, &argv);
        is_it.then_some(argv)
    };
    let (run, argv) = runs.iter().rev().find_map(|run| Some((run, did_it(run)?)))?;
    let seen = format!("`{argv}` ran in {}", run.name);
    let sentence = format!("That was in {}. Which container does the step name?", run.name);
    Some(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("wrong-container"))
}

/// The newest `docker run` that was typed was of the command. A container that is gone at once cannot be asked what it ran.
fn in_a_new_one(wanted: &Exec, traces: Traces) -> Option<Feedback> {
    let calls = traces.calls();
    let (_, call) = calls.iter().rfind(|(_, call)| call.command == "container run")?;
    if call.name.as_deref() == Some(wanted.container.text.as_str()) {
        return None;
    }
    let argv: Option<Vec<String>> = call.operands.iter().skip(1).map(|word| word.known().map(str::to_owned)).collect();
    let (argv, place) = (Argv::Known(argv?), Where::begun_in(call.workdir.as_deref().unwrap_or("/")));
    (wanted.command.of_kind(&argv, &place) == Trace::Done).then(|| {
        let seen = format!("`{argv}` ran in a container of its own");
        let sentence = "That was a new container. Which one does the step name?";
        Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("wrong-container")
    })
}

/// `docker cp` read from the container or wrote to it.
fn copied(wanted: &Exec, traces: Traces) -> Option<Feedback> {
    let container = &wanted.container;
    let is_of_it = |word: &shell::Word| {
        word.known().and_then(|text| text.split_once(':')).is_some_and(|(name, _)| name == container.text)
    };
    let calls = traces.calls();
    calls.iter().rfind(|(line, call)| {
        line.exit_code == 0 && call.command == "container cp" && call.operands.iter().any(is_of_it)
    })?;
    let seen = format!("docker cp copied from or to {container}, from outside");
    Some(not_from_inside(wanted, seen))
}

/// A line ran the same program on the host.
fn on_host(wanted: &Exec, traces: Traces) -> Option<Feedback> {
    let ran = |line: &&evidence::TypedLine| {
        let course = shell::course(line.text(), &Ended::with(line.exit_code));
        let mut commands = course.iter().filter(|(_, fate)| fate.reach == Reach::Yes).map(|(command, _)| command);
        let did_it =
            |command: &shell::Command| runs_it(&wanted.command, &command.words) || writes_its_file(wanted, command);
        commands.any(did_it) && docker_calls(line.text()).is_empty()
    };
    let line = traces.lines().rfind(ran)?;
    Some(not_from_inside(wanted, format!("`{}` ran on your host", line.line.trim())))
}

/// Whether a command of the host's writes to a file of that name: where it is shared, the path is another one.
fn writes_its_file(wanted: &Exec, command: &shell::Command) -> bool {
    let Deed::Writes(path) = &wanted.command.deed else { return false };
    let is_output = |redirect: &&shell::Redirect| matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append);
    let mut outputs = command.redirects.iter().filter(is_output);
    outputs.any(|output| file_name(&output.target.text) == file_name(&path.text))
}

fn runs_it(wanted: &Command, words: &[shell::Word]) -> bool {
    let argv: Option<Vec<String>> = words.iter().map(|word| word.known().map(str::to_owned)).collect();
    argv.is_some_and(|argv| wanted.is_of_program_or_reads(&Argv::Known(argv)))
}

fn not_from_inside(wanted: &Exec, seen: String) -> Feedback {
    let sentence =
        format!("The step wants it done inside {}. Which command runs one in a container?", wanted.container);
    Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("not-from-inside")
}
