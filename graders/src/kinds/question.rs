//! `question: { ask, choices | number | accepts, unit?, graded?, settled_by? }`: something to understand, and not to look
//! up.
//!
//! With `graded: false` or `settled_by` it is a prediction: every answer passes, and the step that settles it recalls what
//! was predicted.

mod recall;

use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields, is_id, unknown};
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::name::{Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::prediction::Prediction;
use crate::shape::{ANY_NUMBER, Described, Field, Form, Rule, Shape};
use crate::size::{Quantity, UNITS};
use crate::verdict::{CannotLook, Feedback, Finding};

/// Wants an answer.
#[derive(Debug)]
pub struct Question {
    /// As the lab writes it.
    ask: Text,
    /// With its choices, as the learner sees it.
    shown: String,
    wanted: Wanted,
    graded: bool,
    /// The id of the step that settles a prediction; without it, the step that asks.
    settled_by: Option<Text>,
}

/// What counts as an answer.
#[derive(Debug)]
enum Wanted {
    /// One or several of these.
    Choices(Vec<Choice>),
    /// This number, of this unit if one is named.
    Number(u32, Option<&'static str>),
    /// One of these texts, in any case.
    Text(Vec<Text>),
}

#[derive(Debug)]
struct Choice {
    text: Text,
    right: bool,
    /// What is said to somebody who takes it, though it is wrong.
    feedback: Option<Text>,
}

const CHOICE: Shape = Shape::new(
    "a choice",
    &[
        Field::required("text", Form::Text, "The answer."),
        Field::optional("right", Form::Truth, "Whether it is right.").default("false"),
        Field::optional("feedback", Form::Text, "What is said to whoever takes it; a wrong choice must have it."),
    ],
);

impl Decode for Choice {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &CHOICE, faults)?;
        let text = fields.required("text");
        let right = fields.optional("right").unwrap_or(false);
        let feedback = fields.optional::<Text>("feedback");
        if !right && feedback.is_none() {
            let span = fields.span();
            fields.faults.add("missing-key", span, "a wrong choice has `feedback` for whoever takes it");
        }
        fields.end();
        Some(Self { text: text?, right, feedback })
    }
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `question` check",
    &[
        Field::required("ask", Form::Text, "The question."),
        Field::optional(
            "choices",
            Form::List(&Form::Map(&CHOICE), 2..=9),
            "What can be answered; at least one is right.",
        ),
        Field::optional("number", ANY_NUMBER, "The right answer, where it is a number."),
        Field::optional(
            "unit",
            Form::Word(&UNITS),
            "The number's unit. The answer may leave it out, or give the same amount in another one.",
        )
        .with(&["number"]),
        Field::optional("accepts", Form::list(&Form::Text), "Right answers, in upper or lower case."),
        Field::optional(
            "graded",
            Form::Truth,
            "`false` makes it a prediction: every answer passes, and after the step the learner reads what was predicted \
             beside the right answer, with the `feedback` of a wrong choice.",
        )
        .default("true"),
        Field::optional(
            "settled_by",
            Form::Id,
            "Makes it a prediction, too: the id of the later step that shows whether it holds. There, and not before, it \
             comes back.",
        ),
    ],
)
.rules(&[Rule::OneOf(&["choices", "number", "accepts"])]);

impl Described for Question {
    const ABOUT: &'static str = "Something to understand, and not to look up. A wrong choice has words of its own.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Question {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let ask = fields.required::<Text>("ask");
        let choices = fields.optional::<Vec<Choice>>("choices");
        if let Some(choices) = &choices
            && (choices.len() < 2 || choices.len() > 9 || !choices.iter().any(|choice| choice.right))
        {
            let span = fields.span();
            fields.faults.add(
                "wrong-value",
                span,
                "a question has two to nine choices, and at least one of them is right",
            );
        }
        let number = fields.optional("number");
        let unit = read_unit(&mut fields, number.is_some());
        let accepts = fields.optional("accepts");
        let settled_by = fields.optional::<Text>("settled_by");
        if let Some(step) = settled_by.as_ref().filter(|step| !is_id(&step.text)) {
            let help = "a step's id has lower-case letters and digits, joined by `-`";
            fields.faults.add_with_help("faulty-id", step.span, format!("no step is called `{step}`"), help);
        }
        let graded = fields.optional("graded").unwrap_or(settled_by.is_none());
        let wanted = [
            choices.map(Wanted::Choices),
            number.map(|number| Wanted::Number(number, unit)),
            accepts.map(Wanted::Text),
        ];
        let mut wanted: Vec<Wanted> = wanted.into_iter().flatten().collect();
        fields.end();
        let mut question = Self { ask: ask?, shown: String::new(), wanted: wanted.pop()?, graded, settled_by };
        question.show();
        Some(question)
    }
}

