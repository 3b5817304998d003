//! Random worlds on the real engine: what bears a name like the lab's, what comes and goes meanwhile, what is linked or
//! mounted below the lab's paths. Removing takes what the lab made, all of it, and nothing else; also when it was killed
//! in the middle before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};

use crate::harness::Learner;

/// Worlds that are tried; more with `LABRUN_WORLDS`.
const WORLDS: u32 = 10;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Volume,
    Container,
    Folder,
}

/// Something that is not the lab's.
#[derive(Clone, Debug)]
struct Foreign {
    kind: Kind,
    name: String,
    /// It is made while the lab is worked on, or was there before.
    during: bool,
    /// It goes, and one of the same name comes, while the lab is worked on.
    made_anew: bool,
}

/// What stands below the lab's path.
#[derive(Clone, Copy, Debug)]
enum Below {
    File,
    Deep,
    LinkToFolder,
    LinkToFile,
    DeadLink,
    Pipe,
    Mount,
}

#[derive(Clone, Copy, Debug)]
enum Removing {
    Reset,
    /// Killed after so many milliseconds, and run again.
    ResetKilled(u64),
    Catchup,
    CatchupKilled(u64),
}

#[derive(Clone, Debug)]
struct World {
    foreign: Vec<Foreign>,
    below: Vec<Below>,
    /// Which of the lab's own things are made: volume, container, second container.
    made: [bool; 3],
    volume_made_anew: bool,
    removing: Removing,
}

fn like(owned: &'static [&'static str]) -> impl Strategy<Value = String> {
    let owned = proptest::sample::select(owned);
    let change = proptest::sample::select(&["{}2", "{}-", "x-{}", "{}.old", "{}_", "{}-1", "{}0"][..]);
    (owned, change).prop_map(|(name, change)| change.replace("{}", name))
}

fn foreign() -> impl Strategy<Value = Foreign> {
    let named = prop_oneof![
        (Just(Kind::Volume), like(&["app-data", "writer-1"])),
        (Just(Kind::Container), like(&["writer-1", "writer-2", "app-data"])),
        (Just(Kind::Folder), like(&["dind", "app-data"])),
    ];
    (named, any::<bool>(), any::<bool>()).prop_map(|((kind, name), during, made_anew)| Foreign {
        kind,
        name,
        during,
        made_anew,
    })
}

fn world() -> impl Strategy<Value = World> {
    use Below::{DeadLink, Deep, File, LinkToFile, LinkToFolder, Mount, Pipe};
    let below = proptest::sample::select(&[File, Deep, LinkToFolder, LinkToFile, DeadLink, Pipe, Mount][..]);
    let removing = prop_oneof![
        Just(Removing::Reset),
        (0..300_u64).prop_map(Removing::ResetKilled),
        Just(Removing::Catchup),
        (0..900_u64).prop_map(Removing::CatchupKilled),
    ];
    (
        proptest::collection::vec(foreign(), 1..5),
        proptest::collection::vec(below, 0..5),
        any::<[bool; 3]>(),
        any::<bool>(),
        removing,
    )
        .prop_map(|(foreign, below, made, volume_made_anew, removing)| World {
            foreign,
            below,
            made,
            volume_made_anew,
            removing,
        })
}

/// Everything foreign of one world; removed when it ends.
struct Others {
    prefix: String,
    folder: tempfile::TempDir,
    mounted: Option<PathBuf>,
    made: Vec<(Kind, String)>,
}

fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).output().expect("docker runs");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Others {
    fn named(&self, foreign: &Foreign) -> String {
        match foreign.kind {
            Kind::Folder => format!("/tmp/{}-{}", self.prefix, foreign.name),
            Kind::Volume | Kind::Container => format!("{}-{}", self.prefix, foreign.name),
        }
    }

    fn make(&mut self, foreign: &Foreign) {
        let name = self.named(foreign);
        match foreign.kind {
            Kind::Volume => drop(docker(&["volume", "create", &name])),
            Kind::Container => drop(docker(&["create", "--name", &name, "busybox", "true"])),
            Kind::Folder => {
                fs::create_dir_all(&name).expect("made");
                fs::write(Path::new(&name).join("file"), "somebody's").expect("written");
            }
        }
        self.made.push((foreign.kind, name));
    }

    fn remove(kind: Kind, name: &str) {
        match kind {
            Kind::Volume => drop(docker(&["volume", "rm", name])),
            Kind::Container => drop(docker(&["rm", "-f", name])),
            Kind::Folder => drop(fs::remove_dir_all(name)),
        }
    }

    /// What tells each of these from another one of its name, and what is in the folder that links lead to.
    fn seen(&self) -> BTreeMap<String, String> {
        let object = |(kind, name): &(Kind, String)| {
            let seen = match kind {
                Kind::Volume => docker(&["volume", "inspect", "-f", "{{.CreatedAt}}", name]),
                Kind::Container => docker(&["container", "inspect", "-f", "{{.Id}}", name]),
                Kind::Folder => fs::read_to_string(Path::new(name).join("file")).ok(),
            };
            (format!("{kind:?} {name}"), seen.unwrap_or_else(|| "gone".to_owned()))
        };
        let mut seen: BTreeMap<_, _> = self.made.iter().map(object).collect();
        let kept = fs::read_to_string(self.folder.path().join("kept/file")).unwrap_or_else(|_| "gone".to_owned());
        seen.insert("what links lead to".to_owned(), kept);
        seen
    }

    /// Puts something below the lab's path; whether it may be removed.
    fn put(&mut self, at: &Path, what: Below, number: usize) {
        let kept = self.folder.path().join("kept");
        let path = at.join(format!("entry-{number}"));
        let link = |target: &Path| std::os::unix::fs::symlink(target, &path).expect("linked");
        match what {
            Below::File => fs::write(&path, "the lab's").expect("written"),
            Below::Deep => fs::create_dir_all(path.join("a/b/c/d")).expect("made"),
            Below::LinkToFolder => link(&kept),
            Below::LinkToFile => link(&kept.join("file")),
            Below::DeadLink => link(Path::new("/nowhere/at/all")),
            Below::Pipe => assert!(Command::new("mkfifo").arg(&path).status().is_ok_and(|made| made.success())),
            // Only root may mount.
            Below::Mount if !rustix::process::getuid().is_root() || self.mounted.is_some() => {}
            Below::Mount => {
                fs::create_dir(&path).expect("made");
                let bound = Command::new("mount").arg("--bind").args([&kept, &path]).status();
                self.mounted = bound.is_ok_and(|bound| bound.success()).then_some(path);
            }
        }
    }

    fn unmount(&mut self) {
        if let Some(path) = self.mounted.take() {
            let unmounted = Command::new("umount").arg(&path).status();
            assert!(unmounted.is_ok_and(|unmounted| unmounted.success()), "{path:?} is still mounted");
        }
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.unmount();
        for (kind, name) in &self.made {
            Self::remove(*kind, name);
        }
    }
}

fn killed_after(learner: &Learner, milliseconds: u64, arguments: &[&str]) {
    let mut child = learner.command(arguments).stdout(std::process::Stdio::null()).spawn().expect("runs");
    std::thread::sleep(Duration::from_millis(milliseconds));
    let _ = child.kill();
    let _ = child.wait();
    // What its last solution started goes on without it.
    std::thread::sleep(Duration::from_millis(1_500));
}

fn holds(world: &World) -> Result<(), TestCaseError> {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("kept")).expect("made");
    fs::write(folder.path().join("kept/file"), "precious").expect("written");
    let mut others = Others { prefix: learner.name.clone(), folder, mounted: None, made: Vec::new() };
    world.foreign.iter().filter(|foreign| !foreign.during).for_each(|foreign| others.make(foreign));
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    for foreign in &world.foreign {
        if !foreign.during && foreign.made_anew {
            Others::remove(foreign.kind, &others.named(foreign));
        }
        if foreign.during || foreign.made_anew {
            others.make(foreign);
        }
    }
    let lines = [
        "docker volume create app-data",
        "docker create --name writer-1 -v app-data:/data -v /anonymous busybox sh",
        "docker create --name bind-test busybox sh",
    ];
    for (line, made) in lines.iter().zip(world.made) {
        if made {
            learner.types(line);
        }
    }
    if world.made[0] && !world.made[1] && world.volume_made_anew {
        learner.types("docker volume rm app-data && docker volume create app-data");
    }
    let path = PathBuf::from(format!("/tmp/{}-dind", learner.name));
    if !world.below.is_empty() {
        fs::create_dir(&path).expect("made");
    }
    for (number, below) in world.below.iter().enumerate() {
        others.put(&path, *below, number);
    }
    let before = others.seen();
    if others.mounted.is_some() {
        let said = learner.labrun(&["reset", "--yes"]);
        assert!(said.code == 4 && said.out.contains("is a mount point"), "{said:?}");
        proptest::prop_assert_eq!(&others.seen(), &before, "below a mount point");
        others.unmount();
    }
    match world.removing {
        Removing::Reset => {}
        Removing::ResetKilled(after) => killed_after(&learner, after, &["reset", "--yes"]),
        Removing::Catchup => {
            let said = learner.labrun(&["catchup", "4", "--yes"]);
            proptest::prop_assert_eq!(said.code, 0, "{:?}", said);
        }
        Removing::CatchupKilled(after) => {
            killed_after(&learner, after, &["catchup", "5", "--yes"]);
            let said = learner.labrun(&["catchup", "5", "--yes"]);
            proptest::prop_assert_eq!(said.code, 0, "{:?}", said);
        }
    }
    proptest::prop_assert_eq!(&others.seen(), &before, "before the last reset");
    let said = learner.labrun(&["reset", "--yes"]);
    // A reset that was killed may have come to its end before.
    proptest::prop_assert!(matches!(said.code, 0 | 2), "{:?}", said);
    proptest::prop_assert_eq!(&others.seen(), &before);
    for owned in OWNED {
        let there = docker(&["inspect", &format!("{}-{owned}", learner.name)]);
        proptest::prop_assert!(there.is_none(), "{} is still there", owned);
    }
    proptest::prop_assert!(!path.is_symlink() && !path.exists(), "{:?} is still there", path);
    Ok(())
}

