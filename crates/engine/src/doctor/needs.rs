//! What labs need of a machine, read from the labs themselves: nobody fails for what they won't use.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use labrun_graders::invocation::{published_ports, uses_compose};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Check};

use labrun_lab::{AsName, Lab, Owns, Tool};

/// What one lab needs.
#[derive(Debug)]
pub struct LabNeeds {
    /// The lab's id.
    pub id: String,
    /// The learner has begun it: its names and ports are in use by right.
    pub begun: bool,
    /// Somebody is about to begin it. What others made under its names is in nobody's way before that.
    pub meant: bool,
    /// The numbers of the steps that only the engine's events can prove, counted from 1.
    pub proved_by_events: Vec<usize>,
    /// The names that it owns, in this learner's form.
    pub owns: Owns,
    images: Vec<String>,
    ports: Vec<u16>,
    /// A step that is not passed over is done with compose.
    compose: bool,
    /// The numbers of the steps that are passed over where there is no compose, counted from 1.
    compose_steps: Vec<usize>,
}

impl LabNeeds {
    /// What a lab needs.
    #[must_use]
    pub fn of(lab: &Lab, begun: bool) -> Self {
        let solutions = || lab.steps.iter().map(|step| step.solution.text.as_str());
        // That something is gone is seen without events, too.
        // Where `if_seen` cannot see, something else decides.
        let is_deed =
            |check: &Check| !["removed", "if_seen"].contains(&check.kind) && check.asks().contains(&Ask::Journal);
        let by_events = |index: &usize| lab.steps.get(*index).is_some_and(|step| step.checks.iter().any(is_deed));
        let with_compose = (1..).zip(&lab.steps).filter(|(_, step)| step.needs == Some(Tool::Compose));
        Self {
            id: lab.id.clone(),
            begun,
            meant: true,
            owns: lab.owns.clone(),
            images: lab.images.clone(),
            proved_by_events: (0..lab.steps.len()).filter(by_events).map(|index| index + 1).collect(),
            ports: solutions().flat_map(published_ports).collect(),
            compose: lab.steps.iter().any(|step| step.needs.is_none() && uses_compose(&step.solution.text)),
            compose_steps: with_compose.map(|(number, _)| number).collect(),
        }
    }
}

/// What some labs need.
#[derive(Debug)]
pub struct Needs {
    /// The `--as` name that the labs' names are formed with.
    pub learner: Option<AsName>,
    /// How many learners have a lab open in the same progress.
    pub learners: usize,
    /// The labs, in order.
    pub labs: Vec<LabNeeds>,
}

impl Needs {
    /// The images that must be on the engine.
    #[must_use]
    pub fn images(&self) -> BTreeSet<String> {
        self.labs.iter().flat_map(|needs| needs.images.iter().cloned()).collect()
    }

    /// The folders of this machine in which learners make what they mount into containers.
    #[must_use]
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let names = self.labs.iter().flat_map(|needs| &needs.owns.names);
        let paths = names.filter(|name| name.kind == NameKind::Path);
        paths.filter_map(|path| Some(Path::new(&path.text).parent()?.to_owned())).collect()
    }

    /// The ports of the engine's host that must be free.
    #[must_use]
    pub fn ports(&self) -> BTreeSet<u16> {
        self.labs.iter().filter(|needs| !needs.begun).flat_map(|needs| needs.ports.iter().copied()).collect()
    }

    /// Whether it matters to any lab if compose is here.
    #[must_use]
    pub fn ask_for_compose(&self) -> bool {
        self.labs.iter().any(|needs| needs.compose || !needs.compose_steps.is_empty())
    }

    /// The steps that are passed over without compose: each lab with their numbers.
    #[must_use]
    pub fn passed_over_without_compose(&self) -> Vec<String> {
        let some = self.labs.iter().filter(|needs| !needs.compose_steps.is_empty());
        let steps = some.map(|needs| {
            let numbers: Vec<String> = needs.compose_steps.iter().map(ToString::to_string).collect();
            let s = if numbers.len() == 1 { "" } else { "s" };
            format!("step{s} {} of {}", numbers.join(", "), needs.id)
        });
        steps.collect()
    }

    /// The labs that can't be done without compose.
    #[must_use]
    pub fn with_compose(&self) -> Vec<&str> {
        self.labs.iter().filter(|needs| needs.compose).map(|needs| needs.id.as_str()).collect()
    }
}
