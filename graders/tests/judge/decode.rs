//! From what an author wrote to a check: every fault at once, each at its place.

use labrun_graders::decode::{Decode, Faults, nearest};
use labrun_graders::name::{Name, NameKind, Text, Visitor};
use labrun_graders::{Check, KINDS};
use serde_json::json;

use crate::node::Written;
use crate::world::check;

/// The faults of checks that an author wrote so, in the order in which they are told.
fn faults(json: &str) -> Vec<String> {
    let written = Written::text(json);
    let mut faults = Faults::default();
    let decoded = Vec::<Check>::decode(&written.node, &mut faults);
    assert!(decoded.is_some() || !faults.0.is_empty(), "what cannot be read has a fault");
    faults.0.iter().map(|fault| written.told(fault)).collect()
}

#[test]
fn all_faults_of_a_file_are_told_at_once_in_their_places() {
    let told = faults(
        r#"[
            {"volum": {"name": "app-data"}},
            {"volume": {"nam": "app-data", "labels": {"a": 1, "b": true, "a": "x"}}},
            {"container": {"name": "c", "state": "runing", "image": ""}},
            {"mount": {"container": 7, "volume": "v", "bind": "dind", "at": "data", "writable": "no"}},
            {"file": {"in": {"container": "c", "volume": "v"}, "path": "x", "has_lines": [], "is": "dir"}},
            {"answer": {"in": "hots", "path": "x", "line": 0}}
        ]"#,
    );
    assert_eq!(
        told,
        [
            "unknown-check at 0.volum:: there is no check called `volum` (did you mean `volume`?)",
            "missing-key at 1.volume: a `volume` check has no `name`",
            "wrong-type at 1.volume.labels.a: text is wanted here; this is a number (put it in quotes)",
            "wrong-type at 1.volume.labels.b: text is wanted here; this is true or false (put it in quotes)",
            "duplicate-key at 1.volume.labels.a:: `a` stands twice in `labels` (keep one)",
            "unknown-key at 1.volume.nam:: a `volume` check has no key `nam` (did you mean `name`?)",
            "unknown-value at 2.container.state: a container is never `runing` (did you mean `running`?)",
            "empty-matcher at 2.container.image: this text is empty",
            "wrong-type at 3.mount.container: text is wanted here; this is a number (put it in quotes)",
            "wrong-value at 3.mount.bind: this path is to be absolute: it begins with a slash",
            "wrong-value at 3.mount.at: this path is to be absolute: it begins with a slash",
            "wrong-type at 3.mount.writable: true or false is wanted here; this is text",
            "conflicting-keys at 3.mount: a `mount` check has only one of `volume`, `bind`, `tmpfs`, `anonymous`",
            "conflicting-keys at 4.file.in: `in` has only one of `container`, `volume`",
            "unknown-value at 4.file.is: a path is never `dir` (known here: file, directory, absent)",
            "empty-matcher at 4.file.has_lines: this list is empty",
            "missing-key at 5.answer: an `answer` check has no `ask`",
            "wrong-type at 5.answer.in: `in` is `host`, `{ container: … }` or `{ volume: … }`; this is text",
            "wrong-value at 5.answer.line: lines are counted from 1",
        ]
    );
}

