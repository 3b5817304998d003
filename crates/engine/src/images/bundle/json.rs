//! JSON that every reader takes for the same: no key twice in an object.
//!
//! Go's `encoding/json` takes a key in other letters for the one that it looks for, and the last of several. So the
//! caller names the keys that an object may have, and any other key is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug)]
pub(super) enum Json {
    Object(Vec<(String, Json)>),
    List(Vec<Json>),
    Text(String),
    Null,
    /// A number, `true` or `false`.
    Other,
}

/// Reads one value, and nothing after it; `None` where it is no JSON, or an object has a key twice.
pub(super) fn parse(text: &[u8]) -> Option<Json> {
    serde_json::from_slice(text).ok()
}

impl Json {
    /// The entries of an object, if it has no other keys than these.
    pub(super) fn object(&self, keys: &[&str]) -> Option<&[(String, Json)]> {
        self.map().filter(|entries| entries.iter().all(|(key, _)| keys.contains(&key.as_str())))
    }

    /// The entries of an object with any keys, for one that is a map from names.
    pub(super) fn map(&self) -> Option<&[(String, Json)]> {
        match self {
            Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list; `null` is an empty one.
    pub(super) fn list(&self) -> Option<&[Json]> {
        match self {
            Self::List(items) => Some(items),
            Self::Null => Some(&[]),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The value of a key.
pub(super) fn value<'a>(entries: &'a [(String, Json)], key: &str) -> Option<&'a Json> {
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value without repeated keys")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        let mut keys = std::collections::BTreeSet::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom("a key is repeated"));
            }
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
}
