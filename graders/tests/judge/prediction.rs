//! A prediction comes back: what the learner expected, beside what is the case.

use labrun_graders::Prediction;
use serde_json::{Value, json};

use crate::world::check;

fn what_stays() -> Value {
    json!({"question": {
        "ask": "What is left after a restart?",
        "choices": [
            {"text": "the file", "feedback": "Memory is given back when the container stops."},
            {"text": "the mount", "right": true},
            {"text": "the limit", "right": true},
        ],
        "settled_by": "restart",
    }})
}

fn recalls(question: Value, answer: &str) -> Option<Prediction> {
    check(question).prediction(answer)
}

fn prediction(predicted: &str, outcome: &str, right: bool, why: Option<&str>) -> Option<Prediction> {
    let (predicted, outcome) = (predicted.to_owned(), outcome.to_owned());
    Some(Prediction { predicted, outcome, right, why: why.map(str::to_owned) })
}

#[test]
fn a_wrong_choice_comes_back_with_its_words() {
    let why = Some("Memory is given back when the container stops.");
    let both = "the mount and the limit";
    assert_eq!(recalls(what_stays(), "a"), prediction("the file", both, false, why));
    assert_eq!(recalls(what_stays(), "a, c"), prediction("the file and the limit", both, false, why));
    assert_eq!(recalls(what_stays(), "a b c"), prediction("the file; the mount; the limit", both, false, why));
}

#[test]
fn half_of_what_holds_is_no_right_prediction() {
    let both = "the mount and the limit";
    assert_eq!(recalls(what_stays(), "the limit"), prediction("the limit", both, false, None));
    assert_eq!(recalls(what_stays(), "2 3"), prediction(both, both, true, None));
}

#[test]
fn a_number_and_a_text_come_back_as_well() {
    let number = json!({"question": {"ask": "How many are left?", "number": 2, "graded": false}});
    assert_eq!(recalls(number.clone(), " 1 "), prediction("1", "2", false, None));
    assert_eq!(recalls(number.clone(), "2"), prediction("2", "2", true, None));
    assert_eq!(recalls(number, "two"), None);
    let amount = json!({"question": {"ask": "How much fits?", "number": 4, "unit": "MiB", "graded": false}});
    assert_eq!(recalls(amount.clone(), "4096 KiB"), prediction("4096 KiB", "4 MiB", true, None));
    assert_eq!(recalls(amount, "8M"), prediction("8M", "4 MiB", false, None));
    let text = json!({"question": {"ask": "Which one?", "accepts": ["Notes", "the notes"], "graded": false}});
    assert_eq!(recalls(text.clone(), "the NOTES"), prediction("the NOTES", "Notes", true, None));
    assert_eq!(recalls(text, "cache"), prediction("cache", "Notes", false, None));
}

#[test]
fn a_graded_question_is_no_prediction() {
    let mut graded = what_stays();
    let question = graded["question"].as_object_mut().expect("a mapping");
    question.remove("settled_by");
    assert_eq!(recalls(graded, "a"), None);
    assert_eq!(recalls(what_stays(), "none of them"), None);
}

#[test]
fn one_of_several_checks_may_ask_for_the_prediction() {
    let any = json!({"any": [{"volume": {"name": "notes"}}, what_stays()]});
    assert_eq!(check(any.clone()).settled_by().map(|step| step.text.as_str()), Some("restart"));
    assert!(recalls(any, "b c").is_some_and(|recalled| recalled.right));
}
