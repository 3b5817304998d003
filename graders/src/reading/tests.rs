use super::Reading::{DoesNot, Failed, May, Reads, ReadsRelative, Shell};
use super::*;
use crate::trace::Doubt::{Hidden, Perhaps, Unknowable, Unseen};

/// Whether a line that ended with 0 reads the file.
fn line_reads(line: &str, file: &str, cwd: Option<&str>) -> Reading {
    super::line_reads(line, file, cwd, &Ended::with(0))
}

const FILE: &str = "/mnt/file.txt";

#[test]
fn these_lines_read_the_file() {
    for line in [
        "cat /mnt/file.txt",
        "/bin/cat /mnt/file.txt",
        "cat -n -- /mnt//./file.txt",
        "cat /etc/hosts /mnt/../mnt/file.txt",
        "cat '/mnt/file.txt'",
        "cat \"/mnt/\"file.txt",
        "cat /mnt/*",
        "cat /mnt/*.txt",
        "cat /m?t/[f]ile.*",
        "cat < /mnt/file.txt",
        "cat - < /mnt/file.txt",
        "< /mnt/file.txt cat",
        "tr a b < /mnt/file.txt",
        "tee copy < /mnt/file.txt",
        "read x < /mnt/file.txt",
        "while read -r x; do echo \"$x\"; done < /mnt/file.txt",
        "{ cat; } < /mnt/file.txt",
        "head -n 1 /mnt/file.txt",
        "head -5 /mnt/file.txt",
        "head -10 /mnt/file.txt",
        "cat /mnt/file.txt | grep one",
        "sh -c 'cat /mnt/file.txt | grep one'",
        "cat /mnt/file.txt 2> /dev/null",
        "tail -f /mnt/file.txt",
        "less /mnt/file.txt",
        "grep hello /mnt/file.txt",
        "grep -e hello /mnt/file.txt",
        "grep -i -A 2 hello /mnt/file.txt",
        "grep -r hello /mnt",
        "cd /mnt && grep -r hello",
        "sed -n 1p /mnt/file.txt",
        "sed -e s/a/b/ /mnt/file.txt",
        "awk -F : '{print $1}' /mnt/file.txt",
        "od -An -t x1 /mnt/file.txt",
        "xxd /mnt/file.txt",
        "cut -d : -f 1 /mnt/file.txt",
        "base64 /mnt/file.txt",
        "diff /mnt/file.txt other",
        "dd if=/mnt/file.txt",
        "vi /mnt/file.txt",
        "busybox cat /mnt/file.txt",
        "env X=1 cat /mnt/file.txt",
        "X=1 cat /mnt/file.txt",
        "sudo -u root cat /mnt/file.txt",
        "sudo -Eu root -- cat /mnt/file.txt",
        "command cat /mnt/file.txt",
        "exec cat /mnt/file.txt",
        "nice -n 5 cat /mnt/file.txt",
        "timeout 5 cat /mnt/file.txt",
        "timeout -s KILL 5 cat /mnt/file.txt",
        "time cat /mnt/file.txt",
        "cd /mnt && cat file.txt",
        "cd /; cd mnt; cat ./file.txt",
        "(cd /mnt; cat file.txt)",
        "false || cat /mnt/file.txt",
        "ls; cat /mnt/file.txt",
        "sh -c 'cat /mnt/file.txt'",
        "bash -lc \"cd /mnt && cat file.txt\"",
        "ash -c 'cat /mnt/*'",
        "busybox sh -c 'cat /mnt/file.txt'",
        "bash -o pipefail -ec 'cat /mnt/file.txt'",
        "sh -c \"sh -c 'cat /mnt/file.txt'\"",
        "su - root -c 'cat /mnt/file.txt'",
        "rg hello /mnt",
        "watch -n 1 cat /mnt/file.txt",
        "cat 2>/dev/null /mnt/file.txt",
        "cat \\\n  /mnt/file.txt",
    ] {
        assert_eq!(line_reads(line, FILE, None), Reads, "{line}");
    }
}

