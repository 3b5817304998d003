//! Whole labs typed at the practice shell: bash, zsh and fish, with mistakes, and with what can go wrong around them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::Learner;
use crate::proxy::Proxy;
use crate::terminal::{PROMPT, Terminal};

/// The exercise's commands, as they stand there.
pub const SEED: [&str; 14] = [
    "docker volume create app-data",
    "docker volume ls && docker volume inspect app-data",
    "docker run -dit --name writer-1 -v app-data:/data busybox sh",
    r#"docker exec writer-1 sh -c "echo one_from_writer1 > /data/file.txt""#,
    "docker run -dit --name writer-2 -v app-data:/mnt busybox sh",
    "docker exec writer-2 cat /mnt/file.txt",
    r#"docker exec writer-2 sh -c "echo two_from_writer2 >> /mnt/file.txt""#,
    "docker exec writer-1 cat /data/file.txt",
    "docker rm -f writer-1 writer-2",
    "docker run --rm -v app-data:/check busybox cat /check/file.txt",
    "mkdir -p /tmp/dind && docker run -dit --name bind-test -v /tmp/dind:/dind busybox sh",
    r#"docker exec bind-test sh -c "echo bind_test_data > /dind/test.txt""#,
    "cat /tmp/dind/test.txt",
    "docker rm -f bind-test",
];

pub fn shell(name: &str) -> PathBuf {
    let found = ["/bin", "/usr/bin", "/usr/local/bin"]
        .iter()
        .map(|folder| PathBuf::from(folder).join(name))
        .find(|path| path.exists());
    found.unwrap_or_else(|| panic!("these tests need {name}: apt-get install {name}"))
}

fn sudo() -> &'static str {
    let works = Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status();
    if works.is_ok_and(|status| status.success()) { "sudo docker" } else { "docker" }
}

/// Types the exercise; every command must pass its step before the next prompt, or at the one after it.
fn types_the_exercise(name: &str) {
    let learner = Learner::alone();
    let mut terminal = Terminal::practise(&learner, &shell(name), 80, &[]);
    for (number, command) in SEED.iter().enumerate() {
        let command = learner.named(&command.replace("docker", sudo()));
        terminal.run_until(&command, &format!("Step {} of 14 · done", number + 1));
    }
    assert!(terminal.screen().contains("Lab finished · 14 passed"), "{}", terminal.screen());
    terminal.leave();
    assert_eq!(learner.json(&["status"]).1["passed"], 14);
}

#[test]
fn the_exercise_typed_in_bash_passes_without_an_answer() {
    types_the_exercise("bash");
}

#[test]
fn the_exercise_typed_in_zsh_passes_without_an_answer() {
    types_the_exercise("zsh");
}

#[test]
fn the_exercise_typed_in_fish_passes_without_an_answer() {
    types_the_exercise("fish");
}

