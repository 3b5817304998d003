//! `file: { sums }`: checksums that hold for the files beside them.

use labrun_graders::fact::Digest;
use labrun_graders::{Ask, Fact, Verdict};
use serde_json::json;

use crate::world::{World, in_volume, mistake, not_begun, passes_undated};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn sum() -> String {
    "0a".repeat(32)
}

fn other() -> String {
    "0b".repeat(32)
}

fn judge(text: &str) -> Verdict {
    let beside = Ask::Digest { place: in_volume("backup"), path: "d/tally.txt".to_owned() };
    let digest = Digest { sha256: sum(), sha512: "0c".repeat(64) };
    World::new().text(in_volume("backup"), "d/SUMS", text).saw(beside, Fact::Digest(digest)).judge(check("sha256"))
}

fn check(algorithm: &str) -> serde_json::Value {
    let sums = json!({"algorithm": algorithm, "of": ["tally.txt"]});
    json!({"file": {"in": {"volume": "backup"}, "path": "d/SUMS", "sums": sums}})
}

#[test]
fn a_true_sum_passes_in_every_form_that_is_checked() {
    for text in [
        format!("{}  tally.txt\n", sum()),
        format!("{} *tally.txt\n", sum()),
        format!("{}  ./tally.txt", sum()),
        format!("{}  tally.txt\n", sum().to_uppercase()),
        format!("SHA256 (tally.txt) = {}\n", sum()),
        format!("# sums\n{}  other\n{}  tally.txt\n", other(), sum()),
    ] {
        assert_eq!(judge(&text), passes_undated(), "{text}");
    }
    let beside = Ask::Digest { place: in_volume("backup"), path: "d/tally.txt".to_owned() };
    let digest = Digest { sha256: sum(), sha512: "0c".repeat(64) };
    let world = World::new().text(in_volume("backup"), "d/SUMS", &format!("{}  tally.txt\n", "0c".repeat(64)));
    assert_eq!(world.saw(beside, Fact::Digest(digest)).judge(check("sha512")), passes_undated());
}

#[test]
fn a_sum_that_does_not_hold_is_told_why() {
    let length = "Each algorithm has sums of its own length. Which one does the task name?";
    let bytes =
        "A sum holds for the bytes that it was made of. Did the file change since, or is it the sum of another?";
    let first = "The sum was made before there was anything in the file. What came first?";
    let pipe = "The sum was made of what came through a pipe, and names no file. How could it be checked?";
    let folder = "Sums are checked by the names as they are listed, from the directory where the check runs. From where \
                  does this name lead to the file?";
    let form = "A line has the sum, two blanks, and the name that it is checked by. What is in these lines?";
    let lost = "The file was made, and no sum got into it. Did the command that makes them succeed?";
    let differs = "the sum listed for tally.txt is not that of tally.txt as it is now";
    for (text, diagnosis, seen, sentence) in [
        (format!("{}  tally.txt\n", "0a".repeat(16)), "other-algorithm", "its sum of tally.txt is one of MD5", length),
        (
            format!("{}  tally.txt\n", "0a".repeat(20)),
            "other-algorithm",
            "its sum of tally.txt is one of SHA-1",
            length,
        ),
        (
            format!("{}  tally.txt\n", "0a".repeat(64)),
            "other-algorithm",
            "its sum of tally.txt is one of SHA-512",
            length,
        ),
        (
            format!("SM3 (tally.txt) = {}\n", sum()),
            "other-algorithm",
            "its sum of tally.txt is one of another algorithm",
            length,
        ),
        (format!("{}  tally.txt\n", other()), "sum-differs", differs, bytes),
        (format!("{}  tally.txt\n{}  tally.txt\n", sum(), other()), "sum-differs", differs, bytes),
        (
            format!("{EMPTY}  tally.txt\n"),
            "sum-differs",
            "the sum listed for tally.txt is that of an empty file",
            first,
        ),
        (format!("{}  -\n", sum()), "sum-without-name", "its sum is of `-`", pipe),
        (
            format!("{}  /data/tally.txt\n", sum()),
            "listed-with-folder",
            "it lists /data/tally.txt, and not tally.txt",
            folder,
        ),
        (
            format!("{}  data/tally.txt\n", sum()),
            "listed-with-folder",
            "it lists data/tally.txt, and not tally.txt",
            folder,
        ),
        (format!("{}  /tally.txt\n", sum()), "listed-with-folder", "it lists /tally.txt, and not tally.txt", folder),
        (
            format!("{}  Tally.txt\n", sum()),
            "not-in-sums",
            "it lists Tally.txt",
            "Compare the names in it with the task's.",
        ),
        (format!("{}\n", sum()), "no-sums", "it has no line with a sum and a name", form),
        (format!("{} tally.txt\n", sum()), "no-sums", "it has no line with a sum and a name", form),
        ("tally.txt\n".to_owned(), "no-sums", "it has no line with a sum and a name", form),
        ("sha256sum tally.txt\n".to_owned(), "no-sums", "it has no line with a sum and a name", form),
        ("\n".to_owned(), "empty-file", "it is empty", lost),
    ] {
        let expected = "d/SUMS in volume backup has the SHA-256 sum of tally.txt";
        assert_eq!(judge(&text), mistake(diagnosis, expected, seen, sentence), "{text}");
    }
}

#[test]
fn a_file_that_is_not_beside_its_sum_is_not_begun() {
    let beside = Ask::Digest { place: in_volume("backup"), path: "d/tally.txt".to_owned() };
    let world = World::new().text(in_volume("backup"), "d/SUMS", &format!("{}  tally.txt\n", sum())).no(beside);
    let expected = "d/SUMS in volume backup has the SHA-256 sum of tally.txt";
    assert_eq!(world.judge(check("sha256")), not_begun(expected, "there is no file tally.txt beside it"));
}
