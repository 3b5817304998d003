//! What a lab is, once it has been read.

use labrun_graders::name::{Name, Text};
use labrun_graders::node::Span;
use labrun_graders::{Check, Own};

use super::tool::Tool;

/// An ordered set of labs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// The ids of its labs, in order.
    pub labs: Vec<String>,
}

/// One sitting: briefing, parts, steps, wrap-up.
#[derive(Debug)]
pub struct Lab {
    /// Its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// For whom: beginner, intermediate or advanced.
    pub level: String,
    /// How long it usually takes.
    pub minutes: u32,
    /// How long an exam of it takes at most, in minutes; `None` is without a limit.
    pub exam_minutes: Option<u32>,
    /// Images that must be on the engine before it begins.
    pub images: Vec<String>,
    /// The only names that reset, catchup and verify may ever remove.
    pub owns: Owns,
    /// Markdown shown at the start.
    pub briefing: Text,
    /// Markdown shown at the end.
    pub wrap_up: Text,
    /// Its steps, in order; at least one.
    pub steps: Vec<Step>,
}

/// The names that belong to a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owns {
    /// Each with its kind and the place where the lab file lists it.
    pub names: Vec<Name>,
}

/// One task for the learner, graded as a whole.
#[derive(Debug)]
pub struct Step {
    /// A kebab-case name, unique in the lab.
    pub id: String,
    /// Where the lab file gives it.
    pub id_span: Span,
    /// The part that it belongs to, if the lab has parts.
    pub part: Option<Text>,
    /// Its title.
    pub title: Text,
    /// What it takes beside docker; where that is missing, the step is passed over.
    pub needs: Option<Tool>,
    /// Markdown: what to do.
    pub task: Text,
    /// Markdown: nudges, from vague to near.
    pub hints: Vec<Text>,
    /// Shell text that solves it.
    pub solution: Text,
    /// What must hold; at least one.
    pub checks: Vec<Check>,
    /// Markdown: why it is so, shown after a pass.
    pub explain: Option<Text>,
    /// The author's own names for what goes wrong, nearest first.
    pub diagnoses: Vec<Own>,
    /// Attempts that must be refused.
    pub mistakes: Vec<Mistake>,
}

/// A wrong attempt that `verify` makes, to see it refused with the right diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Shell text.
    pub run: Text,
    /// The diagnosis that must be named.
    pub diagnosis: Text,
    /// What it leaves behind beside what the lab owns.
    pub leaves: Vec<Name>,
}

impl Step {
    /// Its texts that may mention owned names; those of its checks and mistakes are theirs.
    pub(super) fn texts_mut(&mut self) -> impl Iterator<Item = &mut Text> {
        let texts = [Some(&mut self.title), Some(&mut self.task), Some(&mut self.solution)];
        texts.into_iter().chain([self.part.as_mut(), self.explain.as_mut()]).flatten().chain(&mut self.hints)
    }
}

impl Lab {
    /// The names by which an engine's events concern the lab: those that it owns, and those of its images.
    #[must_use]
    pub fn names_of_events(&self) -> Vec<String> {
        self.owns.names.iter().map(|name| name.text.clone()).chain(self.images.iter().cloned()).collect()
    }

    /// The position of a step, by its id or its number counted from 1.
    #[must_use]
    pub fn step_index(&self, step: &str) -> Option<usize> {
        let by_number = step.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < self.steps.len());
        by_number.or_else(|| self.steps.iter().position(|known| known.id == step))
    }

    /// The position after the last step of a part, by the part's number counted from 1 or by its title.
    #[must_use]
    pub fn end_of_part(&self, part: &str) -> Option<usize> {
        let named = |index: usize| {
            self.part_of(index)
                .is_some_and(|(number, title)| number.to_string() == part || title.eq_ignore_ascii_case(part))
        };
        (0..self.steps.len()).rev().find(|index| named(*index)).map(|index| index + 1)
    }

    /// The part that a step belongs to: the last one named up to it. With its number, counted from 1.
    #[must_use]
    pub fn part_of(&self, index: usize) -> Option<(usize, &str)> {
        let mut parts: Vec<&str> = Vec::new();
        for step in self.steps.iter().take(index + 1) {
            if let Some(part) = &step.part
                && parts.last() != Some(&part.text.as_str())
            {
                parts.push(&part.text);
            }
        }
        parts.last().map(|part| (parts.len(), *part))
    }
}
