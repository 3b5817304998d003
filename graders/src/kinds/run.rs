//! `run: { image, volume | bind, at, reads?, runs?, gone? }`: a container that did one thing and ended. Proved from the events.

mod helper;
mod outcome;
mod source;

use super::not_begun;
use super::target::{destination, must_be_absolute, target};
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{Journal, MountSeen};
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::path::{clean, same_source};
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle, Pass};

/// Wants a container to have run to its end.
#[derive(Debug)]
pub struct Run {
    image: Name,
    source: Name,
    at: String,
    reads: Option<Text>,
    /// The program that it must run.
    runs: Option<Text>,
    /// Whether the container must be gone afterwards; true unless told otherwise.
    gone: bool,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `run` check",
    &[
        Field::required("image", Form::Name(NameKind::Image), "The image that it is from."),
        Field::optional("volume", Form::Name(NameKind::Volume), "A volume that was mounted in it."),
        Field::optional("bind", Form::HostPath, "A directory or file of the host that was mounted in it."),
        Field::required("at", Form::AbsolutePath, "Where it was mounted."),
        Field::optional("reads", Form::Text, "A file that its command shows."),
        Field::optional("runs", Form::Text, "The name of the program that it runs, or that is run in it."),
        Field::optional("gone", Form::Truth, "Whether it must be removed afterwards.").default("true"),
    ],
)
.rules(&[Rule::OneOf(&["volume", "bind"]), Rule::AtMostOne(&["reads", "runs"])]);

impl Described for Run {
    const ABOUT: &'static str =
        "A container was created and run to its end with 0, after the step before was completed.";
    const FORM: Form = Form::Map(&SHAPE);
}

/// What a command has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Did {
    /// What is wanted.
    It,
    /// Something else.
    Another,
    /// It is a shell, in which anything may have been typed.
    Shell,
    /// That depends on what only its shell knew.
    Perhaps,
}

/// How far a run comes towards what is wanted: what is still wrong with it, or since when it is right.
enum Outcome {
    Right(Pass),
    /// It may be right: what could not be seen of it.
    Unseen(String),
    /// It has nothing to do with what is wanted.
    Unrelated,
    /// The greater the number, the nearer it came.
    Wrong(u8, Feedback),
}

impl Decode for Run {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let image = fields.name("image", NameKind::Image);
        let source = target(&mut fields, &["volume", "bind"]);
        if let Some(path) = source.as_ref().filter(|source| source.kind == NameKind::Path) {
            must_be_absolute(&path.text, path.span, fields.faults);
        }
        let at = destination(&mut fields);
        let reads = fields.optional("reads");
        let runs = fields.optional::<Text>("runs");
        let gone = fields.optional("gone").unwrap_or(true);
        fields.end();
        Some(Self { image: image?, source: source?, at: at?, reads, runs, gone })
    }
}

impl Run {
    fn is_at(&self, mount: &MountSeen) -> bool {
        clean(&mount.destination) == clean(&self.at)
    }

    fn is_source(&self, mount: &MountSeen) -> bool {
        match self.source.kind {
            NameKind::Volume => mount.kind == "volume" && mount.source == self.source.text,
            _ => mount.kind == "bind" && same_source(&mount.source, &self.source.text),
        }
    }
}

impl Grader for Run {
    fn wants(&self) -> String {
        let reads = self.reads.as_ref().map(|file| format!(", reads {file}")).unwrap_or_default();
        let runs = self.runs.as_ref().map(|program| format!(", runs {program}")).unwrap_or_default();
        let gone = if self.gone { ", and is gone again" } else { "" };
        format!("a container from {} has {} at {}{reads}{runs}{gone}", self.image, self.source, self.at)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Journal, Ask::Image(self.image.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let nothing = Journal::default();
        let journal = facts.journal()?.unwrap_or(&nothing);
        let (runs, execs) = (journal.runs(), journal.execs());
        // What was started before the evidence counts belongs to another step.
        let recent = runs.iter().filter(|run| run.started.or(run.created).is_some_and(|at| at > facts.since));
        let mut nearest: Option<(u8, Feedback)> = None;
        let mut unseen = None;
        for run in recent {
            match self.outcome(run, &execs, facts)? {
                Outcome::Right(pass) => return Ok(Finding::Pass(pass)),
                Outcome::Unseen(what) => unseen = Some(what),
                Outcome::Unrelated => {}
                // On a shared engine, what has nothing of this learner's can be anybody's.
                Outcome::Wrong(0, _) if !near::container::may_be_learners(run, near::Traces::of(facts)) => {}
                Outcome::Wrong(rank, feedback) => {
                    if nearest.as_ref().is_none_or(|(best, _)| rank >= *best) {
                        nearest = Some((rank, feedback));
                    }
                }
            }
        }
        if let Some(what) = unseen {
            return Err(CannotLook::new(Obstacle::Unseen, what, "answer the step's question instead"));
        }
        let is_unknown = self.source.kind == NameKind::Path && journal.has_dropped_unknown_after(facts.since);
        if journal.has_gap_after(facts.since) || is_unknown {
            let what = "the engine no longer tells all the containers that ran";
            return Err(CannotLook::new(Obstacle::Gap, what, "run it again, then check"));
        }
        Ok(match nearest {
            Some((_, feedback)) => Finding::Fail(feedback),
            None => not_begun(self.wants(), "no such container has run since"),
        })
    }

    fn asks_when_wrong(&self, _facts: &Facts) -> Vec<Ask> {
        vec![Ask::Typed]
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let wanted = near::swapped::Wanted { source: &self.source, at: &self.at };
        let another = near::engine::another(&self.wants(), near::Traces::of(facts));
        let typed = wanted.typed(None, &self.wants(), facts).or_else(|| source::typed(self, facts));
        typed.into_iter().chain(another).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.image);
        visitor.name(&mut self.source);
        for text in self.reads.iter_mut().chain(&mut self.runs) {
            visitor.text(text);
        }
    }
}
