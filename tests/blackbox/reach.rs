//! What of a container is reached from outside: its network, its port, its log. Graded on a real engine, in right forms and
//! in wrong states that look right.

use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::Learner;

const LAB: &str = "\
title: Within reach
summary: A container on a network, with a port and a log.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
  networks: [reach-net]
briefing: briefing.md
steps:
  - id: reach
    title: Within reach
    task: Put @{writer-1} on @{reach-net}.
    solution: 'true'
    checks:
      - network: { name: reach-net, internal: false, containers: [writer-1] }
      - port: { container: writer-1, port: 80, address: 127.0.0.1 }
      - logs: { container: writer-1, has_lines: [ready], lacks: error, stream: stdout }
";

/// A folder of a lab.
pub fn write_lab(folder: &Path, lab: &str) -> String {
    std::fs::write(folder.join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.join("briefing.md"), "Read this.\n").expect("written");
    folder.to_string_lossy().into_owned()
}

/// Types a line in which `@me` is the learner's name.
fn types(learner: &Learner, line: &str) {
    learner.types(&line.replace("@me", &learner.name));
}

pub fn begin(learner: &Learner, lab: &str) {
    let said = learner.labrun(&["start", lab, "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
}

/// The network, and a container on it with these options; its shell runs this.
fn made(network: &str, options: &str, script: &str) -> String {
    format!(
        "docker network create {network} >/dev/null && docker run -d --name writer-1 {options} busybox sh -c \
         '{script}; sleep 600' && until [ -n \"$(docker top writer-1 | grep 'sleep 600$')\" ]; do sleep 0.1; done"
    )
}

/// The same, and the container is not started: what is wrong about its network and its ports shows already.
fn created(network: &str, options: &str) -> String {
    format!("docker network create {network} >/dev/null && docker create --name writer-1 {options} busybox true")
}

const SWEEP: &str = "docker rm -f writer-1; docker network rm @me-reach-net @me-reach_net 2>&1; true";

/// The diagnosis that is given first.
pub fn diagnosis(report: &Value) -> Option<&str> {
    let checks = report["checks"].as_array().expect("checks");
    checks.iter().find_map(|check| check["diagnosis"].as_str())
}

/// Types a line, sees this diagnosis given first, and sweeps up.
fn is_refused(learner: &Learner, line: &str, wanted: &str) {
    types(learner, line);
    let (code, report) = learner.json(&["check"]);
    let found = (code, report["verdict"].as_str(), diagnosis(&report));
    assert_eq!(found, (1, Some("fail"), Some(wanted)), "{line}: {report}");
    types(learner, SWEEP);
}

#[test]
fn a_port_that_is_published_another_way_round_is_told_by_its_name() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    let (before, _) = LAB.split_once("      - network:").expect("its checks");
    let check = format!("      - port: {{ container: writer-1, port: {free}, host_port: 80 }}\n");
    begin(&learner, &write_lab(folder.path(), &(before.to_owned() + &check)));
    let run = |port: &str| format!("docker run -d --name writer-1 -p {port} busybox sleep 600");
    is_refused(&learner, &run(&format!("127.0.0.1:{free}:80")), "ports-swapped");
    is_refused(&learner, &run(&format!("127.0.0.1::{free}")), "wrong-host-port");
    is_refused(&learner, &run(&format!("127.0.0.1::{free}/udp")), "wrong-protocol");
}

#[test]
fn each_wrong_state_is_told_by_its_name() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    begin(&learner, &write_lab(folder.path(), LAB));
    let (net, port) = ("@me-reach-net", "-p 127.0.0.1::80");
    let on = |port: &str| format!("--network {net} {port}");
    let rows = [
        (created("@me-reach_net", &format!("--network @me-reach_net {port}")), "name-mistyped"),
        (created("--internal @me-reach-net", &on(port)), "wrong-internal"),
        (created(net, port), "not-on-network"),
        (created(net, &on("")), "not-published"),
        (created(net, &on("--expose 80")), "exposed-not-published"),
        (created(net, &on("-p 80")), "wrong-address"),
        (created(net, &on("-p 127.0.0.1::8080")), "wrong-port"),
        (created(net, &on(port)), "never-started"),
        (made(net, &on(port), "echo READY"), "wrong-case"),
        (made(net, &on(port), "echo ready >&2"), "other-stream"),
        (made(net, &on(port), "true"), "empty-log"),
        (made(net, &on(port), "echo hello"), "not-in-log"),
        (made(net, &on(port), "echo ready; echo error"), "unwanted-in-log"),
        (made(net, &on(port), "echo ready") + " && docker stop -t 0 writer-1", "not-running"),
    ];
    for (row, wanted) in &rows {
        is_refused(&learner, row, wanted);
    }
    types(&learner, &made(net, &on(&format!("{port} --log-driver none")), "echo ready"));
    let (code, report) = learner.json(&["check"]);
    assert_eq!(
        (code, report["verdict"].as_str(), report["reason"]["code"].as_str()),
        (4, Some("cannot-check"), Some("denied"))
    );
    assert!(
        report["reason"]["what"].as_str().is_some_and(|what| what.contains("its log driver keeps nothing")),
        "{report}"
    );
}

#[test]
fn other_forms_of_the_right_state_pass() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let lab = write_lab(folder.path(), LAB);
    let later = "docker network create @me-reach-net && docker create --name writer-1 -t -p 127.0.0.1:0:80/tcp busybox sh -c \
                 'echo ready; sleep 600' && docker network connect @me-reach-net writer-1 && docker start writer-1";
    let many = made(
        "-d bridge @me-reach-net",
        "--network @me-reach-net -p 127.0.0.1::80 -p 8080 -l a=b",
        "echo one; echo ready; echo more",
    );
    for row in [later, &many] {
        begin(&learner, &lab);
        types(&learner, row);
        learner.check("reach", "pass");
        // A label that the lab does not set: only a person at a terminal can say that the container is theirs.
        let said = learner.labrun(&["reset", "--yes"]);
        assert_eq!(said.code, if row.contains("-l a=b") { 4 } else { 0 }, "{said:?}");
        if said.code == 4 {
            types(&learner, "docker rm -f writer-1");
            assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
        }
        let left = learner.types(&format!("docker network ls -q --filter name={}-reach-net", learner.name));
        assert_eq!(left, "", "the network is removed with the container");
    }
}

#[test]
fn of_a_long_log_only_what_was_read_proves_anything() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    begin(&learner, &write_lab(folder.path(), LAB));
    let options = "--network @me-reach-net -p 127.0.0.1::80";
    types(&learner, &made("@me-reach-net", options, "echo ready; seq 2000"));
    let (code, report) = learner.json(&["check"]);
    assert_eq!((code, report["reason"]["code"].as_str()), (4, Some("too-large")), "{report}");
}
