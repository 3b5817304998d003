//! What a lab needs and a machine does not have.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{ended, examined, through, told};
use crate::harness::{Learner, Made, Said};
use crate::liar::Liar;

/// A lab in a folder that needs this image and has this solution.
fn lab(image: &str, solution: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let lab = format!(
        "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nrequires: {{ images: ['{image}'] }}\nowns: {{ volumes: [vv] \
         }}\nbriefing: b.md\nsteps:\n  - id: a\n    title: A\n    task: A\n    solution: {solution}\n    checks: [{{ \
         volume: {{ name: vv }} }}]\n"
    );
    std::fs::write(folder.path().join("lab.yaml"), lab).expect("written");
    std::fs::write(folder.path().join("b.md"), "B\n").expect("written");
    folder
}

#[test]
fn a_missing_image_is_told_with_what_the_registry_says() {
    let learner = Learner::new();
    let folder = lab("labrun-no-such-image:1", "'true'");
    let lab = folder.path().to_string_lossy().into_owned();
    let says = |lie: fn(&str, &str) -> Option<String>| {
        let liar = Liar::start(learner.home.path(), lie);
        let (code, report) = examined(&learner, &lab, &[("DOCKER_HOST", &liar.host())]);
        assert_eq!(code, 4, "{report}");
        let (verdict, seen, _) = told(&report, "images");
        assert_eq!((verdict, seen), ("fail", "labrun-no-such-image:1 is not on the engine"));
        ended(&report, "fail").join(" ")
    };
    fn registry(path: &str, message: &str) -> Option<String> {
        let answer =
            format!("HTTP/1.0 500 Error\r\nContent-Type: application/json\r\n\r\n{{\"message\":\"{message}\"}}");
        path.contains("/distribution/").then_some(answer)
    }
    let limit = |path: &str, _: &str| registry(path, "toomanyrequests: You have reached your pull rate limit.");
    assert_eq!(says(limit), "images pull-limit");
    let captive = |path: &str, _: &str| {
        registry(path, "Get https://registry-1.docker.io/v2/: x509: certificate signed by unknown authority")
    };
    assert_eq!(says(captive), "images network");
    let offline = |path: &str, _: &str| registry(path, "dial tcp: lookup registry-1.docker.io: no such host");
    assert_eq!(says(offline), "images network");
    let unknown = |path: &str, _: &str| registry(path, "errors: denied: requested access to the resource is denied");
    assert_eq!(says(unknown), "images");
    let has = |path: &str, _: &str| {
        let answer = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Descriptor\":{\"digest\":\"sha256:1\"},\"Platforms\":[]}";
        path.contains("/distribution/").then(|| answer.to_owned())
    };
    assert_eq!(says(has), "images");
}

#[test]
fn a_name_that_is_taken_is_told_unless_the_lab_was_begun() {
    let learner = Learner::new();
    learner.types("docker volume create app-data");
    let made = Made("volume", learner.named("app-data"));
    let (code, report) = examined(&learner, "docker-volumes", &[]);
    assert_eq!((code, ended(&report, "fail")), (4, vec!["names"]), "{report}");
    assert!(told(&report, "names").1.ends_with(&learner.named("volume app-data")), "{report}");
    // What has the names of a lab that nobody named or began is in nobody's way.
    let all = learner.json(&["doctor"]).1;
    assert_eq!(
        told(&all, "names"),
        ("skip", "no lab is named or begun: labrun doctor LAB looks at its names", ""),
        "{all}"
    );
    drop(made);
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.types("docker volume create app-data");
    let (code, report) = examined(&learner, "docker-volumes", &[]);
    assert_eq!((code, told(&report, "names").1), (0, "in use by the lab, which you have begun"), "{report}");
    let all = learner.json(&["doctor"]).1;
    assert_eq!(told(&all, "names"), ("ok", "in use by what you have begun: docker-volumes", ""), "{all}");
}

#[test]
fn a_port_that_is_taken_is_told_with_its_holder() {
    let learner = Learner::new();
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    let folder = lab("busybox", &format!("docker run -d -p {port}:80 busybox httpd -f"));
    let lab = folder.path().to_string_lossy().into_owned();
    let (code, report) = examined(&learner, &lab, &[]);
    assert_eq!((code, told(&report, "ports").1), (4, &*format!("port {port} is taken by a program outside of Docker")));
    drop(listener);
    assert_eq!(told(&examined(&learner, &lab, &[]).1, "ports").1, format!("free: {port}"));
    learner.types(&format!("docker run -d --name writer-1 -p 127.0.0.1:{port}:80 busybox sleep 60"));
    let holder = Made("container", learner.named("writer-1"));
    let (code, report) = examined(&learner, &lab, &[]);
    assert_eq!((code, told(&report, "ports").1), (4, &*format!("port {port} is taken by container {}", holder.1)));
}

