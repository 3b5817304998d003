//! Near misses that the list of everything proves: names, second ones, what holds what.

use std::collections::BTreeMap;

use labrun_graders::fact::{Container, Everything, FileKind, HostPath, Listed, Volume};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{event, line};
use crate::world::{World, bind_mount, container, engine_down, mistake, not_begun, volume_mount, with};

fn volume() -> Value {
    json!({"volume": {"name": "app-data"}})
}

fn writer_2() -> Value {
    json!({"container": {"name": "writer-2", "image": "busybox"}})
}

fn mounted() -> Value {
    json!({"mount": {"container": "writer-1", "volume": "app-data", "at": "/data"}})
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn no_volume() -> World {
    World::new().of_session("").no(Ask::Volume("app-data".to_owned()))
}

fn no_writer_2() -> World {
    World::new().of_session("").no(Ask::Container("writer-2".to_owned()))
}

const NO_VOLUME: (&str, &str) = ("volume app-data exists", "there is no volume app-data");

#[test]
fn of_a_step_with_hundreds_of_failed_checks_the_first_are_explained() {
    let named = |number: usize| format!("data-{number:03}-wanted");
    let (wanted, slips): (Vec<_>, Vec<_>) =
        (0..100).map(|number| (json!({"volume": {"name": named(number)}}), format!("data-{number:03}-wantde"))).unzip();
    let made: Vec<&str> = slips.iter().map(String::as_str).collect();
    let world = World::new().everything(&[], &made);
    let world = (0..100).fold(world, |world, number| world.no(Ask::Volume(named(number))));
    let verdicts = world.typed(Vec::new()).diagnose_all(&wanted, &[]);
    let explained = |verdict: &Verdict| matches!(verdict, Verdict::Fail(feedback) if feedback.diagnosis.is_some());
    let told: Vec<bool> = verdicts.iter().map(explained).collect();
    assert_eq!(told, (0..100).map(|number| number < 32).collect::<Vec<_>>());
}

#[test]
fn a_volume_of_nearly_the_name_is_told_letter_by_letter() {
    let sentence = "In app_data, after `app` comes `_`, not `-`. The engine takes any name: compare.";
    assert_eq!(
        no_volume().everything(&[], &["logs", "app_data"]).diagnose(volume()),
        mistake("name-mistyped", NO_VOLUME.0, "there is app_data, and no app-data", sentence)
    );
}

#[test]
fn an_older_or_another_volume_is_no_slip() {
    let old = Volume { name: "app_data".to_owned(), created: Some(-2_000_000_000), ..Volume::default() };
    let unseen = Volume { created: None, ..old.clone() };
    for volume in [old, unseen] {
        let all = Fact::Everything(Everything { containers: vec![], volumes: vec![volume] });
        let verdict = no_volume().saw(Ask::Everything, all).diagnose(self::volume());
        assert_eq!(verdict, not_begun(NO_VOLUME.0, NO_VOLUME.1));
    }
    let verdict = no_volume().everything(&[], &["logs", "database"]).diagnose(volume());
    assert_eq!(verdict, not_begun(NO_VOLUME.0, NO_VOLUME.1));
}

#[test]
fn on_a_shared_engine_another_learners_volume_is_no_slip() {
    let wanted = || json!({"volume": {"name": "s1-app-data"}});
    let world =
        |made| World::new().of_session("s1-").no(Ask::Volume("s1-app-data".to_owned())).everything(&[], &[made]);
    let untouched = not_begun("volume s1-app-data exists", "there is no volume s1-app-data");
    assert_eq!(world("s2-app-data").diagnose(wanted()), untouched);
    let slip = |made: &str, difference: &str| {
        let sentence = format!("In {made}, {difference}. The engine takes any name: compare.");
        mistake(
            "name-mistyped",
            "volume s1-app-data exists",
            &format!("there is {made}, and no s1-app-data"),
            &sentence,
        )
    };
    assert_eq!(world("s1-app_data").diagnose(wanted()), slip("s1-app_data", "after `s1-app` comes `_`, not `-`"));
    // What this learner typed is theirs, whatever it begins with.
    let typed = |text| world("s2-app-data").typed(vec![line(1_500, text, 0)]).diagnose(wanted());
    assert_eq!(typed("docker volume create s2-app-data"), slip("s2-app-data", "after `s` comes `2`, not `1`"));
    assert_eq!(typed("docker volume create s2-app-data-old"), untouched);
}

#[test]
fn a_name_without_what_stands_in_front_of_a_learners_own_is_told() {
    let begun = |world: World| world.of_session("s1-").no(Ask::Volume("s1-app-data".to_owned()));
    let typed = |world: World| world.typed(vec![line(1_500, "docker volume create app-data", 0)]);
    let (there, wanted) = (World::new().everything(&[], &["app-data"]), json!({"volume": {"name": "s1-app-data"}}));
    let sentence = "Every name of yours begins with s1- here: others may use the same engine.";
    let seen = "there is app-data, and no s1-app-data";
    assert_eq!(
        typed(begun(there)).diagnose(wanted.clone()),
        mistake("name-mistyped", "volume s1-app-data exists", seen, sentence)
    );
    // Somebody else's, or one that could not be made.
    let untouched = not_begun("volume s1-app-data exists", "there is no volume s1-app-data");
    let there = World::new().everything(&[], &["app-data"]);
    assert_eq!(begun(there).diagnose(wanted.clone()), untouched);
    assert_eq!(typed(begun(World::new().everything(&[], &[]))).diagnose(wanted), untouched);
    let wanted = json!({"container": {"name": "s1-writer-2", "image": "busybox"}});
    let world = World::new().of_session("s1-").no(Ask::Container("s1-writer-2".to_owned()));
    let world = world.everything(&[listed("writer-2")], &[]);
    assert_eq!(
        world.typed(vec![line(1_500, "docker run -dit --name writer-2 busybox", 0)]).diagnose(wanted),
        mistake(
            "name-mistyped",
            "s1-writer-2 is there, from busybox",
            "there is writer-2, and no s1-writer-2",
            sentence
        )
    );
}

#[test]
fn what_cannot_be_looked_at_leaves_the_fail_as_it_was() {
    let world = no_volume().unseen(Ask::Everything, engine_down()).unseen(Ask::Typed, engine_down());
    assert_eq!(world.diagnose(volume()), not_begun(NO_VOLUME.0, NO_VOLUME.1));
    assert_eq!(no_volume().diagnose(volume()), not_begun(NO_VOLUME.0, NO_VOLUME.1));
    let unseen = World::new().unseen(Ask::Volume("app-data".to_owned()), engine_down());
    let Verdict::CannotCheck(reason) = unseen.diagnose(volume()) else { panic!("it could not be looked at") };
    assert_eq!(reason.obstacle, Obstacle::NoEngine);
}

#[test]
fn what_compose_made_has_the_projects_name_in_front() {
    let compose = |key: &str, value: &str| labels(&[("com.docker.compose.project", "shop"), (key, value)]);
    let made = Volume {
        name: "shop_app-data".to_owned(),
        created: Some(2_000),
        labels: compose("com.docker.compose.volume", "app-data"),
        ..Volume::default()
    };
    let all = Fact::Everything(Everything { containers: vec![], volumes: vec![made] });
    assert_eq!(
        no_volume().saw(Ask::Everything, all).diagnose(volume()),
        mistake(
            "made-by-compose",
            NO_VOLUME.0,
            "there is shop_app-data, made by compose",
            "Compose puts the project in front of the names in its file. Who chose the full name?"
        )
    );
    let made = Listed { labels: compose("com.docker.compose.service", "writer-2"), ..listed("shop-writer-2-1") };
    assert_eq!(
        no_writer_2().everything(&[made], &[]).diagnose(writer_2()),
        mistake(
            "made-by-compose",
            "writer-2 is there, from busybox",
            "there is shop-writer-2-1, made by compose",
            "Compose makes a container's name from the project and the service. Who chose the full name?"
        )
    );
}

fn listed(name: &str) -> Listed {
    crate::world::listed(name, &[])
}

#[test]
fn a_container_of_nearly_the_name_is_told_and_one_that_the_lab_owns_is_not() {
    let sentence = "In writer2, `-` after `writer` is missing. The engine takes any name: compare.";
    let both = [listed("writer-1"), listed("writer2")];
    assert_eq!(
        no_writer_2().everything(&both, &[]).diagnose(writer_2()),
        mistake("name-mistyped", "writer-2 is there, from busybox", "there is writer2, and no writer-2", sentence)
    );
    let untouched = not_begun("writer-2 is there, from busybox", "there is no container writer-2");
    assert_eq!(no_writer_2().everything(&both[..1], &[]).diagnose(writer_2()), untouched);
}

#[test]
fn a_name_that_the_engine_made_up_is_asked_for() {
    let told = |wants: &str| {
        mistake(
            "name-forgotten",
            wants,
            "there is a new container called brave_hare, and no writer-2",
            "The engine made that name up. How will you refer to this container later?",
        )
    };
    let untouched = not_begun("writer-2 is there, from busybox", "there is no container writer-2");
    let world = |made: Listed| no_writer_2().image("busybox", "sha256:b0").everything(&[made], &[]);
    assert_eq!(world(listed("brave_hare")).diagnose(writer_2()), told("writer-2 is there, from busybox"));
    // From another image; from an earlier step; by somebody who does name them.
    let other = Listed { image: "alpine".to_owned(), ..listed("brave_hare") };
    assert_eq!(world(other).diagnose(writer_2()), untouched);
    let older = Listed { created: -2_000_000_000, ..listed("brave_hare") };
    assert_eq!(world(older).diagnose(writer_2()), untouched);
    assert_eq!(world(listed("my-own")).diagnose(writer_2()), untouched);
    let typed = |text| world(listed("brave_hare")).typed(vec![line(1_500, text, 0)]).diagnose(writer_2());
    assert_eq!(typed("docker run -dit busybox sh"), told("writer-2 is there, from busybox"));
    assert_eq!(typed("docker volume ls"), untouched, "somebody else made it");
    // The volume says whose it is.
    let with_volume = Listed { mounts: vec![volume_mount("app-data", "/mnt")], ..listed("brave_hare") };
    let check = json!({"mount": {"container": "writer-2", "volume": "app-data", "at": "/mnt"}});
    let world = no_writer_2().typed(vec![]).everything(&[with_volume], &[]);
    assert_eq!(world.diagnose(check), told("writer-2 has app-data at /mnt"));
}

#[test]
fn a_mistake_is_told_once_in_a_step() {
    let world = no_writer_2().everything(&[listed("writer2")], &[]);
    let mount = json!({"mount": {"container": "writer-2", "volume": "app-data", "at": "/mnt"}});
    let verdicts = world.diagnose_all(&[writer_2(), mount], &[]);
    let expected = "writer-2 has app-data at /mnt";
    assert_eq!(verdicts[1], not_begun(expected, "there is no container writer-2"));
    assert!(matches!(&verdicts[0], Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some("name-mistyped")));
}

/// writer-1 has the volume at the wrong place, and these lines were typed.
fn misplaced(lines: &[(&str, i64)]) -> World {
    let lines = (1_200..).zip(lines).map(|(at, (text, code))| line(at, text, *code)).collect();
    World::new().of_session("").container(with("writer-1", &[volume_mount("app-data", "/mnt")])).typed(lines)
}

const RUN_AT_MNT: &str = "docker run -dit --name writer-1 -v app-data:/mnt busybox sh";
const RUN_AT_DATA: &str = "docker run -dit --name writer-1 -v app-data:/data busybox sh";

fn misplaced_mount() -> Verdict {
    let sentence = "Which part of the mount says where the container sees it? Mounts are fixed at creation.";
    mistake("wrong-destination", "app-data at /data", "app-data at /mnt", sentence)
}

#[test]
fn a_name_that_is_taken_hides_the_second_try() {
    let taken = mistake(
        "name-taken",
        "app-data at /data",
        "writer-1 is still the container that was made before",
        "The last one could not be made: which container owns the name, and does it have to stay?",
    );
    assert_eq!(misplaced(&[(RUN_AT_MNT, 0), (RUN_AT_DATA, 125)]).diagnose(mounted()), taken);
    let in_one_line = format!("{RUN_AT_MNT}; {RUN_AT_DATA}");
    assert_eq!(misplaced(&[(&in_one_line, 125)]).diagnose(mounted()), taken);
    let older = Container { created: 500, ..with("writer-1", &[volume_mount("app-data", "/mnt")]) };
    assert_eq!(misplaced(&[(RUN_AT_DATA, 125)]).container(older).diagnose(mounted()), taken);
    for lines in [
        &[(RUN_AT_MNT, 0)][..],
        &[(RUN_AT_MNT, 125)],
        &[(RUN_AT_DATA, 125), (RUN_AT_MNT, 0)],
        &[(RUN_AT_DATA, 125), ("docker rm -f writer-1", 0), (RUN_AT_MNT, 125)],
        &[],
    ] {
        assert_eq!(misplaced(lines).diagnose(mounted()), misplaced_mount(), "{lines:?}");
    }
}

#[test]
fn a_name_that_is_taken_by_another_image_is_told_so() {
    let alpine = Container { image: "alpine".to_owned(), image_id: String::new(), ..container("writer-1") };
    let world = misplaced(&[("docker run --name writer-1 alpine", 0), ("docker run --name writer-1 busybox", 125)]);
    assert_eq!(
        world
            .container(alpine)
            .image("busybox", "sha256:b0")
            .diagnose(json!({"container": {"name": "writer-1", "image": "busybox"}})),
        mistake(
            "name-taken",
            "writer-1 is there, from busybox",
            "writer-1 is still the container that was made before",
            "The last one could not be made: which container owns the name, and does it have to stay?"
        )
    );
}

#[test]
fn a_second_container_does_not_help_the_first() {
    let second = |name: &str, at: &str| crate::world::listed(name, &[volume_mount("app-data", at)]);
    let world = |containers: &[Listed]| misplaced(&[]).everything(containers, &[]);
    assert_eq!(
        world(&[second("again", "/data"), second("writer-1", "/mnt")]).diagnose(mounted()),
        mistake(
            "second-container",
            "app-data at /data",
            "again has it, and writer-1 has not",
            "There are two containers now. Which one does the step mean, and what is the other one for?"
        )
    );
    assert_eq!(world(&[second("again", "/mnt")]).diagnose(mounted()), misplaced_mount());
    assert_eq!(world(&[second("writer-2", "/data")]).diagnose(mounted()), misplaced_mount(), "that one is wanted");
}

#[test]
fn another_volume_in_its_place_is_a_slip_or_keeps_two_containers_apart() {
    let world = |name: &str| World::new().of_session("").container(with("writer-1", &[volume_mount(name, "/data")]));
    let sentence =
        "In app_data, after `app` comes `_`, not `-`. The engine makes a volume for each name it does not know.";
    assert_eq!(
        world("app_data").everything(&[], &["app_data"]).diagnose(mounted()),
        mistake("name-mistyped", "app-data at /data", "volume app_data at /data", sentence)
    );
    let other = crate::world::listed("writer-2", &[volume_mount("app-data", "/mnt")]);
    assert_eq!(
        world("logs").everything(&[other], &["logs"]).diagnose(mounted()),
        mistake(
            "different-volumes",
            "app-data at /data",
            "volume logs at /data; writer-2 has app-data",
            "What one of them writes, the other cannot see. Do both share one source?"
        )
    );
    let sentence = "The engine makes a new volume for each name that it does not know. Compare the names.";
    let plain = |name: &str| mistake("wrong-source", "app-data at /data", &format!("volume {name} at /data"), sentence);
    assert_eq!(world("logs").everything(&[], &["logs"]).diagnose(mounted()), plain("logs"));
    assert_eq!(world("app_data").everything(&[], &[]).diagnose(mounted()), plain("app_data"), "it was there before");
}

#[test]
fn a_directory_that_the_engine_made_shows_a_path_typed_wrongly() {
    let check = json!({"mount": {"container": "writer-1", "bind": "/tmp/dind", "at": "/dind"}});
    let world = |source: &str, seen: HostPath| {
        World::new()
            .of_session("")
            .container(with("writer-1", &[bind_mount(source, "/dind")]))
            .saw(Ask::HostPath(source.to_owned()), Fact::HostPath(seen))
            .diagnose(check.clone())
    };
    let made = HostPath { kind: FileKind::Directory, owner: 0, empty: true, changed: Some(1_500) };
    assert_eq!(
        world("/tmp/dnid", made),
        mistake(
            "path-mistyped",
            "/tmp/dind at /dind",
            "host path /tmp/dnid at /dind; it is empty, and root's",
            "In that path, `n` and `i` after `/tmp/d` are swapped. Did that directory exist before?"
        )
    );
    let plain = |source: &str| {
        let seen = format!("host path {source} at /dind");
        mistake("wrong-source", "/tmp/dind at /dind", &seen, "Something else is mounted there: compare the sources.")
    };
    for other in [
        HostPath { owner: 1_000, ..made },
        HostPath { empty: false, ..made },
        HostPath { changed: Some(-1), ..made },
        HostPath { changed: None, ..made },
        HostPath { kind: FileKind::Regular, ..made },
    ] {
        assert_eq!(world("/tmp/dnid", other), plain("/tmp/dnid"), "{other:?}");
    }
    assert_eq!(world("/srv/files", made), plain("/srv/files"));
}

#[test]
fn a_volume_that_does_not_go_is_held_by_somebody() {
    let check = json!({"removed": {"volume": "app-data"}});
    let there = Volume { name: "app-data".to_owned(), ..Volume::default() };
    let world = |containers: &[Listed]| World::new().of_session("").volume(there.clone()).everything(containers, &[]);
    let held = |state: &str| {
        mistake(
            "volume-in-use",
            "volume app-data is gone",
            &format!("the container writer-1, {state}, still holds it"),
            "A volume goes only when no container refers to it. Does a stopped one still count?",
        )
    };
    let holder = crate::world::listed("writer-1", &[volume_mount("app-data", "/data")]);
    let stopped = Listed { status: "exited".to_owned(), ..holder.clone() };
    assert_eq!(world(&[holder]).diagnose(check.clone()), held("running"));
    assert_eq!(world(&[stopped]).diagnose(check.clone()), held("stopped"));
    let free = crate::world::listed("writer-1", &[bind_mount("app-data", "/data")]);
    assert_eq!(world(&[free]).diagnose(check), not_begun("volume app-data is gone", "app-data is still there"));
}

#[test]
fn a_volume_that_went_with_its_containers_was_to_stay() {
    let gone = event(1_500, "destroy", "writer-1", &[]);
    let world = |removed, entries| no_volume().lifetime(NameKind::Volume, "app-data", true, removed).reported(entries);
    let told = mistake(
        "volume-deleted-too",
        NO_VOLUME.0,
        "app-data was there, and went with the containers",
        "The containers were to go, the data was to stay. Which of your commands deleted the volume?\n\
         What was in it is gone: the earlier steps make it anew.",
    );
    assert_eq!(world(Some(1_600), vec![gone.clone()]).diagnose(volume()), told);
    let untouched = not_begun(NO_VOLUME.0, NO_VOLUME.1);
    assert_eq!(world(Some(900), vec![gone.clone()]).diagnose(volume()), untouched, "before this step");
    assert_eq!(world(None, vec![gone]).diagnose(volume()), untouched, "it was not reported");
    assert_eq!(world(Some(1_600), vec![]).diagnose(volume()), untouched, "no container went");
}

#[test]
fn a_wrong_container_stays_what_it_was_found_to_be() {
    let world = World::new().of_session("").container(with("writer-1", &[])).everything(&[], &[]);
    let sentence = "Mounts are given when a container is created, and stay.";
    assert_eq!(
        world.diagnose(mounted()),
        mistake("no-mount", "app-data at /data", "nothing is mounted in it", sentence)
    );
}

#[test]
fn events_are_asked_for_only_where_they_can_tell_something() {
    let check = crate::world::check(volume());
    let target = crate::world::target(NameKind::Volume, "app-data");
    let first = vec![Ask::Everything, Ask::Typed, Ask::Sighted(target.clone())];
    assert_eq!(check.asks_when_wrong(no_volume().facts()), first);
    assert_eq!(check.asks_when_wrong(no_volume().no(Ask::Sighted(target.clone())).facts()), first, "it never was");
    let seen = no_volume().saw(Ask::Sighted(target.clone()), Fact::Sighted(()));
    let then = [first, vec![Ask::Journal, Ask::Lifetime(target)]].concat();
    assert_eq!(check.asks_when_wrong(seen.facts()), then);
    let typed = |text| check.asks_when_wrong(no_volume().typed(vec![line(1_500, text, 0)]).facts());
    assert!(!typed("ls").contains(&Ask::Journal));
    assert!(typed("docker volume create app-data").contains(&Ask::Journal));
}
