//! Near misses that must not speak: a truth about another place or another try.

use std::collections::BTreeMap;

use labrun_graders::fact::{Everything, Mount, Volume};
use labrun_graders::{Ask, Fact, Place, Verdict};
use serde_json::json;

use crate::story::{Exec, exec};
use crate::world::{World, bind_mount, in_container, in_volume, volume_mount, with};

/// The diagnosis of a file check that fails, and what was seen.
fn diagnosis(verdict: Verdict) -> Option<String> {
    let Verdict::Fail(told) = verdict else { panic!("it is not right") };
    told.diagnosis.map(|name| name.to_string())
}

#[test]
fn a_host_that_has_the_file_shares_its_folder() {
    let pages = Mount { writable: false, ..bind_mount("/tmp/pages", "/www") };
    let command = ["sh", "-c", "echo two >> /www/index.html"];
    let world = World::new()
        .of_session("")
        .text(Place::Host, "/tmp/pages/index.html", "one\n")
        .text(in_container("web"), "/www/index.html", "one\n")
        .container(with("web", &[pages]))
        .reported(Exec { code: Some(1), ..exec("web", &command) }.entries())
        .saw(Ask::Changes("web".to_owned()), Fact::Changes(Vec::new()));
    let check = json!({"file": {"in": "host", "path": "/tmp/pages/index.html", "has_lines": ["one", "two"]}});
    assert_eq!(diagnosis(world.diagnose(check)).as_deref(), Some("read-only-mount"));
}

#[test]
fn a_refusal_that_came_before_the_newest_try_is_not_what_is_wrong() {
    let refused = Exec { at: 1_300, code: Some(1), ..exec("reader", &["sh", "-c", "echo two >> /notes/menu.txt"]) };
    let mistyped = exec("writer", &["sh", "-c", "echo two >> /notes/menue.txt"]);
    let world = World::new()
        .of_session("")
        .text(in_volume("notes"), "menu.txt", "one\n")
        .container(with("reader", &[Mount { writable: false, ..volume_mount("notes", "/notes") }]))
        .container(with("writer", &[volume_mount("notes", "/notes")]))
        .text(in_container("writer"), "/notes/menue.txt", "two\n")
        .reported([refused.entries(), mistyped.entries()].concat());
    let check = json!({"file": {"in": {"volume": "notes"}, "path": "menu.txt", "has_lines": ["one", "two"]}});
    assert_ne!(diagnosis(world.diagnose(check)).as_deref(), Some("read-only-mount"));
}

#[test]
fn a_labeled_volume_without_a_name_is_the_one_of_this_step() {
    let check = || json!({"volume": {"name": "notes", "labels": {"keep": "yes"}}});
    let keep = |value: &str| BTreeMap::from([("keep".to_owned(), value.to_owned())]);
    let world = |labels: BTreeMap<String, String>, created| {
        let made = Volume { name: "f".repeat(64), labels, created: Some(created), ..Volume::default() };
        let all = Fact::Everything(Everything { containers: vec![], volumes: vec![made] });
        diagnosis(
            World::new().of_session("").no(Ask::Volume("notes".to_owned())).saw(Ask::Everything, all).diagnose(check()),
        )
    };
    assert_eq!(world(keep("yes"), 1_500).as_deref(), Some("name-forgotten"));
    assert_eq!(world(keep("no"), 1_500), None, "another's");
    assert_eq!(world(BTreeMap::new(), 1_500), None, "a container's");
    assert_eq!(world(keep("yes"), -2_000_000_000), None, "an older one");
}
