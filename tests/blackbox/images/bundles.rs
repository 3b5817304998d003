//! Bundles that somebody has broken or forged: each is refused with what is wrong, and nothing of it is loaded.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use super::engines::Editing;
use super::{Desk, docker, is_there};
use crate::harness::Made;

const LIST: &str = "labrun-bundle.json";

/// The list of a bundle, and its first image's export.
fn taken_apart(file: &Path) -> (Value, Vec<u8>) {
    let mut archive = tar::Archive::new(std::fs::File::open(file).expect("a bundle"));
    let mut members = archive.entries().expect("entries").map(|entry| {
        let mut content = Vec::new();
        entry.expect("an entry").read_to_end(&mut content).expect("read");
        content
    });
    let list = serde_json::from_slice(&members.next().expect("a list")).expect("JSON");
    (list, members.next().expect("an image"))
}

fn append(archive: &mut Vec<u8>, name: &str, kind: EntryType, content: &[u8]) {
    let mut header = Header::new_gnu();
    // As somebody would who means harm: the crate's own way refuses such names.
    let field = &mut header.as_mut_bytes()[..name.len()];
    field.copy_from_slice(name.as_bytes());
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    archive.extend_from_slice(header.as_bytes());
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(512), 0);
}

/// A bundle of these members, with a list that fits them unless `change` makes it something else.
fn forged(mut list: Value, members: &[(&str, EntryType, &[u8])], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    for (index, (name, _, content)) in members.iter().enumerate() {
        let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let member = &mut list["members"][index];
        (member["name"], member["bytes"], member["sha256"]) = (json!(name), json!(content.len()), json!(hash));
    }
    change(&mut list);
    forged_list(&list.to_string(), members)
}

