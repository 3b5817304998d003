//! `exec: { container, reads | runs }`: a command that was run in a container. It leaves no state, so it is proved from
//! the engine's events.

use super::{not_begun, pass, wrong};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{self, Argv, Journal};
use crate::fact::{Ask, Facts};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::node::Node;
use crate::reading::{Reading, joined_reads, reads};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// Wants a command to have been run in a container, and to have ended well.
#[derive(Debug)]
pub struct Exec {
    container: Name,
    /// A file that it shows.
    reads: Option<Text>,
    /// The name of a program that it runs.
    runs: Option<Text>,
}

impl Decode for Exec {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "an `exec` check", faults)?;
        let container = fields.name("container", NameKind::Container);
        let reads = fields.optional("reads");
        let runs = fields.optional("runs");
        fields.one_of(&["reads", "runs"]);
        fields.end();
        Some(Self { container: container?, reads, runs })
    }
}

impl Exec {
    /// How a command fits, wherever it ran and however it ended.
    fn fit(&self, argv: &Argv) -> Reading {
        if let Some(file) = &self.reads {
            // The working directory of an exec is told nowhere: neither by its event nor by its inspection.
            return match argv {
                Argv::Known(argv) => reads(argv, &file.text, None),
                Argv::Joined(joined) => joined_reads(joined, &file.text, None),
            };
        }
        let program = match argv {
            Argv::Known(argv) => argv.first().cloned().unwrap_or_default(),
            Argv::Joined(joined) => joined.split(' ').next().unwrap_or_default().to_owned(),
        };
        let wanted = self.runs.as_ref().map(|runs| runs.text.as_str());
        if program.rsplit('/').next() == wanted { Reading::Reads } else { Reading::DoesNot }
    }

    /// What comes nearest, when nothing fits.
    fn nearest(&self, journal: &Journal, execs: &[evidence::Exec]) -> Finding {
        let fits = |exec: &&evidence::Exec| matches!(self.fit(&exec.argv), Reading::Reads | Reading::ReadsRelative);
        let here = |exec: &&evidence::Exec| exec.container == self.container.text;
        if let Some(exec) = execs.iter().filter(here).rfind(fits) {
            let seen = match exec.exit_code {
                Some(code) => format!("`{}` in {} ended with {code}", exec.argv, self.container),
                None => format!("`{}` in {} has not ended", exec.argv, self.container),
            };
            return wrong(
                self.wants(),
                seen,
                "It was the right kind of command. Read what it said: is the path right?",
            );
        }
        if let Some(exec) = execs.iter().rfind(fits) {
            let seen = format!("`{}` ran in {}", exec.argv, exec.container);
            let sentence = format!(
                "That was in {}. Which container does the step name, and where is the volume there?",
                exec.container
            );
            return Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("wrong-container"));
        }
        match execs.iter().rfind(here) {
            Some(exec) => {
                let seen = format!("`{}` ran in {}", exec.argv, self.container);
                wrong(self.wants(), seen, "That is not what the step asks for. Which path does it name?")
            }
            None if journal.entries.is_empty() => not_begun(self.wants(), "nothing has happened since"),
            None => not_begun(self.wants(), format!("nothing has run in {} since", self.container)),
        }
    }
}

impl Grader for Exec {
    fn wants(&self) -> String {
        match (&self.reads, &self.runs) {
            (Some(file), _) => format!("{file} was read in {}", self.container),
            (None, Some(program)) => format!("{program} was run in {}", self.container),
            (None, None) => String::new(),
        }
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Journal]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let nothing = Journal::default();
        let journal = facts.journal()?.unwrap_or(&nothing);
        let execs: Vec<evidence::Exec> = journal.execs().into_iter().filter(|exec| exec.at() > facts.since).collect();
        let here = execs.iter().filter(|exec| exec.container == self.container.text);
        let mut shell = false;
        for exec in here {
            match self.fit(&exec.argv) {
                // A relative path that could be read is the file: its directory was chosen with `-w`.
                Reading::Reads | Reading::ReadsRelative if exec.exit_code == Some(0) => {
                    return Ok(pass(Some(exec.at())));
                }
                Reading::Shell => shell = true,
                _ => {}
            }
        }
        let attached = journal
            .runs()
            .iter()
            .any(|run| run.name == self.container.text && run.attached.is_some_and(|at| at > facts.since));
        if shell || attached {
            return Err(CannotLook::new(
                Obstacle::Unseen,
                format!("there was a shell in {}, but not what was typed in it", self.container),
                "answer the step's question instead",
            ));
        }
        if journal.has_gap_after(facts.since) {
            return Err(CannotLook::new(
                Obstacle::Gap,
                format!("the engine no longer tells all that happened in {}", self.container),
                "run the command again, then check",
            ));
        }
        Ok(self.nearest(journal, &execs))
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        for text in [&mut self.reads, &mut self.runs].into_iter().flatten() {
            visitor.text(text);
        }
    }
}
