//! The programs that write to what they are given, one row each.
//!
//! Sources: POSIX.1-2024 Utilities; the GNU coreutils and sed manuals; `BusyBox`. Only options that take a value, and those
//! that name what is written to, need to be listed.
//!
//! Not here on purpose: `chmod`, `chown` and `chgrp`, which change who may use a file and nothing in it.

use super::{Target, maybe};
use crate::args::{Arg, Args, Flag};
use crate::matching::Match;
use crate::readers::Place;
use crate::shell::Word;
use crate::wrappers::base_name;

/// What of its arguments a program writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// Every operand.
    All,
    /// The last operand, a file or the directory for the others.
    Last,
    /// The word after `of=`.
    Assigned,
    /// Every operand, where the program changes files in place; the first may be its script.
    InPlace,
    /// Nothing but what an option names.
    Option,
    /// What is typed in it decides.
    Editor,
}

/// A program that writes.
struct Writer {
    names: &'static [&'static str],
    written: Written,
    /// Short options that take a value.
    values: &'static str,
    /// Long options that take a value as the next word.
    long_values: &'static [&'static str],
    /// The options that name a file, or the directory, that is written to.
    target: (&'static str, &'static [&'static str]),
}

const fn writer(names: &'static [&'static str], written: Written, values: &'static str) -> Writer {
    Writer { names, written, values, long_values: &[], target: ("", &[]) }
}

const INTO: (&str, &[&str]) = ("t", &["--target-directory"]);

/// To add a program, add a row.
const WRITERS: &[Writer] = &[
    Writer { long_values: &["--date", "--reference", "--time"], ..writer(&["touch"], Written::All, "drt") },
    Writer { long_values: &["--mode", "--context"], ..writer(&["mkdir", "mkfifo"], Written::All, "mZ") },
    writer(&["tee", "rm", "rmdir", "unlink", "shred"], Written::All, "ns"),
    Writer { long_values: &["--size", "--reference"], ..writer(&["truncate"], Written::All, "sr") },
    Writer { long_values: &["--length", "--offset"], ..writer(&["fallocate"], Written::All, "lo") },
    Writer {
        long_values: &["--target-directory", "--suffix", "--mode", "--owner", "--group"],
        target: INTO,
        ..writer(&["cp", "mv", "ln", "install", "link"], Written::Last, "tSmog")
    },
    writer(&["dd"], Written::Assigned, ""),
    Writer { long_values: &["--expression", "--file"], ..writer(&["sed"], Written::InPlace, "efl") },
    Writer { long_values: &["--output"], target: ("o", &["--output"]), ..writer(&["sort"], Written::Option, "oktST") },
    Writer { target: ("O", &["--output-document"]), ..writer(&["wget"], Written::Option, "OPT") },
    Writer { target: ("o", &["--output"]), ..writer(&["curl"], Written::Option, "odHXum") },
    writer(&["vi", "vim", "nano", "ed", "emacs"], Written::Editor, "c"),
];

/// Programs that make or remove a file, and write nothing into it.
const CREATORS: [&str; 7] = ["touch", "mkdir", "mkfifo", "rm", "rmdir", "unlink", "truncate"];

/// Whether a program only makes or removes what it names.
pub(super) fn writes_nothing_into(program: &str) -> bool {
    CREATORS.contains(&program)
}

/// The row of a program.
fn find(name: &str) -> Option<&'static Writer> {
    WRITERS.iter().find(|writer| writer.names.contains(&name))
}

/// Whether a program with these arguments writes to the target.
pub(super) fn writes(program: &str, args: &[Word], target: Target<'_>, place: &Place) -> Match {
    if hands_on(program, args) {
        return Match::Perhaps;
    }
    find(program).map_or(Match::No, |writer| writer.writes(args, target, place))
}

/// Whether a program runs another one, which writes, on files that it names itself.
fn hands_on(program: &str, args: &[Word]) -> bool {
    let runs_another = match program {
        "xargs" | "parallel" => true,
        "find" => args.iter().any(|word| matches!(word.text.as_str(), "-exec" | "-execdir" | "-delete")),
        _ => false,
    };
    runs_another && args.iter().any(|word| word.text == "-delete" || find(base_name(&word.text)).is_some())
}

impl Writer {
    fn writes(&self, args: &[Word], target: Target<'_>, place: &Place) -> Match {
        let takes_value = |flag: Flag<'_>| match flag {
            Flag::Short(letter) => self.values.contains(letter),
            Flag::Long(name) => self.long_values.contains(&name),
        };
        let (mut operands, mut named, mut in_place) = (Vec::new(), Vec::new(), false);
        for arg in Args::new(args, takes_value) {
            match arg {
                Arg::Option(Flag::Long("--help" | "--version"), _) => return Match::No,
                Arg::Option(flag, value) => {
                    in_place |= matches!(flag, Flag::Short('i') | Flag::Long("--in-place"));
                    named.extend(value.filter(|_| self.names_target(flag)).map(Word::literal));
                }
                Arg::Operand(word) => operands.push(word),
            }
        }
        let of_all = |words: &[&Word]| words.iter().map(|word| target.named_by(word, place)).max().unwrap_or(Match::No);
        match self.written {
            Written::All => of_all(&operands),
            Written::Editor => maybe(of_all(&operands)),
            Written::InPlace => {
                if in_place {
                    of_all(&operands)
                } else {
                    Match::No
                }
            }
            Written::Option => named.iter().map(|word| target.named_by(word, place)).max().unwrap_or(Match::No),
            Written::Assigned => {
                let assigned =
                    operands.iter().filter_map(|word| word.text.strip_prefix("of=").map(|text| (*word, text)));
                let words = assigned.map(|(word, text)| Word { text: text.to_owned(), ..word.clone() });
                words.map(|word| target.named_by(&word, place)).max().unwrap_or(Match::No)
            }
            Written::Last => {
                let (directory, sources) = match (named.first(), operands.split_last()) {
                    (Some(directory), _) => (directory, operands.as_slice()),
                    // `ln -s FILE` and `install -d DIR`
                    (None, Some((last, []))) => return target.named_by(last, place),
                    (None, Some((last, sources))) => (*last, sources),
                    (None, None) => return Match::No,
                };
                let within = sources.iter().map(|name| target.named_in(directory, name, place));
                within.chain([target.named_by(directory, place)]).max().unwrap_or(Match::No)
            }
        }
    }

    fn names_target(&self, flag: Flag<'_>) -> bool {
        match flag {
            Flag::Short(letter) => self.target.0.contains(letter),
            Flag::Long(name) => self.target.1.contains(&name),
        }
    }
}
