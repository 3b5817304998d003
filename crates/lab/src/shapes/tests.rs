//! That lab files are read as they are described: what a description promises is read without a fault, and what it rules
//! out is a fault. So the reference and the schemas, which are made of the descriptions, are true.

use labrun_graders::decode::{Decode, Faults};
use labrun_graders::node::Value;
use labrun_graders::shape::{Described, Field, Form, Need, Shape};
use labrun_graders::{Check, KINDS, Own};

use super::super::decode::{LabFile, TrackFile};
use super::values::{entry, map, node, right, selections, text, wrong};
use super::{LAB_FILE, TRACK_FILE};

/// What reading came to: codes and help of the faults, and what came out.
type Came = (Vec<(&'static str, String)>, String);

/// Reads a value as a whole.
type Read<'a> = dyn Fn(&Value) -> Came + 'a;

fn read<T: Decode>(value: &Value, debug: fn(&T) -> String) -> Came {
    let mut faults = Faults::default();
    let decoded = T::decode(&node(value.clone()), &mut faults);
    let codes = faults.0.into_iter().map(|fault| (fault.code, fault.help.unwrap_or_default())).collect();
    (codes, decoded.as_ref().map(debug).unwrap_or_default())
}

/// The mapping with another value of a key.
fn with(fields: &[&'static Field], key: &'static str, value: &Value) -> Value {
    let others = fields.iter().filter(|other| other.key != key).map(|other| entry(other));
    map(others.chain([(key, value.clone())]).collect())
}

/// Sees that a described thing is read as it is described.
fn holds(name: &str, form: &Form, read: &Read) {
    for value in right(form) {
        assert_eq!(read(&value).0, [], "{name}: {value:?}");
    }
    for value in wrong(form) {
        assert_ne!(read(&value).0, [], "{name}: {value:?}");
    }
    if let Form::Map(shape) = form {
        for fields in selections(shape) {
            needs(name, shape, &fields, read);
            for field in &fields {
                for value in right(&field.form).into_iter().filter(|value| !is_told_apart(&fields, field, value)) {
                    assert_eq!(read(&with(&fields, field.key, &value)).0, [], "{name}, {}: {value:?}", field.key);
                }
            }
        }
    }
    knows_no_more(name, form, read);
}

/// Sees that no mapping knows more keys than are described, however far down it is.
fn knows_no_more(name: &str, form: &Form, read: &Read) {
    match form {
        Form::Map(shape) => {
            for fields in selections(shape) {
                all_known(name, shape, &fields, read);
                for field in &fields {
                    let read = |value: &Value| read(&with(&fields, field.key, value));
                    knows_no_more(&format!("{name}, {}", field.key), &field.form, &read);
                }
            }
        }
        Form::List(of, sizes) => {
            let read = |value: &Value| read(&Value::List(vec![node(value.clone()); *sizes.start()]));
            knows_no_more(name, of, &read);
        }
        Form::Either(forms) => forms.iter().for_each(|form| knows_no_more(name, form, read)),
        _ => {}
    }
}

/// The help of an unknown key lists every key that is read: none of them may be without a description.
fn all_known(name: &str, shape: &Shape, fields: &[&'static Field], read: &Read) {
    let mut entries: Vec<_> = fields.iter().map(|field| entry(field)).collect();
    entries.push(("zzzzzzzz", text("x")));
    let help = read(&map(entries)).0.into_iter().find(|(code, _)| *code == "unknown-key").expect("a fault").1;
    let known = help.strip_prefix("known here: ").expect("the keys");
    for key in known.split(", ") {
        assert!(shape.field(key).is_some(), "{name} reads `{key}`, which is not described");
    }
}

/// Values that are right by themselves, and not beside every other key.
fn is_told_apart(fields: &[&'static Field], field: &Field, value: &Value) -> bool {
    // The host's clock is not the engine's.
    let is_of_engine = || fields.iter().any(|other| other.key == "same_since");
    field.key == "is" && *value != text("file") || field.key == "in" && *value == text("host") && is_of_engine()
}

/// Optional keys can be left out, and what then holds is the default.
fn needs(name: &str, shape: &Shape, fields: &[&'static Field], read: &Read) {
    let ruled = |field: &Field| shape.rules.iter().any(|rule| rule.keys().contains(&field.key));
    let least: Vec<_> =
        fields.iter().filter(|field| field.need == Need::Required || ruled(field)).map(|field| entry(field)).collect();
    let (faults, without) = read(&map(least.clone()));
    assert_eq!(faults, [], "{name}: {least:?}");
    for field in fields {
        let Need::Default(default) = field.need else { continue };
        let value = match field.form {
            Form::Truth => Value::Bool(default == "true"),
            Form::Number(_) => Value::Int(default.parse().expect("a number")),
            _ => text(default),
        };
        let with = read(&map(least.iter().cloned().chain([(field.key, value)]).collect()));
        assert_eq!(with, (vec![], without.clone()), "{name}: `{}` is not `{default}` by default", field.key);
    }
}

#[test]
fn every_kind_of_check_is_read_as_it_is_described() {
    for kind in KINDS {
        holds(kind.name, &kind.form, &|value| {
            read::<Check>(&map(vec![(kind.name, value.clone())]), |check| format!("{check:?}"))
        });
    }
}

#[test]
fn labs_tracks_and_diagnoses_are_read_as_they_are_described() {
    holds("a lab", &LAB_FILE.form, &|value| read::<LabFile>(value, |_| String::new()));
    holds("a track", &TRACK_FILE.form, &|value| read::<TrackFile>(value, |_| String::new()));
    holds("a diagnosis", &Own::FORM, &|value| read::<Own>(value, |own| format!("{own:?}")));
}
