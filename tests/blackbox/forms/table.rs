//! The tables: one YAML file a lab in `tests/forms`, read strictly. Every fault names its line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use labrun::lab::{Lab, Names, load, mentions};
use labrun_graders::diagnosis::DIAGNOSES;
use labrun_graders::name::NameKind;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

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
struct StepEntry {
    step: Spanned<String>,
    #[serde(default)]
    evidence: bool,
    restore: Option<Spanned<String>>,
    #[serde(default)]
    fresh: bool,
    #[serde(default)]
    right: Vec<RowEntry>,
    #[serde(default)]
    wrong: Vec<RowEntry>,
    #[serde(default)]
    unclear: Vec<RowEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowEntry {
    what: Spanned<String>,
    run: Option<Spanned<String>>,
    answer: Option<Spanned<String>>,
    says: Option<Spanned<String>>,
    by_events: Option<Spanned<ByEvents>>,
    #[serde(default)]
    fresh: bool,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum ByEvents {
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

struct Reader<'a> {
    path: &'a str,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn fault<T>(&mut self, at: &Spanned<T>, message: impl AsRef<str>) {
        self.faults.push(format!("{}:{}: {}", self.path, at.referenced.line(), message.as_ref()));
    }

    /// A fault, but for a table that is ahead of its lab.
    fn unknown<T>(&mut self, at: &Spanned<T>, message: impl AsRef<str>) {
        if std::env::var_os("FORMS_DRAFT").is_none() {
            self.fault(at, message);
        }
    }

    fn step(
        &mut self,
        entry: StepEntry,
        index: usize,
        lab: &Lab,
        names: &Names,
        typed: &BTreeSet<String>,
    ) -> StepTable {
        let own = lab.steps.get(index).map(|step| step.diagnoses.iter().map(|own| own.name.text.as_str()));
        let known: BTreeSet<&str> = DIAGNOSES.iter().map(|known| known.name).chain(own.into_iter().flatten()).collect();
        if let Some(restore) = &entry.restore {
            self.names_of(restore, lab, names);
            self.bare(restore, names);
        }
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        let mut rows = Vec::new();
        let groups =
            [(Expected::Right, entry.right), (Expected::Wrong(None), entry.wrong), (Expected::Unclear, entry.unclear)];
        for (group, entries) in groups {
            for row in entries {
                if let Some(line) = seen.insert(row.what.value.clone(), row.what.referenced.line()) {
                    self.fault(&row.what, format!("`{}` is also the row in line {line}", row.what.value));
                }
                let built_anew = entry.fresh;
                let mut read = self.row(row, &group, entry.evidence, &known, lab, names);
                read.fresh |= built_anew;
                rows.push(read);
            }
        }
        StepTable {
            index,
            evidence: entry.evidence,
            by_line: typed.contains(&entry.step.value),
            restore: entry.restore.map(|restore| restore.value).unwrap_or_default(),
            step: entry.step.value,
            rows,
        }
    }

    fn row(
        &mut self,
        row: RowEntry,
        group: &Expected,
        evidence: bool,
        known: &BTreeSet<&str>,
        lab: &Lab,
        names: &Names,
    ) -> Row {
        if let Some(run) = &row.run {
            self.names_of(run, lab, names);
            self.bare(run, names);
        }
        if let Some(answer) = &row.answer {
            self.names_of(answer, lab, names);
        }
        match &row.run {
            Some(run) if run.value.trim().is_empty() => self.fault(run, "nothing is run"),
            Some(run) => self.named(run),
            None if row.answer.is_none() => self.fault(&row.what, "it neither runs nor answers anything"),
            None => {}
        }
        if let Some(says) = &row.says {
            if *group != Expected::Wrong(None) {
                self.fault(says, "only a wrong row says what is wrong");
            } else if !known.contains(says.value.as_str()) {
                self.unknown(says, format!("there is no diagnosis called {}", says.value));
            }
        }
        if let Some(by_events) = row.by_events.as_ref().filter(|_| !evidence) {
            self.fault(by_events, "the step has no `evidence: true`, so it is not graded by events alone");
        }
        let expected = match group {
            Expected::Wrong(_) => Expected::Wrong(row.says.map(|says| says.value)),
            other => other.clone(),
        };
        let by_events = row.by_events.map(|by_events| match by_events.value {
            ByEvents::Right => Expected::Right,
            ByEvents::Wrong => Expected::Wrong(None),
            ByEvents::Unclear => Expected::Unclear,
        });
        Row {
            what: row.what.value,
            run: row.run.map_or_else(|| "true".to_owned(), |run| run.value.trim_end().to_owned()),
            answer: row.answer.map(|answer| answer.value),
            expected,
            by_events,
            fresh: row.fresh,
        }
    }

    /// Sees that a text names only what the lab owns.
    fn names_of(&mut self, text: &Spanned<String>, lab: &Lab, names: &Names) {
        let kinds = [NameKind::Container, NameKind::Volume, NameKind::Network, NameKind::Image, NameKind::Path];
        for mention in mentions(&text.value) {
            if !kinds.iter().any(|kind| names.owns(*kind, mention.name)) {
                self.fault(text, format!("{} does not own `{}`", lab.id, mention.name));
            }
        }
    }

    /// Sees that none of the lab's names stands for itself in what is run.
    fn bare(&mut self, text: &Spanned<String>, names: &Names) {
        for owned in names.bare_in(&text.value) {
            self.fault(text, format!("`{owned}` is the lab's: write @{{{owned}}}, or it is another learner's"));
        }
    }

    /// Sees that what gets a name can be found by it afterwards.
    fn named(&mut self, run: &Spanned<String>) {
        let words: Vec<&str> = run.value.split_whitespace().collect();
        for pair in words.windows(2) {
            let name = if pair[0] == "--name" { Some(pair[1]) } else { pair[0].strip_prefix("--name=") };
            if let Some(name) = name.filter(|name| !name.contains('@') && !name.contains('$') && !name.contains('{')) {
                self.fault(
                    run,
                    format!("what is called `{name}` would stay: a name begins with @me- or is @{{owned}}"),
                );
            }
        }
    }
}
