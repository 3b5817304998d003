//! Descriptions of what an author writes, as tables of the book.

use std::fmt::Write as _;

use labrun_graders::name::NameKind;
use labrun_graders::shape::{Field, Form, Need, Rule, Shape};

/// A table of the keys of a mapping, which of them stand together, and below it the tables of the mappings within.
pub(super) fn table(page: &mut String, shape: &'static Shape) {
    *page += "| key | value | what it is |\n| --- | --- | --- |\n";
    for field in shape.fields {
        // A mark says what the words below would say of every other key.
        let mark = if is_needed(shape, field) { "" } else { "?" };
        let _ = writeln!(page, "| `{}`{mark} | {} | {} |", field.key, value(&field.form), meaning(field));
    }
    for rule in shape.rules {
        let (how, keys) = match rule {
            Rule::OneOf(keys) => ("Exactly one", keys),
            Rule::SomeOf(keys) => ("At least one", keys),
            Rule::AtMostOne(keys) => ("At most one", keys),
        };
        let _ = write!(page, "\n{how} of {} is there.\n", any_of(keys));
    }
}

/// The mappings below a form that have a table of their own, each once, in the order in which they are come by.
pub(super) fn within(shape: &'static Shape) -> Vec<&'static Shape> {
    let mut found: Vec<&'static Shape> = Vec::new();
    for field in shape.fields {
        let Some(inner) = mapping(&field.form).filter(|inner| !is_choice(inner)) else { continue };
        for inner in std::iter::once(inner).chain(within(inner)) {
            if !found.iter().any(|known| known.what == inner.what) {
                found.push(inner);
            }
        }
    }
    found
}

fn mapping(form: &'static Form) -> Option<&'static Shape> {
    match form {
        Form::Map(shape) => Some(shape),
        Form::List(of, _) => mapping(of),
        Form::Either(forms) => forms.iter().find_map(mapping),
        _ => None,
    }
}

/// Whether a mapping has one key of several, and nothing else: it is written out where it stands.
fn is_choice(shape: &Shape) -> bool {
    matches!(shape.rules, [Rule::OneOf(keys)] if keys.len() == shape.fields.len())
}

fn is_needed(shape: &Shape, field: &Field) -> bool {
    field.need == Need::Required && field.with.is_empty()
        || shape.rules.iter().any(|rule| !matches!(rule, Rule::AtMostOne(_)) && rule.keys().contains(&field.key))
}

fn meaning(field: &Field) -> String {
    let mut meaning = field.meaning.to_owned();
    if let Need::Default(default) = field.need {
        let _ = write!(meaning, " Without it: `{default}`.");
    }
    if !field.with.is_empty() {
        let only = if field.need == Need::Required { "Required with" } else { "Only with" };
        let _ = write!(meaning, " {only} {}.", any_of(field.with));
    }
    meaning
}

/// "`a`, `b` or `c`".
fn any_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

/// What a value is, in a few words.
fn value(form: &Form) -> String {
    match form {
        Form::Text => "text".to_owned(),
        Form::Markdown => "Markdown".to_owned(),
        Form::Shell => "shell text".to_owned(),
        Form::Expression => "an [expression](../authors/expressions.md)".to_owned(),
        Form::Name(NameKind::Image) => "an image's name".to_owned(),
        Form::Name(NameKind::Path) => "a path".to_owned(),
        Form::Name(kind) => format!("a {}'s name", kind.word()),
        Form::HostPath => "an owned path, or one below it".to_owned(),
        Form::AbsolutePath => "an absolute path".to_owned(),
        Form::Path => "a path".to_owned(),
        Form::Address => "an address of IPv4 or IPv6".to_owned(),
        Form::Mode => "three or four digits from 0 to 7, in quotes".to_owned(),
        Form::Owner => "`USER:GROUP` or `USER`, in numbers, in quotes".to_owned(),
        Form::FileName => "the name of a file beside this one".to_owned(),
        Form::Id => "words of lower-case letters and digits, joined by `-`".to_owned(),
        Form::Diagnosis => "a [diagnosis](diagnoses.md)".to_owned(),
        Form::Word(words) => any_of(words),
        Form::Number(range) if *range.end() == u32::MAX => format!("a whole number from {}", range.start()),
        Form::Number(range) => format!("a whole number from {} to {}", range.start(), range.end()),
        Form::Size => "an amount such as `4MiB`, in `B`, `KiB`, `MiB` or `GiB`".to_owned(),
        Form::Truth => any_of(&["true", "false"]),
        Form::True => "`true`".to_owned(),
        Form::List(of, sizes) if *sizes.end() == usize::MAX => format!("a list: {}", value(of)),
        Form::List(of, sizes) => format!("a list of {} to {}: {}", sizes.start(), sizes.end(), value(of)),
        Form::Texts => "a mapping from names to texts".to_owned(),
        Form::Map(shape) if is_choice(shape) => {
            let keys: Vec<String> = shape.fields.iter().map(|field| format!("{{ {}: … }}", field.key)).collect();
            any_of(&keys.iter().map(String::as_str).collect::<Vec<_>>())
        }
        Form::Map(shape) => {
            let anchor = shape.what.replace('`', "").replace(' ', "-");
            format!("[{}](#{anchor})", shape.what)
        }
        Form::Either(forms) => forms.iter().map(value).collect::<Vec<_>>().join(" or "),
        Form::Check => "a [check](checks.md)".to_owned(),
    }
}
