//! `exec`: what was to be done in a container was done in a temporary one, on the host, or by copying.

use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::{Feedback, Verdict};
use serde_json::{Value, json};

use crate::story::{Run, line, ran};
use crate::world::{World, container, mistake, not_begun};

const WANTS: &str = "tar was run in writer-1";

fn check() -> Value {
    json!({"exec": {"container": "writer-1", "runs": "tar"}})
}

fn told(prefix: &str, entries: Vec<Entry>, lines: Vec<TypedLine>) -> Verdict {
    World::new().of_session(prefix).container(container("writer-1")).reported(entries).typed(lines).diagnose(check())
}

fn untouched() -> Verdict {
    not_begun(WANTS, "nothing has run in writer-1 since")
}

const TAR: [&str; 4] = ["tar", "-cf", "/check/x.tar", "."];

#[test]
fn a_temporary_container_is_another_container() {
    let elsewhere = mistake(
        "wrong-container",
        WANTS,
        "`tar -cf /check/x.tar .` ran in brave_hare",
        "That was in brave_hare. Which container does the step name?",
    );
    let typed = |text: &str| vec![line(1_600, text, 0)];
    assert_eq!(told("", ran(&TAR).entries(), typed("docker run --rm -v app-data:/check busybox tar x")), elsewhere);
    let volume = ("volume", "ada-app-data", "/check");
    let ours = Run { mounts: &[volume], ..ran(&TAR) }.entries();
    assert_eq!(told("ada-", ours, Vec::new()), elsewhere, "it had the lab's volume");
    let bare = Run { mounts: &[], ..ran(&TAR) };
    assert_eq!(told("ada-", bare.entries(), typed("docker run --rm busybox tar x")), elsewhere, "it was typed so");
    assert_eq!(told("ada-", bare.entries(), Vec::new()), untouched(), "it may be anybody's");
    let gone = mistake(
        "wrong-container",
        WANTS,
        "`tar -tf /x.tar` ran in a container of its own",
        "That was a new container. Which one does the step name?",
    );
    assert_eq!(told("ada-", Vec::new(), typed("docker run --rm busybox tar -tf /x.tar")), gone, "it was gone at once");
    assert_ne!(told("ada-", Vec::new(), typed("docker run --rm busybox ls")), gone);
    let listed = json!({"exec": {"container": "writer-1", "runs": "ls", "args": ["/check"]}});
    let within = Run { working_dir: "/check", ..ran(&["ls"]) }.entries();
    let world = World::new().of_session("").container(container("writer-1")).reported(within).typed(Vec::new());
    let told_of = world.diagnose(listed);
    let is_elsewhere = |it: &Feedback| it.diagnosis.as_deref() == Some("wrong-container");
    assert!(matches!(&told_of, Verdict::Fail(it) if is_elsewhere(it)), "where it ran is known: {told_of:?}");
    assert_eq!(told("", ran(&["ls"]).entries(), typed("docker run --rm busybox ls")), untouched());
    let earlier = Run { at: 900, ..ran(&TAR) }.entries();
    assert_eq!(told("", earlier, Vec::new()), untouched());
}

#[test]
fn the_hosts_own_program_is_not_the_containers() {
    let by = |text: &str| told("", Vec::new(), vec![line(1_600, text, 0)]);
    for text in ["tar -cf /tmp/x.tar /tmp", "cd /tmp && tar -cf x.tar ."] {
        let seen = format!("`{text}` ran on your host");
        let sentence = "The step wants it done inside writer-1. Which command runs one in a container?";
        assert_eq!(by(text), mistake("not-from-inside", WANTS, &seen, sentence));
    }
    assert_eq!(by("echo tar"), untouched());
    assert_eq!(by("false && tar x"), untouched());
}

#[test]
fn copying_out_or_in_is_nothing_done_inside() {
    let by = |text: &str, code| told("", Vec::new(), vec![line(1_600, text, code)]);
    let seen = "docker cp copied from or to writer-1, from outside";
    let sentence = "The step wants it done inside writer-1. Which command runs one in a container?";
    assert_eq!(by("docker cp writer-1:/data - > x.tar", 0), mistake("not-from-inside", WANTS, seen, sentence));
    assert_eq!(by("docker container cp x.tar writer-1:/data", 0).word(), "fail");
    assert_eq!(by("docker cp writer-2:/data .", 0), untouched());
    assert_eq!(by("docker cp writer-1:/data .", 1), untouched(), "it was refused");
}
