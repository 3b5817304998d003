//! `inspect: { container | volume | network | image, that, wants, says? }`: an author's expression over what the engine
//! says of an object, for what no typed check covers.

use super::target::{self, OBJECTS, fact_target, target};
use super::{not_begun, pass, wrong};
use crate::decode::{Decode, Faults, Fields};
use crate::expression;
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, Text, Visitor};
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Finding};

/// Wants an expression to hold.
#[derive(Debug)]
pub struct Inspect {
    target: Name,
    that: Text,
    wants: Text,
    says: Option<Text>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "an `inspect` check",
    &[
        target::CONTAINER,
        target::VOLUME,
        target::NETWORK,
        target::IMAGE,
        Field::required("that", Form::Expression, "What must be true."),
        Field::required("wants", Form::Text, "What is wanted, in words."),
        Field::optional("says", Form::Text, "What the learner is told when it does not hold."),
    ],
)
.rules(&[Rule::OneOf(&OBJECTS)]);

impl Described for Inspect {
    const ABOUT: &'static str =
        "An expression over what the engine says of an object holds: for what no other kind covers.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Inspect {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let target = target(&mut fields, &OBJECTS);
        let that = fields.required::<Text>("that");
        if let Some(that) = &that {
            lint_expression(that, fields.faults);
        }
        let wants = fields.required("wants");
        let says = fields.optional("says");
        fields.end();
        Some(Self { target: target?, that: that?, wants: wants?, says })
    }
}

/// A fault where an expression cannot be understood.
pub(crate) fn lint_expression(text: &Text, faults: &mut Faults) {
    if let Err(why) = expression::lint(&text.text) {
        faults.add_with_help("faulty-expression", text.span, "this expression cannot be understood", why);
    }
}

impl Grader for Inspect {
    fn wants(&self) -> String {
        self.wants.text.clone()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Inspect(fact_target(&self.target))]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(json) = facts.json(&fact_target(&self.target))? else {
            let seen = format!("there is no {} {}", self.target.kind.word(), self.target);
            return Ok(not_begun(self.wants(), seen));
        };
        if expression::holds(&self.that.text, json)? {
            return Ok(pass(None));
        }
        let says = self.says.as_ref().map_or("Look at it with docker's inspect.", |says| says.text.as_str());
        Ok(wrong(self.wants(), format!("{} is there, but not like that", self.target), says))
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.target);
        visitor.text(&mut self.that);
        visitor.text(&mut self.wants);
        if let Some(says) = &mut self.says {
            visitor.text(says);
        }
    }
}
