//! YAML and JSON that a learner wrote, as a tree in which a number keeps the letters it was written with.

mod lines;
mod path;
mod tree;

pub use lines::line_in_yaml;
pub use path::Path;

use serde_saphyr::{Error, Spanned};

/// The language of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML: one document, with merge keys.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }
}

/// A document, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Text, a number, true or false; nothing is the empty text. As written, without quotes.
    Scalar(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Self)>),
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line where the parser stopped, counted from 1, where it says so.
    pub line: Option<u64>,
    /// What is wrong, in the parser's words.
    pub why: String,
}

/// Reads a document of bounded depth and size. A key that is there twice is an error.
///
/// # Errors
/// The first place that cannot be read.
pub fn parse(format: Format, text: &str) -> Result<Document, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Json => serde_json::from_str::<tree::Json>(text).map(tree::Json::document).map_err(|error| {
            let said = error.to_string();
            let why = said.split(" at line ").next().unwrap_or_default().to_owned();
            Unreadable { line: u64::try_from(error.line()).ok().filter(|line| *line > 0), why }
        }),
        Format::Yaml => serde_saphyr::from_str_with_options::<Spanned<tree::Yaml>>(text, options())
            .map(|tree| tree::Yaml::document(tree, text))
            .map_err(|error| unreadable(&error)),
    }
}

fn unreadable(error: &Error) -> Unreadable {
    let said = error.without_snippet().to_string();
    let said = said.lines().next().unwrap_or_default();
    let why = said.split(" at line ").next().unwrap_or(said).to_owned();
    Unreadable { line: error.location().map(|location| location.line()), why }
}

/// As for labs, though merge keys are allowed: Compose files have them.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 40,
            max_nodes: 20_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 16,
            max_alias_expansions_per_anchor: 1_000,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

impl Document {
    /// What is at a path, or how far the path leads: the number of its steps that exist, and what is there.
    ///
    /// # Errors
    /// The part before the first step that does not exist.
    pub fn at(&self, path: &Path) -> Result<&Self, (usize, &Self)> {
        let mut here = self;
        for (depth, step) in path.steps.iter().enumerate() {
            here = here.child(step).ok_or((depth, here))?;
        }
        Ok(here)
    }

    fn child(&self, step: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == step).map(|(_, value)| value),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            Self::Scalar(_) => None,
        }
    }

    /// Every part with its path, from the outside inwards.
    #[must_use]
    pub fn parts(&self) -> Vec<(Path, &Self)> {
        let mut parts = vec![(Path::default(), self)];
        let mut next = 0;
        while let Some((path, part)) = parts.get(next).cloned() {
            let below: Vec<(Path, &Self)> = match part {
                Self::Map(entries) => entries.iter().map(|(key, value)| (path.below(key), value)).collect(),
                Self::List(items) => {
                    items.iter().enumerate().map(|(index, item)| (path.below(&index.to_string()), item)).collect()
                }
                Self::Scalar(_) => Vec::new(),
            };
            parts.extend(below);
            next += 1;
        }
        parts
    }

    /// Whether it is this one value. The case of `true` and `false` does not matter.
    #[must_use]
    pub fn is(&self, wanted: &str) -> bool {
        let Self::Scalar(found) = self else { return false };
        let is_truth = |text: &str| ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text));
        found.trim() == wanted.trim() || (is_truth(wanted) && found.eq_ignore_ascii_case(wanted))
    }

    /// Whether it has this entry: an item of a list, a key of a mapping, or `KEY=VALUE` in either form.
    #[must_use]
    pub fn has(&self, wanted: &str) -> bool {
        let (key, value) = match wanted.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (wanted, None),
        };
        match self {
            Self::List(items) => items.iter().any(|item| {
                let names_key =
                    |item: &str| value.is_none() && item.split_once('=').is_some_and(|(left, _)| left == key);
                item.is(wanted) || matches!(item, Self::Scalar(text) if names_key(text))
            }),
            Self::Map(entries) => entries.iter().any(|(found, content)| match value {
                _ if found == wanted => true,
                Some(value) => found == key && content.is(value),
                None => found == key,
            }),
            Self::Scalar(_) => false,
        }
    }

    /// How many items or keys it has; a scalar has none.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
            Self::Scalar(_) => 0,
        }
    }

    /// Its content, short enough for a line.
    #[must_use]
    pub fn describe(&self) -> String {
        let some = |names: Vec<String>| match names.len() {
            0..=4 => names.join(", "),
            more => format!("{} and {} more", names.get(..4).unwrap_or_default().join(", "), more - 4),
        };
        match self {
            Self::Scalar(text) if text.trim().is_empty() => "nothing".to_owned(),
            Self::Scalar(text) => text.chars().take(60).collect(),
            Self::List(items) if items.is_empty() => "an empty list".to_owned(),
            Self::List(items) => some(
                items
                    .iter()
                    .map(|item| if let Self::Scalar(_) = item { item.describe() } else { "…".to_owned() })
                    .collect(),
            ),
            Self::Map(entries) => some(
                entries
                    .iter()
                    .map(|(key, value)| match value {
                        Self::Scalar(text) if !text.is_empty() => format!("{key}: {}", value.describe()),
                        _ => key.clone(),
                    })
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
