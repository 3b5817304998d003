//! A typed line is evidence only where it is known that it was entered at this prompt, and what its exit code proves.

use crate::harness::Learner;
use crate::practice::shell;
use crate::proxy::Proxy;
use crate::terminal::Terminal;

/// The right command, with a template that fails.
const FAILS: &str = "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}'";
const BOTH: &str = "docker volume ls && docker volume inspect app-data";
const DONE: &str = "Step 2 of 14 · done";
const SPACE: &str = "does not read lines that begin with a space";
const LEFT_OUT: &str = "history did not keep the line";

/// A practice shell at step 2, which is about typed lines.
fn at_step_2(learner: &Learner, name: &str, rc: &str) -> Terminal {
    // A line is entered as it is: nothing completes it.
    let mut terminal = Terminal::practise(learner, &shell(name), 120, &[("rc", rc)]);
    terminal.run_until(&learner.named("docker volume create app-data"), "Step 1 of 14 · done");
    settle(&mut terminal);
    terminal
}

/// A text without its line breaks.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lets a late verdict come.
fn settle(terminal: &mut Terminal) -> String {
    std::thread::sleep(std::time::Duration::from_millis(400));
    terminal.run("")
}

/// Enters a line; gives what was said of it, late or not.
fn said(terminal: &mut Terminal, learner: &Learner, line: &str) -> String {
    let at_once = terminal.run(&learner.named(line));
    at_once + &settle(terminal)
}

/// A line that was left out of the history reports nothing for the one before it.
fn leaves_out(name: &str, rc: &str, hidden: &[&str], why: &str) {
    let learner = Learner::new();
    let mut terminal = at_step_2(&learner, name, rc);
    let failed = said(&mut terminal, &learner, FAILS);
    assert!(failed.contains("ended with"), "{name}, {rc}: {failed}");
    for line in hidden {
        let after = said(&mut terminal, &learner, line);
        assert!(!after.contains(DONE), "{name}, {rc}: {line:?} passed: {after}");
    }
    assert!(flat(&terminal.screen()).contains(why), "it is said at the prompt: {}", terminal.screen());
    let check = terminal.run("lab check");
    assert!(flat(&check).contains(why), "{name}, {rc}, {hidden:?}: {check}");
    assert!(check.contains("Question: Which directory"), "the way on: {check}");
    // The way on by doing it, too, where the history is on.
    if why.contains("keeps no history") {
        terminal.run("set -o history");
        terminal.run("HISTSIZE=500");
        terminal.run("true");
    }
    terminal.run_until(&learner.named(BOTH), DONE);
    terminal.leave();
}

#[test]
fn a_line_with_a_leading_space_passes_nothing() {
    for (name, rc) in [
        ("bash", "HISTCONTROL=ignoreboth\n"),
        ("bash", "HISTCONTROL=ignorespace:erasedups\n"),
        ("bash", "HISTCONTROL=\n"),
        ("zsh", "setopt hist_ignore_space\n"),
        ("zsh", ""),
        ("fish", ""),
    ] {
        leaves_out(name, rc, &[" cd /", "  true"], SPACE);
    }
}

#[test]
fn a_line_that_the_history_leaves_out_passes_nothing() {
    for (name, rc, hidden, why) in [
        ("bash", "HISTIGNORE='cd *:ls'\n", &["cd /", "ls /"][..], LEFT_OUT),
        ("bash", "HISTCONTROL=ignoreboth\nHISTIGNORE='&:true'\n", &["true"], LEFT_OUT),
        ("bash", "", &["history -d $((HISTCMD-1))"], LEFT_OUT),
        ("bash", "", &["history -c"], LEFT_OUT),
        ("bash", "HISTIGNORE='[ ]*'\n", &[" cd /", "  true"], LEFT_OUT),
        ("bash", "", &["set +o history", "true"], "keeps no history"),
        ("bash", "", &["HISTSIZE=0", "true"], "keeps no history"),
        ("bash", "shopt -u cmdhist\n", &["for i in 1\ndo :\ndone"], LEFT_OUT),
    ] {
        leaves_out(name, rc, hidden, why);
        // Restored, lines are seen again.
    }
}

#[test]
fn another_terminals_line_counts_not_here() {
    let learner = Learner::new();
    let shared = learner.home.path().join("shared-history");
    let rc = format!(
        "HISTFILE={}\nHISTCONTROL=ignoreboth\nshopt -s histappend\n\
         PROMPT_COMMAND='history -a; history -c; history -r'\n",
        shared.display()
    );
    let mut terminal = at_step_2(&learner, "bash", &rc);
    // What another terminal has entered is in the history now, and nothing was entered here.
    for hidden in ["", " true", "# docker"] {
        let line = learner.named(BOTH);
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&shared).expect("opened");
        std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).expect("written");
        terminal.run("echo read it");
        let said = said(&mut terminal, &learner, hidden);
        assert!(!said.contains(DONE), "{hidden:?}: {said}");
    }
    terminal.run_until(&learner.named(BOTH), DONE);
    terminal.leave();
}

