//! `network`: a network, and who is on it.

use labrun_graders::fact::{Container, Network};
use labrun_graders::{Ask, Fact, Verdict};
use serde_json::{Value, json};

use crate::world::{World, cannot, container, engine_down, mistake, not_begun, passes};

const STAYS: &str = "That is settled when a network is created, and stays: it has to be made anew.";

fn backend() -> Network {
    Network {
        name: "backend".to_owned(),
        driver: "bridge".to_owned(),
        internal: false,
        created: Some(1_050),
        labels: [("team".to_owned(), "blue".to_owned())].into(),
    }
}

fn ask() -> Ask {
    Ask::Network("backend".to_owned())
}

fn there() -> World {
    World::new().saw(ask(), Fact::Network(backend()))
}

fn on(name: &str, networks: &[&str]) -> Container {
    Container { networks: networks.iter().map(|network| (*network).to_owned()).collect(), ..container(name) }
}

fn judge(wanted: Value) -> Verdict {
    there().judge(json!({"network": wanted}))
}

#[test]
fn a_network_that_is_as_wanted_passes_since_it_was_created() {
    for wanted in [
        json!({"name": "backend"}),
        json!({"name": "backend", "driver": "bridge", "internal": false}),
        json!({"name": "backend", "labels": {"team": "blue"}}),
    ] {
        assert_eq!(judge(wanted), passes(1_050));
    }
}

#[test]
fn containers_on_it_count_running_or_not_and_beside_others() {
    let stopped = Container { status: "exited".to_owned(), ..on("db", &["backend", "bridge"]) };
    let world = there().container(on("web", &["backend"])).container(stopped);
    assert_eq!(world.judge(json!({"network": {"name": "backend", "containers": ["web", "db"]}})), passes(1_050));
}

#[test]
fn what_was_settled_when_it_was_created_is_told_to_stay() {
    for (wanted, diagnosis, wants, seen) in [
        (
            json!({"name": "backend", "driver": "macvlan"}),
            "wrong-driver",
            "network backend exists, driver macvlan",
            "backend uses the driver bridge, not macvlan",
        ),
        (
            json!({"name": "backend", "internal": true}),
            "wrong-internal",
            "network backend exists, internal",
            "backend is not internal: its containers reach the world outside",
        ),
        (
            json!({"name": "backend", "labels": {"team": "red"}}),
            "wrong-label",
            "network backend exists, label team=red",
            "its label team is blue",
        ),
        (
            json!({"name": "backend", "labels": {"tier": "1"}}),
            "wrong-label",
            "network backend exists, label tier=1",
            "it has no label tier",
        ),
    ] {
        assert_eq!(judge(wanted), mistake(diagnosis, wants, seen, STAYS));
    }
    let closed = World::new().saw(ask(), Fact::Network(Network { internal: true, ..backend() }));
    let verdict = mistake(
        "wrong-internal",
        "network backend exists, not internal",
        "backend is internal: nothing leads out of it",
        STAYS,
    );
    assert_eq!(closed.judge(json!({"network": {"name": "backend", "internal": false}})), verdict);
}

#[test]
fn a_container_elsewhere_is_told_where_it_is() {
    let check = json!({"network": {"name": "backend", "containers": ["web"]}});
    let sentence = "A container is put on a network when it is created, or later. Was this one named?";
    for (networks, seen) in [(&["bridge"][..], "web is on bridge"), (&[], "web is on no network")] {
        let verdict = mistake("not-on-network", "web is on the network backend", seen, sentence);
        assert_eq!(there().container(on("web", networks)).judge(check.clone()), verdict);
    }
}

#[test]
fn what_is_not_there_is_not_begun_and_without_an_engine_nobody_can_tell() {
    let check = json!({"network": {"name": "backend", "containers": ["web"]}});
    let wants = "network backend exists, with web on it";
    let nobody = there().no(Ask::Container("web".to_owned()));
    assert_eq!(nobody.judge(check.clone()), not_begun(wants, "there is no container web"));
    let nothing = World::new().no(ask()).container(on("web", &[]));
    assert_eq!(nothing.judge(check.clone()), not_begun(wants, "there is no network backend"));
    let down = engine_down();
    let verdict = cannot(down.obstacle, &down.what, &down.remedy);
    assert_eq!(World::new().unseen(ask(), down).judge(check), verdict);
}

/// There is no network `backend`, but these.
fn instead(prefix: &str, name: &str, networks: &[Network]) -> World {
    let world = World::new().no(Ask::Network(name.to_owned())).of_session(prefix).everything(&[], &[]);
    world.saw(Ask::Networks, Fact::Networks(networks.to_vec()))
}

fn made(name: &str, created: i64, labels: &[(&str, &str)]) -> Network {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Network { name: name.to_owned(), created: Some(created), labels, ..Network::default() }
}

#[test]
fn a_new_one_under_another_name_is_told_and_an_old_one_is_not() {
    let check = json!({"network": {"name": "backend"}});
    let (wants, nothing) =
        ("network backend exists", not_begun("network backend exists", "there is no network backend"));
    let sentence = "In back-end, `-` after `back` is too much. The engine takes any name: compare.";
    let verdict = mistake("name-mistyped", wants, "there is back-end, and no backend", sentence);
    assert_eq!(instead("", "backend", &[made("back-end", 2_000, &[])]).diagnose(check.clone()), verdict);
    assert_eq!(instead("", "backend", &[made("back-end", -2_000_000_000, &[])]).diagnose(check.clone()), nothing);
    assert_eq!(instead("", "backend", &[made("bridge", 2_000, &[])]).diagnose(check), nothing);
}

#[test]
fn composes_own_name_for_it_is_told() {
    let project = ("com.docker.compose.project", "shop");
    let sentence = "Compose puts the project in front of the names in its file. Who chose the full name?";
    for network in [
        made("shop_backend", 2_000, &[project]),
        made("other", 2_000, &[project, ("com.docker.compose.network", "backend")]),
    ] {
        let seen = format!("there is {}, made by compose", network.name);
        let verdict = mistake("made-by-compose", "network backend exists", &seen, sentence);
        assert_eq!(instead("", "backend", &[network]).diagnose(json!({"network": {"name": "backend"}})), verdict);
    }
    let by_hand = made("shop_backend", 2_000, &[]);
    let verdict = not_begun("network backend exists", "there is no network backend");
    assert_eq!(instead("", "backend", &[by_hand]).diagnose(json!({"network": {"name": "backend"}})), verdict);
}

#[test]
fn on_a_shared_engine_the_network_of_another_learner_is_nobodys_slip() {
    let check = json!({"network": {"name": "ann-backend"}});
    let verdict = not_begun("network ann-backend exists", "there is no network ann-backend");
    assert_eq!(instead("ann-", "ann-backend", &[made("anm-backend", 2_000, &[])]).diagnose(check), verdict);
}
