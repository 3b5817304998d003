//! How the verdicts of several checks combine.

use labrun_graders::{CannotLook, Feedback, Obstacle, Pass, Verdict, all, any};

use crate::world::{cannot, not_begun, passes, passes_undated, wrong};

fn down() -> Verdict {
    cannot(Obstacle::NoEngine, "no engine answers", "start it")
}

fn unseen() -> Verdict {
    cannot(Obstacle::Unseen, "a shell", "answer")
}

fn mistaken() -> Verdict {
    wrong("a", "b", "c")
}

fn idle() -> Verdict {
    not_begun("a", "nothing")
}

#[test]
fn all_must_hold() {
    for (verdicts, together) in [
        (vec![], passes_undated()),
        (vec![passes(1)], passes(1)),
        (vec![passes(1), passes(3), passes(2)], passes(3)),
        (vec![passes(1), passes_undated()], passes(1)),
        (vec![passes(1), down()], down()),
        (vec![down(), unseen()], down()),
        (vec![down(), mistaken(), passes(1)], mistaken()),
        (vec![idle(), mistaken()], idle()),
    ] {
        assert_eq!(all(&verdicts), together, "{verdicts:?}");
    }
}

#[test]
fn one_of_them_must_hold() {
    for (verdicts, together) in [
        (vec![down(), mistaken(), passes(1), passes(3)], passes(1)),
        (vec![mistaken(), down()], down()),
        (vec![unseen(), mistaken()], mistaken()),
        (vec![unseen(), idle()], unseen()),
        (vec![idle(), mistaken()], mistaken()),
        (vec![unseen(), down()], down()),
        (vec![idle()], idle()),
    ] {
        assert_eq!(any(&verdicts), together, "{verdicts:?}");
    }
}

#[test]
fn one_of_nothing_is_the_labs_trouble() {
    let what = "the lab asks for one of several things, and names none";
    assert_eq!(any(&[]), cannot(Obstacle::Lab, what, "tell the lab's author"));
}

#[test]
fn a_caveat_of_a_part_is_one_of_the_whole() {
    let doubtful = |at, why: &str| Verdict::Pass(Pass { at: Some(at), caveat: Some(why.to_owned()) });
    assert_eq!(all(&[passes(9), doubtful(5, "first"), doubtful(7, "second")]), doubtful(9, "first"));
    assert_eq!(any(&[mistaken(), doubtful(5, "first")]), doubtful(5, "first"));
}

#[test]
fn a_verdict_has_its_word_and_an_obstacle_its_code() {
    let words: Vec<&str> = [passes(1), mistaken(), down()].iter().map(Verdict::word).collect();
    assert_eq!(words, ["pass", "fail", "cannot-check"]);
    let obstacles = [
        Obstacle::NoEngine,
        Obstacle::Denied,
        Obstacle::Timeout,
        Obstacle::Broken,
        Obstacle::TooLarge,
        Obstacle::Gap,
        Obstacle::Unseen,
        Obstacle::Lab,
    ];
    let codes = ["no-engine", "denied", "timeout", "broken-answer", "too-large", "gap", "unseen", "lab"];
    assert_eq!(obstacles.map(Obstacle::code), codes);
}

#[test]
fn feedback_tells_what_is_begun_from_what_is_not() {
    let feedback = Feedback {
        expected: "a".to_owned(),
        seen: "b".to_owned(),
        sentence: "c".to_owned(),
        diagnosis: Some("a-mistake".into()),
        begun: true,
        overtaken: false,
    };
    assert_eq!(Feedback::wrong("a", "b", "c").diagnosed("a-mistake"), feedback);
    let idle = Feedback { sentence: String::new(), diagnosis: None, begun: false, ..feedback };
    assert_eq!(Feedback::not_begun("a", "b"), idle);
    let reason = CannotLook { obstacle: Obstacle::Gap, what: "a".to_owned(), remedy: "b".to_owned() };
    assert_eq!(CannotLook::new(Obstacle::Gap, "a", "b"), reason);
}
