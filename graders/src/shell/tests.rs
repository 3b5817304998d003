use super::*;
use crate::trace::Aim;

const AIM: Aim = Aim { refusal: false, shown: true, content: false };

/// The words of each command, joined with spaces.
fn words(line: &str) -> Vec<String> {
    let join = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    };
    commands(line).iter().map(join).collect()
}

#[test]
fn lines_are_split_into_their_simple_commands() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("   # only a comment", &[]),
        ("cat a", &["cat a"]),
        ("cat 'a b' \"c  d\" e\\ f", &["cat a b c  d e f"]),
        ("cat a # b", &["cat a"]),
        ("cat a#b", &["cat a#b"]),
        ("a && b || c; d | e |& f & g\nh", &["a", "b", "c", "d", "e", "f", "g", "h"]),
        ("a &&\n  b", &["a", "b"]),
        ("cat \\\n  a", &["cat a"]),
        ("ca\\\nt a", &["cat a"]),
        ("(a; b) && { c; }", &["a", "b", "c"]),
        ("if a; then b; elif c; then d; else e; fi", &["a", "b", "c", "d", "e"]),
        ("while read x; do echo $x; done < f", &["read x", "echo $x"]),
        ("for f in a b; do cat $f; done; ls", &["cat $f", "ls"]),
        ("case $x in a) b;; c|d) e;; esac; f", &["b", "c", "d", "e", "f"]),
        ("! time -p cat a", &["cat a"]),
        ("cat <<E; b\nbody 'x\nE\nc", &["cat", "b", "c"]),
        ("cat <<-'E'\n\tbody\n\tE\nc", &["cat", "c"]),
        ("X=1 Y='a b' cat a", &["cat a"]),
        ("echo X=1", &["echo X=1"]),
        ("echo $'a\\tb\\'c' $\"d\"", &["echo a\tb'c d"]),
        ("echo \"a\\\"b\\c\" 'd\\e'", &["echo a\"b\\c d\\e"]),
        ("echo done fi then", &["echo done fi then"]),
        ("'if' a", &["if a"]),
        ("f() { cat a; }", &["cat a"]),
        ("cat 2>/dev/null a 2>&1 >>log", &["cat a"]),
        ("cat 'open", &["cat open"]),
        ("} ) fi done ;; && |", &[]),
    ];
    for (line, expected) in table {
        assert_eq!(words(line), *expected, "{line:?}");
    }
}

#[test]
fn each_command_says_how_it_follows() {
    let joints = |line| commands(line).iter().map(|it| it.joined_by).collect::<Vec<_>>();
    use Joint::{And, Background, First, Or, Pipe, Then};
    assert_eq!(joints("a && b || c | d & e; f\ng"), [First, And, Or, Pipe, Background, Then, Then]);
    assert_eq!(joints("(a) && { b; } || c"), [First, And, Or]);
    assert_eq!(joints("a ||\n\n b"), [First, Or]);
}

#[test]
fn a_word_tells_what_cannot_be_known_and_what_is_a_pattern() {
    let word = |text: &str| commands(text).remove(0).words.remove(0);
    for unknowable in ["$x", "a$x", "\"$x\"", "${x:-a b}", "$(cat a)", "`cat a`", "$((1+2))", "~/a", "<(a)"] {
        assert!(word(unknowable).unknowable, "{unknowable}");
    }
    for known in ["'$x'", "\\$x", "a$", "a~", "'~'/a", "\"\\$x\""] {
        assert!(!word(known).unknowable, "{known}");
    }
    assert_eq!(word("a*").glob.as_deref(), Some("a*"));
    assert_eq!(word("'a*'?").glob.as_deref(), Some("a\\*?"));
    assert_eq!(word("'a*'").glob, None);
    assert_eq!(word("a\\*").glob, None);
}

#[test]
fn redirections_have_a_kind_a_descriptor_and_a_target() {
    let command = commands("a <b 2>c >>d 2>&1 <<<e <<F 3<g &>h").remove(0);
    let seen: Vec<_> = command.redirects.iter().map(|it| (it.kind, it.fd, it.target.text.as_str())).collect();
    use RedirectKind::{Append, Duplicate, HereDoc, HereString, Read, Write};
    assert_eq!(
        seen,
        [
            (Read, 0, "b"),
            (Write, 2, "c"),
            (Append, 1, "d"),
            (Duplicate, 2, "1"),
            (HereString, 0, "e"),
            (HereDoc, 0, "F"),
            (Read, 3, "g"),
            (Write, 1, "h"),
            (Duplicate, 2, "1"),
        ]
    );
    assert_eq!(commands("X=1 >f").remove(0).assignments, ["X=1"]);
}

#[test]
fn substitutions_and_open_quotes_are_told() {
    let command = commands("a \"$(b \"c)\" `d`)\" `e \\`f\\`` <(g)").remove(0);
    assert_eq!(command.substitutions, ["b \"c)\" `d`", "e `f`", "g"]);
    assert!(!command.unterminated);
    for open in ["a 'b", "a \"b", "a $(b", "a ${b", "a `b", "a $'b"] {
        assert!(commands(open).remove(0).unterminated, "{open}");
    }
}

#[test]
fn subshells_are_told_by_their_ends() {
    let ends = |line| commands(line).iter().map(|it| (it.leaves, it.enters)).collect::<Vec<_>>();
    assert_eq!(ends("(a; (b); c); (d) ; e"), [(0, 1), (0, 1), (1, 0), (1, 1), (1, 0)]);
}

#[test]
fn a_line_too_long_is_not_read() {
    assert!(commands(&"a ".repeat(MAX_LINE)).is_empty());
    assert_eq!(commands(&"a;".repeat(MAX_LINE / 2)).len(), MAX_LINE / 2);
}

