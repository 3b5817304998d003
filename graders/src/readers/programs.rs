//! The programs that show the content of a file, one row each.
//!
//! Sources: POSIX.1-2024 Utilities; the GNU coreutils, grep, sed, gawk,
//! diffutils and binutils manuals; `BusyBox`; the manuals of the editors and
//! pagers. Only options that take a value need to be listed.
//!
//! Not here on purpose:
//! - `wc`, `md5sum`, `sha256sum`, `cksum`…: they read the file but show a number
//!   made of it, from which a learner cannot have seen what is in it. For the
//!   same reason `grep -c`, `grep -q` and `diff -q` do not count.
//! - `cp`, `mv`, `tee FILE`, `install`: they copy or write.
//! - `python`, `perl`, `node`: what a program of theirs reads is not known.
//! - `ls`, `stat`, `file`, `test`, `touch`: they do not show the content.

use crate::args::{Arg, Args, Flag};
use crate::shell::Word;

/// What the operands of a program are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Files to read.
    Files,
    /// So many files to read, then others: `uniq INPUT OUTPUT`.
    Inputs(usize),
    /// A pattern or program unless one of these short options gave it, then
    /// files to read.
    ProgramThenFiles(&'static str),
    /// No files: it reads its standard input.
    None,
    /// `if=FILE`, as `dd` has it.
    Assigned,
}

/// A program that shows what it reads.
#[derive(Debug)]
pub(crate) struct Reader {
    name: &'static str,
    pub(crate) operands: Operands,
    /// Short options that take a value.
    values: &'static str,
    /// Options with which it does not show the content.
    silent: &'static str,
    long_silent: &'static [&'static str],
    /// Short options with which a directory stands for the files under it.
    recursive: &'static str,
    pub(crate) always_recursive: bool,
}

const fn reader(name: &'static str, operands: Operands, values: &'static str) -> Reader {
    Reader { name, operands, values, silent: "", long_silent: &[], recursive: "", always_recursive: false }
}

const fn files(name: &'static str, values: &'static str) -> Reader {
    reader(name, Operands::Files, values)
}

const fn grep(name: &'static str) -> Reader {
    Reader {
        silent: "qclL",
        long_silent: &["--quiet", "--silent", "--count", "--files-with-matches", "--files-without-match"],
        recursive: "rR",
        ..reader(name, Operands::ProgramThenFiles("ef"), "efmABCDd")
    }
}

const fn awk(name: &'static str) -> Reader {
    reader(name, Operands::ProgramThenFiles("fe"), "Fvfei")
}

const fn vi(name: &'static str) -> Reader {
    files(name, "cSTuiswW")
}

const fn less(name: &'static str) -> Reader {
    files(name, "bhjkoOpPtTxyzD")
}

/// To add a program, add a row.
const READERS: &[Reader] = &[
    files("cat", ""),
    files("tac", "s"),
    files("rev", ""),
    files("nl", "bdfhilnsvw"),
    files("head", "nc"),
    files("tail", "ncs"),
    less("less"),
    less("more"),
    files("most", ""),
    files("bat", "lrHm"),
    files("batcat", "lrHm"),
    grep("grep"),
    grep("egrep"),
    grep("fgrep"),
    Reader { always_recursive: true, ..reader("rg", Operands::ProgramThenFiles("ef"), "efmABCgtTjrEMd") }
        .silent("qcl", &["--quiet", "--count", "--files-with-matches", "--files"]),
    // `sed -i` edits the file and shows nothing.
    reader("sed", Operands::ProgramThenFiles("ef"), "efl").silent("i", &["--in-place"]),
    awk("awk"),
    awk("gawk"),
    awk("mawk"),
    awk("nawk"),
    reader("jq", Operands::ProgramThenFiles("f"), "fL"),
    files("od", "AjNtS"),
    reader("xxd", Operands::Inputs(1), "cglson"),
    files("hexdump", "efns"),
    files("hd", "efns"),
    files("strings", "ntesT"),
    files("cut", "bcdf"),
    files("sort", "ktoST"),
    reader("uniq", Operands::Inputs(1), "fsw"),
    files("comm", ""),
    files("join", "aejotv12"),
    files("paste", "d"),
    files("fold", "w"),
    files("fmt", "wgp"),
    files("pr", "DhlNoSwW"),
    files("expand", "t"),
    files("unexpand", "t"),
    files("column", "csotNHRWE"),
    files("iconv", "fto"),
    files("shuf", "ino"),
    files("base64", "w"),
    files("base32", "w"),
    Reader { recursive: "r", ..files("diff", "UCIxXFWL") }.silent("q", &["--brief"]),
    files("cmp", "in").silent("s", &["--quiet", "--silent"]),
    vi("vi"),
    vi("vim"),
    vi("nvim"),
    vi("view"),
    files("nano", "CDEQTXYors"),
    files("pico", "rTs"),
    files("emacs", "qlf"),
    files("micro", ""),
    // They read their standard input only; `tee FILE` writes the file.
    reader("tr", Operands::None, ""),
    reader("tee", Operands::None, ""),
    reader("read", Operands::None, "adinNptu"),
    reader("mapfile", Operands::None, "dnOsuCc"),
    reader("readarray", Operands::None, "dnOsuCc"),
    reader("dd", Operands::Assigned, ""),
];

