//! In which line of a YAML text something is: a key, or an item of a list.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::{Path, options};

/// A part of a document; only its places matter.
enum Part {
    Scalar,
    List(Vec<Spanned<Part>>),
    Map(Vec<(Spanned<String>, Spanned<Part>)>),
}

/// The line of what is at a path, counted from 1: that of its key, or of the item. `None` where the path leads nowhere or
/// the text cannot be read.
#[must_use]
pub fn line_in_yaml(text: &str, path: &Path) -> Option<u64> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = serde_saphyr::from_str_with_options::<Spanned<Part>>(text, options()).ok()?;
    let (mut here, mut line) = (&tree.value, None);
    for step in &path.steps {
        here = match here {
            Part::Map(entries) => {
                let (key, value) = entries.iter().find(|(key, _)| key.value == *step)?;
                line = Some(key.referenced.line());
                &value.value
            }
            Part::List(items) => {
                let item = items.get(step.parse::<usize>().ok()?)?;
                line = Some(item.referenced.line());
                &item.value
            }
            Part::Scalar => return None,
        };
    }
    line.filter(|line| *line > 0)
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor)
    }
}

struct PartVisitor;

/// Scalars of every type are alike.
macro_rules! scalars {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<Part, E> {
            Ok(Part::Scalar)
        })*
    };
}

impl<'de> Visitor<'de> for PartVisitor {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Part, E> {
        Ok(Part::Scalar)
    }

    fn visit_none<E>(self) -> Result<Part, E> {
        Ok(Part::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Part, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Part::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Part, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Part::Map(map))
    }
}
