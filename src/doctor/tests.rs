//! Every row of trouble, on recorded answers: those of a Docker and a Podman engine as they were given, and changed in the
//! one place that tells Docker Desktop, SELinux, WSL or snap from it.

use std::path::PathBuf;

use labrun_graders::name::NameKind;
use labrun_graders::{CannotLook, Obstacle};
use serde_json::Value;

use super::finding::Word;
use super::look::parse_routes;
use super::needs::{LabNeeds, Needs};
use super::seen::{Access, Canary, Disk, DockerCommand, Large, Listening, Ping, Registry, Seen};
use super::{Answering, Report, judge};
use crate::engine::Taken;
use crate::lab::{load, load_dir};
use crate::probe::{ChosenBy, Endpoint, Transport};
use crate::ui::{Page, Theme};

fn recorded(text: &str, part: &str) -> Value {
    serde_json::from_str::<Value>(text).expect("it is JSON")[part].take()
}

const DOCKER: &str = include_str!("recorded/docker.json");
const PODMAN: &str = include_str!("recorded/podman.json");

/// The routes of a machine with Docker's bridge, as Linux tells them.
const ROUTES: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
    eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
    docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
    eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

/// A machine where all is well for these labs.
fn healthy(needs: &Needs) -> Seen {
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
        canaries: needs.folders().into_iter().map(|folder| (folder, Ok(Canary::Shared))).collect(),
        ports: needs.ports().into_iter().map(|port| (port, Listening::Nobody)).collect(),
        disk: Some(Ok(Disk {
            folder: "/var/lib/docker".into(),
            free: 40_000_000_000,
            size: 250_000_000_000,
            large: vec![],
        })),
        others: Vec::new(),
        command: Ok(Some(DockerCommand { version: "28.2.2".to_owned(), api: "1.50".to_owned() })),
        compose: Ok(Some("2.36.2".to_owned())),
        access: None,
        kernel: "6.1.0-37-amd64".to_owned(),
        routes: parse_routes(ROUTES),
    }
}

/// What `docker-volumes` needs, and a lab that publishes port 80 and uses compose.
fn needs() -> (Needs, Needs) {
    let shipped = load("docker-volumes", None).expect("it ships").lab;
    let above = tempfile::tempdir().expect("a folder");
    let folder = above.path().join("web-server");
    std::fs::create_dir(&folder).expect("made");
    let lab = "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nowns: { containers: [web] }\nbriefing: b.md\nsteps:\n  \
               - id: a\n    title: A\n    task: A\n    solution: docker run -d --name @{web} -p 80:80 busybox; docker \
               compose ps\n    checks: [{ container: { name: web } }]\n";
    std::fs::write(folder.join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.join("b.md"), "B\n").expect("written");
    let publishing = load_dir(&folder, None).expect("no faults").lab;
    let of = |lab| Needs { labs: vec![LabNeeds::of(&lab, false)] };
    (of(shipped), of(publishing))
}

fn page(width: usize) -> Page {
    Page { width, theme: Theme::default(), in_shell: false, by_sudo: false }
}

fn report(seen: &Seen, needs: &Needs) -> Report {
    let engine = seen.version.as_ref().ok().map(Answering::of);
    Report { checks: judge(seen, needs, |_| true), engine, via: Some("default".to_owned()) }
}

fn no_engine(seen: &mut Seen, obstacle: Obstacle, what: &str, remedy: &str) {
    seen.ping = Err(CannotLook::new(obstacle, what, remedy));
}

fn says(seen: &mut Seen, words: &str) {
    seen.images = vec![("busybox".to_owned(), Ok(None))];
    seen.registry = vec![("busybox".to_owned(), Ok(Registry::Says(words.to_owned())))];
    seen.canaries.clear();
}

fn canary(seen: &mut Seen, canary: Canary) {
    seen.canaries = vec![(PathBuf::from("/tmp"), Ok(canary))];
}

fn security(seen: &mut Seen, options: &[&str]) {
    if let Ok((info, _)) = &mut seen.info {
        info.security_options = Some(options.iter().map(|option| (*option).to_owned()).collect());
    }
}

