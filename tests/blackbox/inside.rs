//! Files of running containers, read where their processes see them: never another file than the engine means.

use labrun_docker::{Ambient, Endpoint, Engine, look};
use labrun_graders::{Ask, Fact, Place};
use tempfile::TempDir;

use crate::harness::{Learner, Made};
use crate::liar::Liar;
use crate::proxy::Proxy;

/// The content of a file in a container, asked for at this address.
async fn content(host: &str, container: &str, path: &str) -> Option<String> {
    let ambient = Ambient { host_flag: Some(host.to_owned()), context_flag: None, env: &|_| None, home: None };
    let engine = Engine::connect(&Endpoint::resolve(&ambient).expect("an endpoint"));
    let ask = Ask::File { place: Place::Container(container.to_owned()), path: path.to_owned() };
    match look(&ask, &engine).await {
        Some(Ok(Fact::File(file))) => file.content,
        Some(Ok(Fact::Absent)) => None,
        other => panic!("{ask:?}: {other:?}"),
    }
}

#[tokio::test]
async fn what_a_process_sees_is_read_there_if_the_engine_sees_the_same() {
    let learner = Learner::new();
    let folder = TempDir::new().expect("a folder");
    let proxy = Proxy::start(folder.path());
    let bound = folder.path().join("bound");
    std::fs::create_dir(&bound).expect("made");
    std::fs::write(bound.join("file"), "of the host\n").expect("written");
    std::os::unix::fs::symlink("/etc/hostname", bound.join("link")).expect("linked");
    let (_volume, container) =
        (Made("volume", learner.named("app-data")), Made("container", learner.named("writer-1")));
    learner.types(&format!(
        "docker run -d --name writer-1 -h inner -v app-data:/v -v {}:/b --tmpfs /t busybox sh -c '
            echo own > /own; echo kept > /v/file; ln -s /v /to-v; echo hidden > /t/file; touch /v/ready; sleep 600'",
        bound.display()
    ));
    learner.types("until docker exec writer-1 test -e /v/ready; do sleep 0.1; done");
    let packed =
        |requests: Vec<String>| requests.iter().filter(|it| it.starts_with("GET") && it.ends_with("/archive")).count();
    for (path, wanted, times) in [
        ("/own", Some("own\n"), 0),
        ("/v/file", Some("kept\n"), 0),
        ("/to-v/file", Some("kept\n"), 0),
        ("/v/../own", None, 0),
        ("/b/file", Some("of the host\n"), 0),
        // Where the link leads is a file of the container's, and not of the host's.
        ("/b/link", Some("inner\n"), 0),
        ("/absent", None, 0),
        // The engine does not look below a tmpfs, so nobody does: a verdict must not depend on who asks.
        ("/t/file", None, 0),
        // Each is the kernel's own there, and the engine sees what the image has in its place.
        ("/proc/self/status", None, 0),
    ] {
        proxy.requests();
        assert_eq!(content(&proxy.host(), &container.1, path).await.as_deref(), wanted, "{path}");
        assert_eq!(packed(proxy.requests()), times, "{path}");
    }
    // One that has ended has no process to look at.
    learner.types("docker kill writer-1");
    proxy.requests();
    assert_eq!(content(&proxy.host(), &container.1, "/own").await.as_deref(), Some("own\n"));
    assert_eq!(packed(proxy.requests()), 1);
}

#[tokio::test]
async fn a_process_that_is_not_the_containers_is_not_believed() {
    let learner = Learner::new();
    let made = ["writer-1", "writer-2"].map(|name| Made("container", learner.named(name)));
    // Alike in all that the engine tells of them, but for what is in them.
    for (name, content) in [("writer-1", "one"), ("writer-2", "two")] {
        learner.types(&format!(
            "docker run -d --name {name} busybox sh -c 'echo {content} > /note; touch -d @1700000000 /note; touch /ready; sleep 600'"
        ));
        learner.types(&format!("until docker exec {name} test -e /ready; do sleep 0.1; done"));
    }
    let process =
        |name: &str| learner.types(&format!("docker inspect -f '{{{{.State.Pid}}}}' {name}")).trim().to_owned();
    let (first, second) = (process("writer-1"), process("writer-2"));
    assert!(first != "0" && second != "0");
    for told in [second, "1".to_owned(), std::process::id().to_string(), "0".to_owned(), "4000000".to_owned()] {
        let (truth, lie) = (format!("\"Pid\":{first},"), format!("\"Pid\":{told},"));
        let folder = TempDir::new().expect("a folder");
        let liar = Liar::start(folder.path(), move |path, answer| {
            path.ends_with("/json").then(|| answer.replace(&truth, &lie))
        });
        assert_eq!(content(&liar.host(), &made[0].1, "/note").await.as_deref(), Some("one\n"), "process {told}");
    }
}
