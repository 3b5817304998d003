//! `file: { lacks, yaml, json }`: what a file must not have, and what a document has at a place.

use labrun_graders::{Obstacle, Place, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, file, mistake, passes_undated};

fn judge(text: &str, wanted: &Value) -> Verdict {
    let mut check = wanted.clone();
    check["in"] = json!("host");
    check["path"] = json!("/c");
    World::new().text(Place::Host, "/c", text).judge(json!({"file": check}))
}

fn wanted() -> Value {
    json!({"yaml": [
        {"at": "services.app.image", "is": "busybox"},
        {"at": "services.app.user", "is": "1000:1000"},
        {"at": "services.app.volumes", "has": "shop:/archive"},
        {"at": "services.app.labels", "has": ["tier=web", "com.example.x"]},
        {"at": "services.app", "lacks": "ports"},
    ]})
}

const RIGHT: &str = "services:\n  app:\n    image: busybox\n    user: 1000:1000\n    volumes:\n      - shop:/archive\n    \
                     labels:\n      tier: web\n      com.example.x: \"1\"\n";

#[test]
fn a_document_passes_however_it_is_written() {
    for text in [
        RIGHT.to_owned(),
        RIGHT.replace("  ", "    "),
        RIGHT.replace("- shop:/archive", "- \"shop:/archive\"").replace("1000:1000", "'1000:1000'"),
        RIGHT.replace("tier: web", "- tier=web").replace("com.example.x: \"1\"", "- com.example.x=1"),
        RIGHT.replace('\n', "\r\n"),
        "services: {app: {labels: [tier=web, com.example.x=], volumes: [\"shop:/archive\"], user: \"1000:1000\", image: busybox}}"
            .to_owned(),
    ] {
        assert_eq!(judge(&text, &wanted()), passes_undated(), "{text}");
    }
    let places = json!({"yaml": {"services.app.image": "busybox", "services.app.labels.\"com.example.x\"": "1"}});
    assert_eq!(judge(RIGHT, &places), passes_undated());
    let item = json!({"yaml": {"services.app.volumes.0": "shop:/archive"}});
    assert_eq!(judge(RIGHT, &item), passes_undated());
    let json = json!({"json": {"a.b": "1", "a.c": "true"}});
    assert_eq!(judge("{\"a\": {\"c\": true, \"b\": 1}}", &json), passes_undated());
    assert_eq!(judge("{\"a\": {\"c\": \"true\", \"b\": \"1\"}}", &json), passes_undated());
}

#[test]
fn what_differs_is_told_by_where_it_is() {
    let blanks = "In YAML, the blanks in front of a line say what it belongs to. Below which key is it?";
    let comment = "What comes after # is for people, and no program reads it.";
    let image = "services.app.image: busybox in /c on your host";
    let volumes = "shop:/archive in services.app.volumes in /c on your host";
    let compare = "The place is right, and its value is another one. Compare the two.";
    let entry = "The place is right, and one of its entries is missing or different. Compare them.";
    for (from, to, diagnosis, expected, seen, sentence) in [
        (
            "    image: busybox\n    user: 1000:1000\n",
            "    user: 1000:1000\n    build:\n      image: busybox\n",
            "misplaced-key",
            image,
            "line 5: it is at services.app.build.image, and not at services.app.image",
            blanks,
        ),
        (
            "    image: busybox\n",
            "    # image: busybox\n",
            "commented-out",
            image,
            "line 3: only a comment has it: # image: busybox",
            comment,
        ),
        (
            "    image: busybox\n",
            "    #image: \"busybox\"\n",
            "commented-out",
            image,
            "line 3: only a comment has it: # image: \"busybox\"",
            comment,
        ),
        ("image: busybox", "image: alpine", "other-value", image, "line 3: services.app.image: alpine", compare),
        (
            "image: busybox",
            "image: [busybox]",
            "other-value",
            image,
            "line 3: services.app.image is a list: busybox",
            compare,
        ),
        ("image: busybox", "image:", "other-value", image, "line 3: services.app.image: nothing", compare),
        (
            "    image: busybox",
            "    imag: busybox",
            "key-mistyped",
            image,
            "line 2: services.app has imag, and no image",
            "In imag, `e` after `imag` is missing. A key means something only as it is known.",
        ),
        (
            "  app:",
            "  apps:",
            "key-mistyped",
            image,
            "line 1: services has apps, and no app",
            "In apps, `s` after `app` is too much. A key means something only as it is known.",
        ),
        (
            "shop:/archive",
            "shop:/archives",
            "missing-entry",
            volumes,
            "line 5: services.app.volumes has shop:/archives",
            entry,
        ),
        (
            "- shop:/archive",
            "# - shop:/archive\n      - a:/b",
            "commented-out",
            volumes,
            "line 6: only a comment has it: # - shop:/archive",
            comment,
        ),
        (
            "    labels:",
            "    ports: []\n    labels:",
            "unwanted-value",
            "no ports in services.app in /c on your host",
            "line 2: services.app has image: busybox, user: 1000:1000, volumes, ports and 1 more",
            "Something is there that should not be.",
        ),
    ] {
        let text = RIGHT.replace(from, to);
        assert_ne!(text, RIGHT);
        assert_eq!(judge(&text, &wanted()), mistake(diagnosis, expected, seen, sentence), "{text}");
    }
}

