//! What comes nearest to a command that is wanted, and which mistake that is.

use super::super::not_begun;
use super::command::Command;
use super::directory::Where;
use super::{Begin, Deed, Exec, is_in_time, is_of_shell};
use crate::evidence::{self, Argv};
use crate::fact::Facts;
use crate::grader::Grader;
use crate::near::spelling;
use crate::path::file_name;
use crate::trace::Trace;
use crate::verdict::{Feedback, Finding};

/// Nearest first: the right command that ended in another way or came too early, the right one with other arguments or
/// elsewhere, another one.
pub(super) fn to(wanted: &Exec, execs: &[evidence::Exec], begin: Begin, facts: &Facts) -> Finding {
    let command = &wanted.command;
    let here = |exec: &&evidence::Exec| wanted.is_here(exec);
    let fits = |exec: &&evidence::Exec| !matches!(wanted.trace(exec, facts), Trace::Absent | Trace::Unclear(_));
    let diagnosed = |seen: String, sentence: &str, diagnosis| {
        Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed(diagnosis))
    };
    let in_time = |exec: &&evidence::Exec| is_in_time(exec, begin);
    if let Some(follows) = &wanted.follows
        && let Some(exec) =
            execs.iter().filter(here).filter(in_time).rfind(|exec| wanted.trace(exec, facts) == Trace::Done)
    {
        let other = follows.wants(&wanted.container);
        let seen = format!("`{}` ran in {}, and not after this: {other}", exec.argv, wanted.container);
        // What came before and ended otherwise has a mistake of its own.
        let is_there = execs.iter().any(|other| follows.is_it(other, &wanted.container, facts));
        if follows.came_before(exec, &wanted.container, execs, facts) == Trace::Otherwise || !is_there {
            let sentence = "The one before it did not do what it was to do. Begin with that.";
            return Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence));
        }
        let sentence = "The order matters. What does the command say once the other one has done its part?";
        return diagnosed(seen, sentence, "too-early");
    }
    if let Some(exec) = execs.iter().filter(here).filter(in_time).rfind(fits) {
        return ended_otherwise(wanted, exec);
    }
    let did_it = |exec: &&evidence::Exec| wanted.trace(exec, facts) == Trace::Done;
    if let Some(exec) = execs.iter().filter(here).rfind(did_it) {
        return too_early(wanted, exec, begin);
    }
    if let Some(exec) = execs.iter().filter(here).rfind(fits) {
        return ended_otherwise(wanted, exec);
    }
    if let Some(exec) = execs.iter().filter(here).rfind(|exec| is_quoted_whole(command, exec)) {
        let seen = format!("`{}` was taken for the name of one program", exec.argv);
        return diagnosed(seen, "What do the quotes make of several words?", "quoted-as-one-word");
    }
    let only_made = |exec: &&evidence::Exec| command.only_makes(exec, &wanted.place(exec, facts));
    if let Some(exec) = execs.iter().filter(here).rfind(only_made) {
        let seen = format!("`{}` ran in {}, which writes nothing into the file", exec.argv, wanted.container);
        return diagnosed(seen, "The file is there, and it is empty. What puts a line into it?", "empty-file");
    }
    let wrote = |exec: &&evidence::Exec| {
        let code = exec.exit_code.unwrap_or_default();
        !exec.could_not_start() && command.writes_elsewhere(&exec.argv, code, &wanted.place(exec, facts))
    };
    if let Some(exec) = execs.iter().filter(here).rfind(wrote) {
        if let Some(feedback) = misnamed(wanted, exec) {
            return Finding::Fail(feedback);
        }
        let seen = format!("`{}` ran in {}", exec.argv, wanted.container);
        return diagnosed(
            seen,
            "The right container, another path. Where does the step want it to write?",
            "wrong-path",
        );
    }
    if let Some(exec) = execs.iter().rfind(fits) {
        return elsewhere(wanted, exec);
    }
    let has_other_arguments = |exec: &&evidence::Exec| !exec.could_not_start() && command.is_of_program(&exec.argv);
    if let Some(exec) = execs.iter().filter(here).filter(|_| !command.args.is_empty()).rfind(has_other_arguments) {
        let seen = format!("`{}` ran in {}", exec.argv, wanted.container);
        let sentence = "It is the right program. What does the step want it to look at, and how?";
        return diagnosed(seen, sentence, "other-arguments");
    }
    match execs.iter().rfind(|exec| here(exec) || is_about_the_file(&command.deed, &exec.argv)) {
        Some(exec) if !wanted.is_here(exec) => elsewhere(wanted, exec),
        Some(exec) if exec.could_not_start() => ended_otherwise(wanted, exec),
        Some(exec) if is_failed(exec) && names_another_path(&command.deed, &exec.argv) => {
            let seen = format!("`{}` ran in {}", exec.argv, wanted.container);
            diagnosed(seen, "The right container, another path. Where does this one see the file?", "wrong-path")
        }
        Some(exec) if is_failed(exec) && !wanted.command.fails => {
            let seen =
                format!("`{}` in {} ended with {}", exec.argv, wanted.container, exec.exit_code.unwrap_or_default());
            diagnosed(seen, "Read what it said, and compare the command with the task.", "command-failed")
        }
        Some(exec) => {
            let seen = format!("`{}` ran in {}", exec.argv, wanted.container);
            let sentence = match &wanted.command.deed {
                Deed::Reads(_) => "Did that show the file? Compare its path with the one that the step is about.",
                Deed::Writes(_) => "Does that write anything? Compare it with what the step is about.",
                Deed::Runs(_) => "Compare the command with the one that the step is about.",
            };
            diagnosed(seen, sentence, "other-command")
        }
        None => not_begun(wanted.wants(), format!("nothing has run in {} since", wanted.container)),
    }
}

