//! Diagnoses of an author's own: `{ name, when: { container | volume | network | image: x }, that, says }`.

use crate::decode::{Decode, Faults, Fields, is_id};
use crate::diagnosis;
use crate::expression;
use crate::fact::{Ask, Facts};
use crate::kinds::{CONTAINER, IMAGE, NETWORK, OBJECTS, VOLUME, fact_target, lint_expression, target};
use crate::name::{Name, Text, Visitor};
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::Feedback;

/// The most lines that a sentence may have: it is read while the hands are busy.
const MAX_LINES: usize = 3;

/// A near miss that an author knows of, proved by what the engine says of one object.
#[derive(Debug)]
pub struct Own {
    /// Its name, in kebab-case; none of the registered ones.
    pub name: Text,
    when: Name,
    that: Text,
    says: Text,
}

const WHEN: Shape = Shape::new("`when`", &[CONTAINER, VOLUME, NETWORK, IMAGE]).rules(&[Rule::OneOf(&OBJECTS)]);

const SHAPE: Shape = Shape::new(
    "a diagnosis",
    &[
        Field::required("name", Form::Id, "Its name; none of labrun's, and once in a step."),
        Field::required("when", Form::Map(&WHEN), "The object that it is about."),
        Field::required("that", Form::Expression, "What is true of the object when this mistake was made."),
        Field::required("says", Form::Text, "What the learner is told, in at most three lines."),
    ],
);

impl Described for Own {
    const ABOUT: &'static str =
        "A near miss that labrun has no name for, proved by what the engine says of one object.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Own {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let name = fields.required::<Text>("name");
        if let Some(name) = &name {
            lint_name(name, fields.faults);
        }
        let when = match fields.node("when") {
            Some(node) => read_when(node, fields.faults),
            None => {
                fields.missing("when");
                None
            }
        };
        let that = fields.required::<Text>("that");
        if let Some(that) = &that {
            lint_expression(that, fields.faults);
        }
        let says = fields.required::<Text>("says");
        if let Some(says) = says.as_ref().filter(|says| says.text.trim().lines().count() > MAX_LINES) {
            fields.faults.add("wrong-value", says.span, format!("a sentence has at most {MAX_LINES} lines"));
        }
        fields.end();
        Some(Self { name: name?, when: when?, that: that?, says: says? })
    }
}

fn lint_name(name: &Text, faults: &mut Faults) {
    if !is_id(&name.text) {
        let help = "lower-case letters and digits, joined by `-`";
        faults.add_with_help("faulty-id", name.span, format!("`{name}` is no name of a diagnosis"), help);
    } else if diagnosis::find(&name.text).is_some() {
        let message = format!("labrun has a diagnosis called `{name}` already");
        faults.add_with_help("duplicate-diagnosis", name.span, message, "give yours another name");
    }
}

fn read_when(node: &Node, faults: &mut Faults) -> Option<Name> {
    let mut fields = Fields::of(node, &WHEN, faults)?;
    let name = target(&mut fields, &OBJECTS);
    fields.end();
    name
}

impl Own {
    /// What it must know.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask::Inspect(fact_target(&self.when))
    }

    /// Whether the facts prove it. What cannot be looked at or evaluated proves nothing.
    #[must_use]
    pub fn fits(&self, facts: &Facts) -> bool {
        let json = facts.json(&fact_target(&self.when)).ok().flatten();
        json.is_some_and(|json| expression::holds(&self.that.text, json) == Ok(true))
    }

    /// What the learner is told of a check that failed, when it fits.
    #[must_use]
    pub fn of(&self, judged: Feedback) -> Feedback {
        let (sentence, name) = (self.says.text.trim().to_owned(), self.name.text.clone());
        Feedback { sentence, begun: true, ..judged }.diagnosed(name)
    }

    /// Shows its names and texts, to be mapped or looked at.
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.when);
        visitor.text(&mut self.that);
        visitor.text(&mut self.says);
    }
}
