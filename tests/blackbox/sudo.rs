//! `sudo labrun`, where a learner must type `sudo docker`: a second user, outside the docker group, with Debian's sudo.

use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Learner, Said, copy_labrun};
use crate::practice::{SEED, shell};
use crate::terminal::{Terminal, write_settings};

/// A user of this machine who may not use the engine's socket, and may use sudo without a password. Gone when dropped.
pub struct User {
    pub learner: Learner,
    pub name: String,
    uid: u32,
    drop_in: PathBuf,
    /// Their home, and labrun where they can run it: what was built may be out of their reach.
    folder: TempDir,
}

impl User {
    /// One with the engine to themselves.
    pub fn with_shell(name: &str) -> Self {
        Self::of(Learner::alone(), name)
    }

    /// One beside other learners, where nothing depends on what the engine remembers.
    pub fn beside_others() -> Self {
        Self::of(Learner::new(), "bash")
    }

    fn of(learner: Learner, shell: &str) -> Self {
        let effective = rustix::process::geteuid();
        assert!(
            effective.is_root(),
            "these tests make a user, and that needs root: sudo make test, or run them as root"
        );
        let folder = TempDir::new().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("opened");
        let labrun = folder.path().join("labrun");
        copy_labrun(&labrun);
        std::fs::set_permissions(&labrun, PermissionsExt::from_mode(0o755)).expect("opened");
        let user = Self {
            name: format!("labrun-{}", learner.name),
            uid: 0,
            drop_in: Path::new("/etc/sudoers.d").join(format!("labrun-{}", learner.name)),
            folder,
            learner,
        };
        user.made(shell)
    }

    fn made(mut self, with_shell: &str) -> Self {
        let home = self.home();
        std::fs::create_dir(&home).expect("made");
        std::fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).expect("closed");
        write_settings(&home, "");
        let made = Command::new("useradd")
            .args(["--no-create-home", "--user-group", "--home-dir"])
            .args([&home, Path::new("--shell"), &shell(with_shell)])
            .arg(&self.name)
            .output();
        let made = made.map(Said::from).expect("useradd runs");
        assert_eq!(made.code, 0, "{made:?}");
        let uid = Command::new("id").args(["-u", &self.name]).output().map(Said::from).expect("id runs");
        self.uid = uid.out.trim().parse().expect("a number");
        let given = Command::new("chown").arg("-R").arg(format!("{0}:{0}", self.name)).arg(&home).status();
        assert!(given.is_ok_and(|status| status.success()), "the home is theirs");
        // A half-written rule would stop every sudo of this machine; names with a dot in them are not read.
        let draft = self.drop_in.with_extension("draft");
        let mut options = std::fs::OpenOptions::new();
        let rule = format!("{} ALL=(ALL:ALL) NOPASSWD: ALL\n", self.name);
        let file = options.write(true).create(true).truncate(true).mode(0o440).open(&draft);
        file.and_then(|mut file| std::io::Write::write_all(&mut file, rule.as_bytes())).expect("sudo is installed");
        std::fs::rename(&draft, &self.drop_in).expect("renamed");
        self
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The words that run a command as this user, with nothing of root's around it.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = ["setpriv", "--reuid", &self.name, "--regid", &self.name, "--init-groups", "--"]
            .map(str::to_owned)
            .to_vec();
        words.extend(["env", "-i", "TERM=xterm", "PATH=/usr/local/bin:/usr/bin:/bin"].map(str::to_owned));
        words.extend([format!("HOME={}", self.home().display()), format!("USER={}", self.name)]);
        words
    }

    /// Puts this user into the group whose members may use the engine's socket; gives its name.
    pub fn joins_the_engines_group(&self) -> String {
        let group = Command::new("stat").args(["-c", "%G", "/var/run/docker.sock"]).output().map(Said::from);
        let group = group.expect("stat runs").out.trim().to_owned();
        let joined = Command::new("usermod").args(["-aG", &group, &self.name]).output().map(Said::from);
        assert_eq!(joined.as_ref().map(|said| said.code).ok(), Some(0), "{joined:?}");
        group
    }

    /// A program with its arguments, as this user, not yet run.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut all = self.words();
        all.extend(words.iter().map(|word| (*word).to_owned()));
        let mut command = Command::new(&all[0]);
        command.args(&all[1..]).current_dir("/");
        command
    }

    /// Has this user run a command line in a shell.
    pub fn runs(&self, line: &str) -> Said {
        self.runs_with(self.words(), line)
    }

    /// The same, in a login from before they were put into any group.
    pub fn runs_in_old_login(&self, line: &str) -> Said {
        let words = self.words().into_iter().map(|word| word.replace("--init-groups", "--clear-groups"));
        self.runs_with(words.collect(), line)
    }

    fn runs_with(&self, words: Vec<String>, line: &str) -> Said {
        let (program, arguments) = words.split_first().expect("words");
        let labrun = self.folder.path().join("labrun");
        let mut command = Command::new(program);
        command.args(arguments).args(["sh", "-c", &line.replace("labrun", &labrun.display().to_string())]);
        command.current_dir("/").stdin(Stdio::null()).output().map(Said::from).expect("it runs")
    }

    pub fn json(&self, line: &str) -> Value {
        let said = self.runs(&format!("{line} --json"));
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// `sudo labrun` with these arguments, typed by this user at a terminal.
    fn types_sudo_labrun(&self, arguments: &[&str]) -> Terminal {
        let words = self.words();
        let (program, rest) = words.split_first().expect("words");
        let mut command = CommandBuilder::new(program);
        command.args(rest);
        command.arg("sudo");
        command.arg(self.folder.path().join("labrun"));
        command.args(arguments);
        command.cwd("/");
        Terminal::owned(command, 100, self.uid)
    }

    fn start(&self) -> Terminal {
        self.types_sudo_labrun(&["start", "docker-volumes", "--as", &self.learner.name])
    }

    /// What below a folder is not this user's.
    fn not_theirs(&self, folder: &Path) -> Vec<PathBuf> {
        let metadata = std::fs::symlink_metadata(folder).expect("it is there");
        let mut found = Vec::new();
        if metadata.uid() != self.uid || metadata.gid() != self.gid() {
            found.push(folder.to_owned());
        }
        if metadata.is_dir() {
            for entry in std::fs::read_dir(folder).expect("it can be listed") {
                found.extend(self.not_theirs(&entry.expect("an entry").path()));
            }
        }
        found
    }

    fn gid(&self) -> u32 {
        std::fs::metadata(self.home()).expect("a home").gid()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        // What sudo would do, without the user: they may be half made.
        let _ = Command::new(env!("CARGO_BIN_EXE_labrun"))
            .args(["reset", "--yes", "--as", &self.learner.name])
            .env("SUDO_UID", self.uid.to_string())
            .output();
        let _ = std::fs::remove_file(&self.drop_in);
        let _ = std::fs::remove_file(self.drop_in.with_extension("draft"));
        let _ = Command::new("userdel").args(["--force", &self.name]).output();
    }
}

