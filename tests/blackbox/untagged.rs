//! Images that lost their name to a newer build are the lab's, too; those that were there before are not.

use std::path::Path;

use crate::harness::{Learner, Made};

const LAB: &str = "\
title: An image
summary: Build an image twice.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  images: [untagged-shop]
  paths: [/tmp/untagged-build]
briefing: briefing.md
steps:
  - id: build
    title: Build it
    task: Build the image **@{untagged-shop}** twice, in **@{/tmp/untagged-build}**.
    solution: |
      mkdir -p @{/tmp/untagged-build}
      for content in one two; do
        printf 'FROM busybox\\nRUN echo %s @{untagged-shop} > /content\\nCMD [\"true\"]\\n' $content > @{/tmp/untagged-build}/Dockerfile
        docker build -t @{untagged-shop} @{/tmp/untagged-build}
      done
    checks:
      - image: { name: untagged-shop }
";

fn write_lab(folder: &Path) -> String {
    let lab = folder.join("untagged");
    std::fs::create_dir(&lab).expect("made");
    std::fs::write(lab.join("lab.yaml"), LAB).expect("written");
    std::fs::write(lab.join("briefing.md"), "Read this.\n").expect("written");
    lab.to_string_lossy().into_owned()
}

/// Every image, with those between the layers of a build: id and name.
fn images(learner: &Learner) -> Vec<String> {
    let listed = learner.types("docker images -a --no-trunc --format '{{.ID}} {{.Repository}}'");
    listed.lines().map(str::to_owned).collect()
}

/// The images with a layer of this learner's.
fn of(learner: &Learner) -> Vec<String> {
    let has_layer = |image: &&String| {
        let id = image.split(' ').next().unwrap_or_default();
        let history = learner.tries(&format!("docker history --no-trunc --format '{{{{.CreatedBy}}}}' {id}"));
        history.out.contains(&format!("{}-untagged-shop", learner.name))
    };
    images(learner).iter().filter(has_layer).cloned().collect()
}

#[test]
fn reset_removes_what_a_newer_build_left_without_a_name() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = write_lab(folder.path());
    assert_eq!(learner.labrun(&["trust", "--yes", &lab]).code, 0);
    assert_eq!(learner.labrun(&["start", &lab, "--no-shell"]).code, 0);
    let said = learner.labrun(&["solution", "--run"]);
    assert_eq!(said.code, 0, "{said:?}");
    let built = of(&learner);
    assert!(built.iter().any(|image| image.ends_with(" <none>")), "the first build lost its name: {built:?}");
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(&format!("(was {}-untagged-shop:latest)", learner.name)), "{}", said.out);
    assert_eq!(of(&learner), Vec::<String>::new());
}

#[test]
fn verify_leaves_no_image_without_a_name() {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let lab = write_lab(folder.path());
    assert_eq!(learner.labrun(&["trust", "--yes", &lab]).code, 0);
    let (code, report) = learner.json(&["verify", &lab]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(of(&learner), Vec::<String>::new());
}

#[test]
fn an_image_that_was_there_before_keeps_its_layers_and_stays() {
    let learner = Learner::new();
    let n = &learner.name;
    let folder = tempfile::tempdir().expect("a folder");
    let lab = write_lab(folder.path());
    // The learner's own image without a name: removing an image built on it must not take it along.
    let made = Made("container", format!("{n}-own"));
    learner.types(&format!("docker run --name {} busybox touch /own", made.1));
    let own = Made("image", learner.types(&format!("docker commit {}", made.1)).trim().to_owned());
    learner.types(&format!("docker rm {}", made.1));
    assert_eq!(learner.labrun(&["start", &lab, "--no-shell"]).code, 0);
    let build = folder.path().join("build");
    std::fs::create_dir(&build).expect("made");
    std::fs::write(build.join("Dockerfile"), format!("FROM {}\nRUN echo {n} > /more\n", own.1)).expect("written");
    learner.types(&format!("docker build -t {n}-untagged-shop {}", build.display()));
    let said = learner.labrun(&["reset", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!said.out.contains("was "), "nothing lost its name: {}", said.out);
    assert!(images(&learner).iter().any(|image| image.starts_with(&own.1)), "the learner's image is gone");
    assert!(!images(&learner).iter().any(|image| image.contains(&format!("{n}-untagged-shop"))));
}
