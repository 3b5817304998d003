//! `removed: { with_volumes }`: a container's anonymous volumes went with it.

use labrun_graders::evidence::Entry;
use labrun_graders::fact::Volume;
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Nanos, Obstacle, Verdict};
use serde_json::json;

use crate::story::{Run, ran};
use crate::world::{World, cannot, mistake, not_begun, passes, wrong};

const GONE: &str = "container till is gone, and its anonymous volume with it";
const VOLUME: &str = "35c27afa5afbfdbf14ae53a0405959038b847299cb4168a9bda26bf312b9a564";

/// A container that was removed at `at` + 100, with this mounted.
fn till<'a>(at: Nanos, mounts: &'a [(&'a str, &'a str, &'a str)]) -> Run<'a> {
    Run { at, name: "till", mounts, ..ran(&["sh"]) }
}

fn volume_removed(at: Nanos, name: &str) -> Entry {
    let (kind, action) = ("volume".to_owned(), "destroy".to_owned());
    Entry { at, kind, action, actor: name.to_owned(), ..Entry::default() }
}

fn judge(entries: Vec<Entry>, left: &[&str]) -> Verdict {
    let world = World::new().no(Ask::Container("till".to_owned())).reported(entries);
    let world = world.lifetime(NameKind::Container, "till", true, Some(1_600)).no(Ask::Volume("f".repeat(64)));
    let there = |world: World, name: &&str| world.volume(Volume { name: (*name).to_owned(), ..Volume::default() });
    let gone = |world: World| if left.contains(&VOLUME) { world } else { world.no(Ask::Volume(VOLUME.to_owned())) };
    left.iter().fold(gone(world), there).judge(json!({"removed": {"container": "till", "with_volumes": true}}))
}

/// When the last event of a container of this story comes.
fn removed_at(run: &Run) -> Nanos {
    run.entries().last().map(|entry| entry.at).expect("it was removed")
}

#[test]
fn a_volume_that_goes_first_goes_with_its_container() {
    let run = till(1_500, &[("volume", VOLUME, "/receipts"), ("volume", "order-book", "/orders")]);
    let gone = removed_at(&run);
    let mut entries = run.entries();
    entries.insert(entries.len() - 1, volume_removed(gone, VOLUME));
    assert_eq!(judge(entries, &[]), passes(gone));
    // An engine that does not tell of it has removed it all the same.
    assert_eq!(judge(run.entries(), &[]), passes(gone));
}

#[test]
fn a_volume_that_is_left_is_named() {
    let run = till(1_500, &[("volume", VOLUME, "/receipts")]);
    let left = mistake(
        "volume-left-behind",
        GONE,
        "the volume 35c27afa5afb… is still there",
        "A removal leaves volumes alone, unless an option of it takes the anonymous ones along. Remove this one by its \
         name; then start such a container again, and let its volume go with it.",
    );
    assert_eq!(judge(run.entries(), &[VOLUME]), left);
    // Another one that went as it should takes nothing back.
    let mut both = run.entries();
    let other = "f".repeat(64);
    let again = till(1_700, &[("volume", &other, "/receipts")]).entries();
    // Another container of the same name, which has an id of its own.
    both.extend(again.into_iter().map(|entry| match entry.kind.as_str() {
        "container" => Entry { actor: "id-of-the-new-till".to_owned(), ..entry },
        _ => entry,
    }));
    assert_eq!(judge(both, &[VOLUME]), left);
}

#[test]
fn a_volume_that_was_removed_by_hand_did_not_go_with_it() {
    let run = till(1_500, &[("volume", VOLUME, "/receipts")]);
    let mut entries = run.entries();
    entries.push(volume_removed(removed_at(&run) + 50, VOLUME));
    let by_hand = mistake(
        "volume-removed-by-hand",
        GONE,
        "the volume 35c27afa5afb… was removed after it, by a command of its own",
        "An option of the removal does both at once, and nobody has to know the volume's name. Start such a container \
         again, and try it.",
    );
    assert_eq!(judge(entries, &[]), by_hand);
}

#[test]
fn what_had_no_such_volume_shows_nothing() {
    let run = till(1_500, &[("volume", "order-book", "/orders")]);
    let sentence = "Start one as in the step before, and let its volume go with it.";
    assert_eq!(judge(run.entries(), &[]), wrong(GONE, "till had no anonymous volume when it was removed", sentence));
    let forgotten = Run { unasked: true, mounts: &[], ..till(1_500, &[]) };
    let what = "what was mounted in till cannot be known: the engine no longer tells";
    let remedy = "start such a container again, check, and remove it then";
    assert_eq!(judge(forgotten.entries(), &[]), cannot(Obstacle::Gap, what, remedy));
}

#[test]
fn a_container_that_is_there_is_not_removed() {
    let world = World::new()
        .container(crate::world::container("till"))
        .saw(Ask::Journal, Fact::Journal(labrun_graders::evidence::Journal::default()));
    let check = json!({"removed": {"container": "till", "with_volumes": true}});
    assert_eq!(world.judge(check), not_begun(GONE, "till is still there"));
}
