//! Where the way on is lost, it is named: what an earlier step made is gone, the context was changed, `/tmp` is not the
//! engine's.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Learner, Said};
use crate::liar::Liar;
use crate::practice::shell;
use crate::terminal::Terminal;

/// The check that says what is wrong: its diagnosis, what was seen, and the feedback.
fn said(report: &Value) -> (String, String, String) {
    let checks = report["checks"].as_array().expect("checks").iter();
    let wrong = checks.filter(|check| check["begun"] == true).collect::<Vec<_>>();
    let [wrong] = wrong.as_slice() else { panic!("one check speaks: {report}") };
    let text = |key: &str| wrong[key].as_str().unwrap_or_default().to_owned();
    (text("diagnosis"), text("seen"), text("feedback"))
}

#[test]
fn a_step_that_was_skipped_is_missed_too() {
    let learner = Learner::in_lab("docker-volumes");
    for _ in 0..3 {
        assert_eq!(learner.labrun(&["skip"]).code, 0);
    }
    learner.tries("docker exec writer-1 sh -c 'echo one_from_writer1 > /data/file.txt'");
    let report = learner.check("write-from-writer-1", "fail");
    let (diagnosis, seen, feedback) = said(&report);
    assert_eq!(diagnosis, "earlier-step-undone", "{report}");
    assert_eq!(seen, learner.named("writer-1, which step 3 makes, is not there"));
    assert_eq!(feedback, "Create it, or: labrun catchup 4");
}

#[test]
fn a_mistake_with_a_name_is_nearer_than_what_is_gone() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("remove-both");
    learner.types("docker rm -f writer-1 writer-2 && docker volume rm app-data");
    let report = learner.check("remove-both", "fail");
    assert!(report.to_string().contains("volume-deleted-too"), "{report}");
    assert!(!report.to_string().contains("earlier-step-undone"), "{report}");
}

/// Settings of docker's with a context for each of these addresses, the last one in use.
fn contexts(folder: &Path, contexts: &[(&str, &str)]) -> String {
    let config = folder.join("docker").to_str().expect("a path").to_owned();
    for (name, address) in contexts {
        let made = ["context", "create", name, "--docker", &format!("host={address}")];
        for arguments in [&made[..], &["context", "use", name]] {
            let output =
                Command::new("docker").args(arguments).env("DOCKER_CONFIG", &config).output().expect("docker runs");
            assert!(output.status.success(), "{output:?}");
        }
    }
    config
}

#[test]
fn a_context_that_was_changed_names_the_one_before() {
    let learner = Learner::in_lab("docker-volumes");
    let config = contexts(learner.home.path(), &[("dead", "unix:///none/docker.sock")]);
    let other = contexts(&learner.home.path().join("other"), &[("box", "tcp://127.0.0.1:1")]);
    for (variables, named, back) in [
        (&[("DOCKER_CONFIG", config.as_str())][..], "context dead", "docker context use default"),
        (&[("DOCKER_CONFIG", other.as_str())], "context box", "docker context use default"),
        (
            &[("DOCKER_CONFIG", config.as_str()), ("DOCKER_CONTEXT", "dead")],
            "context dead",
            "unset DOCKER_CONTEXT; docker context use default",
        ),
        (
            &[("DOCKER_HOST", "unix:///none/docker.sock")],
            "DOCKER_HOST unix:///none/docker.sock",
            "unset DOCKER_HOST; docker context use default",
        ),
    ] {
        for arguments in [
            &["check"][..],
            &["reset", "--yes"],
            &["catchup", "1", "--yes"],
            &["start", "docker-volumes", "--no-shell"],
            &[],
        ] {
            let output = learner.command(arguments).envs(variables.iter().copied()).output();
            let said: Said = output.expect("labrun runs").into();
            let text = (said.out.clone() + &said.err).split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("this lab was begun on context default"), "{variables:?} {arguments:?}: {said:?}");
            assert!(text.contains(&format!("no engine answers ({named}")), "{variables:?} {arguments:?}: {said:?}");
            assert!(text.contains(&format!("go back to that engine: {back}")), "{variables:?} {arguments:?}: {said:?}");
            assert!(!text.contains("systemctl"), "{variables:?} {arguments:?}: {said:?}");
        }
    }
}

