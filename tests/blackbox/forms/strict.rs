//! Sees that a row says what it can say, and names only what its lab owns.

use std::collections::{BTreeMap, BTreeSet};

use labrun_graders::diagnosis::DIAGNOSES;
use labrun_graders::name::NameKind;
use labrun_lab::{Lab, Names, mentions};
use serde_saphyr::Spanned;

use super::table::{ByEvents, Expected, Row, RowEntry, StepEntry, StepTable};

pub struct Reader<'a> {
    pub path: &'a str,
    pub faults: Vec<String>,
}

impl Reader<'_> {
    pub fn fault<T>(&mut self, at: &Spanned<T>, message: impl AsRef<str>) {
        self.faults.push(format!("{}:{}: {}", self.path, at.referenced.line(), message.as_ref()));
    }

    /// A fault, but for a table that is ahead of its lab.
    pub fn unknown<T>(&mut self, at: &Spanned<T>, message: impl AsRef<str>) {
        if std::env::var_os("FORMS_DRAFT").is_none() {
            self.fault(at, message);
        }
    }

    pub fn step(
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
        if let Some(unnamed) = &row.unnamed
            && (*group != Expected::Wrong(None) || row.says.is_some())
        {
            self.fault(unnamed, "only a wrong row without `says` may have no mistake to name");
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
            unnamed: row.unnamed.map(|unnamed| unnamed.value),
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
