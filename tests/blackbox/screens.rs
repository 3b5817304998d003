//! What a learner sees, at several widths, piped, and without colour.

use std::io::Read;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::harness::Learner;

/// Runs labrun on a terminal of this width; gives what is on the screen then, and what was written raw.
fn on_terminal(learner: &Learner, columns: u16, arguments: &[&str], env: &[(&str, &str)]) -> (String, String) {
    let size = PtySize { rows: 200, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_labrun"));
    command.args(arguments);
    command.env("LABRUN_HOME", learner.home.path());
    command.env("LABRUN_AS", &learner.name);
    command.env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR");
    for (name, value) in env {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).expect("labrun runs");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let reading = std::thread::spawn(move || {
        let mut raw = Vec::new();
        let _ = reader.read_to_end(&mut raw);
        raw
    });
    child.wait().expect("it ends");
    std::thread::sleep(Duration::from_millis(50));
    drop(pair.master);
    let raw = reading.join().expect("read");
    let mut parser = vt100::Parser::new(200, columns, 0);
    parser.process(&raw);
    let screen = parser.screen().contents().replace(&learner.name, "NAME");
    (screen.trim_end().to_owned() + "\n", String::from_utf8_lossy(&raw).into_owned())
}

/// A learner whose name has a fixed length on every screen.
fn learner() -> Learner {
    let mut learner = Learner::new();
    let number = learner.name.rsplit('-').next().unwrap_or_default().to_owned();
    learner.name = format!("s{:0>7}x{number:0>3}", std::process::id());
    learner
}

#[test]
fn the_first_screen_fits_80_and_40_columns() {
    for columns in [80, 40] {
        let learner = learner();
        let (screen, _) = on_terminal(&learner, columns, &["start", "docker-volumes", "--no-shell"], &[]);
        let widest = screen.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= usize::from(columns), "{widest} columns:\n{screen}");
        let version = screen.split_whitespace().nth(1).unwrap_or_default().to_owned();
        insta::assert_snapshot!(format!("first_screen_{columns}"), screen.replacen(&version, "VERSION", 1));
    }
}

#[test]
fn a_wrong_attempt_at_80_and_40_columns() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.up_to("mount-in-writer-1");
    learner.types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    for columns in [80, 40] {
        let (screen, _) = on_terminal(&learner, columns, &["check"], &[]);
        insta::assert_snapshot!(format!("wrong_attempt_{columns}"), screen);
    }
}

#[test]
fn what_two_checks_of_a_step_teach_alike_is_said_once() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.up_to("remove-both");
    learner.types("docker stop -t 0 writer-1 writer-2");
    let screen = learner.labrun(&["check"]).out;
    let count = |text: &str| screen.matches(text).count();
    assert_eq!((count("is stopped, not removed"), count("Stopping ends its process.")), (2, 1), "{screen}");
    let nobody = learner.labrun(&["check", "--host", "tcp://127.0.0.1:1"]).out;
    assert_eq!((nobody.matches("unclear").count(), nobody.matches("no engine answers").count()), (4, 1), "{nobody}");
}

#[test]
fn colour_comes_on_a_terminal_and_goes_with_no_color() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    let escapes = |raw: &str| raw.contains("\u{1b}[");
    let on = |env: &[(&str, &str)]| on_terminal(&learner, 80, &["check"], env).1;
    assert!(escapes(&on(&[])));
    assert!(!escapes(&on(&[("NO_COLOR", "1")])));
    assert!(!escapes(&on(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")])), "NO_COLOR beats CLICOLOR_FORCE");
    assert!(!escapes(&on(&[("TERM", "dumb")])));
    assert!(!escapes(&on(&[("CLICOLOR", "0")])));
    assert!(!escapes(&learner.labrun(&["check"]).out), "piped");
    assert!(escapes(&learner.labrun(&["check", "--color", "always"]).out));
}

#[test]
fn the_way_through_a_lab_is_told_step_by_step() {
    let learner = learner();
    let mut story = String::new();
    let mut tell = |arguments: &[&str]| {
        let said = learner.labrun(arguments);
        story += &format!("$ labrun {}   (exit {})\n{}{}\n", arguments.join(" "), said.code, said.out, said.err);
    };
    tell(&["list"]);
    let said = learner.labrun(&["start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 0, "{said:?}");
    tell(&[]);
    tell(&["check"]);
    tell(&["hint"]);
    tell(&["hint"]);
    tell(&["hint"]);
    tell(&["solution"]);
    tell(&["solution", "--run"]);
    tell(&["check"]);
    tell(&["answer", "/somewhere/else"]);
    tell(&["skip"]);
    tell(&["status"]);
    tell(&["list"]);
    tell(&["reset", "--yes"]);
    tell(&["list"]);
    insta::assert_snapshot!(story.replace(&learner.name, "NAME"));
}

#[test]
fn the_end_of_a_lab_says_what_was_proved() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.up_to("remove-bind-test");
    learner.types("docker rm -f bind-test");
    let said = learner.labrun(&["check"]);
    assert_eq!(said.code, 0);
    // When it was, is in it.
    insta::with_settings!({filters => [(r"(?m)^(labrun1 .*) \w+$", "$1 RECEIPT")]}, {
        insta::assert_snapshot!(said.out.replace(&learner.name, "NAME"));
    });
    let again = learner.labrun(&["check"]);
    assert_eq!(again.code, 0, "a finished lab stays finished");
    assert!(again.out.starts_with("Lab finished"), "{}", again.out);
}

#[test]
fn resumed_it_says_where_you_were() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.up_to("mount-in-writer-1");
    let bare = learner.labrun(&[]);
    let again = learner.labrun(&["start", "docker-volumes", "--no-shell"]);
    assert_eq!((bare.code, &bare.out), (0, &again.out), "starting again goes on");
    insta::assert_snapshot!(bare.out.replace(&learner.name, "NAME"));
}

#[test]
fn coming_back_it_says_what_has_changed_since() {
    let learner = learner();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    learner.up_to("append-from-writer-2");
    let quiet = learner.labrun(&[]).out;
    assert!(!quiet.contains("Since then"), "{quiet}");
    // What a reboot does, and what somebody who cleans up does, while nobody practises.
    learner.types("docker kill writer-2; docker rm -f writer-1");
    let said = learner.labrun(&[]).out;
    let words: Vec<&str> = said.split_whitespace().collect();
    let expected = learner.named("Since then: container writer-1 is gone; writer-2 has stopped");
    assert!(words.join(" ").contains(&expected), "{said}");
}
