//! `archive`: what a tar archive gives back when it is restored.

use super::super::content::Content;
use super::super::content::{CONTAINS, HAS_LINES, LINES};
use super::super::target::must_lead_down;
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Archive, Damage, Member, MemberKind};
use crate::name::{Text, Visitor};
use crate::near::spelling;
use crate::node::{Node, Value};
use crate::path::{clean, file_name};
use crate::shape::{Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Obstacle};

/// A member with content.
const MEMBER: Shape = Shape::new(
    "a member",
    &[
        Field::required("member", Form::Text, "Its name in the archive. `./NAME` is `NAME`."),
        HAS_LINES,
        LINES,
        CONTAINS,
    ],
);

const MEMBER_FORM: Form = Form::Either(&[Form::Text, Form::Map(&MEMBER)]);

const SHAPE: Shape = Shape::new(
    "`archive`",
    &[
        Field::optional(
            "has",
            Form::list(&MEMBER_FORM),
            "Members that it must have: a name, or a mapping that also says what the member holds. A name alone is also \
             that of an empty file or of a directory.",
        ),
        Field::optional("lacks", Form::list(&Form::Text), "Names that no member may have."),
        Field::optional("compressed", Form::Truth, "Whether it must be compressed. Without it, both will do."),
    ],
)
.rules(&[Rule::SomeOf(&["has", "lacks", "compressed"])]);

pub(super) const ARCHIVE: Field = Field::optional(
    "archive",
    Form::Map(&SHAPE),
    "It is a tar archive, plain or compressed with gzip, that can be restored whole.",
);

/// What is wanted of an archive.
#[derive(Debug)]
pub(super) struct Wanted {
    has: Vec<WantedMember>,
    lacks: Vec<Text>,
    compressed: Option<bool>,
}

#[derive(Debug)]
struct WantedMember {
    name: Text,
    content: Content,
}

impl Decode for WantedMember {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let (name, content) = match &node.value {
            Value::Map(_) => {
                let mut fields = Fields::of(node, &MEMBER, faults)?;
                let name = fields.required::<Text>("member");
                let content = Content::read(&mut fields);
                fields.end();
                (name?, content)
            }
            _ => (Text::decode(node, faults)?, Content::default()),
        };
        must_lead_down(&name.text, name.span, faults);
        Some(Self { name, content })
    }
}

impl Decode for Wanted {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let has = fields.optional("has").unwrap_or_default();
        let lacks = fields.optional("lacks").unwrap_or_default();
        let compressed = fields.optional("compressed");
        fields.end();
        Some(Self { has, lacks, compressed })
    }
}

impl Wanted {
    pub(super) fn wants(&self) -> String {
        let names: Vec<String> = self.has.iter().map(|member| member.name.to_string()).collect();
        let kind = match self.compressed {
            Some(true) => "a compressed archive",
            Some(false) => "an uncompressed archive",
            None => "an archive",
        };
        match names.as_slice() {
            [] => format!("is {kind}"),
            names => format!("is {kind} with {}", names.join(", ")),
        }
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        for member in &mut self.has {
            visitor.text(&mut member.name);
            member.content.visit(visitor);
        }
        for name in &mut self.lacks {
            visitor.text(name);
        }
    }

    /// What is wrong with the archive called `at`, if anything is.
    pub(super) fn judge(&self, archive: &Archive, at: &str) -> Result<Option<Feedback>, CannotLook> {
        let expected = format!("{at} {}", self.wants());
        if let Some(damage) = archive.damage {
            return damaged(damage, &expected, at).map(Some);
        }
        for wanted in &self.has {
            if let Some(feedback) = self.judge_member(wanted, archive, &expected, at)? {
                return Ok(Some(feedback));
            }
        }
        if self.compressed.is_some_and(|wanted| wanted != archive.compressed) {
            let (seen, sentence) = match archive.compressed {
                true => (
                    "it is compressed",
                    "It has all that it needs, in a form that not every tar unpacks. What compressed it?",
                ),
                false => ("it is not compressed", "It has all that it needs, at full size. What makes it smaller?"),
            };
            return Ok(Some(Feedback::wrong(expected, seen, sentence).diagnosed("wrong-compression")));
        }
        let unwanted = self.lacks.iter().find(|name| find(archive, &name.text).is_some());
        if let Some(name) = unwanted {
            let sentence = "The archive holds more than it should. What was it packed from?";
            let feedback = Feedback::wrong(format!("{at} has no {name}"), format!("it has {name}"), sentence);
            return Ok(Some(feedback.diagnosed("unwanted-in-archive")));
        }
        if archive.more && !self.lacks.is_empty() {
            return Err(too_many(at));
        }
        Ok(None)
    }

