//! `yaml` and `json`: what a document has at a place, however it is written.

use crate::decode::{Decode, Faults, Fields, wrong_type};
use crate::document::{self, Document, Format, Path};
use crate::name::{Text, Visitor};
use crate::near::spelling;
use crate::node::{Node, Value};
use crate::shape::{Field, Form, Rule, Shape};
use crate::verdict::Feedback;

const TEXT_OR_LIST: Form = Form::Either(&[Form::Text, Form::list(&Form::Text)]);

const ENTRY: Shape = Shape::new(
    "an entry",
    &[
        Field::required(
            "at",
            Form::Text,
            "Its place: keys with dots between them, from the outside inwards. An item of a list is its number from 0; a \
             key that has a dot is in quotes: `labels.\"com.example\"`.",
        ),
        Field::optional(
            "is",
            TEXT_OR_LIST,
            "The value there, or a list of values of which one must be there. Quotes around it make no difference in the \
             learner's file.",
        ),
        Field::optional(
            "has",
            TEXT_OR_LIST,
            "What the list or mapping there must have: items or keys. `KEY=VALUE` is also a key with its value.",
        ),
        Field::optional("only", TEXT_OR_LIST, "What the list or mapping there must have, and nothing else."),
        Field::optional("lacks", TEXT_OR_LIST, "What the list or mapping there must not have."),
    ],
)
.rules(&[Rule::OneOf(&["is", "has", "only", "lacks"])]);

const FORM: Form = Form::Either(&[Form::Texts, Form::list(&Form::Map(&ENTRY))]);

pub(super) const YAML: Field = Field::optional(
    "yaml",
    FORM,
    "It is YAML and has these entries: a mapping from places to values, or a list of entries. Comments do not count, \
     and indentation, quotes and style make no difference.",
);

pub(super) const JSON: Field = Field::optional("json", FORM, "It is JSON and has these entries, as for `yaml`.");

/// What is wanted of a document.
#[derive(Debug)]
pub(super) struct Wanted {
    format: Format,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    at: Text,
    wanted: Matcher,
}

#[derive(Debug)]
enum Matcher {
    /// One of these values.
    Is(Vec<Text>),
    Has(Vec<Text>),
    /// These, and nothing else.
    Only(Vec<Text>),
    Lacks(Vec<Text>),
}

/// One text, or several.
struct Several(Vec<Text>);

impl Decode for Several {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        match node.value {
            Value::List(_) => Decode::decode(node, faults).map(Self),
            _ => Text::decode(node, faults).map(|text| Self(vec![text])),
        }
    }
}

/// The texts of a key that may be one or several.
pub(in crate::kinds) fn several(fields: &mut Fields, key: &'static str) -> Option<Vec<Text>> {
    fields.optional::<Several>(key).map(|several| several.0)
}

fn must_be_a_path(text: &str, span: crate::node::Span, faults: &mut Faults) {
    if Path::parse(text).is_none() {
        let message = format!("`{text}` is no place in a document: it has keys with single dots between them");
        faults.add_with_help("wrong-value", span, message, "put a key that has a dot in quotes");
    }
}

impl Decode for Entry {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &ENTRY, faults)?;
        let at = fields.required::<Text>("at");
        if let Some(at) = &at {
            must_be_a_path(&at.text, at.span, fields.faults);
        }
        let is = several(&mut fields, "is").map(Matcher::Is);
        let has = several(&mut fields, "has").map(Matcher::Has);
        let only = several(&mut fields, "only").map(Matcher::Only);
        let lacks = several(&mut fields, "lacks").map(Matcher::Lacks);
        fields.end();
        Some(Self { at: at?, wanted: is.or(has).or(only).or(lacks)? })
    }
}

impl Wanted {
    /// Reads the key of this format.
    pub(super) fn read(fields: &mut Fields, format: Format) -> Option<Self> {
        let key = match format {
            Format::Yaml => "yaml",
            Format::Json => "json",
        };
        let node = fields.node(key)?;
        let entries = match &node.value {
            Value::List(_) => Decode::decode(node, fields.faults)?,
            Value::Map(map) if !map.is_empty() => {
                let mut entries: Vec<Entry> = Vec::new();
                for (key, value) in map {
                    must_be_a_path(&key.text, key.span, fields.faults);
                    if entries.iter().any(|entry| entry.at.text == key.text) {
                        let message = format!("`{}` is here twice", key.text);
                        fields.faults.add_with_help("duplicate-key", key.span, message, "keep one");
                    }
                    let at = Text { text: key.text.clone(), span: key.span };
                    if let Some(value) = Text::decode(value, fields.faults) {
                        entries.push(Entry { at, wanted: Matcher::Is(vec![value]) });
                    }
                }
                entries
            }
            Value::Map(_) => {
                fields.faults.add("empty-matcher", node.span, "this mapping is empty");
                return None;
            }
            _ => {
                wrong_type(node, &format!("`{key}` is a mapping from places to values, or a list"), fields.faults);
                return None;
            }
        };
        Some(Self { format, entries })
    }

