//! What proves that something was read, and what does not.

use crate::harness::Learner;

const READING: &[&str] = &[
    "docker exec writer-2 cat /mnt/file.txt",
    "docker exec writer-2 /bin/cat /mnt//file.txt",
    "docker exec writer-2 sh -c 'cat /mnt/file.txt'",
    "docker exec writer-2 sh -c 'cd /mnt; cat file.txt'",
    "docker exec writer-2 sh -c 'cat /mnt/*'",
    "docker exec writer-2 grep one /mnt/file.txt",
    "docker exec -it writer-2 head /mnt/file.txt </dev/null || docker exec writer-2 head /mnt/file.txt",
];

const NOT_READING: &[&str] = &[
    "docker exec writer-2 ls /mnt/file.txt",
    "docker exec writer-2 touch /mnt/file.txt",
    "docker exec writer-2 echo cat /mnt/file.txt",
    "docker exec writer-2 sh -c 'echo \"cat /mnt/file.txt\"'",
    "docker exec writer-2 cat /mnt/nothing.txt",
    "docker exec writer-2 cat /data/file.txt",
    "docker exec writer-2 test -f /mnt/file.txt",
    "docker exec writer-1 cat /data/file.txt",
    "docker cp writer-2:/mnt/file.txt -",
    "docker volume inspect app-data",
];

#[test]
fn reading_is_proved_by_what_reads() {
    for reading in READING {
        let learner = Learner::in_lab("docker-volumes");
        learner.up_to("read-from-writer-2");
        learner.check("read-from-writer-2", "fail");
        learner.tries(reading);
        let (code, report) = learner.json(&["check"]);
        assert_eq!((code, report["verdict"].as_str()), (0, Some("pass")), "{reading}: {report}");
    }
}

#[test]
fn a_mention_of_the_file_is_not_reading() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("read-from-writer-2");
    for mention in NOT_READING {
        learner.tries(mention);
        let (code, report) = learner.json(&["check"]);
        assert_eq!((code, report["verdict"].as_str()), (1, Some("fail")), "{mention}: {report}");
    }
}

#[test]
fn what_was_read_before_the_step_does_not_count() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("append-from-writer-2");
    learner.types("docker exec writer-1 cat /data/file.txt");
    learner.types("docker exec writer-2 sh -c 'echo two_from_writer2 >> /mnt/file.txt'");
    let report = learner.check("append-from-writer-2", "pass");
    assert_eq!(report["passed_steps"], serde_json::json!(["append-from-writer-2"]));
    learner.check("read-from-writer-1", "fail");
    learner.types("docker exec writer-1 cat /data/file.txt");
    learner.check("read-from-writer-1", "pass");
}

#[test]
fn what_was_typed_inside_a_shell_is_asked_for() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("read-from-writer-2");
    learner.types("echo 'cat /mnt/file.txt' | docker exec -i writer-2 sh");
    let report = learner.check("read-from-writer-2", "cannot-check");
    assert_eq!(report["reason"]["code"], "unseen");
    let (code, report) = learner.json(&["answer", "two_from_writer2"]);
    assert_eq!((code, report["verdict"].as_str()), (1, Some("fail")), "a wrong answer is told so: {report}");
    let (code, report) = learner.json(&["answer", "one_from_writer1"]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("pass")), "{report}");
}

#[test]
fn a_container_that_ends_at_once_never_passes_for_running() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("mount-in-writer-1");
    for _ in 0..10 {
        learner.types("docker run -d --name writer-1 -v app-data:/data busybox sh");
        let report = learner.check("mount-in-writer-1", "fail");
        assert_eq!(report["checks"][0]["diagnosis"], "exited-at-once", "{report}");
        learner.types("docker rm -f writer-1");
    }
}

#[test]
fn a_recreated_volume_is_not_the_kept_one() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("remove-both");
    learner.types("docker rm -f writer-1 writer-2 && docker volume rm app-data && docker volume create app-data");
    learner.check("remove-both", "fail");
}

#[test]
fn the_temporary_container_must_have_seen_the_volume_and_ended_well() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("temporary-container");
    for wrong in [
        "docker run --rm busybox true",
        "docker run --rm -v app-data:/data busybox cat /data/file.txt",
        "docker run --rm -v app-data:/check busybox cat /check/nothing.txt",
    ] {
        learner.tries(wrong);
        let (code, report) = learner.json(&["check"]);
        assert_eq!((code, report["verdict"].as_str()), (1, Some("fail")), "{wrong}: {report}");
    }
    learner.types("docker run --rm -v app-data:/check busybox cat /check/file.txt");
    let report = learner.check("temporary-container", "cannot-check");
    let what = report["reason"]["what"].as_str().unwrap_or_default();
    assert!(what.ends_with("was gone before it could be asked which command it ran"), "{report}");
    let (code, report) = learner.json(&["answer", "two_from_writer2"]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("pass")), "{report}");
}

#[test]
fn what_is_still_there_tells_what_it_ran() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("temporary-container");
    learner.types("docker run --name writer-1 -v app-data:/check busybox ls /check/file.txt");
    learner.check("temporary-container", "fail");
    learner.types("docker rm writer-1");
    let report = learner.check("temporary-container", "fail");
    assert!(report["checks"][0]["seen"].as_str().is_some_and(|seen| seen.contains("ls /check/file.txt")), "{report}");
}