/// It did what is wanted, before what it was to follow.
fn too_early(wanted: &Exec, exec: &evidence::Exec, begin: Begin) -> Finding {
    let (Some(after), container) = (&wanted.after, &wanted.container) else { return ended_otherwise(wanted, exec) };
    let (seen, sentence) = match begin {
        Begin::Never => (
            format!("`{}` ran, and {container} has not been {} in this step", exec.argv, after.participle()),
            format!("The {} comes first. What does the command say after it?", after.noun()),
        ),
        Begin::Step | Begin::Event(_) => (
            format!("`{}` ran in {container} before its last {}", exec.argv, after.noun()),
            format!("That was before the {}. What does the command say after it? Run it again.", after.noun()),
        ),
    };
    Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("too-early"))
}

/// It ran in the right container, and did not end as it was to, or unseen.
fn ended_otherwise(wanted: &Exec, exec: &evidence::Exec) -> Finding {
    let command = format!("`{}` in {}", exec.argv, wanted.container);
    let feedback = |seen: String, sentence: &str| Feedback::wrong(wanted.wants(), seen, sentence);
    Finding::Fail(match (exec.exit_code, &wanted.command.deed) {
        (None, _) => feedback(format!("{command} has not ended"), "It counts when it has ended."),
        (Some(_), _) if exec.could_not_start() => feedback(
            format!("{command} could not start"),
            "Is there such a program in the container, and is it spelled as you meant it?",
        )
        .diagnosed("command-cannot-start"),
        (Some(126 | 127), _) if wanted.command.fails => feedback(
            format!("{command} ended with {}: a program did not start", exec.exit_code.unwrap_or_default()),
            "Is there such a program in the container, and is it spelled as you meant it?",
        )
        .diagnosed("command-cannot-start"),
        (Some(0), _) if wanted.command.fails => feedback(
            format!("{command} ended with 0"),
            "It was to fail, and it went through. What should have stood in its way?",
        )
        .diagnosed("not-refused"),
        (Some(code), _) if wanted.command.fails && !exec.detached => feedback(
            format!("{command} ended with {code}: it was interrupted"),
            "Let it end by itself. What does it say?",
        ),
        (Some(_), Deed::Runs(_) | Deed::Writes(_)) if wanted.command.fails => feedback(
            format!("{command} ran in the background"),
            "Nobody saw what it said. What connects a command's output to your terminal?",
        )
        .diagnosed("output-not-shown"),
        (Some(code), Deed::Reads(_)) if code == 0 || wanted.command.fails => feedback(
            format!("{command} ran in the background"),
            "It read the file, and nobody saw it. What connects a command's output to your terminal?",
        )
        .diagnosed("output-not-shown"),
        (Some(code), Deed::Reads(_)) => feedback(
            format!("{command} ended with {code}"),
            "It was the right kind of command. Read what it said: was the file there?",
        )
        .diagnosed("command-failed"),
        (Some(code), Deed::Runs(_) | Deed::Writes(_)) => {
            feedback(format!("{command} ended with {code}"), "It was the right command. Read what it said.")
                .diagnosed("command-failed")
        }
    })
}

