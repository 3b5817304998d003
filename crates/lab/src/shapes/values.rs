//! Values made from descriptions: such as must be read, and such as must be a fault.

use labrun_graders::node::{Key, Node, Span, Value};
use labrun_graders::shape::{Field, Form, Need, Rule, Shape};

pub(super) fn node(value: Value) -> Node {
    Node { span: Span::default(), value }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(super) fn map(entries: Vec<(&str, Value)>) -> Value {
    let key = |text: &str| Key { span: Span::default(), text: text.to_owned() };
    Value::Map(entries.into_iter().map(|(name, value)| (key(name), node(value))).collect())
}

/// Values of this form that must be read.
pub(super) fn right(form: &Form) -> Vec<Value> {
    match form {
        Form::Text | Form::Markdown | Form::Shell | Form::Name(_) => vec![text("some text"), text("/some/text")],
        Form::Expression => vec![text("true")],
        Form::HostPath | Form::AbsolutePath | Form::Path => vec![text("/tmp/dir/file")],
        Form::Address => vec![text("127.0.0.1"), text("::1"), text("0.0.0.0")],
        Form::Mode => vec![text("0750"), text("750"), text("1777")],
        Form::Owner => vec![text("1000:1000"), text("1000"), text("root"), text("root:0")],
        Form::FileName => vec![text("briefing.md")],
        Form::Id => vec![text("an-id-2")],
        Form::Diagnosis => vec![text("wrong-destination"), text("of-my-own")],
        Form::Word(words) => words.iter().map(|word| text(word)).collect(),
        Form::Number(range) => {
            [range.start(), range.end()].into_iter().map(|number| Value::Int(i64::from(*number))).collect()
        }
        Form::Size => vec![text("4MiB"), text("512 KiB"), text("1GiB")],
        Form::Truth => vec![Value::Bool(true), Value::Bool(false)],
        Form::True => vec![Value::Bool(true)],
        Form::List(of, sizes) => {
            let lengths = [*sizes.start(), (*sizes.end()).min(sizes.start() + 2)];
            let item = right(of).into_iter().next().expect("there is one");
            lengths.map(|length| Value::List(vec![node(item.clone()); length])).to_vec()
        }
        Form::Texts => vec![map(vec![("purpose", text("lab")), ("other", text("text"))])],
        // All of its keys, once with each of those that exclude each other.
        Form::Map(shape) => whole(shape),
        Form::Either(forms) => forms.iter().flat_map(right).collect(),
        Form::Check => vec![map(vec![("volume", map(vec![("name", text("app-data"))]))])],
    }
}

/// Paths that lead out of what they seem to lie in.
const LEADING_UP: [&str; 6] = ["..", "../dir", "/..", "/tmp/dir/..", "/tmp/dir/../../etc/shadow", "/tmp/./../etc"];

/// Values that are not of this form, and must be a fault.
pub(super) fn wrong(form: &Form) -> Vec<Value> {
    let no_text = vec![Value::Null, Value::Int(1), Value::Bool(true), text("  "), Value::List(vec![]), map(vec![])];
    let and = |more: Vec<Value>| no_text.iter().cloned().chain(more).collect();
    match form {
        Form::Text | Form::Markdown | Form::Shell | Form::Name(_) | Form::FileName | Form::Diagnosis => no_text,
        Form::Path => and(LEADING_UP.map(text).to_vec()),
        Form::Expression => and(vec![text("1 +")]),
        Form::Address => and(vec![text("localhost"), text("127.0.0"), text("127.0.0.1:80")]),
        Form::HostPath | Form::AbsolutePath => {
            let relative =
                ["tmp/dir", "./dir", "~/dir", "~root/dir", " /tmp/dir", "C:\\dir", "$HOME/dir", "@{/tmp/dir}"];
            and(relative.iter().chain(&LEADING_UP).map(|path| text(path)).collect())
        }
        Form::Mode => and(vec![text("75"), text("0850"), text("07500"), text("u=rwx"), text("0o75")]),
        Form::Owner => and(["nobody", "1000:", ":1000", "1000:staff", "-1", "1.5", "4294967296"].map(text).to_vec()),
        Form::Id => and(vec![text("An id"), text("a--b"), text("-a"), text("a_b")]),
        Form::Word(words) => and(vec![text(&format!("{}s", words.concat()))]),
        Form::Number(range) => {
            let mut outside = vec![text("3"), Value::Float(1.5), Value::Int(i64::from(*range.end()) + 1)];
            outside.push(Value::Int(i64::from(*range.start()) - 1));
            outside
        }
        Form::Size => and(vec![text("4"), text("4MB"), text("4m"), text("0MiB"), text("MiB"), text("-1MiB")]),
        Form::Truth => vec![text("yes"), Value::Int(1), Value::Null],
        Form::True => vec![text("yes"), Value::Int(1), Value::Null, Value::Bool(false)],
        Form::List(of, sizes) => {
            let item = right(of).into_iter().next().expect("there is one");
            let lengths = [Some(sizes.start() - 1), sizes.end().checked_add(1)].into_iter().flatten();
            let mut wrongs: Vec<Value> = lengths.map(|length| Value::List(vec![node(item.clone()); length])).collect();
            wrongs.push(item);
            wrongs.extend(wrong(of).into_iter().map(|wrong| Value::List(vec![node(wrong); (*sizes.start()).max(1)])));
            wrongs
        }
        Form::Texts => vec![Value::Null, text("a"), map(vec![]), map(vec![("a", Value::Int(1))])],
        Form::Map(shape) => faulty(shape),
        Form::Either(forms) => {
            let any_text = forms.iter().any(|form| matches!(form, Form::Text));
            let other = if any_text { text("  ") } else { text("elsewhere") };
            vec![Value::Null, other, Value::Int(1), map(vec![])]
        }
        Form::Check => vec![text("volume"), map(vec![]), map(vec![("volum", map(vec![("name", text("x"))]))])],
    }
}

/// Which of the keys stand in a mapping that is right: one selection for each choice of a key of every rule.
pub(super) fn selections(shape: &Shape) -> Vec<Vec<&'static Field>> {
    let ruled: Vec<&str> = shape.rules.iter().flat_map(|rule| rule.keys()).copied().collect();
    let choices = shape.rules.iter().fold(vec![vec![]], |choices: Vec<Vec<&str>>, rule| {
        let with = |choice: &Vec<&'static str>| {
            let choice = choice.clone();
            rule.keys().iter().map(move |key| choice.iter().copied().chain([*key]).collect())
        };
        choices.iter().flat_map(with).collect()
    });
    let stands = |field: &Field, chosen: &[&str]| {
        (!ruled.contains(&field.key) || chosen.contains(&field.key))
            && (field.with.is_empty() || field.with.iter().any(|key| chosen.contains(key)))
    };
    choices.into_iter().map(|chosen| shape.fields.iter().filter(|field| stands(field, &chosen)).collect()).collect()
}

