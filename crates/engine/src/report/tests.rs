use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;

fn moment(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_428_600 + minute * 60).expect("a moment")
}

/// A session with these steps: each with its state and attempts, a minute an attempt.
fn run(learner: Option<&str>, session: u32, steps: &[(&str, State, u32)]) -> Run {
    let steps = steps.iter().map(|(id, state, attempts)| StepRun {
        step: Line::new(id),
        title: Line::new(&format!("The step {id}")),
        state: *state,
        passed_over: None,
        attempts: *attempts,
        hints: 0,
        solution: false,
        seconds: (*attempts > 0).then_some(*attempts * 60),
        diagnoses: BTreeMap::new(),
    });
    Run {
        lab: Line::new("lab"),
        title: Line::new("The lab"),
        learner: learner.map(Line::new),
        session: SessionId(session),
        started: moment(0),
        last: moment(10),
        reset: false,
        exam: false,
        steps: steps.collect(),
    }
}

const PASSED: State = State::Passed;
const OPEN: State = State::Open;

fn report(run: Run, file: &str) -> Found {
    let place = Place { source: Line::new(&format!("{file}.json")), line: Some(1) };
    Found { run, receipt: None, fallback: Some(Line::new(file)), place }
}

/// What is left of a session that went through a receipt.
fn receipt(run: Run) -> Found {
    let mut reading = Reading::default();
    read_text("chat", "chat", Receipt::of(run).to_string().as_bytes(), &mut reading);
    assert_eq!(reading.problems, []);
    reading.found.remove(0)
}

fn learners(merged: &Merged) -> Vec<&str> {
    merged.report.runs.iter().map(|run| run.learner.as_ref().map_or("", Line::as_str)).collect()
}

fn joined(found: Vec<Found>) -> Merged {
    merge(found, None, moment(20))
}

#[test]
fn handed_in_twice_counts_once_and_the_newest_stays() {
    let old = run(Some("ada"), 1, &[("one", PASSED, 1), ("two", OPEN, 0)]);
    let new = Run { last: moment(12), ..run(Some("ada"), 1, &[("one", PASSED, 1), ("two", PASSED, 2)]) };
    let expected = vec![Run { learner: Some(Line::new("ada")), ..new.clone() }];
    for found in [
        vec![report(old.clone(), "a"), report(new.clone(), "b")],
        vec![report(new.clone(), "b"), report(old.clone(), "a")],
        vec![receipt(new.clone()), report(new, "b"), receipt(old)],
    ] {
        let merged = joined(found);
        assert_eq!((merged.report.runs, merged.notes), (expected.clone(), vec![]));
    }
}

#[test]
fn a_receipt_gets_its_titles_from_a_report_of_the_same_steps_and_of_no_other() {
    let steps = [("one", PASSED, 1), ("two", OPEN, 0)];
    let (ada, bob) = (run(Some("ada"), 1, &steps), run(Some("bob"), 2, &steps));
    let changed = run(Some("eve"), 3, &[("one", PASSED, 1), ("other", OPEN, 0)]);
    let merged = joined(vec![receipt(changed), receipt(bob.clone()), report(ada, "ada")]);
    assert_eq!(merged.report.runs[1], bob);
    let titles: Vec<_> = merged.report.runs[2].steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Step 1", "Step 2"]);
}

#[test]
fn whoever_gave_no_name_is_called_after_the_file_or_numbered() {
    let steps = [("one", PASSED, 1)];
    let nobody = |session| run(None, session, &steps);
    let merged = joined(vec![receipt(nobody(1)), report(nobody(2), "bob"), receipt(nobody(3)), receipt(nobody(1))]);
    assert_eq!(learners(&merged), ["bob", "unnamed 1", "unnamed 2"]);
    let named = joined(vec![receipt(nobody(1)), report(run(Some("Ada"), 1, &steps), "x")]);
    assert_eq!((learners(&named), named.notes.len()), (vec!["Ada"], 0), "the same session, handed in with a name");
}

#[test]
fn the_same_session_under_two_names_is_worth_a_look() {
    let steps = [("one", PASSED, 1)];
    let merged = joined(vec![report(run(Some("ada"), 1, &steps), "a"), report(run(Some("eve"), 1, &steps), "e")]);
    assert_eq!(learners(&merged), ["ada", "eve"]);
    assert_eq!(
        merged.notes,
        [
            "session 00000001 of lab was handed in as ada (a.json, line 1) and as eve (e.json, line 1): one may be a copy"
        ]
    );
}

