//! What a learner did, told to somebody else: on real sessions, in every form, and joined.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Learner, Said};
use crate::terminal::Terminal;

/// A learner who has passed a step with a hint, one at the second try, and given up on the third.
fn learner() -> Learner {
    let learner = Learner::in_lab("docker-volumes");
    learner.labrun(&["hint"]);
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    assert_eq!(learner.labrun(&["answer", "/somewhere/else"]).code, 1);
    assert_eq!(learner.labrun(&["answer", &learner.mountpoint()]).code, 0);
    learner.types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    learner.check("mount-in-writer-1", "fail");
    learner.labrun(&["solution"]);
    assert_eq!(learner.labrun(&["skip"]).code, 0);
    learner
}

/// What is the same in every run of a session: who, which steps, and what became of them.
fn essence(report: &Value, of: &str) -> Value {
    let sessions = report["sessions"].as_array().expect("sessions");
    let session = sessions.iter().find(|session| session["learner"] == of).unwrap_or_else(|| panic!("{report}"));
    let steps = session["steps"].as_array().expect("steps").iter();
    let told = steps.filter(|step| step["state"] != "open").map(|step| {
        assert!(step["seconds"].is_number(), "{step}");
        json!([step["step"], step["state"], step["attempts"], step["hints"], step["solution"]])
    });
    json!({"lab": session["lab"], "session": session["session"], "steps": told.collect::<Vec<_>>()})
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("written");
    path.to_str().expect("a path").to_owned()
}

