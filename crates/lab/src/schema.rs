//! The JSON Schema of the lab files, for editors: made of the descriptions by which the files are read.
//!
//! Draft 7, which every editor's YAML support knows. It is never stricter than `labrun lint`, and does not see what only
//! the whole lab shows. Beside what the draft knows stand words of yaml-language-server and VS Code, which others pass
//! over: `markdownDescription`, `enumDescriptions`, `patternErrorMessage`.

use labrun_graders::diagnosis::DIAGNOSES;
use labrun_graders::shape::{Field, Form, Need, Rule, Shape};
use labrun_graders::{KINDS, Kind};
use serde_json::{Map, Value, json};

use super::shapes::File;

/// Text that says something.
const SOME_TEXT: &str = r"\S";

/// A whole number and one of the units that a lab writes.
const SIZE: &str = "^ *[0-9]+ *(B|KiB|MiB|GiB) *$";

/// As [`labrun_graders::decode::is_id`] has it.
const KEBAB_CASE: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

impl File {
    /// The schema of this file.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": self.name,
            "description": self.about,
        });
        merge(&mut schema, of(&self.form));
        if refers(&self.form) {
            let kinds: Map<String, Value> = KINDS.iter().map(|kind| (kind.name.to_owned(), of_kind(kind))).collect();
            let check =
                json!({"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false});
            let mut check = json!({"check": check});
            merge(&mut check["check"], json!({"properties": kinds}));
            merge(&mut schema, json!({"definitions": check}));
        }
        schema
    }

    /// The schema as it is kept beside the labs.
    #[must_use]
    pub fn schema_text(&self) -> String {
        format!("{:#}\n", self.schema())
    }
}

/// Adds the members of the second object to the first.
fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// Whether checks stand somewhere in it.
fn refers(form: &Form) -> bool {
    match form {
        Form::Check => true,
        Form::List(of, _) => refers(of),
        Form::Map(shape) => shape.fields.iter().any(|field| refers(&field.form)),
        _ => false,
    }
}

fn of_kind(kind: &Kind) -> Value {
    described(&kind.form, kind.about)
}

/// What `form` allows, and what an editor says of it.
fn described(form: &Form, about: &str) -> Value {
    let mut schema = json!({"description": about});
    if about.contains('`') {
        merge(&mut schema, json!({"markdownDescription": about}));
    }
    merge(&mut schema, of(form));
    schema
}

fn of(form: &Form) -> Value {
    match form {
        Form::Text | Form::Markdown | Form::Shell | Form::Expression | Form::Name(_) | Form::Path | Form::FileName => {
            json!({"type": "string", "pattern": SOME_TEXT})
        }
        Form::HostPath | Form::AbsolutePath => {
            json!({"type": "string", "pattern": "^/", "patternErrorMessage": "A path that begins with a slash is wanted here."})
        }
        Form::Address => json!({"type": "string", "pattern": "^[0-9A-Fa-f:.]+$"}),
        Form::Mode => json!({
            "type": "string", "pattern": "^[0-7]{3,4}$",
            "patternErrorMessage": "Three or four digits from 0 to 7 are wanted here, such as \"0750\".",
        }),
        Form::Owner => json!({
            "type": "string", "pattern": "^([0-9]+|root)(:([0-9]+|root))?$",
            "patternErrorMessage": "Numbers are wanted here, such as \"1000:1000\".",
        }),
        Form::Id => name(),
        // Any name may be the step's own; an editor offers those of labrun.
        Form::Diagnosis => {
            let known: Vec<&str> = DIAGNOSES.iter().map(|diagnosis| diagnosis.name).collect();
            let proofs: Vec<&str> = DIAGNOSES.iter().map(|diagnosis| diagnosis.proof).collect();
            json!({"anyOf": [{"enum": known, "enumDescriptions": proofs}, name()]})
        }
        Form::Word(words) => json!({"enum": words}),
        Form::Number(range) if *range.end() == u32::MAX => json!({"type": "integer", "minimum": range.start()}),
        Form::Number(range) => json!({"type": "integer", "minimum": range.start(), "maximum": range.end()}),
        Form::Size => json!({
            "type": "string",
            "pattern": SIZE,
            "patternErrorMessage": "A whole number and a unit are wanted here, such as 4MiB.",
        }),
        Form::Truth => json!({"type": "boolean"}),
        Form::True => json!({"const": true}),
        Form::List(of_item, sizes) => {
            let mut schema = json!({"type": "array", "items": of(of_item), "minItems": sizes.start()});
            if *sizes.end() != usize::MAX {
                merge(&mut schema, json!({"maxItems": sizes.end()}));
            }
            schema
        }
        Form::Texts => json!({"type": "object", "minProperties": 1, "additionalProperties": of(&Form::Text)}),
        Form::Map(shape) => mapping(shape),
        Form::Either(forms) => json!({"anyOf": forms.iter().map(of).collect::<Vec<_>>()}),
        Form::Check => json!({"$ref": "#/definitions/check"}),
    }
}

fn name() -> Value {
    let message = "Lower-case letters and digits are wanted here, joined by `-`.";
    json!({"type": "string", "pattern": KEBAB_CASE, "maxLength": 64, "patternErrorMessage": message})
}

fn mapping(shape: &Shape) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|field| (field.key.to_owned(), property(field))).collect();
    let required: Vec<&str> = shape
        .fields
        .iter()
        .filter(|field| field.need == Need::Required && field.with.is_empty())
        .map(|field| field.key)
        .collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        merge(&mut schema, json!({"required": required}));
    }
    let dependencies = dependencies(shape);
    if !dependencies.is_empty() {
        merge(&mut schema, json!({"dependencies": dependencies}));
    }
    for rule in shape.rules {
        let ruled = match rule {
            Rule::OneOf(keys) => json!({"oneOf": one_of(keys)}),
            Rule::SomeOf(keys) => json!({"anyOf": one_of(keys)}),
            Rule::AtMostOne(keys) => json!({"not": {"required": keys}}),
        };
        merge(&mut schema, ruled);
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut property = described(&field.form, field.meaning);
    if let Need::Default(default) = field.need {
        let default = serde_json::from_str(default).unwrap_or_else(|_| json!(default));
        merge(&mut property, json!({"default": default}));
    }
    property
}

fn one_of(keys: &[&str]) -> Vec<Value> {
    keys.iter().map(|key| json!({"required": [key]})).collect()
}

/// Keys that stand only with others, and such as those need.
fn dependencies(shape: &Shape) -> Map<String, Value> {
    let mut dependencies = Map::new();
    for field in shape.fields.iter().filter(|field| !field.with.is_empty()) {
        dependencies.insert(field.key.to_owned(), json!({"anyOf": one_of(field.with)}));
        for other in field.with.iter().filter(|_| field.need == Need::Required) {
            dependencies.insert((*other).to_owned(), json!([field.key]));
        }
    }
    dependencies
}
