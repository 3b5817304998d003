//! `labrun images`: from registries that work and some that do not, into a file, and out of it again.
//!
//! The images are made for the tests, under names of their own; what the labs require is only ever looked at.

mod bundles;
mod engines;
mod registries;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engines::Halting;
use registries::{Answer, Fake, Registry};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::harness::{Learner, Made, Said};
use crate::second::Second;
use crate::terminal::Terminal;

/// A folder for a lab, a bundle and the like.
struct Desk {
    learner: Learner,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { learner: Learner::new(), folder: TempDir::new().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// A lab that requires these images; what to give to labrun.
    fn lab(&self, images: &[&str]) -> String {
        let folder = self.path("lab");
        std::fs::create_dir_all(&folder).expect("made");
        let images = serde_json::to_string(images).expect("JSON");
        let lab = format!(
            "title: T\nsummary: S\nlevel: beginner\nminutes: 1\nrequires: {{ images: {images} }}\nowns: {{ volumes: [vv] }}\n\
             briefing: b.md\nsteps:\n  - id: a\n    title: A\n    task: A\n    solution: 'true'\n    \
             checks: [{{ volume: {{ name: vv }} }}]\n"
        );
        std::fs::write(folder.join("lab.yaml"), lab).expect("written");
        std::fs::write(folder.join("b.md"), "B\n").expect("written");
        folder.to_string_lossy().into_owned()
    }

    /// An image of this test's own, with a file of this size in it; removed with the handle.
    fn image(&self, name: &str, bytes: usize) -> Made {
        self.image_for(&machine(), name, bytes)
    }

    /// The same, for another architecture. It is written by hand: an import is always for the engine's own.
    fn image_for(&self, architecture: &str, name: &str, bytes: usize) -> Made {
        // Its own layer: what is in it is nobody else's.
        let content: Vec<u8> = format!("{name} of {} ", self.learner.name).bytes().cycle().take(bytes).collect();
        let layer = archive(&[("content", &content)]);
        let hash: String = Sha256::digest(&layer).iter().map(|byte| format!("{byte:02x}")).collect();
        let config = json!({
            "architecture": architecture, "os": "linux", "config": {}, "created": "2026-01-01T00:00:00Z",
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{hash}")]},
        });
        let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]);
        let (config, manifest) = (config.to_string(), manifest.to_string());
        let members = [
            ("layer.tar", layer.as_slice()),
            ("config.json", config.as_bytes()),
            ("manifest.json", manifest.as_bytes()),
        ];
        let mut child =
            Command::new("docker").arg("load").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("runs");
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), &archive(&members)).expect("written");
        assert!(child.wait().expect("it ends").success(), "{name} is made");
        Made("image", name.to_owned())
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        self.learner.json(&[&["images"], arguments].concat())
    }

    fn says(&self, arguments: &[&str]) -> Said {
        self.learner.labrun(&[&["images"], arguments].concat())
    }

    /// The name of an image that no other test has.
    fn name(&self, name: &str) -> String {
        format!("labrun-{}/{name}:1", self.learner.name)
    }

    /// A bundle with this image in it.
    fn bundle(&self, image: &str) -> String {
        let lab = self.lab(&[image]);
        let file = self.text("bundle.tar");
        let said = self.says(&["save", &file, &lab]);
        assert_eq!(said.code, 0, "{said:?}");
        file
    }
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *content).expect("archived");
    }
    archive.into_inner().expect("archived")
}

/// What the engine's machine is.
fn machine() -> String {
    docker(&["version", "-f", "{{.Server.Arch}}"])
}

fn docker(arguments: &[&str]) -> String {
    let said: Said = Command::new("docker").args(arguments).output().expect("docker runs").into();
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    said.out.trim().to_owned()
}

fn layers(image: &str) -> String {
    docker(&["image", "inspect", "-f", "{{json .RootFS.Layers}}", image])
}

