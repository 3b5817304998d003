//! From [`Node`]s to the types of a lab, collecting every fault on the way.
//!
//! A decoder that fails has said why in the [`Faults`], and the rest of the file is decoded all the same. What comes out
//! is used only when there are no faults; until then it serves to find more of them.

use std::ops::RangeInclusive;

use crate::name::{Name, NameKind, Text};
use crate::node::{Key, Node, Span, Value};
use crate::shape::{Rule, Shape};

/// Something wrong in a lab file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A stable kebab-case name, e.g. `unknown-key`.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// The words that it is about.
    pub span: Span,
    /// What stands below these words, e.g. a better spelling.
    pub help: Option<String>,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.0.push(Fault { code, message: message.into(), span, help: None });
    }

    /// Notes a fault and what to do about it.
    pub fn add_with_help(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Fault { code, message: message.into(), span, help: Some(help.into()) });
    }
}

/// A type that can be read from a [`Node`].
pub trait Decode: Sized {
    /// Reads the value, or notes what is wrong with it.
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self>;
}

/// The candidate most like `word`, if one is like enough to be what was meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Notes that `found` is not among `known`, with the nearest of them.
pub fn unknown<'a>(
    faults: &mut Faults,
    code: &'static str,
    span: Span,
    message: String,
    found: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) {
    let help = match nearest(found, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    faults.add_with_help(code, span, message, help);
}

/// A mapping that is read key by key.
pub struct Fields<'n, 'f> {
    entries: Vec<(&'n Key, &'n Node)>,
    asked: Vec<&'static str>,
    span: Span,
    shape: &'static Shape,
    /// Where faults go; a decoder may add its own.
    pub faults: &'f mut Faults,
}

impl<'n, 'f> Fields<'n, 'f> {
    /// Opens a mapping that is described so. A key that stands twice is a fault.
    pub fn of(node: &'n Node, shape: &'static Shape, faults: &'f mut Faults) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            wrong_type(node, &format!("{} is a mapping", shape.what), faults);
            return None;
        };
        let mut entries: Vec<(&Key, &Node)> = Vec::with_capacity(map.len());
        for (key, value) in map {
            if entries.iter().any(|(seen, _)| seen.text == key.text) {
                faults.add_with_help(
                    "duplicate-key",
                    key.span,
                    format!("`{}` stands twice in {}", key.text, shape.what),
                    "keep one",
                );
            } else {
                entries.push((key, value));
            }
        }
        Some(Self { entries, asked: Vec::new(), span: node.span, shape, faults })
    }

    /// Where the mapping stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of `key` as it stands, if the key is there.
    pub fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(found, _)| found.text == key).map(|(_, node)| *node)
    }

    /// The value of a key that must be there.
    pub fn required<T: Decode>(&mut self, key: &'static str) -> Option<T> {
        match self.node(key) {
            Some(node) => T::decode(node, self.faults),
            None => {
                self.missing(key);
                None
            }
        }
    }

    /// The value of a key that may be left out.
    pub fn optional<T: Decode>(&mut self, key: &'static str) -> Option<T> {
        self.node(key).and_then(|node| T::decode(node, self.faults))
    }

    /// A number that must be there, and a fault where it is out of its range: such a check could never pass.
    pub fn number(&mut self, key: &'static str, range: &RangeInclusive<u32>) -> Option<u32> {
        let number = self.required(key)?;
        if !range.contains(&number) {
            let span = self.node(key).map(|node| node.span).unwrap_or_default();
            self.faults.add("wrong-value", span, format!("`{key}` is from {} to {}", range.start(), range.end()));
        }
        Some(number)
    }

    /// A name that must be there.
    pub fn name(&mut self, key: &'static str, kind: NameKind) -> Option<Name> {
        self.required::<Text>(key).map(|text| Name::new(kind, text))
    }

    /// A name that may be left out.
    pub fn optional_name(&mut self, key: &'static str, kind: NameKind) -> Option<Name> {
        self.optional::<Text>(key).map(|text| Name::new(kind, text))
    }

    /// Whether `key: true` is there. `false` is a fault: it reads as if it forbade something, and asks for nothing.
    pub fn flag(&mut self, key: &'static str) -> bool {
        let Some(node) = self.node(key) else { return false };
        let on = bool::decode(node, self.faults);
        if on == Some(false) {
            let message = format!("`{key}: false` asks for nothing");
            self.faults.add_with_help("empty-matcher", node.span, message, format!("leave `{key}` out"));
        }
        on == Some(true)
    }

    /// Notes that keys stand together of which only one can.
    pub fn conflict(&mut self, message: impl Into<String>) {
        self.faults.add("conflicting-keys", self.span, message);
    }

    /// Notes that a key is missing.
    pub fn missing(&mut self, key: &str) {
        self.faults.add("missing-key", self.span, format!("{} has no `{key}`", self.shape.what));
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(found, _)| found.text == key)
    }

    /// Faults where keys stand together that cannot, or none of those stands there of which one must: a matcher that
    /// matches everything checks nothing.
    fn keep(&mut self, rule: Rule) {
        let what = self.shape.what;
        let keys = rule.keys();
        let found = keys.iter().filter(|key| self.has(key)).count();
        if found == 0 && !matches!(rule, Rule::AtMostOne(_)) {
            let message = format!("{what} asks for nothing");
            self.faults.add_with_help("empty-matcher", self.span, message, format!("give one of: {}", keys.join(", ")));
        } else if found > 1 && !matches!(rule, Rule::SomeOf(_)) {
            self.conflict(format!("{what} has only one of `{}`", keys.join("`, `")));
        }
    }

    /// Closes the mapping: every key that nobody asked for is a fault, and every rule that is not kept.
    pub fn end(mut self) {
        for rule in self.shape.rules {
            self.keep(*rule);
        }
        for (key, _) in &self.entries {
            if !self.asked.contains(&key.text.as_str()) {
                let message = format!("{} has no key `{}`", self.shape.what, key.text);
                unknown(self.faults, "unknown-key", key.span, message, &key.text, self.asked.iter().copied());
            }
        }
    }
}

