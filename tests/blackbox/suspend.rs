//! `suspend` in the practice shell.

use portable_pty::CommandBuilder;

use crate::harness::Learner;
use crate::practice::shell;
use crate::terminal::{Terminal, write_settings};

/// Where the prompt is: in the practice shell or above it.
const WHERE: &str = r#"echo "at-${LABRUN_SOCKET:+practice}.""#;

/// An interactive bash on a terminal of its own, for a learner whose own shell is this one.
fn outer(learner: &Learner, home: &std::path::Path, own: &str) -> Terminal {
    write_settings(home, "");
    let mut command = CommandBuilder::new(shell("bash"));
    command.args(["-i"]);
    command.env("HOME", home);
    command.env("SHELL", shell(own));
    command.env("LABRUN_HOME", learner.home.path());
    command.env("LABRUN_AS", &learner.name);
    command.env("TERM", "xterm");
    Terminal::owned(command, 80, rustix::process::geteuid().as_raw())
}

#[test]
fn suspend_gives_the_terminal_back_and_fg_resumes() {
    for (own, suspend) in [
        ("bash", "suspend"),
        ("bash", "kill -STOP $$"),
        ("zsh", "suspend"),
        ("zsh", "kill -STOP $$"),
        ("fish", "kill -STOP $fish_pid"),
    ] {
        let learner = Learner::new();
        let home = tempfile::tempdir().expect("a folder");
        let mut terminal = outer(&learner, home.path(), own);
        let at = |terminal: &mut Terminal| {
            let line = if own == "fish" { "test -n \"$LABRUN_SOCKET\"; and echo at-practice." } else { WHERE };
            terminal.run(line)
        };
        let start = format!("{} start docker-volumes", env!("CARGO_BIN_EXE_labrun"));
        terminal.run(&start);
        assert!(at(&mut terminal).contains("at-practice."), "{own}: {}", terminal.screen());
        for _ in 0..2 {
            let said = terminal.run(suspend);
            assert!(said.contains("Stopped"), "{own}, {suspend}: {said}");
            assert!(terminal.run(WHERE).contains("at-."), "{own}, {suspend}: {}", terminal.screen());
            // The resumed shell's prompt is still there, or is drawn again at the next key.
            terminal.send("fg\r");
            std::thread::sleep(std::time::Duration::from_millis(700));
            terminal.send("\r");
            terminal.wait_for_prompt();
            assert!(at(&mut terminal).contains("at-practice."), "{own}, {suspend}: {}", terminal.screen());
        }
        terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
        terminal.run("exit");
        assert!(terminal.run(WHERE).contains("at-."), "{own}: {}", terminal.screen());
        terminal.leave();
    }
}

#[test]
fn suspend_with_no_shell_above_goes_on() {
    for (own, suspend) in [("bash", "suspend"), ("zsh", "kill -STOP $$"), ("fish", "kill -STOP $fish_pid")] {
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(own), 80, &[]);
        let said = terminal.run(suspend);
        let said = said + &terminal.run("echo still here");
        assert!(said.contains("still here"), "{own}: {said}");
        assert!(terminal.screen().contains("so it was not suspended"), "{own}: {}", terminal.screen());
        // Jobs stop as usual.
        terminal.begin("sleep 30");
        terminal.send("\u{1a}");
        terminal.wait_for_prompt();
        assert!(terminal.run("jobs").contains("sleep 30"), "{own}");
        terminal.run("kill -KILL %1");
        terminal.leave();
    }
}

#[test]
fn a_nested_shell_is_suspended_as_usual() {
    let learner = Learner::new();
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    terminal.run("bash");
    let said = terminal.run("suspend");
    assert!(said.contains("Stopped"), "{said}");
    terminal.run("fg");
    assert_eq!(terminal.run("echo inner").trim(), "inner");
    terminal.run("exit");
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    terminal.leave();
}
