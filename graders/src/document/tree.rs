//! How a document is read: both languages by one visitor.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::Document;

/// A value with parts of type `T`.
enum Raw<T> {
    Text(String),
    /// A number, true or false, or nothing, as the parser understood it.
    Plain(String),
    List(Vec<T>),
    Map(Vec<(String, T)>),
}

/// JSON as it is read.
pub(super) struct Json(Raw<Json>);

impl Json {
    pub(super) fn document(self) -> Document {
        match self.0 {
            Raw::Text(text) | Raw::Plain(text) => Document::Scalar(text),
            Raw::List(items) => Document::List(items.into_iter().map(Self::document).collect()),
            Raw::Map(entries) => {
                Document::Map(entries.into_iter().map(|(key, value)| (key, value.document())).collect())
            }
        }
    }
}

/// YAML as it is read.
pub(super) struct Yaml(Raw<Spanned<Yaml>>);

impl Yaml {
    /// A number is taken from the source: `1:30` and `0750` mean another number to another reader of YAML.
    pub(super) fn document(tree: Spanned<Self>, source: &str) -> Document {
        match tree.value.0 {
            Raw::Text(text) => Document::Scalar(text),
            Raw::Plain(text) => Document::Scalar(written(tree.defined, source).map_or(text, str::to_owned)),
            Raw::List(items) => Document::List(items.into_iter().map(|item| Self::document(item, source)).collect()),
            Raw::Map(entries) => {
                Document::Map(entries.into_iter().map(|(key, value)| (key, Self::document(value, source))).collect())
            }
        }
    }
}

/// The letters of a plain value.
fn written(location: Location, source: &str) -> Option<&str> {
    let span = location.span();
    let (start, length) = (usize::try_from(span.byte_offset()?).ok()?, usize::try_from(span.byte_len()?).ok()?);
    let text = source.get(start..start.checked_add(length)?)?.trim();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "+-._:".contains(letter);
    (!text.is_empty() && text.chars().all(is_plain)).then_some(text)
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor(PhantomData)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor(PhantomData)).map(Self)
    }
}

struct RawVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RawVisitor<T> {
    type Value = Raw<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(serde_json::Number::from_f64(value).map_or_else(|| value.to_string(), |value| value.to_string())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw<T>, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Raw<T>, E> {
        Ok(Raw::Plain(String::new()))
    }

    fn visit_none<E: Error>(self) -> Result<Raw<T>, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw<T>, A::Error> {
        let mut map: Vec<(String, T)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, T>()? {
            if map.iter().any(|(seen, _)| *seen == key) {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            map.push((key, value));
        }
        Ok(Raw::Map(map))
    }
}