/// How a verification goes.
#[derive(Clone, Copy, Debug)]
enum Verifying {
    ToItsEnd,
    /// Killed after so many milliseconds.
    Killed(u64),
    /// Somebody has a name that the lab owns.
    NameTaken(&'static str),
}

const OWNED: [&str; 4] = ["app-data", "writer-1", "writer-2", "bind-test"];

fn verifying() -> impl Strategy<Value = (Vec<Foreign>, Verifying)> {
    let how = prop_oneof![
        Just(Verifying::ToItsEnd),
        (0..2_500_u64).prop_map(Verifying::Killed),
        proptest::sample::select(&OWNED[..]).prop_map(Verifying::NameTaken),
    ];
    (proptest::collection::vec(foreign(), 1..5), how)
}

fn holds_verified(foreign: &[Foreign], how: Verifying) -> Result<(), TestCaseError> {
    let learner = Learner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut others = Others { prefix: learner.name.clone(), folder, mounted: None, made: Vec::new() };
    foreign.iter().for_each(|foreign| others.make(foreign));
    if let Verifying::NameTaken(name) = how {
        let kind = if name == "app-data" { Kind::Volume } else { Kind::Container };
        others.make(&Foreign { kind, name: name.to_owned(), during: false, made_anew: false });
    }
    let before = others.seen();
    let verify = ["verify", "docker-volumes", "--step", "mount-in-writer-1", "--no-mistakes"];
    match how {
        Verifying::ToItsEnd => {
            let said = learner.labrun(&verify);
            proptest::prop_assert_eq!(said.code, 0, "{:?}", said);
        }
        Verifying::Killed(after) => {
            killed_after(&learner, after, &verify);
            // What it made is the lab's, and stays: nobody is there any more who knows that it made it.
            let said = learner.labrun(&verify);
            proptest::prop_assert!(matches!(said.code, 0 | 4), "{:?}", said);
            Others::remove(Kind::Container, &format!("{}-writer-1", learner.name));
            Others::remove(Kind::Volume, &format!("{}-app-data", learner.name));
        }
        Verifying::NameTaken(_) => {
            let said = learner.labrun(&verify);
            proptest::prop_assert_eq!(said.code, 4, "{:?}", said);
        }
    }
    proptest::prop_assert_eq!(&others.seen(), &before);
    for owned in OWNED.iter().filter(|owned| !matches!(how, Verifying::NameTaken(name) if name == **owned)) {
        let there = docker(&["inspect", &format!("{}-{owned}", learner.name)]);
        proptest::prop_assert!(there.is_none(), "{} is still there", owned);
    }
    Ok(())
}

/// A runner that tries the same worlds each time.
fn runner(worlds: u32) -> TestRunner {
    let worlds = std::env::var("LABRUN_WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(worlds);
    let config = Config { cases: worlds, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    TestRunner::new_with_rng(config, random)
}

#[test]
fn a_verification_harms_nothing_that_is_not_its_own() {
    if let Err(error) = runner(6).run(&verifying(), |(foreign, how)| holds_verified(&foreign, how)) {
        panic!("{error}");
    }
}

#[test]
fn what_is_not_the_labs_is_unharmed_and_all_that_is_goes() {
    if let Err(error) = runner(WORLDS).run(&world(), |world| holds(&world)) {
        panic!("{error}");
    }
}