    pub(super) fn wants(&self) -> Vec<String> {
        self.entries.iter().map(|entry| format!("has {}", entry.wants())).collect()
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        for entry in &mut self.entries {
            visitor.text(&mut entry.at);
            match &mut entry.wanted {
                Matcher::Is(texts) | Matcher::Has(texts) | Matcher::Only(texts) | Matcher::Lacks(texts) => {
                    texts.iter_mut().for_each(|text| visitor.text(text));
                }
            }
        }
    }

    /// What is wrong with the file of this text, called `at`, if anything is.
    pub(super) fn judge(&self, text: &str, at: &str) -> Option<Feedback> {
        let format = self.format.name();
        if text.trim().is_empty() {
            let sentence =
                "The file is there, but the text never got into it. Which of your words did the command get?";
            let wants = format!("{at} {}", self.wants().join(" and "));
            return Some(Feedback::wrong(wants, "it is empty", sentence).diagnosed("empty-file"));
        }
        let document = match document::parse(self.format, text) {
            Ok(document) => document,
            Err(error) => {
                let line = error.line.map(|line| format!("line {line} of ")).unwrap_or_default();
                let seen = format!("{line}{at} cannot be read: {}", error.why);
                let sentence = match self.format {
                    Format::Yaml => {
                        "YAML is blanks, dashes and colons: compare the line, and the one before it, with those that are right."
                    }
                    Format::Json => {
                        "JSON is quotes, commas and braces: compare the line, and the one before it, with those that are right."
                    }
                };
                let diagnosis = if self.format == Format::Yaml { "not-yaml" } else { "not-json" };
                return Some(Feedback::wrong(format!("{at} is {format}"), seen, sentence).diagnosed(diagnosis));
            }
        };
        self.entries.iter().find_map(|entry| entry.judge(&document, text, at, self.format))
    }
}

impl Entry {
    fn wants(&self) -> String {
        let listed = |texts: &[Text]| texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>().join(", ");
        match &self.wanted {
            Matcher::Is(texts) => {
                let texts: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
                format!("{}: {}", self.at, texts.join(" or "))
            }
            Matcher::Only(texts) => format!("only {} in {}", listed(texts), self.at),
            Matcher::Has(texts) => format!("{} in {}", listed(texts), self.at),
            Matcher::Lacks(texts) => format!("no {} in {}", listed(texts), self.at),
        }
    }

    fn holds(&self, found: &Document) -> bool {
        match &self.wanted {
            Matcher::Is(texts) => texts.iter().any(|text| found.is(&text.text)),
            Matcher::Only(texts) => found.count() == texts.len() && texts.iter().all(|text| found.has(&text.text)),
            Matcher::Has(texts) => texts.iter().all(|text| found.has(&text.text)),
            Matcher::Lacks(texts) => !texts.iter().any(|text| found.has(&text.text)),
        }
    }

    fn judge(&self, document: &Document, text: &str, at: &str, format: Format) -> Option<Feedback> {
        // The learner's names may have made another path of it.
        let path = Path::parse(&self.at.text)?;
        let expected = format!("{} in {at}", self.wants());
        match document.at(&path) {
            Ok(found) if self.holds(found) => None,
            Ok(found) => Some(self.other(found, &path, document, text, expected, format)),
            // What is not there has nothing that it is to lack.
            Err(_) if matches!(self.wanted, Matcher::Lacks(_)) => None,
            Err((depth, parent)) => Some(self.missing(depth, parent, &path, document, text, expected, format)),
        }
    }