    fn judge_member(
        &self,
        wanted: &WantedMember,
        archive: &Archive,
        expected: &str,
        at: &str,
    ) -> Result<Option<Feedback>, CannotLook> {
        let Some(member) = find(archive, &wanted.name.text) else {
            return if archive.more {
                Err(too_many(at))
            } else {
                Ok(Some(missing(&wanted.name.text, archive, expected)))
            };
        };
        if wanted.content.is_anything() {
            return Ok(None);
        }
        let name = format!("{} in {at}", wanted.name);
        if member.kind != MemberKind::File {
            let what = if member.kind == MemberKind::Directory { "a directory" } else { "no regular file" };
            let sentence = "What should be under this name: a file or a directory?";
            let feedback = Feedback::wrong(wanted.content.wants(&name), format!("{name} is {what}"), sentence);
            return Ok(Some(feedback.diagnosed("file-or-directory")));
        }
        match &member.content {
            // What an earlier step left in the file is no beginning of this archive: it was packed too early.
            Some(text) => Ok(wanted.content.judge(text, &name).map(|found| Feedback { begun: true, ..found })),
            None => {
                let what = format!("{name} has {} bytes; so much is not read", member.size);
                Err(CannotLook::new(Obstacle::TooLarge, what, "make it smaller: the task needs a few lines"))
            }
        }
    }
}

/// The member of this name: of several, the last, which is the one that restoring leaves.
fn find<'a>(archive: &'a Archive, name: &str) -> Option<&'a Member> {
    let name = clean(name);
    archive.members.iter().rfind(|member| clean(&member.name) == name)
}

fn too_many(at: &str) -> CannotLook {
    let what = format!("{at} has more members than are read");
    CannotLook::new(Obstacle::TooLarge, what, "pack only what the task asks for")
}

fn missing(name: &str, archive: &Archive, expected: &str) -> Feedback {
    let feedback = |seen: String, sentence: &str, diagnosis: &'static str| {
        Feedback::wrong(expected, seen, sentence).diagnosed(diagnosis)
    };
    let clean_name = clean(name);
    let names: Vec<&str> = archive.members.iter().map(|member| member.name.as_str()).collect();
    if names.iter().all(|name| clean(name).is_empty()) {
        let sentence = "The archive is sound, and holds no file. Which folder was packed, and what was in it then?";
        return feedback("it has no members".to_owned(), sentence, "empty-archive");
    }
    let within =
        names.iter().find(|found| clean(found).strip_suffix(&clean_name).is_some_and(|front| front.ends_with('/')));
    if let Some(found) = within {
        let sentence = "It was packed with the folder in front of its name, and would be restored into that folder. \
                        From where did tar look at it?";
        return feedback(format!("it has {found}, and no {name}"), sentence, "packed-with-folder");
    }
    let bare = names.iter().find(|found| clean(found) == file_name(&clean_name));
    if let Some(found) = bare {
        let sentence = "It was packed without the folder in front of its name. From where did tar look at it?";
        return feedback(format!("it has {found}, and no {name}"), sentence, "packed-without-folder");
    }
    if let Some(found) = spelling::slip(&clean_name, names.iter().map(|name| name.trim_start_matches("./"))) {
        let difference = spelling::difference(found, &clean_name);
        let sentence = format!("In {found}, {difference}. Compare the names.");
        return Feedback::wrong(expected, format!("it has {found}, and no {name}"), sentence)
            .diagnosed("not-in-archive");
    }
    let shown = names.get(..4.min(names.len())).unwrap_or_default().join(", ");
    let seen = match names.len() {
        0..=4 => format!("it has {shown}"),
        more => format!("it has {shown} and {} more", more - 4),
    };
    feedback(seen, "Whatever is not in the archive is lost with the original. What was packed?", "not-in-archive")
}

fn damaged(damage: Damage, expected: &str, at: &str) -> Result<Feedback, CannotLook> {
    let (seen, sentence) = match damage {
        Damage::Format("zip") => ("it is a zip archive", "Another tool wrote it. Which one does the task name?"),
        Damage::Format(format) => {
            let what = format!("{at} is compressed with {format}, which labrun does not read");
            return Err(CannotLook::new(Obstacle::TooLarge, what, "use gzip, or do not compress it"));
        }
        Damage::Empty => {
            ("it is empty", "The file was made, and nothing got into it. Did the command that packs succeed?")
        }
        Damage::NoArchive => (
            "it is no tar archive",
            "A file's name does not make it an archive: what is in it cannot be restored. How was it made?",
        ),
        Damage::Truncated => (
            "the archive ends in the middle",
            "The rest of it is missing, and cannot be restored. Was it cut off while it was written?",
        ),
        Damage::Corrupt => (
            "the archive is damaged",
            "It begins as an archive, and goes on as something else. Was it changed after it was packed?",
        ),
    };
    Ok(Feedback::wrong(expected, seen, sentence).diagnosed("not-restorable"))
}
