//! `run: { image, volume | bind, at, reads?, gone? }`: a container that did one thing and ended. Proved from the events.

use super::image::same_name;
use super::not_begun;
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{self, Journal, MountSeen};
use crate::fact::{Ask, Facts, Nanos};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::node::Node;
use crate::path::{clean, same_source};
use crate::reading::{Reading, reads};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle, Pass};

/// Wants a container to have run to its end.
#[derive(Debug)]
pub struct Run {
    image: Name,
    source: Name,
    at: String,
    reads: Option<Text>,
    /// Whether the container must be gone afterwards; true unless told otherwise.
    gone: bool,
}

impl Decode for Run {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "a `run` check", faults)?;
        let image = fields.name("image", NameKind::Image);
        let sources = [("volume", NameKind::Volume), ("bind", NameKind::Path)];
        let source = super::target::target(&mut fields, &sources);
        let at = fields.required("at");
        let reads = fields.optional("reads");
        let gone = fields.optional("gone").unwrap_or(true);
        fields.end();
        Some(Self { image: image?, source: source?, at: at?, reads, gone })
    }
}

/// How far a run comes towards what is wanted: what is still wrong with it, or since when it is right.
enum Outcome {
    Right(Pass),
    Unseen,
    /// The greater the number, the nearer it came.
    Wrong(u8, Feedback),
}

impl Run {
    fn judge_run(&self, run: &evidence::Run, image_id: Option<&str>) -> Outcome {
        let wrong =
            |rank, seen: String, sentence: &str| Outcome::Wrong(rank, Feedback::wrong(self.wants(), seen, sentence));
        let detail = run.detail.as_ref();
        let same_id =
            detail.is_some_and(|detail| !detail.image_id.is_empty() && Some(detail.image_id.as_str()) == image_id);
        let Some(mount) = run.mounts.iter().find(|mount| self.is_source(mount)) else {
            let seen = format!("{} ran without {}", run.name, self.source);
            return wrong(0, seen, "What did that container see of your data?");
        };
        if clean(&mount.destination) != clean(&self.at) {
            let seen = format!("{} had {} at {}", run.name, self.source, mount.destination);
            return match wrong(1, seen, "Where does the task want this container to see it?") {
                Outcome::Wrong(rank, feedback) => Outcome::Wrong(rank, feedback.diagnosed("wrong-destination")),
                outcome => outcome,
            };
        }
        if !same_name(&run.image, &self.image.text) && !same_id {
            return wrong(2, format!("{} was from {}", run.name, run.image), "Compare the image with the task's.");
        }
        let (died, code) = match (run.started, run.died) {
            (None, _) => {
                return wrong(3, format!("{} was never started", run.name), "Creating a container is not running it.");
            }
            (Some(_), None) => {
                return wrong(4, format!("{} is still running", run.name), "It was to do one thing and end.");
            }
            (Some(_), Some(died)) => died,
        };
        let reading = match (&self.reads, detail) {
            (None, _) => Some(Reading::Reads),
            (Some(file), Some(detail)) if !detail.argv.is_empty() => {
                let cwd = if detail.working_dir.is_empty() { "/" } else { &detail.working_dir };
                Some(reads(&detail.argv, &file.text, Some(cwd)))
            }
            // It was gone before it could be asked: that it ended well, and showed its output to somebody, is known.
            (Some(_), _) => None,
        };
        match reading {
            Some(Reading::Shell) if code == 0 => return Outcome::Unseen,
            Some(Reading::DoesNot | Reading::ReadsRelative | Reading::Shell) => {
                let argv = detail.map(|detail| detail.argv.join(" ")).unwrap_or_default();
                return wrong(4, format!("{} ran `{argv}`", run.name), "Did that show what is in the file?");
            }
            None if run.attached.is_none() => {
                return wrong(4, format!("{} ran in the background", run.name), "Where could its output be read?");
            }
            _ => {}
        }
        if code != 0 {
            return wrong(5, format!("{} ended with {code}", run.name), "Read what it said: is the path right?");
        }
        match run.removed {
            None if self.gone => Outcome::Wrong(
                6,
                Feedback::wrong(
                    self.wants(),
                    format!("{} did it, and is still there, stopped", run.name),
                    "Who cleans up a container that has done its one thing?",
                )
                .diagnosed("left-behind"),
            ),
            removed => {
                let at: Nanos = removed.unwrap_or(died).max(died);
                let caveat = reading.is_none().then(|| {
                    format!("{} was gone before it could be asked which command it ran; that it ran, with {}, and ended well is known", run.name, self.source)
                });
                Outcome::Right(Pass { at: Some(at), caveat })
            }
        }
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
        let gone = if self.gone { ", and is gone again" } else { "" };
        format!("a container from {} has {} at {}{reads}{gone}", self.image, self.source, self.at)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Journal, Ask::Image(self.image.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let nothing = Journal::default();
        let journal = facts.journal()?.unwrap_or(&nothing);
        let image_id = facts.image(&self.image.text)?.map(|image| image.id.as_str());
        let runs = journal.runs();
        // What was created before the evidence counts belongs to another step.
        let recent = runs.iter().filter(|run| run.created.is_some_and(|at| at > facts.since));
        let mut nearest: Option<(u8, Feedback)> = None;
        let mut unseen = None;
        for run in recent {
            match self.judge_run(run, image_id) {
                Outcome::Right(pass) => return Ok(Finding::Pass(pass)),
                Outcome::Unseen => unseen = Some(run.name.clone()),
                Outcome::Wrong(rank, feedback) => {
                    if nearest.as_ref().is_none_or(|(best, _)| rank >= *best) {
                        nearest = Some((rank, feedback));
                    }
                }
            }
        }
        if let Some(name) = unseen {
            let what = format!("there was a shell in {name}, but not what was typed in it");
            return Err(CannotLook::new(Obstacle::Unseen, what, "answer the step's question instead"));
        }
        if journal.has_gap_after(facts.since) {
            let what = "the engine no longer tells all the containers that ran";
            return Err(CannotLook::new(Obstacle::Gap, what, "run it again, then check"));
        }
        Ok(match nearest {
            Some((_, feedback)) => Finding::Fail(feedback),
            None => not_begun(self.wants(), "no such container has run since"),
        })
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.image);
        visitor.name(&mut self.source);
        if let Some(reads) = &mut self.reads {
            visitor.text(reads);
        }
    }
}
