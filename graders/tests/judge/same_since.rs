//! `same_since`: an object is the one that was there at an earlier moment.

use labrun_graders::evidence::Entry;
use labrun_graders::fact::{Container, Lifetime, Moment, Reached, Volume};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Nanos, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, container, mistake, not_begun, passes, passes_undated, target, volume_mount, with};

/// When step 2, `create`, was seen to have passed.
const PASSED: Nanos = 5_000_000_000;

const SECOND: Nanos = 1_000_000_000;

fn reached(skipped: bool) -> Fact {
    Fact::Reached(Reached { at: PASSED, step: Some(2), skipped })
}

fn step() -> Ask {
    Ask::Reached(Moment::Step("create".to_owned()))
}

fn lifetime(world: World, kind: NameKind, name: &str, removed: Option<Nanos>) -> World {
    let lifetime = Lifetime { seen: true, removed, ..Lifetime::default() };
    world.saw(Ask::Lifetime(target(kind, name)), Fact::Lifetime(lifetime))
}

/// A volume of this date that was last removed then.
fn volume(created: Nanos, removed: Option<Nanos>) -> World {
    let there =
        Volume { name: "app-data".to_owned(), driver: "local".to_owned(), created: Some(created), ..Volume::default() };
    lifetime(World::new().volume(there), NameKind::Volume, "app-data", removed).saw(step(), reached(false))
}

fn same_volume() -> Value {
    json!({"volume": {"name": "app-data", "same_since": "create"}})
}

fn made_again(when: &str) -> Verdict {
    mistake(
        "made-again",
        "volume app-data exists, still the same one",
        &format!("app-data was removed {when}, and made again"),
        "A new volume of the same name begins empty: the data went with the old one. Which of your commands removed it?",
    )
}

fn unknown(name: &str, kind: &str) -> Verdict {
    let what = format!(
        "whether {name} is still the same {kind} cannot be known: the engine no longer tells all that happened"
    );
    cannot(Obstacle::Gap, &what, "pass over this step: labrun skip; or begin it again: labrun catchup")
}

#[test]
fn a_volume_is_the_same_unless_the_engine_reported_its_removal() {
    // The date of a volume moves with what is written to its root: that it is newer proves nothing.
    for (created, removed) in [(1, None), (PASSED + SECOND, None), (PASSED + SECOND, Some(PASSED - 1))] {
        assert_eq!(volume(created, removed).reported(vec![]).judge(same_volume()), passes_undated(), "{created}");
    }
    for created in [1, PASSED, PASSED + 9 * SECOND] {
        let world = volume(created, Some(PASSED + 1));
        assert_eq!(world.clone().reported(vec![]).judge(same_volume()), made_again("after step 2"));
        let gap = world.reported_with_gap(vec![], PASSED, PASSED + 2);
        assert_eq!(gap.judge(same_volume()), made_again("after step 2"), "what was reported is certain");
    }
}

#[test]
fn where_events_are_missing_only_an_older_date_tells_of_a_volume() {
    let missing = |created| volume(created, None).reported_with_gap(vec![], PASSED, PASSED + SECOND);
    assert_eq!(missing(PASSED - SECOND).judge(same_volume()), passes_undated());
    // It is in whole seconds.
    for created in [PASSED - SECOND + 1, PASSED, PASSED + SECOND] {
        assert_eq!(missing(created).judge(same_volume()), unknown("app-data", "volume"), "{created}");
    }
    let earlier = volume(PASSED + SECOND, None).reported_with_gap(vec![], 1, PASSED);
    assert_eq!(earlier.judge(same_volume()), passes_undated(), "what was missing by then does not matter");
    assert_eq!(volume(PASSED, None).no(Ask::Journal).judge(same_volume()), unknown("app-data", "volume"));
    assert_eq!(volume(1, None).reported(vec![]).no(step()).judge(same_volume()), unknown("app-data", "volume"));
}

#[test]
fn since_the_start_is_since_the_session_began() {
    let world = volume(PASSED, Some(PASSED + 1)).reported(vec![]);
    let began = Fact::Reached(Reached { at: PASSED, step: None, skipped: false });
    let world = world.saw(Ask::Reached(Moment::Start), began);
    let check = json!({"volume": {"name": "app-data", "same_since": "start"}});
    assert_eq!(world.judge(check), made_again("since the lab began"));
}

#[test]
fn a_volume_that_is_gone_or_wrong_for_sure_is_told_so() {
    let gone = lifetime(World::new().no(Ask::Volume("app-data".to_owned())), NameKind::Volume, "app-data", None);
    let wants = "volume app-data exists, still the same one";
    assert_eq!(gone.judge(same_volume()), not_begun(wants, "there is no volume app-data"));
    let unclear = volume(PASSED, None).reported_with_gap(vec![], PASSED, PASSED + SECOND);
    let check = json!({"volume": {"name": "app-data", "driver": "nfs", "same_since": "create"}});
    let verdict = unclear.judge(check);
    assert!(matches!(&verdict, Verdict::Fail(it) if it.diagnosis.as_deref() == Some("wrong-driver")), "{verdict:?}");
}