#[test]
fn these_lines_do_not_read_it() {
    for line in [
        "",
        "cat",
        "cat /mnt/file.txt2",
        "cat /mnt",
        "cat /mnt/file.txt/",
        "cat /other/file.txt",
        "cat '/mnt/*'",
        "cat /mnt/*.md",
        "cat /*/sub/*",
        "cat \"$folder\"/other.txt",
        "cat ~/other.txt",
        "ls /mnt | xargs rm",
        "find /mnt -name cat",
        "find /mnt -name cat -exec ls {} +",
        "echo /mnt/file.txt",
        "echo cat /mnt/file.txt",
        "echo \"cat /mnt/file.txt\"",
        "sh -c \"echo cat /mnt/file.txt\"",
        "sh -c cat /mnt/file.txt",
        "sh /mnt/file.txt",
        "sh < /mnt/file.txt",
        "sh script.sh",
        "touch /mnt/file.txt",
        "ls -l /mnt/file.txt",
        "stat /mnt/file.txt",
        "rm -f /mnt/file.txt",
        "cp /mnt/file.txt /tmp",
        "tee /mnt/file.txt",
        "test -f /mnt/file.txt",
        "[ -f /mnt/file.txt ]",
        "cat > /mnt/file.txt",
        "cat >> /mnt/file.txt",
        "cat <<< /mnt/file.txt",
        "cat > /mnt/file.txt <<E\ncat /mnt/file.txt\nE",
        "cat other < /mnt/file.txt",
        "cat < /mnt/file.txt < other",
        "cat /dev/null # /mnt/file.txt",
        "cat other; : /mnt/file.txt",
        "grep /mnt/file.txt other",
        "grep -f /mnt/file.txt other",
        "grep -q hello /mnt/file.txt",
        "head -n 0 /mnt/file.txt",
        "head -0 /mnt/file.txt",
        "tail --bytes=0 /mnt/file.txt",
        "grep -m 0 one /mnt/file.txt",
        "sed d /mnt/file.txt",
        "sed -n '' /mnt/file.txt",
        "awk 0 /mnt/file.txt",
        "awk 'BEGIN { exit }' /mnt/file.txt",
        "if false; then cat /mnt/file.txt; fi",
        "f() { cat /mnt/file.txt; }",
        "grep hello /mnt",
        "sed /mnt/file.txt",
        "sed -i s/a/b/ /mnt/file.txt",
        "awk -f /mnt/file.txt",
        "wc -l /mnt/file.txt",
        "md5sum /mnt/file.txt",
        "uniq other /mnt/file.txt",
        "sort -o /mnt/file.txt other",
        "dd if=/mnt/file.txt of=/tmp/copy",
        "dd of=/mnt/file.txt if=other",
        "tr a /mnt/file.txt",
        "cat --help /mnt/file.txt",
        "command -v cat /mnt/file.txt",
        "python /mnt/file.txt",
        "cart /mnt/file.txt",
        "true || cat /mnt/file.txt",
        ": || cat /mnt/file.txt",
        "true || echo x | cat /mnt/file.txt",
        "false && cat /mnt/file.txt",
        "cd /tmp && cat file.txt",
        "(cd /mnt); cd /tmp; cat file.txt",
        "{ echo x | cat; } < /mnt/file.txt",
        "sh -c 'sh -c \"echo cat /mnt/file.txt\"'",
        "env X=1",
        "sudo -l cat /mnt/file.txt",
        "echo '$(cat /mnt/file.txt)'",
        "cat ..",
        "cat .",
    ] {
        assert_eq!(line_reads(line, FILE, None), DoesNot, "{line}");
    }
}

