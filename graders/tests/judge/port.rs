//! `port`: what of a container is reached from outside.

use labrun_graders::fact::{Container, PublishedPort};
use labrun_graders::{Ask, Verdict};
use serde_json::json;

use crate::world::{World, cannot, container, ended, engine_down, listed, mistake, not_begun, passes, wrong};

const WANTS: &str = "port 80 of web is published at 8080 of the host on 127.0.0.1";

fn published(port: u32, protocol: &str, host_port: u32, address: &str) -> PublishedPort {
    let address = address.parse().ok();
    PublishedPort { port, protocol: protocol.to_owned(), host_port: Some(host_port), address }
}

fn web(published: &[PublishedPort]) -> Container {
    Container { published: published.to_vec(), ..container("web") }
}

fn judge(container: Container) -> Verdict {
    let check = json!({"port": {"container": "web", "port": 80, "host_port": 8080, "address": "127.0.0.1"}});
    World::new().container(container).judge(check)
}

#[test]
fn the_right_port_passes_among_others_and_since_the_container_runs() {
    let right = published(80, "tcp", 8080, "127.0.0.1");
    assert_eq!(judge(web(std::slice::from_ref(&right))), passes(1_101));
    let others = [published(80, "udp", 8080, "127.0.0.1"), published(80, "tcp", 9090, "127.0.0.1"), right];
    assert_eq!(judge(web(&others)), passes(1_101));
    let paused = Container { status: "paused".to_owned(), ..web(&others) };
    assert_eq!(judge(paused), passes(1_101), "what is paused keeps its ports");
}

#[test]
fn what_is_left_out_may_be_anything() {
    for (port, address) in [(8080, "0.0.0.0"), (49_153, "127.0.0.1"), (80, "::1")] {
        let world = World::new().container(web(&[published(80, "tcp", port, address)]));
        assert_eq!(world.judge(json!({"port": {"container": "web", "port": 80}})), passes(1_101), "{address}:{port}");
    }
}

#[test]
fn every_address_is_every_address_however_the_engine_says_it() {
    let check = json!({"port": {"container": "web", "port": 80, "address": "0.0.0.0"}});
    for address in ["0.0.0.0", "::", ""] {
        let world = World::new().container(web(&[published(80, "tcp", 80, address)]));
        assert_eq!(world.judge(check.clone()), passes(1_101), "{address}");
    }
    let narrow = World::new().container(web(&[published(80, "tcp", 80, "127.0.0.1")]));
    let verdict = mistake(
        "wrong-address",
        "port 80 of web is published on 0.0.0.0",
        "it is published on 127.0.0.1 alone",
        "From where is it to be reached? Compare the address.",
    );
    assert_eq!(narrow.judge(check), verdict);
}

#[test]
fn each_way_to_publish_it_wrongly_has_its_words() {
    for (found, diagnosis, seen, sentence) in [
        (
            published(80, "tcp", 8081, "127.0.0.1"),
            "wrong-host-port",
            "it is published at port 8081 of the host",
            "The container's port is right. Which port of the host does the task name?",
        ),
        (
            published(80, "tcp", 8080, "0.0.0.0"),
            "wrong-address",
            "it is published on every address of the host",
            "Whoever reaches the host reaches it now. Where in -p does an address stand?",
        ),
        (
            published(80, "udp", 8080, "127.0.0.1"),
            "wrong-protocol",
            "port 80 is published for udp, not for tcp",
            "A port is one of a protocol. Where in -p does the protocol stand?",
        ),
        (
            published(8080, "tcp", 80, "127.0.0.1"),
            "ports-swapped",
            "web has its port 8080 published, at 80 of the host",
            "In -p one side is the host's and the other the container's. Which one comes last?",
        ),
        (
            published(81, "tcp", 8080, "127.0.0.1"),
            "wrong-port",
            "web has its port 81 published, at 8080 of the host",
            "At which of its own ports does the container listen? Compare the two sides of -p.",
        ),
    ] {
        assert_eq!(judge(web(&[found])), mistake(diagnosis, WANTS, seen, sentence));
    }
}

#[test]
fn to_expose_is_not_to_publish_and_nothing_is_less() {
    let exposed = Container { exposed: vec!["80/tcp".to_owned()], ..web(&[]) };
    let sentence = "To expose a port only says that something listens there. What opens it on the host?";
    let verdict = mistake("exposed-not-published", WANTS, "port 80 is exposed, and not published", sentence);
    assert_eq!(judge(exposed), verdict);
    let sentence = "Ports are published when a container is created. Which option does that?";
    let verdict = mistake("not-published", WANTS, "web publishes no port", sentence);
    assert_eq!(judge(web(&[])), verdict);
    let of_another_protocol = Container { exposed: vec!["80/udp".to_owned()], ..web(&[]) };
    assert_eq!(judge(of_another_protocol), verdict);
}

#[test]
fn the_port_of_one_that_does_not_run_is_closed() {
    let right = vec![published(80, "tcp", 8080, "127.0.0.1")];
    let sentence = "A port is open only while its container runs. What does its log say?";
    let over = Container { published: right.clone(), ..ended("web", 0, 5) };
    assert_eq!(judge(over), mistake("not-running", WANTS, "web is exited", sentence));
    let created = Container { status: "created".to_owned(), started: None, ..web(&right) };
    assert_eq!(judge(created), mistake("never-started", WANTS, "web is created", sentence));
    let restarting = Container { status: "restarting".to_owned(), ..web(&right) };
    assert_eq!(judge(restarting), wrong(WANTS, "web is restarting", sentence));
}

#[test]
fn one_that_is_not_there_is_not_begun_and_without_an_engine_nobody_can_tell() {
    let (ask, check) =
        (Ask::Container("web".to_owned()), json!({"port": {"container": "web", "port": 53, "protocol": "udp"}}));
    let wants = "port 53/udp of web is published";
    assert_eq!(World::new().no(ask.clone()).judge(check.clone()), not_begun(wants, "there is no container web"));
    let down = engine_down();
    let verdict = cannot(down.obstacle, &down.what, &down.remedy);
    assert_eq!(World::new().unseen(ask, down).judge(check), verdict);
}

#[test]
fn a_name_that_is_a_slip_away_is_told() {
    let world = World::new().no(Ask::Container("writer-1".to_owned())).of_session("");
    let world = world.everything(&[listed("writer_1", &[])], &[]);
    let check = json!({"port": {"container": "writer-1", "port": 80}});
    let sentence = "In writer_1, after `writer` comes `_`, not `-`. The engine takes any name: compare.";
    let wants = "port 80 of writer-1 is published";
    assert_eq!(world.diagnose(check), mistake("name-mistyped", wants, "there is writer_1, and no writer-1", sentence));
}
