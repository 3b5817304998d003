//! Modes, owners, archives and checksums on a real engine: BusyBox makes them, and probes see them for what they are.

use labrun_docker::look;
use labrun_graders::fact::{Access, Archive, Damage, Owner};
use labrun_graders::{Ask, Fact, Place};
use tempfile::TempDir;

use crate::harness::{Learner, Made};
use crate::looking::engine;
use crate::reach::{diagnosis, write_lab};

/// SHA-256 of `3` and a line's end.
const SUM: &str = "1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2";

const MADE: &str = "
    echo 3 > tally.txt; sha256sum tally.txt > SUMS; mkdir private; chown 1000:1001 private; chmod 3750 private
    chown 7:8 tally.txt; chmod 4711 tally.txt; mkdir many; for n in 1 2 3 4 5; do head -c 300000 /dev/zero > many/$n; done
    tar cf plain.tar tally.txt; tar czf packed.tgz ./tally.txt private; head -c 700 plain.tar > cut.tar
    tar cf folder.tar ../v/tally.txt; cp tally.txt false.tar; : > empty.tar";

async fn fact(ask: Ask) -> Option<Fact> {
    match look(&ask, &engine()).await {
        Some(Ok(Fact::Absent)) => None,
        Some(Ok(fact)) => Some(fact),
        other => panic!("{ask:?}: {other:?}"),
    }
}

async fn access(place: &Place, path: &str) -> Option<(u32, Option<(u64, u64)>)> {
    match fact(Ask::Access { place: place.clone(), path: path.to_owned() }).await? {
        Fact::Access(Access { mode, owner }) => Some((mode, owner.map(|Owner { user, group }| (user, group)))),
        other => panic!("{other:?}"),
    }
}

async fn archive(place: &Place, path: &str) -> Archive {
    match fact(Ask::Archive { place: place.clone(), path: path.to_owned() }).await {
        Some(Fact::Archive(archive)) => archive,
        other => panic!("{path}: {other:?}"),
    }
}

async fn assert_all_is_seen(place: &Place, folder: &str) {
    let at = |name: &str| format!("{folder}{name}");
    assert_eq!(access(place, &at("private")).await, Some((0o3750, Some((1000, 1001)))));
    assert_eq!(access(place, &at("tally.txt")).await, Some((0o4711, Some((7, 8)))));
    assert_eq!(access(place, &at("many")).await, Some((0o755, Some((0, 0)))), "a directory larger than is read");
    assert_eq!(access(place, &at("many/1")).await, Some((0o644, Some((0, 0)))), "a file larger than is read");
    assert_eq!(access(place, &at("absent")).await, None);
    let names = |archive: &Archive| archive.members.iter().map(|member| member.name.clone()).collect::<Vec<_>>();
    let plain = archive(place, &at("plain.tar")).await;
    assert_eq!((names(&plain), plain.damage), (vec!["tally.txt".to_owned()], None));
    assert_eq!(plain.members[0].content.as_deref(), Some("3\n"));
    let packed = archive(place, &at("packed.tgz")).await;
    assert_eq!((names(&packed), packed.damage), (vec!["./tally.txt".to_owned(), "private/".to_owned()], None));
    assert_eq!(names(&archive(place, &at("folder.tar")).await), ["v/tally.txt"]);
    for (name, damage) in
        [("cut.tar", Damage::Truncated), ("false.tar", Damage::NoArchive), ("empty.tar", Damage::Empty)]
    {
        assert_eq!(archive(place, &at(name)).await.damage, Some(damage), "{name}");
    }
    match fact(Ask::Digest { place: place.clone(), path: at("tally.txt") }).await {
        Some(Fact::Digest(digest)) => assert_eq!((digest.sha256.as_str(), digest.sha512.len()), (SUM, 128)),
        other => panic!("{other:?}"),
    }
    assert_eq!(fact(Ask::Digest { place: place.clone(), path: at("private") }).await, None);
}

#[tokio::test]
async fn what_busybox_makes_is_seen_in_volumes_and_containers() {
    let learner = Learner::new();
    let volume = Made("volume", learner.named("app-data"));
    learner.types("docker volume create app-data");
    learner.types(&format!("docker run --rm -v app-data:/v -w /v busybox sh -c '{MADE}'"));
    assert_all_is_seen(&Place::Volume(volume.1.clone()), "").await;
    let container = Made("container", learner.named("writer-1"));
    learner.types("docker run -d --name writer-1 -v app-data:/v busybox sleep 600");
    assert_all_is_seen(&Place::Volume(volume.1.clone()), "").await;
    assert_all_is_seen(&Place::Container(container.1.clone()), "/v/").await;
}

#[tokio::test]
async fn what_is_on_the_host_is_seen_there() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("tally.txt"), "3\n").expect("written");
    std::fs::set_permissions(at("tally.txt"), std::fs::Permissions::from_mode(0o640)).expect("set");
    let metadata = std::fs::metadata(at("tally.txt")).expect("there");
    let (mode, owner) = access(&Place::Host, &at("tally.txt")).await.expect("there");
    assert_eq!(mode, 0o640);
    if let Some(owner) = owner {
        assert_eq!(owner, (u64::from(metadata.uid()), u64::from(metadata.gid())));
    }
    assert_eq!(access(&Place::Host, &at("absent")).await, None);
    assert_eq!(archive(&Place::Host, &at("tally.txt")).await.damage, Some(Damage::NoArchive));
    match fact(Ask::Digest { place: Place::Host, path: at("tally.txt") }).await {
        Some(Fact::Digest(digest)) => assert_eq!(digest.sha256, SUM),
        other => panic!("{other:?}"),
    }
}