#[test]
fn a_key_that_is_missing_is_named_with_what_is_there() {
    let sentence = "Something of it is there. What else does the task want, and below which key?";
    let missing = |expected: &str, seen: &str| mistake("missing-entry", expected, seen, sentence);
    let expected = "services.app.user: 1000:1000 in /c on your host";
    let seen = "line 2: services.app has image: busybox, and no user";
    assert_eq!(judge("services:\n  app:\n    image: busybox\n", &wanted()), missing(expected, seen));
    let seen = "the file has version: 3, and no services";
    assert_eq!(judge("version: \"3\"\n", &wanted()), missing("services.app.image: busybox in /c on your host", seen));
}

#[test]
fn one_of_several_values_and_nothing_else_beside_it() {
    let wanted =
        json!({"yaml": [{"at": "a.image", "is": ["busybox", "busybox:latest"]}, {"at": "a.list", "only": ["x", "y"]}]});
    for text in ["a: {image: busybox, list: [x, y]}", "a: {image: \"busybox:latest\", list: {y: 1, x: 2}}"] {
        assert_eq!(judge(text, &wanted), passes_undated(), "{text}");
    }
    let compare = "The place is right, and its value is another one. Compare the two.";
    let image = "a.image: busybox or busybox:latest in /c on your host";
    let verdict = mistake("other-value", image, "line 1: a.image: alpine", compare);
    assert_eq!(judge("a: {image: alpine, list: [x, y]}", &wanted), verdict);
    let (list, entry) = (
        "only x, y in a.list in /c on your host",
        "The place is right, and one of its entries is missing or different. Compare them.",
    );
    let verdict = mistake("missing-entry", list, "line 1: a.list has x, z", entry);
    assert_eq!(judge("a: {image: busybox, list: [x, z]}", &wanted), verdict);
    let besides = "What the task asks for is there, and something else besides. What is too much?";
    let verdict = mistake("unwanted-value", list, "line 2: a.list has x, y, z", besides);
    assert_eq!(judge("a: {image: busybox,\n list: [x, y, z]}", &wanted), verdict);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    for (text, wanted, diagnosis, line) in [
        ("a: 1\nb: c: d\n", json!({"yaml": {"a": "1"}}), "not-yaml", 2),
        ("a: 1\na: 1\n", json!({"yaml": {"a": "1"}}), "not-yaml", 2),
        ("{\n\"a\": 1,}\n", json!({"json": {"a": "1"}}), "not-json", 2),
        ("a: 1\n", json!({"json": {"a": "1"}}), "not-json", 1),
    ] {
        let Verdict::Fail(feedback) = judge(text, &wanted) else { panic!("{text}") };
        assert_eq!(feedback.diagnosis.as_deref(), Some(diagnosis), "{text}");
        let begins = format!("line {line} of /c on your host cannot be read: ");
        assert!(feedback.seen.starts_with(&begins) && feedback.seen.len() > begins.len(), "{}", feedback.seen);
    }
    let Verdict::Fail(feedback) = judge("\n", &wanted()) else { panic!("empty") };
    assert_eq!(feedback.diagnosis.as_deref(), Some("empty-file"));
}

#[test]
fn a_file_that_is_too_large_to_read_is_nobodys_mistake() {
    let large = labrun_graders::fact::File { size: 2_000_000, ..file(labrun_graders::fact::FileKind::Regular, None) };
    let what = "/c on your host has 2000000 bytes; so much is not read";
    for wanted in [json!({"lacks": "a"}), json!({"yaml": {"a": "b"}})] {
        let mut check = wanted.clone();
        check["in"] = json!("host");
        check["path"] = json!("/c");
        let verdict = World::new().file(Place::Host, "/c", large.clone()).judge(json!({"file": check}));
        assert_eq!(verdict, cannot(Obstacle::TooLarge, what, "make it smaller: the task needs a few lines"));
    }
}

#[test]
fn a_text_that_should_not_be_there_is_told_with_its_line() {
    let sentence = "The file has something that should not be in it. How did it get there?";
    for (unwanted, verdict) in [
        (json!("b"), mistake("unwanted-text", "/c on your host lacks b", "it holds: ab", sentence)),
        (json!(["x", "c"]), mistake("unwanted-text", "/c on your host lacks c", "it holds: cd", sentence)),
        (json!("x"), passes_undated()),
        (json!(["B", "bc"]), passes_undated()),
    ] {
        assert_eq!(judge("ab\ncd\n", &json!({"lacks": unwanted})), verdict, "{unwanted}");
    }
}