fn is_there(image: &str) -> bool {
    Command::new("docker").args(["image", "inspect", image]).output().expect("docker runs").status.success()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn check_says_what_is_there_and_what_is_not() {
    let desk = Desk::new();
    let (here, missing) = (desk.name("here"), desk.name("missing"));
    let _made = desk.image(&here, 2_000_000);
    let lab = desk.lab(&[&here, &missing]);
    let id = docker(&["image", "inspect", "-f", "{{.Id}}", &here]);
    let machine = machine();
    let said = desk.says(&["check", &lab]);
    let expected = format!(
        "  ok       {here}  {} · 2.00 MB · {machine}\n  missing  {missing}  for lab\n\n\
         With a network: labrun images pull {lab}\nWithout one: labrun images load FILE\n",
        &id[7..19]
    );
    assert_eq!((said.code, said.out.as_str()), (4, expected.as_str()));
    let (code, report) = desk.json(&["check", &lab]);
    assert_eq!((code, &report["complete"], &report["architecture"]), (4, &false.into(), &machine.as_str().into()));
    let states: Vec<_> = (0..2).map(|index| report["images"][index]["state"].as_str().unwrap_or_default()).collect();
    assert_eq!(states, ["here", "missing"]);
    assert_eq!((&report["images"][0]["bytes"], &report["images"][1]["bytes"]), (&2_000_000.into(), &Value::Null));
    let (code, report) = desk.json(&["check", "docker-storage"]);
    assert_eq!((code, &report["images"][0]["image"], &report["complete"]), (0, &"busybox".into(), &true.into()));
}

#[test]
fn a_name_that_is_no_images_is_the_labs_fault() {
    let desk = Desk::new();
    let (code, report) = desk.json(&["check", &desk.lab(&["Busy Box"])]);
    assert_eq!((code, &report["error"]["code"]), (3, &"faulty-lab".into()), "{report}");
}

#[test]
fn what_is_missing_is_pulled_and_what_is_there_is_not() {
    let desk = Desk::new();
    let registry = Registry::start(&desk.path("registry"));
    let image = format!("{}/labrun/{}:1", registry.host, desk.learner.name);
    let made = desk.image(&image, 100_000);
    docker(&["push", "-q", &image]);
    let saved = layers(&image);
    drop(made);
    let lab = desk.lab(&[&image]);
    assert_eq!(desk.says(&["check", &lab]).code, 4);
    let _made = Made("image", image.clone());
    let said = desk.says(&["pull", &lab]);
    let line = format!("pulling {image}\n  pulled   {image}  100.00 kB\n");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, line.as_str(), ""));
    assert_eq!(layers(&image), saved);
    let (code, report) = desk.json(&["pull", &lab]);
    assert_eq!((code, &report["images"][0]["fate"]), (0, &"already".into()), "{report}");
    assert_eq!(desk.says(&["check", &lab]).code, 0);
}

