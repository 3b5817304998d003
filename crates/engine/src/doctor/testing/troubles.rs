//! Every way in which a machine is not as it should be: one change of a healthy one.

use std::path::PathBuf;

use labrun_graders::name::NameKind;
use labrun_graders::{CannotLook, Obstacle};

use super::healthy::{PODMAN, recorded};
use crate::Taken;
use crate::doctor::look::parse_routes;
use crate::doctor::seen::{Access, Canary, Disk, Home, Large, Listening, Ping, Registry, Seen};
use labrun_docker::Transport;

pub(in crate::doctor) fn no_engine(seen: &mut Seen, obstacle: Obstacle, what: &str, remedy: &str) {
    seen.ping = Err(CannotLook::new(obstacle, what, remedy));
}

pub(in crate::doctor) fn says(seen: &mut Seen, words: &str) {
    seen.images = vec![("busybox".to_owned(), Ok(None))];
    seen.registry = vec![("busybox".to_owned(), Ok(Registry::Says(words.to_owned())))];
    seen.canaries.clear();
}

pub(in crate::doctor) fn canary(seen: &mut Seen, canary: Canary) {
    seen.canaries = vec![(PathBuf::from("/tmp"), Ok(canary))];
}

pub(in crate::doctor) fn security(seen: &mut Seen, options: &[&str]) {
    if let Ok((info, _)) = &mut seen.info {
        info.security_options = Some(options.iter().map(|option| (*option).to_owned()).collect());
    }
}

/// The engine runs in a virtual machine of this name and system.
pub(in crate::doctor) fn elsewhere(seen: &mut Seen, name: &str, system: &str) {
    if let Ok((info, _)) = &mut seen.info {
        (info.name, info.operating_system) = (Some(name.to_owned()), Some(system.to_owned()));
    }
    (seen.is_local, seen.disk) = (false, None);
}

pub(in crate::doctor) fn denied(seen: &mut Seen, access: Access) {
    let what = "you may not use the engine's socket (context default)";
    no_engine(seen, Obstacle::Denied, what, "see who may");
    seen.access = Some(access);
}

pub(in crate::doctor) fn access() -> Access {
    let (user, group) = ("ada".to_owned(), "docker".to_owned());
    Access { user, group, lets_group: true, member: false, in_effect: false }
}

pub(in crate::doctor) const SOCKET: &str = "no engine answers (context default): there is no socket";
pub(in crate::doctor) const START: &str = "start it: sudo systemctl start docker";

/// One change of a healthy machine.
pub(in crate::doctor) type Trouble = fn(&mut Seen);

