//! `typed` with `args`, `fails` and `after`.

use labrun_graders::evidence::Entry;
use labrun_graders::{Obstacle, Verdict};
use serde_json::{Value, json};

use crate::story::{event, line};
use crate::world::{World, cannot, mistake, passes};

/// What a row is to come to: `right`, `unclear`, or a diagnosis.
fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass(_) => "right".to_owned(),
        Verdict::CannotCheck(_) => "unclear".to_owned(),
        Verdict::Fail(feedback) => match &feedback.diagnosis {
            Some(name) => name.to_string(),
            None if feedback.begun => "wrong".to_owned(),
            None => "not begun".to_owned(),
        },
    }
}

fn all(check: &Value, rows: &[(&str, i64, &str)]) {
    let otherwise = rows.iter().filter_map(|(text, code, expected)| {
        let verdict = World::new().typed(vec![line(1_100, text, *code)]).judge(check.clone());
        (told(&verdict) != *expected).then(|| format!("`{text}` ended with {code}, not {expected}: {verdict:?}"))
    });
    assert_eq!(otherwise.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn arguments_count_in_any_order_and_form() {
    let tar = json!({"typed": {"wants": "listed", "runs": ["tar"], "args": ["-t", "-f", "/tmp/kx/a.tar"]}});
    all(
        &tar,
        &[
            ("tar -tf /tmp/kx/a.tar", 0, "right"),
            ("tar tvf /tmp/kx/a.tar", 0, "right"),
            ("tar --list --file=/tmp/kx/a.tar", 0, "right"),
            ("cd /tmp/kx && tar -t -f a.tar", 0, "right"),
            ("sudo tar -f /tmp/kx/a.tar -vt", 0, "right"),
            ("tar -xf /tmp/kx/a.tar", 0, "other-arguments"),
            ("tar -tf /tmp/kx/b.tar", 0, "other-arguments"),
            ("tar -tf a.tar", 0, "other-arguments"),
            ("tar -tf \"$backup\"", 0, "unclear"),
            ("tar -tf /tmp/kx/a.tar; true", 0, "unclear"),
            ("tar -tf /tmp/kx/a.tar", 2, "command-failed"),
            ("ls /tmp/kx/a.tar", 0, "not begun"),
        ],
    );
    let volumes =
        json!({"typed": {"wants": "w", "runs": ["docker volume ls"], "args": ["--filter dangling=true", "-q"]}});
    all(
        &volumes,
        &[
            ("docker volume ls -f dangling=true -q", 0, "right"),
            ("docker volume list -qf dangling=true", 0, "right"),
            ("docker volume ls --quiet --filter=dangling=true", 0, "right"),
            ("docker volume ls -q", 0, "other-arguments"),
            ("docker volume ls -qf dangling=false", 0, "other-arguments"),
            ("docker ps -qf dangling=true", 0, "not begun"),
        ],
    );
    let inspect = json!({"typed": {"wants": "w", "runs": ["docker inspect"], "args": ["app"]}});
    all(&inspect, &[("docker inspect -f x app", 0, "right"), ("docker inspect other", 0, "other-arguments")]);
}

#[test]
fn a_refusal_is_never_turned_against_the_learner() {
    let refused = json!({"typed": {"wants": "w", "runs": ["docker volume rm"], "args": ["app-data"], "fails": true}});
    all(
        &refused,
        &[
            ("docker volume rm app-data", 1, "right"),
            ("docker volume remove app-data", 1, "right"),
            ("docker volume ls && docker volume rm app-data", 1, "unclear"),
            ("docker volume rm app-data; docker ps -a", 0, "unclear"),
            ("docker volume rm app-data || true", 0, "unclear"),
            ("docker volume rm app-data", 0, "not-refused"),
            ("docker volume rm other", 1, "other-arguments"),
            ("docker ps", 0, "not begun"),
        ],
    );
    let gone = json!({"typed": {"wants": "w", "reads": "/tmp/kx/gone", "fails": true}});
    all(
        &gone,
        &[
            ("cat /tmp/kx/gone", 1, "right"),
            ("cat /tmp/kx/gone > /dev/null", 1, "right"),
            ("cat /tmp/kx/gone", 0, "not-refused"),
            ("cat /tmp/kx/gone 2> /dev/null", 1, "unclear"),
            ("ls /tmp/kx && cat /tmp/kx/gone", 1, "unclear"),
        ],
    );
}

/// What happens, the lines with the times of their ends, and what that comes to.
type Row<'a> = (&'a str, Vec<(i64, &'a str)>, &'a str);

fn restart(at: i64) -> Vec<Entry> {
    [("die", 0), ("start", 1), ("restart", 2)].map(|(action, after)| event(at + after, action, "shop", &[])).to_vec()
}

#[test]
fn a_line_must_come_after_what_it_is_to_follow() {
    let check = |part: &str| {
        let mut typed = json!({"wants": "w", "after": {"container": "shop", "event": "restart"}});
        match part {
            "runs" => typed["runs"] = json!(["df"]),
            _ => typed["reads"] = json!("/tmp/kx/f"),
        }
        json!({"typed": typed})
    };
    for (part, did) in [("runs", "df"), ("reads", "cat /tmp/kx/f")] {
        let both = |text: &str| text.replace("DID", did);
        let rows: Vec<Row<'_>> = vec![
            ("after it", vec![(1_210, "docker restart shop"), (1_300, "DID")], "right"),
            ("before it", vec![(1_100, "DID"), (1_210, "docker restart shop")], "too-early"),
            ("before and after", vec![(1_100, "DID"), (1_210, "docker restart shop"), (1_300, "DID")], "right"),
            ("in one line", vec![(1_300, "docker restart shop && DID")], "right"),
            ("one after the other", vec![(1_300, "docker restart shop; DID")], "right"),
            ("in the wrong order", vec![(1_300, "DID && docker restart shop")], "too-early"),
            ("at the same time", vec![(1_300, "docker restart shop & DID")], "unclear"),
            ("restarted elsewhere meanwhile", vec![(1_300, "DID")], "unclear"),
            ("restarted by a script", vec![(1_300, "./again.sh && DID")], "unclear"),
            ("never entered", vec![(1_210, "docker restart shop")], "not begun"),
        ];
        for (what, lines, expected) in rows {
            let lines = lines.into_iter().map(|(at, text)| line(at, &both(text), 0)).collect();
            let verdict = World::new().typed(lines).reported(restart(1_200)).judge(check(part));
            assert_eq!(told(&verdict), expected, "{part} {what}: {verdict:?}");
        }
    }
    assert_eq!(
        World::new().typed(vec![line(1_100, "df", 0)]).reported(vec![]).judge(check("runs")),
        mistake(
            "too-early",
            "w",
            "`df` was entered, and shop has not been restarted in this step",
            "The restart comes first. What does the command say after it?"
        )
    );
    assert_eq!(
        World::new().typed(vec![line(1_100, "df", 0)]).reported_with_gap(vec![], 500, 1_050).judge(check("runs")),
        cannot(
            Obstacle::Gap,
            "the engine no longer tells all that happened to shop",
            "do it again, the restart and then the command"
        )
    );
    let two = vec![line(1_210, "docker restart shop", 0), line(1_300, "df", 0), line(1_400, "df", 0)];
    assert_eq!(World::new().typed(two).reported(restart(1_200)).judge(check("runs")), passes(1_300));
}

#[test]
fn a_format_must_show_what_the_learner_is_to_see() {
    let stats = json!({"typed": {"wants": "shown", "runs": ["docker stats --no-stream app"], "shows": "BlockIO"}});
    all(
        &stats,
        &[
            ("docker stats --no-stream app", 0, "right"),
            ("docker stats --no-stream=true", 0, "right"),
            ("docker container stats app --no-stream --format '{{.Name}} {{.BlockIO}}'", 0, "right"),
            ("docker stats --no-stream --format json app", 0, "right"),
            ("docker stats --no-stream --format '{{.MemUsage}}' app", 0, "other-arguments"),
            ("docker stats --no-stream other", 0, "not begun"),
            ("docker stats --no-stream=false app", 0, "missing-option"),
        ],
    );
    let info = json!({"typed": {"wants": "shown", "runs": ["docker info"], "shows": "Plugins"}});
    all(
        &info,
        &[
            ("docker info", 0, "right"),
            ("docker system info -f '{{json .Plugins}}'", 0, "right"),
            ("docker info --format '{{json .}}'", 0, "right"),
            ("docker info -f '{{.ServerVersion}}'", 0, "other-arguments"),
        ],
    );
    let df = json!({"typed": {"wants": "shown", "runs": ["docker system df -v"]}});
    all(&df, &[("docker system df --verbose", 0, "right"), ("docker system df", 0, "missing-option")]);
}