/// Runs labrun where `/tmp` is a folder of its own, and progress is kept elsewhere.
fn with_own_tmp(learner: &Learner, folder: &Path, arguments: &[&str], host: Option<&str>) -> Said {
    assert!(rustix::process::geteuid().is_root(), "this test mounts, and that needs root: sudo make test");
    let own = learner.command(arguments);
    let mut command = Command::new("unshare");
    let tmp = folder.join("tmp");
    std::fs::create_dir_all(&tmp).expect("made");
    command.args(["--mount", "bash", "-c", r#"mount --bind "$0" /tmp && exec "$@""#]).arg(&tmp);
    command.arg(own.get_program()).args(own.get_args());
    command.env("LABRUN_HOME", folder.join("home")).env("LABRUN_AS", &learner.name);
    command.envs(host.map(|host| ("DOCKER_HOST", host)));
    command.output().expect("labrun runs").into()
}

#[test]
fn a_tmp_that_is_not_the_engines_is_named_at_start_and_at_the_step() {
    let learner = Learner::new();
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let snap = |_: &str, answer: &str| {
        answer.contains("\"DockerRootDir\"").then(|| answer.replace("/var/lib/docker", "/var/snap/docker/common/x"))
    };
    let liar = Liar::start(folder.path(), snap);
    let snap = liar.host();
    let run = |arguments: &[&str], host| with_own_tmp(&learner, folder.path(), arguments, host);
    let begun = run(&["start", "docker-volumes", "--no-shell"], Some(snap.as_str()));
    let words = begun.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(begun.code, 0, "{begun:?}");
    assert!(words.contains("/tmp isn't shared with the engine"), "{begun:?}");
    assert!(words.contains("Docker from snap has a /tmp of its own"), "{begun:?}");
    assert_eq!(run(&["reset", "--yes"], Some(snap.as_str())).code, 0);

    assert_eq!(run(&["start", "docker-volumes", "--no-shell"], None).code, 0);
    for _ in 0..11 {
        assert_eq!(run(&["skip"], None).code, 0);
    }
    learner.types("docker run -dit --name bind-test -v /tmp/dind:/dind busybox sh");
    learner.types("docker exec bind-test sh -c 'echo bind_test_data > /dind/test.txt'");
    let said = run(&["check", "--json"], None);
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(report["step"], json!("write-through-bind"));
    assert!(report.to_string().contains("\"folder-not-shared\""), "{report}");
    assert!(report.to_string().contains("labrun doctor"), "{report}");
    learner.types("docker rm -f bind-test");
    learner.types("rm -r /tmp/dind");
    assert_eq!(run(&["reset", "--yes"], None).code, 0);
}

#[test]
fn in_a_practice_shell_the_way_on_is_typed_as_there() {
    let learner = Learner::alone();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.run("lab skip");
    terminal.run_until(
        &learner.named("docker run -dit --name writer-1 -v app-data:/data busybox sh"),
        "Step 3 of 14 · done",
    );
    let gone = learner.named("writer-1, from step 3, is gone");
    let said = terminal.run_until(&learner.named("docker rm -f writer-1"), "Create it again, or: lab catchup 4");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&gone), "{said}");
    terminal.leave();
}

#[test]
fn a_wrong_answer_gets_its_verdict_once() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("read-from-writer-2");
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let said = terminal.run("lab answer something_else");
    assert_eq!(said.matches("Step 6 of 14").count(), 1, "{said}");
    for _ in 0..3 {
        // The engine's events of others are a reason to look, and none to say it again.
        learner.types("docker run --rm busybox true");
        let said = terminal.run("true");
        assert!(!said.contains("Step 6"), "{said}");
    }
    let said = terminal.run("lab answer another_thing");
    assert_eq!(said.matches("Step 6 of 14").count(), 1, "{said}");
    terminal.leave();
}

#[test]
fn a_container_on_its_way_out_is_not_judged() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("mount-in-writer-1");
    // It has ended, and the engine is about to remove it.
    for _ in 0..5 {
        learner.types("docker run -d --rm --name writer-1 -v app-data:/data busybox true");
        let (_, report) = learner.json(&["check"]);
        assert!(!report.to_string().contains("removing"), "{report}");
        let seen = learner.named("there is no container writer-1");
        assert!(report.to_string().contains(&seen), "{report}");
    }
}

#[test]
fn a_command_that_is_not_in_the_image_is_said_in_plain_words() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("mount-in-writer-1");
    learner.tries("docker run -dit --name writer-1 -v app-data:/data busybox bash");
    let said = learner.labrun(&["check"]);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&learner.named("writer-1 could not start: busybox has no bash")), "{said:?}");
    assert!(!words.contains("OCI") && !words.contains("shim"), "{said:?}");
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{Learner, said};

    #[test]
    fn what_an_earlier_step_made_is_missed_by_name() {
        let learner = Learner::in_lab("docker-volumes");
        for (step, number, made_by, object, take_away) in [
            ("write-from-writer-1", 4, 3, "writer-1", "docker rm -f writer-1"),
            ("read-from-writer-2", 6, 5, "writer-2", "docker rm -f writer-2"),
            ("read-from-writer-1", 8, 3, "writer-1", "docker rm -f writer-1"),
            ("write-through-bind", 12, 11, "bind-test", "docker rm -f bind-test"),
        ] {
            learner.up_to(step);
            learner.types(take_away);
            let report = learner.check(step, "fail");
            let (diagnosis, seen, feedback) = said(&report);
            assert_eq!(diagnosis, "earlier-step-undone", "{report}");
            assert_eq!(seen, learner.named(&format!("{object}, from step {made_by}, is gone")));
            assert_eq!(feedback, format!("Create it again, or: labrun catchup {number}"));
            // Trying the step without it is met with the same.
            learner.tries(&format!("docker exec {object} true"));
            assert_eq!(said(&learner.check(step, "fail")).0, "earlier-step-undone");
            let caught_up = learner.labrun(&["catchup", &number.to_string(), "--yes"]);
            assert_eq!(caught_up.code, 0, "the way on works: {caught_up:?}");
            let (_, task) = learner.json(&["task"]);
            assert_eq!(task["step"], step);
        }
    }
}