#[test]
fn two_learners_of_one_name_stay_two() {
    let steps = [("one", PASSED, 1)];
    let alex = |session| run(Some("Alex"), session, &steps);
    let note = "Alex is the name of several learners, or of one who began a lab again; they are kept apart: Alex \
                (a.json, line 1), Alex (2) (b.json, line 1)";
    let merged = joined(vec![report(alex(1), "a"), report(alex(2), "b")]);
    assert_eq!((learners(&merged), merged.notes.clone()), (vec!["Alex", "Alex (2)"], vec![note.to_owned()]));
    // A session that both have makes them one, in whatever order they come.
    for found in [
        vec![report(alex(1), "a"), report(alex(2), "a"), report(alex(2), "b"), receipt(alex(1))],
        vec![report(alex(2), "b"), receipt(alex(1)), report(alex(1), "a"), report(alex(2), "a")],
    ] {
        let merged = joined(found);
        assert_eq!((learners(&merged), merged.notes.clone()), (vec!["Alex", "Alex"], vec![]));
    }
    let other = Run { lab: Line::new("other"), ..alex(3) };
    let merged = joined(vec![report(alex(1), "a"), report(other.clone(), "b")]);
    assert_eq!((learners(&merged), merged.notes.clone()), (vec!["Alex", "Alex"], vec![]), "one lab in each file");
    // Where two have the name, a third file may be either's.
    let merged = joined(vec![report(alex(1), "a"), report(alex(2), "b"), report(other, "c")]);
    assert_eq!(learners(&merged), ["Alex", "Alex (2)", "Alex (3)"]);
    let taken = joined(vec![report(alex(1), "a"), report(alex(2), "b"), report(run(Some("Alex (2)"), 4, &steps), "c")]);
    assert_eq!(learners(&taken), ["Alex", "Alex (2)", "Alex (3)"]);
    let by_file = joined(vec![report(alex(1), "a"), report(run(None, 2, &steps), "Alex")]);
    assert_eq!((learners(&by_file), by_file.notes.len()), (vec!["Alex", "Alex (2)"], 1), "a name and a file's name");
}

#[test]
fn a_file_without_names_handed_in_twice_is_worth_a_look() {
    let steps = [("one", PASSED, 1)];
    let merged = joined(vec![report(run(None, 1, &steps), "a"), report(run(None, 1, &steps), "b")]);
    assert_eq!(learners(&merged), ["a"]);
    let note = "session 00000001 of lab was handed in without a name in a.json and in b.json: one may be a copy; it counts \
                once";
    assert_eq!(merged.notes, [note]);
}

#[test]
fn only_the_lab_that_was_asked_for_is_joined() {
    let steps = [("one", PASSED, 1)];
    let other = Run { lab: Line::new("other"), ..run(Some("ada"), 2, &steps) };
    let merged = merge(vec![report(run(Some("ada"), 1, &steps), "a"), report(other, "a")], Some("other"), moment(20));
    assert_eq!(merged.report.runs.iter().map(|run| run.lab.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[test]
fn the_session_with_the_most_steps_passed_is_the_one_that_counts() {
    let best = run(Some("ada"), 1, &[("one", PASSED, 1), ("two", PASSED, 3)]);
    let again = Run { started: moment(30), ..run(Some("ada"), 2, &[("one", PASSED, 1), ("two", OPEN, 9)]) };
    let bob = run(Some("Bob"), 3, &[("one", PASSED, 2), ("two", State::Given, 0)]);
    let runs = [best.clone(), again, bob];
    let class = Class::of(&runs);
    let names: Vec<_> = class.learners.iter().flatten().map(|name| name.as_str()).collect();
    assert_eq!(names, ["ada", "Bob"], "big and small letters together");
    let lab = &class.labs[0];
    assert_eq!(class.run(best.learner.as_ref(), lab), Some(&best));
    assert_eq!((lab.runs.len(), lab.finished, lab.median_seconds), (2, 2, Some(180.0)), "of 240 and 120 seconds");
    let medians: Vec<_> = lab.steps.iter().map(|step| (step.median_attempts, step.fails)).collect();
    assert_eq!(medians, [(Some(1.5), 1), (Some(3.0), 2)], "the given one has no time of its own");
    assert_eq!(lab.hurt().iter().map(|step| step.number).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn steps_that_only_some_versions_of_a_lab_have_are_all_there() {
    let old = run(Some("ada"), 1, &[("one", PASSED, 1), ("gone", PASSED, 1)]);
    let new = run(Some("bob"), 2, &[("one", PASSED, 1), ("two", PASSED, 1), ("three", OPEN, 0)]);
    let runs = [old, new];
    let class = Class::of(&runs);
    let steps: Vec<_> = class.labs[0].steps.iter().map(|step| (step.step.as_str(), step.learners())).collect();
    assert_eq!(steps, [("one", 2), ("two", 1), ("three", 1), ("gone", 1)]);
}
