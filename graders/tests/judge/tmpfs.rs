//! Memory that is mounted, and its limits; and a container that has nothing mounted.

use std::collections::BTreeMap;

use labrun_graders::Verdict;
use labrun_graders::fact::{Mount, Tmpfs, Volume};
use serde_json::{Value, json};

use crate::world::{World, bind_mount, mistake, passes, passes_undated, tmpfs_mount, volume_mount, with};

fn memory(options: &str) -> Mount {
    Mount { limits: Tmpfs::of_options(options), ..tmpfs_mount("/specials") }
}

fn judge(limits: &Value, mounts: &[Mount]) -> Verdict {
    let check = json!({"mount": {"container": "board", "tmpfs": limits, "at": "/specials"}});
    World::new().container(with("board", mounts)).judge(check)
}

/// What is wrong, by its name, and what is seen.
fn told(verdict: Verdict) -> (String, String) {
    match verdict {
        Verdict::Fail(feedback) => (feedback.diagnosis.unwrap_or_default().into_owned(), feedback.seen),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_spelling_of_a_limit_that_is_no_greater_will_do() {
    for options in ["size=4m", "size=4096k", "size=4194304", "size=2m", "size=3M", "mode=1777,size=1k", "nr_blocks=1k"]
    {
        assert_eq!(judge(&json!({"at_most": "4MiB"}), &[memory(options)]), passes(1_100), "{options}");
    }
    for options in ["", "size=4m", "size=1g", "size=10%"] {
        assert_eq!(judge(&json!(true), &[memory(options)]), passes(1_100), "{options}");
    }
    let exact = json!({"size": "16MiB", "inodes": 32});
    assert_eq!(judge(&exact, &[memory("size=16m,nr_inodes=32")]), passes(1_100));
    let other = Mount { destination: "/tmp".to_owned(), ..memory("size=1g") };
    assert_eq!(judge(&json!({"at_most": "4MiB"}), &[other, memory("size=4m")]), passes(1_100));
}

#[test]
fn no_limit_and_another_one_are_told_apart() {
    for (limits, options, name, seen) in [
        (json!({"at_most": "4MiB"}), "", "no-limit", "the tmpfs at /specials has no limit"),
        (json!({"at_most": "4MiB"}), "size=0", "no-limit", "the tmpfs at /specials has no limit"),
        (json!({"at_most": "4MiB"}), "size=5m", "other-limit", "the tmpfs at /specials may hold 5 MiB"),
        (json!({"at_most": "4MiB"}), "size=4097k", "other-limit", "the tmpfs at /specials may hold 4097 KiB"),
        (
            json!({"at_most": "4MiB"}),
            "size=1%",
            "other-limit",
            "the tmpfs at /specials may hold 1 % of the host's memory",
        ),
        (json!({"size": "16MiB"}), "size=15m", "other-limit", "the tmpfs at /specials may hold 15 MiB"),
        (json!({"inodes": 32}), "size=16m", "no-limit", "the tmpfs at /specials has no limit for its inodes"),
        (json!({"inodes": 32}), "nr_inodes=320", "other-limit", "the tmpfs at /specials may have 320 inodes"),
    ] {
        assert_eq!(told(judge(&limits, &[memory(options)])), (name.to_owned(), seen.to_owned()), "{limits} {options}");
    }
    assert_eq!(
        judge(&json!({"at_most": "4MiB"}), &[memory("")]),
        mistake(
            "no-limit",
            "a tmpfs of at most 4 MiB at /specials",
            "the tmpfs at /specials has no limit",
            "Without one, it can grow into half of the host's memory. A limit is given with the mount."
        )
    );
    let volume = judge(&json!({"at_most": "4MiB"}), &[volume_mount("x", "/specials")]);
    assert_eq!(told(volume).0, "wrong-mount-type");
    let elsewhere = Mount { destination: "/special".to_owned(), ..memory("size=4m") };
    assert_eq!(told(judge(&json!({"at_most": "4MiB"}), &[elsewhere])).0, "wrong-destination");
}

#[test]
fn a_volume_may_be_memory_with_limits() {
    let scratch = |options: &[(&str, &str)]| {
        let options: BTreeMap<String, String> =
            options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let volume = Volume { name: "scratch".to_owned(), options, ..Volume::default() };
        let limits = json!({"size": "16MiB", "inodes": 32});
        World::new().volume(volume).judge(json!({"volume": {"name": "scratch", "tmpfs": limits}}))
    };
    let memory = |o| [("type", "tmpfs"), ("device", "tmpfs"), ("o", o)];
    for o in ["size=16m,nr_inodes=32", "nr_inodes=32,size=16384k", "uid=1000,size=16m,nr_inodes=32"] {
        assert_eq!(scratch(&memory(o)), passes_undated(), "{o}");
    }
    for (options, name) in [
        (memory("size=16m,nr_inodes=320").as_slice(), "other-limit"),
        (&memory("size=160m,nr_inodes=32"), "other-limit"),
        (&memory("size=16m"), "no-limit"),
        (&memory("nr_inodes=32"), "no-limit"),
        (&[("type", "tmpfs"), ("device", "tmpfs")], "no-limit"),
        (&[], "wrong-mount-type"),
        (&[("type", "nfs"), ("o", "size=16m,nr_inodes=32")], "wrong-mount-type"),
    ] {
        assert_eq!(told(scratch(options)).0, name, "{options:?}");
    }
}

#[test]
fn a_container_without_a_mount_has_no_memory_mounted_either() {
    let judge = |mounts: &[Mount]| {
        World::new().container(with("board", mounts)).judge(json!({"container": {"name": "board", "mounts": "none"}}))
    };
    assert_eq!(judge(&[]), passes(1_100));
    for (mount, seen) in [
        (memory("size=4m"), "board has a tmpfs at /specials"),
        (volume_mount("menu", "/menu"), "board has volume menu at /menu"),
        (bind_mount("/srv", "/menu"), "board has host path /srv at /menu"),
    ] {
        assert_eq!(
            judge(&[mount]),
            mistake(
                "unwanted-mount",
                "container board is there, without a mount",
                seen,
                "In this step it is to do without. Mounts are given when a container is created, and stay."
            )
        );
    }
}