#[test]
fn a_pull_goes_on_after_an_image_that_does_not_come() {
    let desk = Desk::new();
    let registry = Registry::start(&desk.path("registry"));
    let image = format!("{}/labrun/{}:1", registry.host, desk.learner.name);
    drop({
        let made = desk.image(&image, 1_000);
        docker(&["push", "-q", &image]);
        made
    });
    let _made = Made("image", image.clone());
    let gone = |name: &str| format!("{}/labrun/{name}:1", registry.host);
    let stalls = Fake::start(Answer::Never);
    let names = [gone("none"), image.clone(), format!("{}/x:1", stalls.host), gone("nor-this")];
    let lab = desk.lab(&names.each_ref().map(String::as_str));
    let said = desk.says(&["pull", &lab, "--patience", "2"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains(&format!("  pulled   {image}")), "{said:?}");
    let summary = format!("3 of 4 images did not come: {}, {}, {}", names[0], names[2], names[3]);
    assert!(said.out.split_whitespace().collect::<Vec<_>>().join(" ").ends_with(&summary), "{said:?}");
    assert_eq!(said.err.matches("error: ").count(), 3, "{said:?}");
    let (code, report) = desk.json(&["pull", &lab, "--patience", "2"]);
    assert_eq!((code, &report["images"][0]["fate"]), (4, &"already".into()), "{report}");
    assert_eq!(report["failed"].as_array().map(Vec::len), Some(3), "{report}");
    let expected = [(&names[0], "not-found"), (&names[2], "stalled"), (&names[3], "not-found")];
    for (place, (image, code)) in expected.into_iter().enumerate() {
        let failed = &report["failed"][place];
        assert_eq!((failed["image"].as_str(), failed["error"]["code"].as_str()), (Some(image.as_str()), Some(code)));
    }
    assert_eq!(report["error"]["code"], "not-found");
}

#[test]
fn a_broken_config_json_is_said_and_the_pull_goes_on() {
    let desk = Desk::new();
    let registry = Registry::start(&desk.path("registry"));
    let image = format!("{}/labrun/{}:1", registry.host, desk.learner.name);
    drop({
        let made = desk.image(&image, 1_000);
        docker(&["push", "-q", &image]);
        made
    });
    let _made = Made("image", image.clone());
    std::fs::write(desk.path("config.json"), "{\"auths\": ").expect("written");
    let mut pull = desk.learner.command(&["images", "pull", &desk.lab(&[&image])]);
    let said: Said = pull.env("DOCKER_CONFIG", desk.folder.path()).output().expect("labrun runs").into();
    assert_eq!(said.code, 0, "{said:?}");
    let warning = format!("warning: pulling without a login: {} cannot be read: EOF", desk.text("config.json"));
    assert!(said.err.contains(&warning), "{}", said.err);
}

#[test]
fn what_a_registry_refuses_is_told_with_the_remedy() {
    let error = |code: &str| format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"said by the test\"}}]}}");
    let rows = [
        (Answer::of(429, &error("TOOMANYREQUESTS")), "rate-limit", "docker login raises the limit"),
        (Answer::of(401, &error("UNAUTHORIZED")), "unauthorized", "docker login 127.0.0.1:"),
        (Answer::of(404, &error("MANIFEST_UNKNOWN")), "not-found", "see whether the name is right"),
        (Answer::of(500, "out of order"), "registry-broken", "has trouble of its own"),
    ];
    let desk = Desk::new();
    for (answer, code, remedy) in rows {
        let registry = Fake::start(answer);
        let lab = desk.lab(&[&format!("{}/x:1", registry.host)]);
        let (exit, report) = desk.json(&["pull", &lab]);
        assert_eq!((exit, report["error"]["code"].as_str()), (4, Some(code)), "{report}");
        assert!(report["error"]["hint"].as_str().is_some_and(|hint| hint.contains(remedy)), "{report}");
    }
    // Nobody listens there.
    let gone = Fake::start(Answer::of(404, "")).host.clone();
    let (exit, report) = desk.json(&["pull", &desk.lab(&[&format!("{gone}/x:1")])]);
    assert_eq!((exit, report["error"]["code"].as_str()), (4, Some("no-network")), "{report}");
}

#[test]
fn a_registry_that_stalls_is_not_waited_for() {
    let desk = Desk::new();
    let registry = Fake::start(Answer::Never);
    let lab = desk.lab(&[&format!("{}/x:1", registry.host)]);
    let began = Instant::now();
    let said = desk.says(&["pull", &lab, "--patience", "2"]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(said.code, 4, "{said:?}");
    let expected = format!("error: pulling {0}/x:1 from {0}: nothing has moved for 2 s\ntry: ", registry.host);
    assert!(said.err.starts_with(&expected) && said.err.contains("labrun images load FILE"), "{}", said.err);
}

#[test]
fn the_clis_login_goes_to_the_registry_whatever_is_in_it() {
    let desk = Desk::new();
    // What the two alphabets of base64 write differently.
    let login = "ada:~?>~?>~?>";
    let registry = Fake::start(Answer::AsksWho);
    let encoded = registries::base64(login);
    let config = format!("{{\"auths\": {{\"{}\": {{\"auth\": \"{encoded}\"}}}}}}", registry.host);
    std::fs::write(desk.path("config.json"), config).expect("written");
    let mut pull = desk.learner.command(&["images", "pull", &desk.lab(&[&format!("{}/x:1", registry.host)]), "--json"]);
    let said: Said = pull.env("DOCKER_CONFIG", desk.folder.path()).output().expect("labrun runs").into();
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["error"]["code"], "not-found", "let in, it finds nothing: {report}");
    assert!(registry.heard(&format!("Basic {encoded}")), "the login came to the registry");
    assert!(!said.out.contains(&encoded) && !said.out.contains("~?>"), "no secret is shown: {said:?}");
}