#[test]
fn of_these_lines_it_cannot_be_told() {
    for (doubt, line) in [
        (Perhaps, "ls || cat /mnt/file.txt"),
        (Perhaps, "cat /data/file.txt || cat /mnt/file.txt"),
        (Hidden, "cat /data/file.txt || sh -c 'cat /mnt/file.txt'"),
        (Perhaps, "case $x in a) cat /mnt/file.txt;; esac"),
        (Perhaps, "if test -f /mnt/file.txt; then cat /mnt/file.txt; fi"),
        (Perhaps, "for f in /mnt/*; do cat $f; done"),
        (Hidden, "rm /mnt/file.txt; cat /mnt/file.txt || true"),
        (Hidden, "cat /mnt/file.txt; true"),
        (Hidden, "cat other /mnt/file.txt | grep one"),
        (Hidden, "cat /mnt/file.txt | cat | grep one"),
        (Hidden, "cat /mnt/file.txt &"),
        (Hidden, "sh -c \"cat /mnt/file.txt; echo $x\""),
        (Hidden, "sort -k 2 /mnt/file.txt | uniq"),
        (Hidden, "echo \"$(cat /mnt/file.txt)\""),
        (Hidden, "x=`cat /mnt/file.txt`; echo $x"),
        (Hidden, "echo $(</mnt/file.txt)"),
        (Unknowable, "diff <(cat /mnt/file.txt) other"),
        (Hidden, "for x in $(cat /mnt/file.txt); do echo $x; done"),
        (Unknowable, "while read x; do echo $x; done < <(cat /mnt/file.txt)"),
        (Unseen, "cat /mnt/file.txt > /dev/null"),
        (Unseen, "cat /mnt/file.txt 2>&1 >/dev/null"),
        (Unseen, "cat /mnt/file.txt > copy"),
        (Unseen, "cat /mnt/file.txt | true"),
        (Unseen, "cat /mnt/file.txt | wc -l"),
        (Unseen, "cat /mnt/file.txt | grep -q one"),
        (Unseen, "cat /mnt/file.txt | tail -n 0"),
        (Unseen, "{ cat /mnt/file.txt; } > /dev/null"),
        (Unseen, "sh -c 'cat /mnt/file.txt >/dev/null'"),
        (Unknowable, "cat \"$file\""),
        (Unknowable, "cat \"$folder/file.txt\""),
        (Unknowable, "cat /mnt/$name"),
        (Unknowable, "cat \"$(ls /mnt/*)\""),
        (Unknowable, "cat `ls /mnt/*`"),
        (Unknowable, "cat ~/file.txt"),
        (Unknowable, "cat < $file"),
        (Unknowable, "$PAGER /mnt/file.txt"),
        (Unknowable, "ls /mnt/* | xargs cat"),
        (Unknowable, "find /mnt -type f -exec cat {} +"),
        (Unknowable, "find /mnt -type f -exec /bin/busybox head -n 1 {} \\;"),
    ] {
        assert_eq!(line_reads(line, FILE, None), May(doubt), "{line}");
    }
    let ended = |code, codes: &[i64], line| super::line_reads(line, FILE, None, &Ended::with(code).of_pipeline(codes));
    assert_eq!(ended(0, &[0, 0], "cat /mnt/file.txt | head"), Reads);
    assert_eq!(ended(0, &[0, 0], "cat /mnt/file.txt | grep one"), Reads);
    assert_eq!(ended(0, &[1, 0], "cat /mnt/file.txt | cat"), Failed);
    assert_eq!(ended(1, &[], "cat /mnt/file.txt"), Failed);
    assert_eq!(ended(1, &[], "cd /mnt && cat file.txt"), super::Reading::NotRead, "it may be `cd` that failed");
    assert_eq!(ended(1, &[], "cat /mnt/file.txt; false"), May(Hidden));
    assert_eq!(line_reads("cat $other; cat /mnt/file.txt", FILE, None), Reads);
}

#[test]
fn a_relative_path_is_judged_by_the_directory_where_that_is_known() {
    for (line, cwd, expected) in [
        ("cat file.txt", Some("/mnt"), Reads),
        ("cat file.txt", Some("/tmp"), DoesNot),
        ("cat ../mnt/file.txt", Some("/tmp"), Reads),
        ("cat mnt/file.txt", Some("/"), Reads),
        ("cat *", Some("/mnt"), Reads),
        ("cat file.txt", None, ReadsRelative),
        ("cat ./file.txt", None, ReadsRelative),
        ("cat mnt/file.txt", None, ReadsRelative),
        ("cat *.txt", None, ReadsRelative),
        ("cat < file.txt", None, ReadsRelative),
        ("cd mnt; cat file.txt", None, ReadsRelative),
        ("cat le.txt", None, DoesNot),
        ("cat a/mnt/file.txt", None, DoesNot),
        ("cd \"$dir\" && cat file.txt", Some("/mnt"), ReadsRelative),
        ("cd && cat file.txt", Some("/tmp"), ReadsRelative),
        ("cd /tmp | cat file.txt", Some("/mnt"), Reads),
        ("cd /tmp & cat file.txt", Some("/mnt"), Reads),
        ("(cd /tmp); (cat file.txt)", Some("/mnt"), Reads),
        ("(cd /tmp; cat file.txt)", Some("/mnt"), DoesNot),
        ("cat file.txt; sh", None, Shell),
    ] {
        assert_eq!(line_reads(line, FILE, cwd), expected, "{line} in {cwd:?}");
    }
}

