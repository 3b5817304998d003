//! `answer: { ask, … }`: something that the learner reads off the world, compared with the world.
//!
//! With `container`, `volume`, `network` or `image` and `field`, an expression over what the engine says of it; with
//! `container` and `mount`, over what it says of what is mounted there; or with `in` and `path` and a `line` of that file.

mod mount;

use super::location::{self, Location, text};
use super::target::{self, OBJECTS, fact_target, target};
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields};
use crate::expression;
use crate::fact::{Ask, Facts, FileKind};
use crate::grader::Grader;
use crate::name::{Name, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// Wants the learner's answer to be what the world says.
#[derive(Debug)]
pub struct Answer {
    ask: Text,
    truth: Truth,
}

#[derive(Debug)]
enum Truth {
    /// An expression over an object's description.
    Field(Name, Text),
    /// An expression over what is mounted at a place in a container.
    Mount(mount::Place, Text),
    /// A line of a file, counted from 1.
    Line(Location, u32),
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "an `answer` check",
    &[
        Field::required("ask", Form::Text, "The question."),
        target::CONTAINER,
        target::VOLUME,
        target::NETWORK,
        target::IMAGE,
        Field::required("field", Form::Expression, "The answer, out of what the engine says of the object.")
            .with(&OBJECTS),
        mount::MOUNT,
        location::IN_IF,
        location::PATH.with(&["in"]),
        Field::optional("line", Form::Number(1..=u32::MAX), "The answer is this line of the file, counted from 1.")
            .default("1")
            .with(&["in"]),
    ],
)
.rules(&[Rule::OneOf(&["container", "volume", "network", "image", "in"])]);

impl Described for Answer {
    const ABOUT: &'static str = "A question whose answer can be read off the world. The right answer is looked up when the learner's is graded.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Answer {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let ask = fields.required("ask");
        let of_a_file = fields.node("in").is_some();
        let truth = if of_a_file {
            let location = Location::read(&mut fields);
            let line = fields.node("line");
            let number = line.map_or(Some(1), |line| u32::decode(line, fields.faults));
            if let (Some(0), Some(line)) = (number, line) {
                fields.faults.add("wrong-value", line.span, "lines are counted from 1");
            }
            location.zip(number).map(|(location, line)| Truth::Line(location, line))
        } else {
            let target = target(&mut fields, &OBJECTS);
            let field = fields.required::<Text>("field");
            if let Some(field) = &field {
                super::inspect::lint_expression(field, fields.faults);
            }
            match mount::Place::read(&mut fields, target.as_ref()) {
                Some(place) => field.map(|field| Truth::Mount(place, field)),
                None => target.zip(field).map(|(target, field)| Truth::Field(target, field)),
            }
        };
        fields.end();
        Some(Self { ask: ask?, truth: truth? })
    }
}

impl Answer {
    /// What the world says; `None` when there is nothing to read it off, or it says nothing.
    fn truth(&self, facts: &Facts) -> Result<Option<String>, CannotLook> {
        let truth = match &self.truth {
            Truth::Field(name, field) => match facts.json(&fact_target(name))? {
                Some(json) => Some(expression::evaluate(&field.text, json)?.to_string()),
                None => None,
            },
            Truth::Mount(place, field) => place.says(&field.text, facts)?,
            Truth::Line(location, line) => {
                let file = facts.file(&location.place(), location.path())?;
                let nth = (*line as usize).saturating_sub(1);
                match file.filter(|file| file.kind == FileKind::Regular) {
                    Some(file) => text(file, &location.describe())?.lines().nth(nth).map(str::to_owned),
                    None => None,
                }
            }
        };
        Ok(truth.filter(|truth| !truth.trim().is_empty()))
    }

    fn source(&self) -> String {
        match &self.truth {
            Truth::Field(name, field) => format!("{field} of {} {name}", name.kind.word()),
            Truth::Mount(place, field) => format!("{field} of what {} has at {}", place.container, place.at),
            Truth::Line(location, line) => format!("line {line} of {}", location.describe()),
        }
    }

    /// Why there is nothing to read the answer off, where that is the learner's to mend.
    fn lacks(&self, facts: &Facts) -> Option<Feedback> {
        match &self.truth {
            Truth::Mount(place, field) => place.lacks(&field.text, &self.source(), facts),
            Truth::Field(..) | Truth::Line(..) => None,
        }
    }
}

/// The same answer whichever way it was copied: `"Mountpoint": "/x/",` is `/x`.
fn plain(answer: &str, field: Option<&str>) -> String {
    let mut answer = answer.trim().trim_end_matches(',').trim();
    if let Some(field) = field
        && let Some((key, value)) = answer.split_once(':')
        && key.trim().trim_matches('"').eq_ignore_ascii_case(field)
    {
        answer = value.trim();
    }
    let answer = answer.trim_matches(['"', '\'', '`']);
    let answer = if answer.len() > 1 && answer.starts_with('/') { answer.trim_end_matches('/') } else { answer };
    answer.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an answer is an id as the CLI's lists show it: its first 12 digits or more, perhaps without `sha256:`.
fn is_short_id(answer: &str, truth: &str) -> bool {
    let digits = |id: &str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
    let (answer, truth) = (digits(answer), digits(truth));
    let is_id = truth.len() == 64 && truth.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id && answer.len() >= 12 && truth.starts_with(&answer)
}

impl Grader for Answer {
    fn wants(&self) -> String {
        self.ask.text.clone()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Answer]
    }

    /// Without an answer there is nothing to compare, and looking can cost more than all the rest.
    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        if matches!(facts.answer(), Ok(Some(_))) { self.truth_asks() } else { Vec::new() }
    }

    fn truth_asks(&self) -> Vec<Ask> {
        vec![match &self.truth {
            Truth::Field(name, _) => Ask::Inspect(fact_target(name)),
            Truth::Mount(place, _) => Ask::Inspect(fact_target(&place.container)),
            Truth::Line(location, _) => location.ask(),
        }]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(answer) = facts.answer()?.map(|answer| answer.text.as_str()) else {
            return Ok(not_begun(self.source(), "no answer yet"));
        };
        let Some(truth) = self.truth(facts)? else {
            if let Some(lacks) = self.lacks(facts) {
                return Ok(Finding::Fail(lacks));
            }
            return Ok(not_begun(self.source(), "there is nothing to read it off yet"));
        };
        let field = match &self.truth {
            Truth::Field(_, field) | Truth::Mount(_, field) => Some(field.text.as_str()),
            Truth::Line(..) => None,
        };
        let (given, wanted) = (plain(answer, field), plain(&truth, field));
        if given == wanted || is_short_id(&given, &wanted) {
            return Ok(pass(None));
        }
        let short: String = answer.trim().chars().take(60).collect();
        let sentence = "That is not what is there. Look again, and copy what you see.";
        let feedback =
            Feedback::wrong(self.source(), format!("your answer, {short}"), sentence).diagnosed("wrong-answer");
        Ok(Finding::Fail(near::deed::of_answer(feedback, facts)))
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(&mut self.ask);
        match &mut self.truth {
            Truth::Field(name, field) => {
                visitor.name(name);
                visitor.text(field);
            }
            Truth::Mount(place, field) => {
                visitor.name(&mut place.container);
                visitor.text(field);
            }
            Truth::Line(location, _) => location.visit(visitor),
        }
    }

    fn question(&self) -> Option<&str> {
        Some(&self.ask.text)
    }

    fn right_answer(&self, facts: &Facts) -> Option<String> {
        self.truth(facts).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn an_answer_may_be_copied_in_several_ways() {
        for form in [
            "/var/lib/x",
            " /var/lib/x/ ",
            "\"/var/lib/x\"",
            "\"Mountpoint\": \"/var/lib/x\",",
            "Mountpoint: /var/lib/x",
        ] {
            assert_eq!(plain(form, Some("Mountpoint")), "/var/lib/x", "{form}");
        }
        assert_eq!(plain("  two   words ", None), "two words");
        assert_eq!(plain("/", None), "/");
        assert_ne!(plain("Name: /var/lib/x", Some("Mountpoint")), "/var/lib/x");
    }
}