#[test]
fn saved_removed_and_loaded_it_has_the_same_layers() {
    let desk = Desk::new();
    let image = desk.name("stick");
    let made = desk.image(&image, 3_000_000);
    let saved = layers(&image);
    let lab = desk.lab(&[&image]);
    let said = desk.says(&["save", &desk.folder.path().to_string_lossy(), &lab, "--with-labrun"]);
    assert_eq!(said.code, 0, "{said:?}");
    let machine = machine();
    let file = desk.text(&format!("labrun-lab-{machine}.tar"));
    assert_eq!(files(desk.folder.path()), ["lab".to_owned(), format!("labrun-lab-{machine}.tar")]);
    // What is on the stick needs nothing but tar.
    let unpacked: Said = Command::new("tar")
        .args(["-xf", &file, "labrun"])
        .current_dir(desk.folder.path())
        .output()
        .expect("tar runs")
        .into();
    assert_eq!(unpacked.code, 0, "{unpacked:?}");
    let same = std::fs::read(desk.path("labrun")).ok() == std::fs::read(env!("CARGO_BIN_EXE_labrun")).ok();
    assert!(same, "the program is in it");
    let there = desk.says(&["load", &file]);
    assert!(
        there.code == 0 && there.out.contains(&format!("  ok       {image}  3.00 MB, was here already\n")),
        "{there:?}"
    );
    drop(made);
    let _made = Made("image", image.clone());
    assert!(!is_there(&image));
    let (code, report) = desk.json(&["load", &file]);
    assert_eq!((code, &report["images"][0]["fate"]), (0, &"loaded".into()), "{report}");
    assert_eq!(layers(&image), saved);
    let again = desk.says(&["save", &file, &lab]);
    assert_eq!(
        (again.code, again.err),
        (4, format!("error: {file} is there already\ntry: remove it, or name another file\n"))
    );
}

#[test]
fn another_image_of_the_same_name_keeps_it() {
    let desk = Desk::new();
    let image = desk.name("kept");
    drop({
        let made = desk.image(&image, 1_000);
        desk.bundle(&image);
        made
    });
    let _made = desk.image(&image, 2_000);
    let own = layers(&image);
    let said = desk.says(&["load", &desk.text("bundle.tar")]);
    assert!(said.code == 0 && said.out.contains("  kept     "), "{said:?}");
    assert_eq!(layers(&image), own);
}

#[test]
fn an_image_of_another_architecture_is_said_and_never_mixed_with_others() {
    let desk = Desk::new();
    let machine = machine();
    let other = if machine == "arm64" { "amd64" } else { "arm64" };
    let (ours, theirs) = (desk.name("ours"), desk.name("theirs"));
    let _ours = desk.image(&ours, 1_000);
    let made = desk.image_for(other, &theirs, 1_000);
    let lab = desk.lab(&[&theirs]);
    let said = desk.says(&["check", &lab]);
    assert_eq!(said.code, 4, "{said:?}");
    let expected = format!("it is for {other}, and the engine's machine is {machine}");
    assert!(said.out.replace("\n           ", " ").contains(&expected), "{said:?}");
    let said = desk.says(&["save", &desk.folder.path().to_string_lossy(), &lab]);
    let file = format!("labrun-lab-{other}.tar");
    assert_eq!((said.code, files(desk.folder.path())), (0, vec!["lab".to_owned(), file.clone()]), "{said:?}");
    drop(made);
    let _made = Made("image", theirs.clone());
    let (code, report) = desk.json(&["load", &desk.text(&file)]);
    assert_eq!((code, &report["error"]["code"]), (4, &"other-architecture".into()), "{report}");
    assert!(!is_there(&theirs));
    let _theirs = desk.image_for(other, &theirs, 1_000);
    let (code, report) = desk.json(&["save", &desk.text("x.tar"), &desk.lab(&[&ours, &theirs])]);
    assert_eq!((code, &report["error"]["code"]), (4, &"several-architectures".into()), "{report}");
}

