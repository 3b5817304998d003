//! Several learners on one account: each command is about one of them, and says which.

use serde_json::{Value, json};

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::terminal::Terminal;

/// Two who have begun the same lab in one home; the second one went on last. Their sessions are reset at the end.
struct Two {
    account: Learner,
    first: String,
    second: String,
}

impl Two {
    fn begin() -> Self {
        let account = Learner::new();
        let (first, second) = (format!("{}-a", account.name), format!("{}-b", account.name));
        let two = Self { account, first, second };
        for name in [&two.first, &two.second] {
            let said = two.account.labrun(&["start", "docker-volumes", "--no-shell", "--as", name]);
            assert_eq!(said.code, 0, "{said:?}");
        }
        two
    }

    /// Runs labrun with no name in its environment.
    fn unnamed(&self, arguments: &[&str]) -> Said {
        self.account.command(arguments).env_remove("LABRUN_AS").output().expect("labrun runs").into()
    }

    fn unnamed_json(&self, arguments: &[&str]) -> Value {
        let said = self.account.command(arguments).arg("--json").env_remove("LABRUN_AS").output().map(Said::from);
        let said = said.expect("labrun runs");
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }
}

impl Drop for Two {
    fn drop(&mut self) {
        for name in [&self.first, &self.second] {
            let _ = self.account.labrun(&["reset", "--yes", "--as", name]);
        }
    }
}

#[test]
fn a_practice_shell_is_about_its_own_session() {
    let two = Two::begin();
    for name in ["bash", "zsh", "fish"] {
        let arguments = ["start", "docker-volumes", "--as", &two.first];
        // The name in the environment is another learner's, as the account's settings may have it.
        let mut terminal = Terminal::start(&two.account, &shell(name), 100, &[("LABRUN_AS", &two.second)], &arguments);
        assert_eq!(two.account.labrun(&["start", "docker-volumes", "--no-shell", "--as", &two.second]).code, 0);
        let receipt = terminal.run("\"$LABRUN_BIN\" report --receipt");
        assert!(receipt.contains(&format!("docker-volumes {} ", two.first)), "{name}: {receipt}");
        for command in ["lab status", "lab check", "lab hint", "lab task", "lab skip --help; lab briefing"] {
            let said = terminal.run(command);
            assert!(said.contains(&format!("as {}\n", two.first)), "{name}: {command}: {said}");
            assert!(!said.contains(&two.second), "{name}: {command}: {said}");
        }
        let other = terminal.run(&format!("lab status --as {}", two.second));
        assert!(other.contains(&format!("as {}", two.second)), "{name}: {other}");
        let receipt = terminal.run(&format!("\"$LABRUN_BIN\" report --receipt --as {}", two.second));
        assert!(receipt.contains(&format!("docker-volumes {} ", two.second)), "{name}: {receipt}");
        terminal.leave();
    }
    let hints = |name: &str| two.account.json(&["status", "--as", name]).1["hints"].clone();
    assert_eq!((hints(&two.first), hints(&two.second)), (json!(2), json!(0)), "each shell charged its own learner");
}

#[test]
fn a_room_goes_on_in_the_shell_of_its_own_learner() {
    let two = Two::begin();
    let arguments = ["start", "docker-volumes", "--as", &two.first, "--until", "1"];
    let mut terminal = Terminal::start(&two.account, &shell("bash"), 100, &[("LABRUN_AS", &two.second)], &arguments);
    while !terminal.run("lab skip").contains("Part 1 is done") {}
    let said = terminal.run("\"$LABRUN_BIN\" start docker-volumes");
    assert!(said.contains("Part 2"), "{said}");
    terminal.leave();
}

#[test]
fn an_answer_names_its_learner_where_several_have_the_lab_open() {
    let two = Two::begin();
    let named = format!("as {}, which went on last · also open here: as {} · --as NAME chooses", two.second, two.first);
    for arguments in [&["check"][..], &["hint"], &["task"], &["solution"], &["briefing"], &["skip"], &[]] {
        let said = two.unnamed(arguments);
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.starts_with(&named), "{arguments:?}: {said:?}");
    }
    for arguments in [&["check"][..], &["hint"], &["task"], &["solution"], &["status"], &["skip"], &[]] {
        assert_eq!(two.unnamed_json(arguments)["as"], json!(two.second), "{arguments:?}");
    }
    let chosen = two.unnamed(&["task", "--as", &two.first]).out;
    assert!(chosen.starts_with(&format!("as {}\n", two.first)), "{chosen}");
    assert_eq!(two.unnamed(&["reset", "--yes", "--as", &two.first]).code, 0);
    let alone = two.unnamed(&["task"]).out;
    assert!(!alone.contains("as "), "one alone needs no name: {alone}");
    assert_eq!(two.unnamed_json(&["task"])["as"], json!(two.second));
}

#[test]
fn a_shell_whose_parent_is_gone_still_knows_its_session() {
    let two = Two::begin();
    let session = two.account.json(&["report", "--as", &two.first]).1["sessions"][0]["session"].clone();
    let value = format!("{}/{}", session.as_str().expect("a session"), two.first);
    let shell = |arguments: &[&str]| {
        let mut command = two.account.command(arguments);
        command.env("LABRUN_SOCKET", "/none/socket").env("LABRUN_SESSION", &value).env("LABRUN_AS", &two.second);
        Said::from(command.output().expect("labrun runs"))
    };
    for arguments in [&["check", "--json"][..], &["task", "--json"], &["status", "--json"], &["hint", "--json"]] {
        let said = shell(arguments);
        let report: Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!(report["as"], json!(two.first), "{arguments:?}: {said:?}");
    }
    // A session that has ended gives way to the one that is open.
    assert_eq!(two.account.labrun(&["reset", "--yes", "--as", &two.first]).code, 0);
    let said = shell(&["status", "--json", "--as", &two.second]);
    assert_eq!(said.code, 0, "{said:?}");
}