#[test]
fn a_line_entered_again_counts_and_is_kept_once() {
    for control in ["ignoredups", "ignoreboth", "erasedups", "ignoreboth:erasedups", ""] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, "bash", &format!("HISTCONTROL={control}\n"));
        for _ in 0..2 {
            terminal.run("echo between");
            terminal.run("echo between");
        }
        let count = |terminal: &mut Terminal| terminal.run("history | grep -c 'echo betwee[n]'").trim().to_owned();
        let expected = match control {
            "ignoredups" | "ignoreboth" => "1",
            "erasedups" | "ignoreboth:erasedups" => "1",
            _ => "4",
        };
        assert_eq!(count(&mut terminal), expected, "HISTCONTROL={control}");
        // The second of two equal lines is the one that succeeds.
        let inspect = learner.named("docker volume ls && docker volume inspect app-data");
        terminal.run("export DOCKER_HOST=unix:///nowhere.sock");
        let failed = said(&mut terminal, &learner, &inspect);
        assert!(!failed.contains(DONE), "{failed}");
        terminal.run("unset DOCKER_HOST");
        terminal.run_until(&inspect, DONE);
        terminal.run("HISTCONTROL=ignorespace");
        terminal.run("echo twice");
        terminal.run("echo twice");
        assert_eq!(terminal.run("history | grep -c 'echo twic[e]'").trim(), "2", "a change at the prompt holds");
        terminal.leave();
    }
}

#[test]
fn a_code_that_is_not_its_own_proves_nothing() {
    for (name, line) in [
        ("bash", "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}' || true"),
        ("bash", "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}'; true"),
        ("bash", "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}' | cat"),
        ("bash", "if false; then docker volume ls; docker volume inspect app-data; fi"),
        ("bash", "f() { docker volume ls && docker volume inspect app-data; }"),
        ("bash", "(docker volume ls && docker volume inspect app-data) > /dev/null"),
        ("bash", "DOCKER_HOST=unix:///nowhere.sock docker volume inspect app-data & wait; docker volume ls; true"),
        ("zsh", "docker volume ls && docker volume inspect app-data -f '{{.Mountpont}}' || true"),
        ("zsh", "docker volume ls && docker volume inspect app-data | true"),
        ("fish", "docker volume ls; and docker volume inspect app-data -f '{{.Mountpont}}'; or true"),
        ("fish", "function f; docker volume ls; and docker volume inspect app-data; end"),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, "");
        let said = said(&mut terminal, &learner, line);
        assert!(!said.contains(DONE), "{name}: {line}: {said}");
        let check = terminal.run("lab check");
        assert!(!check.contains(DONE), "{name}: {line}: {check}");
        terminal.leave();
    }
}

#[test]
fn right_forms_pass_in_every_shell() {
    for (name, rc, lines) in [
        ("bash", "", &["docker volume ls | grep app", "docker volume inspect app-data | grep Mountpoint"][..]),
        ("bash", "alias d=docker\nalias dvls='docker volume ls'\n", &["dvls", "d volume inspect app-data"]),
        ("bash", "alias s='env '\nalias d=docker\n", &["s d volume ls && d volume inspect app-data"]),
        ("bash", "set -o posix\nIFS=:\n", &["docker volume ls | cat", "docker volume inspect app-data"]),
        ("zsh", "", &["docker volume ls | grep app", "docker volume inspect app-data | grep Mountpoint"]),
        ("zsh", "alias d=docker\nalias -g V=volume\n", &["d V ls", "d V inspect app-data"]),
        ("zsh", "setopt ksh_arrays\n", &["docker volume ls && docker volume inspect app-data"]),
        ("fish", "alias d=docker\n", &["d volume ls; and d volume inspect app-data"]),
        ("fish", "abbr --add dvls docker volume ls\n", &["dvls ", "docker volume inspect app-data | grep Mount"]),
    ] {
        let learner = Learner::new();
        let mut terminal = at_step_2(&learner, name, rc);
        let (last, first) = lines.split_last().expect("a line");
        for line in first {
            terminal.run(&learner.named(line));
        }
        terminal.run_until(&learner.named(last), DONE);
        terminal.leave();
    }
}

#[test]
fn a_function_of_ones_own_is_asked_about() {
    for (name, rc, line) in [
        ("bash", "dv() { docker volume ls && docker volume inspect \"$1\"; }\n", "dv app-data"),
        ("bash", "docker() { true; }\n", "docker volume ls && docker volume inspect app-data"),
        ("zsh", "dv() { docker volume ls && docker volume inspect $1 }\n", "dv app-data"),
        ("fish", "function dv; docker volume ls; and docker volume inspect $argv; end\n", "dv app-data"),
    ] {
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(name), 120, &[("rc", rc)]);
        terminal.run_until(&learner.named("command docker volume create app-data"), "Step 1 of 14 · done");
        settle(&mut terminal);
        let said = said(&mut terminal, &learner, line) + &terminal.run("lab check");
        assert!(flat(&said).contains("a function of your own shell ran it"), "{name}: {line}: {said}");
        assert!(!said.contains(DONE), "{name}: {line}: {said}");
        terminal.leave();
    }
}

#[test]
fn a_question_to_another_engine_is_no_evidence() {
    for (name, lines) in [
        (
            "bash",
            &[
                "docker -H unix:///var/run/docker.sock volume ls && docker -H unix:///var/run/docker.sock volume inspect app-data",
            ][..],
        ),
        ("bash", &["export DOCKER_HOST=@another", BOTH]),
        ("zsh", &["export DOCKER_HOST=@another", BOTH]),
        ("fish", &["set -gx DOCKER_HOST @another", BOTH]),
        ("bash", &["docker context create other --docker host=@another", "docker context use other", BOTH]),
    ] {
        let learner = Learner::new();
        // An address of its own: labrun cannot know that the lab's engine is behind it.
        let another = Proxy::start(learner.home.path());
        let mut terminal = at_step_2(&learner, name, "");
        let mut all = String::new();
        for line in lines {
            all += &said(&mut terminal, &learner, &line.replace("@another", &another.host()));
        }
        assert!(!all.contains(DONE), "{name}, {lines:?}: {all}");
        all += &terminal.run("lab check");
        assert!(flat(&all).contains("went to another engine"), "{name}, {lines:?}: {all}");
        terminal.leave();
    }
}
