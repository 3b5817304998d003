//! Near misses of a mount whose source and place are swapped, and of a container that is called otherwise.

use labrun_graders::fact::Mount;
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line};
use crate::world::{World, bind_mount, in_volume, listed, mistake, target, volume_mount, with};

const ORDER: &str = "A mount is given as what is mounted, then where the container sees it. Which is which here?";

fn mount() -> Value {
    json!({"mount": {"container": "writer-1", "volume": "app-data", "at": "/data"}})
}

fn bind() -> Value {
    json!({"mount": {"container": "writer-1", "bind": "/tmp/dind", "at": "/data"}})
}

fn swapped(expected: &str, source: &str, place: &str) -> Verdict {
    let seen = format!("{source} was given as the source, {place} as the place in the container");
    mistake("fields-swapped", expected, &seen, ORDER)
}

fn is(verdict: &Verdict, name: &str) -> bool {
    matches!(verdict, Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some(name))
}

/// There is no writer-1, and this line was refused.
fn refused(text: &str) -> Verdict {
    let world = World::new().of_session("").no(Ask::Container("writer-1".to_owned())).everything(&[], &["app-data"]);
    world.typed(vec![line(1_500, text, 125)]).reported(vec![]).diagnose(mount())
}

#[test]
fn a_path_before_the_colon_and_the_volume_after_it_are_swapped() {
    for text in [
        "docker run -dit --name writer-1 -v /data:app-data busybox sh",
        "docker run -dit --name writer-1 -v /data:app-data:ro busybox sh",
        "docker run -dit -v /data:app-data busybox sh",
        "docker create --name writer-1 --mount type=volume,src=/data,dst=app-data busybox",
        "docker volume ls; docker run -dit --name writer-1 --volume=/data:app-data busybox sh",
    ] {
        assert_eq!(refused(text), swapped("app-data at /data", "/data", "app-data"), "{text}");
    }
    let other_place = refused("docker run -dit --name writer-1 -v /mnt:app_data busybox sh");
    assert_eq!(other_place, swapped("app-data at /data", "/mnt", "app_data"), "the names need not be right as well");
}

#[test]
fn what_is_only_like_it_is_not_swapped() {
    for text in [
        "docker run -dit --name writer-1 -v app-data:data busybox sh",
        "docker run -dit --name writer-1 -v /data:logs busybox sh",
        "docker run -dit --name writer-2 -v /data:app-data busybox sh",
        "docker run -dit --name writer-1 -v app-data:/data busybox sh",
        "docker run -dit --name writer-1 -v /data:app-data busybox sh; docker run -dit --name writer-1 busybox sh",
    ] {
        assert!(!is(&refused(text), "fields-swapped"), "{text}");
    }
    let ended_well = World::new().of_session("").no(Ask::Container("writer-1".to_owned())).everything(&[], &[]);
    let text = "docker run --name writer-1 -v /data:app-data busybox";
    assert!(!is(&ended_well.typed(vec![line(1_500, text, 0)]).reported(vec![]).diagnose(mount()), "fields-swapped"));
}

/// writer-1 is there with this mount.
fn made(check: Value, mount: Mount) -> Verdict {
    let world = World::new().of_session("").container(with("writer-1", &[mount])).everything(&[], &[]).typed(vec![]);
    world.no(Ask::HostPath("/data".to_owned())).no(Ask::RealPath("/tmp/dind".to_owned())).diagnose(check)
}

#[test]
fn what_the_engine_took_for_two_paths_is_swapped_too() {
    assert_eq!(made(mount(), bind_mount("/data", "/app-data")), swapped("app-data at /data", "/data", "/app-data"));
    assert_eq!(made(bind(), bind_mount("/data", "/tmp/dind")), swapped("/tmp/dind at /data", "/data", "/tmp/dind"));
    assert!(!is(&made(bind(), bind_mount("/mnt", "/tmp/dind")), "fields-swapped"));
    assert!(!is(&made(mount(), bind_mount("/data", "/other")), "fields-swapped"));
    assert!(!is(&made(mount(), volume_mount("logs", "/app-data")), "fields-swapped"));
}

#[test]
fn a_name_is_not_taken_where_the_mount_was_refused() {
    let text = |mount: &str| format!("docker run -dit --name writer-1 -v {mount} busybox sh");
    let lines = [line(1_400, &text("app-data:/mnt"), 0), line(1_500, &text("/data:app-data"), 125)];
    let there = with("writer-1", &[volume_mount("app-data", "/mnt")]);
    let world = World::new().of_session("").container(there).everything(&[], &["app-data"]);
    let verdict = world.typed(lines.to_vec()).reported(vec![]).diagnose(mount());
    assert_eq!(verdict, swapped("app-data at /data", "/data", "app-data"));
}

