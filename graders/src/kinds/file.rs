//! `file: { in, path, is?, has_lines?, contains? }`: what stands at a path on the host, in a container or in a volume.

use super::content::{self, Content};
use super::location::{self, Location, text};
use super::target::presence;
use super::{not_begun, pass};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{Ask, Fact, Facts, FileKind};
use crate::name::{Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// What can be wanted at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    File,
    Directory,
    Absent,
}

const WORDS: [&str; 3] = ["file", "directory", "absent"];

/// Wants a file, perhaps with some content.
#[derive(Debug)]
pub struct File {
    location: Location,
    is: Is,
    content: Content,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `file` check",
    &[
        location::IN,
        location::PATH,
        Field::optional("is", Form::Word(&WORDS), "What stands there. Only a `file` has content.").default("file"),
        content::HAS_LINES,
        content::CONTAINS,
    ],
);

impl Described for File {
    const ABOUT: &'static str = "Something stands at a path, or nothing does.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for File {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let location = Location::read(&mut fields);
        let is = fields.optional::<Text>("is").map(|text| match text.text.as_str() {
            "file" => Some(Is::File),
            "directory" => Some(Is::Directory),
            "absent" => Some(Is::Absent),
            found => {
                let message = format!("a path is never `{text}`");
                unknown(fields.faults, "unknown-value", text.span, message, found, WORDS);
                None
            }
        });
        let content = Content::read(&mut fields);
        if matches!(is, Some(Some(Is::Directory | Is::Absent))) && !content.is_anything() {
            fields
                .conflict("only a file has content: `has_lines` and `contains` stand with `is: file` or without `is`");
        }
        fields.end();
        Some(Self { location: location?, is: is.unwrap_or(Some(Is::File))?, content })
    }
}

impl File {
    /// A file that is gone together with what it was in is not what was asked for.
    fn judge_absence(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        if let Some(holder) = self.location.object()
            && *facts.get(&presence(holder))? == Fact::Absent
        {
            return Ok(not_begun(self.wants(), format!("there is no {} {holder}", holder.kind.word())));
        }
        Ok(pass(None))
    }
}

impl Grader for File {
    fn wants(&self) -> String {
        let at = self.location.describe();
        match self.is {
            Is::Absent => format!("{at} is gone"),
            Is::Directory => format!("{at} is a directory"),
            Is::File => self.content.wants(&at),
        }
    }

    fn asks(&self) -> Vec<Ask> {
        let holder = self.location.object().filter(|_| self.is == Is::Absent).map(presence);
        std::iter::once(self.location.ask()).chain(holder).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let at = self.location.describe();
        let file = facts.file(&self.location.place(), self.location.path())?;
        let Some(file) = file else {
            return match self.is {
                Is::Absent => self.judge_absence(facts),
                _ => Ok(not_begun(self.wants(), format!("there is no {at}"))),
            };
        };
        // A host's clock need not be the engine's, by which evidence counts.
        let modified = file.modified.filter(|_| self.location.object().is_some());
        match (self.is, file.kind) {
            (Is::Absent, _) => Ok(not_begun(self.wants(), format!("{at} is still there"))),
            (Is::Directory, FileKind::Directory) => Ok(pass(None)),
            // When it came about is not known: it may have been written to since.
            (Is::File, FileKind::Regular) if self.content.is_anything() => Ok(pass(None)),
            (Is::File, FileKind::Regular) => {
                let text = text(file, &at)?;
                let since = modified.filter(|_| self.content.is_last_in(text));
                Ok(self.content.judge(text, &at).map_or_else(|| pass(since), Finding::Fail))
            }
            (_, kind) => {
                let sentence = "What should stand at this path: a file or a directory?";
                let seen = format!("{at} is {}", kind.describe());
                Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("file-or-directory")))
            }
        }
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        if self.is != Is::File {
            return Vec::new();
        }
        let place = self.location.place();
        let mut asks = near::place::asks(&place, facts);
        if matches!(facts.file(&place, self.location.path()), Ok(None)) {
            asks.extend(near::place::asks_inside(&place, self.location.path(), facts));
        }
        asks
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        if self.is != Is::File {
            return Vec::new();
        }
        let place = self.location.place();
        let wanted = near::attempt::Wanted { path: self.location.path(), texts: self.content.texts() };
        let wants = self.wants();
        let mut near: Vec<Feedback> = near::attempt::last(&wanted, &wants, facts).into_iter().collect();
        near.extend(near::typed::no_such_container(&wants, facts));
        if matches!(facts.file(&place, self.location.path()), Ok(None)) {
            near.extend(near::place::missing(&place, &wanted, &wants, facts));
        }
        near
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.location.visit(visitor);
        self.content.visit(visitor);
    }
}