#[test]
fn compose_is_missed_only_where_a_lab_uses_it() {
    let learner = Learner::new();
    // A docker command without any plugin.
    let (plain, real) = (TempDir::new().expect("a folder"), learner.types("command -v docker").trim().to_owned());
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = compose ]; then echo 'unknown command' >&2; exit 1; fi\nexec {real} \"$@\"\n"
    );
    std::fs::write(plain.path().join("docker"), script).expect("written");
    learner.types(&format!("chmod +x {}/docker", plain.path().display()));
    let path = format!("{}:{}", plain.path().display(), std::env::var("PATH").unwrap_or_default());
    let folder = lab("busybox", "docker compose up -d");
    let (code, report) = examined(&learner, &folder.path().to_string_lossy(), &[("PATH", &path)]);
    assert_eq!((code, ended(&report, "fail")), (4, vec!["compose"]), "{report}");
    let (code, report) = examined(&learner, "docker-volumes", &[("PATH", &path)]);
    assert_eq!((code, told(&report, "compose").0), (0, "skip"));
    let (code, report) = examined(&learner, "docker-volumes", &[("PATH", "/nonexistent")]);
    assert_eq!((code, ended(&report, "fail")), (4, vec!["engine"]), "without a docker command: {report}");
}

#[test]
fn a_disk_that_is_nearly_full_is_told_with_what_is_large() {
    let learner = Learner::new();
    // A real file system with little room; the engine is said to keep its data there.
    let disk = Path::new("/run").join(format!("labrun-{}", learner.name));
    std::fs::create_dir_all(&disk).expect("made: these tests need root");
    let full = Mounted::on(&disk, "size=8m");
    let place = disk.display().to_string();
    let (code, report) = through(&learner, move |path, answer| {
        let (_, after) = answer.split_once("\"DockerRootDir\":\"")?;
        let root = |folder: &str| format!("\"DockerRootDir\":\"{folder}\"");
        path.ends_with("/info")
            .then(|| answer.replacen(&root(after.split('"').next().unwrap_or_default()), &root(&place), 1))
    });
    drop(full);
    assert_eq!((code, ended(&report, "fail")), (4, vec!["disk"]), "{report}");
    let (_, seen, remedy) = told(&report, "disk");
    let only = format!("only 8.3 MB of 8.3 MB free in {}; large on the engine: ", disk.display());
    assert!(seen.starts_with(&only), "{seen}");
    assert!(!remedy.contains("prune"), "{remedy}");
}

/// A file system in memory, unmounted when dropped.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn on(folder: &'a Path, options: &str) -> Self {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).status();
        assert!(mounted.is_ok_and(|status| status.success()), "these tests mount, and that needs root");
        Self(folder)
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
        let _ = std::fs::remove_dir(self.0);
    }
}

#[test]
fn a_folder_that_the_engine_does_not_see_is_told() {
    let learner = Learner::new();
    // As Docker from snap: /tmp is another one here than for the engine.
    let home = Path::new("/run").join(format!("labrun-{}", learner.name));
    // The program itself may lie below /tmp: it is opened before that is hidden.
    let line = format!(
        "exec 9< {} && mount -t tmpfs tmpfs /tmp && \
         LABRUN_HOME={} LABRUN_AS={} /proc/self/fd/9 doctor docker-volumes --json; ls -A /tmp | wc -l",
        env!("CARGO_BIN_EXE_labrun"),
        home.display(),
        learner.name
    );
    let said = Command::new("unshare").args(["--mount", "sh", "-c", &line]).output().map(Said::from).expect("unshare");
    let (report, left) = said.out.split_once('\n').unwrap_or_else(|| panic!("{said:?}"));
    let report: Value = serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(ended(&report, "fail"), ["bind-mounts"], "{report}");
    assert_eq!(
        told(&report, "bind-mounts").1,
        "/tmp isn't shared with the engine: a container that mounts it sees another one"
    );
    assert_eq!(left.trim(), "0", "nothing is left in it");
}
