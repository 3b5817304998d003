//! Which commands write to a path.

use super::argv_writes;
use crate::shell::{Ended, Word};
use crate::trace::{Aim, Doubt, Trace};

const FILE: &str = "/ledger/entries.txt";
const DIRECTORY: &str = "/ledger/";

/// What an argv, written with blanks between its words and the last one after a bar, proves.
fn proves(argv: &str, target: &str, cwd: Option<&str>, code: i64, aim: Aim) -> Trace {
    let (words, script) = argv.split_once(" | ").map_or((argv, None), |(words, script)| (words, Some(script)));
    let words: Vec<Word> = words.split(' ').chain(script).map(Word::literal).collect();
    argv_writes(&words, target, cwd, &Ended::with(code), aim)
}

fn all(expected: Trace, target: &str, cwd: Option<&str>, argvs: &[&str]) {
    for argv in argvs {
        assert_eq!(proves(argv, target, cwd, 0, Aim::default()), expected, "`{argv}` to {target} in {cwd:?}");
    }
}

#[test]
fn a_file_is_written_in_many_ways() {
    let anywhere = [
        "touch /ledger/entries.txt",
        "tee -a /ledger/./entries.txt",
        "cp /tmp/x /ledger/entries.txt",
        "cp /tmp/entries.txt /ledger",
        "cp -t /ledger/ /tmp/entries.txt",
        "mv /a/entries.txt /b /ledger",
        "install -m 640 /tmp/x /ledger/entries.txt",
        "dd if=/dev/zero of=/ledger/entries.txt count=1",
        "sed -i s/a/b/ /ledger/entries.txt",
        "sort -o /ledger/entries.txt /tmp/x",
        "truncate -s 0 /ledger/entries.txt",
        "env X=1 touch /ledger/entries.txt",
        "sh -c | echo a > /ledger/entries.txt",
        "sh -c | echo a >/ledger/entries.txt; echo b >>/ledger/entries.txt",
        "sh -c | (echo a; echo b) > /ledger/entries.txt",
        "sh -c | cd /ledger && printf a > entries.txt",
        "sh -c | echo a | tee /ledger/entries.txt",
        "sh -c | cat > /ledger/entries.txt",
    ];
    all(Trace::Done, FILE, None, &anywhere);
    all(Trace::Done, FILE, Some("/ledger"), &["touch entries.txt", "sh -c | echo a >> entries.txt"]);
}

#[test]
fn something_in_a_directory_is_written() {
    let anywhere = [
        "touch /ledger/a",
        "mkdir -p /ledger/2026/11",
        "mkdir -m 750 /ledger/x",
        "cp /etc/passwd /ledger",
        "rm /ledger/a",
        "ln -s /etc/passwd /ledger/p",
        "sh -c | for n in 1 2; do touch /ledger/$n; done",
        "sh -c | cd /ledger; touch a",
    ];
    all(Trace::Done, DIRECTORY, None, &anywhere);
    all(Trace::Done, DIRECTORY, Some("/ledger"), &["touch a", "mkdir a/b"]);
}

#[test]
fn what_reads_or_goes_elsewhere_does_not_write_to_it() {
    let others = [
        "cat /ledger/entries.txt",
        "cp /ledger/entries.txt /tmp/x",
        "touch /ledger/other.txt",
        "touch -r /ledger/entries.txt /tmp/x",
        "cp /tmp/other.txt /ledger",
        "echo > /ledger/entries.txt",
        "sh -c | echo touch /ledger/entries.txt",
        "sh -c | cat < /ledger/entries.txt",
        "sed s/a/b/ /ledger/entries.txt",
        "test -w /ledger",
        "touch --help /ledger/entries.txt",
    ];
    all(Trace::Absent, FILE, None, &others);
    let others = [
        "ls /ledger",
        "touch /tmp/a",
        "touch /ledgers/a",
        "mkdir /",
        "sh -c | cd /ledger; cd /tmp; touch a",
        "touch ../a",
    ];
    all(Trace::Absent, DIRECTORY, Some("/ledger"), &others);
}

#[test]
fn what_only_a_shell_knows_is_not_told() {
    let unknowable = Trace::Unclear(Doubt::Unknowable);
    all(unknowable, FILE, None, &["touch entries.txt", "sh -c | touch $f", "vi /ledger/entries.txt", "xargs touch"]);
    all(unknowable, DIRECTORY, None, &["touch a", "sh -c | touch $d/a", "find / -name x -delete"]);
    all(Trace::Unclear(Doubt::Shell), FILE, None, &["sh", "ash -l"]);
}

#[test]
fn a_refusal_is_one_where_the_write_failed_and_it_was_seen() {
    let refused = Aim { refusal: true, shown: true, content: false };
    let proved = |argv, code| proves(argv, DIRECTORY, None, code, refused);
    for argv in ["touch /ledger/a", "sh -c | echo a > /ledger/a", "sh -c | ls /ledger; touch /ledger/a"] {
        assert_eq!(proved(argv, 1), Trace::Done, "{argv}");
        assert_eq!(proved(argv, 0), Trace::Otherwise, "{argv}");
    }
    assert_eq!(proved("sh -c | touch /ledger/a 2>/dev/null", 1), Trace::Unclear(Doubt::Unseen));
    assert!(matches!(proved("sh -c | touch /ledger/a || true", 0), Trace::Unclear(_)));
    assert_eq!(proved("sh -c | exit 1", 1), Trace::Absent);
}
