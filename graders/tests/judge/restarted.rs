//! `container: { restarted }`: it was stopped and started since the step began, or was not.

use labrun_graders::evidence::{Entry, Gap, Journal};
use labrun_graders::fact::{Container, Lifetime};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Nanos, Obstacle, Verdict};
use serde_json::json;

use crate::story::{event, line};
use crate::world::{SINCE, World, cannot, container, mistake, not_begun, passes, target};

/// When a container was made, last started and last ended.
type Times = (Nanos, Option<Nanos>, Option<Nanos>);

struct Case {
    times: Times,
    status: &'static str,
    removed: Option<Nanos>,
    events: &'static [(&'static str, Nanos)],
    gap: bool,
}

const RUNS: Case = Case { times: (500, Some(501), None), status: "running", removed: None, events: &[], gap: false };

impl Case {
    fn judge(&self, wanted: bool) -> Verdict {
        let (created, started, finished) = self.times;
        let status = self.status.to_owned();
        let there = Container { created, started, finished, status, ..container("writer-1") };
        let entries = self.events.iter().map(|(action, at)| Entry {
            at: *at,
            kind: "container".to_owned(),
            action: (*action).to_owned(),
            actor: there.id.clone(),
            attributes: [("name".to_owned(), "writer-1".to_owned()), ("oldName".to_owned(), "/writer-1".to_owned())]
                .into(),
            detail: None,
        });
        let gaps = if self.gap { vec![Gap { from: SINCE, to: SINCE + 1 }] } else { Vec::new() };
        let journal = Journal { entries: entries.collect(), gaps, ..Journal::default() };
        let lifetime = Lifetime { seen: true, removed: self.removed, ..Lifetime::default() };
        World::new()
            .container(there)
            .saw(Ask::Journal, Fact::Journal(journal))
            .saw(Ask::Lifetime(target(NameKind::Container, "writer-1")), Fact::Lifetime(lifetime))
            .judge(json!({"container": {"name": "writer-1", "restarted": wanted}}))
    }

    /// What is wrong, by its name, and what is seen.
    fn wrong(&self, wanted: bool) -> (String, String) {
        match self.judge(wanted) {
            Verdict::Fail(feedback) => (feedback.diagnosis.unwrap_or_default().into_owned(), feedback.seen),
            other => panic!("{other:?}"),
        }
    }
}

const LATER: Nanos = SINCE + 100;

#[test]
fn a_container_that_runs_since_before_the_step_was_not_restarted() {
    let new_in_step = || Case { times: (SINCE + 5, Some(SINCE + 6), None), ..RUNS };
    for (case, at) in [
        (RUNS, 500),
        (Case { status: "paused", ..RUNS }, 500),
        // The restart of an earlier step.
        (Case { times: (500, Some(900), Some(899)), ..RUNS }, 500),
        // Stopped before the step, and started in it.
        (Case { times: (500, Some(LATER), Some(899)), ..RUNS }, 500),
        (new_in_step(), SINCE + 5),
        (Case { removed: Some(SINCE - 1), ..new_in_step() }, SINCE + 5),
        (Case { gap: true, ..RUNS }, 500),
    ] {
        assert_eq!(case.judge(false), passes(at), "{:?}", case.times);
    }
}

#[test]
fn what_ended_or_was_replaced_in_the_step_did_not_go_on() {
    let restarted = Case { times: (500, Some(LATER + 1), Some(LATER)), ..RUNS };
    let seen = |name: &str, seen: &str| (name.to_owned(), seen.to_owned());
    assert_eq!(restarted.wrong(false), seen("restarted", "writer-1 ended in this step, and was started again"));
    let stopped = Case { times: (500, Some(501), Some(LATER)), status: "exited", ..RUNS };
    assert_eq!(stopped.wrong(false), seen("not-running", "writer-1 has ended in this step"));
    let new = Case { times: (LATER, Some(LATER), None), ..RUNS };
    let replaced = seen("made-again", "writer-1 is a new container, made in this step");
    let removed = Case { removed: Some(LATER - 1), ..new };
    let renamed = Case { events: &[("rename", SINCE + 50)], times: (LATER, Some(LATER), None), ..RUNS };
    for wanted in [true, false] {
        assert_eq!(removed.wrong(wanted), replaced);
    }
    // Only another container's new name frees the old one: this one's own journal says so of itself here.
    assert_eq!(renamed.wrong(false).0, "made-again");
    let unclear = Case { gap: true, times: (LATER, Some(LATER), None), ..RUNS };
    let what = "the engine no longer tells all that happened to writer-1";
    assert_eq!(unclear.judge(false), cannot(Obstacle::Gap, what, "do it again, then check"));
}

