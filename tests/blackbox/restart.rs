//! An engine that is restarted forgets its events: what they would have proved is asked for, and nobody is blamed.

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::second::Second;
use crate::terminal::Terminal;

/// A learner at the step in which a file is read in a container, on an engine of their own.
fn about_to_read() -> (Learner, Second) {
    let (learner, engine) = (Learner::new(), Second::start());
    engine.give("busybox");
    for command in [&["start", "docker-volumes", "--no-shell"][..], &["catchup", "read-from-writer-2", "--yes"]] {
        let said = labrun(&learner, &engine, command);
        assert_eq!(said.code, 0, "{said:?}");
    }
    (learner, engine)
}

fn labrun(learner: &Learner, engine: &Second, arguments: &[&str]) -> Said {
    learner.command(arguments).env("DOCKER_HOST", &engine.host).output().expect("labrun runs").into()
}

/// A line of the learner's on that engine.
fn types(learner: &Learner, engine: &Second, line: &str) {
    let said = learner.tries(&format!("export DOCKER_HOST={}; {line}", engine.host));
    assert_eq!(said.code, 0, "{line}: {said:?}");
}

/// What takes too long for `make test`; `make test-long` runs it.
mod long {
    use super::{Terminal, about_to_read, labrun, shell, types};

    #[test]
    fn a_practice_shell_goes_on_when_its_engine_was_restarted() {
        let (learner, mut engine) = about_to_read();
        let host = engine.host.clone();
        let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
        engine.restart();
        terminal.run(&learner.named("docker start writer-1 writer-2"));
        terminal
            .run_until(&learner.named("docker exec writer-2 cat /mnt/file.txt"), "done: Read what the other one wrote");
        terminal.leave();
    }

    #[test]
    fn what_an_engine_forgot_is_asked_for_and_never_called_wrong() {
        let (learner, mut engine) = about_to_read();
        types(&learner, &engine, "docker exec writer-2 cat /mnt/file.txt");
        engine.restart();
        types(&learner, &engine, "docker start writer-1 writer-2");
        let said = labrun(&learner, &engine, &["check", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!(
            (report["step"].as_str(), report["verdict"].as_str()),
            (Some("read-from-writer-2"), Some("cannot-check"))
        );
        let what = format!("the engine no longer tells all that happened in {}-writer-2", learner.name);
        let reason = serde_json::json!({"code": "gap", "what": what, "remedy": "run the command again, then check"});
        assert_eq!(report["reason"], reason);
        let status = labrun(&learner, &engine, &["status", "--json"]).out;
        let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
        let step =
            status["steps"].as_array().and_then(|steps| steps.iter().find(|step| step["step"] == "read-from-writer-2"));
        assert_eq!(step.map(|step| &step["fails"]), Some(&0.into()), "it is no attempt: {status}");
        types(&learner, &engine, "docker exec writer-2 cat /mnt/file.txt");
        let said = labrun(&learner, &engine, &["check", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!(report["verdict"], "pass", "what was done since then counts: {report}");
    }
}