fn read_unit(fields: &mut Fields, has_number: bool) -> Option<&'static str> {
    let unit = fields.optional::<Text>("unit")?;
    let known = UNITS.into_iter().find(|known| *known == unit.text);
    if known.is_none() {
        let message = format!("there is no unit `{unit}` for an answer");
        unknown(fields.faults, "unknown-value", unit.span, message, &unit.text, UNITS);
    } else if !has_number {
        fields.faults.add("conflicting-keys", unit.span, "only a `number` has a `unit`");
    }
    known
}

/// The letter of a choice.
fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap_or(25).min(25))
}

impl Question {
    fn show(&mut self) {
        self.shown.clone_from(&self.ask.text);
        if let Wanted::Choices(choices) = &self.wanted {
            for (index, choice) in choices.iter().enumerate() {
                self.shown += &format!("\n{}) {}", letter(index), choice.text.text.trim());
            }
        }
    }

    /// The choices that an answer takes; `None` if it is none of them. Letters, numbers and the texts themselves do.
    fn taken(choices: &[Choice], answer: &str) -> Option<Vec<usize>> {
        let whole = |answer: &str| choices.iter().position(|choice| same(&choice.text.text, answer));
        if let Some(index) = whole(answer) {
            return Some(vec![index]);
        }
        let parts = answer
            .split(|c: char| c.is_whitespace() || ",;+&/".contains(c))
            .filter(|part| !part.is_empty() && !same(part, "and"));
        let mut taken = Vec::new();
        for part in parts {
            let part = part.trim_start_matches('(').trim_end_matches([')', '.']);
            let by_letter = |part: &str| (0..choices.len()).find(|index| same(&letter(*index).to_string(), part));
            let by_number = || part.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < choices.len());
            match by_letter(part).or_else(by_number).or_else(|| whole(part)) {
                Some(index) => taken.push(index),
                None => taken.extend(joined(part, by_letter)?),
            }
        }
        taken.sort_unstable();
        taken.dedup();
        Some(taken).filter(|taken| !taken.is_empty())
    }

    fn judge_choices(&self, choices: &[Choice], answer: &str) -> Finding {
        let last = letter(choices.len().saturating_sub(1));
        let Some(taken) = Self::taken(choices, answer) else {
            let sentence = "Answer with the letter; with several, where several hold.";
            return unreadable(format!("a letter from a to {last}"), answer, sentence);
        };
        if !self.graded {
            return pass(None);
        }
        let mistaken = taken.iter().filter_map(|index| choices.get(*index)).find(|choice| !choice.right);
        if let Some(choice) = mistaken {
            let sentence = choice.feedback.as_ref().map_or("", |feedback| feedback.text.trim());
            return mistaken_answer("another answer", answer, sentence);
        }
        let right = choices.iter().filter(|choice| choice.right).count();
        if taken.len() < right {
            let sentence = "That is right. It is not all of it.";
            return diagnosed("all that hold", answer, sentence, "incomplete-answer");
        }
        pass(None)
    }

    fn judge_number(&self, number: u32, unit: Option<&str>, answer: &str) -> Finding {
        let given = Quantity::read(answer);
        let is_right = match (given, unit) {
            (Some(given), Some(unit)) => given.is(number, unit),
            (Some(given), None) if !given.has_unit() => Some(given.is_number(number)),
            _ => None,
        };
        match (is_right, unit) {
            (Some(true), _) => pass(None),
            (Some(false), _) if !self.graded => pass(None),
            (Some(false), _) => mistaken_answer("another number", answer, "Count, or think it through, once more."),
            (None, Some(unit)) => {
                let sentence = format!("Answer with a number, in digits. Without a unit it is taken for {unit}.");
                unreadable(format!("a number of {unit}"), answer, &sentence)
            }
            (None, None) if given.is_some() => {
                unreadable("a number", answer, "Answer with the number alone, without a unit or a word.")
            }
            (None, None) => unreadable("a number", answer, "Answer with a whole number, in digits."),
        }
    }
}

