//! Probes on a real engine: what stands in containers and volumes is seen for what it is.

use std::time::Duration;

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::RemoveVolumeOptions;
use labrun_docker::{Ambient, Endpoint, Engine, Marks, look};
use labrun_graders::fact::FileKind;
use labrun_graders::{Ask, CannotLook, Fact, Obstacle, Place};
use labrun_process::Ledger;

use crate::harness::{Learner, Made};

/// Keeps no notes: what these tests make is gone before they end.
struct Forgetful;

impl Ledger for Forgetful {
    fn note(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn noted(&self) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

pub fn engine() -> Result<Engine, CannotLook> {
    let env = |name: &str| std::env::var_os(name);
    let home = std::env::var_os("HOME").map(Into::into);
    let endpoint =
        Endpoint::resolve(&Ambient { host_flag: None, context_flag: None, env: &env, home }).expect("an endpoint");
    let mut engine = Engine::connect(&endpoint)?;
    engine.helper_image = "busybox".to_owned();
    engine.marks = Marks::new(Forgetful);
    Ok(engine)
}

async fn file(place: Place, path: &str) -> Option<(FileKind, Option<String>)> {
    let ask = Ask::File { place, path: path.to_owned() };
    match look(&ask, &engine()).await {
        Some(Ok(Fact::File(file))) => Some((file.kind, file.content)),
        Some(Ok(Fact::Absent)) => None,
        other => panic!("{ask:?}: {other:?}"),
    }
}

#[tokio::test]
async fn files_in_volumes_are_seen_with_and_without_a_container() {
    let learner = Learner::new();
    let volume = Made("volume", learner.named("app-data"));
    learner.types("docker volume create app-data");
    learner.types(
        "docker run --rm -v app-data:/v busybox sh -c '
            cd /v; echo one > file; mkdir dir; mkfifo pipe; ln -s file link; ln -s /v/file absolute;
            head -c 10000000 /dev/zero > large; printf \"\\377\\376\" > binary'",
    );
    for with_container in [false, true] {
        let _container = with_container.then(|| {
            learner.types("docker run -d --name writer-1 -v app-data:/v busybox sleep 600");
            Made("container", learner.named("writer-1"))
        });
        let at = async |path: &str| file(Place::Volume(volume.1.clone()), path).await;
        let regular = |content: &str| Some((FileKind::Regular, Some(content.to_owned())));
        assert_eq!(at("file").await, regular("one\n"));
        assert_eq!(at("link").await, regular("one\n"));
        assert_eq!(at("dir").await, Some((FileKind::Directory, None)));
        assert_eq!(at("pipe").await, Some((FileKind::Other, None)));
        assert_eq!(at("large").await, Some((FileKind::Regular, None)), "what is too large is not read");
        assert_eq!(at("binary").await, regular("\u{fffd}\u{fffd}"));
        assert_eq!(at("absent").await, None);
        assert_eq!(at("file/below").await, None);
    }
}

#[tokio::test]
async fn odd_files_in_a_container_are_seen_for_what_they_are() {
    let learner = Learner::new();
    learner.types(
        "docker run -d --name writer-1 busybox sh -c '
            mkdir /odd; cd /odd; echo one > file; ln file hard; mknod device c 1 3; touch empty
            dd if=/dev/zero of=sparse bs=1 count=0 seek=30000 2>/dev/null; echo end >> sparse
            echo deep > $(printf %0200d 7); echo name > \"$(printf \"gr\\303\\274n \\033 red\")\"
            dd if=/dev/zero of=huge bs=1 count=0 seek=10000000000 2>/dev/null
            touch done; sleep 600'",
    );
    let container = Made("container", learner.named("writer-1"));
    learner.types("until docker exec writer-1 test -e /odd/done; do sleep 0.1; done");
    let at = async |name: &str| file(Place::Container(container.1.clone()), &format!("/odd/{name}")).await;
    let regular = |content: &str| Some((FileKind::Regular, Some(content.to_owned())));
    assert_eq!(at("hard").await, regular("one\n"));
    assert_eq!(at("empty").await, regular(""));
    assert_eq!(at("device").await, Some((FileKind::Other, None)));
    assert_eq!(at(&format!("{:0200}", 7)).await, regular("deep\n"), "a name too long for the head of an archive");
    assert_eq!(at("gr\u{fc}n \u{1b} red").await, regular("name\n"));
    assert_eq!(at("sparse").await, regular(&("\0".repeat(30_000) + "end\n")));
    assert_eq!(at("huge").await, Some((FileKind::Regular, None)), "what is too large is not read");
}

#[tokio::test]
async fn a_circle_of_links_is_nobodys_answer() {
    let learner = Learner::new();
    learner.types("docker run -d --name writer-1 busybox sh -c 'ln -s /circle /circle; sleep 600'");
    let _made = Made("container", learner.named("writer-1"));
    let ask = Ask::File { place: Place::Container(learner.named("writer-1")), path: "/circle".to_owned() };
    let seen = look(&ask, &engine()).await;
    assert!(matches!(&seen, Some(Err(reason)) if reason.obstacle == Obstacle::Broken), "{seen:?}");
}

#[tokio::test]
async fn looking_into_a_volume_that_is_not_there_does_not_make_it() {
    let learner = Learner::new();
    let name = learner.named("app-data");
    assert_eq!(file(Place::Volume(name.clone()), "file").await, None);
    let volume = look(&Ask::Volume(name), &engine()).await;
    assert_eq!(volume, Some(Ok(Fact::Absent)));
}

#[tokio::test]
async fn a_volume_that_is_removed_while_it_is_being_read_is_not_made_again() {
    let learner = Learner::new();
    let (name, engine) = (learner.named("app-data"), engine());
    let ask = Ask::File { place: Place::Volume(name.clone()), path: "file".to_owned() };
    let docker = engine.as_ref().expect("an engine").docker.clone();
    for moment in 0..40 {
        let request = VolumeCreateRequest { name: Some(name.clone()), ..VolumeCreateRequest::default() };
        docker.create_volume(request).await.expect("made");
        // At another moment of the look each time.
        let removal = async {
            tokio::time::sleep(Duration::from_micros(moment * 250)).await;
            while docker.remove_volume(&name, None::<RemoveVolumeOptions>).await.is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let (seen, ()) = tokio::join!(look(&ask, &engine), removal);
        assert!(matches!(&seen, Some(Ok(Fact::Absent) | Err(_))), "{seen:?}");
        let left = look(&Ask::Volume(name.clone()), &engine).await;
        assert_eq!(left, Some(Ok(Fact::Absent)), "removed after {} µs of a look, it is there again", moment * 250);
    }
}

#[tokio::test]
async fn a_container_is_known_by_its_whole_name() {
    let learner = Learner::new();
    learner.types(
        "docker create --name writer-1 --tmpfs /scratch --mount type=tmpfs,dst=/memory -v /anonymous busybox true",
    );
    let _made = Made("container", learner.named("writer-1"));
    let Some(Ok(Fact::Container(container))) = look(&Ask::Container(learner.named("writer-1")), &engine()).await else {
        panic!("it is there")
    };
    let mut mounts: Vec<(&str, &str, bool)> =
        container.mounts.iter().map(|m| (m.destination.as_str(), m.kind.as_str(), m.is_anonymous())).collect();
    mounts.sort_unstable();
    assert_eq!(mounts, [("/anonymous", "volume", true), ("/memory", "tmpfs", false), ("/scratch", "tmpfs", false)]);
    // The engine also takes the start of an id for a name.
    let prefix = container.id.get(..12).expect("an id").to_owned();
    assert_eq!(look(&Ask::Container(prefix), &engine()).await, Some(Ok(Fact::Absent)));
}