#[test]
fn what_is_missing_is_not_saved() {
    let desk = Desk::new();
    let image = desk.name("absent");
    let (code, report) = desk.json(&["save", &desk.text("x.tar"), &desk.lab(&[&image])]);
    assert_eq!((code, &report["error"]["code"]), (4, &"missing-image".into()), "{report}");
    let digest = format!("{image}@sha256:{}", "0a".repeat(32));
    let (code, report) = desk.json(&["save", &desk.text("x.tar"), &desk.lab(&[&digest])]);
    assert_eq!((code, &report["error"]["code"]), (4, &"named-by-digest".into()), "{report}");
    let (code, report) = desk.json(&["save", &desk.text("no/such/x.tar"), "docker-volumes"]);
    assert_eq!((code, &report["error"]["code"]), (4, &"file".into()), "{report}");
    assert_eq!(files(desk.folder.path()), ["lab"]);
    let said = desk.says(&["save", "docker-volumes"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            2,
            "error: docker-volumes is a lab or a track, and the file comes first\ntry: labrun images save FILE docker-volumes\n"
        )
    );
}

#[test]
fn a_save_that_does_not_end_leaves_nothing() {
    let desk = Desk::new();
    let image = desk.name("slow");
    let _made = desk.image(&image, 1_000);
    let lab = desk.lab(&[&image]);
    let engine = Halting::start(&desk.path("engine.sock"));
    let save = ["images", "save", &desk.text("x.tar"), &lab, "--patience", "1", "--host", &engine.host];
    // An engine that falls silent.
    let said = desk.learner.labrun(&save);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.starts_with(&format!("error: saving {image}: nothing has moved for 1 s\n")), "{}", said.err);
    assert_eq!(files(desk.folder.path()), ["engine.sock", "lab"]);
    // Ctrl-C.
    let save = ["images", "save", &desk.text("x.tar"), &lab, "--host", &engine.host];
    let child = desk.learner.command(&save).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs");
    let began = Instant::now();
    while std::fs::metadata(desk.path("x.tar.part")).map_or(0, |part| part.len()) < 2_000 {
        assert!(began.elapsed() < Duration::from_secs(20), "it never began to write");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let said: Said = child.wait_with_output().expect("it ends").into();
    assert_eq!((said.code, said.err.as_str()), (1, "error: interrupted; nothing half done is left behind\n"));
    assert_eq!(files(desk.folder.path()), ["engine.sock", "lab"]);
}

#[test]
fn on_a_terminal_a_bar_says_in_words_what_moves_and_goes_when_it_ends() {
    let desk = Desk::new();
    let image = desk.name("bar");
    let _made = desk.image(&image, 100_000);
    let lab = desk.lab(&[&image]);
    let engine = Halting::start(&desk.path("engine.sock"));
    for (columns, bar) in [(80, "5.00 kB of 100.00 kB"), (40, "5 %")] {
        let save = ["images", "save", &desk.text("x.tar"), &lab, "--host", &engine.host, "--patience", "2"];
        let terminal = Terminal::command(&desk.learner, columns, &save);
        terminal.wait_for(bar);
        let screen = terminal.screen();
        assert!(screen.starts_with("saving labrun-") && screen.lines().count() == 1, "{screen}");
        terminal.wait_for("docker ps");
        assert!(
            terminal.screen().starts_with("error: saving ") && !terminal.screen().contains(bar),
            "{}",
            terminal.screen()
        );
    }
    assert_eq!(files(desk.folder.path()), ["engine.sock", "lab"]);
}

#[test]
fn a_room_without_a_network_is_prepared_from_a_stick() {
    let desk = Desk::new();
    let stick = desk.text("stick.tar");
    assert_eq!(desk.says(&["save", &stick, "docker-storage"]).code, 0);
    let engine = Second::start();
    let there = |arguments: &[&str]| desk.learner.labrun(&[arguments, &["--host", &engine.host]].concat());
    assert_eq!(there(&["images", "check", "docker-volumes"]).code, 4);
    let said = there(&["start", "docker-volumes", "--no-shell"]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("labrun images load FILE"), "{}", said.err);
    let said = there(&["images", "load", &stick]);
    assert!(said.code == 0 && said.out.contains("  loaded   busybox:latest  "), "{said:?}");
    assert_eq!(there(&["images", "check", "docker-storage"]).code, 0);
    let proved = there(&["verify", "docker-volumes", "--no-mistakes"]);
    assert_eq!(proved.code, 0, "{proved:?}");
}
