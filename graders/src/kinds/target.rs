//! What several kinds share: naming one object (`container: x`, `volume: y`, …) and placing a file.

use crate::decode::{Faults, Fields, wrong_type};
use crate::fact::{self, Ask};
use crate::name::{Name, NameKind, Visitor};
use crate::node::{Node, Value};

/// Reads which one object a check is about, by the keys of `kinds`.
pub(super) fn target(fields: &mut Fields, kinds: &[(&'static str, NameKind)]) -> Option<Name> {
    let keys: Vec<&str> = kinds.iter().map(|(key, _)| *key).collect();
    let mut names: Vec<Name> = kinds.iter().filter_map(|(key, kind)| fields.optional_name(key, *kind)).collect();
    if names.len() > 1 {
        let span = fields.span();
        fields.faults.add("conflicting-keys", span, format!("only one of these can stand here: {}", keys.join(", ")));
    }
    fields.one_of(&keys);
    names.pop()
}

/// The fact's target for a name.
pub(super) fn fact_target(name: &Name) -> fact::Target {
    fact::Target { kind: name.kind, name: name.text.clone() }
}

/// Everything that the engine can describe.
pub(super) const OBJECTS: &[(&str, NameKind)] = &[
    ("container", NameKind::Container),
    ("volume", NameKind::Volume),
    ("network", NameKind::Network),
    ("image", NameKind::Image),
];

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
        let Some(place) = fields.node("in") else {
            fields.missing("in");
            return None;
        };
        let object = match &place.value {
            Value::Text(text) if text == "host" => None,
            Value::Map(_) => Some(read_object(place, fields.faults)?),
            _ => {
                wrong_type(place, "`in` is `host`, `{ container: … }` or `{ volume: … }`", fields.faults);
                return None;
            }
        };
        let path = path?;
        let in_volume = object.as_ref().is_some_and(|name| name.kind == NameKind::Volume);
        if !in_volume && !path.text.starts_with('/') {
            fields.faults.add("wrong-value", path.span, "this path is to be absolute: it begins with a slash");
        }
        Some(Self { object, path })
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

fn read_object(node: &Node, faults: &mut Faults) -> Option<Name> {
    let mut fields = Fields::of(node, "`in`", faults)?;
    let name = target(&mut fields, &[("container", NameKind::Container), ("volume", NameKind::Volume)]);
    fields.end();
    name
}
