//! Diagnoses of an author's own: an expression over what the engine says of an object, and a sentence.

use labrun_graders::decode::{Decode, Faults};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Own, Verdict};
use serde_json::{Value, json};

use crate::node::Written;
use crate::world::{World, container, engine_down, mistake, not_begun, target};

const SAYS: &str = "A limit keeps one container from starving the others. Does this one have any?";

fn decode(json: Value) -> (Option<Own>, Vec<String>) {
    let written = Written::value(json);
    let mut faults = Faults::default();
    let own = Own::decode(&written.node, &mut faults);
    (own, faults.0.iter().map(|fault| written.told(fault)).collect())
}

fn unlimited(that: &str) -> Value {
    json!({"name": "no-cap", "when": {"container": "writer-1"}, "that": that, "says": SAYS})
}

fn own(that: &str) -> Own {
    let (own, faults) = decode(unlimited(that));
    assert_eq!(faults, Vec::<String>::new());
    own.expect("it has no faults")
}

fn world() -> World {
    let description = json!({"HostConfig": {"Memory": 0}});
    World::new().container(container("writer-1")).described(NameKind::Container, "writer-1", description)
}

fn paused() -> Value {
    json!({"container": {"name": "writer-1", "state": "paused"}})
}

fn judged() -> Verdict {
    mistake("other-state", "writer-1 is paused", "writer-1 is running", "Which state does the task ask for?")
}

#[test]
fn an_authors_own_diagnosis_speaks_with_the_first_check_that_failed() {
    let fits = own("HostConfig.Memory == 0");
    let there = json!({"container": {"name": "writer-1"}});
    let verdicts = world().diagnose_all(&[there, paused(), paused()], &[own("false"), fits, own("true")]);
    assert!(verdicts[0].is_pass());
    assert_eq!(verdicts[1..], [mistake("no-cap", "writer-1 is paused", "writer-1 is running", SAYS), judged()]);
}

#[test]
fn what_is_not_begun_is_begun_when_an_own_diagnosis_fits() {
    let check = json!({"container": {"name": "writer-2"}});
    let world = world().no(Ask::Container("writer-2".to_owned()));
    let told = mistake("no-cap", "container writer-2 is there", "there is no container writer-2", SAYS);
    assert_eq!(world.diagnose_all(std::slice::from_ref(&check), &[own("true")]), [told]);
    let open = not_begun("container writer-2 is there", "there is no container writer-2");
    assert_eq!(world.diagnose_all(&[check], &[own("false")]), [open]);
}

#[test]
fn what_cannot_be_evaluated_is_no_diagnosis() {
    let costly = "HostConfig.Memory == 0 and ".repeat(30) + "true";
    for that in ["Nope.Deep", "HostConfig.Memory", "1 + 1", "HostConfig.Nope == 0", "range(100000)|length == 1"] {
        assert_eq!(world().diagnose_all(&[paused()], &[own(that)]), [judged()], "{that}");
    }
    assert!(matches!(&world().diagnose_all(&[paused()], &[own(&costly)])[0],
        Verdict::Fail(feedback) if feedback.diagnosis.as_deref() == Some("no-cap")));
    let ask = Ask::Inspect(target(NameKind::Container, "writer-1"));
    assert_eq!(world().no(ask.clone()).diagnose_all(&[paused()], &[own("true")]), [judged()], "it went meanwhile");
    assert_eq!(world().unseen(ask, engine_down()).diagnose_all(&[paused()], &[own("true")]), [judged()]);
}

#[test]
fn every_fault_of_an_own_diagnosis_is_told() {
    let with = |key: &str, value: Value| {
        let mut own = unlimited("true");
        own[key] = value;
        decode(own).1
    };
    let long = format!("'{}' == ''", "a".repeat(2_000));
    assert_eq!(
        [
            with("name", json!("No_Limit")),
            with("name", json!("wrong-image")),
            with("when", json!({})),
            with("when", json!({"container": "a", "volume": "b"})),
            with("that", json!("Memory ==")),
            with("that", json!(long)),
            with("says", json!("one\ntwo\nthree\nfour")),
            with("sais", json!("x")),
            decode(json!({})).1,
        ],
        EXPECTED.map(|faults| faults.iter().map(|fault| (*fault).to_owned()).collect::<Vec<_>>())
    );
}

const EXPECTED: [&[&str]; 9] = [
    &["faulty-id at name: `No_Limit` is no name of a diagnosis (lower-case letters and digits, joined by `-`)"],
    &["duplicate-diagnosis at name: labrun has a diagnosis called `wrong-image` already (give yours another name)"],
    &["empty-matcher at when: `when` asks for nothing (give one of: container, volume, network, image)"],
    &["conflicting-keys at when: `when` has only one of `container`, `volume`, `network`, `image`"],
    &[
        "faulty-expression at that: this expression cannot be understood (syntax error: unexpected end of input, expected \
         expression)",
    ],
    &[
        "faulty-expression at that: this expression cannot be understood (an expression has at most 1024 bytes; this one \
         has 2008)",
    ],
    &["wrong-value at says: a sentence has at most 3 lines"],
    &["unknown-key at sais:: a diagnosis has no key `sais` (did you mean `says`?)"],
    &[
        "missing-key at the top: a diagnosis has no `name`",
        "missing-key at the top: a diagnosis has no `when`",
        "missing-key at the top: a diagnosis has no `that`",
        "missing-key at the top: a diagnosis has no `says`",
    ],
];