#[test]
fn the_faults_of_limits_units_and_moments_point_at_the_words() {
    let told = faults(
        r#"[
            {"mount": {"container": "c", "tmpfs": {"at_most": "4MB", "size": 4, "inodes": 0}, "at": "/x"}},
            {"mount": {"container": "c", "tmpfs": {}, "at": "/x"}},
            {"mount": {"container": "c", "tmpfs": false, "at": "/x"}},
            {"container": {"name": "c", "mounts": "non", "restarted": "yes", "same_since": "Step 1"}},
            {"question": {"ask": "q", "number": 4, "unit": "MB"}},
            {"question": {"ask": "q", "accepts": ["4"], "unit": "MiB"}},
            {"answer": {"ask": "q", "volume": "v", "mount": "data", "field": "Name"}}
        ]"#,
    );
    assert_eq!(
        told,
        [
            "wrong-value at 0.mount.tmpfs.at_most: `4MB` is no amount of memory (write a whole number and one of: B, \
             KiB, MiB, GiB)",
            "wrong-type at 0.mount.tmpfs.size: an amount with its unit is wanted here, such as `4MiB`; this is a number",
            "wrong-value at 0.mount.tmpfs.inodes: `inodes` is from 1 to 4294967295",
            "empty-matcher at 1.mount.tmpfs: `tmpfs` asks for nothing (give one of: at_most, size, inodes)",
            "empty-matcher at 2.mount.tmpfs: `tmpfs: false` asks for nothing (leave `tmpfs` out)",
            "wrong-type at 3.container.restarted: true or false is wanted here; this is text",
            "unknown-value at 3.container.mounts: `mounts` is never `non`: a mount has a check of its own, `mount` (did \
             you mean `none`?)",
            "wrong-value at 3.container.same_since: no step is called `Step 1` (write `start`, or the id of an earlier \
             step)",
            "unknown-value at 4.question.unit: there is no unit `MB` for an answer (did you mean `MiB`?)",
            "conflicting-keys at 5.question.unit: only a `number` has a `unit`",
            "wrong-value at 6.answer.mount: this path is to be absolute: it begins with a slash",
            "conflicting-keys at 6.answer.mount: only a `container` has a `mount`",
        ]
    );
}

