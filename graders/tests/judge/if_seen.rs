//! `if_seen`: a deed that leaves no state, beside a question that decides where the deed cannot be seen.

use labrun_graders::{Obstacle, Pass, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec, line};
use crate::world::{World, cannot, engine_down, mistake, not_begun, passes};

fn read() -> Value {
    json!({"if_seen": {"exec": {"container": "writer-2", "reads": "/mnt/file.txt"}}})
}

fn world(execs: &[Exec<'_>]) -> World {
    World::new().reported(execs.iter().flat_map(Exec::entries).collect())
}

fn passes_with(caveat: &str) -> Verdict {
    Verdict::Pass(Pass { at: None, caveat: Some(caveat.to_owned()) })
}

#[test]
fn what_can_be_seen_must_have_been_done() {
    assert_eq!(world(&[exec("writer-2", &["cat", "/mnt/file.txt"])]).judge(read()), passes(1_501));
    let wants = "/mnt/file.txt was read in writer-2";
    assert_eq!(world(&[]).judge(read()), not_begun(wants, "nothing has run in writer-2 since"));
    let sentence = "Did that show the file? Compare its path with the one that the step is about.";
    let verdict = mistake("other-command", wants, "`ls /mnt` ran in writer-2", sentence);
    assert_eq!(world(&[exec("writer-2", &["ls", "/mnt"])]).judge(read()), verdict);
}

#[test]
fn what_cannot_be_seen_passes_with_a_remark() {
    let caveat = "there was a shell in writer-2, but not what was typed in it";
    assert_eq!(world(&[exec("writer-2", &["sh"])]).judge(read()), passes_with(caveat));
}

#[test]
fn what_the_engine_has_forgotten_is_run_again() {
    let forgotten = World::new().reported_with_gap(Vec::new(), 1_100, 1_200);
    let what = "the engine no longer tells all that happened in writer-2";
    assert_eq!(forgotten.judge(read()), cannot(Obstacle::Gap, what, "run the command again, then check"));
}

#[test]
fn output_that_was_not_shown_is_known_to_be_unseen() {
    let check = || json!({"if_seen": {"typed": {"wants": "shown", "runs": ["docker info"]}}});
    let typed = |text: &str| World::new().typed(vec![line(1_100, text, 0)]).judge(check());
    assert_eq!(typed("docker info"), passes(1_100));
    let sentence = "Run it so that you can read what it says. Where did its output go?";
    let seen = "the command ran, and its output was not shown";
    assert_eq!(typed("docker info > /dev/null"), mistake("output-not-shown", "shown", seen, sentence));
    let unclear = typed("docker info || true");
    assert!(matches!(&unclear, Verdict::Pass(pass) if pass.caveat.is_some()), "{unclear:?}");
}

#[test]
fn an_engine_that_does_not_answer_passes_nothing() {
    let reason = engine_down();
    let world = World::new().unseen(labrun_graders::Ask::Journal, reason.clone());
    assert_eq!(world.judge(read()), cannot(Obstacle::NoEngine, &reason.what, &reason.remedy));
}
