//! Builds what a lab's file holds from JSON, so that a check in a test reads as it does in a lab.
//!
//! A value's span is its place in the document, counted; [`Written::place`] gives its path back.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use labrun_graders::decode::Fault;
use labrun_graders::node::{Key, Node, Span, Value};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A document and the path of each place in it.
pub struct Written {
    pub node: Node,
    places: Vec<String>,
}

impl Written {
    /// The document with this text; keys may stand twice.
    pub fn text(json: &str) -> Self {
        Self::from(&mut serde_json::Deserializer::from_str(json))
    }

    /// The document with this value.
    pub fn value(json: serde_json::Value) -> Self {
        Self::from(json)
    }

    fn from<'de, D: Deserializer<'de>>(source: D) -> Self
    where
        D::Error: fmt::Debug,
    {
        let places = Rc::default();
        let seed = Seed { places: Rc::clone(&places), path: String::new() };
        let node = seed.deserialize(source).expect("the test's JSON");
        let places = places.borrow().clone();
        Self { node, places }
    }

    /// A fault in one line: `code at path: message (help)`. The path of a key ends in a colon.
    pub fn told(&self, fault: &Fault) -> String {
        let place = self.places.get(fault.span.start).map_or("nowhere", String::as_str);
        let help = fault.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{} at {place}: {}{help}", fault.code, fault.message)
    }
}

struct Seed {
    places: Rc<RefCell<Vec<String>>>,
    path: String,
}

impl Seed {
    fn span(&self, place: String) -> Span {
        let mut places = self.places.borrow_mut();
        places.push(if place.is_empty() { "the top".to_owned() } else { place });
        Span { start: places.len() - 1, end: places.len() }
    }

    fn below(&self, part: &str) -> Self {
        let path = if self.path.is_empty() { part.to_owned() } else { format!("{}.{part}", self.path) };
        Self { places: Rc::clone(&self.places), path }
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Node, D::Error> {
        let span = self.span(self.path.clone());
        Ok(Node { span, value: source.deserialize_any(self)? })
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(E::custom)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below(&list.len().to_string()))? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(Name(text)) = entries.next_key()? {
            let below = self.below(&text);
            let span = below.span(format!("{}:", below.path));
            map.push((Key { span, text }, entries.next_value_seed(below)?));
        }
        Ok(Value::Map(map))
    }
}

/// A key; `serde_json` gives those of a value as owned text, and those of a text borrowed or not.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source).map(Self)
    }
}
