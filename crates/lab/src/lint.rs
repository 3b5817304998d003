//! Faults that only the whole lab shows: names that nobody owns, names written bare, ids that stand twice.

mod settled;
mod steps;

use std::collections::HashSet;

use labrun_graders::decode::{Fault, Faults, nearest};
use labrun_graders::diagnosis::DIAGNOSES;
use labrun_graders::name::{Name, NameKind, Text, Visitor};
use labrun_graders::node::Span;
use labrun_graders::{Check, Own};

use super::decode::LabFile;
use super::model::Owns;
use super::names::{Names, bare, mentions};
use super::risk::risks;
use steps::Steps;

/// Where owned paths may lie: what a lab removes must not be what anybody else needs.
const OWNED_PATHS_BELOW: [&str; 2] = ["/tmp/", "/var/tmp/"];

/// Looks at a decoded `lab.yaml`; `source` is its text.
pub(super) fn lint(lab: &mut LabFile, source: &str, faults: &mut Faults) {
    for name in &lab.owns.names {
        owned_name(name, faults);
    }
    let images: Vec<&str> = lab.images.iter().map(|image| image.text.as_str()).collect();
    let steps = Steps::new(lab.steps.iter().map(|step| step.id.clone()).collect());
    let mut linter =
        Linter { names: Names::new(&lab.owns, None), owns: lab.owns.clone(), images, steps, source, faults };
    let mut ids: HashSet<&str> = HashSet::new();
    for step in &mut lab.steps {
        step.texts_mut().for_each(|text| linter.text(text));
        linter.shell(&step.solution);
        for check in &mut step.checks {
            check.visit(&mut linter);
        }
        for own in &mut step.diagnoses {
            own.visit(&mut linter);
        }
        for mistake in &mut step.mistakes {
            linter.text(&mut mistake.run);
            linter.shell(&mistake.run);
            known_diagnosis(&mistake.diagnosis, &step.diagnoses, linter.faults);
            mistake.leaves.iter().for_each(|name| left_name(name, linter.faults));
        }
        own_names(&step.diagnoses, linter.faults);
        decided_by_a_question(&step.checks, linter.faults);
        if !ids.insert(&step.id) && !step.id.is_empty() {
            linter.faults.add("duplicate-step", step.id_span, format!("two steps are called `{}`", step.id));
        }
        linter.steps.next();
    }
    settled::settled_predictions(&lab.steps, faults);
}

/// Looks at a Markdown file of a lab that owns these names.
pub(super) fn lint_text(owns: &Owns, source: &str) -> Vec<Fault> {
    let mut faults = Faults::default();
    let (names, steps) = (Names::new(owns, None), Steps::default());
    let mut linter = Linter { names, owns: owns.clone(), images: vec![], steps, source, faults: &mut faults };
    linter.text(&mut Text { text: source.to_owned(), span: Span { start: 0, end: source.len() } });
    faults.0
}

/// A fault where a mistake names a diagnosis that nothing gives: neither labrun nor this step.
fn known_diagnosis(name: &Text, own: &[Own], faults: &mut Faults) {
    let known: Vec<&str> =
        own.iter().map(|own| own.name.text.as_str()).chain(DIAGNOSES.iter().map(|known| known.name)).collect();
    if known.contains(&name.text.as_str()) {
        return;
    }
    let help = match nearest(&name.text, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the book lists them; one of your own goes under this step's `diagnoses`".to_owned(),
    };
    faults.add_with_help("unknown-diagnosis", name.span, format!("there is no diagnosis called `{name}`"), help);
}

/// A fault where nothing decides when what was done cannot be seen: the step would pass for everybody.
fn decided_by_a_question(checks: &[Check], faults: &mut Faults) {
    let decides = |check: &Check| !check.needs_question() && (check.kind == "file" || check.asks_outright());
    if checks.iter().any(decides) {
        return;
    }
    for check in checks.iter().filter(|check| check.needs_question()) {
        let message = "nothing decides this step where labrun cannot see what was done";
        faults.add_with_help(
            "missing-question",
            check.span,
            message,
            "put a `question`, an `answer` or a `file` beside `if_seen`",
        );
    }
}

/// A fault where two of a step's own diagnoses have one name.
fn own_names(own: &[Own], faults: &mut Faults) {
    for (at, one) in own.iter().enumerate() {
        if own.iter().take(at).any(|other| other.name.text == one.name.text) {
            let message = format!("two diagnoses of this step are called `{}`", one.name);
            faults.add("duplicate-diagnosis", one.name.span, message);
        }
    }
}

