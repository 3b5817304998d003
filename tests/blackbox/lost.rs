//! The hook of the practice shell, when it is replaced, erased, blind, or in another shell.

use crate::entered::flat;
use crate::harness::Learner;
use crate::practice::shell;
use crate::terminal::Terminal;

const BOTH: &str = "docker volume ls && docker volume inspect app-data";
const DONE: &str = "Step 2 of 14 · done";

fn at_step_2(learner: &Learner, name: &str, rc: &str) -> Terminal {
    let mut terminal = Terminal::practise(learner, &shell(name), 120, &[("rc", rc)]);
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    std::thread::sleep(std::time::Duration::from_millis(400));
    terminal.run("");
    terminal
}

#[test]
fn a_lost_hook_is_noticed_and_put_back() {
    for (name, rc, breaks, notice) in [
        ("bash", "", &["unset PROMPT_COMMAND"][..], "PROMPT_COMMAND has changed"),
        ("bash", "", &["PROMPT_COMMAND='true'"], "PROMPT_COMMAND has changed"),
        ("bash", "PROMPT_COMMAND='own=1'\n", &["source ~/.bashrc"], "PROMPT_COMMAND has changed"),
        ("bash", "", &["PROMPT_COMMAND=(true true)"], "PROMPT_COMMAND has changed"),
        ("zsh", "", &["precmd_functions=() preexec_functions=()"], ""),
        ("zsh", "", &["unset precmd_functions preexec_functions"], ""),
        ("fish", "", &["functions -e _labrun_prompt _labrun_postexec"], ""),
        ("fish", "", &["functions -e _labrun_prompt _labrun_postexec _labrun_install"], ""),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, rc);
        for line in breaks {
            terminal.run(line);
        }
        let said = terminal.run(&learner.named(BOTH));
        assert!(!said.contains(DONE), "{name}, {breaks:?}: no hook saw it: {said}");
        assert!(said.contains(notice), "{name}, {breaks:?}: {said}");
        let check = terminal.run("lab check");
        assert!(flat(&check).contains("had stopped reporting your lines"), "{name}, {breaks:?}: {check}");
        assert!(check.contains("Question: Which directory"), "{name}, {breaks:?}: {check}");
        // It is back.
        terminal.run_until(&learner.named(BOTH), DONE);
        terminal.leave();
    }
}

#[test]
fn half_of_a_hook_restores_the_other_half() {
    for (name, breaks) in [
        ("zsh", "precmd_functions=()"),
        ("zsh", "preexec_functions=()"),
        ("fish", "functions -e _labrun_prompt"),
        ("fish", "functions -e _labrun_postexec"),
        ("bash", "PS0="),
        ("bash", "unset PS0"),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, "");
        terminal.run(breaks);
        terminal.run("true");
        terminal.run_until(&learner.named(BOTH), DONE);
        terminal.leave();
    }
}

#[test]
fn a_prompt_without_a_hook_says_so() {
    let learner = Learner::new();
    let rc = "PROMPT_COMMAND='own=1'\nreadonly PROMPT_COMMAND\n";
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 120, &[("rc", rc)]);
    assert!(terminal.screen().contains("PROMPT_COMMAND is readonly in your bash"), "{}", terminal.screen());
    terminal.run(&learner.named("docker volume create app-data"));
    assert!(terminal.run("lab check").contains("Step 1 of 14 · done"), "what the engine tells still counts");
    terminal.run(&learner.named(BOTH));
    let check = terminal.run("lab check");
    assert!(flat(&check).contains("PROMPT_COMMAND is readonly in your shell"), "{check}");
    assert!(check.contains("Question: Which directory"), "{check}");
    let said = terminal.run(&format!("lab answer {}", learner.mountpoint()));
    assert!(said.contains(DONE), "{said}");
    terminal.leave();
}

#[test]
fn readonly_settings_of_the_history_give_no_error() {
    for (variable, seen) in [
        ("readonly HISTTIMEFORMAT='%F %T '", false),
        ("readonly HISTCONTROL=ignoreboth", true),
        ("readonly PS0=", true),
        ("readonly HISTIGNORE='&'", true),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, "bash", &format!("{variable}\n"));
        assert_eq!(terminal.run("echo quiet").trim(), "quiet", "{variable}: no error at the prompt");
        terminal.run(" true");
        let line = learner.named(BOTH);
        if seen {
            terminal.run_until(&line, DONE);
        } else {
            terminal.run(&line);
            let check = terminal.run("lab check");
            assert!(flat(&check).contains("HISTTIMEFORMAT is readonly"), "{check}");
            assert!(!check.contains("a part of it has been entered"), "{check}");
        }
        terminal.leave();
    }
}

#[test]
fn lab_works_in_a_shell_within_the_shell() {
    for (name, nested) in [
        ("bash", "bash --norc"),
        ("bash", "zsh -f"),
        ("bash", "sh"),
        ("zsh", "bash --norc"),
        ("fish", "bash --norc"),
        ("bash", "exec bash --norc"),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, "");
        // Its prompt is another one, until it is set.
        terminal.send(&format!("{nested}\r"));
        std::thread::sleep(std::time::Duration::from_millis(500));
        terminal.send("PS1='ready> '\r");
        terminal.wait_for_prompt();
        terminal.run(&learner.named(BOTH));
        let check = terminal.run("lab check");
        let why = if nested.starts_with("exec") { "exec has replaced the practice shell" } else { "shell within" };
        assert!(flat(&check).contains(why), "{name}, {nested}: {check}");
        assert!(!check.contains(DONE), "{name}, {nested}: {check}");
        assert!(terminal.run("lab").contains("Step 2 of 14"), "{name}, {nested}: {}", terminal.screen());
        if !nested.starts_with("exec") {
            terminal.run("exit");
            terminal.run_until(&learner.named(BOTH), DONE);
        }
        terminal.leave();
    }
}

#[test]
fn lines_of_any_size_and_any_bytes_end_in_no_error() {
    for name in ["bash", "zsh", "fish"] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, "");
        // One argument of a program has room for 128 KiB.
        for bytes in [1_000, 20_000, 140_000] {
            let line = format!("true {}", "y".repeat(bytes));
            // A terminal takes a line of 4096 bytes at once where nothing edits it.
            let line = if name == "zsh" { line.get(..4_000).unwrap_or(&line).to_owned() } else { line };
            let said = terminal.run(&line);
            assert!(!said.contains("too long") || said.contains("too long to be judged"), "{name}: {said}");
            assert!(!said.contains("error"), "{name}: {said}");
        }
        for line in [
            "printf '%s\\n' 'a\\b' \"c\\\\d\" '!' > /dev/null",
            "echo 'two\nlines' > /dev/null",
            "cat > /dev/null <<'E'\n! \\ $x `\nE",
            "true \u{fc}\u{1f433} \u{301}",
        ] {
            if name == "fish" && line.contains("<<") {
                continue;
            }
            let said = terminal.run(line);
            assert!(!said.contains("labrun:") && !said.contains("rror"), "{name}: {line}: {said}");
        }
        terminal.run_until(&learner.named(BOTH), DONE);
        terminal.leave();
    }
}