#[test]
fn the_exercise_typed_with_sudo_passes_and_everything_is_the_users() {
    let user = User::with_shell("bash");
    let refused = user.runs(&format!("labrun start docker-volumes --as {}", user.learner.name));
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("or run labrun as you run docker: with sudo"), "{refused:?}");

    let mut terminal = user.start();
    assert_eq!(terminal.run("id -un; id -G").lines().next(), Some(user.name.as_str()));
    assert_eq!(terminal.run("echo $USER $LOGNAME $HOME").trim(), {
        format!("{0} {0} {1}", user.name, user.home().display())
    });
    let refused = terminal.run("docker volume ls");
    assert!(refused.contains("permission denied"), "the user may use the engine: {refused}");
    let check = terminal.run("lab check");
    assert!(check.contains("Step 1 of 14 · not begun"), "{check}");
    assert!(terminal.run("hint").contains("Hint 1"), "{}", terminal.screen());
    assert!(terminal.run("lab").contains("Step 1 of 14 · Part 1"), "{}", terminal.screen());
    assert_eq!(terminal.run("env | grep -c -e ^SUDO_ -e ^MAIL=").trim(), "0", "what is root's is not passed on");
    assert_eq!(terminal.run("echo heard > /dev/stderr").trim(), "heard", "the terminal is theirs");
    let socket = terminal.run("echo $LABRUN_SOCKET | tr -d '\\n'; echo").trim().to_owned();
    let runtime = Path::new(&socket).parent().expect("a folder").to_owned();
    assert_eq!(user.not_theirs(&runtime), Vec::<PathBuf>::new());
    for (number, command) in SEED.iter().enumerate() {
        let command = user.learner.named(&command.replace("docker", "sudo docker"));
        terminal.run_until(&command, &format!("Step {} of 14 · done", number + 1));
    }
    let said = terminal.leave();
    assert!(said.contains("14 of 14 steps done, and kept."), "{said}");

    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
    assert!(!runtime.exists(), "{runtime:?} is left behind");
    let own = user.json("labrun status");
    assert_eq!((own["passed"].as_i64(), own["hints"].as_i64()), (Some(14), Some(1)), "{own}");
    let reset = user.json(&format!("sudo labrun reset --yes --as {}", user.learner.name));
    assert_eq!(reset["ended"], true, "{reset}");
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
}