#[test]
fn a_temporary_container_may_be_refused_for_it_too() {
    let check = json!({"run": {"image": "busybox", "volume": "app-data", "at": "/check", "reads": "/check/file.txt"}});
    let text = "docker run --rm -v /check:app-data busybox cat /check/file.txt";
    let world = World::new().of_session("").reported(vec![]).image("busybox", "sha256:b0b0");
    assert!(is(&world.typed(vec![line(1_500, text, 125)]).diagnose(check), "fields-swapped"));
}

const FILE: &str = "/data/file.txt was read in writer-1";

/// writer-1 and writer-2 are there, and these lines were typed.
fn typed(check: Value, lines: &[(&str, i64)]) -> Verdict {
    let lines = (1_500..).zip(lines).map(|(at, (text, code))| line(at, text, *code)).collect();
    let there = [listed("writer-1", &[]), listed("writer-2", &[]), listed("neighbour", &[])];
    let world = World::new().of_session("").everything(&there, &[]).reported(vec![]).typed(lines);
    world.no(Ask::File { place: in_volume("app-data"), path: "file.txt".to_owned() }).diagnose(check)
}

fn read() -> Value {
    json!({"exec": {"container": "writer-1", "reads": "/data/file.txt"}})
}

fn no_container(wants: &str, found: &str, near: &str, difference: &str) -> Verdict {
    let seen = format!("there is no container {found}; the nearest is {near}");
    let sentence = format!("In {found}, {difference}. Read what docker said, and compare.");
    mistake("name-mistyped", wants, &seen, &sentence)
}

#[test]
fn a_command_on_a_container_that_is_not_there_names_the_nearest() {
    let told = no_container(FILE, "writter-1", "writer-1", "`t` after `wri` is too much");
    for text in [
        "docker exec writter-1 cat /data/file.txt",
        "sudo docker container exec -it writter-1 sh",
        "docker ps && docker exec writter-1 cat /data/file.txt",
    ] {
        assert_eq!(typed(read(), &[(text, 1)]), told, "{text}");
    }
    let other = no_container(FILE, "writer2", "writer-2", "`-` after `writer` is missing");
    assert_eq!(typed(read(), &[("docker exec writer2 cat /data/file.txt", 1)]), other);
    let written = json!({"file": {"in": {"volume": "app-data"}, "path": "file.txt", "has_lines": ["one"]}});
    let line = "docker exec writter-1 sh -c 'echo one > /data/file.txt'";
    let wants = "file.txt in volume app-data has the line one";
    let told = no_container(wants, "writter-1", "writer-1", "`t` after `wri` is too much");
    assert_eq!(typed(written, &[(line, 1)]), told);
}

#[test]
fn what_is_there_or_like_nothing_or_not_the_last_is_not_mistyped() {
    for lines in [
        &[("docker exec writer-1 cat /nothing", 1)][..],
        &[("docker exec id-of-writer-1 cat /nothing", 1)],
        &[("docker exec other cat /data/file.txt", 1)],
        &[("docker exec neighbor cat /data/file.txt", 1)],
        &[("docker exec writter-1 cat /data/file.txt", 1), ("docker exec writer-1 ls", 0)],
        &[("docker run --name writter-1 busybox", 125)],
    ] {
        assert!(!is(&typed(read(), lines), "name-mistyped"), "{lines:?}");
    }
}

#[test]
fn one_that_was_to_be_removed_may_be_mistyped_too() {
    let lifetime = |world: World| world.lifetime(NameKind::Container, "writer-1", true, None).reported(vec![]);
    let there =
        World::new().of_session("").container(with("writer-1", &[])).everything(&[listed("writer-1", &[])], &[]);
    let there = lifetime(there).described(NameKind::Container, "writer-1", json!({}));
    let told = there.saw(Ask::Sighted(target(NameKind::Container, "writer-1")), labrun_graders::Fact::Sighted(()));
    let told = told
        .typed(vec![line(1_500, "docker rm -f writer1", 1)])
        .diagnose(json!({"removed": {"container": "writer-1"}}));
    assert!(is(&told, "name-mistyped"), "{told:?}");
}

#[test]
fn what_ran_in_another_container_is_behind_a_name_that_was_mistyped_after_it() {
    let there = [listed("writer-1", &[]), listed("writer-2", &[])];
    let before = Exec { at: 1_200, ..exec("writer-2", &["cat", "/data/file.txt"]) }.entries();
    let world = World::new().of_session("").everything(&there, &[]).reported(before);
    let typed = line(1_500, "docker exec writter-1 cat /data/file.txt", 1);
    assert!(is(&world.typed(vec![typed]).diagnose(read()), "name-mistyped"));
}
