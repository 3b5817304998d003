//! Where a file is that a check is about.

use super::target::{self, must_be_absolute, must_lead_down, target};
use crate::decode::{Faults, Fields, wrong_type};
use crate::fact::{self, Ask};
use crate::name::{Name, NameKind, Visitor};
use crate::node::{Node, Value};
use crate::shape::{Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Obstacle};

/// Where to look, but for the host.
const PLACE: Shape =
    Shape::new("`in`", &[target::CONTAINER, target::VOLUME]).rules(&[Rule::OneOf(&["container", "volume"])]);

const IN_MEANS: &str = "Where the file is: on the host, in a container or in a volume.";

const IN_FORM: Form = Form::Either(&[Form::Map(&PLACE), Form::Word(&["host"])]);

pub(super) const IN: Field = Field::required("in", IN_FORM, IN_MEANS);

/// Where it is one of several things that can be looked at.
pub(super) const IN_IF: Field = Field::optional("in", IN_FORM, IN_MEANS);

pub(super) const PATH: Field = Field::required(
    "path",
    Form::Path,
    "On the host an owned path or one below it. In a container an absolute path. In a volume a path from its root.",
);

/// A file's place and path as a lab writes them: `in: host`, `in: { container: x }` or `in: { volume: y }`, and `path`.
#[derive(Debug)]
pub(super) struct Location {
    /// The container or volume; the host has no name.
    object: Option<Name>,
    /// On the host an owned path, elsewhere just a path.
    path: Name,
}

impl Location {
    /// Reads `in` and `path`.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let path = fields.name("path", NameKind::Path);
        let place = fields.node("in");
        let object = match place {
            Some(place) => read_place(place, fields.faults),
            None => {
                fields.missing("in");
                None
            }
        };
        let in_volume = matches!(&object, Some(Some(name)) if name.kind == NameKind::Volume);
        match &path {
            Some(path) if object.is_some() && !in_volume => must_be_absolute(&path.text, path.span, fields.faults),
            Some(path) => must_lead_down(&path.text, path.span, fields.faults),
            None => {}
        }
        Some(Self { object: object?, path: path? })
    }

    /// The question that finds out about it.
    pub(super) fn ask(&self) -> Ask {
        Ask::File { place: self.place(), path: self.path.text.clone() }
    }

    /// Where to look.
    pub(super) fn place(&self) -> fact::Place {
        match &self.object {
            None => fact::Place::Host,
            Some(name) if name.kind == NameKind::Volume => fact::Place::Volume(name.text.clone()),
            Some(name) => fact::Place::Container(name.text.clone()),
        }
    }

    /// The path, with this learner's names.
    pub(super) fn path(&self) -> &str {
        &self.path.text
    }

    /// The container or volume that the file is in; `None` for the host.
    pub(super) fn object(&self) -> Option<&Name> {
        self.object.as_ref()
    }

    /// In words: "/data/file.txt in writer-1".
    pub(super) fn describe(&self) -> String {
        match &self.object {
            None => format!("{} on your host", self.path),
            Some(name) if name.kind == NameKind::Volume => format!("{} in volume {name}", self.path),
            Some(name) => format!("{} in {name}", self.path),
        }
    }

    /// Shows its names.
    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        match &mut self.object {
            Some(name) => visitor.name(name),
            None => visitor.name(&mut self.path),
        }
    }
}

/// What `in` says: `Some(None)` is the host.
#[expect(clippy::option_option, reason = "the outer one says, as for every decoder, whether it could be read")]
fn read_place(node: &Node, faults: &mut Faults) -> Option<Option<Name>> {
    match &node.value {
        Value::Text(text) if text == "host" => return Some(None),
        Value::Map(_) => {}
        _ => {
            wrong_type(node, "`in` is `host`, `{ container: … }` or `{ volume: … }`", faults);
            return None;
        }
    }
    let mut fields = Fields::of(node, &PLACE, faults)?;
    let name = target(&mut fields, &["container", "volume"]);
    fields.end();
    name.map(Some)
}

/// The largest file that probes read, in bytes.
const MAX_CONTENT: u64 = 64 * 1024;

/// The text of a file that the facts hold, described as `at`.
///
/// # Errors
/// When it was too large to be read.
pub(super) fn text<'a>(file: &'a fact::File, at: &str) -> Result<&'a str, CannotLook> {
    file.content.as_deref().ok_or_else(|| {
        if file.size <= MAX_CONTENT {
            // Such as those below /proc, which give more than they say.
            let what = format!("{at} is no file of a fixed size, or changed while it was read");
            return CannotLook::new(Obstacle::TooLarge, what, "see what it is: ls -l; the task needs a plain file");
        }
        let what = format!("{at} has {} bytes; so much is not read", file.size);
        CannotLook::new(Obstacle::TooLarge, what, "make it smaller: the task needs a few lines")
    })
}
