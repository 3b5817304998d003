//! A machine where all is well, on the answers of a real engine; and what two labs need of it.

use std::path::Path;

use serde_json::Value;

use crate::doctor::look::parse_routes;
use crate::doctor::needs::{LabNeeds, Needs};
use crate::doctor::seen::{Canary, Compose, Disk, DockerCommand, Home, Listening, Ping, Seen};
use crate::doctor::{Answering, Report, judge};
use labrun_docker::{ChosenBy, Endpoint, Transport};
use labrun_lab::load_dir;

pub(in crate::doctor) fn recorded(text: &str, part: &str) -> Value {
    serde_json::from_str::<Value>(text).expect("it is JSON")[part].take()
}

const DOCKER: &str = include_str!("../recorded/docker.json");
pub(in crate::doctor) const PODMAN: &str = include_str!("../recorded/podman.json");

/// The routes of a machine with Docker's bridge, as Linux tells them.
const ROUTES: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
    eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
    docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
    eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

/// A machine where all is well for these labs.
pub(in crate::doctor) fn healthy(needs: &Needs) -> Seen {
    let read = |part| recorded(DOCKER, part);
    Seen {
        endpoint: Ok(Endpoint {
            transport: Transport::Unix("/var/run/docker.sock".into()),
            context: "default".to_owned(),
            chosen_by: ChosenBy::Default,
            warnings: Vec::new(),
        }),
        ping: Ok(Ping { seconds_off: Some(0) }),
        version: Ok(serde_json::from_value(read("version")).expect("a version")),
        info: Ok((serde_json::from_value(read("info")).expect("an info"), 0)),
        is_local: true,
        networks: Ok(serde_json::from_value(read("networks")).expect("networks")),
        containers: Ok(Vec::new()),
        images: needs.images().into_iter().map(|image| (image, Ok(Some("amd64".to_owned())))).collect(),
        registry: Vec::new(),
        taken: Ok(Vec::new()),
        helpers: Ok(Vec::new()),
        canaries: needs.folders().into_iter().map(|folder| (folder, Ok(Canary::Shared))).collect(),
        ports: needs.ports().into_iter().map(|port| (port, Listening::Nobody)).collect(),
        disk: Some(Ok(Disk {
            folder: "/var/lib/docker".into(),
            free: 40_000_000_000,
            size: 250_000_000_000,
            large: vec![],
        })),
        home: Ok(Home {
            folder: "/home/ada/.local/share/labrun".into(),
            is_folder: true,
            free: 40_000_000_000,
            files: Some(9_000_000),
            read_only: false,
            closed: None,
        }),
        others: Vec::new(),
        command: Ok(Some(DockerCommand { version: "28.2.2".to_owned(), api: "1.50".to_owned() })),
        compose: Ok(Some(Compose { version: "2.36.2".to_owned(), is_plugin: true })),
        access: None,
        kernel: "6.1.0-37-amd64".to_owned(),
        routes: parse_routes(ROUTES),
    }
}

/// What `docker-volumes` needs, and a lab that publishes port 80 and uses compose.
pub(in crate::doctor) fn needs() -> (Needs, Needs) {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs/docker-storage");
    let shipped = load_dir(&labs.join("docker-volumes"), None).expect("it ships").lab;
    let above = tempfile::tempdir().expect("a folder");
    let folder = above.path().join("web-server");
    std::fs::create_dir(&folder).expect("made");
    let lab = "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nowns: { containers: [web] }\nbriefing: b.md\nsteps:\n  \
               - id: a\n    title: A\n    task: A\n    solution: docker run -d --name @{web} -p 80:80 busybox; docker \
               compose ps\n    checks: [{ container: { name: web } }]\n";
    std::fs::write(folder.join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.join("b.md"), "B\n").expect("written");
    let publishing = load_dir(&folder, None).expect("no faults").lab;
    let of = |lab| Needs { learner: None, learners: 1, labs: vec![LabNeeds::of(&lab, false)] };
    (of(shipped), of(publishing))
}

pub(in crate::doctor) fn report(seen: &Seen, needs: &Needs) -> Report {
    let engine = seen.version.as_ref().ok().map(Answering::of);
    Report { checks: judge(seen, needs, |_| true), engine, via: Some("default".to_owned()) }
}