/// Runs labrun with this on its standard input.
fn fed(learner: &Learner, arguments: &[&str], input: &str) -> Said {
    let mut command = learner.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("labrun runs");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn a_learners_report_says_what_was_done_in_every_form() {
    let learner = learner();
    let (code, report) = learner.json(&["report", "docker-volumes"]);
    assert_eq!((code, &report["schema"], &report["class"]), (0, &json!(1), &json!(false)));
    let steps = json!([
        ["create-volume", "passed", 1, 1, false],
        ["inspect-volume", "passed", 2, 0, false],
        ["mount-in-writer-1", "skipped", 1, 0, true],
    ]);
    assert_eq!(essence(&report, &learner.name)["steps"], steps, "{report}");
    let session = &report["sessions"][0];
    assert_eq!(session["steps"][2]["diagnoses"], json!({"wrong-destination": 1}));
    assert_eq!((&session["open"], &session["finished"]), (&json!(11), &json!(false)));

    let text = learner.labrun(&["report"]).out;
    let told: Vec<String> =
        text.lines().skip(4).take(4).map(|line| line.split(", ").next().unwrap_or(line).to_owned()).collect();
    let expected = [
        "   1  passed   Create a volume (1 hint",
        "   2  passed   Find out where it lives (2 attempts",
        "   3  skipped  Mount it in a container (1 attempt",
        "   4  open     Write to it from inside",
    ];
    assert_eq!(told, expected, "{text}");
    let sheet = learner.labrun(&["report", "--format", "csv"]).out;
    assert_eq!(sheet.lines().count(), 15);
    assert!(sheet.contains(&format!(
        "{},docker-volumes,inspect-volume,Find out where it lives,passed,2,0,false,",
        learner.name
    )));
    let junit = learner.labrun(&["report", "--format", "junit"]).out;
    assert!(junit.contains(r#"tests="14" failures="0" errors="0" skipped="12""#), "{junit}");
    let page = learner.labrun(&["report", "--format", "html"]).out;
    assert!(page.starts_with("<!doctype html>") && page.contains("wrong-destination (1)"), "{page}");
    assert_eq!(learner.labrun(&["report", "--json", "--format", "csv"]).code, 2);
}

#[test]
fn a_session_that_was_reset_is_still_told_of_and_a_given_step_is_told_from_a_passed_one() {
    let learner = Learner::in_lab("docker-volumes");
    assert_eq!(learner.labrun(&["catchup", "2", "--yes"]).code, 0);
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell"]).code, 0);
    let (_, report) = learner.json(&["report"]);
    let sessions = report["sessions"].as_array().expect("sessions");
    let told: Vec<_> = sessions.iter().map(|session| (&session["reset"], &session["steps"][0]["state"])).collect();
    assert_eq!(told, [(&json!(true), &json!("given")), (&json!(false), &json!("open"))], "oldest first");
    let unknown = learner.labrun(&["report", "docker-volume"]);
    assert!(unknown.code == 2 && unknown.err.contains("docker-volumes"), "{unknown:?}");
    let other = learner.labrun(&["report", "mount-types"]);
    assert!(other.code == 2 && other.err.contains("mount-types has not been started"), "{other:?}");
}

#[test]
fn an_exam_gives_no_reasons_while_it_lasts_and_neither_does_its_report() {
    let learner = Learner::new();
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--exam", "--no-shell"]).code, 0);
    learner.types("docker volume create app-data");
    learner.check("create-volume", "pass");
    learner.labrun(&["answer", &learner.mountpoint()]);
    learner.types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh");
    learner.check("mount-in-writer-1", "fail");
    let diagnoses = |learner: &Learner| learner.json(&["report"]).1["sessions"][0]["steps"][2]["diagnoses"].clone();
    assert_eq!(diagnoses(&learner), json!({}));
    assert_eq!(learner.labrun(&["reset", "--yes"]).code, 0);
    assert_eq!(diagnoses(&learner), json!({"wrong-destination": 1}));
    assert_eq!(learner.json(&["report"]).1["sessions"][0]["exam"], json!(true));
}

#[test]
fn a_receipt_says_what_the_report_says_and_both_together_count_once() {
    let learner = learner();
    let receipt = learner.labrun(&["report", "--receipt"]).out;
    assert!(
        receipt.starts_with(&format!("labrun1 docker-volumes {} 2/14 ", learner.name)) && receipt.len() < 200,
        "{receipt}"
    );
    let (_, own) = learner.json(&["report"]);
    let instructor = Learner::new();
    let chat = format!("{}: here it is\n> {receipt}\nthanks", learner.name);
    let said = fed(&instructor, &["report", "--json", "--merge", "-"], &chat);
    assert_eq!(said.code, 0, "{said:?}");
    let joined: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(essence(&joined, &learner.name), essence(&own, &learner.name));
    assert_eq!(joined["sessions"][0]["steps"][0]["title"], "Create a volume", "its labs are known here");

    let file = write(instructor.home.path(), "class.json", own.to_string());
    let said = fed(&instructor, &["report", "--json", "--merge", "-", &file], &chat);
    let joined: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(joined["sessions"].as_array().map(Vec::len), Some(1), "{joined}");
    assert_eq!(
        joined["sessions"][0]["steps"][2]["diagnoses"],
        json!({"wrong-destination": 1}),
        "the report knows more"
    );
    assert_eq!(joined["labs"][0]["learners"], 1);
}

#[test]
fn learners_of_one_account_are_a_class() {
    let learner = learner();
    let other = format!("{}-x", learner.name);
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--as", &other]).code, 0);
    let said = learner.labrun(&["report", "--all"]);
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["2", "learners,", "1", "lab"]);
    assert_eq!(lines[4..6], [vec![learner.name.as_str(), "2/14"], vec![&other, "0/14"]], "{}", said.out);
    let named = learner.labrun(&["report", "--name", "Ada Lovelace", "--receipt"]);
    assert!(named.out.starts_with("labrun1 docker-volumes Ada%20Lovelace "), "{named:?}");
    assert_eq!(learner.labrun(&["reset", "--yes", "--as", &other]).code, 0);
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_joined() {
    let learner = learner();
    let folder = learner.home.path().join("class");
    std::fs::create_dir(&folder).expect("made");
    let good = learner.labrun(&["report", "--json"]).out;
    let receipt = learner.labrun(&["report", "--receipt", "--name", "bob"]).out;
    let good = write(&folder, "good.json", good);
    let huge = folder.join("huge.json");
    std::fs::File::create(&huge).and_then(|file| file.set_len(1 << 30)).expect("made");
    let pipe = folder.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let files: Vec<(String, &str)> = vec![
        (
            write(&folder, "cut.json", "{\"schema\":1,\n\"sessions\":[{\"lab\":"),
            ", line 2: it is no report of labrun's: EOF while parsing a value",
        ),
        (
            write(&folder, "newer.json", "{\"schema\":2,\"sessions\":7}"),
            ", line 1: a newer labrun wrote it (schema 2; this one reads 1)",
        ),
        (
            write(&folder, "other.json", "{\"schema\":1,\"labs\":[]}"),
            ", line 1: it is JSON, but no report; labrun report --format json makes one",
        ),
        (write(&folder, "binary", b"\xff\xfe\x00"), ": it is no text: neither a report nor receipts"),
        (write(&folder, "empty", ""), ": it is empty"),
        (
            write(&folder, "chat.txt", format!("hello\n{}\n{receipt}", receipt.replace("bob", "eve"))),
            ", line 2: the receipt was changed on its way, or mistyped: copy the line again",
        ),
        (huge.to_str().expect("a path").to_owned(), ": it has more than 16 MiB; no report is that large"),
        (pipe.to_str().expect("a path").to_owned(), ": it is no regular file; what comes from a pipe is read with `-`"),
        (folder.to_str().expect("a path").to_owned(), ": it is a folder; name the files in it"),
        (folder.join("none").to_str().expect("a path").to_owned(), ": there is no such file"),
    ];
    let mut arguments = vec!["report", "--json", "--merge", &good];
    arguments.extend(files.iter().map(|(file, _)| file.as_str()));
    let said = learner.labrun(&arguments);
    let mut warnings: String = files.iter().map(|(file, what)| format!("warning: {file}{what}\n")).collect();
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let session = report["sessions"][0]["session"].as_str().expect("a session");
    warnings += &format!(
        "warning: session {session} of docker-volumes was handed in as bob ({}, line 4) and as {} ({good}, line 1): \
         one may be a copy\n",
        files[5].0, learner.name
    );
    assert_eq!((said.code, said.err.as_str()), (1, warnings.as_str()));
    assert_eq!(report["sessions"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(files.len()));
    let nothing = learner.labrun(&["report", "--merge", &files[0].0]);
    assert!(nothing.code == 2 && nothing.err.contains("there is nothing to join"), "{nothing:?}");
}

#[test]
fn a_file_keeps_what_was_in_it_until_the_report_is_whole() {
    let learner = learner();
    let path: PathBuf = learner.home.path().join("me.html");
    let file = path.to_str().expect("a path");
    write(learner.home.path(), "me.html", "old");
    assert_eq!(learner.labrun(&["report", "mount-types", "--output", file]).code, 2);
    assert_eq!(learner.labrun(&["report", "--merge", "/none", "--output", file]).code, 2);
    assert_eq!(std::fs::read_to_string(&path).expect("read"), "old");
    let said = learner.labrun(&["report", "--output", file, "--force"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    assert!(std::fs::read_to_string(&path).expect("read").starts_with("<!doctype html>"), "its ending says the form");
    let nowhere = learner.labrun(&["report", "--output", "/none/me.html"]);
    assert!(nowhere.code == 4 && nowhere.err.contains("/none/me.html cannot be written"), "{nowhere:?}");
}

#[test]
fn a_report_replaces_no_file_unasked() {
    let learner = learner();
    let at = |name: &str| learner.home.path().join(name).to_string_lossy().into_owned();
    let notes = "the notes of another program";
    for name in ["notes.txt", "page.html", "table.csv", "found.xml", "data.json"] {
        write(learner.home.path(), name, notes);
        for form in [&[][..], &["--receipt"], &["--json"], &["--all"], &["--format", "text"]] {
            if form.contains(&"--json") && name != "data.json" {
                continue;
            }
            let said = learner.labrun(&[&["report", "-o", &at(name)], form].concat());
            assert!(
                said.code == 2 && (said.err + &said.out).contains("add --force to replace this one"),
                "{name} {form:?}"
            );
            assert_eq!(std::fs::read_to_string(at(name)).expect("read"), notes, "{name} {form:?}");
        }
    }
    // Its own earlier report is not known from a file that was edited, and is asked for, too.
    assert_eq!(learner.labrun(&["report", "-o", &at("mine.html")]).code, 0);
    assert_eq!(learner.labrun(&["report", "-o", &at("mine.html")]).code, 2);
    assert_eq!(learner.labrun(&["report", "-o", &at("mine.html"), "--force"]).code, 0);
    std::os::unix::fs::symlink("notes.txt", at("latest")).expect("linked");
    assert_eq!(learner.labrun(&["report", "-o", &at("latest")]).code, 2);
    // Nothing is lost in an empty file, in a device, or on standard output.
    write(learner.home.path(), "empty.html", "");
    for file in [at("empty.html").as_str(), "/dev/null", "/dev/stdout", "-"] {
        let said = learner.labrun(&["report", "-o", file]);
        assert_eq!(said.code, 0, "{file}: {said:?}");
    }
    assert_eq!(learner.labrun(&["report", "--force"]).code, 2, "there is nothing to replace");
}

#[test]
fn at_a_terminal_a_report_asks_before_replacing() {
    let learner = learner();
    let path = learner.home.path().join("notes.txt");
    write(learner.home.path(), "notes.txt", "my notes");
    for (answer, replaces) in [("n\r", false), ("\r", false), ("y\r", true)] {
        let mut terminal = Terminal::command(&learner, 100, &["report", "-o", path.to_str().expect("a path")]);
        terminal.wait_for("already has something in it. Replace it? [y/N]");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "my notes");
        terminal.send(answer);
        if replaces {
            terminal.wait_until("the end", |_| std::fs::read_to_string(&path).is_ok_and(|text| text != "my notes"));
        } else {
            terminal.wait_for("is unchanged.");
            assert_eq!(std::fs::read_to_string(&path).expect("read"), "my notes");
        }
    }
}

#[test]
fn a_manual_page_replaces_only_what_labrun_wrote() {
    let learner = Learner::new();
    let folder = learner.home.path().join("man");
    let page = folder.join("labrun-start.1");
    let all = ["man", "--all", folder.to_str().expect("a path")];
    assert_eq!(learner.labrun(&all).code, 0);
    assert_eq!(learner.labrun(&all).code, 0, "what labrun wrote makes way");
    let written = std::fs::read_to_string(&page).expect("read");
    let notes = written.replace(".SH OPTIONS", ".SH NOTES\nours alone\n.SH OPTIONS");
    for other in [".TH other 1\nanother program's page\n", ".TH labrun-start 1\na page of one's own\n", &notes] {
        write(&folder, "labrun-start.1", other);
        let said = learner.labrun(&all);
        assert!(said.code == 2 && said.err.contains("labrun-start.1 is not as labrun man wrote it"), "{said:?}");
        assert_eq!(std::fs::read_to_string(&page).expect("read"), other);
    }
    assert_eq!(learner.labrun(&["man", "--force", "--all", folder.to_str().expect("a path")]).code, 0);
    assert_eq!(std::fs::read_to_string(&page).expect("read"), written);
}

#[test]
fn the_end_of_a_lab_has_a_receipt_that_can_be_read() {
    let learner = Learner::in_lab("docker-volumes");
    while learner.labrun(&["skip"]).code == 0 {}
    let end = learner.labrun(&["check"]).out;
    let receipt = learner.labrun(&["report", "--receipt"]).out;
    assert!(end.ends_with(&format!("Asked for a receipt? Copy this line:\n{receipt}")), "{end}");
}

#[test]
fn a_class_is_joined_from_whatever_is_handed_in() {
    let learner = learner();
    let folder = learner.home.path().join("class");
    let other = format!("{}-x", learner.name);
    assert_eq!(learner.labrun(&["start", "docker-volumes", "--no-shell", "--as", &other]).code, 0);
    let report = |learner: &Learner, of: &str| learner.labrun(&["report", "--json", "--as", of, "--name", "Alex"]).out;
    let nameless = |text: &str| text.replace("\"learner\":\"Alex\"", "\"learner\":null");
    let (one, two) = (report(&learner, &learner.name), report(&learner, &other));
    for (file, text) in
        [("a/report.json", nameless(&one)), ("b/report.json", nameless(&two)), ("c.json", one.clone()), ("d.json", two)]
    {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let merge = |files: &[&str]| {
        let mut command = learner.command(&["report", "--json", "--merge"]);
        let said: Said = command.args(files).current_dir(&folder).output().expect("labrun runs").into();
        let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let sessions = report["sessions"].as_array().expect("sessions").iter();
        let names: Vec<_> = sessions.map(|session| session["learner"].as_str().unwrap_or("").to_owned()).collect();
        (said.code, names, said.err, report["notes"].as_array().map(Vec::len))
    };
    let (code, names, err, notes) = merge(&["a/report.json", "b/report.json", "./a/report.json"]);
    assert_eq!(
        (code, names, err.as_str(), notes),
        (0, vec!["a/report".to_owned(), "b/report".to_owned()], "", Some(0))
    );
    let (code, names, err, notes) = merge(&["c.json", "d.json"]);
    assert_eq!((code, names, notes), (0, vec!["Alex".to_owned(), "Alex (2)".to_owned()], Some(1)));
    assert!(err.contains("Alex (c.json, line 1), Alex (2) (d.json, line 1)"), "{err}");
    let wide: Vec<u8> = [0xfeff].into_iter().chain(one.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.join("power.json"), wide).expect("written");
    let receipt = learner.labrun(&["report", "--receipt", "--as", &other, "--name", "ada"]).out;
    std::fs::write(folder.join("chat.txt"), format!("[11:02] hi\r\nada:{receipt}")).expect("written");
    std::fs::write(folder.join("class.zip"), b"PK\x03\x04rest").expect("written");
    let (code, names, err, _) = merge(&["power.json", "chat.txt", "class.zip"]);
    assert_eq!((code, names), (1, vec!["Alex".to_owned(), "ada".to_owned()]), "{err}");
    assert!(err.contains("class.zip: it is a ZIP archive"), "{err}");
    assert_eq!(learner.labrun(&["reset", "--yes", "--as", &other]).code, 0);
}
