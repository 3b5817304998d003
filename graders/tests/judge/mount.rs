//! `mount`: what a container sees, and where.

use labrun_graders::fact::Mount;
use labrun_graders::{Ask, CannotLook, Fact, Obstacle, Verdict};
use serde_json::{Value, json};

use crate::world::{MADE_UP, World, bind_mount, check, mistake, not_begun, passes, tmpfs_mount, volume_mount, with};

fn judge(check: &Value, mounts: &[Mount]) -> Verdict {
    let mut check = check.clone();
    check["container"] = json!("writer-1");
    World::new().container(with("writer-1", mounts)).judge(json!({"mount": check}))
}

fn read_only(mount: Mount) -> Mount {
    Mount { writable: false, ..mount }
}

#[test]
fn the_right_mount_is_right_in_every_form() {
    let volume = json!({"volume": "app-data", "at": "/data"});
    let bind = json!({"bind": "/tmp/dind", "at": "/dind"});
    let tmpfs = json!({"tmpfs": true, "at": "/cache"});
    let anonymous = json!({"anonymous": true, "at": "/data"});
    for (check, mount) in [
        (&volume, volume_mount("app-data", "/data")),
        (&volume, volume_mount("app-data", "/data/")),
        (&volume, volume_mount("app-data", "//x/../data/.")),
        (&volume, read_only(volume_mount("app-data", "/data"))),
        (&bind, bind_mount("/tmp/dind", "/dind")),
        (&bind, bind_mount("/tmp/./dind/", "/dind/")),
        (&bind, bind_mount("/host_mnt/tmp/dind", "/dind")),
        (&bind, bind_mount("/private/tmp/dind", "/dind")),
        (&tmpfs, tmpfs_mount("/cache")),
        (&tmpfs, tmpfs_mount("/cache/")),
        (&anonymous, volume_mount(MADE_UP, "/data")),
    ] {
        assert_eq!(judge(check, std::slice::from_ref(&mount)), passes(1_100), "{mount:?}");
        let among_others = [volume_mount("logs", "/logs"), mount];
        assert_eq!(judge(check, &among_others), passes(1_100), "{among_others:?}");
    }
}

#[test]
fn a_link_to_the_directory_is_the_directory() {
    let leads =
        |world: World, from: &str, to: &str| world.saw(Ask::RealPath(from.to_owned()), Fact::RealPath(to.to_owned()));
    let mounted = |source: &str| World::new().container(with("writer-1", &[bind_mount(source, "/dind")]));
    let wanted = json!({"mount": {"container": "writer-1", "bind": "/tmp/dind", "at": "/dind"}});
    let asked = ["/tmp/link", "/tmp/dind"].map(|path| Ask::RealPath(path.to_owned()));
    assert_eq!(check(wanted.clone()).asks_then(mounted("/tmp/link").facts()), asked);
    assert_eq!(check(wanted.clone()).asks_then(mounted("/tmp/dind").facts()), [], "there is nothing to be followed");
    let there = leads(leads(mounted("/tmp/link"), "/tmp/link", "/tmp/dind"), "/tmp/dind", "/tmp/dind");
    assert_eq!(there.judge(wanted.clone()), passes(1_100));
    let from_there = leads(leads(mounted("/srv/dind"), "/srv/dind", "/srv/dind"), "/tmp/dind", "/srv/dind");
    assert_eq!(from_there.judge(wanted.clone()), passes(1_100));
    let elsewhere = || leads(mounted("/tmp/link"), "/tmp/link", "/srv/x");
    let other = mistake(
        "wrong-source",
        "/tmp/dind at /dind",
        "host path /tmp/link at /dind",
        "Something else is mounted there: compare the sources.",
    );
    assert_eq!(leads(elsewhere(), "/tmp/dind", "/tmp/dind").judge(wanted.clone()), other);
    assert_eq!(elsewhere().no(Ask::RealPath("/tmp/dind".to_owned())).judge(wanted.clone()), other);
    let denied = CannotLook::new(Obstacle::Denied, "you may not read /tmp/link", "look at it");
    assert_eq!(mounted("/tmp/link").unseen(Ask::RealPath("/tmp/link".to_owned()), denied).judge(wanted), other);
}

#[test]
fn a_container_that_is_not_there_is_not_begun() {
    let world = World::new().no(Ask::Container("writer-1".to_owned()));
    for (check, expected) in [
        (json!({"container": "writer-1", "volume": "app-data", "at": "/data"}), "writer-1 has app-data at /data"),
        (
            json!({"container": "writer-1", "volume": "app-data", "at": "/data", "writable": false}),
            "writer-1 has app-data at /data, read-only",
        ),
        (
            json!({"container": "writer-1", "bind": "/tmp/dind", "at": "/d", "writable": true}),
            "writer-1 has /tmp/dind at /d, writable",
        ),
        (json!({"container": "writer-1", "tmpfs": true, "at": "/cache"}), "writer-1 has a tmpfs at /cache"),
        (json!({"container": "writer-1", "anonymous": true, "at": "/x"}), "writer-1 has an anonymous volume at /x"),
    ] {
        let judged = world.judge(json!({"mount": check}));
        assert_eq!(judged, not_begun(expected, "there is no container writer-1"));
    }
}