#[test]
fn a_check_is_a_mapping_with_one_key() {
    for (json, told) in [
        (r#"["volume"]"#, "wrong-type at 0: a check is a mapping with one key, its kind; this is text"),
        ("[{}]", "wrong-type at 0: a check has one key, its kind; this has 0"),
        (
            r#"[{"volume": {"name": "a"}, "image": {"name": "b"}}]"#,
            "wrong-type at 0: a check has one key, its kind; this has 2",
        ),
        (r#"[{"volume": null}]"#, "wrong-type at 0.volume: a `volume` check is a mapping; this is nothing"),
        (r#"[{"any": []}]"#, "empty-matcher at 0.any: this list is empty"),
        (r#"[{"any": {"volume": {"name": "a"}}}]"#, "wrong-type at 0.any: a list is wanted here; this is a mapping"),
        (
            r#"[{"any": [{"zebra": 1}]}]"#,
            "unknown-check at 0.any.0.zebra:: there is no check called `zebra` (known here: volume, container, mount, \
             image, file, exec, run, typed, removed, inspect, answer, question, http, port, network, logs, any, if_seen)",
        ),
        ("[]", "empty-matcher at the top: this list is empty"),
        ("3", "wrong-type at the top: a list is wanted here; this is a number"),
    ] {
        assert_eq!(faults(json), [told], "{json}");
    }
}

#[test]
fn a_check_that_asks_for_nothing_is_a_fault() {
    for (json, told) in [
        (
            r#"{"mount": {"container": "c", "at": "/x"}}"#,
            "0.mount: a `mount` check asks for nothing (give one of: volume, bind, tmpfs, anonymous)",
        ),
        (
            r#"{"mount": {"container": "c", "at": "/x", "tmpfs": false}}"#,
            "0.mount.tmpfs: `tmpfs: false` asks for nothing (leave `tmpfs` out)",
        ),
        (
            r#"{"exec": {"container": "c"}}"#,
            "0.exec: an `exec` check asks for nothing (give one of: reads, writes, runs)",
        ),
        (r#"{"run": {"image": "i", "at": "/x"}}"#, "0.run: a `run` check asks for nothing (give one of: volume, bind)"),
        (r#"{"typed": {"wants": "w"}}"#, "0.typed: a `typed` check asks for nothing (give one of: runs, reads)"),
        (
            r#"{"removed": {}}"#,
            "0.removed: a `removed` check asks for nothing (give one of: container, volume, network, image)",
        ),
        (r#"{"file": {"in": {}, "path": "/x"}}"#, "0.file.in: `in` asks for nothing (give one of: container, volume)"),
        (r#"{"volume": {"name": "v", "labels": {}}}"#, "0.volume.labels: this mapping is empty"),
        (r#"{"volume": {"name": "  "}}"#, "0.volume.name: this text is empty"),
        (r#"{"typed": {"wants": "w", "runs": [""]}}"#, "0.typed.runs.0: this text is empty"),
    ] {
        assert_eq!(faults(&format!("[{json}]")), [format!("empty-matcher at {told}")], "{json}");
    }
}

#[test]
fn keys_that_cannot_stand_together_are_a_fault() {
    for (json, told) in [
        (
            r#"{"exec": {"container": "c", "reads": "/x", "runs": "cat"}}"#,
            "conflicting-keys at 0.exec: an `exec` check has only one of `reads`, `writes`, `runs`",
        ),
        (
            r#"{"run": {"image": "i", "volume": "v", "bind": "/b", "at": "/x"}}"#,
            "conflicting-keys at 0.run: a `run` check has only one of `volume`, `bind`",
        ),
        (
            r#"{"removed": {"container": "c", "image": "i"}}"#,
            "conflicting-keys at 0.removed: a `removed` check has only one of `container`, `volume`, `network`, `image`",
        ),
        (
            r#"{"file": {"in": "host", "path": "/x", "is": "absent", "contains": "x"}}"#,
            "conflicting-keys at 0.file: only a file has content: with `is: file` or without `is` stand `has_lines`, \
             `lines`, `contains`, `lacks`, `archive`, `sums`, `yaml` and `json`",
        ),
        (
            r#"{"answer": {"ask": "a", "in": "host", "path": "/x", "field": "F"}}"#,
            "unknown-key at 0.answer.field:: an `answer` check has no key `field` (known here: ask, in, path, line)",
        ),
        (
            r#"{"image": {"name": "a", "name": "b"}}"#,
            "duplicate-key at 0.image.name:: `name` stands twice in an `image` check (keep one)",
        ),
    ] {
        assert_eq!(faults(&format!("[{json}]")), [told], "{json}");
    }
}

#[test]
fn what_a_file_with_a_format_cannot_have_is_a_fault() {
    for (wanted, told) in [
        (
            r#""mode": "0850""#,
            "wrong-value at 0.file.mode: `0850` is no mode: it has three or four digits from 0 to 7, such as `0750`",
        ),
        (r#""mode": 750"#, "wrong-type at 0.file.mode: text is wanted here; this is a number (put it in quotes)"),
        (
            r#""owner": "app""#,
            "wrong-value at 0.file.owner: `app` is no owner: give numbers, such as `1000:1000` (of names, only `root` has \
             the same number everywhere)",
        ),
        (r#""is": "absent", "mode": "0750""#, "conflicting-keys at 0.file: what is gone has no `mode` and no `owner`"),
        (
            r#""archive": {}"#,
            "empty-matcher at 0.file.archive: `archive` asks for nothing (give one of: has, lacks, compressed)",
        ),
        (
            r#""archive": {"has": [{"member": "a", "line": ["b"]}]}"#,
            "unknown-key at 0.file.archive.has.0.line:: a member has no key `line` (did you mean `lines`?)",
        ),
        (
            r#""archive": {"has": ["../a"]}"#,
            "wrong-value at 0.file.archive.has.0: this path leads up: write it without `..`",
        ),
        (
            r#""sums": {"algorithm": "sha1", "of": ["a"]}"#,
            "unknown-value at 0.file.sums.algorithm: labrun makes no sums of `sha1` (did you mean `sha512`?)",
        ),
        (r#""sums": {"algorithm": "sha256"}"#, "missing-key at 0.file.sums: `sums` has no `of`"),
        (
            r#""sums": {"algorithm": "sha256", "of": ["/a"]}"#,
            "wrong-value at 0.file.sums.of.0: this path is to be relative to the directory of the file of checksums",
        ),
        (
            r#""yaml": {"a..b": "c"}"#,
            "wrong-value at 0.file.yaml.a..b:: `a..b` is no place in a document: it has keys with single dots between \
             them (put a key that has a dot in quotes)",
        ),
        (
            r#""yaml": [{"at": "a"}]"#,
            "empty-matcher at 0.file.yaml.0: an entry asks for nothing (give one of: is, has, only, lacks)",
        ),
        (
            r#""json": [{"at": "a", "is": "b", "has": "c"}]"#,
            "conflicting-keys at 0.file.json.0: an entry has only one of `is`, `has`, `only`, `lacks`",
        ),
        (r#""json": {}"#, "empty-matcher at 0.file.json: this mapping is empty"),
        (
            r#""yaml": "a""#,
            "wrong-type at 0.file.yaml: `yaml` is a mapping from places to values, or a list; this is text",
        ),
        (r#""lacks": []"#, "empty-matcher at 0.file.lacks: this list is empty"),
    ] {
        assert_eq!(faults(&format!(r#"[{{"file": {{"in": "host", "path": "/x", {wanted}}}}}]"#)), [told], "{wanted}");
    }
}

#[test]
fn a_path_is_absolute_but_in_a_volume() {
    let absolute = "this path is to be absolute: it begins with a slash";
    for (json, place) in [
        (r#"{"file": {"in": "host", "path": "x"}}"#, "0.file.path"),
        (r#"{"file": {"in": {"container": "c"}, "path": "./x"}}"#, "0.file.path"),
        (r#"{"run": {"image": "i", "bind": "b", "at": "/x"}}"#, "0.run.bind"),
        (r#"{"run": {"image": "i", "volume": "v", "at": "x"}}"#, "0.run.at"),
        (r#"{"typed": {"wants": "w", "reads": "x"}}"#, "0.typed.reads"),
    ] {
        assert_eq!(faults(&format!("[{json}]")), [format!("wrong-value at {place}: {absolute}")], "{json}");
    }
    assert_eq!(faults(r#"[{"file": {"in": {"volume": "v"}, "path": "x"}}]"#), Vec::<String>::new());
}

#[test]
fn ports_addresses_networks_and_logs_that_could_never_be_are_faults() {
    for (json, told) in [
        (
            r#"{"port": {"container": "c", "port": 0, "protocol": "tpc", "address": "localhost"}}"#,
            &[
                "wrong-value at 0.port.port: `port` is from 1 to 65535",
                "unknown-value at 0.port.protocol: a port is never of `tpc` (did you mean `tcp`?)",
                "wrong-value at 0.port.address: `localhost` is no address, such as 127.0.0.1",
            ][..],
        ),
        (
            r#"{"port": {"container": "c", "port": 80, "host_port": 65536}}"#,
            &["wrong-value at 0.port.host_port: `host_port` is from 1 to 65535"],
        ),
        (
            r#"{"network": {"name": "n", "internal": "yes", "labels": {}, "containers": []}}"#,
            &[
                "wrong-type at 0.network.internal: true or false is wanted here; this is text",
                "empty-matcher at 0.network.labels: this mapping is empty",
                "empty-matcher at 0.network.containers: this list is empty",
            ],
        ),
        (
            r#"{"logs": {"container": "c", "stream": "stdot"}}"#,
            &[
                "unknown-value at 0.logs.stream: a process has no stream `stdot` (did you mean `stdout`?)",
                "empty-matcher at 0.logs: a `logs` check asks for nothing (give one of: has_lines, contains, lacks)",
            ],
        ),
    ] {
        assert_eq!(faults(&format!("[{json}]")), told, "{json}");
    }
}

#[test]
fn an_expression_that_cannot_be_understood_is_a_fault() {
    assert_eq!(
        faults(r#"[{"inspect": {"volume": "v", "that": "Driver ==", "wants": "w"}}]"#),
        ["faulty-expression at 0.inspect.that: this expression cannot be understood \
             (syntax error: unexpected end of input, expected expression)"]
    );
    let long = "x".repeat(1025);
    assert_eq!(
        faults(&format!(r#"[{{"answer": {{"ask": "a", "volume": "v", "field": "{long}"}}}}]"#)),
        ["faulty-expression at 0.answer.field: this expression cannot be understood \
             (an expression has at most 1024 bytes; this one has 1025)"]
    );
}

#[test]
fn the_nearest_word_is_meant_if_it_is_near_at_all() {
    let known = ["volume", "container", "mount"];
    for (word, meant) in [
        ("volum", Some("volume")),
        ("Volume", Some("volume")),
        ("conatiner", Some("container")),
        ("zebra", None),
        ("", None),
    ] {
        assert_eq!(nearest(word, known), meant, "{word}");
    }
}

/// Writes down what it comes by.
#[derive(Default)]
struct Seen(Vec<String>);

impl Visitor for Seen {
    fn name(&mut self, name: &mut Name) {
        self.0.push(format!("{} {name}", name.kind.word()));
        name.text = format!("ada-{name}");
    }

    fn text(&mut self, text: &mut Text) {
        self.0.push(format!("text {text}"));
    }

    fn step(&mut self, id: &Text) {
        self.0.push(format!("step {id}"));
    }
}

#[test]
fn a_check_shows_its_names_and_texts_to_be_mapped() {
    for (json, seen) in [
        (json!({"volume": {"name": "v", "driver": "d"}}), ["volume v"].as_slice()),
        (json!({"container": {"name": "c", "image": "i"}}), &["container c", "image i"]),
        (json!({"mount": {"container": "c", "volume": "v", "at": "/x"}}), &["container c", "volume v"]),
        (json!({"mount": {"container": "c", "bind": "/b", "at": "/x"}}), &["container c", "path /b"]),
        (json!({"mount": {"container": "c", "tmpfs": true, "at": "/x"}}), &["container c"]),
        (json!({"volume": {"name": "v", "same_since": "make"}}), &["volume v", "step make"]),
        (json!({"container": {"name": "c", "same_since": "make"}}), &["container c", "step make"]),
        (
            json!({"mount": {"container": "c", "tmpfs": {"at_most": "4MiB"}, "at": "/x", "same_since": "make"}}),
            &["container c", "step make"],
        ),
        (json!({"container": {"name": "c", "same_since": "start"}}), &["container c"]),
        (
            json!({"answer": {"ask": "a", "container": "c", "mount": "/x", "field": "f"}}),
            &["text a", "container c", "text f"],
        ),
        (json!({"image": {"name": "i"}}), &["image i"]),
        (
            json!({"file": {"in": "host", "path": "/p", "has_lines": ["a"], "contains": "b"}}),
            &["path /p", "text a", "text b"],
        ),
        (json!({"file": {"in": {"container": "c"}, "path": "/p"}}), &["container c"]),
        (
            json!({"file": {"in": "host", "path": "/p", "lacks": "a", "sums": {"algorithm": "sha256", "of": ["b"]}, "archive": {
                "has": ["c", {"member": "d", "has_lines": ["e"]}], "lacks": ["f"],
            }, "yaml": [{"at": "g", "has": ["h"]}], "json": {"i": "j"}}}),
            &[
                "path /p", "text a", "text c", "text d", "text e", "text f", "text b", "text g", "text h", "text i",
                "text j",
            ],
        ),
        (json!({"exec": {"container": "c", "reads": "/x"}}), &["container c", "text /x"]),
        (json!({"exec": {"container": "c", "writes": "/x/"}}), &["container c", "text /x/"]),
        (
            json!({"run": {"image": "i", "bind": "/b", "at": "/x", "reads": "/x/y"}}),
            &["image i", "path /b", "text /x/y"],
        ),
        (json!({"typed": {"wants": "w", "runs": ["a"], "reads": "/p"}}), &["text w", "text a", "path /p"]),
        (json!({"removed": {"network": "n"}}), &["network n"]),
        (
            json!({"inspect": {"volume": "v", "that": "a", "wants": "w", "says": "s"}}),
            &["volume v", "text a", "text w", "text s"],
        ),
        (json!({"answer": {"ask": "a", "volume": "v", "field": "f"}}), &["text a", "volume v", "text f"]),
        (json!({"any": [{"image": {"name": "i"}}, {"image": {"name": "j"}}]}), &["image i", "image j"]),
        (json!({"if_seen": {"image": {"name": "i"}}}), &["image i"]),
    ] {
        let mut visitor = Seen::default();
        check(json.clone()).visit(&mut visitor);
        assert_eq!(visitor.0, seen, "{json}");
    }
}

#[test]
fn a_mapped_name_is_the_one_that_is_asked_for() {
    let mut mapped = check(json!({"volume": {"name": "app-data"}}));
    mapped.visit(&mut Seen::default());
    assert_eq!(mapped.wants(), "volume ada-app-data exists");
    assert_eq!(mapped.asks(), [labrun_graders::Ask::Volume("ada-app-data".to_owned())]);
}

#[test]
fn every_kind_of_check_and_of_name_has_its_own_word() {
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(
        kinds,
        [
            "volume",
            "container",
            "mount",
            "image",
            "file",
            "exec",
            "run",
            "typed",
            "removed",
            "inspect",
            "answer",
            "question",
            "http",
            "port",
            "network",
            "logs",
            "any",
            "if_seen"
        ]
    );
    for kind in [NameKind::Container, NameKind::Volume, NameKind::Network, NameKind::Image, NameKind::Path] {
        assert_eq!(NameKind::from_word(kind.word()), Some(kind));
    }
    assert_eq!(NameKind::from_word("step"), None);
}

#[test]
fn the_keys_of_commands_point_at_what_is_wrong_in_them() {
    for (json, told) in [
        (
            r#"{"exec": {"container": "c", "runs": "ls", "after": "restarted"}}"#,
            "unknown-value at 0.exec.after: no container's event is called `restarted` (did you mean `restart`?)",
        ),
        (
            r#"{"exec": {"container": "c", "runs": "ls", "after": ["stop", "exec"]}}"#,
            "unknown-value at 0.exec.after.1: no container's event is called `exec` (known here: create, start, restart, \
             stop, kill, die, pause, unpause, rename, update)",
        ),
        (
            r#"{"exec": {"container": "c", "runs": "ls", "after": []}}"#,
            "empty-matcher at 0.exec.after: this list is empty",
        ),
        (
            r#"{"exec": {"container": "c", "runs": "ls", "args": "-l"}}"#,
            "wrong-type at 0.exec.args: a list is wanted here; this is text",
        ),
        (
            r#"{"exec": {"container": "c", "runs": "head", "args": ["-n", 2]}}"#,
            "wrong-type at 0.exec.args.1: text is wanted here; this is a number (put it in quotes)",
        ),
        (
            r#"{"exec": {"container": "c", "reads": "/x", "args": ["-n"]}}"#,
            "unknown-key at 0.exec.args:: an `exec` check has no key `args` (known here: container, reads, writes, runs, fails, \
             after, follows)",
        ),
        (
            r#"{"exec": {"container": "c", "runs": "ls", "fails": false}}"#,
            "empty-matcher at 0.exec.fails: `fails: false` asks for nothing (leave `fails` out)",
        ),
        (
            r#"{"typed": {"wants": "w", "runs": ["df"], "after": "restart"}}"#,
            "wrong-type at 0.typed.after: `after` is a mapping; this is text",
        ),
        (
            r#"{"typed": {"wants": "w", "runs": ["df"], "after": {"container": "c"}}}"#,
            "missing-key at 0.typed.after: `after` has no `event`",
        ),
    ] {
        assert_eq!(faults(&format!("[{json}]")), [told], "{json}");
    }
}
