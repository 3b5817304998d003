//! `sudo labrun` in folders that the learner controls: links, hard links and pipes where labrun writes, and folders that
//! are exchanged while it works. Root's own files stay as they are.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod exchanged;

use tempfile::TempDir;

use crate::harness::Said;
use crate::sudo::User;

/// Owner, group, mode, links, inode, time of the last change, and content.
type State = (u32, u32, u32, u64, u64, (i64, i64), Vec<u8>);

/// A folder of root's with files by the names that labrun uses. Nothing in it may change.
struct Canaries {
    folder: TempDir,
    before: BTreeMap<PathBuf, State>,
}

impl Canaries {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("opened");
        for name in ["kept", "hook.bash", "recorder-1.lock", "progress.db-journal", "report.html", "docker-lab"] {
            let file = folder.path().join(name);
            std::fs::write(&file, format!("root's {name}")).expect("written");
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("set");
        }
        let mut canaries = Self { folder, before: BTreeMap::new() };
        canaries.before = canaries.now();
        canaries
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn now(&self) -> BTreeMap<PathBuf, State> {
        let mut seen = BTreeMap::new();
        look(self.path(), &mut seen);
        seen
    }

    /// Looks again after a hard link was made by root, which counts the links.
    fn settle(&mut self) {
        self.before = self.now();
    }

    fn assert_unchanged(&self, after: &str) {
        let text = |state: &BTreeMap<PathBuf, State>| {
            let line = |(path, of): (&PathBuf, &State)| {
                format!(
                    "{} {:?} {:?}",
                    path.display(),
                    (of.0, of.1, of.2, of.3, of.4, of.5),
                    String::from_utf8_lossy(&of.6)
                )
            };
            state.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(text(&self.before), text(&self.now()), "root's files changed after: {after}");
    }
}

fn look(path: &Path, seen: &mut BTreeMap<PathBuf, State>) {
    let of = std::fs::symlink_metadata(path).expect("it is there");
    let content = if of.is_file() { std::fs::read(path).expect("read") } else { Vec::new() };
    let changed = (of.ctime(), of.ctime_nsec());
    seen.insert(path.to_owned(), (of.uid(), of.gid(), of.mode(), of.nlink(), of.ino(), changed, content));
    if of.is_dir() {
        for entry in std::fs::read_dir(path).expect("listed") {
            look(&entry.expect("an entry").path(), seen);
        }
    }
}

/// A user with root's files beside them.
struct Try {
    user: User,
    canaries: Canaries,
}

impl Try {
    fn new() -> Self {
        let user = User::beside_others();
        // On a system with `fs.protected_hardlinks` the user can't make hard links to these: root makes them here.
        Self { user, canaries: Canaries::new() }
    }

    /// Runs a line as the user. `$ROOTS` is root's folder, `$DATA` that of the user's progress.
    fn run(&self, line: &str) -> Said {
        let roots = self.canaries.path().display();
        let line = line
            .replace("LABRUN_HOME", "LAB_HOME")
            .replace("LABRUN", &format!("labrun --as {}", self.user.learner.name));
        let line = line.replace("LAB_HOME", "LABRUN_HOME");
        let begun = Instant::now();
        let said = self.user.runs(&format!("ROOTS={roots} DATA=~/.local/share/lab''run; {line}"));
        assert!(begun.elapsed() < Duration::from_secs(60), "it hangs: {line}");
        self.canaries.assert_unchanged(&line);
        said
    }

    fn begin(&self) {
        let begun = self.run("rm -rf ~/.local; sudo LABRUN start docker-volumes --no-shell");
        assert_eq!(begun.code, 0, "{begun:?}");
    }

    fn refused(&self, line: &str, says: &str) {
        let said = self.run(line);
        assert!(said.code != 0 && said.err.contains(says), "{line}: {said:?}");
    }