/// It wrote a file of nearly the wanted name.
fn misnamed(wanted: &Exec, exec: &evidence::Exec) -> Option<Feedback> {
    let name = wanted.command.file_to_write()?;
    let command = exec.argv.to_string();
    let words = command.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | ';' | '='));
    let found = words.map(file_name).find(|found| spelling::is_file_slip(found, name))?;
    let seen = format!("{} wrote {found}, and no {name}", wanted.container);
    let sentence = format!("In {found}, {}. Compare the names.", spelling::file_difference(found, name));
    Some(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("file-name-mistyped"))
}

fn is_failed(exec: &evidence::Exec) -> bool {
    exec.exit_code.is_some_and(|code| code != 0)
}

/// It ran in another container.
fn elsewhere(wanted: &Exec, exec: &evidence::Exec) -> Finding {
    let seen = format!("`{}` ran in {}", exec.argv, exec.container);
    let place = &exec.container;
    let sentence = match &wanted.command.deed {
        Deed::Reads(_) => {
            format!("That was in {place}. Which container does the step name, and where is the file there?")
        }
        Deed::Runs(_) | Deed::Writes(_) => format!("That was in {place}. Which container does the step name?"),
    };
    Finding::Fail(Feedback::wrong(wanted.wants(), seen, sentence).diagnosed("wrong-container"))
}

/// `docker exec c "cat /x"`: the right command, handed over as one word.
fn is_quoted_whole(command: &Command, exec: &evidence::Exec) -> bool {
    match &exec.argv {
        Argv::Known(argv) => match argv.as_slice() {
            [word] => {
                let trace = command.of_kind(&Argv::Joined(word.clone()), &Where::default());
                // Where a relative path leads does not matter here.
                exec.could_not_start() && matches!(trace, Trace::Done | Trace::Unclear(_)) && !is_of_shell(trace)
            }
            _ => false,
        },
        Argv::Joined(_) => false,
    }
}

/// Whether a command mentions a file of the wanted name: in another container it may be at another path.
fn is_about_the_file(deed: &Deed, argv: &Argv) -> bool {
    mentions(deed, argv).next().is_some()
}

/// Whether a command is about the file that the wanted one reads or writes, perhaps at another path.
pub(super) fn names_the_file(wanted: &Exec, argv: &Argv) -> bool {
    is_about_the_file(&wanted.command.deed, argv)
}

/// Whether it does so by another path only.
fn names_another_path(deed: &Deed, argv: &Argv) -> bool {
    let is_wanted = |word: &String| matches!(deed, Deed::Reads(file) | Deed::Writes(file) if file.text == *word);
    let is_other = |word: &String| word.starts_with('/') && !is_wanted(word);
    let mut words = mentions(deed, argv).peekable();
    words.peek().is_some() && words.all(|word| is_other(&word))
}

/// The words of a command that end with the wanted file's name.
fn mentions(deed: &Deed, argv: &Argv) -> impl Iterator<Item = String> {
    let wanted = match deed {
        Deed::Reads(file) => Some(file_name(&file.text)),
        // Of a directory any file may be meant.
        Deed::Writes(file) if !file.text.ends_with('/') => Some(file_name(&file.text)),
        Deed::Runs(_) | Deed::Writes(_) => None,
    };
    let text = argv.to_string();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ';'));
    let words: Vec<String> = words.filter(|word| Some(file_name(word)) == wanted).map(str::to_owned).collect();
    words.into_iter()
}
