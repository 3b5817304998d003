//! Whether a command did what a container was run for: its own, or one that `docker exec` ran in it.

use super::{Did, Outcome, Run};
use crate::evidence::{self, Argv};
use crate::invocation::{Wanted, argv_runs};
use crate::reading::{Reading, joined_reads, joined_words, reads};
use crate::shell::{Ended, Word};
use crate::trace::{Aim, Doubt, Trace};
use crate::verdict::Pass;

impl Run {
    /// Whether a command does what is wanted; `cwd` is where it runs, if that is known.
    pub(super) fn did(&self, argv: &Argv, cwd: Option<&str>) -> Did {
        if let Some(program) = &self.runs {
            let words: Vec<Word> = match argv {
                Argv::Known(argv) => argv.iter().map(|word| Word::literal(word)).collect(),
                Argv::Joined(joined) => joined_words(joined),
            };
            let wanted = Wanted { cwd, ..Wanted::new(&program.text) };
            return match argv_runs(&words, &wanted, &Ended::with(0), Aim::default()) {
                Trace::Done => Did::It,
                Trace::Unclear(Doubt::Shell) => Did::Shell,
                Trace::Unclear(_) => Did::Perhaps,
                Trace::Absent | Trace::Otherwise => Did::Another,
            };
        }
        let Some(file) = &self.reads else { return Did::It };
        let reading = match argv {
            Argv::Known(argv) => reads(argv, &file.text, cwd),
            Argv::Joined(joined) => joined_reads(joined, &file.text, cwd),
        };
        match reading {
            Reading::Reads => Did::It,
            // Where it runs is not known, and its directory was chosen with `-w`.
            Reading::ReadsRelative if cwd.is_none() => Did::It,
            Reading::Shell => Did::Shell,
            Reading::May(_) | Reading::Failed | Reading::NotRead => Did::Perhaps,
            Reading::DoesNot | Reading::ReadsRelative => Did::Another,
        }
    }

    /// A container that was kept waiting while `docker exec` did it in there; `None` for any other. How its own process
    /// ended says nothing.
    pub(super) fn by_exec(&self, run: &evidence::Run, execs: &[evidence::Exec]) -> Option<Outcome> {
        let seen = |exec: &&evidence::Exec| {
            is_within(exec, run) && exec.exit_code == Some(0) && !(exec.detached && self.reads.is_some())
        };
        let did: Vec<_> = execs.iter().filter(seen).map(|exec| (exec.at(), self.did(&exec.argv, None))).collect();
        if let Some((at, _)) = did.iter().find(|(_, did)| *did == Did::It) {
            let sentence = "Who cleans up a container that has done its one thing?";
            let left = |how| {
                let seen = format!("{} did it, and is still {how}", run.name);
                Some(self.wrong(6, seen, sentence, Some("left-behind")))
            };
            return match (run.removed, run.died) {
                (None, None) if self.gone => left("running"),
                (None, Some(_)) if self.gone => left("there, stopped"),
                (removed, died) => {
                    let end = removed.or(died.map(|(at, _)| at)).unwrap_or(*at).max(*at);
                    Some(Outcome::Right(Pass::since(Some(end))))
                }
            };
        }
        run.died?;
        let name = &run.name;
        did.iter().find_map(|(_, did)| match did {
            Did::Shell => Some(Outcome::Unseen(format!("there was a shell in {name}, but not what was typed in it"))),
            Did::Perhaps => Some(Outcome::Unseen(format!("whether a command in {name} did it cannot be told"))),
            Did::It | Did::Another => None,
        })
    }
}

/// Whether an exec was in this container: its name may have been another one's before or after. A health check is the
/// engine's.
fn is_within(exec: &evidence::Exec, run: &evidence::Run) -> bool {
    let end = run.removed.or(run.died.map(|(at, _)| at));
    exec.container == run.name
        && !exec.health_check
        && run.started.is_some_and(|started| exec.started >= started)
        && end.is_none_or(|end| exec.started <= end)
}