/// A bundle of these members, with this text as its list.
fn forged_list(list: &str, members: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    append(&mut archive, LIST, EntryType::Regular, list.as_bytes());
    for (name, kind, content) in members {
        append(&mut archive, name, *kind, content);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// The export of an image, with one entry more.
fn export_with(export: &[u8], name: &str, kind: EntryType, content: &[u8]) -> Vec<u8> {
    let mut added = Vec::new();
    append(&mut added, name, kind, content);
    added.extend_from_slice(export);
    added
}

#[test]
fn what_is_no_whole_bundle_is_refused_and_nothing_is_loaded() {
    let desk = Desk::new();
    let image = desk.name("forged");
    let made = desk.image(&image, 50_000);
    let good = desk.path(desk.bundle(&image).rsplit('/').next().expect("a name"));
    drop(made);
    // What is loaded although it should not be goes, too.
    let _made = Made("image", image.clone());
    let whole = std::fs::read(&good).expect("read");
    let (list, export) = taken_apart(&good);
    let name = list["members"][0]["name"].as_str().expect("a name").to_owned();
    let member = [(name.as_str(), EntryType::Regular, export.as_slice())];
    let as_is = |_: &mut Value| {};
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let other_names = with_entry(&export, "repositories", |_| "{\"debian\": {\"12\": \"x\"}}".to_owned());
    let index = |name: &str| {
        let index = json!({"manifests": [{"annotations": {
            "io.containerd.image.name": name, "org.opencontainers.image.ref.name": "1",
        }}]});
        export_with(&export, "index.json", EntryType::Regular, index.to_string().as_bytes())
    };
    let in_index = index("docker.io/library/debian:12");
    let right_index = index(&format!("docker.io/{image}"));
    let mut no_layers = Vec::new();
    append(&mut no_layers, "manifest.json", EntryType::Regular, json!([{"RepoTags": [image]}]).to_string().as_bytes());
    no_layers.resize(no_layers.len() + 1024, 0);
    let by_link = export_with(&export, "a/manifest.json", EntryType::Regular, b"[]");
    let brings = format!("would bring {image} as debian:12");
    let rows: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("cut in the middle", whole[..whole.len() / 2].to_vec(), "half-a-bundle", "is only a part: it has "),
        ("cut in its list", whole[..700].to_vec(), "half-a-bundle", "is only a part: it has 700 of "),
        ("empty", Vec::new(), "no-bundle", "is no file that labrun images save made"),
        ("something else", b"hello ".repeat(1_000), "no-bundle", "is no file that labrun images save made"),
        ("a docker save", export.clone(), "no-bundle", "is no file that labrun images save made"),
        ("one bit", flipped, "damaged-bundle", "is not what was saved"),
        ("more behind it", [whole.clone(), vec![0; 4096]].concat(), "altered-bundle", "goes on for 4096 bytes after"),
        (
            "another's checksum",
            forged(list.clone(), &member, |list| list["members"][0]["sha256"] = json!("00".repeat(32))),
            "damaged-bundle",
            "is not what was saved",
        ),
        (
            "another size",
            forged(list.clone(), &member, |list| list["members"][0]["bytes"] = json!(u64::MAX)),
            "altered-bundle",
            "its sizes are no sizes of files",
        ),
        (
            "a path that leads out",
            forged(list.clone(), &[("images/x", EntryType::Regular, &export)], |list| {
                list["members"][0]["name"] = json!("../../etc/passwd");
            }),
            "altered-bundle",
            "it names \"../../etc/passwd\"",
        ),
        (
            "an entry that leads out",
            forged(list.clone(), &[("../../etc/passwd", EntryType::Regular, &export)], |list| {
                list["members"][0]["name"] = json!("images/x");
            }),
            "altered-bundle",
            "holds \"../../etc/passwd\" where its list says \"images/x\"",
        ),
        (
            "a link",
            forged(list.clone(), &[(&name, EntryType::Symlink, &export)], as_is),
            "altered-bundle",
            "(a link)\" where its list says",
        ),
        (
            "a device",
            forged(list.clone(), &[(&name, EntryType::Char, &export)], as_is),
            "altered-bundle",
            "(no regular file)\" where its list says",
        ),
        (
            "no image's name",
            forged(list.clone(), &member, |list| list["members"][0]["image"] = json!("a\u{1b}[31m")),
            "altered-bundle",
            "is no image's name",
        ),
        (
            "another architecture",
            forged(list.clone(), &member, |list| list["architecture"] = json!("pdp11")),
            "other-architecture",
            "this file's images are for pdp11, and the engine's machine is ",
        ),
        (
            "a newer labrun's",
            forged(list.clone(), &member, |list| {
                (list["format"], list["labrun"]) = (json!(2), json!("9.9.9"));
            }),
            "newer-bundle",
            "was made by a newer labrun (9.9.9; layout 2)",
        ),
        (
            "a key twice",
            forged_list(&list.to_string().replacen("{\"format\"", "{\"labs\":\"x\",\"format\"", 1), &member),
            "altered-bundle",
            "duplicate field",
        ),
        (
            "a member twice",
            forged(
                json!({"members": [list["members"][0], list["members"][0]], "format": 1, "labrun": "1", "labs": "x",
                    "architecture": list["architecture"]}),
                &[member[0], member[0]],
                as_is,
            ),
            "altered-bundle",
            "twice",
        ),
        (
            "something at its end",
            [&whole[..whole.len() - 1024], b"a program for tar".as_slice(), &[0; 1007]].concat(),
            "altered-bundle",
            "holds something between or behind",
        ),
        ("a list that is none", forged(json!({"format": 1}), &[], as_is), "altered-bundle", "missing field"),
        (
            "another image's name",
            forged(list.clone(), &member, |list| list["members"][0]["image"] = json!("debian:12")),
            "altered-bundle",
            &brings,
        ),
        (
            "one name more",
            forged(list.clone(), &[(&name, EntryType::Regular, &other_names)], as_is),
            "altered-bundle",
            "would bring debian:12 as ",
        ),
        (
            "another name in OCI's index",
            forged(list.clone(), &[(&name, EntryType::Regular, &in_index)], as_is),
            "altered-bundle",
            "would bring docker.io/library/debian:12 as ",
        ),
        (
            "what the engine does not take",
            forged(list.clone(), &[(&name, EntryType::Regular, &no_layers)], as_is),
            "broken-answer",
            "the engine answered with an error (500)",
        ),
        (
            "names behind a link",
            forged(list.clone(), &[(&name, EntryType::Regular, &by_link)], as_is),
            "altered-bundle",
            "which is no engine's export of an image",
        ),
        (
            "no export",
            forged(list.clone(), &[(&name, EntryType::Regular, b"hello")], as_is),
            "altered-bundle",
            "which is no engine's export of an image",
        ),
    ];
    let file = desk.text("forged.tar");
    for (what, bytes, code, says) in rows {
        std::fs::write(&file, bytes).expect("written");
        let (exit, report) = desk.json(&["load", &file]);
        assert_eq!((exit, report["error"]["code"].as_str()), (4, Some(code)), "{what}: {report}");
        assert!(report["error"]["message"].as_str().is_some_and(|message| message.contains(says)), "{what}: {report}");
        assert!(report["error"]["hint"].is_string(), "{what}: {report}");
        assert!(!is_there(&image), "{what}: nothing is loaded");
    }
    // And what is right is taken, also as newer engines write it.
    std::fs::write(&file, forged(list, &[(&name, EntryType::Regular, &right_index)], as_is)).expect("written");
    let (exit, report) = desk.json(&["load", &file]);
    assert_eq!((exit, &report["images"][0]["fate"]), (0, &"loaded".into()), "{report}");
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let desk = Desk::new();
    let pipe = desk.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).expect("a pipe");
    for endless in [pipe.to_string_lossy().as_ref(), "/dev/zero", "/"] {
        let said = desk.says(&["load", endless]);
        let expected =
            format!("error: {endless} is no regular file\ntry: name the .tar file that labrun images save made\n");
        assert_eq!((said.code, said.err), (4, expected));
    }
    let (code, report) = desk.json(&["load", &desk.text("absent.tar")]);
    assert_eq!((code, &report["error"]["code"]), (4, &"file".into()), "{report}");
}

