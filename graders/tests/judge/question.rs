//! `question`: something to understand.

use labrun_graders::{Ask, Facts, Verdict};
use serde_json::{Value, json};

use crate::world::{World, check, mistake, not_begun, passes_undated};

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
    for answer in [
        "a c", "c a", "A, C", "a) c)", "1 3", "a and c", "a;c", " a  c ", "a c a", "ac", "CA", "a/c", "A C", "A and C",
        "a AND c", "(a) (c)",
    ] {
        assert_eq!(says(answer), passes_undated(), "{answer}");
    }
}

#[test]
fn a_wrong_choice_has_its_own_words_and_half_of_it_is_said_to_be_half() {
    let layer = mistake("wrong-answer", "another answer", "your answer, b", "That goes with the container.");
    assert_eq!(says("b"), layer);
    let tmpfs =
        mistake("wrong-answer", "another answer", "your answer, a d", "Memory is given back when the container stops.");
    assert_eq!(says("a d"), tmpfs);
    let half = mistake(
        "incomplete-answer",
        "all that hold",
        "your answer, a named volume",
        "That is right. It is not all of it.",
    );
    assert_eq!(says("a named volume"), half);
    let letters = "Answer with the letter; with several, where several hold.";
    for answer in ["e", "0", "5", "volume", "a x", "ax", "add", "none"] {
        let seen = format!("your answer, {answer}");
        assert_eq!(says(answer), mistake("unreadable-answer", "a letter from a to d", &seen, letters));
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
        mistake("wrong-answer", "another number", "your answer, 3", "Count, or think it through, once more.")
    );
    assert_eq!(
        judge("two", &number),
        mistake("unreadable-answer", "a number", "your answer, two", "Answer with a whole number, in digits.")
    );
    let text = json!({"question": {"ask": "Which option?", "accepts": ["--rm", "rm"]}});
    assert_eq!(judge("--RM", &text), passes_undated());
    assert_eq!(
        judge("-d", &text),
        mistake("wrong-answer", "another answer", "your answer, -d", "Look at the task's words once more.")
    );
}

#[test]
fn a_number_with_a_unit_may_be_given_in_any() {
    let size = json!({"question": {"ask": "How much?", "number": 4, "unit": "MiB"}});
    let judge = |answer: &str| World::new().answer(answer).judge(size.clone());
    for answer in ["4", "4M", "4 MiB", "4MB", "4096 KiB", "4096k", "4.0", "4194304 B"] {
        assert_eq!(judge(answer), passes_undated(), "{answer}");
    }
    for answer in ["16", "4 GiB", "4194304"] {
        let seen = format!("your answer, {answer}");
        assert_eq!(
            judge(answer),
            mistake("wrong-answer", "another number", &seen, "Count, or think it through, once more.")
        );
    }
    for answer in ["ac", "four", "4 apples", "MiB"] {
        let sentence = "Answer with a number, in digits. Without a unit it is taken for MiB.";
        assert_eq!(
            judge(answer),
            mistake("unreadable-answer", "a number of MiB", &format!("your answer, {answer}"), sentence)
        );
    }
    assert_eq!(check(size).right_answer(&Facts::since(0)).as_deref(), Some("4 MiB"));
    let plain = json!({"question": {"ask": "How many?", "number": 4}});
    let sentence = "Answer with the number alone, without a unit or a word.";
    let refused = mistake("unreadable-answer", "a number", "your answer, 4 MiB", sentence);
    assert_eq!(World::new().answer("4 MiB").judge(plain), refused);
}

#[test]
fn a_prediction_takes_every_answer_that_is_one() {
    let mut prediction = outlives();
    prediction["question"]["graded"] = json!(false);
    assert_eq!(World::new().answer("d").judge(prediction.clone()), passes_undated());
    let letters = "Answer with the letter; with several, where several hold.";
    let verdict = World::new().answer("none").judge(prediction);
    assert_eq!(verdict, mistake("unreadable-answer", "a letter from a to d", "your answer, none", letters));
}

#[test]
fn the_question_shows_its_choices_and_knows_its_answer() {
    let question = check(outlives());
    let shown =
        "What outlives its container?\na) a named volume\nb) its own layer\nc) a bind mount's directory\nd) a tmpfs";
    assert_eq!(question.question(), Some(shown));
    assert_eq!(question.right_answer(&Facts::since(0)).as_deref(), Some("a c"));
}