/// A fault where a lab may not own a name: the engine would not take it, or removing it could harm.
fn owned_name(name: &Name, faults: &mut Faults) {
    let text = name.text.as_str();
    if name.kind == NameKind::Path {
        let inside = OWNED_PATHS_BELOW.iter().find_map(|above| text.strip_prefix(above));
        let clean = inside.is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")));
        if !clean {
            let message = format!("a lab may not own `{text}`");
            let help = format!("owned paths lie below {}, without `..`", OWNED_PATHS_BELOW.join(" or "));
            faults.add_with_help("unsafe-path", name.span, message, help);
        }
        return;
    }
    // Source: moby's daemon/names, and the reference grammar for images.
    let word =
        |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c) || (name.kind == NameKind::Image && "/:".contains(c));
    if text.len() < 2 || !text.chars().all(word) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        faults.add("faulty-name", name.span, format!("the engine takes no {} called `{text}`", name.kind.word()));
    }
}

/// A fault where a mistake says that it leaves a path which is not what it seems to be, or much more than it can make.
fn left_name(name: &Name, faults: &mut Faults) {
    // `@{/tmp/dind}-2` is made from an owned path.
    let path = name.text.strip_prefix("@{").unwrap_or(&name.text);
    let parts = path.strip_prefix('/').map(|path| path.split('/').all(|part| !matches!(part, "" | "." | "..")));
    if name.kind == NameKind::Path && parts != Some(true) {
        let help = "a path to be cleaned up is absolute, and has no `.`, `..` or doubled slash in it";
        faults.add_with_help("unsafe-path", name.span, format!("no mistake leaves `{name}`"), help);
    }
}

struct Linter<'a> {
    names: Names,
    owns: Owns,
    images: Vec<&'a str>,
    steps: Steps,
    source: &'a str,
    faults: &'a mut Faults,
}

impl Linter<'_> {
    fn owned(&self) -> impl Iterator<Item = &str> {
        self.owns.names.iter().map(|name| name.text.as_str())
    }

    fn not_owned(&mut self, name: &str, kind: Option<NameKind>, span: Span) {
        let what = kind.map_or("name", NameKind::word);
        let help = match nearest(name, self.owned()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "list it under `owns`".to_owned(),
        };
        self.faults.add_with_help("unknown-name", span, format!("the lab owns no {what} `{name}`"), help);
    }

    /// Looks at shell text for what no lab may run.
    fn shell(&mut self, text: &Text) {
        for risk in risks(&text.text) {
            let span = self.find_in_source(text.span, &text.text[risk.at]);
            self.faults.add("unsafe-command", span, risk.why.to_owned());
        }
    }

    /// The part of the file that a text came from, to point at single words of it.
    fn find_in_source(&self, span: Span, words: &str) -> Span {
        let words_at = self.source.get(span.start..span.end).and_then(|raw| bare(raw, words));
        words_at.map_or(span, |at| Span { start: span.start + at, end: span.start + at + words.len() })
    }
}

impl Visitor for Linter<'_> {
    fn name(&mut self, name: &mut Name) {
        let known = match name.kind {
            NameKind::Image => self.images.contains(&name.text.as_str()) || self.names.owns(name.kind, &name.text),
            kind => self.names.owns(kind, &name.text),
        };
        if !known {
            self.not_owned(&name.text, Some(name.kind), name.span);
        }
    }

    fn step(&mut self, id: &Text) {
        if let Some((message, help)) = self.steps.fault(&id.text) {
            self.faults.add_with_help("unknown-step", id.span, message, help);
        }
    }

    fn text(&mut self, text: &mut Text) {
        for mention in mentions(&text.text) {
            if !self.names.knows(mention.name) {
                let raw = format!("@{{{}}}", mention.name);
                let span = self.source.get(text.span.start..text.span.end).and_then(|part| part.find(&raw)).map_or(
                    text.span,
                    |at| Span { start: text.span.start + at, end: text.span.start + at + raw.len() },
                );
                self.not_owned(mention.name, None, span);
            }
        }
        for name in self.names.bare_in(&text.text) {
            let span = self.find_in_source(text.span, name);
            let help = format!("write `@{{{name}}}`, so that every learner's own name can stand there");
            self.faults.add_with_help("bare-name", span, format!("the owned name `{name}` stands bare"), help);
        }
    }
}