#[test]
fn control_characters_in_a_bundle_do_not_reach_the_terminal() {
    let desk = Desk::new();
    let image = desk.name("escape");
    let _made = desk.image(&image, 1_000);
    let (list, export) = taken_apart(Path::new(&desk.bundle(&image)));
    let forged = forged(list, &[("images/\u{1b}[31mx", EntryType::Regular, &export)], |list| {
        list["members"][0]["name"] = json!("images/y");
    });
    let mut file = std::fs::File::create(desk.path("forged.tar")).expect("a file");
    file.write_all(&forged).and_then(|()| file.seek(SeekFrom::Start(0))).expect("written");
    let said = desk.says(&["load", &desk.text("forged.tar")]);
    assert!(said.code == 4 && !said.err.contains('\u{1b}') && said.err.contains("[31mx"), "{said:?}");
}

/// The entries of an export, with another manifest.
fn with_manifest(export: &[u8], change: impl FnOnce(&str) -> String) -> Vec<u8> {
    with_entry(export, "manifest.json", change)
}

/// The entries of an export, one of them with another content.
fn with_entry(export: &[u8], changed: &str, change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let (mut entries, mut before) = (Vec::new(), String::new());
    let mut archive = tar::Archive::new(export);
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let (name, kind) = (entry.path().expect("a path").display().to_string(), entry.header().entry_type());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("read");
        if name == changed {
            before = String::from_utf8(content).expect("text");
        } else {
            append(&mut entries, &name, kind, &content);
        }
    }
    append(&mut entries, changed, EntryType::Regular, change(&before).as_bytes());
    entries.resize(entries.len() + 1024, 0);
    entries
}