/// The choices of letters without anything between them: `ac`. A word that has a letter twice is none of these.
fn joined(part: &str, by_letter: impl Fn(&str) -> Option<usize>) -> Option<Vec<usize>> {
    let letters: Vec<usize> = part.chars().map(|c| by_letter(c.encode_utf8(&mut [0; 4]))).collect::<Option<_>>()?;
    let is_once = |at: usize| !letters.iter().take(at).any(|letter| letters.get(at) == Some(letter));
    (0..letters.len()).all(is_once).then_some(letters)
}

fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

fn diagnosed(expected: impl Into<String>, answer: &str, sentence: &str, diagnosis: &'static str) -> Finding {
    Finding::Fail(Feedback::wrong(expected, seen(answer), sentence).diagnosed(diagnosis))
}

/// The answer is not the right one.
fn mistaken_answer(expected: impl Into<String>, answer: &str, sentence: &str) -> Finding {
    diagnosed(expected, answer, sentence, "wrong-answer")
}

/// The answer cannot be taken for a choice or a number.
fn unreadable(expected: impl Into<String>, answer: &str, sentence: &str) -> Finding {
    diagnosed(expected, answer, sentence, "unreadable-answer")
}

/// An answer as it is told back.
fn seen(answer: &str) -> String {
    format!("your answer, {}", answer.trim().chars().take(60).collect::<String>())
}

impl Grader for Question {
    fn wants(&self) -> String {
        self.ask.text.clone()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Answer]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let answer = facts.answer()?.map(|answer| answer.text.trim());
        let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
            return Ok(not_begun("an answer", "no answer yet"));
        };
        let found = match &self.wanted {
            Wanted::Choices(choices) => self.judge_choices(choices, answer),
            Wanted::Number(number, unit) => self.judge_number(*number, *unit, answer),
            Wanted::Text(texts) if !self.graded || texts.iter().any(|text| same(&text.text, answer)) => pass(None),
            Wanted::Text(_) => mistaken_answer("another answer", answer, "Look at the task's words once more."),
        };
        Ok(match found {
            Finding::Fail(feedback) => Finding::Fail(near::deed::of_answer(feedback, facts)),
            passed @ Finding::Pass(_) => passed,
        })
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(&mut self.ask);
        match &mut self.wanted {
            Wanted::Choices(choices) => choices.iter_mut().for_each(|choice| {
                visitor.text(&mut choice.text);
                if let Some(feedback) = &mut choice.feedback {
                    visitor.text(feedback);
                }
            }),
            Wanted::Text(texts) => texts.iter_mut().for_each(|text| visitor.text(text)),
            Wanted::Number(..) => {}
        }
        self.show();
    }

    fn question(&self) -> Option<&str> {
        Some(&self.shown)
    }

    fn right_answer(&self, _: &Facts) -> Option<String> {
        Some(match &self.wanted {
            Wanted::Choices(choices) => {
                let right = choices.iter().enumerate().filter(|(_, choice)| choice.right);
                right.map(|(index, _)| letter(index).to_string()).collect::<Vec<_>>().join(" ")
            }
            Wanted::Number(number, None) => number.to_string(),
            Wanted::Number(number, Some(unit)) => format!("{number} {unit}"),
            Wanted::Text(texts) => texts.first()?.text.clone(),
        })
    }

    fn prediction(&self, answer: &str) -> Option<Prediction> {
        self.recall(answer)
    }

    fn settled_by(&self) -> Option<&Text> {
        self.settled_by.as_ref()
    }
}
