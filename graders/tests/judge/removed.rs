//! `removed`: it was there in this session, and is gone now.

use labrun_graders::evidence::Entry;
use labrun_graders::fact::{Container, Lifetime, Volume};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Obstacle, Verdict};
use serde_json::json;

use crate::story::{event, line};
use crate::world::{World, cannot, container, ended, mistake, not_begun, passes, passes_undated, target, wrong};

const GONE: &str = "container writer-1 is gone";

fn judge(world: World) -> Verdict {
    world.judge(json!({"removed": {"container": "writer-1"}}))
}

fn absent() -> World {
    World::new().no(Ask::Container("writer-1".to_owned())).reported(Vec::new())
}

fn lived(seen: bool, removed: Option<i64>) -> World {
    absent().lifetime(NameKind::Container, "writer-1", seen, removed)
}

#[test]
fn what_was_there_and_is_gone_passes_since_its_removal() {
    assert_eq!(judge(lived(true, Some(1_300))), passes(1_300));
    assert_eq!(judge(lived(false, Some(1_300))), passes(1_300), "its removal tells that it was there");
    assert_eq!(judge(lived(true, None)), passes_undated());
}

#[test]
fn every_kind_of_object_can_be_removed() {
    for (kind, presence) in [
        (NameKind::Container, Ask::Container("x".to_owned())),
        (NameKind::Volume, Ask::Volume("x".to_owned())),
        (NameKind::Image, Ask::Image("x".to_owned())),
        (NameKind::Network, Ask::Inspect(target(NameKind::Network, "x"))),
    ] {
        let world = World::new().no(presence).reported(Vec::new());
        let check = json!({"removed": {kind.word(): "x"}});
        assert_eq!(world.clone().lifetime(kind, "x", true, Some(1_300)).judge(check.clone()), passes(1_300));
        assert_eq!(
            world.lifetime(kind, "x", false, None).judge(check),
            wrong(
                &format!("{} x is gone", kind.word()),
                &format!("there was no {} x in this lab", kind.word()),
                "It is not there, but in this lab it never was: there is nothing to remove yet."
            )
        );
    }
}

#[test]
fn what_is_still_there_is_not_removed() {
    let there = |seen: Container| judge(World::new().container(seen));
    for status in ["running", "created", "restarting"] {
        let seen = Container { status: status.to_owned(), ..container("writer-1") };
        assert_eq!(there(seen), not_begun(GONE, "writer-1 is still there"), "{status}");
    }
    let paused = mistake(
        "stopped-not-removed",
        GONE,
        "writer-1 is paused, not removed",
        "A paused container is only held. Its name, its layer and its hold on volumes are there.",
    );
    assert_eq!(there(Container { status: "paused".to_owned(), ..container("writer-1") }), paused);
    for status in ["removing", "dead"] {
        assert_eq!(
            there(Container { status: status.to_owned(), ..container("writer-1") }),
            wrong(
                GONE,
                "the engine is still removing writer-1",
                "That takes the engine a moment, and longer where it is busy. If it does not come to an end, ask the \
                 engine for it once more, by force."
            )
        );
    }
    assert_eq!(
        there(ended("writer-1", 137, 5)),
        mistake(
            "stopped-not-removed",
            GONE,
            "writer-1 is stopped, not removed",
            "Stopping ends its process. Its name, its layer and its hold on volumes are still there."
        )
    );
}

#[test]
fn another_name_is_no_removal() {
    let renamed = || vec![event(1_200, "rename", "old-writer", &[("oldName", "/writer-1")])];
    assert_eq!(
        judge(lived(true, None).reported(renamed())),
        mistake(
            "renamed-not-removed",
            GONE,
            "writer-1 is called old-writer now",
            "Another name is no removal: the container is still there, with all that it holds."
        )
    );
    let mut removed = renamed();
    removed.push(event(1_300, "destroy", "old-writer", &[]));
    assert_eq!(judge(lived(true, None).reported(removed)), passes_undated(), "renamed, and then removed");
    let another_one = lived(true, Some(1_300)).reported(renamed());
    assert_eq!(judge(another_one).word(), "fail", "a second one took the name, and was removed; the first is there");
    let mut made = vec![event(1_150, "create", "writer-1", &[])];
    made.extend(renamed());
    made.iter_mut().for_each(|entry| entry.actor = "id-of-another".to_owned());
    let tried = lived(true, Some(1_300)).reported(made);
    assert_eq!(judge(tried), passes(1_300), "one that was made in this step was renamed");
    let older = lived(true, Some(1_100)).reported(renamed());
    assert_eq!(judge(older).word(), "fail", "another one was removed before");
    let another = vec![event(1_200, "rename", "old-writer", &[("oldName", "/writer-11")])];
    assert_eq!(judge(lived(true, None).reported(another)), passes_undated());
}

#[test]
fn what_may_have_been_there_in_a_gap_cannot_be_judged() {
    assert_eq!(
        judge(lived(false, None).reported_with_gap(Vec::new(), 10, 20)),
        cannot(
            Obstacle::Gap,
            "writer-1 is not there, and whether it was cannot be known: \
             the engine no longer tells all that happened",
            "go through the steps before this one again"
        )
    );
    assert_eq!(judge(lived(true, None).reported_with_gap(Vec::new(), 10, 20)), passes_undated());
}