#[test]
fn mistakes_are_told_once_and_then_in_a_line() {
    let learner = Learner::alone();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let wrong = learner.named("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.run_until(&learner.named("docker volume ls && docker volume inspect app-data"), "Step 2 of 14 · done");
    let first = terminal.run_until(&wrong, "Step 3 of 14 · not yet (1 of 2)");
    assert!(first.contains("Which part of the mount") || first.contains("Where"), "{first}");
    let quiet = terminal.run("echo nothing to do with it");
    assert_eq!(quiet.trim(), "nothing to do with it", "what changes nothing is not spoken of");
    terminal.run(&learner.named("docker rm -f writer-1"));
    let again = terminal.run_until(&wrong, "Step 3: still: ");
    assert!(!again.contains("Step 3 of 14 · not yet"), "{again}");
    let hint = terminal.run("lab hint");
    assert!(hint.contains("Hint 1"), "{hint}");
    let hint = terminal.run("hint");
    assert!(hint.contains("Hint 2"), "{hint}");
    let task = terminal.run("lab");
    assert!(task.contains("Step 3 of 14 · Part 1"), "{task}");
    let check = terminal.run("lab check");
    assert_eq!(check.matches("Step 3 of 14 · not yet").count(), 1, "{check}");
    terminal.run(&learner.named("docker rm -f writer-1"));
    let again = terminal.run_until(&wrong, "Step 3: still: ");
    assert!(!again.contains("Step 3 of 14 · not yet"), "what lab check has shown is told in a line: {again}");
    terminal.leave();
}

#[test]
fn what_labrun_asks_in_the_shell_is_answered_there() {
    for name in ["bash", "zsh", "fish"] {
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(name), 80, &[]);
        terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
        // The task has the question too, and that is not the moment to press a key.
        terminal.clear();
        terminal.send("lab answer\r");
        terminal.wait_for("the volume's Mountpoint?");
        terminal.send("\u{3}");
        terminal.wait_for_prompt();
        assert!(!terminal.screen().contains("error:"), "{name}: {}", terminal.screen());
        assert_eq!(terminal.run("echo still here").trim(), "still here", "{name}: Ctrl-C ends the question alone");
        terminal.run("docker volume inspect app-dat");
        let said = terminal.run("lab answer /var/y");
        assert_eq!(said.matches("seen: your answer, /var/y").count(), 1, "{name}: {said}");
        assert_eq!(said.matches("Step 2 of 14").count(), 1, "{name}: {said}");
        terminal.clear();
        terminal.send("lab answer\r");
        terminal.wait_for("the volume's Mountpoint?");
        let said = terminal.run(&learner.mountpoint());
        assert!(said.contains("Step 2 of 14 · done"), "{name}: {said}");
        terminal.send("lab reset\r");
        terminal.wait_for("Remove these and end the lab? [y/N]");
        let said = terminal.run("y");
        assert!(said.contains("The lab is ended"), "{name}: {said}");
        terminal.leave();
    }
}

#[test]
fn the_learners_own_shell_stays_whole() {
    for (name, rc) in [
        ("bash", "PROMPT_COMMAND='own_prompt=$((own_prompt+1))'\nalias hi='echo hello'\n"),
        ("bash", "PROMPT_COMMAND=('own_prompt=$((own_prompt+1))')\nalias hi='echo hello'\n"),
        // As starship does it: a DEBUG trap that is ready once a prompt, and a command at the end of the others.
        (
            "bash",
            "own_pre() { [ \"$own_ready\" = true ] && own_ready=false; : \"$1\"; }\n\
             own_prompt() { own_prompt=$((own_prompt+1)); own_ready=true; }\n\
             trap 'own_pre \"$_\"' DEBUG\nPROMPT_COMMAND=\"${PROMPT_COMMAND%;};own_prompt;\"\nPROMPT_COMMAND=${PROMPT_COMMAND#;}\n\
             alias hi='echo hello'\n",
        ),
        (
            "zsh",
            "own_precmd() { own_prompt=$((own_prompt+1)) }\nprecmd_functions+=(own_precmd)\nalias hi='echo hello'\n",
        ),
    ] {
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(name), 80, &[("rc", rc)]);
        let say = |terminal: &mut Terminal, line: &str| terminal.run(line).trim().to_owned();
        assert_eq!(say(&mut terminal, "hi"), "hello", "{name}");
        say(&mut terminal, "(exit 42)");
        assert_eq!(say(&mut terminal, "echo $?"), "42", "{name}: the exit code is the learner's");
        let before: u32 = say(&mut terminal, "echo $own_prompt").parse().expect("a number");
        let after: u32 = say(&mut terminal, "echo $own_prompt").parse().expect("a number");
        assert_eq!(after, before + 1, "{name}: their own prompt command runs once a prompt");
        assert_eq!(
            say(&mut terminal, "for i in 1 2\ndo echo $i\ndone"),
            "1\n2",
            "{name}: several lines are one command"
        );
        let began = Instant::now();
        terminal.begin("sleep 30");
        terminal.send("\u{3}");
        terminal.wait_for_prompt();
        assert!(began.elapsed() < Duration::from_secs(25), "{name}: Ctrl-C ends a command and nothing else");
        terminal.begin("sleep 30");
        terminal.send("\u{1a}");
        terminal.wait_for_prompt();
        assert!(say(&mut terminal, "jobs").contains("sleep 30"), "{name}: Ctrl-Z stops a job");
        say(&mut terminal, "kill %1");
        terminal.leave();
    }
}

