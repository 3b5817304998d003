//! Labels that an object of the engine's must have.

use std::collections::BTreeMap;

use crate::decode::{Decode, Faults, Fields, wrong_type};
use crate::node::{Node, Value};
use crate::shape::{Field, Form};

/// Each with its value.
pub(super) type Labels = BTreeMap<String, String>;

pub(super) const LABELS: Field =
    Field::optional("labels", Form::Texts, "Labels that it must have, each with this value.");

/// Reads `labels`; none where the key is left out.
pub(super) fn read(fields: &mut Fields) -> Option<Labels> {
    match fields.node("labels") {
        Some(labels) => decode(labels, fields.faults),
        None => Some(Labels::new()),
    }
}

/// A mapping from names to texts.
fn decode(node: &Node, faults: &mut Faults) -> Option<Labels> {
    let Value::Map(map) = &node.value else {
        wrong_type(node, "`labels` is a mapping", faults);
        return None;
    };
    if map.is_empty() {
        faults.add("empty-matcher", node.span, "this mapping is empty");
        return None;
    }
    // Every label is decoded, also after a faulty one: all faults are to be said at once.
    let mut labels: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (key, value) in map {
        let value = String::decode(value, faults);
        if labels.insert(key.text.clone(), value).is_some() {
            let message = format!("`{}` stands twice in `labels`", key.text);
            faults.add_with_help("duplicate-key", key.span, message, "keep one");
        }
    }
    labels.into_iter().map(|(key, value)| Some((key, value?))).collect()
}

/// What is wanted, to be put after what it is wanted of.
pub(super) fn wants(wanted: &Labels) -> String {
    wanted.iter().map(|(key, value)| format!(", label {key}={value}")).collect()
}

/// The first label that is missing or has another value, in words.
pub(super) fn difference(wanted: &Labels, found: &Labels) -> Option<String> {
    wanted.iter().find_map(|(key, value)| match found.get(key) {
        Some(found) if found == value => None,
        Some(found) => Some(format!("its label {key} is {found}")),
        None => Some(format!("it has no label {key}")),
    })
}
