//! The short and long forms of one option, of the programs that labs ask for.
//!
//! Sources: the GNU coreutils, grep, tar and procps manuals; `BusyBox` where it has long options. To add a program, add a
//! row; a program without one is graded all the same, with more doubt.

/// The letters and their long forms.
type Forms = &'static [(char, &'static str)];

const SUMS: Forms = &[('c', "--check"), ('b', "--binary"), ('t', "--text"), ('w', "--warn")];

const GREP: Forms = &[
    ('c', "--count"),
    ('E', "--extended-regexp"),
    ('F', "--fixed-strings"),
    ('i', "--ignore-case"),
    ('l', "--files-with-matches"),
    ('m', "--max-count"),
    ('n', "--line-number"),
    ('o', "--only-matching"),
    ('q', "--quiet"),
    ('r', "--recursive"),
    ('v', "--invert-match"),
    ('x', "--line-regexp"),
];

const HEAD: Forms = &[('c', "--bytes"), ('n', "--lines"), ('q', "--quiet"), ('v', "--verbose")];

const FORMS: &[(&[&str], Forms)] = &[
    (&["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "cksum"], SUMS),
    (&["grep", "egrep", "fgrep"], GREP),
    (&["head"], HEAD),
    (&["tail"], &[('c', "--bytes"), ('f', "--follow"), ('n', "--lines"), ('q', "--quiet"), ('v', "--verbose")]),
    (
        &["ls", "dir", "vdir"],
        &[
            ('a', "--all"),
            ('A', "--almost-all"),
            ('d', "--directory"),
            ('h', "--human-readable"),
            ('i', "--inode"),
            ('n', "--numeric-uid-gid"),
            ('r', "--reverse"),
            ('R', "--recursive"),
            ('s', "--size"),
            ('Z', "--context"),
        ],
    ),
    (
        &["du"],
        &[
            ('a', "--all"),
            ('b', "--bytes"),
            ('c', "--total"),
            ('d', "--max-depth"),
            ('h', "--human-readable"),
            ('s', "--summarize"),
            ('x', "--one-file-system"),
        ],
    ),
    (
        &["df"],
        &[('a', "--all"), ('h', "--human-readable"), ('i', "--inodes"), ('P', "--portability"), ('T', "--print-type")],
    ),
    (
        &["tar"],
        &[
            ('C', "--directory"),
            ('c', "--create"),
            ('f', "--file"),
            ('t', "--list"),
            ('v', "--verbose"),
            ('x', "--extract"),
            ('z', "--gzip"),
        ],
    ),
    (&["wc"], &[('c', "--bytes"), ('l', "--lines"), ('m', "--chars"), ('w', "--words")]),
    (&["id"], &[('g', "--group"), ('G', "--groups"), ('n', "--name"), ('u', "--user")]),
    (&["mkdir"], &[('m', "--mode"), ('p', "--parents"), ('v', "--verbose")]),
    (&["rm"], &[('f', "--force"), ('r', "--recursive"), ('v', "--verbose")]),
    (&["chmod", "chown", "chgrp"], &[('R', "--recursive"), ('v', "--verbose")]),
    (&["cp"], &[('a', "--archive"), ('f', "--force"), ('p', "--preserve"), ('r', "--recursive"), ('v', "--verbose")]),
    (&["ln"], &[('f', "--force"), ('s', "--symbolic"), ('v', "--verbose")]),
    (&["stat"], &[('c', "--format"), ('f', "--file-system"), ('L', "--dereference"), ('t', "--terse")]),
    (&["touch"], &[('c', "--no-create"), ('d', "--date"), ('r', "--reference")]),
    (&["truncate"], &[('c', "--no-create"), ('r', "--reference"), ('s', "--size")]),
    (&["sort"], &[('k', "--key"), ('n', "--numeric-sort"), ('r', "--reverse"), ('u', "--unique")]),
];

fn of_program(program: &str) -> Option<Forms> {
    FORMS.iter().find(|(names, _)| names.contains(&program)).map(|(_, forms)| *forms)
}

/// The long form of a program's option.
pub(super) fn of_letter(program: &str, letter: char) -> Option<&'static str> {
    of_program(program)?.iter().find(|(short, _)| *short == letter).map(|(_, long)| *long)
}

/// The letter of a program's long option.
pub(super) fn letter_of(program: &str, long: &str) -> Option<char> {
    of_program(program)?.iter().find(|(_, known)| *known == long).map(|(letter, _)| *letter)
}
