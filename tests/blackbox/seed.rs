//! The lab as the exercise has it, typed command by command, in its own and in other right forms.

use crate::harness::Learner;

/// `sudo` where there is one, as the exercise is written.
fn sudo() -> &'static str {
    if std::process::Command::new("sudo").arg("-n").arg("true").output().is_ok_and(|o| o.status.success()) {
        "sudo "
    } else {
        ""
    }
}

#[test]
fn the_exercises_commands_pass_every_step_in_order() {
    let learner = Learner::in_lab("docker-volumes");
    let sudo = sudo();
    let steps = [
        ("create-volume", "docker volume create app-data"),
        ("inspect-volume", "docker volume ls && docker volume inspect app-data"),
        ("mount-in-writer-1", "docker run -dit --name writer-1 -v app-data:/data busybox sh"),
        ("write-from-writer-1", r#"docker exec writer-1 sh -c "echo one_from_writer1 > /data/file.txt""#),
        ("mount-in-writer-2", "docker run -dit --name writer-2 -v app-data:/mnt busybox sh"),
        ("read-from-writer-2", "docker exec writer-2 cat /mnt/file.txt"),
        ("append-from-writer-2", r#"docker exec writer-2 sh -c "echo two_from_writer2 >> /mnt/file.txt""#),
        ("read-from-writer-1", "docker exec writer-1 cat /data/file.txt"),
        ("remove-both", "docker rm -f writer-1 writer-2"),
        ("temporary-container", "docker run --rm -v app-data:/check busybox cat /check/file.txt"),
        ("bind-mount", "mkdir -p /tmp/dind && docker run -dit --name bind-test -v /tmp/dind:/dind busybox sh"),
        ("write-through-bind", r#"docker exec bind-test sh -c "echo bind_test_data > /dind/test.txt""#),
        ("read-on-host", "cat /tmp/dind/test.txt"),
        ("remove-bind-test", "docker rm -f bind-test"),
    ];
    for (step, command) in steps {
        let before = learner.json(&["check"]).1;
        assert_eq!(before["step"], step);
        assert_ne!(before["verdict"], "pass", "{step} passes before anything was done");
        let typed = command.replace("docker ", &format!("{sudo}docker "));
        learner.types(&typed);
        let (code, report) = match step {
            "inspect-volume" => learner.json(&["answer", &learner.mountpoint()]),
            "read-on-host" => learner.json(&["answer", "bind_test_data"]),
            // Without a practice shell nobody saw what it ran.
            "temporary-container" => learner.json(&["answer", "two_from_writer2"]),
            _ => learner.json(&["check"]),
        };
        assert_eq!((code, report["verdict"].as_str()), (0, Some("pass")), "{step}: {report}");
        assert_eq!(report["passed_steps"], serde_json::json!([step]));
    }
    let (_, status) = learner.json(&["status"]);
    assert_eq!((&status["finished"], &status["passed"], &status["hints"]), (&true.into(), &14.into(), &0.into()));
}

#[test]
fn one_check_passes_every_step_that_was_done_meanwhile() {
    let learner = Learner::alone_in_lab("docker-volumes");
    learner.up_to("mount-in-writer-1");
    for command in [
        "docker run -dit --name writer-1 -v app-data:/data busybox sh",
        "docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt'",
        "docker run -dit --name writer-2 -v app-data:/mnt busybox sh",
        "docker exec writer-2 cat /mnt/file.txt",
        "docker exec writer-2 sh -c 'echo two_from_writer2 >> /mnt/file.txt'",
        "docker exec writer-1 cat /data/file.txt",
    ] {
        learner.types(command);
    }
    let report = learner.check("mount-in-writer-1", "pass");
    let passed = [
        "mount-in-writer-1",
        "write-from-writer-1",
        "mount-in-writer-2",
        "read-from-writer-2",
        "append-from-writer-2",
        "read-from-writer-1",
    ];
    assert_eq!(report["passed_steps"], serde_json::json!(passed));
    assert_eq!(learner.json(&["task"]).1["step"], "remove-both");
}

#[test]
fn typed_without_a_name_of_ones_own_the_lab_uses_the_names_it_prints() {
    let learner = Learner::in_lab("docker-volumes");
    let (_, task) = learner.json(&["task"]);
    assert_eq!(task["task"], learner.named("Create a Docker volume named **app-data**.\n"));
}

#[test]
fn catching_up_makes_what_a_step_begins_with() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    learner.types("docker run -dit --name writer-1 -v app-data:/somewhere busybox sh");
    let said = learner.labrun(&["catchup", "8"]);
    assert_eq!(said.code, 2, "what is there is not removed without a yes: {said:?}");
    let (code, report) = learner.json(&["catchup", "8", "--yes"]);
    assert_eq!((code, report["step"].as_str()), (0, Some("read-from-writer-1")), "{report}");
    let (_, status) = learner.json(&["status"]);
    assert_eq!((&status["passed"], &status["given"]), (&1.into(), &6.into()), "what was passed stays passed");
    learner.check("read-from-writer-1", "fail");
    learner.types("docker exec writer-1 cat /data/file.txt");
    learner.check("read-from-writer-1", "pass");
    // Back to an earlier step: its state comes back, and progress stays.
    let (code, report) = learner.json(&["catchup", "mount-in-writer-1", "--yes"]);
    assert_eq!((code, report["step"].as_str()), (0, Some("remove-both")), "{report}");
    assert_ne!(learner.tries("docker inspect writer-1").code, 0);
    learner.types("docker volume inspect app-data");
    let said = learner.labrun(&["catchup", "99", "--yes"]);
    assert_eq!((said.code, said.err.lines().next()), (2, Some("error: this lab has no step 99")));
}

#[test]
fn catching_up_answers_what_the_steps_before_ask() {
    let learner = Learner::in_lab("mount-types");
    let (code, report) = learner.json(&["catchup", "write-page", "--yes"]);
    assert_eq!((code, report["step"].as_str()), (0, Some("write-page")), "{report}");
    let (_, status) = learner.json(&["status"]);
    assert_eq!((&status["passed"], &status["given"]), (&0.into(), &3.into()), "{status}");
}

#[test]
fn an_interrupted_catch_up_can_be_run_again() {
    let learner = Learner::in_lab("docker-volumes");
    for delay in [100, 400, 900] {
        let mut child =
            learner.command(&["catchup", "14", "--yes"]).stdout(std::process::Stdio::null()).spawn().expect("runs");
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().expect("killed");
        child.wait().expect("it ended");
    }
    let (code, report) = learner.json(&["catchup", "14", "--yes"]);
    assert_eq!((code, report["step"].as_str()), (0, Some("remove-bind-test")), "{report}");
    learner.types("docker rm -f bind-test");
    learner.check("remove-bind-test", "pass");
}

#[test]
fn a_room_that_waits_stops_at_the_end_of_a_part() {
    let learner = Learner::new();
    assert_eq!(
        learner.labrun(&["start", "docker-volumes", "--no-shell", "--until", "7"]).code,
        2,
        "there is no such part"
    );
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--until", "1"]).code, 0);
    learner.up_to("temporary-container");
    learner.types("docker run --rm -v app-data:/check busybox cat /check/file.txt");
    learner.types("mkdir /tmp/dind && docker run -dit --name bind-test -v /tmp/dind:/dind busybox sh");
    let (_, report) = learner.json(&["answer", "two_from_writer2"]);
    assert_eq!(report["passed_steps"], serde_json::json!(["temporary-container"]), "the next part is not graded");
    let said = learner.labrun(&["task"]);
    assert!(said.out.starts_with("Part 1 is done: One volume, two containers."), "{said:?}");
    let said = learner.labrun(&["check"]);
    assert_eq!(
        (said.code, said.err.lines().next()),
        (2, Some("error: this part is done, and the next one has not begun"))
    );
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.check("bind-mount", "pass");
}

#[test]
fn an_exam_gives_no_help_and_one_verdict() {
    let learner = Learner::new();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--exam"]).code, 0);
    for help in [&["hint"][..], &["solution"], &["catchup", "3", "--yes"]] {
        let said = learner.labrun(help);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.starts_with("error: this is an exam, and in an exam there is no "), "{said:?}");
    }
    learner.types("docker volume create app-data");
    let said = learner.labrun(&["check"]);
    assert!(
        said.out.starts_with("Step 1 of 14 · done: Create a volume\n\nStep 2 of 14"),
        "nothing is explained: {}",
        said.out
    );
    learner.json(&["answer", &learner.mountpoint()]);
    learner.types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    let said = learner.labrun(&["check"]);
    assert_eq!((said.code, said.out.as_str()), (1, "Step 3 of 14 · not yet (1 of 2)\n"), "why is not told");
    for _ in 3..=14 {
        learner.labrun(&["skip"]);
    }
    let said = learner.labrun(&["task"]);
    assert!(said.out.starts_with("Exam over · 2 passed · 12 skipped"), "{}", said.out);
}

#[test]
fn when_the_time_is_up_nothing_more_is_graded() {
    let learner = Learner::new();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--exam"]).code, 0);
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    store.execute("UPDATE session SET exam = started", []).expect("the time is set");
    learner.types("docker volume create app-data");
    let said = learner.labrun(&["check"]);
    assert_eq!((said.code, said.err.lines().next()), (2, Some("error: the time of this exam is up")));
    let said = learner.labrun(&["task"]);
    assert!(said.out.starts_with("Exam over: the time is up · 0 passed"), "{}", said.out);
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::Learner;

    #[test]
    fn other_forms_of_the_same_commands_pass_too() {
        let learner = Learner::in_lab("docker-volumes");
        let steps: [(&str, &[&str]); 14] = [
            ("create-volume", &["docker volume create --name app-data"]),
            ("inspect-volume", &[]),
            (
                "mount-in-writer-1",
                &[
                    "docker container create -it --name writer-1 --mount type=volume,source=app-data,target=/data/ busybox:latest sh",
                    "docker container start writer-1",
                ],
            ),
            (
                "write-from-writer-1",
                &["echo one_from_writer1 | docker container exec -i -w /data writer-1 tee file.txt"],
            ),
            (
                "mount-in-writer-2",
                &["docker container run -d --name writer-2 --mount src=app-data,dst=/mnt busybox sleep 600"],
            ),
            ("read-from-writer-2", &["docker container exec -w /mnt writer-2 cat file.txt"]),
            (
                "append-from-writer-2",
                &["printf 'two_from_writer2\\r\\n\\n' | docker exec -i writer-2 tee -a /mnt/file.txt"],
            ),
            ("read-from-writer-1", &["docker exec writer-1 sh -c 'cd /data && tail -n 5 < file.txt'"]),
            (
                "remove-both",
                &["docker container stop -t 0 writer-1 writer-2", "docker container rm writer-1", "docker rm writer-2"],
            ),
            (
                "temporary-container",
                &[
                    "docker run --name writer-2 --mount type=volume,src=app-data,dst=/check,readonly busybox head -n 2 /check/file.txt",
                    "docker rm writer-2",
                ],
            ),
            (
                "bind-mount",
                &[
                    "mkdir /tmp/dind",
                    "cd /tmp/dind && docker run -dit --name bind-test --mount type=bind,source=$PWD,target=/dind busybox",
                ],
            ),
            ("write-through-bind", &["echo bind_test_data | docker exec -i bind-test sh -c 'cat > /dind/test.txt'"]),
            ("read-on-host", &[]),
            ("remove-bind-test", &["docker stop -t 0 bind-test", "docker container rm bind-test"]),
        ];
        for (step, commands) in steps {
            for command in commands {
                learner.types(command);
            }
            let (code, report) = match step {
                // However the answer was copied.
                "inspect-volume" => {
                    learner.json(&["answer", &format!("\"Mountpoint\": \"{}\",", learner.mountpoint())])
                }
                "read-on-host" => learner.json(&["answer", " bind_test_data "]),
                "temporary-container" => learner.json(&["answer", "two_from_writer2"]),
                _ => learner.json(&["check"]),
            };
            assert_eq!((code, report["verdict"].as_str()), (0, Some("pass")), "{step}: {report}");
        }
    }
}