/// The engine runs in a virtual machine of this name and system.
fn elsewhere(seen: &mut Seen, name: &str, system: &str) {
    if let Ok((info, _)) = &mut seen.info {
        (info.name, info.operating_system) = (Some(name.to_owned()), Some(system.to_owned()));
    }
    (seen.is_local, seen.disk) = (false, None);
}

fn denied(seen: &mut Seen, access: Access) {
    let what = "you may not use the engine's socket (context default)";
    no_engine(seen, Obstacle::Denied, what, "see who may");
    seen.access = Some(access);
}

fn access() -> Access {
    let (user, group) = ("ada".to_owned(), "docker".to_owned());
    Access { user, group, lets_group: true, member: false, in_effect: false }
}

const SOCKET: &str = "no engine answers (context default): there is no socket";
const START: &str = "start it: sudo systemctl start docker";

/// One change of a healthy machine.
type Trouble = fn(&mut Seen);

/// Every way in which a machine is not as it should be, with the lab that minds.
const TROUBLES: &[(&str, Trouble)] = &[
    ("the engine is stopped", |seen| no_engine(seen, Obstacle::NoEngine, SOCKET, START)),
    ("the engine is silent", |seen| {
        let what = "the engine (context default) did not answer within 1.5 seconds";
        no_engine(seen, Obstacle::Timeout, what, "see whether `docker ps` answers");
    }),
    ("no docker command", |seen| seen.command = Ok(None)),
    ("not in the group", |seen| denied(seen, access())),
    ("in the group, by a stale login", |seen| denied(seen, Access { member: true, ..access() })),
    ("a socket of root's alone", |seen| {
        denied(seen, Access { group: "root".to_owned(), lets_group: false, ..access() });
    }),
    ("a context that does not exist", |seen| {
        seen.endpoint = Err(("there is no context \"colima\"".to_owned(), "name one that exists (default)".to_owned()));
        no_engine(seen, Obstacle::NoEngine, "it was not asked", "");
    }),
    ("a dead context, and another that answers", |seen| {
        no_engine(seen, Obstacle::NoEngine, SOCKET, START);
        seen.others = vec!["desktop-linux".to_owned()];
    }),
    ("DOCKER_HOST over DOCKER_CONTEXT", |seen| {
        if let Ok(endpoint) = &mut seen.endpoint {
            endpoint.warnings = vec!["DOCKER_HOST overrides DOCKER_CONTEXT (colima).".to_owned()];
        }
    }),
    ("Docker Hub's limit", |seen| {
        says(
            seen,
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading",
        );
    }),
    ("no network", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host",
        );
    }),
    ("a captive wifi", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": x509: certificate is valid for login.hotel.example, not registry-1.docker.io",
        );
    }),
    ("a proxy that is away", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused",
        );
    }),
    ("a network that swallows", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded)",
        );
        seen.registry = vec![(
            "busybox".to_owned(),
            Err(CannotLook::new(
                Obstacle::Timeout,
                "the registry, asked for busybox, did not answer within 4 seconds",
                "",
            )),
        )];
    }),
    ("an image that the registry has", |seen| {
        says(seen, "");
        seen.registry = vec![("busybox".to_owned(), Ok(Registry::Has))];
    }),
    ("an image that nobody has", |seen| says(seen, "manifest unknown: manifest unknown")),
    ("Docker Desktop does not share /tmp", |seen| {
        elsewhere(seen, "docker-desktop", "Docker Desktop");
        canary(
            seen,
            Canary::Refused("Mounts denied: The path /tmp/labrun-doctor-7-0 is not shared from the host".to_owned()),
        );
    }),
    ("Colima does not share /tmp", |seen| {
        elsewhere(seen, "colima", "Ubuntu 24.04.2 LTS");
        canary(seen, Canary::Elsewhere);
    }),
    ("Docker from snap", |seen| {
        if let Ok((info, _)) = &mut seen.info {
            info.docker_root_dir = Some("/var/snap/docker/common/var-lib-docker".to_owned());
        }
        canary(seen, Canary::Elsewhere);
    }),
    ("an engine on another machine", |seen| {
        if let Ok(endpoint) = &mut seen.endpoint {
            endpoint.transport = Transport::Tcp { address: "box:2375".to_owned(), tls: None };
        }
        elsewhere(seen, "box", "Debian GNU/Linux 12 (bookworm)");
        canary(seen, Canary::Elsewhere);
    }),
    ("SELinux", |seen| {
        security(seen, &["name=seccomp,profile=default", "name=selinux"]);
        canary(seen, Canary::Unreadable);
    }),
    ("user namespaces remapped", |seen| {
        security(seen, &["name=seccomp,profile=default", "name=userns"]);
        canary(seen, Canary::Unwritable);
    }),
    ("a folder that can't be written", |seen| {
        canary(seen, Canary::NotMade("Permission denied (os error 13)".to_owned()));
    }),
    ("a container that does not run", |seen| canary(seen, Canary::NotRun("OCI runtime create failed".to_owned()))),
    ("rootless, and a low port", |seen| {
        security(seen, &["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]);
    }),
    ("Podman answers", |seen| {
        seen.version = Ok(serde_json::from_value(recorded(PODMAN, "version")).expect("a version"));
        seen.info = Ok((serde_json::from_value(recorded(PODMAN, "info")).expect("an info"), 0));
    }),
    ("WSL without integration", |seen| {
        seen.kernel = "5.15.167.4-microsoft-standard-WSL2".to_owned();
        no_engine(seen, Obstacle::NoEngine, SOCKET, START);
    }),
    ("an image of another architecture", |seen| {
        seen.images = vec![("busybox".to_owned(), Ok(Some("arm64".to_owned())))];
    }),
    ("the same, emulated", |seen| {
        elsewhere(seen, "docker-desktop", "Docker Desktop");
        seen.images = vec![("busybox".to_owned(), Ok(Some("arm64".to_owned())))];
    }),
    ("a port that a container has", |seen| {
        let listed = serde_json::json!([{"Id": "1f", "Names": ["/other-web"], "Ports": [{"PrivatePort": 80, "PublicPort": 80, "Type": "tcp"}]}]);
        seen.containers = Ok(serde_json::from_value(listed).expect("containers"));
    }),
    ("a port that a program has", |seen| seen.ports = vec![(80, Listening::Somebody)]),
    ("names that are taken", |seen| {
        let taken = Taken { kind: NameKind::Volume, name: "app-data".to_owned() };
        seen.taken = Ok(vec![("docker-volumes".to_owned(), vec![taken])]);
    }),
    ("a disk with little left", |seen| disk(seen, 700_000_000)),
    ("a disk with nothing left", |seen| disk(seen, 12_000_000)),
    ("an engine that is too old", |seen| api(seen, "1.24", "1.12")),
    ("an engine that is old", |seen| api(seen, "1.40", "1.12")),
    ("an engine that is too new for the docker command", |seen| api(seen, "1.60", "1.52")),
    ("a VPN with the engine's addresses", |seen| {
        // 172.17.0.0/24 by tun0.
        seen.routes.extend(parse_routes("\ntun0\t000011AC\t00000000\t0001\t0\t0\t50\t00FFFFFF\t0\t0\t0\n"));
    }),
    ("clocks apart, by the date of an answer", |seen| seen.ping = Ok(Ping { seconds_off: Some(-95) })),
    ("clocks apart, by what Docker Desktop says", |seen| {
        elsewhere(seen, "docker-desktop", "Docker Desktop");
        if let Ok((_, skew)) = &mut seen.info {
            *skew = -7_300_000_000_000;
        }
    }),
    ("no compose", |seen| seen.compose = Ok(None)),
    ("an answer that does not come", |seen| {
        seen.networks = Err(CannotLook::new(
            Obstacle::Timeout,
            "the engine, asked for networks, did not answer within 1.5 seconds",
            "see whether `docker ps` answers",
        ));
    }),
];

fn disk(seen: &mut Seen, free: u64) {
    let large = vec![
        Large { what: "image tensorflow:latest".to_owned(), size: 7_100_000_000 },
        Large { what: "volume registry".to_owned(), size: 950_000_000 },
    ];
    seen.disk = Some(Ok(Disk { folder: "/var/lib/docker".into(), free, size: 20_000_000_000, large }));
}

fn api(seen: &mut Seen, newest: &str, oldest: &str) {
    if let Ok(version) = &mut seen.version {
        (version.api_version, version.min_api_version) = (Some(newest.to_owned()), Some(oldest.to_owned()));
    }
}

#[test]
fn on_a_healthy_machine_no_check_complains() {
    let (shipped, publishing) = needs();
    for needs in [&shipped, &publishing] {
        let report = report(&healthy(needs), needs);
        assert!(matches!(report.worst(), Word::Ok), "{report:?}");
    }
}

#[test]
fn every_trouble_is_told_by_its_check_with_a_remedy() {
    let (shipped, publishing) = needs();
    let mut story = String::new();
    for (title, trouble) in TROUBLES {
        story += &format!("## {title}\n\n");
        // Told for the lab that minds: both are looked at, and what is told for both is told once.
        let told = [&shipped, &publishing].map(|needs| {
            let mut seen = healthy(needs);
            trouble(&mut seen);
            let mut report = report(&seen, needs);
            report.checks.retain(|checked| matches!(checked.finding.word, Word::Warn | Word::Fail));
            for checked in &report.checks {
                assert!(checked.finding.remedy.is_some(), "{title}: {checked:?}");
            }
            let screen = page(100).doctor(&report);
            screen.split("\n\n").next().unwrap_or_default().to_owned() + "\n"
        });
        let [of_shipped, of_publishing] = &told;
        let told = if of_shipped.contains("try:") { of_shipped } else { of_publishing };
        story += told;
        story += "\n";
    }
    insta::assert_snapshot!(story);
}

#[test]
fn nobody_fails_for_what_they_do_not_use() {
    let (shipped, publishing) = needs();
    let words = |needs: &Needs, trouble: Trouble| {
        let mut seen = healthy(needs);
        trouble(&mut seen);
        report(&seen, needs).worst()
    };
    let mind: [(Trouble, Word, Word); 4] = [
        (|seen| seen.compose = Ok(None), Word::Ok, Word::Fail),
        (|seen| seen.ports = vec![(80, Listening::Somebody)], Word::Ok, Word::Fail),
        (|seen| security(seen, &["name=rootless"]), Word::Ok, Word::Fail),
        (|seen| security(seen, &["name=userns"]), Word::Warn, Word::Ok),
    ];
    for (number, (trouble, of_shipped, of_publishing)) in mind.into_iter().enumerate() {
        assert_eq!((words(&shipped, trouble), words(&publishing, trouble)), (of_shipped, of_publishing), "{number}");
    }
}

#[test]
fn the_screen_fits_80_and_40_columns() {
    let (needs, _) = needs();
    let mut seen = healthy(&needs);
    disk(&mut seen, 700_000_000);
    says(&mut seen, "toomanyrequests: You have reached your pull rate limit.");
    let mut dead = healthy(&needs);
    dead.version = Err(CannotLook::new(Obstacle::NoEngine, "", ""));
    no_engine(&mut dead, Obstacle::NoEngine, SOCKET, START);
    for width in [80, 40] {
        let screen = page(width).doctor(&report(&seen, &needs)) + "\n\n" + &page(width).doctor(&report(&dead, &needs));
        let widest = screen.lines().map(console::measure_text_width).max().unwrap_or_default();
        assert!(widest <= width, "{widest} columns:\n{screen}");
        insta::assert_snapshot!(format!("screen_{width}"), screen);
    }
}

#[test]
fn in_words_each_check_has_a_name_of_its_own() {
    let mut ids: Vec<&str> = super::CHECKS.iter().map(|check| check.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), super::CHECKS.len());
}
