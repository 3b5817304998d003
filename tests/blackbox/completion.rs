//! What a Tab offers, in the real shells and by the real docker command.

use std::process::Command;

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::harness::Learner;
use crate::practice::shell;
use crate::terminal::{PROMPT, Terminal};

/// Folder of the labrun that is tested.
fn path() -> String {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_labrun")).parent().expect("a folder");
    format!("{}:{}", folder.display(), std::env::var("PATH").expect("a PATH"))
}

/// What bash offers for the last of the words.
fn offered(learner: &Learner, words: &[&str]) -> Vec<String> {
    let script = "source <(labrun completions bash)
        COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_labrun labrun \"${COMP_WORDS[COMP_CWORD]}\"
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash", "labrun"]).args(words);
    command.env("PATH", path()).env("LABRUN_HOME", learner.home.path()).env_remove("LABRUN_AS");
    let output = command.output().expect("bash runs");
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_is_offered_labs_steps_parts_learners_and_tracks() {
    let learner = Learner::in_lab("docker-volumes");
    for (words, expected) in [
        (&["st"][..], &["start", "status"][..]),
        (&["start", "v"], &["volume-lifecycle"]),
        (&["handout", "docker-v"], &["docker-volumes"]),
        (&["catchup", "mount"], &["mount-in-writer-1", "mount-in-writer-2"]),
        (&["verify", "docker-volumes", "--step", "remove"], &["remove-both", "remove-bind-test"]),
        (&["start", "docker-volumes", "--until", ""], &["1", "2"]),
        (&["images", "pull", "docker"], &["docker-volumes", "docker-storage"]),
        (&["plugin", ""], &["install", "remove", "status", "help"]),
        (&["--as", ""], &[learner.name.as_str()]),
        (&["start", "--no"], &["--no-shell"]),
        (&["start", "nothing-like-it"], &[]),
        // Of somebody who has no session there is no step.
        (&["--as", "nobody", "catchup", "m"], &[]),
    ] {
        assert_eq!(offered(&learner, words), expected, "{words:?}");
    }
}

#[test]
fn contexts_are_those_of_docker() {
    let (learner, config) = (Learner::new(), TempDir::new().expect("a folder"));
    let mut docker = Command::new("docker");
    docker.args(["context", "create", "lecture-hall", "--docker", "host=tcp://192.0.2.1:2375"]);
    assert!(docker.env("DOCKER_CONFIG", config.path()).output().expect("docker runs").status.success());
    let mut labrun = learner.command(&["--", "labrun", "--context", ""]);
    let output =
        labrun.env("LABRUN_COMPLETE", "fish").env("DOCKER_CONFIG", config.path()).output().expect("labrun runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "default\nlecture-hall");
}

#[test]
fn asking_makes_no_store() {
    let (learner, home) = (Learner::new(), TempDir::new().expect("a folder"));
    let mut labrun = learner.command(&["--", "labrun", "--as", ""]);
    let home = home.path().join("none");
    let output = labrun.env("LABRUN_COMPLETE", "bash").env("LABRUN_HOME", &home).output().expect("labrun runs");
    assert_eq!((output.stdout.as_slice(), home.exists()), (&b""[..], false));
}

#[test]
fn docker_offers_them_too() {
    let (learner, config) = (Learner::new(), TempDir::new().expect("a folder"));
    let mut install = learner.command(&["plugin", "install"]);
    assert!(install.env("DOCKER_CONFIG", config.path()).output().expect("labrun runs").status.success());
    let mut docker = Command::new("docker");
    docker.args(["__complete", "lab", "start", "v"]).env("DOCKER_CONFIG", config.path());
    let output = docker.output().expect("docker runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "volume-lifecycle\tFollow volumes from beginning to end\n:4\n");
}

/// A shell on a terminal, where a Tab is pressed after `words`; waits for what it makes of them.
fn pressed(name: &str, settings: &[(&str, &str)], arguments: &[&str], words: &str, completed: &str) {
    let (learner, home) = (Learner::new(), TempDir::new().expect("a home"));
    for (file, text) in settings {
        let file = home.path().join(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text.replace("PROMPT_HERE", PROMPT)).expect("written");
    }
    let mut command = CommandBuilder::new(shell(name));
    command.args(arguments);
    for (variable, value) in [("HOME", home.path()), ("ZDOTDIR", home.path()), ("LABRUN_HOME", learner.home.path())] {
        command.env(variable, value);
    }
    command.env("PATH", path());
    command.env("TERM", "xterm");
    command.env_remove("XDG_CONFIG_HOME");
    let mut terminal = Terminal::owned(command, 120, rustix::process::getuid().as_raw());
    terminal.send(&format!("{words}\t"));
    terminal.wait_for(completed);
}

#[test]
fn a_tab_in_bash_completes_a_lab() {
    let settings = [(".bashrc", "PS1='PROMPT_HERE'\nsource <(labrun completions bash)\n")];
    pressed("bash", &settings, &["-i"], "labrun start vol", "labrun start volume-lifecycle");
}

#[test]
fn a_tab_in_zsh_completes_a_lab() {
    let rc = "PROMPT='PROMPT_HERE'\nautoload -U compinit && compinit -u\nsource <(labrun completions zsh)\n";
    pressed("zsh", &[(".zshrc", rc)], &["-i"], "labrun start vol", "labrun start volume-lifecycle");
}

#[test]
fn a_tab_in_zsh_completes_from_a_folder_of_functions() {
    let rc = "PROMPT='PROMPT_HERE'\nmkdir -p ~/f && labrun completions zsh > ~/f/_labrun\nfpath=(~/f $fpath)\n\
              autoload -U compinit && compinit -u\n";
    pressed("zsh", &[(".zshrc", rc)], &["-i"], "labrun start vol", "labrun start volume-lifecycle");
}

#[test]
fn a_tab_in_fish_completes_a_lab() {
    let config =
        "function fish_prompt\n    echo -n 'PROMPT_HERE'\nend\nset fish_greeting\nlabrun completions fish | source\n";
    let settings = [(".config/fish/config.fish", config), (".local/share/fish/generated_completions/none.fish", "")];
    pressed("fish", &settings, &["-i"], "labrun start vol", "labrun start volume-lifecycle");
}

#[test]
fn in_the_practice_shell_a_tab_completes_after_lab() {
    for name in ["bash", "fish"] {
        let learner = Learner::new();
        let mut terminal = Terminal::practise(&learner, &shell(name), 80, &[]);
        terminal.send("lab catchup remove-bo\t");
        terminal.wait_for("lab catchup remove-both");
        terminal.send("\u{3}");
    }
}