#[test]
fn one_that_is_still_there_under_another_name_was_not_removed_whatever_the_engine_tells() {
    let identity = Some("id-1".to_owned());
    let by_id = |seen: Fact| {
        let lifetime = Lifetime { seen: true, identity: identity.clone(), removed: None };
        let world =
            lived(true, None).saw(Ask::Lifetime(target(NameKind::Container, "writer-1")), Fact::Lifetime(lifetime));
        judge(world.reported(Vec::new()).saw(Ask::Container("id-1".to_owned()), seen))
    };
    let renamed = Container { id: "id-1".to_owned(), ..container("old-writer") };
    assert_eq!(
        by_id(Fact::Container(Box::new(renamed))),
        mistake(
            "renamed-not-removed",
            GONE,
            "writer-1 is called old-writer now",
            "Another name is no removal: the container is still there, with all that it holds."
        )
    );
    assert_eq!(by_id(Fact::Absent), passes_undated());
}

#[test]
fn that_an_earlier_one_was_removed_says_nothing_of_the_one_that_has_another_name_now() {
    let of = |actor: &str, at, action| Entry { actor: actor.to_owned(), ..event(at, action, "writer-1", &[]) };
    let told = |events: Vec<Entry>, seen: &str, there: &str| {
        let lifetime = Lifetime { seen: true, identity: Some(seen.to_owned()), removed: Some(1_200) };
        let lifetime = Fact::Lifetime(lifetime);
        let renamed = Container { id: there.to_owned(), ..container("old-writer") };
        let world = absent().saw(Ask::Lifetime(target(NameKind::Container, "writer-1")), lifetime).reported(events);
        judge(world.saw(Ask::Container(there.to_owned()), Fact::Container(Box::new(renamed)))).word()
    };
    let first = || vec![of("first", 1_100, "create"), of("first", 1_200, "destroy")];
    let both = || [first(), vec![of("second", 1_300, "create")]].concat();
    assert_eq!(told(both(), "second", "second"), "fail");
    assert_eq!(told(both(), "first", "second"), "fail", "the second one was not looked at while it had the name");
    assert_eq!(told([both(), vec![of("second", 1_400, "destroy")]].concat(), "second", "second"), "pass");
    let taken = vec![of("first", 1_100, "create"), of("second", 1_300, "create"), of("second", 1_400, "destroy")];
    assert_eq!(told(taken, "first", "first"), "pass", "a second one took the name, and was removed");
}

#[test]
fn a_volume_that_was_removed_and_is_there_again_was_made_again() {
    let of = |removed: Option<i64>| {
        let volume = Volume { name: "app-data".to_owned(), ..Volume::default() };
        let world = World::new().volume(volume).lifetime(NameKind::Volume, "app-data", true, removed);
        world.reported(Vec::new()).judge(json!({"removed": {"volume": "app-data"}}))
    };
    let wants = "volume app-data is gone";
    assert_eq!(
        of(Some(1_300)),
        mistake(
            "made-again",
            wants,
            "app-data was removed, and is there again",
            "Something made a new one of that name. Which of your commands was the last to name it?"
        )
    );
    assert_eq!(of(Some(900)), not_begun(wants, "app-data is still there"), "the removal was for an earlier step");
    assert_eq!(of(None), not_begun(wants, "app-data is still there"));
}

fn replaced(world: World) -> Verdict {
    world.judge(json!({"removed": {"container": "writer-1", "replaced": true}}))
}

#[test]
fn a_container_may_have_been_replaced_by_another_one_of_its_name() {
    let new = |removed: Option<i64>| lived(true, removed).container(container("writer-1"));
    assert_eq!(replaced(new(Some(1_050))), passes(1_050));
    assert_eq!(replaced(lived(true, Some(1_300))), passes(1_300), "it is gone, and nothing is in its place yet");
    let old = Container { created: 900, ..container("writer-1") };
    let wants = "the old container writer-1 is gone";
    assert_eq!(replaced(lived(true, None).container(old)), not_begun(wants, "writer-1 is still there"));
}

#[test]
fn one_that_only_gave_its_name_away_was_not_replaced() {
    let renamed = || vec![event(1_200, "rename", "old-writer", &[("oldName", "/writer-1")])];
    let new = |entries: Vec<Entry>| lived(true, None).container(container("writer-1")).reported(entries);
    assert_eq!(
        replaced(new(renamed())),
        mistake(
            "renamed-not-removed",
            "the old container writer-1 is gone",
            "writer-1 is called old-writer now",
            "Another name is no removal: the container is still there, with all that it holds."
        )
    );
    let mut removed = renamed();
    removed.push(event(1_300, "destroy", "old-writer", &[]));
    assert_eq!(replaced(new(removed)), passes_undated());
    let before = vec![event(900, "rename", "old-writer", &[("oldName", "/writer-1")])];
    assert_eq!(replaced(new(before)).word(), "pass", "that was in an earlier step");
}

#[test]
fn a_removal_that_was_refused_or_of_another_one_is_told() {
    let of = |text: &str, code: i64| {
        let world = World::new().of_session("").container(container("writer-1")).reported(Vec::new());
        world.typed(vec![line(1_500, text, code)]).diagnose(json!({"removed": {"container": "writer-1"}}))
    };
    let refused = mistake(
        "command-failed",
        GONE,
        "`docker rm writer-1` ended with 1",
        "Read what docker said: what keeps writer-1?",
    );
    assert_eq!(of("docker rm writer-1", 1), refused);
    let mistyped = mistake(
        "name-mistyped",
        GONE,
        "the removal was of writer_1, and writer-1 is still there",
        "In writer_1, after `writer` comes `_`, not `-`. Compare the names.",
    );
    assert_eq!(of("docker rm -f writer_1", 0), mistyped);
    let untouched = not_begun(GONE, "writer-1 is still there");
    assert_eq!(of("docker rm -f writer-2", 0), untouched, "that is the lab's, too");
    assert_eq!(of("docker ps", 0), untouched);
}