fn same_container() -> Value {
    json!({"container": {"name": "writer-1", "same_since": "create"}})
}

/// A container of this date, whose name was last freed by a removal then.
fn made(created: Nanos, removed: Option<Nanos>, skipped: bool) -> World {
    let world = World::new().container(Container { created, ..container("writer-1") });
    lifetime(world, NameKind::Container, "writer-1", removed).saw(step(), reached(skipped))
}

fn renamed(at: Nanos, old: &str, new: &str) -> Entry {
    let attributes = [("oldName".to_owned(), format!("/{old}")), ("name".to_owned(), new.to_owned())].into();
    let (kind, action) = ("container".to_owned(), "rename".to_owned());
    Entry { at, kind, action, actor: "id-of-writer-1".to_owned(), attributes, detail: None }
}

fn replaced(seen: &str) -> Verdict {
    mistake(
        "made-again",
        "container writer-1 is there, still the same one",
        seen,
        "The name is the same, the container is not: what the old one wrote in its own layer went with it. Which of your \
         commands replaced it?",
    )
}

#[test]
fn a_container_is_the_same_if_it_is_as_old() {
    for removed in [None, Some(3)] {
        assert_eq!(made(PASSED, removed, false).reported(vec![]).judge(same_container()), passes(PASSED));
    }
    let gap = made(7, None, false).reported_with_gap(vec![], PASSED, PASSED + 1);
    assert_eq!(gap.judge(same_container()), passes(7), "its date tells enough");
    for removed in [None, Some(PASSED + 1)] {
        let world = made(PASSED + 1, removed, false);
        let new = replaced("writer-1 is a new container, made after step 2");
        assert_eq!(world.clone().reported(vec![]).judge(same_container()), new);
        assert_eq!(world.reported_with_gap(vec![], PASSED, PASSED + 2).judge(same_container()), new);
    }
}

#[test]
fn an_older_container_that_took_the_name_is_another_one() {
    let took = made(7, None, false).reported(vec![renamed(PASSED + 1, "spare", "writer-1")]);
    let other = replaced("writer-1 is another container, which was called spare when step 2 was done");
    assert_eq!(took.judge(same_container()), other);
    let there_and_back = [renamed(PASSED + 1, "writer-1", "old"), renamed(PASSED + 2, "old", "writer-1")];
    assert_eq!(made(7, None, false).reported(there_and_back.to_vec()).judge(same_container()), passes(7));
    let before = made(7, None, false).reported(vec![renamed(PASSED - 1, "spare", "writer-1")]);
    assert_eq!(before.judge(same_container()), passes(7), "by then it had the name");
}

#[test]
fn what_a_skipped_step_would_have_made_may_be_made_later() {
    let late = |removed| made(PASSED + SECOND, removed, true);
    assert_eq!(late(None).reported(vec![]).judge(same_container()), passes(PASSED + SECOND));
    let again = late(Some(PASSED + 5)).reported(vec![]).judge(same_container());
    assert_eq!(again, replaced("writer-1 is a new container, made after step 2"));
    let gap = late(None).reported_with_gap(vec![], PASSED, PASSED + 1);
    assert_eq!(gap.judge(same_container()), unknown("writer-1", "container"));
}

#[test]
fn a_mount_is_the_same_if_the_container_and_the_volume_are() {
    let check =
        json!({"mount": {"container": "writer-1", "volume": "app-data", "at": "/data", "same_since": "create"}});
    let world = |created, removed| {
        let there = Container { created, ..with("writer-1", &[volume_mount("app-data", "/data")]) };
        let world = volume(1, removed).container(there).reported(vec![]);
        lifetime(world, NameKind::Container, "writer-1", None)
    };
    let diagnosis = |verdict: Verdict| match verdict {
        Verdict::Fail(feedback) => (feedback.diagnosis.unwrap_or_default().into_owned(), feedback.seen),
        other => panic!("{other:?}"),
    };
    assert_eq!(world(7, None).judge(check.clone()), passes(7));
    let (name, seen) = diagnosis(world(PASSED + 1, None).judge(check.clone()));
    assert_eq!((name.as_str(), seen.as_str()), ("made-again", "writer-1 is a new container, made after step 2"));
    let (name, seen) = diagnosis(world(7, Some(PASSED + 1)).judge(check));
    assert_eq!((name.as_str(), seen.as_str()), ("made-again", "app-data was removed after step 2, and made again"));
    let elsewhere =
        json!({"mount": {"container": "writer-1", "volume": "app-data", "at": "/x", "same_since": "create"}});
    let (name, _) = diagnosis(world(7, None).judge(elsewhere));
    assert_eq!(name, "wrong-destination");
    let anonymous = json!({"mount": {"container": "writer-1", "anonymous": true, "at": "/x", "same_since": "create"}});
    let none = World::new().container(Container { created: 7, ..container("writer-1") }).reported(vec![]);
    let none = lifetime(none, NameKind::Container, "writer-1", None).saw(step(), reached(false));
    assert_eq!(
        none.judge(anonymous),
        mistake(
            "no-mount",
            "an anonymous volume at /x",
            "nothing is mounted in it",
            "Mounts are given when a container is created, and stay."
        )
    );
}
