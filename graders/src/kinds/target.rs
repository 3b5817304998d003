//! What several kinds share: naming one object (`container: x`, `volume: y`, …), and saying where a container sees it.

use crate::decode::{Faults, Fields};
use crate::fact::{self, Ask};
use crate::name::{Name, NameKind, Text};
use crate::node::Span;
use crate::path;
use crate::shape::{Field, Form};

/// Reads which one object a check is about, by these keys, of which the description says that one must be there.
pub(crate) fn target(fields: &mut Fields, keys: &[&'static str]) -> Option<Name> {
    let kind = |key| if key == "bind" { Some(NameKind::Path) } else { NameKind::from_word(key) };
    // All are read, so that each is known.
    let mut names: Vec<Name> = keys.iter().filter_map(|key| fields.optional_name(key, kind(key)?)).collect();
    names.pop()
}

/// Reads where a container sees something: a path inside it.
pub(super) fn destination(fields: &mut Fields) -> Option<String> {
    let at = fields.required::<Text>("at")?;
    must_be_absolute(&at.text, at.span, fields.faults);
    Some(at.text)
}

/// A fault for a relative path: whose working directory it would follow is said nowhere. And for one that leads up.
pub(super) fn must_be_absolute(path: &str, span: Span, faults: &mut Faults) {
    if !path.starts_with('/') {
        faults.add("wrong-value", span, "this path is to be absolute: it begins with a slash");
    }
    must_lead_down(path, span, faults);
}

/// A fault for a path that leads up: what it names is not what it seems to.
pub(super) fn must_lead_down(path: &str, span: Span, faults: &mut Faults) {
    if path::leads_up(path) {
        faults.add("wrong-value", span, "this path leads up: write it without `..`");
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

/// The keys for everything that the engine can describe.
pub(crate) const OBJECTS: [&str; 4] = ["container", "volume", "network", "image"];

pub(crate) const CONTAINER: Field =
    Field::optional("container", Form::Name(NameKind::Container), "A container that it is about.");
pub(crate) const VOLUME: Field = Field::optional("volume", Form::Name(NameKind::Volume), "A volume that it is about.");
pub(crate) const NETWORK: Field =
    Field::optional("network", Form::Name(NameKind::Network), "A network that it is about.");
pub(crate) const IMAGE: Field = Field::optional("image", Form::Name(NameKind::Image), "An image that it is about.");