#[test]
fn a_shell_without_a_script_is_told() {
    for line in [
        "sh",
        "bash",
        "/bin/sh",
        "ash",
        "sh -i",
        "bash -l",
        "/usr/bin/env bash",
        "busybox sh",
        "su -",
        "sudo -i",
        "sudo su",
        "exec bash",
        "sh -c 'cd /mnt; exec sh'",
        "echo x | sh",
        "-bash",
    ] {
        assert_eq!(line_reads(line, FILE, None), Shell, "{line}");
    }
    for line in ["sh script.sh", "sh -c ls", "bash --version", "env", "sudo ls", "shell"] {
        assert_eq!(line_reads(line, FILE, None), DoesNot, "{line}");
    }
}

#[test]
fn an_argv_is_seen_by_no_shell() {
    for (argv, expected) in [
        (&["cat", "/mnt/file.txt"][..], Reads),
        (&["sh", "-c", "cat /mnt/file.txt"], Reads),
        (&["sh", "-c", "cat \"$1\"", "_", "/mnt/file.txt"], May(Unknowable)),
        (&["sh", "-c", "cat /mnt/file.txt || true"], May(Hidden)),
        (&["sh", "-c", "cat", "/mnt/file.txt"], DoesNot),
        (&["sh", "-c", "cat /mnt/*"], Reads),
        (&["cat", "/mnt/*"], DoesNot),
        (&["cat", "'/mnt/file.txt'"], DoesNot),
        (&["cat", "<", "/mnt/file.txt"], Reads), // cat has it as an operand
        (&["echo", "x", "&&", "cat", "/mnt/file.txt"], DoesNot),
        (&["sh"], Shell),
        (&[], DoesNot),
    ] {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(reads(&argv, FILE, None), expected, "{argv:?}");
    }
}

#[test]
fn a_joined_command_is_split_again_as_well_as_it_can_be() {
    for (joined, expected) in [
        ("cat /mnt/file.txt", Reads),
        ("cat  /mnt/file.txt ", Reads),
        ("sh -c cat /mnt/file.txt", Reads),
        ("/bin/sh -c cat /mnt/file.txt | head -1", May(Hidden)),
        ("bash -e -lc cd /mnt && cat file.txt", Reads),
        ("busybox sh -c cat /mnt/*", Reads),
        ("sh -c echo cat /mnt/file.txt", DoesNot),
        ("cat /mnt/*", DoesNot),
        ("grep -c sh /mnt/file.txt", DoesNot),
        ("head -c 5 /mnt/file.txt", Reads),
        ("cat file.txt", ReadsRelative),
        ("bash -l", Shell),
        ("sh -c", DoesNot),
        ("", DoesNot),
    ] {
        assert_eq!(joined_reads(joined, FILE, None), expected, "{joined}");
    }
}

#[test]
fn patterns_match_names_as_posix_has_it() {
    for (pattern, name, expected) in [
        ("*", "file.txt", true),
        ("*", ".hidden", false),
        (".*", ".hidden", true),
        ("f*e*t", "file.txt", true),
        ("*.txt*", "file.txt", true),
        ("*a*a*a*b", "aaaaaaaaaaaa", false),
        ("?ile.txt", "file.txt", true),
        ("[a-g]ile.txt", "file.txt", true),
        ("[!f]ile.txt", "file.txt", false),
        ("[]f]ile.txt", "file.txt", true),
        ("[file.txt", "[file.txt", true),
        ("\\*", "*", true),
        ("\\*", "a", false),
        ("", "", true),
        ("", "a", false),
        ("a", "", false),
    ] {
        assert_eq!(crate::readers::path::matches_name(pattern, name), expected, "{pattern} and {name}");
    }
}
