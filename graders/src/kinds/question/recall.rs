//! A question's answer as a prediction, beside what is the case.

use super::{Choice, Question, Wanted, same};
use crate::prediction::Prediction;
use crate::size::Quantity;

impl Question {
    /// What the learner predicted with this answer; `None` for a graded question, and for what is no answer to it.
    pub(super) fn recall(&self, answer: &str) -> Option<Prediction> {
        if self.graded {
            return None;
        }
        match &self.wanted {
            Wanted::Choices(choices) => of_choices(choices, answer),
            Wanted::Number(number, unit) => {
                let given = Quantity::read(answer)?;
                let right = match unit {
                    Some(unit) => given.is(*number, unit)?,
                    None => given.is_number(*number),
                };
                let outcome = unit.map_or_else(|| number.to_string(), |unit| format!("{number} {unit}"));
                Some(of_value(answer, &outcome, right))
            }
            Wanted::Text(texts) => {
                let right = texts.iter().any(|text| same(&text.text, answer));
                Some(of_value(answer, &texts.first()?.text, right))
            }
        }
    }
}

fn of_choices(choices: &[Choice], answer: &str) -> Option<Prediction> {
    let taken = Question::taken(choices, answer)?;
    let taken = || taken.iter().filter_map(|index| choices.get(*index));
    let holding = || choices.iter().filter(|choice| choice.right);
    let wrong = taken().find(|choice| !choice.right);
    Some(Prediction {
        predicted: listed(taken()),
        outcome: listed(holding()),
        right: wrong.is_none() && taken().count() == holding().count(),
        why: wrong.and_then(|choice| choice.feedback.as_ref()).map(|feedback| feedback.text.trim().to_owned()),
    })
}

fn of_value(predicted: &str, outcome: &str, right: bool) -> Prediction {
    Prediction { predicted: predicted.trim().to_owned(), outcome: outcome.trim().to_owned(), right, why: None }
}

/// The texts of these choices: "one", "one and another", "one; another; a third".
fn listed<'a>(choices: impl Iterator<Item = &'a Choice>) -> String {
    let texts: Vec<&str> = choices.map(|choice| choice.text.text.trim()).collect();
    texts.join(if texts.len() == 2 { " and " } else { "; " })
}