    /// There is something else at the place.
    fn other(
        &self,
        found: &Document,
        path: &Path,
        document: &Document,
        text: &str,
        expected: String,
        format: Format,
    ) -> Feedback {
        let line = in_line(path, text, format);
        let seen = format!("{line}{path} has {}", found.describe());
        match &self.wanted {
            Matcher::Is(_) => {
                let seen = match found {
                    Document::Scalar(_) => format!("{line}{path}: {}", found.describe()),
                    Document::List(_) => format!("{line}{path} is a list: {}", found.describe()),
                    Document::Map(_) => format!("{line}{path} is a mapping: {}", found.describe()),
                };
                Feedback::wrong(expected, seen, "The place is right, and its value is another one. Compare the two.")
                    .diagnosed("other-value")
            }
            Matcher::Lacks(_) => {
                Feedback::wrong(expected, seen, "Something is there that should not be.").diagnosed("unwanted-value")
            }
            Matcher::Only(texts) if texts.iter().all(|text| found.has(&text.text)) => {
                let sentence = "What the task asks for is there, and something else besides. What is too much?";
                Feedback::wrong(expected, seen, sentence).diagnosed("unwanted-value")
            }
            Matcher::Has(_) | Matcher::Only(_) => {
                if let Some(near) = self.nearby(path, document, text, &expected, format) {
                    return near;
                }
                let sentence = "The place is right, and one of its entries is missing or different. Compare them.";
                Feedback::wrong(expected, seen, sentence).diagnosed("missing-entry")
            }
        }
    }

    /// The path leads only so far.
    #[expect(clippy::too_many_arguments, reason = "each is another side of one failed look-up")]
    fn missing(
        &self,
        depth: usize,
        parent: &Document,
        path: &Path,
        document: &Document,
        text: &str,
        expected: String,
        format: Format,
    ) -> Feedback {
        let before = path.first(depth);
        let place =
            if depth == 0 { "the file".to_owned() } else { format!("{}{before}", in_line(&before, text, format)) };
        let wanted = path.steps.get(depth).map_or("", String::as_str);
        if let Document::Map(entries) = parent
            && let Some(found) = spelling::slip(wanted, entries.iter().map(|(key, _)| key.as_str()))
        {
            let seen = format!("{place} has {found}, and no {wanted}");
            let sentence = format!(
                "In {found}, {}. A key means something only as it is known.",
                spelling::difference(found, wanted)
            );
            return Feedback::wrong(expected, seen, sentence).diagnosed("key-mistyped");
        }
        if let Some(near) = self.nearby(path, document, text, &expected, format) {
            return near;
        }
        let seen = format!("{place} has {}, and no {wanted}", parent.describe());
        let sentence = "Something of it is there. What else does the task want, and below which key?";
        Feedback::wrong(expected, seen, sentence).diagnosed("missing-entry")
    }

    /// What is wanted, at another place of the file or in a comment.
    fn nearby(&self, path: &Path, document: &Document, text: &str, expected: &str, format: Format) -> Option<Feedback> {
        let key = path.steps.last()?;
        if let Some((found, _)) = document
            .parts()
            .into_iter()
            .find(|(found, part)| found != path && found.steps.last() == Some(key) && self.holds(part))
        {
            let seen = format!("{}it is at {found}, and not at {path}", in_line(&found, text, format));
            let sentence = match format {
                Format::Yaml => "In YAML, the blanks in front of a line say what it belongs to. Below which key is it?",
                Format::Json => "Braces say what a key belongs to. Between which of them is it?",
            };
            return Some(Feedback::wrong(expected, seen, sentence).diagnosed("misplaced-key"));
        }
        if format == Format::Json {
            return None;
        }
        let numbered = text.lines().enumerate();
        let comments = numbered.filter_map(|(at, line)| Some((at + 1, line.trim_start().strip_prefix('#')?.trim())));
        let is_it = |(_, comment): &(usize, &str)| {
            let bare = comment.trim_start_matches(['#', '-', ' ']).replace(['"', '\''], "");
            match &self.wanted {
                Matcher::Is(values) => bare.split_once(':').is_some_and(|(left, right)| {
                    left.trim() == key && values.iter().any(|value| right.trim() == value.text)
                }),
                Matcher::Has(texts) | Matcher::Only(texts) => {
                    texts.iter().any(|text| bare.trim() == text.text || bare.trim() == text.text.replacen('=', ": ", 1))
                }
                Matcher::Lacks(_) => false,
            }
        };
        let (line, comment) = comments.into_iter().find(is_it)?;
        let seen = format!("line {line}: only a comment has it: # {comment}");
        let sentence = "What comes after # is for people, and no program reads it.";
        Some(Feedback::wrong(expected, seen, sentence).diagnosed("commented-out"))
    }
}

/// "line 6: ", where the line is known.
fn in_line(path: &Path, text: &str, format: Format) -> String {
    let line = if format == Format::Yaml { document::line_in_yaml(text, path) } else { None };
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}
