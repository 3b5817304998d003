//! A file of a container, as the engine's archive gives it: whatever the bytes, the answer is a fact of bounded size or
//! a reason; and what was packed comes out as it was.

use data_encoding::BASE64;
use labrun_graders::{Ask, CannotLook, Fact, Place};

use labrun_docker::testing::{Answer, engine, pieces, wait};
use labrun_docker::{MAX_CONTENT, look};

/// The first byte says how large the pieces are, the second what the rest is: an archive; a head of the engine's about
/// the file, and after a line's end an archive; or what a file holds that is to be packed.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let [size, what, rest @ ..] = bytes else { return };
    let regular = |length: usize| format!(r#"{{"name":"f","size":{length},"mode":420,"mtime":"","linkTarget":""}}"#);
    match what % 3 {
        0 => drop(assert_bounded(seen(regular(1).as_bytes(), pieces(rest, *size)))),
        1 => {
            let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let (head, archive) = rest.split_at(at);
            drop(assert_bounded(seen(head, pieces(archive.get(1..).unwrap_or_default(), *size))));
        }
        _ => {
            let mut header = tar::Header::new_gnu();
            header.set_size(rest.len() as u64);
            header.set_mode(0o644);
            let mut archive = tar::Builder::new(Vec::new());
            archive.append_data(&mut header, "f", rest).expect("packed");
            let archive = archive.into_inner().expect("packed");
            let fact = assert_bounded(seen(regular(rest.len()).as_bytes(), pieces(&archive, *size))).expect("a fact");
            let Fact::File(file) = fact else { panic!("{fact:?}") };
            let expected = (rest.len() <= MAX_CONTENT).then(|| String::from_utf8_lossy(rest).into_owned());
            assert_eq!((file.size, file.content), (rest.len() as u64, expected));
        }
    }
}

/// What is seen of a file of which an engine tells this, and of which it gives this archive.
fn seen(head: &[u8], archive: Vec<Vec<u8>>) -> Result<Fact, CannotLook> {
    let head = format!("X-Docker-Container-Path-Stat: {}\r\n", BASE64.encode(head));
    let engine = engine(move |method, path| -> Option<Answer> {
        Some(match (method, path.ends_with("/json")) {
            (_, true) => (String::new(), vec![br#"{"Name":"/c"}"#.to_vec()]),
            ("HEAD", false) => (head.clone(), Vec::new()),
            _ => (String::new(), archive.clone()),
        })
    });
    let file = Ask::File { place: Place::Container("c".to_owned()), path: "/f".to_owned() };
    wait(look(&file, &Ok(engine))).expect("a probe knows")
}

fn assert_bounded(fact: Result<Fact, CannotLook>) -> Result<Fact, CannotLook> {
    match &fact {
        // A byte that is no UTF-8 becomes a character of three.
        Ok(Fact::File(file)) => assert!(file.content.as_ref().is_none_or(|text| text.len() <= 3 * MAX_CONTENT)),
        Ok(fact) => assert_eq!(fact, &Fact::Absent),
        Err(reason) => assert!(!reason.what.is_empty() && !reason.remedy.is_empty()),
    }
    fact
}
