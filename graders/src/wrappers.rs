//! Programs that run another program: `sudo`, `env`, `timeout 5`, `busybox`…
//! and shells, which run a script.

use crate::args::{Arg, Args, Flag};
use crate::shell::Word;

/// How deep scripts within scripts are followed.
pub(crate) const MAX_NESTING: u8 = 4;

/// A program whose operands are the command it runs.
struct Wrapper {
    name: &'static str,
    /// Short options that take a value.
    values: &'static str,
    /// Long options that take a value.
    long_values: &'static [&'static str],
    /// Operands of its own before the command.
    operands: usize,
    /// Short options with which it opens a shell when no command is given.
    shell: &'static str,
    /// Short options with which it runs nothing.
    inert: &'static str,
}

const fn wrapper(name: &'static str, values: &'static str) -> Wrapper {
    Wrapper { name, values, long_values: &[], operands: 0, shell: "", inert: "" }
}

/// The programs looked through. Sources: POSIX utilities `command`, `env`,
/// `exec`, `nice`, `nohup`, `time`, `timeout`; sudo(8); GNU coreutils; `BusyBox`.
const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        long_values: &["--user", "--group", "--host", "--prompt", "--chdir", "--close-from"],
        shell: "is",
        inert: "lvKkV",
        ..wrapper("sudo", "ugphCDRTrtU")
    },
    Wrapper { shell: "s", ..wrapper("doas", "uC") },
    Wrapper { long_values: &["--unset", "--chdir"], ..wrapper("env", "uCS") },
    Wrapper { inert: "vV", ..wrapper("command", "") },
    wrapper("builtin", ""),
    wrapper("exec", "a"),
    Wrapper { long_values: &["--adjustment"], ..wrapper("nice", "n") },
    Wrapper { inert: "p", ..wrapper("ionice", "cnp") },
    wrapper("nohup", ""),
    wrapper("setsid", ""),
    Wrapper { long_values: &["--format", "--output"], ..wrapper("time", "fo") },
    Wrapper { operands: 1, long_values: &["--kill-after", "--signal"], ..wrapper("timeout", "ks") },
    Wrapper { long_values: &["--input", "--output", "--error"], ..wrapper("stdbuf", "ioe") },
    Wrapper { long_values: &["--interval"], ..wrapper("watch", "n") },
    Wrapper { operands: 1, ..wrapper("gosu", "") },
    Wrapper { operands: 1, ..wrapper("su-exec", "") },
    // Git Bash on Windows needs it in front of `docker run -it`.
    wrapper("winpty", ""),
    wrapper("busybox", ""),
    wrapper("toybox", ""),
];

/// The shells whose `-c` script is looked into.
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "mksh", "fish", "rbash"];

/// Whether a program of this name is a shell.
pub(crate) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// What a command comes down to once its wrappers are taken off.
#[derive(Debug)]
pub(crate) enum Inner<'a> {
    /// A program, which is not a shell, and its arguments.
    Program(&'a str, &'a [Word]),
    /// A shell with a script. Expansions the calling shell would have made
    /// stay as written (`$x`), and so are unknowable in the script too.
    Script(&'a str),
    /// A shell that takes commands from its input.
    Shell,
    /// A program that only the calling shell knew (`$tool`), and its arguments.
    Unknown(&'a [Word]),
    /// Nothing that runs anything.
    Nothing,
}

/// The file name of a program: `cat` of `/bin/cat` and of `cat.exe`.
pub(crate) fn base_name(program: &str) -> &str {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// Takes the wrappers off a command.
pub(crate) fn inner(mut words: &[Word]) -> Inner<'_> {
    while let Some((first, rest)) = words.split_first() {
        let Some(program) = first.known() else {
            return Inner::Unknown(words);
        };
        let name = base_name(program);
        if let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) {
            match wrapper.command(rest) {
                Ok(command) => words = command,
                Err(without) => return without,
            }
        } else if name == "su" {
            return switch_user(rest);
        } else if name == "eval" {
            match rest {
                [script] if script.unknowable => return Inner::Unknown(rest),
                [script] => return Inner::Script(&script.text),
                several => words = several,
            }
        } else if SHELLS.contains(&name.trim_start_matches('-')) {
            return shell(rest);
        } else {
            return Inner::Program(name, rest);
        }
    }
    Inner::Nothing
}