#[test]
fn direnv_goes_on_in_the_practice_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".envrc"), "export FROM_DIRENV=there\n").expect("written");
    for (name, rc) in [
        ("bash", "eval \"$(direnv hook bash)\"\n"),
        ("zsh", "eval \"$(direnv hook zsh)\"\n"),
        ("fish", "direnv hook fish | source\n"),
    ] {
        shell("direnv");
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(name), 80, &[("rc", rc)]);
        terminal.run(&format!("direnv allow {}/.envrc", folder.path().display()));
        terminal.run(&format!("cd {}", folder.path().display()));
        terminal.run_until("echo it-is-$FROM_DIRENV", "it-is-there");
        terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
        terminal.leave();
    }
}

#[test]
fn a_parent_that_was_killed_costs_a_prompt_nothing() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.kill_parent();
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(terminal.run("echo on").trim(), "on");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    terminal.run(&learner.named("docker volume create app-data"));
    let said = terminal.run("lab check");
    assert!(said.contains("Step 1 of 14 · done"), "without a parent, labrun grades by itself: {said}");
}

#[test]
fn a_shell_in_a_container_is_asked_about() {
    let learner = Learner::in_lab("docker-volumes");
    learner.up_to("read-from-writer-2");
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.send(&learner.named("docker exec -it writer-2 sh\r"));
    terminal.wait_for("/ #");
    terminal.send("cat /mnt/file.txt\r");
    terminal.wait_for("one_from_writer1");
    terminal.send("exit\r");
    terminal.wait_for_prompt();
    if !terminal.screen().contains("there was a shell in") {
        terminal.run_until("", "there was a shell in");
    }
    let screen = terminal.screen();
    assert!(screen.contains("Question: What is line 1 of the file"), "{screen}");
    let said = terminal.run("answer one_from_writer1");
    assert!(said.contains("Step 6 of 14 · done"), "{said}");
    terminal.leave();
}

#[test]
fn what_ran_in_a_temporary_container_is_known() {
    let learner = Learner::alone_in_lab("docker-volumes");
    learner.up_to("temporary-container");
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let said = terminal.run(&learner.named("docker run --rm -v app-data:/check busybox ls /check/file.txt"));
    let said = said + &terminal.run("");
    assert!(!said.contains("done"), "listing is not reading: {said}");
    let reading = learner.named("docker run --rm -v app-data:/check busybox cat /check/file.txt");
    let said = terminal.run_until(&reading, "Step 10 of 14 · done");
    assert!(!said.contains("could be asked"), "{said}");
    let store = rusqlite::Connection::open(learner.home.path().join("progress.db")).expect("opened");
    // Others may be on this engine: theirs has another volume.
    let sql = "SELECT entry FROM journal WHERE action = 'create' AND entry LIKE ?1 ORDER BY at DESC LIMIT 1";
    let newest = || -> serde_json::Value {
        let entry: String =
            store.query_row(sql, [format!("%{}%/check%", learner.name)], |row| row.get(0)).expect("an entry");
        serde_json::from_str(&entry).expect("JSON")
    };
    let entry = newest();
    assert_eq!(entry["detail"]["argv"], serde_json::json!(["cat", "/check/file.txt"]));
    assert_eq!(entry["detail"]["mounts"][0]["destination"], "/check");
    // On a busy machine the container may be gone before its output was asked for.
    let began = Instant::now();
    while newest()["detail"]["output"] != "one_from_writer1\ntwo_from_writer2\n" {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", newest());
        terminal.run(&reading);
        std::thread::sleep(Duration::from_millis(500));
    }
    terminal.leave();
}

#[test]
fn an_engine_that_stops_and_comes_back_is_no_mistake() {
    let learner = Learner::new();
    let mut proxy = Proxy::start(learner.home.path());
    let host = proxy.host();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
    proxy.stop();
    std::thread::sleep(Duration::from_millis(200));
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · could not check");
    assert_eq!(learner.json(&["status"]).1["steps"][0]["fails"], 0);
    proxy.go_on();
    std::thread::sleep(Duration::from_millis(1500));
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.leave();
}