#[test]
fn the_right_thing_in_the_wrong_place_is_asked_for_its_destination() {
    let sentence = "Which part of the mount says where the container sees it? Mounts are fixed at creation.";
    for (check, mount, expected, seen) in [
        (
            json!({"volume": "app-data", "at": "/data"}),
            volume_mount("app-data", "/mnt"),
            "app-data at /data",
            "app-data at /mnt",
        ),
        (
            json!({"volume": "app-data", "at": "/data"}),
            volume_mount("app-data", "/data/sub"),
            "app-data at /data",
            "app-data at /data/sub",
        ),
        (json!({"tmpfs": true, "at": "/cache"}), tmpfs_mount("/tmp"), "a tmpfs at /cache", "a tmpfs at /tmp"),
    ] {
        assert_eq!(judge(&check, &[mount]), mistake("wrong-destination", expected, seen, sentence));
    }
}

#[test]
fn something_else_in_the_right_place_is_told_what_it_is() {
    let volume = json!({"volume": "app-data", "at": "/data"});
    let bind = json!({"bind": "/tmp/dind", "at": "/data"});
    let tmpfs = json!({"tmpfs": true, "at": "/data"});
    let anonymous = json!({"anonymous": true, "at": "/data"});
    let slash = "What does a slash at the start of the source say about it?";
    let no_slash = "A source without a slash is taken as a name. Of what?";
    let made_up = "The engine named this storage itself. Could you find it again?";
    let memory = "Memory or disk: which of them is to hold the data?";
    let new_name = "The engine makes a new volume for each name that it does not know. Compare the names.";
    let elsewhere = "A directory of that name, but elsewhere. Relative to which directory was it given?";
    let other = "Something else is mounted there: compare the sources.";
    for (check, mount, diagnosis, expected, seen, sentence) in [
        (&volume, bind_mount("/app-data", "/data"), "bind-instead-of-volume", "app-data", "host path /app-data", slash),
        (&volume, volume_mount("app_data", "/data"), "wrong-source", "app-data", "volume app_data", new_name),
        (&volume, volume_mount("app-data-2", "/data"), "wrong-source", "app-data", "volume app-data-2", new_name),
        (&volume, volume_mount(MADE_UP, "/data"), "anonymous-volume", "app-data", "an anonymous volume", made_up),
        (&volume, tmpfs_mount("/data"), "wrong-mount-type", "app-data", "a tmpfs", memory),
        (&bind, volume_mount("dind", "/data"), "volume-instead-of-bind", "/tmp/dind", "volume dind", no_slash),
        (&bind, volume_mount(MADE_UP, "/data"), "anonymous-volume", "/tmp/dind", "an anonymous volume", made_up),
        (&bind, bind_mount("/root/dind", "/data"), "other-directory", "/tmp/dind", "host path /root/dind", elsewhere),
        (&bind, bind_mount("/tmp/dnid", "/data"), "wrong-source", "/tmp/dind", "host path /tmp/dnid", other),
        (&bind, tmpfs_mount("/data"), "wrong-mount-type", "/tmp/dind", "a tmpfs", memory),
        (&tmpfs, volume_mount("app-data", "/data"), "wrong-mount-type", "a tmpfs", "volume app-data", memory),
        (&tmpfs, bind_mount("/tmp/x", "/data"), "wrong-mount-type", "a tmpfs", "host path /tmp/x", memory),
        (&anonymous, volume_mount("x", "/data"), "wrong-source", "an anonymous volume", "volume x", other),
        (&anonymous, tmpfs_mount("/data"), "wrong-mount-type", "an anonymous volume", "a tmpfs", memory),
    ] {
        let (expected, seen) = (format!("{expected} at /data"), format!("{seen} at /data"));
        assert_eq!(judge(check, &[mount]), mistake(diagnosis, &expected, &seen, sentence));
    }
}

#[test]
fn access_counts_where_it_is_asked_for() {
    let mount = volume_mount("app-data", "/data");
    let read = json!({"volume": "app-data", "at": "/data", "writable": false});
    let write = json!({"volume": "app-data", "at": "/data", "writable": true});
    assert_eq!(judge(&write, std::slice::from_ref(&mount)), passes(1_100));
    assert_eq!(judge(&read, &[read_only(mount.clone())]), passes(1_100));
    assert_eq!(
        judge(&read, std::slice::from_ref(&mount)),
        mistake(
            "writable-mount",
            "app-data at /data, read-only",
            "app-data is writable there",
            "Could this container still write to it? Look at the options of the mount."
        )
    );
    assert_eq!(
        judge(&write, &[read_only(mount)]),
        mistake(
            "read-only-mount",
            "app-data at /data, writable",
            "app-data is read-only there",
            "Look at the access that the mount was given."
        )
    );
}

#[test]
fn a_name_given_alone_is_a_place_and_not_a_source() {
    let check = json!({"volume": "app-data", "at": "/data"});
    for destination in ["app-data", "/app-data"] {
        let among_others = [volume_mount("logs", "/logs"), volume_mount(MADE_UP, destination)];
        assert_eq!(
            judge(&check, &among_others),
            mistake(
                "source-taken-for-destination",
                "app-data at /data",
                &format!("an anonymous volume at {destination}"),
                "A mount given as one word is only a place. Was that word the source or the destination?"
            )
        );
    }
}

#[test]
fn nothing_like_it_is_told_what_is_there() {
    let check = json!({"volume": "app-data", "at": "/data"});
    let compare = "Compare source and destination of the mount with the task's.";
    assert_eq!(
        judge(&check, &[volume_mount("logs", "/app-data")]),
        mistake("missing-mount", "app-data at /data", "volume logs at /app-data", compare)
    );
    let stays = "Mounts are given when a container is created, and stay.";
    assert_eq!(judge(&check, &[]), mistake("no-mount", "app-data at /data", "nothing is mounted in it", stays));
}
