//! How often the engine is asked, the store changed, the disk read. Counted and not timed, so that it says the same on
//! every machine; on an engine of its own, where nobody else's work adds a question.

use std::process::{Command, Stdio};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use tempfile::TempDir;

use crate::harness::{Learner, Said};
use crate::practice::shell;
use crate::proxy::Proxy;
use crate::second::Second;
use crate::terminal::Terminal;

/// A learner on an engine of their own, and what stands in front of it.
pub struct Room {
    pub learner: Learner,
    pub proxy: Proxy,
    pub engine: Second,
    _folder: TempDir,
}

impl Room {
    pub fn new() -> Self {
        let (learner, engine) = (Learner::new(), Second::start());
        engine.give("busybox");
        let folder = TempDir::new().expect("a folder");
        let proxy = Proxy::before(&engine.socket(), folder.path());
        Self { learner, proxy, engine, _folder: folder }
    }

    pub fn labrun(&self, arguments: &[&str]) -> Said {
        self.learner.command(arguments).env("DOCKER_HOST", self.proxy.host()).output().expect("labrun runs").into()
    }

    /// Runs a command of labrun's, which must end so, and tells what it asked: a line a question.
    fn asked_by(&self, arguments: &[&str], code: i32) -> String {
        self.proxy.requests();
        let said = self.labrun(arguments);
        assert_eq!(said.code, code, "{said:?}");
        let asked: Vec<String> = self.proxy.requests().iter().map(|request| self.unnamed(request)).collect();
        let count = asked.len();
        format!(
            "labrun {}: {count}\n{}\n",
            arguments.join(" "),
            asked.iter().map(|asked| format!("  {asked}\n")).collect::<String>()
        )
    }

    /// A question without the learner's name and the ids of containers.
    fn unnamed(&self, request: &str) -> String {
        let is_id = |part: &str| part.len() == 64 && part.chars().all(|letter| letter.is_ascii_hexdigit());
        let parts = request.split('/').map(|part| if is_id(part) { "ID" } else { part });
        parts.collect::<Vec<_>>().join("/").replace(&format!("{}-", self.learner.name), "")
    }

    /// A line of the learner's on that engine.
    pub fn types(&self, line: &str) {
        let said = self.learner.tries(&format!("export DOCKER_HOST={}; {line}", self.engine.host));
        assert_eq!(said.code, 0, "{line}: {said:?}");
    }
}

#[test]
fn the_engine_is_asked_only_what_must_be_known() {
    let room = Room::new();
    let mut told = room.asked_by(&["start", "docker-volumes", "--no-shell"], 0);
    told += &room.asked_by(&["task"], 0);
    told += &room.asked_by(&["status"], 0);
    told += "Step 1 is not begun: what else is there?\n";
    told += &room.asked_by(&["check"], 1);
    room.types("docker volume create app-data");
    told += "Step 1 passes; step 2 is looked at.\n";
    told += &room.asked_by(&["check"], 0);
    told += "Step 2 asks for what leaves no state.\n";
    told += &room.asked_by(&["check"], 1);
    insta::assert_snapshot!(told);
}

#[test]
fn a_volume_takes_one_question_and_a_file_that_no_container_sees_seven() {
    let room = Room::new();
    let volume = format!("{}-bench-data", room.learner.name);
    let lab = |name: &str| format!("{}/bench/labs/{name}", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(room.labrun(&["start", &lab("one-volume"), "--no-shell"]).code, 0);
    room.types(&format!("docker volume create {volume}"));
    let mut told = room.asked_by(&["check"], 0);
    // Both labs own the volume: the second begins when the first has ended.
    assert_eq!(room.labrun(&["reset", "--yes"]).code, 0);
    room.proxy.requests();
    assert_eq!(room.labrun(&["start", &lab("file-in-volume"), "--no-shell"]).code, 0);
    // Written by an engine that starts no container: one that was never started takes a file as well.
    room.types(&format!(
        "cd $(mktemp -d) && echo ready > note.txt && id=$(docker create -v {volume}:/data busybox true) && \
         docker cp note.txt $id:/data/note.txt && docker rm $id && rm note.txt && rmdir $PWD"
    ));
    told += &room.asked_by(&["check"], 0);
    insta::assert_snapshot!(told);
}

/// How often the store of a learner was changed: SQLite counts it in the file's header, and each change waits for the disk.
fn changes(learner: &Learner) -> u32 {
    let file = std::fs::read(learner.home.path().join("progress.db")).expect("there is progress");
    u32::from_be_bytes(file[24..28].try_into().expect("four bytes"))
}

#[test]
fn a_grading_changes_the_store_once_and_only_for_what_is_new() {
    let learner = Learner::in_lab("docker-volumes");
    let graded = |code: i32| {
        let before = changes(&learner);
        assert_eq!(learner.labrun(&["check"]).code, code);
        changes(&learner) - before
    };
    assert_eq!(graded(1), 0, "nothing was begun");
    learner.types("docker volume create app-data");
    assert_eq!(graded(0), 1, "a step passed, and a volume was seen");
    assert_eq!(graded(1), 0, "nothing is new");
}

/// Runs a program to its end, which must be good, and tells how many bytes it read, in whatever way.
fn bytes_read(mut command: Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("labrun runs");
    let id = Pid::from_child(&child);
    // What it counted is there for as long as nobody has asked how it ended.
    waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("it ends");
    let counted = std::fs::read_to_string(format!("/proc/{}/io", child.id())).expect("the kernel counts");
    assert!(child.wait().expect("it has ended").success());
    let bytes = counted.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("what was read");
    bytes.trim().parse().expect("a number")
}

#[test]
fn a_check_and_a_prompt_read_little() {
    let learner = Learner::in_lab("docker-volumes");
    learner.types("docker volume create app-data");
    let check = bytes_read(learner.command(&["check"]));
    assert!((1..100_000).contains(&check), "a check read {check} bytes");
    let mut terminal = Terminal::practise(&learner, &shell("bash"), 80, &[]);
    let socket = terminal.run("echo $LABRUN_SOCKET").trim().replace('\n', "");
    let mut hook = learner.command(&["hook"]);
    hook.env("LABRUN_SOCKET", &socket);
    let hook = bytes_read(hook);
    assert!((1..30_000).contains(&hook), "a prompt read {hook} bytes");
    terminal.leave();
}

#[test]
fn verify_reads_a_file_no_more_often_than_it_has_to_prove() {
    let room = Room::new();
    room.proxy.requests();
    let said = room.labrun(&["verify", "docker-volumes", "--no-mistakes", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let requests = room.proxy.requests();
    // For each file twice, after the solution and again; and what the question's wrong answer leads to.
    let read = requests.iter().filter(|request| request.starts_with("GET") && request.ends_with("/archive")).count();
    assert!((1..=11).contains(&read), "{read}: {requests:#?}");
}

#[test]
fn a_prompt_at_which_nothing_changed_asks_the_engine_nothing() {
    let room = Room::new();
    let host = room.proxy.host();
    let mut terminal = Terminal::practise(&room.learner, &shell("bash"), 80, &[("DOCKER_HOST", &host)]);
    terminal.run("true");
    let socket = terminal.run("echo $LABRUN_SOCKET").trim().replace('\n', "");
    room.proxy.requests();
    for _ in 0..5 {
        terminal.run("echo nothing to do with it");
        let mut hook = room.learner.command(&["hook"]);
        let status = hook.env("LABRUN_SOCKET", &socket).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()));
    }
    assert_eq!(room.proxy.requests(), [""; 0]);
    terminal.leave();
}