pub(super) fn entry(field: &Field) -> (&'static str, Value) {
    (field.key, right(&field.form).into_iter().next().expect("there is one"))
}

/// Mappings with every key that can stand there.
fn whole(shape: &Shape) -> Vec<Value> {
    selections(shape).iter().map(|fields| map(fields.iter().map(|field| entry(field)).collect())).collect()
}

/// Mappings of which each has one thing wrong.
fn faulty(shape: &Shape) -> Vec<Value> {
    let mut wrongs = vec![Value::Null, text("text"), Value::List(vec![])];
    for fields in selections(shape) {
        let entries: Vec<(&str, Value)> = fields.iter().map(|field| entry(field)).collect();
        wrongs.push(map(entries.iter().cloned().chain([("zzzzzzzz", text("x"))]).collect()));
        for (at, field) in fields.iter().enumerate() {
            let others =
                || entries.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, entry)| entry.clone());
            let is_optional = |rule: &Rule| matches!(rule, Rule::AtMostOne(_));
            let is_ruled = |rule: &Rule| !is_optional(rule) && rule.keys().contains(&field.key);
            if field.need == Need::Required || shape.rules.iter().any(is_ruled) {
                wrongs.push(map(others().collect()));
            }
            wrongs.extend(
                wrong(&field.form).into_iter().map(|wrong| map(others().chain([(field.key, wrong)]).collect())),
            );
        }
        for rule in shape.rules.iter().filter(|rule| matches!(rule, Rule::OneOf(_) | Rule::AtMostOne(_))) {
            for key in rule.keys().iter().filter(|key| !entries.iter().any(|(found, _)| found == *key)) {
                let second = shape.field(key).map(entry).expect("the rule is on keys that there are");
                wrongs.push(map(entries.iter().cloned().chain([second]).collect()));
            }
        }
        for field in shape.fields.iter().filter(|field| !field.with.is_empty()) {
            if !fields.iter().any(|beside| beside.key == field.key) {
                wrongs.push(map(entries.iter().cloned().chain([entry(field)]).collect()));
            }
        }
    }
    wrongs
}