/// Notes that a value is of another type than `wanted` says.
pub fn wrong_type(node: &Node, wanted: &str, faults: &mut Faults) {
    faults.add("wrong-type", node.span, format!("{wanted}; this is {}", node.value.describe()));
}

impl Decode for String {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        Text::decode(node, faults).map(|text| text.text)
    }
}

impl Decode for Text {
    /// Text that says something. A number or a truth value must be quoted, so that `1.10` does not become `1.1`.
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                faults.add("empty-matcher", node.span, "this text is empty");
                None
            }
            Value::Text(text) => Some(Self { text: text.clone(), span: node.span }),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                let message = format!("text is wanted here; this is {}", node.value.describe());
                faults.add_with_help("wrong-type", node.span, message, "put it in quotes");
                None
            }
            _ => {
                wrong_type(node, "text is wanted here", faults);
                None
            }
        }
    }
}

impl Decode for bool {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        wrong_type(node, "true or false is wanted here", faults);
        None
    }
}

impl Decode for u32 {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        if let Value::Int(value) = node.value
            && let Ok(value) = Self::try_from(value)
        {
            return Some(value);
        }
        wrong_type(node, "a whole number from 0 is wanted here", faults);
        None
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::List(items) = &node.value else {
            wrong_type(node, "a list is wanted here", faults);
            return None;
        };
        if items.is_empty() {
            faults.add("empty-matcher", node.span, "this list is empty");
            return None;
        }
        // Faulty items are left out and have been noted: what is made of the rest may have faults of its own.
        Some(items.iter().filter_map(|item| T::decode(item, faults)).collect())
    }
}

/// Whether a text is an id: at most 64 lower-case letters and digits, in words joined by single dashes.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 64 && text.split('-').all(is_word)
}