#[test]
fn a_bundle_takes_no_tag_from_another_image() {
    let desk = Desk::new();
    let (image, other) = (desk.name("thief"), desk.name("victim"));
    let made = desk.image(&image, 10_000);
    let file = desk.bundle(&image);
    drop(made);
    let (_made, _other) = (Made("image", image.clone()), desk.image(&other, 20_000));
    let before = docker(&["image", "inspect", "-f", "{{.Id}}", &other]);
    let (list, export) = taken_apart(Path::new(&file));
    let name = list["members"][0]["name"].as_str().expect("a name").to_owned();
    let beside = |key: &str| {
        with_manifest(&export, |manifest| {
            manifest.replace("\"Layers\"", &format!("\"{key}\":[\"{other}\"],\"Layers\""))
        })
    };
    let stolen = with_manifest(&export, |manifest| manifest.replace(&image, &other));
    let mut hidden = Vec::new();
    append(&mut hidden, "a/", EntryType::Directory, &stolen[..stolen.len() - 1024]);
    let mut packed = std::process::Command::new("bzip2")
        .arg("-c")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("bzip2 runs");
    packed.stdin.take().expect("a pipe").write_all(&stolen).expect("written");
    let packed = packed.wait_with_output().expect("it ends").stdout;
    let rows = [
        ("small letters", beside("repotags")),
        ("a long s", beside("RepoTag\u{17f}")),
        ("the same key", beside("RepoTags")),
        ("a folder with content", [hidden, export.clone()].concat()),
        ("a path in an extended header", {
            let mut added = Vec::new();
            append(&mut added, "p", EntryType::XHeader, b"22 path=manifest.json\n");
            let mut steals = Vec::new();
            append(&mut steals, "x", EntryType::Regular, b"[]");
            [added, steals, export.clone()].concat()
        }),
        ("two archives", [stolen.clone(), export.clone()].concat()),
        ("compressed", packed),
        ("an image more", {
            with_manifest(&export, |manifest| {
                let one = manifest.trim().trim_start_matches('[').trim_end_matches(']').to_owned();
                format!("[{one},{}]", one.replace("RepoTags", "repoTags").replace(&image, &other))
            })
        }),
    ];
    let file = desk.text("forged.tar");
    for (what, export) in rows {
        std::fs::write(&file, forged(list.clone(), &[(&name, EntryType::Regular, &export)], |_| ())).expect("written");
        let (exit, report) = desk.json(&["load", &file]);
        assert_eq!((exit, &report["error"]["code"]), (4, &"altered-bundle".into()), "{what}: {report}");
        assert_eq!(docker(&["image", "inspect", "-f", "{{.Id}}", &other]), before, "{what}: it keeps its name");
        assert!(!is_there(&image), "{what}: nothing is loaded");
    }
    // The forging itself is not the reason: the export with its own manifest is loaded.
    let export = with_manifest(&export, str::to_owned);
    std::fs::write(&file, forged(list, &[(&name, EntryType::Regular, &export)], |_| ())).expect("written");
    assert_eq!(desk.json(&["load", &file]).0, 0);
    assert!(is_there(&image));
}

#[test]
fn a_bundle_edited_between_check_and_load_is_refused() {
    let desk = Desk::new();
    let image = desk.name("edited");
    let made = desk.image(&image, 3_000_000);
    let file = desk.bundle(&image);
    drop(made);
    let whole = std::fs::read(&file).expect("read");
    let stolen = image.replace("/edited:", "/stolen:");
    let _made = (Made("image", image.clone()), Made("image", stolen.clone()));
    type Edit = fn(&std::fs::File);
    let edits: [(&str, Edit); 4] = [
        ("another name", |file| {
            let mut end = vec![0; 4_096];
            let at = file.metadata().expect("there").len() - 4_096;
            std::os::unix::fs::FileExt::read_exact_at(file, &mut end, at).expect("read");
            let names: Vec<usize> = (0..4_000).filter(|at| end[*at..].starts_with(b"edited")).collect();
            assert!(!names.is_empty(), "its names are at its end");
            names.into_iter().for_each(|at| end[at..at + 6].copy_from_slice(b"stolen"));
            std::os::unix::fs::FileExt::write_all_at(file, &end, at).expect("written");
        }),
        ("a byte", |file| {
            let at = file.metadata().expect("there").len() - 60_000;
            std::os::unix::fs::FileExt::write_all_at(file, b"edited", at).expect("written");
        }),
        ("cut", |file| file.set_len(2_500_000).expect("cut")),
        ("emptied", |file| {
            file.set_len(0).expect("cut");
            file.set_len(3_500_000).expect("longer");
        }),
    ];
    for (number, (what, edit)) in edits.into_iter().enumerate() {
        std::fs::write(&file, &whole).expect("written");
        let edited = file.clone();
        let proxy = Editing::start(&desk.path(&format!("engine-{number}.sock")), move || {
            edit(&std::fs::File::options().read(true).write(true).open(&edited).expect("open"));
        });
        let arguments = ["--json", "images", "load", &file];
        let said = desk.learner.command(&arguments).env("DOCKER_HOST", &proxy.host).output().expect("labrun runs");
        let report: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|_| panic!("{what}: {said:?}"));
        assert_eq!(report["error"]["code"], "changed-bundle", "{what}: {report}");
        assert!(!is_there(&image) && !is_there(&stolen), "{what}: nothing is loaded");
    }
}
