//! The labs that ship with labrun, built into the binary as `build.rs` has read them.

use include_dir::{Dir, include_dir};
use labrun_graders::node::{Key, Node, Span, Value};
use serde_json::Value as Json;

static LABS: Dir<'static> = include_dir!("$OUT_DIR/labs");

/// The files of the labs that ship with labrun, by their paths below `labs/`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shipped;

impl Shipped {
    /// The ids of the tracks.
    pub(super) fn tracks() -> impl Iterator<Item = &'static str> {
        LABS.dirs().filter_map(|dir| dir.path().to_str())
    }

    /// The text of a Markdown file.
    pub(super) fn text(path: &str) -> Option<&'static str> {
        LABS.get_file(path)?.contents_utf8()
    }

    /// What a YAML file says. Nothing in it has a place: its faults were found before it was built in.
    pub(super) fn tree(path: &str) -> Option<Node> {
        let json = Self::text(&format!("{}.json", path.strip_suffix(".yaml")?))?;
        serde_json::from_str(json).ok().map(node)
    }

    /// The hash of the files of the lab in a folder.
    pub(super) fn hash(folder: &str) -> Option<&'static str> {
        Self::text(&format!("{folder}/lab.sha256"))
    }
}

fn node(json: Json) -> Node {
    let span = Span::default();
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(node).collect()),
        Json::Object(entries) => {
            Value::Map(entries.into_iter().map(|(text, value)| (Key { span, text }, node(value))).collect())
        }
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{AsName, Loaded, Source, catalogue, lint_track, load, load_dir};

    /// All that a lab says, without the places where it stands.
    fn told(loaded: &Loaded) -> String {
        let told = format!("{:?}", loaded.lab);
        let mut parts = told.split("Span { start: ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |told, part| told + part.split_once('}').map_or(part, |(_, rest)| rest))
    }

    #[test]
    fn what_was_built_in_is_what_the_files_say_and_they_have_no_faults() {
        let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
        let learner: Option<AsName> = Some("alice".parse().expect("a name"));
        let mut seen = 0;
        for track in catalogue().expect("the tracks") {
            assert!(lint_track(&labs.join(&track.id)).expect("it is read").is_empty(), "{}", track.id);
            for id in &track.labs {
                let built = load(id, learner.clone()).expect("it is built in");
                assert_eq!(built.source, Source::Shipped(format!("{}/{id}", track.id)));
                let read = load_dir(&labs.join(&track.id).join(id), learner.clone()).expect("it has no faults");
                assert_eq!(told(&built), told(&read));
                assert_eq!(built.hash, read.hash, "{id}");
                seen += 1;
            }
        }
        assert!(seen > 0, "there are labs");
    }
}
