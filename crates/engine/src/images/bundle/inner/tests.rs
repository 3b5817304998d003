//! Exports of images, as engines write them and as an attacker would: a Go program reads them another way than this one.

use std::io::Cursor;

use super::names_of;
use crate::images::BundleFault;

const IMAGE: &str = "ours:1";
const OURS: &str = r#"[{"Config":"c.json","RepoTags":["ours:1"],"Layers":["a/layer.tar"]}]"#;

/// One entry of an archive; `change` turns its header into something else before the checksum is set.
fn entry(name: &str, kind: u8, content: &[u8], change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut header);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = [header.as_slice(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn file(name: &str, content: &str) -> Vec<u8> {
    entry(name, b'0', content.as_bytes(), |_| ())
}

fn link(name: &str, kind: u8, target: &str) -> Vec<u8> {
    entry(name, kind, b"", |header| header[157..157 + target.len()].copy_from_slice(target.as_bytes()))
}

/// A record of an extended header, with its own length in front.
fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length).unwrap_or_default();
    entry("PaxHeaders/x", b'x', format!("{length}{rest}").as_bytes(), |_| ())
}

fn ended(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn names(bytes: Vec<u8>) -> Result<(), BundleFault> {
    names_of(Cursor::new(bytes), "images/1.tar", IMAGE)
}

/// Manifests that the engine takes for one with `stolen:1`.
#[test]
fn manifests_that_go_reads_differently_are_refused() {
    let (stolen, mut accepted) = (r#"["stolen:1"]"#, Vec::new());
    let beside = |key: &str, value: &str| OURS.replace("\"Layers\"", &format!("{key}:{value},\"Layers\""));
    for text in [
        beside("\"repotags\"", stolen),
        beside("\"REPOTAGS\"", stolen),
        beside("\"RepoTag\u{17f}\"", stolen),
        beside("\"repo\\u0054ag\\u017f\"", stolen),
        beside("\"RepoTags\"", stolen),
        beside("\"Repo_Tags\"", stolen),
        OURS.replace("\"RepoTags\":[\"ours:1\"]", "\"RepoTags\":[\"stolen:1\"],\"RepoTags\":[\"ours:1\"]"),
        OURS.replace("[\"ours:1\"]", "[\"ours:1\",null]"),
        OURS.replace("[\"ours:1\"]", "[\"ours:1\",\"stolen:1\"]"),
        OURS.replace("[\"ours:1\"]", "\"ours:1\""),
        // An image more, without a name; and one whose parent would change.
        OURS.replace("}]", "},{\"Config\":\"d.json\",\"RepoTags\":null,\"Layers\":[]}]"),
        beside("\"Parent\"", "\"sha256:00\""),
        // One value, and another after it.
        format!("{OURS}{OURS}"),
        format!("{OURS}{}x", " ".repeat(2 * 1024 * 1024)),
        format!("\u{feff}{OURS}"),
        String::from_utf8_lossy(&OURS.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).into_owned(),
    ] {
        if names(ended(&[file("manifest.json", &text)])).is_ok() {
            accepted.push(text.chars().take(200).collect::<String>());
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
}

#[test]
fn names_in_the_other_files_are_read_as_strictly() {
    let index = |annotations: &str| {
        format!(r#"{{"schemaVersion":2,"manifests":[{{"digest":"sha256:0","annotations":{annotations}}}]}}"#)
    };
    let full = |name: &str, tag: &str| {
        index(&format!(r#"{{"io.containerd.image.name":"{name}","org.opencontainers.image.ref.name":"{tag}"}}"#))
    };
    let right = full("docker.io/library/ours:1", "1");
    let mut accepted = Vec::new();
    for (name, text) in [
        ("repositories", r#"{"ours":{"1":"x"},"ours":{"2":"x"}}"#.to_owned()),
        ("repositories", r#"{"ours":{"1":"x","2":"y"}}"#.to_owned()),
        ("repositories", r#"{"ours":{"1":"x"},"stolen":{"1":"y"}}"#.to_owned()),
        ("repositories", r#"{"ours":["1"]}"#.to_owned()),
        ("index.json", full("docker.io/library/stolen:1", "1")),
        ("index.json", full("docker.io/library/ours:1", "2")),
        ("index.json", index(r#"{"org.opencontainers.image.ref.name":"stolen"}"#)),
        ("index.json", index(r#"{"org.opencontainers.image.ref.name":"stolen:1"}"#)),
        ("index.json", right.replace("\"annotations\"", "\"Annotations\"")),
        ("index.json", right.replace("\"manifests\"", "\"MANIFESTS\"")),
        ("index.json", right.replace("}]}", "}],\"manifest\u{17f}\":[]}")),
        ("index.json", right.replace("}}]", "},\"annotations\":{}}]")),
        ("index.json", right.replace("2,", "2,\"annotations\":{\"io.containerd.image.name\":\"stolen:1\"},")),
    ] {
        if names(ended(&[file("manifest.json", OURS), file(name, &text)])).is_ok() {
            accepted.push(text);
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    assert_eq!(names(ended(&[file("manifest.json", OURS), file("index.json", &right)])), Ok(()));
}

#[test]
fn archives_that_go_reads_differently_are_refused() {
    let ours = file("manifest.json", OURS);
    let stolen = file("manifest.json", &OURS.replace("ours:1", "stolen:1"));
    let in_content = |kind| {
        entry("a", kind, b"", |header| {
            header[124..136].copy_from_slice(format!("{:011o}\0", stolen.len()).as_bytes());
        })
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        // Go skips no content after what has none, and finds an entry there.
        ("a folder with content", ended(&[in_content(b'5'), stolen.clone(), ours.clone()])),
        ("a link with content", ended(&[in_content(b'2'), stolen.clone(), ours.clone()])),
        ("a device with content", ended(&[in_content(b'3'), stolen.clone(), ours.clone()])),
        ("a manifest twice", ended(&[ours.clone(), file("x", ""), ours.clone()])),
        ("a manifest below ./", ended(&[ours.clone(), file("./manifest.json", OURS)])),
        ("a manifest below /", ended(&[ours.clone(), file("/manifest.json", OURS)])),
        ("a manifest with a slash behind it", ended(&[ours.clone(), file("manifest.json/", OURS)])),
        ("a path with ..", ended(&[ours.clone(), file("a/../manifest.json", OURS)])),
        ("a path through a link", ended(&[ours.clone(), link("d", b'2', "."), file("d/manifest.json", OURS)])),
        ("a link to the manifest", ended(&[ours.clone(), link("x", b'1', "manifest.json"), file("x", "")])),
        ("a symlink to the manifest", ended(&[ours.clone(), link("x", b'2', "manifest.json")])),
        ("a manifest that is a link", ended(&[link("manifest.json", b'2', "x"), file("x", OURS)])),
        ("a path in an extended header", ended(&[ours.clone(), pax("path", "manifest.json"), file("x", OURS)])),
        ("a size in an extended header", ended(&[ours.clone(), pax("size", "1024"), file("x", OURS)])),
        ("a sparse file", ended(&[ours.clone(), pax("GNU.sparse.name", "manifest.json"), file("x", OURS)])),
        ("a global header", ended(&[entry("g", b'g', b"17 path=manifest\n", |_| ()), ours.clone()])),
        ("a long name", ended(&[ours.clone(), entry("././@LongLink", b'L', b"man\0", |_| ()), file("x", "")])),
        ("an old sparse file", ended(&[ours.clone(), entry("x", b'S', b"", |_| ())])),
        ("a volume's name", ended(&[ours.clone(), entry("x", b'V', b"", |_| ())])),
        (
            "a prefix",
            ended(&[ours.clone(), entry("manifest.json", b'0', OURS.as_bytes(), |header| header[345] = b'.')]),
        ),
        ("a size with a sign", ended(&[entry("x", b'0', b"", |header| header[124] = b'+'), ours.clone()])),
        (
            "a size in base 256",
            ended(&[
                entry("x", b'0', b"", |header| {
                    header[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
                }),
                stolen.clone(),
                ours.clone(),
            ]),
        ),
        ("no tar of this kind", ended(&[entry("x", b'0', b"", |header| header[257..265].fill(0)), ours.clone()])),
        ("a zero in its name", ended(&[ours.clone(), entry("x\0y", b'0', b"", |_| ())])),
        ("another letter", ended(&[ours.clone(), file("manife\u{17f}t.json", OURS)])),
        ("a second archive behind it", [&ours, &stolen].map(|entry| ended(std::slice::from_ref(entry))).concat()),
        ("one empty block", [ours.clone(), vec![0; 512], stolen.clone(), vec![0; 1024]].concat()),
        ("an end that is cut", [ours.clone(), vec![0; 512]].concat()),
        ("what bzip2 begins with", ended(&[file("BZh91AY", ""), ours.clone()])),
        ("gzip", [b"\x1f\x8b\x08\0".as_slice(), &[0; 2044]].concat()),
        ("zstd's frame to skip", ended(&[file("P*M\u{18}", ""), ours.clone()])),
        ("no names at all", ended(&[file("x", "")])),
    ];
    let accepted: Vec<&str> =
        rows.into_iter().filter(|(_, bytes)| names(bytes.clone()).is_ok()).map(|(what, _)| what).collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
    let mut sum = ended(&[ours]);
    sum[150] ^= 1;
    assert!(names(sum).is_err(), "a checksum that is none");
}

/// As docker save, containerd and podman write them.
#[test]
fn what_engines_export_is_accepted() {
    let folder = entry("a/", b'5', b"", |_| ());
    let repositories = file("repositories", r#"{"ours":{"1":"a"}}"#);
    let layers =
        [folder, file("a/VERSION", "1.0"), file("a/layer.tar", "x"), link("b/layer.tar", b'2', "../a/layer.tar")];
    let layers = layers.concat();
    let docker = ended(&[layers.clone(), file("manifest.json", OURS), repositories]);
    assert_eq!(names(docker), Ok(()));
    let sources =
        OURS.replace("}]", r#","LayerSources":{"sha256:a":{"mediaType":"m","size":1,"digest":"sha256:a"}}}]"#);
    let with_time = ended(&[pax("mtime", "1.5"), layers.clone(), file("manifest.json", &sources)]);
    assert_eq!(names(with_time), Ok(()));
    let gnu = entry("manifest.json", b'0', OURS.as_bytes(), |header| header[257..265].copy_from_slice(b"ustar  \0"));
    assert_eq!(names(ended(&[layers, gnu])), Ok(()));
    let untagged = OURS.replace("[\"ours:1\"]", "null");
    assert!(names(ended(&[file("manifest.json", &untagged)])).is_err(), "it has no name");
}
