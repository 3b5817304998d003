//! What labrun asks of an engine, from a lab's beginning to its end: what the book says it asks, and no more.

use std::collections::BTreeSet;

use crate::practice::{SEED, shell};
use crate::questions::Room;
use crate::terminal::Terminal;

/// Of the page's list, what no engine on this machine is asked in this test, and why.
const ELSEWHERE: [&str; 7] = [
    // The lab has none.
    "GET /networks/NAME",
    "DELETE /networks/ID",
    "DELETE /images/NAME",
    // That takes Podman.
    "POST /containers/ID/kill",
    // That takes a registry.
    "GET /distribution/IMAGE/json",
    "POST /images/create",
    // Where the disk is nearly full.
    "GET /system/df",
];

/// The requests in the page's list.
fn listed() -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/book/src/contributors/safety.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, part) = page.split_once("## What labrun asks of the engine").expect("the part");
    let part = part.split("\n## ").next().unwrap_or_default();
    let rows = part.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let listed: BTreeSet<String> = quoted.filter(|words| words.contains(" /")).map(str::to_owned).collect();
    listed.into_iter().collect()
}

/// Whether a request is one of those that are listed so: a word in capitals stands for any name.
fn is(listed: &str, asked: &str) -> bool {
    let is_name = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
    let (listed, asked) = (listed.split('/'), asked.split('/'));
    listed.clone().count() == asked.clone().count()
        && listed.zip(asked).enumerate().all(|(at, (listed, asked))| listed == asked || at > 0 && is_name(listed))
}

#[test]
fn an_engine_is_asked_what_the_book_says_and_no_more() {
    let room = Room::new();
    let host = room.proxy.host();
    let mut terminal = Terminal::practise(&room.learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
    // What is typed goes to the engine by itself: that is not labrun.
    terminal.run(&format!("export DOCKER_HOST={}", room.engine.host));
    for (number, command) in SEED.iter().enumerate() {
        if number == 3 {
            // A mistake: it is looked for what was written beside the volume.
            let beside = command.replace("/data/", "/");
            terminal.run_until(&room.learner.named(&beside), "own layer");
        }
        let done = format!("Step {} of 14 · done", number + 1);
        if number == 1 {
            // Typed for an engine at another address, a question to it proves nothing.
            terminal.run_until(&room.learner.named(command), "your answer is needed");
            let inspected = "docker volume inspect -f '{{.Mountpoint}}' app-data";
            let said = room.learner.tries(&format!("export DOCKER_HOST={}; {inspected}", room.engine.host));
            terminal.run_until(&format!("lab answer {}", said.out.trim()), &done);
            continue;
        }
        terminal.run_until(&room.learner.named(command), &done);
    }
    terminal.leave();
    let bundle = room.learner.home.path().join("bundle.tar");
    let bundle = bundle.to_string_lossy();
    for (arguments, code) in [
        (&["reset", "--yes"][..], 0),
        (&["start", "docker-volumes", "--no-shell"], 0),
        (&["doctor", "docker-volumes"], 0),
        (&["images", "save", &bundle, "docker-volumes"], 0),
        (&["images", "load", &bundle], 0),
    ] {
        if arguments[1] == "load" {
            room.types("docker image rm busybox");
        }
        let said = room.labrun(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {said:?}");
    }
    // The program in an image has words like these in it, too.
    let is_request =
        |asked: &String| ["GET /", "HEAD /", "POST /", "DELETE /", "PUT /"].iter().any(|it| asked.starts_with(it));
    let asked: BTreeSet<String> = room.proxy.requests().into_iter().filter(is_request).collect();
    let listed = listed();
    let unlisted: Vec<_> = asked.iter().filter(|asked| !listed.iter().any(|listed| is(listed, asked))).collect();
    assert!(unlisted.is_empty(), "not in book/src/contributors/safety.md: {unlisted:#?}");
    let never: Vec<_> = listed.iter().filter(|listed| !asked.iter().any(|asked| is(listed, asked))).collect();
    let elsewhere = BTreeSet::from(ELSEWHERE);
    assert_eq!(never.iter().map(|it| it.as_str()).collect::<BTreeSet<_>>(), elsewhere, "of {asked:#?}");
}
