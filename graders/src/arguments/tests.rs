//! Which arguments count for which.

use super::{Arguments, Match};
use crate::readers::Place;
use crate::shell;

/// The match of a command, as typed in that directory.
fn matched(line: &str, cwd: Option<&str>, wanted: &[&str]) -> Match {
    let command = shell::commands(line).into_iter().next().expect("a command");
    let program = command.words[0].text.clone();
    Arguments::new(wanted).fit_command(&program, &command, &Place::from_cwd(cwd))
}

fn all(expected: Match, rows: &[(&str, Option<&str>, &[&str])]) {
    for (line, cwd, wanted) in rows {
        assert_eq!(matched(line, *cwd, wanted), expected, "`{line}` in {cwd:?} for {wanted:?}");
    }
}

#[test]
fn an_argument_counts_in_every_form() {
    all(
        Match::Yes,
        &[
            ("ls", None, &[]),
            // Options, alone and together, short and long.
            ("ls -l -a /shop", None, &["-la", "/shop"]),
            ("ls -al /shop", None, &["-l", "-a", "/shop"]),
            ("ls /shop -lha", None, &["-la"]),
            ("ls --all -l", None, &["-la"]),
            ("ls -A --recursive", None, &["--almost-all", "-R"]),
            ("sha256sum --check SUMS", None, &["-c", "SUMS"]),
            ("sha256sum -c SUMS", None, &["--check", "SUMS"]),
            ("md5sum -cw ./SUMS", None, &["-c", "SUMS"]),
            ("head -n 2 x", None, &["-n 2"]),
            ("head -n2 x", None, &["-n 2"]),
            ("head --lines=2 x", None, &["-n 2"]),
            ("head --lines 2 x", None, &["--lines=2"]),
            ("head -qn2 x", None, &["--lines 2"]),
            ("head -2 x", None, &["-2"]),
            ("find /shop -name x.txt", None, &["-name", "x.txt", "/shop"]),
            ("tar xf /backup/a.tar", None, &["-x", "-f", "/backup/a.tar"]),
            ("tar -xf/backup/a.tar -C /data", None, &["-C /data", "/backup/a.tar"]),
            ("tar --extract --file=/backup/a.tar", None, &["-f /backup/a.tar"]),
            ("mount -o remount,rw /data", None, &["remount,rw", "/data"]),
            // Paths.
            ("ls /shop/", None, &["/shop"]),
            ("ls /shop", None, &["/shop/"]),
            ("ls //shop/./", None, &["/shop"]),
            ("ls /x/../shop", None, &["/shop"]),
            ("ls shop", Some("/"), &["/shop"]),
            ("ls ../shop", Some("/data"), &["/shop"]),
            ("ls .", Some("/shop"), &["/shop"]),
            ("ls", Some("/shop"), &["/shop"]),
            ("ls -w 80", Some("/shop"), &["/shop"]),
            ("find -type f", Some("/shop"), &["/shop"]),
            ("du -sh", Some("/shop"), &["/shop"]),
            ("sha256sum -c SUMS", Some("/data"), &["/data/SUMS"]),
            ("sha256sum -c < SUMS", Some("/data"), &["/data/SUMS"]),
            ("wc -l < /data/a", None, &["/data/a"]),
            ("cat /data/S*", None, &["/data/SUMS"]),
            ("dd if=/data/x of=/dev/null", None, &["/data/x"]),
            // What must not be there.
            ("df -h /scratch", None, &["!-i", "/scratch"]),
            ("df /scratch", None, &["!-i", "!--inodes", "/scratch"]),
            ("df -i /scratch/1", None, &["-i", "/scratch"]),
            ("find . ! -name x", None, &["!", "-name"]),
            // Words.
            ("kill -9 1", None, &["-9", "1"]),
            ("echo hello big world", None, &["hello", "big world"]),
            ("echo 'hello world'", None, &["hello world"]),
            ("apk add curl jq", None, &["jq", "add"]),
        ],
    );
}

#[test]
fn another_argument_is_another() {
    all(
        Match::No,
        &[
            ("ls /bin", None, &["/shop"]),
            ("ls /shops", None, &["/shop"]),
            ("ls /shop/x", None, &["/shop"]),
            ("ls /data/shop", None, &["/shop"]),
            ("ls bin", None, &["/shop"]),
            ("ls shop", Some("/data"), &["/shop"]),
            ("ls", Some("/"), &["/shop"]),
            ("df /", None, &["/specials"]),
            ("df -h /data", Some("/specials"), &["/specials"]),
            ("ls -l /shop", None, &["-a"]),
            ("df -hi /scratch", None, &["!-i", "/scratch"]),
            ("df --inodes /scratch", None, &["!-i", "/scratch"]),
            ("ls -l /shop", None, &["-la"]),
            ("ls --all", None, &["-l", "-a", "/shop"]),
            ("head -n 3 x", None, &["-n 2"]),
            ("head --lines=22 x", None, &["-n 2"]),
            ("sha256sum SUMS", None, &["-c"]),
            ("sha256sum -c OTHER", None, &["SUMS"]),
            ("sha256sum --quiet --check /data/a", None, &["/data/b"]),
            ("find . -maxdepth 1", None, &["-name"]),
            ("find . -mane x", None, &["-name"]),
            ("echo hello world", None, &["big world"]),
            ("echo hello", None, &["-e"]),
            ("stat -c%s x", None, &["-s"]),
            ("cat /data/S*", None, &["/data/OTHER"]),
        ],
    );
}

#[test]
fn what_labrun_cannot_tell_is_neither() {
    all(
        Match::Perhaps,
        &[
            ("ls shop", None, &["/shop"]),
            ("ls", None, &["/shop"]),
            ("ls .", None, &["/shop"]),
            ("ls ..", None, &["/shop"]),
            ("ls ../shop", None, &["/shop"]),
            ("ls \"$dir\"", None, &["/shop"]),
            ("ls ~/shop", None, &["/shop"]),
            ("ls /shop/*", None, &["/shop"]),
            ("ls *", None, &["/shop"]),
            ("ls $opts /shop", None, &["-l", "/shop"]),
            ("ls -R /", None, &["/shop"]),
            ("find / -name x", None, &["/shop"]),
            ("df -h", None, &["/specials"]),
            ("sha256sum -c SUMS", None, &["/data/SUMS"]),
            ("cd < /data", None, &["/data"]),
            ("ps --everything", None, &["-e"]),
            ("ls --rec /", None, &["--recursive"]),
            ("tool -v", None, &["--verbose"]),
            ("head --lin=2 x", None, &["-n 2"]),
            ("head -n $n x", None, &["-n 2"]),
        ],
    );
}
