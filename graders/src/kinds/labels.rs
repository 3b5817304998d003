//! Labels that an object of the engine's must have.

use std::collections::BTreeMap;

use crate::decode::{Decode, Faults, Fields, wrong_type};
use crate::name::{Text, Visitor};
use crate::node::{Node, Value};
use crate::shape::{Field, Form};

pub(super) const LABELS: Field =
    Field::optional("labels", Form::Texts, "Labels that it must have, each with this value.");

/// Labels, each with its value.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<String, Text>);

impl Labels {
    /// Reads `labels`; none where the key is left out.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        match fields.node("labels") {
            Some(labels) => Self::decode(labels, fields.faults),
            None => Some(Self::default()),
        }
    }

    /// A mapping from names to texts.
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            wrong_type(node, "`labels` is a mapping", faults);
            return None;
        };
        if map.is_empty() {
            faults.add("empty-matcher", node.span, "this mapping is empty");
            return None;
        }
        // Every label is decoded, also after a faulty one: all faults are to be said at once.
        let mut labels: BTreeMap<String, Option<Text>> = BTreeMap::new();
        for (key, value) in map {
            let value = Text::decode(value, faults);
            if labels.insert(key.text.clone(), value).is_some() {
                let message = format!("`{}` stands twice in `labels`", key.text);
                faults.add_with_help("duplicate-key", key.span, message, "keep one");
            }
        }
        let labels: Option<_> = labels.into_iter().map(|(key, value)| Some((key, value?))).collect();
        labels.map(Self)
    }

    /// What is wanted, to be put after what it is wanted of.
    pub(super) fn wants(&self) -> String {
        self.0.iter().map(|(key, value)| format!(", label {key}={value}")).collect()
    }

    /// The first label that is missing or has another value, in words.
    pub(super) fn difference(&self, found: &BTreeMap<String, String>) -> Option<String> {
        self.0.iter().find_map(|(key, value)| match found.get(key) {
            Some(found) if *found == value.text => None,
            Some(found) => Some(format!("its label {key} is {found}")),
            None => Some(format!("it has no label {key}")),
        })
    }

    /// Shows their values.
    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.0.values_mut().for_each(|value| visitor.text(value));
    }
}
