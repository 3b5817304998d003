//! What the lab did not make is never touched.

use std::path::Path;
use std::process::Command;

use crate::harness::{Learner, Made};

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().expect("docker runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn names_alike_survive_reset_and_verify() {
    let learner = Learner::new();
    let name = &learner.name;
    let folder = tempfile::Builder::new().prefix(&format!("{name}-dind")).tempdir_in("/tmp").expect("a folder");
    let mut made = Vec::new();
    let mut make = |when: &str| {
        for volume in ["app-data2", "app-dat", "app-data.old", "my-app-data"] {
            let volume = format!("{name}-{volume}-{when}");
            docker(&["volume", "create", &volume]);
            made.push(Made("volume", volume));
        }
        for container in ["writer-10", "writer-1.bak", "bind-test2"] {
            let container = format!("{name}-{container}-{when}");
            docker(&["create", "--name", &container, "busybox", "true"]);
            made.push(Made("container", container));
        }
    };
    make("before");
    let said = learner.labrun(&["start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    make("during");
    learner.up_to("write-through-bind");
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = learner.labrun(&["verify", "docker-volumes", "--no-mistakes"]);
    assert_eq!(said.code, 0, "{said:?}");
    for Made(kind, name) in &made {
        docker(&[kind, "inspect", name]);
    }
    assert!(folder.path().exists());
    for gone in ["app-data", "writer-1", "writer-2", "bind-test"] {
        let inspected =
            Command::new("docker").args(["inspect", &format!("{name}-{gone}")]).output().expect("docker runs");
        assert!(!inspected.status.success(), "{gone} is still there");
    }
    assert!(!Path::new(&format!("/tmp/{name}-dind")).exists());
}

#[test]
fn a_lab_does_not_begin_over_what_is_there() {
    let learner = Learner::new();
    let volume = Made("volume", format!("{}-app-data", learner.name));
    docker(&["volume", "create", &volume.1]);
    let created = docker(&["volume", "inspect", "-f", "{{.CreatedAt}}", &volume.1]);
    let said = learner.labrun(&["start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 4);
    assert_eq!(
        said.err,
        format!(
            "error: already here, and not made by this lab: volume {}\n\
             try: take another name than {} with --as; or remove these yourself, if they are yours\n",
            volume.1, learner.name
        )
    );
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 2, "there is no session to reset");
    assert_eq!(docker(&["volume", "inspect", "-f", "{{.CreatedAt}}", &volume.1]), created);
}

#[test]
fn a_volume_in_use_by_somebody_else_is_named_and_left() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let other = Made("container", format!("{}-other", learner.name));
    learner.types(&format!("docker run -d --name {} -v app-data:/x busybox sleep 600", other.1));
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains(&format!("docker rm -f {}", other.1)), "{}", said.out);
    docker(&["container", "inspect", &other.1]);
    docker(&["rm", "-f", &other.1]);
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "a second reset finishes the first: {said:?}");
}

#[test]
fn without_a_yes_nothing_is_removed() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let said = learner.labrun(&["reset"]);
    assert_eq!(said.code, 2, "{said:?}");
    learner.types("docker volume inspect app-data");
}

#[test]
fn looking_into_a_volume_that_nobody_uses_leaves_no_container() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("temporary-container");
    let before = docker(&["volume", "inspect", "-f", "{{.CreatedAt}}", &learner.named("app-data")]);
    learner.labrun(&["check"]);
    let helpers = docker(&["ps", "-aq", "--filter", &format!("volume={}", learner.named("app-data"))]);
    assert_eq!(helpers, "");
    assert_eq!(docker(&["volume", "inspect", "-f", "{{.CreatedAt}}", &learner.named("app-data")]), before);
}
