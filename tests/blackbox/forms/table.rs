//! The tables: one YAML file a lab in `tests/forms`, read strictly. Every fault names its line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use labrun_lab::load;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::strict::Reader;

/// What a row must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It passes.
    Right,
    /// It does not pass; perhaps with this diagnosis.
    Wrong(Option<String>),
    /// It cannot be told, and the learner is asked instead.
    Unclear,
}

/// One way to go about a step.
#[derive(Clone, Debug)]
pub struct Row {
    /// Unique in its step.
    pub what: String,
    /// What is typed.
    pub run: String,
    /// What is answered; without it the right answer, where the step cannot pass without one.
    pub answer: Option<String>,
    pub expected: Expected,
    /// Where the engine's events alone tell something else.
    pub by_events: Option<Expected>,
    /// Why there is no mistake to name.
    pub unnamed: Option<Unnamed>,
    /// It begins from a state built for it.
    pub fresh: bool,
}

/// A step and its rows.
#[derive(Clone, Debug)]
pub struct StepTable {
    pub step: String,
    /// Its position in the lab.
    pub index: usize,
    /// Each row is graded a second time, by what the engine's events tell.
    pub evidence: bool,
    /// Each line of a row is entered by itself.
    pub by_line: bool,
    /// Brings back what the rows change and removing what they made does not.
    pub restore: String,
    pub rows: Vec<Row>,
}

/// A lab's table.
#[derive(Clone, Debug)]
pub struct Table {
    pub lab: String,
    pub steps: Vec<StepTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    lab: Spanned<String>,
    steps: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    pub step: Spanned<String>,
    #[serde(default)]
    pub evidence: bool,
    pub restore: Option<Spanned<String>>,
    #[serde(default)]
    pub fresh: bool,
    #[serde(default)]
    pub right: Vec<RowEntry>,
    #[serde(default)]
    pub wrong: Vec<RowEntry>,
    #[serde(default)]
    pub unclear: Vec<RowEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowEntry {
    pub what: Spanned<String>,
    pub run: Option<Spanned<String>>,
    pub answer: Option<Spanned<String>>,
    pub says: Option<Spanned<String>>,
    pub by_events: Option<Spanned<ByEvents>>,
    pub unnamed: Option<Spanned<Unnamed>>,
    #[serde(default)]
    pub fresh: bool,
}

/// Why there is no mistake to name in a wrong row.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Unnamed {
    /// A part is done, and nothing about it is wrong.
    Half,
    /// It was only spoken of: nothing was done.
    Mention,
    /// Neither a state nor an event nor a line that labrun reads shows what was done.
    Unseen,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ByEvents {
    Right,
    Wrong,
    Unclear,
}

/// The folder of the tables; another one can be named.
pub fn folder() -> PathBuf {
    std::env::var_os("FORMS_DIR").map_or_else(|| root().join("tests/forms"), PathBuf::from)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All tables, or one lab's, in the order of their labs' names; or every fault of all of them.
pub fn read_all(folder: &Path, lab: Option<&str>) -> Result<Vec<Table>, Vec<String>> {
    let entries = std::fs::read_dir(folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    let files =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "yaml"));
    let is_meant = |path: &PathBuf| lab.is_none_or(|lab| path.file_stem().is_some_and(|stem| stem == lab));
    let files: BTreeSet<PathBuf> = files.filter(is_meant).collect();
    let (mut tables, mut faults) = (Vec::new(), Vec::new());
    for path in files {
        let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let text = std::fs::read_to_string(&path).expect("a table can be read");
        let lab = path.file_stem().unwrap_or_default().to_string_lossy();
        match read(&lab, &shown, &text) {
            Ok(table) => tables.push(table),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(tables) } else { Err(faults) }
}

/// Reads the table of a lab.
pub fn read(lab: &str, path: &str, text: &str) -> Result<Table, Vec<String>> {
    let file: FileEntry = serde_saphyr::from_str_with_options(text, serde_saphyr::options! { with_snippet: false })
        .map_err(|error| {
            let line = error.location().map_or(0, |location| location.line());
            vec![format!("{path}:{line}: {error}")]
        })?;
    let mut reader = Reader { path, faults: Vec::new() };
    if file.lab.value != lab {
        reader.fault(&file.lab, format!("the file is called {lab}, and this lab {}", file.lab.value));
    }
    labrun::builtin::provide();
    let loaded = match load(lab, None) {
        Ok(loaded) => loaded,
        Err(error) => {
            reader.fault(&file.lab, error.to_string());
            return Err(reader.faults);
        }
    };
    let typed = typed_steps(lab);
    let (mut steps, mut before) = (Vec::<StepTable>::new(), None);
    for entry in file.steps {
        let Some(index) = loaded.lab.steps.iter().position(|step| step.id == entry.step.value) else {
            let message = format!("{lab} has no step {}", entry.step.value);
            reader.unknown(&entry.step, message);
            continue;
        };
        if before.is_some_and(|before| before >= index) {
            reader.fault(&entry.step, format!("step {} comes earlier in the lab, or is here twice", entry.step.value));
        }
        before = Some(index);
        steps.push(reader.step(entry, index, &loaded.lab, &loaded.names, &typed));
    }
    if reader.faults.is_empty() { Ok(Table { lab: lab.to_owned(), steps }) } else { Err(reader.faults) }
}

/// The steps of a shipped lab that grade typed lines.
fn typed_steps(lab: &str) -> BTreeSet<String> {
    fn has_typed(value: &Value) -> bool {
        match value {
            Value::Object(map) => map.iter().any(|(key, value)| key == "typed" || has_typed(value)),
            Value::Array(list) => list.iter().any(has_typed),
            _ => false,
        }
    }
    let tracks = std::fs::read_dir(root().join("labs")).expect("the labs").flatten();
    let path = tracks.map(|track| track.path().join(lab).join("lab.yaml")).find(|path| path.is_file());
    let text = std::fs::read_to_string(path.expect("the lab's file")).expect("it can be read");
    let tree: Value = serde_saphyr::from_str(&text).expect("it is YAML");
    let steps = tree["steps"].as_array().into_iter().flatten().filter(|step| has_typed(&step["checks"]));
    steps.filter_map(|step| step["id"].as_str().map(str::to_owned)).collect()
}
