//! The labs that ship with the program. It has them built in, and provides them before it loads one.

use std::sync::OnceLock;

use include_dir::Dir;
use labrun_graders::node::{Key, Node, Span, Value};
use serde_json::Value as Json;

static LABS: OnceLock<&'static Dir<'static>> = OnceLock::new();

/// Makes the labs in this folder those that ship: a folder for each track, and in it one for each lab. A YAML file is there
/// as JSON, and beside that of a lab the hash of its files. Only the first call has an effect.
pub fn provide(labs: &'static Dir<'static>) {
    LABS.get_or_init(|| labs);
}

/// The files of the labs that ship with labrun, by their paths below `labs/`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shipped;

impl Shipped {
    /// The ids of the tracks.
    pub(super) fn tracks() -> impl Iterator<Item = &'static str> {
        LABS.get().into_iter().flat_map(|labs| labs.dirs()).filter_map(|dir| dir.path().to_str())
    }

    /// The text of a Markdown file.
    pub(super) fn text(path: &str) -> Option<&'static str> {
        LABS.get()?.get_file(path)?.contents_utf8()
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