impl Wrapper {
    /// The command among the arguments, or what happens without one.
    fn command<'a>(&self, words: &'a [Word]) -> Result<&'a [Word], Inner<'a>> {
        let mut args = Args::new(words, |flag| match flag {
            Flag::Short(letter) => self.values.contains(letter),
            Flag::Long(name) => self.long_values.contains(&name),
        });
        let mut operands = self.operands;
        let mut shell = false;
        loop {
            let before = args.rest();
            match args.next() {
                Some(Arg::Option(Flag::Short(letter), _)) => {
                    if self.inert.contains(letter) {
                        return Err(Inner::Nothing);
                    }
                    shell |= self.shell.contains(letter);
                }
                Some(Arg::Option(Flag::Long("--login" | "--shell"), _)) => shell = true,
                Some(Arg::Option(Flag::Long("--help" | "--version" | "--list"), _)) => {
                    return Err(Inner::Nothing);
                }
                Some(Arg::Option(..)) => {}
                // `env X=1 cat`, `sudo X=1 cat`.
                Some(Arg::Operand(word)) if word.text.contains('=') && operands == 0 => {}
                Some(Arg::Operand(_)) if operands > 0 => operands -= 1,
                // Not `before`: a `--` may stand in front of the operand.
                Some(Arg::Operand(_)) => {
                    let skipped = before.len().saturating_sub(args.rest().len() + 1);
                    return Ok(before.get(skipped..).unwrap_or_default());
                }
                None if shell => return Err(Inner::Shell),
                None => return Err(Inner::Nothing),
            }
        }
    }
}

/// Whether `word` is an option of a shell that says a script follows: `-c`,
/// `-lc`, or fish's `--command`.
pub(crate) fn announces_script(word: &str) -> bool {
    word == "--command"
        || word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('c'))
}

/// What a shell does (POSIX utility `sh`; bash(1) "Invocation").
fn shell(words: &[Word]) -> Inner<'_> {
    let mut script = false;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.text.as_str() {
            "--" | "-" => {
                return operand_of_shell(rest.next(), script);
            }
            "--help" | "--version" => return Inner::Nothing,
            "--rcfile" | "--init-file" | "-o" | "+o" | "-O" | "+O" => {
                rest.next();
            }
            "-s" if !script => return Inner::Shell,
            text if announces_script(text) => script = true,
            text if text.starts_with(['-', '+']) => {
                if let Some(inline) = text.strip_prefix("--command=") {
                    return Inner::Script(inline);
                }
            }
            _ => return operand_of_shell(Some(word), script),
        }
    }
    operand_of_shell(None, script)
}

/// The first operand of a shell is a script after `-c`, else a file of one.
fn operand_of_shell(operand: Option<&Word>, script: bool) -> Inner<'_> {
    match operand {
        Some(word) if script => Inner::Script(&word.text),
        None if !script => Inner::Shell,
        _ => Inner::Nothing,
    }
}

/// `su`, `su - USER`, `su USER -c SCRIPT`.
fn switch_user(words: &[Word]) -> Inner<'_> {
    let takes_value =
        |flag: Flag<'_>| matches!(flag, Flag::Short('c' | 's' | 'g' | 'G') | Flag::Long("--command" | "--shell"));
    let mut script = None;
    for arg in Args::new(words, takes_value) {
        if let Arg::Option(Flag::Short('c') | Flag::Long("--command"), value) = arg {
            script = value;
        }
    }
    script.map_or(Inner::Shell, Inner::Script)
}