/// Every way in which a machine is not as it should be, with how to make it so: the book tells of each.
pub(in crate::doctor) const TROUBLES: &[(&str, &str, Trouble)] = &[
    ("the engine is stopped", "`sudo systemctl stop docker.socket docker`", |seen| {
        no_engine(seen, Obstacle::NoEngine, SOCKET, START);
    }),
    ("the engine is silent", "`sudo kill -STOP $(pidof dockerd)`, until `-CONT`", |seen| {
        let what = "the engine (context default) did not answer within 1.5 seconds";
        no_engine(seen, Obstacle::Timeout, what, "see whether `docker ps` answers");
    }),
    ("no docker command", "`PATH=/nonexistent labrun doctor`, with labrun's own path", |seen| seen.command = Ok(None)),
    ("not in the group", "`sudo -u ada labrun doctor`, with a user who is in no group", |seen| denied(seen, access())),
    ("in the group, by a stale login", "`sudo usermod -aG docker ada` while ada is logged in", |seen| {
        denied(seen, Access { member: true, ..access() });
    }),
    ("a socket of root's alone", "`sudo chgrp root /var/run/docker.sock`", |seen| {
        denied(seen, Access { group: "root".to_owned(), lets_group: false, ..access() });
    }),
    ("a context that does not exist", "`labrun doctor --context colima`", |seen| {
        seen.endpoint = Err(("there is no context \"colima\"".to_owned(), "name one that exists (default)".to_owned()));
        no_engine(seen, Obstacle::NoEngine, "it was not asked", "");
    }),
    (
        "a dead context, and another that answers",
        "`docker context create dead --docker host=unix:///nobody.sock; docker context use dead`",
        |seen| {
            no_engine(seen, Obstacle::NoEngine, SOCKET, START);
            seen.others = vec!["desktop-linux".to_owned()];
        },
    ),
    (
        "DOCKER_HOST over DOCKER_CONTEXT",
        "`DOCKER_CONTEXT=colima DOCKER_HOST=unix:///var/run/docker.sock labrun doctor`",
        |seen| {
            if let Ok(endpoint) = &mut seen.endpoint {
                endpoint.warnings = vec!["DOCKER_HOST overrides DOCKER_CONTEXT (colima).".to_owned()];
            }
        },
    ),
    ("Docker Hub's limit", "a room behind one address that pulls without `docker login`", |seen| {
        says(
            seen,
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading",
        );
    }),
    ("no network", "`docker rmi busybox`, then pull the plug", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host",
        );
    }),
    ("a captive wifi", "a hotel's network before you have signed in", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": x509: certificate is valid for login.hotel.example, not registry-1.docker.io",
        );
    }),
    ("a proxy that is away", "`HTTPS_PROXY` of the engine's service set to an address where nobody listens", |seen| {
        says(
            seen,
            "Get \"https://registry-1.docker.io/v2/\": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused",
        );
    }),
    ("a network that swallows", "a firewall that drops packets", |seen| {
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
    ("an image that the registry has", "`docker rmi busybox`", |seen| {
        says(seen, "");
        seen.registry = vec![("busybox".to_owned(), Ok(Registry::Has))];
    }),
    ("an image that nobody has", "a lab that requires an image with a mistyped name", |seen| {
        says(seen, "manifest unknown: manifest unknown");
    }),
    (
        "Docker Desktop does not share /tmp",
        "Docker Desktop: take `/tmp` out of Settings, Resources, File sharing",
        |seen| {
            elsewhere(seen, "docker-desktop", "Docker Desktop");
            canary(
                seen,
                Canary::Refused(
                    "Mounts denied: The path /tmp/labrun-doctor-7-0 is not shared from the host".to_owned(),
                ),
            );
        },
    ),
    ("Colima does not share /tmp", "`colima start`, which shares your home folder", |seen| {
        elsewhere(seen, "colima", "Ubuntu 24.04.2 LTS");
        canary(seen, Canary::Elsewhere);
    }),
    ("Docker from snap", "`sudo snap install docker`", |seen| {
        if let Ok((info, _)) = &mut seen.info {
            info.docker_root_dir = Some("/var/snap/docker/common/var-lib-docker".to_owned());
        }
        canary(seen, Canary::Elsewhere);
    }),
    ("an engine on another machine", "`DOCKER_HOST=tcp://box:2375 labrun doctor`", |seen| {
        if let Ok(endpoint) = &mut seen.endpoint {
            endpoint.transport = Transport::Tcp { address: "box:2375".to_owned(), tls: None };
        }
        elsewhere(seen, "box", "Debian GNU/Linux 12 (bookworm)");
        canary(seen, Canary::Elsewhere);
    }),
    ("SELinux", "Fedora, with `selinux-enabled` in the engine's `daemon.json`", |seen| {
        security(seen, &["name=seccomp,profile=default", "name=selinux"]);
        canary(seen, Canary::Unreadable);
    }),
    ("user namespaces remapped", "`userns-remap` in the engine's `daemon.json`", |seen| {
        security(seen, &["name=seccomp,profile=default", "name=userns"]);
        canary(seen, Canary::Unwritable);
    }),
    ("a folder that can't be written", "`sudo chmod 755 /tmp`", |seen| {
        canary(seen, Canary::NotMade("Permission denied (os error 13)".to_owned()));
    }),
    ("a container that does not run", "an engine whose runtime is broken", |seen| {
        canary(seen, Canary::NotRun("OCI runtime create failed".to_owned()));
    }),
    ("rootless, and a low port", "`dockerd-rootless-setuptool.sh install`, and a lab that publishes port 80", |seen| {
        security(seen, &["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]);
    }),
    (
        "Podman answers",
        "`podman system service -t 0 unix:///tmp/p.sock &`, then `DOCKER_HOST=unix:///tmp/p.sock labrun doctor`",
        |seen| {
            seen.version = Ok(serde_json::from_value(recorded(PODMAN, "version")).expect("a version"));
            seen.info = Ok((serde_json::from_value(recorded(PODMAN, "info")).expect("an info"), 0));
        },
    ),
    ("WSL without integration", "Docker Desktop on Windows: Settings, Resources, WSL integration, off", |seen| {
        seen.kernel = "5.15.167.4-microsoft-standard-WSL2".to_owned();
        no_engine(seen, Obstacle::NoEngine, SOCKET, START);
    }),
    ("an image of another architecture", "`docker pull --platform linux/arm64 busybox`", |seen| {
        seen.images = vec![("busybox".to_owned(), Ok(Some("arm64".to_owned())))];
    }),
    ("the same, emulated", "the same with Docker Desktop", |seen| {
        elsewhere(seen, "docker-desktop", "Docker Desktop");
        seen.images = vec![("busybox".to_owned(), Ok(Some("arm64".to_owned())))];
    }),
    (
        "a port that a container has",
        "`docker run -d -p 80:80 busybox httpd -f`, and a lab that publishes port 80",
        |seen| {
            let listed = serde_json::json!([{"Id": "1f", "Names": ["/other-web"], "Ports": [{"PrivatePort": 80, "PublicPort": 80, "Type": "tcp"}]}]);
            seen.containers = Ok(serde_json::from_value(listed).expect("containers"));
        },
    ),
    ("a port that a program has", "`sudo python3 -m http.server 80`, and the same lab", |seen| {
        seen.ports = vec![(80, Listening::Somebody)];
    }),
    ("names that are taken", "`docker volume create app-data`", |seen| {
        let taken = Taken { kind: NameKind::Volume, name: "app-data".to_owned() };
        seen.taken = Ok(vec![("docker-volumes".to_owned(), vec![taken])]);
    }),
    ("a disk with little left", "`sudo fallocate -l SIZE /var/lib/docker/fill`", |seen| disk(seen, 700_000_000)),
    ("a disk with nothing left", "the same, with more", |seen| disk(seen, 12_000_000)),
    ("an engine that is too old", "Docker 1.12", |seen| api(seen, "1.24", "1.12")),
    ("an engine that is old", "Docker 19.03", |seen| api(seen, "1.40", "1.12")),
    (
        "an engine that is too new for the docker command",
        "a new engine beside the docker command of an old distribution",
        |seen| api(seen, "1.60", "1.52"),
    ),
    ("a VPN with the engine's addresses", "`sudo ip route add 172.17.0.0/24 dev tun0`", |seen| {
        // 172.17.0.0/24 by tun0.
        seen.routes.extend(parse_routes("\ntun0\t000011AC\t00000000\t0001\t0\t0\t50\t00FFFFFF\t0\t0\t0\n"));
    }),
    ("clocks apart, by the date of an answer", "a virtual machine that was asleep", |seen| {
        seen.ping = Ok(Ping { seconds_off: Some(-95) });
    }),
    ("clocks apart, by what Docker Desktop says", "the same, with Docker Desktop", |seen| {
        elsewhere(seen, "docker-desktop", "Docker Desktop");
        if let Ok((_, skew)) = &mut seen.info {
            *skew = -7_300_000_000_000;
        }
    }),
    ("no compose", "a lab whose solution runs `docker compose`, and Debian's `docker.io` alone", |seen| {
        seen.compose = Ok(None);
    }),
    (
        "an engine that hangs in some requests",
        "Docker 20.10, after many containers have left one bridge at once",
        |seen| {
            seen.info = Err(CannotLook::new(
                Obstacle::Timeout,
                "the engine, asked for itself (context default), did not answer within 4 seconds: GET /info",
                "see whether `docker info` answers; if it hangs too, restart the engine, which ends its containers: sudo \
             systemctl restart docker",
            ));
            seen.networks = Err(CannotLook::new(Obstacle::Timeout, "the engine did not answer: GET /networks", ""));
        },
    ),
    ("Docker 20.10 for a room", "two learners who have a lab open in one account, or 32 containers that run", |seen| {
        if let Ok((info, _)) = &mut seen.info {
            info.containers_running = Some(40);
        }
    }),
    ("a full disk under progress", "`LABRUN_HOME` on a small `tmpfs`, filled", |seen| {
        home(seen, |home| home.free = 1_200_000);
    }),
    ("a disk under progress that is nearly full", "the same, with some space left", |seen| {
        home(seen, |home| home.free = 60_000_000);
    }),
    ("no inodes under progress", "`mount -t tmpfs -o nr_inodes=8 tmpfs DIR`, and `LABRUN_HOME` there", |seen| {
        home(seen, |home| home.files = Some(0));
    }),
    ("progress on a read-only file system", "`LABRUN_HOME` on a mount with `ro`", |seen| {
        home(seen, |home| home.read_only = true);
    }),
    ("progress that belongs to root", "`sudo -i labrun start LAB` with the learner's `LABRUN_HOME`", |seen| {
        home(seen, |home| home.closed = Some("/home/ada/.local/share/labrun/progress.db".into()));
    }),
    ("a file where the folder should be", "`LABRUN_HOME=/etc/passwd labrun doctor`", |seen| {
        home(seen, |home| (home.folder, home.is_folder) = ("/etc/passwd".into(), false));
    }),
    (
        "containers that carry labrun's label and stay",
        "`docker run -d --label dev.labrun.probe=1 …`, or a container of an image with that label",
        |seen| seen.helpers = Ok(vec!["web".to_owned(), "labrun-probe-4711-0".to_owned()]),
    ),
];

fn home(seen: &mut Seen, change: impl FnOnce(&mut Home)) {
    if let Ok(home) = &mut seen.home {
        change(home);
    }
}

pub(in crate::doctor) fn disk(seen: &mut Seen, free: u64) {
    let large = vec![
        Large { what: "image tensorflow:latest".to_owned(), size: 7_100_000_000 },
        Large { what: "volume registry".to_owned(), size: 950_000_000 },
    ];
    seen.disk = Some(Ok(Disk { folder: "/var/lib/docker".into(), free, size: 20_000_000_000, large }));
}

pub(in crate::doctor) fn api(seen: &mut Seen, newest: &str, oldest: &str) {
    if let Ok(version) = &mut seen.version {
        (version.api_version, version.min_api_version) = (Some(newest.to_owned()), Some(oldest.to_owned()));
    }
}