/// Long options that take a value as the next word. One list serves all, as
/// no program here has one of them without a value.
const LONG_VALUES: &[&str] = &[
    "--after-context",
    "--arg",
    "--before-context",
    "--binary-files",
    "--bytes",
    "--characters",
    "--cmd",
    "--context",
    "--delimiter",
    "--delimiters",
    "--directories",
    "--exclude",
    "--exclude-dir",
    "--exclude-from",
    "--expression",
    "--field-separator",
    "--fields",
    "--file",
    "--from-code",
    "--from-file",
    "--glob",
    "--highlight-line",
    "--ignore-matching-lines",
    "--include",
    "--key",
    "--label",
    "--language",
    "--line-range",
    "--lines",
    "--max-count",
    "--output",
    "--pager",
    "--pid",
    "--regexp",
    "--separator",
    "--skip-bytes",
    "--skip-chars",
    "--skip-fields",
    "--sleep-interval",
    "--style",
    "--tabs",
    "--theme",
    "--to-code",
    "--type",
    "--width",
    "--wrap",
];

/// Programs that read their standard input and say something of it, beside those that show it.
const TELL_OF_INPUT: [&str; 9] =
    ["wc", "md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "cksum", "b2sum"];

/// Whether a program is known to read its standard input where it has one.
pub(crate) fn reads_input(program: &str) -> bool {
    TELL_OF_INPUT.contains(&program) || find(program).is_some()
}

/// Whether an option is known to take a value.
pub(crate) fn takes_value(program: &str, flag: Flag<'_>) -> bool {
    find(program).is_some_and(|reader| reader.takes_value(flag))
}

/// The row of a program.
pub(crate) fn find(name: &str) -> Option<&'static Reader> {
    READERS.iter().find(|reader| reader.name == name)
}

impl Reader {
    const fn silent(self, short: &'static str, long: &'static [&'static str]) -> Self {
        Self { silent: short, long_silent: long, ..self }
    }

    pub(crate) fn takes_value(&self, flag: Flag<'_>) -> bool {
        match flag {
            Flag::Short(letter) => self.values.contains(letter),
            Flag::Long(name) => LONG_VALUES.contains(&name),
        }
    }

    /// Whether with these arguments it shows nothing of what it reads.
    pub(crate) fn shows_nothing(&self, words: &[Word]) -> bool {
        let mut digits = String::new();
        let mut program = None;
        let mut quiet = false;
        for arg in Args::new(words, |flag| self.takes_value(flag)) {
            match arg {
                Arg::Option(flag, _) if self.shows_nothing_with(flag) => return true,
                Arg::Option(flag, Some(value)) if self.is_limit(flag) && is_zero(value) => return true,
                Arg::Option(Flag::Short(digit), None) if digit.is_ascii_digit() => digits.push(digit),
                Arg::Option(flag, value) => {
                    quiet |= matches!(flag, Flag::Short('n') | Flag::Long("--quiet" | "--silent"));
                    program =
                        program.or(value.filter(|_| matches!(flag, Flag::Short('e') | Flag::Long("--expression"))));
                }
                Arg::Operand(word) => program = program.or(word.known()),
            }
        }
        let program = program.unwrap_or("p").trim();
        match self.name {
            // `head -0`
            "head" | "tail" => !digits.is_empty() && is_zero(&digits),
            "sed" => program == "d" || quiet && !program.contains('p'),
            "awk" | "gawk" | "mawk" | "nawk" => {
                matches!(program, "" | "0") || program.starts_with("BEGIN") && program.matches('{').count() == 1
            }
            _ => false,
        }
    }

    /// Whether an option says how much is shown.
    fn is_limit(&self, flag: Flag<'_>) -> bool {
        match self.name {
            "head" | "tail" => matches!(flag, Flag::Short('n' | 'c') | Flag::Long("--lines" | "--bytes")),
            _ if self.selects() => matches!(flag, Flag::Short('m') | Flag::Long("--max-count")),
            _ => false,
        }
    }

    /// Whether it shows only what fits a pattern, and ends with 1 where nothing does.
    pub(crate) fn selects(&self) -> bool {
        matches!(self.name, "grep" | "egrep" | "fgrep" | "rg")
    }

    fn shows_nothing_with(&self, flag: Flag<'_>) -> bool {
        match flag {
            Flag::Short(letter) => self.silent.contains(letter),
            Flag::Long(name) => matches!(name, "--help" | "--version") || self.long_silent.contains(&name),
        }
    }

    /// Whether an option stands in for the pattern or program operand.
    pub(crate) fn gives_program(&self, flag: Flag<'_>) -> bool {
        let Operands::ProgramThenFiles(short) = self.operands else {
            return false;
        };
        match flag {
            Flag::Short(letter) => short.contains(letter),
            Flag::Long(name) => {
                matches!(name, "--regexp" | "--expression" | "--file" | "--from-file" | "--source")
            }
        }
    }

    pub(crate) fn recurses_with(&self, flag: Flag<'_>) -> bool {
        match flag {
            Flag::Short(letter) => self.recursive.contains(letter),
            Flag::Long(name) => !self.recursive.is_empty() && matches!(name, "--recursive" | "--dereference-recursive"),
        }
    }
}

/// Whether a number is zero, with or without a unit.
fn is_zero(number: &str) -> bool {
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty() && digits.bytes().all(|digit| digit == b'0')
}