#[test]
fn two_practice_shells_share_one_session() {
    let learner = Learner::new();
    let mut one = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let mut two = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    one.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    let task = two.run("lab");
    assert!(task.contains("Step 2 of 14"), "{task}");
    two.run_until(&learner.named("docker volume ls && docker volume inspect app-data"), "Step 2 of 14 · done");
    two.run_until(
        &learner.named("docker run -dit --name writer-1 -v app-data:/data busybox sh"),
        "Step 3 of 14 · done",
    );
    let said = one.run("");
    assert!(said.contains("Step 3 of 14 · done in another terminal") && said.contains("Step 4 of 14"), "{said}");
    one.leave();
    two.leave();
}

#[test]
fn a_shell_that_labrun_does_not_know_gives_way_to_bash() {
    let learner = Learner::new();
    let fake = learner.home.path().join("tcsh");
    std::fs::File::create(&fake).and_then(|mut file| file.write_all(b"#!/bin/sh\n")).expect("written");
    let mut terminal = Terminal::practise(&learner, &fake, 80, &[]);
    assert!(
        terminal.screen().contains("labrun knows bash, zsh and fish, but not tcsh: this is bash"),
        "{}",
        terminal.screen()
    );
    assert_eq!(terminal.run("echo ${BASH_VERSION:+bash}").trim(), "bash");
    terminal.leave();
}

#[test]
fn the_practice_shell_at_40_columns() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 40, &[]);
    terminal.clear();
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    let screen = terminal.screen();
    let said = screen.lines().filter(|line| !line.contains("docker volume create"));
    let widest = said.map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(widest <= 40, "{screen}");
    assert!(screen.contains("Step 1 of 14 · done"), "{screen}");
    terminal.leave();
}

#[test]
fn leaving_loses_nothing_and_bare_labrun_goes_on() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    let said = terminal.leave();
    assert!(said.contains("1 of 14 steps done, and kept. labrun goes on with it."), "{said}");
    let mut terminal = Terminal::start(&learner, &shell("bash"), 80, &[], &[]);
    let screen = terminal.screen();
    assert!(screen.contains("1 of 14 steps done") && screen.contains("Step 2 of 14"), "{screen}");
    let nested = terminal.run("lab start docker-volumes");
    assert!(nested.contains("you are in a practice shell already"), "{nested}");
    terminal.leave();
    assert!(!screen.contains(&format!("{PROMPT}{PROMPT}")));
}

#[test]
fn a_second_terminal_sees_what_happens_in_the_first() {
    let learner = Learner::new();
    let mut shell_terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let mut watching = Terminal::watch(&learner, 80);
    watching.wait_for("0 of 14");
    shell_terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    watching.wait_for("1 of 14");
    watching.wait_for("Step 2 of 14");
    shell_terminal.run("lab hint");
    watching.wait_for("1 hint");
    shell_terminal.leave();
    // Alone, it records and grades by itself.
    learner.json(&["answer", &learner.mountpoint()]);
    learner.types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    watching.wait_for("Step 3 of 14 · not yet (1 of 2)");
    learner.types("docker rm -f writer-1; docker run -dit --name writer-1 -v app-data:/data busybox sh");
    watching.wait_for("Step 4 of 14");
    assert!(watching.screen().lines().all(|line| line.chars().count() <= 80));
    watching.resize(40);
    watching.wait_for("Step 4 of 14");
    watching.send("\u{3}");
    watching.wait_for_end();
    assert_eq!(learner.json(&["status"]).1["passed"], 3);
}

#[test]
fn what_labrun_does_to_look_is_nothing_that_the_learner_did() {
    let learner = Learner::alone();
    let lab = concat!(env!("CARGO_MANIFEST_DIR"), "/book/examples/first-lab");
    let mut terminal = Terminal::start(&learner, &shell("bash"), 80, &[], &["start", lab]);
    let volume = format!("{}-note-shelf", learner.name);
    terminal.run_until(&format!("docker volume create {volume}"), "Step 2 of 3");
    // On a busy machine there may be something left to say.
    std::thread::sleep(Duration::from_millis(300));
    terminal.run("");
    // No container holds the volume, so that labrun needs one to look for the file in it.
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(terminal.run(""), "");
    }
    terminal.run_until(&format!("docker volume create {volume}"), "Step 2: not yet");
    terminal.leave();
}