/// How long this thread has had a processor, where that is told: beside others it waits for one.
fn busy() -> Option<std::time::Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(std::time::Duration::from_nanos)
}

/// Hostile input neither panics nor takes long, in any of the modules.
#[test]
fn hostile_lines_are_judged_in_bounded_time() {
    use crate::{invocation::runs, reading};
    const PIECES: &[&str] = &[
        "'",
        "\"",
        "\\",
        "$(",
        ")",
        "(",
        "${",
        "}",
        "`",
        "$'",
        "<<E\n",
        "E\n",
        "\n",
        " ",
        ";",
        "&&",
        "||",
        "|",
        "&",
        "<",
        ">",
        "<<<",
        "<(",
        "2>&1",
        "*",
        "?",
        "[",
        "]",
        "[!a-",
        "~",
        "#",
        "=",
        "A=1 ",
        "cat ",
        "sh -c ",
        "cd ",
        "while ",
        "do ",
        "done ",
        "if ",
        "fi ",
        "case ",
        "esac ",
        "for ",
        "{ ",
        "} ",
        "! ",
        "time ",
        "/mnt/file.txt",
        "../",
        "-",
        "--",
        "é",
        "\0",
        "sudo ",
        "docker ",
        "volume ",
        "inspect ",
        "-f ",
        "-c ",
        "dd if=",
        "grep ",
        "true ",
        "\u{1F433}",
    ];
    let judge = |line: &str| {
        let _ = reading::line_reads(line, "/mnt/file.txt", None, &Ended::with(0));
        let _ = reading::joined_reads(line, "/mnt/file.txt", Some("/mnt"));
        let _ = runs(line, "docker volume inspect app-data", &Ended::with(0), AIM);
        let _ = runs("docker volume ls", line, &Ended::with(0), AIM);
    };
    let (start, busy) = (std::time::Instant::now(), busy());
    let took = || self::busy().zip(busy).map_or_else(|| start.elapsed(), |(now, before)| now - before);
    let mut state: u64 = 42;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..5_000 {
        let line: String = (0..next(40)).map(|_| PIECES[next(PIECES.len())]).collect();
        judge(&line);
    }
    let short = took();
    // The longest lines there are of one piece, and long ones of two.
    for first in PIECES {
        judge(&first.repeat(MAX_LINE / first.len()));
        for _ in 0..2 {
            let pair = format!("{first}{}", PIECES[next(PIECES.len())]);
            judge(&pair.repeat(MAX_LINE / 8 / pair.len()));
        }
    }
    for line in ["{ :;", "(cd a;", "cd a;", "(a)", "a<b;", "$(sh -c \"", "cat *[ ", "env -c "] {
        judge(&line.repeat(MAX_LINE / line.len()));
    }
    let all = took();
    assert!(all.as_secs() < 30, "{short:?} for short lines, {all:?} for all");
}

/// What it takes to look through a line for a file and a command.
fn work(line: &str) -> usize {
    use crate::{invocation::runs, reading};
    super::work::done();
    let _ = reading::line_reads(line, "/mnt/file.txt", None, &Ended::with(0));
    let _ = reading::joined_reads(line, "/mnt/file.txt", Some("/mnt"));
    let _ = runs(line, "docker volume inspect app-data", &Ended::with(0), AIM);
    super::work::done()
}

#[test]
fn twice_the_line_takes_twice_the_work_and_no_byte_takes_much() {
    let deep = |parts: usize| format!("cd {};", vec!["abc"; parts].join("/"));
    let (deep, deeper, long) = (deep(60), deep(250), format!("cd {};", "d".repeat(1_000)));
    let (shared, star) = (format!("}} <{}", "x".repeat(1_000)), format!("cat *{};", "[".repeat(60)));
    let table = [
        ("", "cat /mnt/file.txt;", ""),
        (deep.as_str(), "cd .;", ""),
        (&deep, "$(x)", ""),
        (&deep, "cat x;", ""),
        (&deep, "(cd .);", ""),
        (&deeper, "cd .;", ""),
        (&long, "cd .;", ""),
        ("{ ", "a;", &shared),
        ("{ ", "cat;", &shared),
        ("", "{ a;", ""),
        ("", "while a; do b;", ""),
        ("", "a;} <x;", ""),
        ("", "$((", ""),
        ("", "$(", ""),
        ("", "`", ""),
        ("", "\\`", ""),
        ("", "${", ""),
        ("", "<(", ""),
        ("", "\"$(", ""),
        ("", "\\", ""),
        ("", "'", ""),
        ("", ";", ""),
        ("", "<<A ", "\nb\nA\n"),
        ("", "<<A\n", ""),
        ("", "<<A\nA\n", ""),
        ("", &star, ""),
        ("cat ", "[", ""),
        ("sh -c '", "a;", "'"),
        ("", "sh -c \"", ""),
        ("", "sudo ", ""),
        ("", "env -c ", ""),
        ("docker ", "-a '' ", ""),
        ("docker run ", "-v a:/b ", "x"),
    ];
    for (before, piece, after) in table {
        let line = |length: usize| {
            let count = (length - before.len() - after.len()) / piece.len();
            format!("{before}{}{after}", piece.repeat(count))
        };
        let (short, twice) = (work(&line(MAX_LINE / 2)), work(&line(MAX_LINE)));
        assert!(twice <= 2 * short + short / 4 + 10_000, "{before:.20}{piece}…: {short} became {twice}");
        assert!(twice <= MOST * MAX_LINE, "{before:.20}{piece}…: {} for a byte", twice / MAX_LINE);
    }
}

/// The most that a byte of a line may take.
const MOST: usize = 400;