#[test]
fn a_restart_has_an_end_and_a_start_in_this_step() {
    let restarted = Case { times: (500, Some(LATER + 1), Some(LATER)), ..RUNS };
    assert_eq!(restarted.judge(true), passes(LATER + 1));
    // The engine notes the start after the fact: the next end can stand before it.
    assert_eq!(Case { times: (500, Some(LATER), Some(LATER + 1)), ..RUNS }.judge(true), passes(LATER));
    assert_eq!(Case { gap: true, ..restarted }.judge(true), passes(LATER + 1));
    let wants = "container writer-1 is there, restarted in this step";
    let not_yet = not_begun(wants, "writer-1 has not been restarted in this step");
    for times in [(500, Some(501), None), (500, Some(900), Some(899)), (500, Some(LATER), Some(899))] {
        assert_eq!(Case { times, ..RUNS }.judge(true), not_yet, "{times:?}");
    }
    let signal = Case { events: &[("kill", LATER)], ..RUNS };
    assert_eq!(
        signal.wrong(true),
        ("not-restarted".to_owned(), "writer-1 was interrupted, and its main process went on".to_owned())
    );
    let earlier = Case { events: &[("pause", SINCE - 1), ("unpause", SINCE)], ..RUNS };
    assert_eq!(earlier.judge(true), not_yet);
}

#[test]
fn of_one_that_has_ended_only_the_events_tell_whether_it_was_started_again() {
    let ended = || Case { times: (500, Some(LATER), Some(LATER + 9)), status: "exited", ..RUNS };
    let again: &[(&str, Nanos)] = &[("die", SINCE + 1), ("start", LATER), ("die", LATER + 9)];
    assert_eq!(Case { events: again, ..ended() }.judge(true), passes(LATER));
    let once: &[(&str, Nanos)] = &[("start", LATER), ("die", LATER + 9)];
    let half = ("not-running".to_owned(), "writer-1 was stopped, and not started again".to_owned());
    assert_eq!(Case { events: once, ..ended() }.wrong(true), half);
    let unclear = Case { gap: true, ..ended() }.judge(true);
    assert!(matches!(unclear, Verdict::CannotCheck(_)), "{unclear:?}");
}

#[test]
fn a_restart_of_another_container_is_told() {
    let there = Container { created: 500, started: Some(501), ..container("writer-1") };
    let of = |name: &str| {
        let lifetime = Lifetime { seen: true, ..Lifetime::default() };
        let world = World::new().of_session("").container(there.clone());
        let world = world.saw(Ask::Lifetime(target(NameKind::Container, "writer-1")), Fact::Lifetime(lifetime));
        let typed = vec![line(1_500, "docker restart writer-2 web-1", 0)];
        let world = world.reported(vec![event(1_400, "die", name, &[]), event(1_500, "start", name, &[])]).typed(typed);
        world.diagnose(json!({"container": {"name": "writer-1", "restarted": true}}))
    };
    let wants = "container writer-1 is there, restarted in this step";
    let told = |other: &str| {
        let sentence = format!("That was {other}. Which container does the step name?");
        mistake("wrong-container", wants, &format!("{other} was restarted"), &sentence)
    };
    assert_eq!(of("writer-2"), told("writer-2"));
    assert_eq!(of("web-1"), told("web-1"), "it was typed");
    assert_eq!(of("theirs").word(), "fail");
    assert_ne!(of("theirs"), told("theirs"));
}
