//! From the tree of a `lab.yaml` or `track.yaml` to the model.

use labrun_graders::Check;
use labrun_graders::decode::{Decode, Faults, Fields, is_id, unknown};
use labrun_graders::name::{Name, NameKind, Text};
use labrun_graders::node::Node;

use super::model::{Mistake, Owns, Step};
use super::shapes::{EXAM, LAB, LEVELS, MISTAKE, OWNS, REQUIRES, STEP, TRACK};
use super::tool::Tool;

/// A `lab.yaml`, before the files that it names are read.
pub(super) struct LabFile {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) level: String,
    pub(super) minutes: u32,
    pub(super) exam_minutes: Option<u32>,
    pub(super) images: Vec<Name>,
    pub(super) owns: Owns,
    pub(super) briefing: Option<Text>,
    pub(super) wrap_up: Option<Text>,
    pub(super) steps: Vec<Step>,
}

/// A `track.yaml`.
pub(super) struct TrackFile {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) labs: Vec<Text>,
}

impl Decode for TrackFile {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &TRACK, faults)?;
        let title = fields.required("title");
        let summary = fields.required("summary");
        let labs = fields.required("labs");
        fields.end();
        Some(Self { title: title?, summary: summary?, labs: labs? })
    }
}

impl Decode for LabFile {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &LAB, faults)?;
        let title = fields.required("title");
        let summary = fields.required("summary");
        let level = fields.required::<Text>("level");
        if let Some(level) = &level
            && !LEVELS.contains(&level.text.as_str())
        {
            let message = format!("there is no level `{level}`");
            unknown(fields.faults, "unknown-value", level.span, message, &level.text, LEVELS);
        }
        let minutes = fields.required("minutes");
        let exam_minutes = fields.node("exam").and_then(|node| exam(node, fields.faults));
        let images = fields.node("requires").map(|node| requires(node, fields.faults)).unwrap_or_default();
        let owns = fields.required("owns");
        let briefing = fields.required("briefing");
        let wrap_up = fields.optional("wrap_up");
        let steps = fields.required("steps");
        fields.end();
        // What is missing has been noted; the rest may have faults of its own.
        Some(Self {
            title: title.unwrap_or_default(),
            summary: summary.unwrap_or_default(),
            level: level.map(|level| level.text).unwrap_or_default(),
            minutes: minutes.unwrap_or_default(),
            exam_minutes,
            images,
            owns: owns.unwrap_or_default(),
            briefing,
            wrap_up,
            steps: steps.unwrap_or_default(),
        })
    }
}

fn exam(node: &Node, faults: &mut Faults) -> Option<u32> {
    let mut fields = Fields::of(node, &EXAM, faults)?;
    let minutes = fields.required("minutes");
    fields.end();
    minutes
}

fn requires(node: &Node, faults: &mut Faults) -> Vec<Name> {
    let Some(mut fields) = Fields::of(node, &REQUIRES, faults) else { return Vec::new() };
    let images: Vec<Text> = fields.optional("images").unwrap_or_default();
    fields.end();
    images.into_iter().map(|text| Name::new(NameKind::Image, text)).collect()
}

/// The lists that `owns` and `leaves` may have.
const OWNED: [(&str, NameKind); 5] = [
    ("containers", NameKind::Container),
    ("volumes", NameKind::Volume),
    ("networks", NameKind::Network),
    ("images", NameKind::Image),
    ("paths", NameKind::Path),
];

impl Decode for Owns {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &OWNS, faults)?;
        let mut names = Vec::new();
        for (key, kind) in OWNED {
            let texts: Vec<Text> = fields.optional(key).unwrap_or_default();
            names.extend(texts.into_iter().map(|text| Name::new(kind, text)));
        }
        fields.end();
        Some(Self { names })
    }
}

impl Decode for Step {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &STEP, faults)?;
        let id = fields.required::<Text>("id");
        if let Some(id) = &id
            && !is_id(&id.text)
        {
            let message = format!("`{id}` is no step id");
            fields.faults.add_with_help("faulty-id", id.span, message, "lower-case letters and digits, joined by `-`");
        }
        let part = fields.optional("part");
        let title = fields.required("title");
        let needs = fields.optional::<Text>("needs").and_then(|text| {
            let tool = Tool::from_word(&text.text);
            if tool.is_none() {
                let message = format!("no step can need `{text}`");
                unknown(fields.faults, "unknown-value", text.span, message, &text.text, Tool::WORDS);
            }
            tool
        });
        let task = fields.required("task");
        let hints = fields.optional("hints").unwrap_or_default();
        let solution = fields.required("solution");
        let checks: Option<Vec<Check>> = fields.required("checks");
        let explain = fields.optional("explain");
        let diagnoses = fields.optional("diagnoses").unwrap_or_default();
        let mistakes = fields.optional("mistakes").unwrap_or_default();
        fields.end();
        Some(Self {
            id_span: id.as_ref().map(|id| id.span).unwrap_or_default(),
            id: id.map(|id| id.text).unwrap_or_default(),
            part,
            needs,
            title: title.unwrap_or_default(),
            task: task.unwrap_or_default(),
            hints,
            solution: solution.unwrap_or_default(),
            checks: checks.unwrap_or_default(),
            explain,
            diagnoses,
            mistakes,
        })
    }
}

impl Decode for Mistake {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &MISTAKE, faults)?;
        let run = fields.required("run");
        let diagnosis = fields.required("diagnosis");
        let leaves = fields.optional::<Owns>("leaves").unwrap_or_default();
        fields.end();
        Some(Self { run: run?, diagnosis: diagnosis?, leaves: leaves.names })
    }
}