    fn data(&self) -> PathBuf {
        self.user.home().join(".local/share/labrun")
    }
}

#[test]
fn sudo_makes_nothing_through_the_learners_links() {
    let tried = Try::new();
    for (link, command) in [
        ("ln -s $ROOTS ~/.local", "sudo LABRUN start docker-volumes --no-shell"),
        ("mkdir ~/.local; ln -s $ROOTS ~/.local/share", "sudo LABRUN start docker-volumes --no-shell"),
        ("mkdir -p ~/.local/share; ln -s $ROOTS $DATA", "sudo LABRUN start docker-volumes --no-shell"),
        ("mkdir -p ~/.local/share; ln -s $ROOTS/new $DATA", "sudo LABRUN list"),
        ("mkdir -p $DATA; ln -s $ROOTS/new.db $DATA/progress.db", "sudo LABRUN start docker-volumes --no-shell"),
        ("mkdir ~/d; ln -s $ROOTS ~/d/home", "sudo LABRUN_HOME=$HOME/d/home LABRUN start docker-volumes --no-shell"),
        ("mkdir ~/d; ln -s $ROOTS ~/d/labs", "sudo labrun new ~/d/labs/mine"),
        ("mkdir ~/d; ln -s $ROOTS ~/d/man", "sudo labrun man --all ~/d/man"),
        (
            "mkdir ~/d; ln -s $ROOTS ~/d/out",
            "sudo LABRUN verify --junit ~/d/out/found.xml docker-volumes --no-mistakes",
        ),
        ("mkdir ~/d; ln -s $ROOTS/found.xml ~/d/f.xml", "sudo LABRUN verify --junit ~/d/f.xml no-such-lab"),
        ("mkdir ~/d; ln -s $ROOTS ~/d/docker", "sudo DOCKER_CONFIG=$HOME/d/docker labrun plugin install"),
    ] {
        tried.run("rm -rf ~/.local ~/d");
        tried.run(link);
        let why = match link {
            _ if link.contains("new.db") => "it cannot be written",
            // The link itself is the user's, and makes way for the file.
            _ if link.contains("found.xml") => "there is no lab called no-such-lab",
            _ => "Permission denied",
        };
        // A list without progress is shown; nothing else goes on.
        match command.ends_with("list") {
            true => _ = tried.run(command),
            false => tried.refused(command, why),
        }
    }
}

#[test]
fn sudo_follows_no_link_at_a_report() {
    let tried = Try::new();
    tried.begin();
    for (link, file) in [
        ("ln -s $ROOTS/report.html ~/report.html", "~/report.html"),
        ("ln -s $ROOTS/none/new.html ~/new.html", "~/new.html/new.html"),
        ("ln -s $ROOTS ~/out", "~/out/report.html"),
        ("ln -s $ROOTS ~/out2; ln -s out2 ~/out3", "~/out3/other.csv"),
    ] {
        tried.run(link);
        tried.run(&format!("sudo LABRUN report -o {file}"));
        tried.refused(&format!("sudo LABRUN report --force -o {file}"), "cannot be written");
    }
}

#[test]
fn a_bundle_is_not_written_through_a_link() {
    let tried = Try::new();
    let images = tried.run("sudo labrun images check docker-volumes");
    assert_eq!(images.code, 0, "the lab's images are needed here: {images:?}");
    for (link, file) in [
        ("ln -s $ROOTS ~/stick", "~/stick/bundle.tar"),
        ("ln -s $ROOTS/bundle.tar ~/bundle.tar", "~/bundle.tar"),
        ("ln -s $ROOTS/kept ~/other.tar.part", "~/other.tar"),
    ] {
        tried.run(link);
        let said = tried.run(&format!("sudo labrun images save {file} docker-volumes"));
        assert_ne!(said.code, 0, "{said:?}");
    }
}

#[test]
fn lock_files_are_never_truncated_or_followed() {
    let mut tried = Try::new();
    tried.begin();
    let commands = ["sudo LABRUN catchup 2 --yes", "timeout 10 sudo LABRUN watch"];
    for lock in ["maker-1.lock", "recorder-1.lock"] {
        let path = tried.data().join(lock);
        let command = commands[usize::from(lock.starts_with("recorder"))];
        tried.run(&format!("ln -sf $ROOTS/kept $DATA/{lock}"));
        tried.refused(command, "is a link");
        // A link that leads nowhere would make a new file of root's.
        tried.run(&format!("ln -sf $ROOTS/new $DATA/{lock}"));
        tried.refused(command, "is a link");
        tried.run(&format!("rm $DATA/{lock}; mkfifo $DATA/{lock}"));
        tried.refused(command, "is not a regular file");
        tried.run(&format!("rm $DATA/{lock}; mkdir $DATA/{lock}"));
        tried.refused(command, "directory");
        tried.run(&format!("rmdir $DATA/{lock}"));
        std::fs::hard_link(tried.canaries.path().join("kept"), &path).expect("linked");
        tried.canaries.settle();
        tried.refused(command, "Permission denied");
        std::fs::remove_file(&path).expect("removed");
        tried.canaries.settle();
    }
    tried.run("echo 'a note' > $DATA/maker-1.lock");
    let done = tried.run("sudo LABRUN catchup 2 --yes");
    assert_eq!(done.code, 0, "{done:?}");
    let kept = std::fs::read_to_string(tried.data().join("maker-1.lock")).expect("read");
    assert_eq!(kept, "a note\n", "a lock file keeps its content");
}

#[test]
fn the_progress_journal_reaches_no_file_of_roots() {
    let mut tried = Try::new();
    tried.begin();
    tried.run("ln -sf $ROOTS/progress.db-journal $DATA/progress.db-journal");
    tried.run("sudo LABRUN check");
    tried.run("sudo LABRUN hint");
    tried.run("rm $DATA/progress.db-journal; ln -s $ROOTS/new $DATA/progress.db-journal");
    tried.run("sudo LABRUN hint");
    tried.run("rm $DATA/progress.db-journal");
    std::fs::hard_link(tried.canaries.path().join("kept"), tried.data().join("progress.db-journal")).expect("linked");
    tried.canaries.settle();
    tried.run("sudo LABRUN hint");
    std::fs::remove_file(tried.data().join("progress.db-journal")).expect("removed");
    tried.canaries.settle();
    // Damage: the file is set aside and read again.
    tried.run("rm -f $DATA/progress.db; ln -s $ROOTS/kept $DATA/progress.db");
    tried.run("sudo LABRUN check");
}

#[test]
fn sudo_still_writes_where_only_root_may() {
    let tried = Try::new();
    tried.begin();
    let roots = TempDir::new().expect("a folder");
    std::fs::set_permissions(roots.path(), PermissionsExt::from_mode(0o755)).expect("opened");
    let at = |name: &str| roots.path().join(name);
    for line in [
        "sudo LABRUN report -o THERE/report.html",
        "sudo labrun man --all THERE/man",
        "sudo labrun new THERE/labs/mine",
        "sudo labrun images save THERE/bundle.tar docker-volumes",
        "sudo DOCKER_CONFIG=THERE/docker labrun plugin install",
        "sudo LABRUN_HOME=THERE/home LABRUN start docker-volumes --no-shell",
    ] {
        let done = tried.run(&line.replace("THERE", &roots.path().display().to_string()));
        assert_eq!(done.code, 0, "{line}: {done:?}");
    }
    let of = |name: &str| std::fs::symlink_metadata(at(name)).unwrap_or_else(|error| panic!("{name}: {error}")).uid();
    let theirs = of("report.html");
    assert_ne!(theirs, 0, "what sudo labrun makes is the user's");
    for name in ["man/labrun.1", "labs/mine/lab.yaml", "labs", "bundle.tar", "home", "home/progress.db"] {
        assert_eq!(of(name), theirs, "{name}");
    }
    assert_eq!(of("docker/cli-plugins/docker-lab"), 0, "root's docker runs it as root");
    tried.run(&format!("sudo LABRUN_HOME={}/home LABRUN reset --yes", roots.path().display()));
    for file in ["/dev/stdout", "/proc/self/fd/1", "-"] {
        let shown = tried.run(&format!("sudo LABRUN report --json -o {file} | cat"));
        assert!(shown.out.contains("\"sessions\""), "{file}: {shown:?}");
    }
}

#[test]
fn a_lab_in_a_closed_folder_is_not_called_missing() {
    let tried = Try::new();
    let closed = TempDir::new().expect("a folder");
    std::fs::create_dir(closed.path().join("mine")).expect("made");
    std::fs::write(closed.path().join("mine/lab.yaml"), "title: x\n").expect("written");
    std::fs::set_permissions(closed.path(), PermissionsExt::from_mode(0o700)).expect("closed");
    let lab = closed.path().join("mine");
    for command in ["sudo labrun lint", "sudo LABRUN start", "sudo labrun handout", "labrun lint"] {
        let says = if command.starts_with("sudo") { "labrun reads labs as" } else { "Permission denied" };
        tried.refused(&format!("{command} {}", lab.display()), says);
    }
}

#[test]
fn root_reads_closed_files_but_through_no_link() {
    let tried = Try::new();
    tried.begin();
    let caught_up = tried.run("sudo LABRUN catchup write-through-bind --yes");
    assert_eq!(caught_up.code, 0, "{caught_up:?}");
    let name = &tried.user.learner.name;
    let made = tried.run(&format!(
        "sudo docker exec {name}-bind-test sh -c 'umask 077; echo bind_test_data > /dind/test.txt; ls -ln /dind'"
    ));
    assert!(made.out.contains("-rw-------    1 0 "), "{made:?}");
    let secret = TempDir::new().expect("a folder");
    std::fs::write(secret.path().join("secret"), "bind_test_data\n").expect("written");
    std::fs::set_permissions(secret.path(), PermissionsExt::from_mode(0o700)).expect("closed");
    let file = format!("/tmp/{name}-dind/test.txt");
    let linked = tried.run(&format!("mv {file} {file}.mine && ln -s {}/secret {file}", secret.path().display()));
    assert_eq!(linked.code, 0, "{linked:?}");
    let linked = tried.user.json(&format!("sudo labrun check --as {name}"));
    assert_eq!(linked["verdict"], "cannot-check", "root's file is not shown through a link: {linked}");
    tried.run(&format!("mv {file}.mine {file}"));
    assert_eq!(tried.user.json(&format!("sudo labrun check --as {name}"))["verdict"], "pass");
    tried.run("sudo LABRUN reset --yes");
}
