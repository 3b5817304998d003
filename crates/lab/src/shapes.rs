//! What stands in a `lab.yaml` and a `track.yaml`, described once: see [`labrun_graders::shape`].

#[cfg(test)]
mod tests;
#[cfg(test)]
mod values;

use labrun_graders::Own;
use labrun_graders::name::NameKind;
use labrun_graders::shape::{ANY_NUMBER, Described, Field, Form, Shape};

use super::tool::Tool;

/// For whom a lab is.
pub(super) const LEVELS: [&str; 3] = ["beginner", "intermediate", "advanced"];

pub(super) const TRACK: Shape = Shape::new(
    "a track",
    &[
        Field::required("title", Form::Text, "The track's title."),
        Field::required("summary", Form::Text, "What it is about, in a sentence."),
        Field::required("labs", Form::list(&Form::Text), "The labs in their order: folders beside `track.yaml`."),
    ],
);

pub(super) const LAB: Shape = Shape::new(
    "a lab",
    &[
        Field::required("title", Form::Text, "The lab's title."),
        Field::required("summary", Form::Text, "What it is about, in a sentence."),
        Field::required("level", Form::Word(&LEVELS), "For whom it is."),
        Field::required("minutes", ANY_NUMBER, "How long it usually takes."),
        Field::optional("exam", Form::Map(&EXAM), "How it is as an exam. Without it, an exam has no end."),
        Field::optional("requires", Form::Map(&REQUIRES), "What must be on the engine before the lab begins."),
        Field::required(
            "owns",
            Form::Map(&OWNS),
            "The only names that the lab may make, and that `reset` and `verify` may remove.",
        ),
        Field::required("briefing", Form::FileName, "A Markdown file, shown at the start."),
        Field::optional("wrap_up", Form::FileName, "A Markdown file, shown at the end."),
        Field::required("steps", Form::list(&Form::Map(&STEP)), "The steps in their order."),
    ],
);

pub(super) const EXAM: Shape =
    Shape::new("`exam`", &[Field::required("minutes", ANY_NUMBER, "How long `start --exam` gives.")]);

pub(super) const REQUIRES: Shape = Shape::new(
    "`requires`",
    &[Field::optional("images", Form::list(&Form::Name(NameKind::Image)), "Images that are to be there.")],
);

pub(super) const OWNS: Shape = Shape::new(
    "`owns`",
    &[
        Field::optional("containers", Form::list(&Form::Name(NameKind::Container)), "Exact names of containers."),
        Field::optional("volumes", Form::list(&Form::Name(NameKind::Volume)), "Exact names of volumes."),
        Field::optional("networks", Form::list(&Form::Name(NameKind::Network)), "Exact names of networks."),
        Field::optional("images", Form::list(&Form::Name(NameKind::Image)), "Exact names of images."),
        Field::optional(
            "paths",
            Form::list(&Form::Name(NameKind::Path)),
            "Paths of the host, below `/tmp/` or `/var/tmp/`, without `.` or `..` in them.",
        ),
    ],
);

pub(super) const STEP: Shape = Shape::new(
    "a step",
    &[
        Field::required("id", Form::Id, "Its name; once in a lab."),
        Field::optional("part", Form::Text, "Begins a new part with this title; without it, the part goes on."),
        Field::required("title", Form::Text, "The step's title."),
        Field::optional(
            "needs",
            Form::Word(&Tool::WORDS),
            "What the step takes beside docker. Where that is missing, the step is passed over, and no later step may \
             build on it.",
        ),
        Field::required("task", Form::Markdown, "What to do."),
        Field::optional("hints", Form::list(&Form::Markdown), "Nudges, from vague to near."),
        Field::required(
            "solution",
            Form::Shell,
            "Does the step, in `bash`, beginning with what the steps before it left.",
        ),
        Field::required("checks", Form::list(&Form::Check), "What must hold, all of it."),
        Field::optional("explain", Form::Markdown, "Why it is so; shown after a pass."),
        Field::optional("diagnoses", Form::list(&Own::FORM), "Near misses that labrun has no name for, nearest first."),
        Field::optional("mistakes", Form::list(&Form::Map(&MISTAKE)), "Attempts that must be refused."),
    ],
);

pub(super) const MISTAKE: Shape = Shape::new(
    "a mistake",
    &[
        Field::required("run", Form::Shell, "The attempt."),
        Field::required("diagnosis", Form::Diagnosis, "What must be told first; of labrun's, or the step's own."),
        Field::optional("leaves", Form::Map(&OWNS), "What it makes beside what the lab owns, to be cleaned up."),
    ],
);

/// A file that an author writes.
#[derive(Debug)]
pub struct File {
    /// How it is called.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// What stands in it.
    pub form: Form,
}

/// `lab.yaml`.
pub static LAB_FILE: File = File { name: "lab.yaml", about: "A lab of labrun: one sitting.", form: Form::Map(&LAB) };

/// `track.yaml`.
pub static TRACK_FILE: File =
    File { name: "track.yaml", about: "A track of labrun: labs in an order.", form: Form::Map(&TRACK) };
