//! YAML text to a tree with positions. All YAML of labrun comes through here.
//!
//! Limits: a file has at most 1 MiB, is at most 40 levels deep, and its aliases expand to at most 10,000 nodes. Repeated
//! keys are kept for the decoder to point at; merge keys (`<<`) are refused, since what they bring in has no place of its
//! own in the file.

use std::fmt;

use labrun_graders::decode::Fault;
use labrun_graders::node::{Key, Node, Span, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::yaml;

/// The largest file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// Reads one YAML document.
///
/// # Errors
/// The first place where it is no YAML, or breaks a limit.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes; more than {MAX_BYTES} are not read", text.len());
        return Err(Fault { code: "too-large", message, span: Span::default(), help: None });
    }
    let tree: Spanned<Tree> = serde_saphyr::from_str_with_options(text, yaml::options()).map_err(|error| {
        let span = error.location().map(|location| place(text, location)).unwrap_or_default();
        let message = message(&error);
        let help = remedy(&message).map(str::to_owned);
        Fault { code: "yaml", message: format!("this is not the YAML of a lab: {message}"), span, help }
    })?;
    Ok(node(tree))
}

/// The first line of what the parser says, without the place: that is pointed at.
fn message(error: &serde_saphyr::Error) -> String {
    let said = error.without_snippet().to_string();
    let said = said.lines().next().unwrap_or_default();
    said.split(" at line ").next().unwrap_or(said).to_owned()
}

/// What to do about the slips that the parser names in words of its own.
fn remedy(message: &str) -> Option<&'static str> {
    const REMEDIES: [(&str, &str); 3] = [
        ("mapping values are not allowed", "a text with a colon and a blank in it wants quotes around it"),
        ("did not find expected '-'", "what belongs to one step begins in one column"),
        ("found a tab", "indent with blanks: YAML takes no tabs, here or in the next line"),
    ];
    REMEDIES.iter().find(|(said, _)| message.contains(said)).map(|(_, remedy)| *remedy)
}

/// Where the parser stopped: by line and column, since errors carry no offsets.
fn place(text: &str, location: Location) -> Span {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(1);
    let line_start: usize = text.split_inclusive('\n').take(number(location.line())).map(str::len).sum();
    let line = text.get(line_start..).unwrap_or_default();
    let column = line.char_indices().nth(number(location.column())).map_or(line.len(), |(at, _)| at);
    let start = line_start + column;
    Span { start, end: start + 1 }
}

fn span(location: Location) -> Span {
    let span = location.span();
    let start = span.byte_offset().and_then(|at| usize::try_from(at).ok()).unwrap_or_default();
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    Span { start, end: start + length }
}

/// A value as the deserializer hands it over.
struct Tree(RawValue);

enum RawValue {
    Plain(Value),
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<String>, Spanned<Tree>)>),
}

fn node(tree: Spanned<Tree>) -> Node {
    let value = match tree.value.0 {
        RawValue::Plain(value) => value,
        RawValue::List(items) => Value::List(items.into_iter().map(node).collect()),
        RawValue::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (Key { span: span(key.referenced), text: key.value }, node(value)))
                .collect(),
        ),
    };
    Node { span: span(tree.referenced), value }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawValue, E> {
        Ok(RawValue::Plain(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawValue, E> {
        Ok(RawValue::Plain(Value::Int(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<RawValue, E> {
        i64::try_from(value)
            .map(|value| RawValue::Plain(Value::Int(value)))
            .map_err(|_| E::custom("this number is too large"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawValue, E> {
        Ok(RawValue::Plain(Value::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawValue, E> {
        Ok(RawValue::Plain(Value::Text(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Plain(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<RawValue, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(RawValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RawValue, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(RawValue::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let text = "title: Größe\nsteps:\n  - id: \"a b\"\n    n: 3\n";
        let tree = parse(text).expect("it is YAML");
        let Value::Map(map) = &tree.value else { panic!("a mapping") };
        let (key, value) = &map[0];
        assert_eq!((&text[key.span.start..key.span.end], &text[value.span.start..value.span.end]), ("title", "Größe"));
        let Value::List(steps) = &map[1].1.value else { panic!("a list") };
        let Value::Map(step) = &steps[0].value else { panic!("a mapping") };
        assert_eq!(&text[step[0].1.span.start..step[0].1.span.end], "\"a b\"");
        assert_eq!(step[1].1.value, Value::Int(3));
    }

    #[test]
    fn frequent_slips_come_with_a_remedy() {
        for (text, remedy) in [
            ("title: Write: it\n", Some("a text with a colon and a blank in it wants quotes around it")),
            ("a:\n  - b: 1\n    c: 2\n   d: 3\n", Some("what belongs to one step begins in one column")),
            ("a:\n  b: c\n\td: e\n", Some("indent with blanks: YAML takes no tabs, here or in the next line")),
            ("steps: [\n", None),
        ] {
            assert_eq!(parse(text).expect_err("it is no YAML").help.as_deref(), remedy, "{text}");
        }
    }

    #[test]
    fn repeated_keys_are_kept_for_the_decoder() {
        let tree = parse("a: 1\na: 2\n").expect("it is YAML");
        assert!(matches!(tree.value, Value::Map(map) if map.len() == 2));
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let parts = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &format!("a{level}: &a{level} [{parts}]\n");
        }
        let deep = format!("a: {}{}", "[".repeat(500), "]".repeat(500));
        let large = format!("a: {}", "x".repeat(MAX_BYTES));
        for (text, code) in [(bomb, "yaml"), (deep, "yaml"), (large, "too-large"), ("a: [".to_owned(), "yaml")] {
            assert_eq!(parse(&text).expect_err("it is refused").code, code);
        }
    }
}