#[test]
fn outside_the_shell_sudo_uses_the_users_progress() {
    let user = User::with_shell("bash");
    let begun = user.runs(&format!("sudo labrun start docker-volumes --no-shell --as {}", user.learner.name));
    assert_eq!(begun.code, 0, "{begun:?}");
    let check = user.json("sudo labrun check");
    assert_eq!((check["step"].as_str(), check["verdict"].as_str()), (Some("create-volume"), Some("fail")), "{check}");
    let made = user.runs(&user.learner.named("sudo docker volume create app-data"));
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(user.json("labrun check")["verdict"], "cannot-check");
    assert_eq!(user.json("sudo labrun check")["verdict"], "pass");
    assert_eq!(user.json("labrun status")["passed"], 1);
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
}

#[test]
fn the_other_shells_are_the_users_too_and_labruns_verbs_work_there() {
    for name in ["zsh", "fish"] {
        let user = User::with_shell(name);
        let mut terminal = user.start();
        assert_eq!(terminal.run("id -un").trim(), user.name, "{name}");
        terminal.run_until(&user.learner.named("sudo docker volume create app-data"), "Step 1 of 14 · done");
        let said = terminal.leave();
        assert!(said.contains("1 of 14 steps done, and kept. sudo labrun goes on with it."), "{name}: {said}");
        let mut terminal = user.types_sudo_labrun(&[]);
        assert!(terminal.run("lab status").contains("1  done"), "{name}: {}", terminal.screen());
        terminal.send("lab reset\r");
        terminal.wait_for("Remove these and end the lab? [y/N]");
        let reset = terminal.run("y");
        assert!(reset.contains("The lab is ended"), "{name}: {reset}");
        terminal.leave();
        assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new(), "{name}");
    }
}

#[test]
fn what_a_solution_makes_is_the_users() {
    let user = User::with_shell("bash");
    let as_name = &user.learner.name;
    let begun = user.runs(&format!("sudo labrun start docker-volumes --no-shell --as {as_name}"));
    assert_eq!(begun.code, 0, "{begun:?}");
    // Its solutions before that step make a folder on the host, for a bind mount.
    let caught_up = user.runs("sudo labrun catchup write-through-bind --yes");
    assert_eq!(caught_up.code, 0, "{caught_up:?}");
    let folder = PathBuf::from(format!("/tmp/{as_name}-dind"));
    assert_eq!(user.not_theirs(&folder), Vec::<PathBuf>::new());
    let wrote = user.runs(&format!("echo mine > {}/mine.txt", folder.display()));
    assert_eq!(wrote.code, 0, "{wrote:?}");
    let solved = user.json("sudo labrun solution --run");
    assert_eq!(solved["verdict"], "pass", "{solved}");
    let report = user.home().join("report.html");
    let reported = user.runs(&format!("sudo labrun report --output {}", report.display()));
    assert!(reported.code == 0 && report.exists(), "{reported:?}");
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
    assert_eq!(user.json("sudo labrun reset --yes")["ended"], true);
    assert!(!folder.exists());
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
}

#[test]
fn a_new_lab_and_a_manual_are_the_users() {
    let user = User::with_shell("bash");
    let at = |path: &str| user.home().join(path);
    let written = user.runs(&format!("sudo labrun new {}", at("labs/mine").display()));
    assert!(written.code == 0 && at("labs/mine/lab.yaml").exists(), "{written:?}");
    let written = user.runs(&format!("sudo labrun man --all {}", at("share/man").display()));
    assert!(written.code == 0 && at("share/man/labrun.1").exists(), "{written:?}");
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
    let changed = user.runs(&format!("echo '# mine' >> {}", at("labs/mine/lab.yaml").display()));
    assert_eq!(changed.code, 0, "{changed:?}");
}

#[test]
fn a_member_of_the_engines_group_goes_through_a_lab_without_sudo() {
    let user = User::with_shell("bash");
    user.joins_the_engines_group();
    let verify = format!("labrun verify docker-volumes --no-mistakes --as {}", user.learner.name);
    let proof = user.json(&verify);
    let steps = proof["labs"][0]["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(steps.len() == 14 && steps.iter().all(|step| step["repeatable"] == true), "{proof}");
    assert_eq!(proof["labs"][0]["left_behind"], serde_json::json!([]), "{proof}");
    let begun = user.runs(&format!("labrun start docker-volumes --no-shell --as {}", user.learner.name));
    assert_eq!(begun.code, 0, "{begun:?}");
    let said = user.runs("labrun solution --run");
    assert_eq!(said.code, 0, "{said:?}");
    let status = user.json("labrun status");
    assert_eq!((&status["given"], &status["step"]), (&1.into(), &"inspect-volume".into()), "{status}");
    assert_eq!(user.json("labrun reset --yes")["ended"], true);
    assert_eq!(user.not_theirs(&user.home()), Vec::<PathBuf>::new());
}
