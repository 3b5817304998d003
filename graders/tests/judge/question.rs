//! `question`: something to understand.

use labrun_graders::{Ask, Facts, Verdict};
use serde_json::{Value, json};

use crate::world::{World, check, not_begun, passes_undated, wrong};

fn outlives() -> Value {
    json!({"question": {"ask": "What outlives its container?", "choices": [
        {"text": "a named volume", "right": true},
        {"text": "its own layer", "feedback": "That goes with the container."},
        {"text": "a bind mount's directory", "right": true},
        {"text": "a tmpfs", "feedback": "Memory is given back when the container stops."},
    ]}})
}

fn says(answer: &str) -> Verdict {
    World::new().answer(answer).judge(outlives())
}

#[test]
fn every_way_to_name_the_right_choices_is_right() {
    for answer in ["a c", "c a", "A, C", "a) c)", "1 3", "a and c", "a;c", " a  c ", "a c a"] {
        assert_eq!(says(answer), passes_undated(), "{answer}");
    }
}

#[test]
fn a_wrong_choice_has_its_own_words_and_half_of_it_is_said_to_be_half() {
    let layer = wrong("another answer", "your answer, b", "That goes with the container.");
    assert_eq!(says("b"), layer);
    let tmpfs = wrong("another answer", "your answer, a d", "Memory is given back when the container stops.");
    assert_eq!(says("a d"), tmpfs);
    let half = wrong("all that hold", "your answer, a named volume", "That is right. It is not all of it.");
    assert_eq!(says("a named volume"), half);
    let letters = "Answer with the letter; with several, where several hold.";
    for answer in ["e", "0", "5", "volume", "a x"] {
        let seen = format!("your answer, {answer}");
        assert_eq!(says(answer), wrong("a letter from a to d", &seen, letters));
    }
}

#[test]
fn without_an_answer_it_is_not_begun() {
    assert_eq!(World::new().no(Ask::Answer).judge(outlives()), not_begun("an answer", "no answer yet"));
    assert_eq!(says(" "), not_begun("an answer", "no answer yet"));
}

#[test]
fn a_number_and_a_text_are_compared() {
    let number = json!({"question": {"ask": "How many?", "number": 2}});
    let judge = |answer: &str, check: &Value| World::new().answer(answer).judge(check.clone());
    assert_eq!(judge(" 2 ", &number), passes_undated());
    assert_eq!(
        judge("3", &number),
        wrong("another number", "your answer, 3", "Count, or think it through, once more.")
    );
    assert_eq!(judge("two", &number), wrong("a number", "your answer, two", "Answer with a whole number, in digits."));
    let text = json!({"question": {"ask": "Which option?", "accepts": ["--rm", "rm"]}});
    assert_eq!(judge("--RM", &text), passes_undated());
    assert_eq!(judge("-d", &text), wrong("another answer", "your answer, -d", "Look at the task's words once more."));
}

#[test]
fn a_prediction_takes_every_answer_that_is_one() {
    let mut prediction = outlives();
    prediction["question"]["graded"] = json!(false);
    assert_eq!(World::new().answer("d").judge(prediction.clone()), passes_undated());
    let letters = "Answer with the letter; with several, where several hold.";
    let verdict = World::new().answer("none").judge(prediction);
    assert_eq!(verdict, wrong("a letter from a to d", "your answer, none", letters));
}

#[test]
fn the_question_shows_its_choices_and_knows_its_answer() {
    let question = check(outlives());
    let shown =
        "What outlives its container?\na) a named volume\nb) its own layer\nc) a bind mount's directory\nd) a tmpfs";
    assert_eq!(question.question(), Some(shown));
    assert_eq!(question.right_answer(&Facts::since(0)).as_deref(), Some("a c"));
}
