//! What several kinds share: naming one object (`container: x`, `volume: y`, …), and saying where a container sees it.

use crate::decode::{Faults, Fields};
use crate::fact::{self, Ask};
use crate::name::{Name, NameKind, Text};
use crate::node::Span;

/// Reads which one object a check is about, by the keys of `kinds`.
pub(crate) fn target(fields: &mut Fields, kinds: &[(&'static str, NameKind)]) -> Option<Name> {
    let keys: Vec<&str> = kinds.iter().map(|(key, _)| *key).collect();
    let mut names: Vec<Name> = kinds.iter().filter_map(|(key, kind)| fields.optional_name(key, *kind)).collect();
    if names.len() > 1 {
        fields.conflict(format!("only one of these can stand here: {}", keys.join(", ")));
    }
    fields.one_of(&keys);
    names.pop()
}

/// Reads where a container sees something: a path inside it.
pub(super) fn destination(fields: &mut Fields) -> Option<String> {
    let at = fields.required::<Text>("at")?;
    must_be_absolute(&at.text, at.span, fields.faults);
    Some(at.text)
}

/// A fault for a relative path: whose working directory it would follow is said nowhere.
pub(super) fn must_be_absolute(path: &str, span: Span, faults: &mut Faults) {
    if !path.starts_with('/') {
        faults.add("wrong-value", span, "this path is to be absolute: it begins with a slash");
    }
}

/// The fact's target for a name.
pub(crate) fn fact_target(name: &Name) -> fact::Target {
    fact::Target { kind: name.kind, name: name.text.clone() }
}

/// What asks whether something is there.
pub(super) fn presence(name: &Name) -> Ask {
    let text = name.text.clone();
    match name.kind {
        NameKind::Container => Ask::Container(text),
        NameKind::Volume => Ask::Volume(text),
        NameKind::Image => Ask::Image(text),
        NameKind::Network | NameKind::Path => Ask::Inspect(fact_target(name)),
    }
}

/// Everything that the engine can describe.
pub(crate) const OBJECTS: &[(&str, NameKind)] = &[
    ("container", NameKind::Container),
    ("volume", NameKind::Volume),
    ("network", NameKind::Network),
    ("image", NameKind::Image),
];
