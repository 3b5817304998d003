//! `exec: { follows }`: a command that came after another one.

use labrun_graders::{Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{Exec, exec};
use crate::world::{World, cannot, mistake, not_begun, passes, wrong};

const WANTS: &str = "df was run on /board in app after app tried to write /board/big, and failed";

fn measured() -> Value {
    json!({"exec": {
        "container": "app", "runs": "df", "args": ["/board"], "follows": {"writes": "/board/big", "fails": true}
    }})
}

fn at<'a>(at: i64, code: i64, argv: &'a [&'a str]) -> Exec<'a> {
    Exec { at, code: Some(code), ..exec("app", argv) }
}

fn judge(execs: &[Exec<'_>], check: Value) -> Verdict {
    World::new().reported(execs.iter().flat_map(Exec::entries).collect()).judge(check)
}

const DD: &[&str] = &["dd", "if=/dev/zero", "of=/board/big"];
const DF: &[&str] = &["df", "/board"];

#[test]
fn the_right_order_passes_and_the_other_is_too_early() {
    assert_eq!(judge(&[at(1_500, 1, DD), at(1_600, 0, DF)], measured()), passes(1_601));
    assert_eq!(judge(&[at(1_400, 0, DF), at(1_500, 1, DD), at(1_600, 0, DF)], measured()), passes(1_601));
    let early = mistake(
        "too-early",
        WANTS,
        "`df /board` ran in app, and not after this: app tried to write /board/big, and failed",
        "The order matters. What does the command say once the other one has done its part?",
    );
    assert_eq!(judge(&[at(1_500, 0, DF), at(1_600, 1, DD)], measured()), early);
    let otherwise = wrong(
        WANTS,
        "`df /board` ran in app, and not after this: app tried to write /board/big, and failed",
        "The one before it did not do what it was to do. Begin with that.",
    );
    for execs in [
        [at(1_500, 0, DD), at(1_600, 0, DF)].as_slice(),
        &[at(1_500, 0, DF)],
        &[at(1_500, 1, DD), at(1_550, 0, &["rm", "/board/big"]), at(1_600, 0, DF)],
    ] {
        assert_eq!(judge(execs, measured()), otherwise);
    }
    let nothing = "nothing has run in app since";
    assert_eq!(judge(&[], measured()), not_begun(WANTS, nothing));
}

#[test]
fn the_other_command_may_be_one_of_another_container() {
    let read = json!({"exec": {
        "container": "reader", "reads": "/notes/a", "follows": {"container": "writer", "writes": "/notes/a"}
    }});
    let written = Exec { at: 1_400, ..exec("writer", &["tee", "-a", "/notes/a"]) };
    let shown = exec("reader", &["cat", "/notes/a"]);
    assert_eq!(judge(&[written, shown], read), passes(1_501));
}

#[test]
fn what_cannot_be_told_apart_is_asked() {
    let remedy = "answer the step's question instead";
    let script = ["sh", "-c", "dd if=/dev/zero of=/board/big; df /board"];
    let what = "whether `sh -c dd if=/dev/zero of=/board/big; df /board` did it cannot be told";
    assert_eq!(judge(&[at(1_500, 0, &script)], measured()), cannot(Obstacle::Unseen, what, remedy));
    let shell = "there was a shell in app, but not what was typed in it";
    assert_eq!(judge(&[at(1_400, 0, &["sh"]), at(1_500, 0, DF)], measured()), cannot(Obstacle::Unseen, shell, remedy));
}