const LAB: &str = "\
title: Formats
summary: Files that are read as what they are.
level: beginner
minutes: 5
requires:
  images: [busybox]
owns:
  containers: [writer-1]
briefing: briefing.md
steps:
  - id: formats
    title: Formats
    task: Write the files in @{writer-1}.
    solution: 'true'
    checks:
      - file: { in: { container: writer-1 }, path: /w/SUMS, sums: { algorithm: sha256, of: [tally.txt] } }
      - file:
          in: { container: writer-1 }
          path: /w/a.tar
          archive: { has: [{ member: d/tally.txt, has_lines: ['3'] }], lacks: [secret] }
      - file:
          in: { container: writer-1 }
          path: /w/c.yaml
          yaml:
            - { at: services.app.image, is: busybox }
            - { at: services.app.volumes, has: 'x:/archive' }
            - { at: services.app, lacks: ports }
      - file: { in: { container: writer-1 }, path: /w/c.json, json: { a.b: '1' } }
      - file: { in: { container: writer-1 }, path: /w/log, lacks: error }
      - file: { in: { container: writer-1 }, path: /w/private, is: directory, mode: '0750', owner: '1000:1000' }
";

/// Runs a script in an empty folder of the container.
fn writes(learner: &Learner, script: &str) {
    learner.types(&format!("docker exec writer-1 sh -c 'rm -rf /w; mkdir /w; cd /w; {script}'"));
}

const RIGHT: &str = "echo 3 > tally.txt; sha256sum tally.txt > SUMS; mkdir d; cp tally.txt d; tar czf a.tar ./d; \
                     printf \"services:\\n    app: {volumes: [\\\"x:/archive\\\"], image: busybox}\\n\" > c.yaml; \
                     echo \"{\\\"a\\\": {\\\"b\\\": 1}}\" > c.json; echo fine > log; mkdir private; \
                     chown 1000:1000 private; chmod 750 private";

#[test]
fn each_wrong_file_is_told_by_its_name() {
    // Dropped the other way round: the reset at the end still finds the lab.
    let (folder, learner) = (TempDir::new().expect("a folder"), Learner::new());
    let said = learner.labrun(&["start", &write_lab(folder.path(), LAB), "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    learner.types("docker run -d --name writer-1 busybox sleep 600");
    let yaml = |app: &str| format!("printf \"services:\\n  app:\\n{app}\" > c.yaml");
    let tar = |script: &str| format!("echo 3 > tally.txt; mkdir d x; cp tally.txt d; {script}");
    let sum = |script: &str| format!("echo 3 > tally.txt; {script}");
    for (script, wanted) in [
        (sum("md5sum tally.txt > SUMS"), "other-algorithm"),
        (sum("sha256sum < tally.txt > SUMS"), "sum-without-name"),
        (sum("sha256sum /w/tally.txt > SUMS"), "listed-with-folder"),
        (sum("sha256sum tally.txt > SUMS; echo 4 >> tally.txt"), "sum-differs"),
        (sum("cp tally.txt other; sha256sum other > SUMS"), "not-in-sums"),
        (sum("echo tally.txt > SUMS"), "no-sums"),
        (tar("mv d x; tar cf a.tar x"), "packed-with-folder"),
        (tar("tar cf a.tar tally.txt"), "packed-without-folder"),
        (tar("cd x; tar cf ../a.tar ."), "empty-archive"),
        (tar("echo d/tally.txt > listing; tar cf a.tar listing"), "not-in-archive"),
        (tar("touch secret; tar cf a.tar d secret"), "unwanted-in-archive"),
        (tar("tar cf whole d; head -c 1100 whole > a.tar"), "not-restorable"),
        (yaml("    imag: busybox\\n"), "key-mistyped"),
        (yaml("    build:\\n      image: busybox\\n"), "misplaced-key"),
        (yaml("    # image: busybox\\n    user: x\\n"), "commented-out"),
        (yaml("    image: alpine\\n"), "other-value"),
        (yaml("    image: busybox\\n    volumes: [x:/other]\\n"), "missing-entry"),
        (yaml("    image: busybox\\n    volumes: [x:/archive]\\n    ports: []\\n"), "unwanted-value"),
        (yaml("    image: a: b\\n"), "not-yaml"),
        ("echo a: 1 > c.json".to_owned(), "not-json"),
        ("echo an error > log".to_owned(), "unwanted-text"),
        ("mkdir private; chmod 777 private".to_owned(), "wrong-mode"),
        ("mkdir private; chmod 750 private".to_owned(), "wrong-owner"),
        ("echo x > /w/SUM".to_owned(), "file-name-mistyped"),
    ] {
        writes(&learner, &script);
        let (code, report) = learner.json(&["check"]);
        let found = (code, report["verdict"].as_str(), diagnosis(&report));
        assert_eq!(found, (1, Some("fail"), Some(wanted)), "{script}: {report}");
    }
    writes(&learner, RIGHT);
    learner.check("formats", "pass");
}
