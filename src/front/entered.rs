//! The lines that were entered at the prompt, in their order, as far as the shell tells them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use labrun_graders::Nanos;
use labrun_graders::evidence::{TypedLine, Unread};
use labrun_graders::shell::{commands, expand};

use super::wire::{OF_ENGINE, Prompt};
use labrun_docker::{Ambient, Endpoint, Transport};

/// How many entered lines are remembered: those of some hours.
const MAX_LINES: usize = 2_000;

/// How many bytes these lines may have. A single one may be a whole file, pasted.
const MAX_TYPED: usize = 1024 * 1024;

/// What was entered before a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// An empty line, or none.
    Nothing,
    /// A line that is not known.
    Unread,
    /// This line, as the shell ran it.
    Line(String),
}

/// Notes the lines of one shell.
#[derive(Debug)]
pub(super) struct Entered {
    /// The lab's engine, as far as the environment names it; under sudo the one that the shell's environment names at
    /// first.
    of_lab: RefCell<Option<Transport>>,
    /// The shell's `docker` spoke to the lab's engine at the prompt before.
    was_at_lab: Cell<bool>,
    /// When the newest line was entered: the next one comes after it, also where the clock has been set back.
    newest: Cell<Nanos>,
}

impl Entered {
    /// For a shell whose lab is on this engine, and whose lines are all newer than `since`.
    pub(super) fn new(of_lab: Option<Transport>, since: Nanos) -> Self {
        Self { of_lab: RefCell::new(of_lab), was_at_lab: Cell::new(true), newest: Cell::new(since) }
    }

    /// Notes what was entered before this prompt.
    pub(super) fn note(&self, prompt: &Prompt, now: Nanos, lines: &Mutex<Vec<TypedLine>>) -> Noted {
        let unread = Unread::of_word(&prompt.unread);
        let line = prompt.line.clone().filter(|_| unread.is_none());
        if line.is_none() && unread.is_none() {
            return Noted::Nothing;
        }
        let at_lab = self.is_at_lab(&prompt.env);
        let elsewhere = !(self.was_at_lab.replace(at_lab) && at_lab);
        let text = line.as_deref().unwrap_or_default();
        let typed = TypedLine {
            line: text.to_owned(),
            expanded: line
                .as_ref()
                .and_then(|_| prompt.expanded.clone())
                .or_else(|| expand(text, &aliases(&prompt.aliases))),
            functions: functions(&prompt.functions),
            unread,
            elsewhere,
            exit_code: prompt.code,
            pipeline: prompt.pipeline.clone(),
            cwd: prompt.cwd.clone(),
            at: self.next(now),
        };
        let noted = if unread.is_some() { Noted::Unread } else { Noted::Line(typed.text().to_owned()) };
        push(lines, typed);
        noted
    }

    /// Notes that lines were entered which did not reach labrun, for this reason.
    pub(super) fn note_lost(&self, word: &str, now: Nanos, lines: &Mutex<Vec<TypedLine>>) {
        if let Some(unread) = Unread::of_word(word) {
            push(lines, TypedLine { unread: Some(unread), at: self.next(now), ..TypedLine::default() });
        }
    }

    /// The moment of the next line: order counts, and the clock may have been set back.
    fn next(&self, now: Nanos) -> Nanos {
        let at = now.max(self.newest.get().saturating_add(1));
        self.newest.set(at);
        at
    }

    /// Whether the shell's `docker` speaks to the lab's engine, by its variables and its current context.
    fn is_at_lab(&self, env: &BTreeMap<String, String>) -> bool {
        let home = env.get("HOME").map(PathBuf::from);
        let of_shell = |name: &str| env.get(name).filter(|_| OF_ENGINE.contains(&name)).map(OsString::from);
        let ambient = Ambient { host_flag: None, context_flag: None, env: &of_shell, home };
        let Ok(endpoint) = Endpoint::resolve(&ambient) else { return false };
        let mut of_lab = self.of_lab.borrow_mut();
        is_same(of_lab.get_or_insert_with(|| endpoint.transport.clone()), &endpoint.transport)
    }
}

/// Whether both lead to one engine, as far as their addresses tell: /var/run is mostly a link to /run.
fn is_same(one: &Transport, other: &Transport) -> bool {
    match (one, other) {
        (Transport::Unix(one), Transport::Unix(other)) => {
            one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
        }
        (one, other) => one == other,
    }
}

fn push(lines: &Mutex<Vec<TypedLine>>, line: TypedLine) {
    remember(&mut lines.lock().unwrap_or_else(PoisonError::into_inner), line);
}

/// Adds a line that was entered; the oldest ones make room. The newest stays however long it is.
fn remember(lines: &mut Vec<TypedLine>, typed: TypedLine) {
    lines.push(typed);
    let mut bytes = 0;
    let fits = |line: &&TypedLine| {
        bytes += size(line);
        bytes <= MAX_TYPED
    };
    let kept = lines.iter().rev().take(MAX_LINES).take_while(fits).count().max(1);
    lines.drain(..lines.len() - kept);
}

/// How many bytes the text of a line has.
fn size(line: &TypedLine) -> usize {
    let functions: usize = line.functions.iter().map(|(name, body)| name.len() + body.len()).sum();
    line.line.len() + line.expanded.as_ref().map_or(0, String::len) + functions
}

/// Aliases, as the shell's `alias` shows them: `alias d='docker'`.
fn aliases(shown: &str) -> Vec<(String, String)> {
    let whole = commands(shown).into_iter().filter(|command| !command.unterminated);
    let words = whole.flat_map(|command| command.words).filter_map(|word| word.known().map(str::to_owned));
    words.filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Functions: each a name, a unit separator, the definition, a record separator.
fn functions(shown: &str) -> Vec<(String, String)> {
    let records = shown.split('\u{1e}').filter_map(|record| record.split_once('\u{1f}'));
    records.map(|(name, body)| (name.trim().to_owned(), body.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered() -> (Entered, Mutex<Vec<TypedLine>>) {
        (Entered::new(Some(Transport::Unix("/run/lab.sock".into())), 1_000), Mutex::default())
    }

    fn prompt(line: &str, unread: &str, env: &[(&str, &str)]) -> Prompt {
        let mut all = BTreeMap::from([("DOCKER_HOST".to_owned(), "unix:///run/lab.sock".to_owned())]);
        all.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let line = Some(line.to_owned()).filter(|line| !line.is_empty());
        Prompt { line, unread: unread.to_owned(), env: all, ..Prompt::default() }
    }

    #[test]
    fn lines_keep_their_order_when_the_clock_goes_back() {
        let (entered, lines) = entered();
        for (line, now) in [("a", 500), ("b", 2_000), ("c", 1_500), ("d", 1_500), ("e", 3_000)] {
            entered.note(&prompt(line, "", &[]), now, &lines);
        }
        let lines = lines.lock().unwrap();
        let moments: Vec<Nanos> = lines.iter().map(|line| line.at).collect();
        assert_eq!(moments, [1_001, 2_000, 2_001, 2_002, 3_000]);
    }

    #[test]
    fn a_line_between_two_engines_is_not_the_labs() {
        let (entered, lines) = entered();
        let other = &[("DOCKER_HOST", "tcp://other:1")][..];
        for env in [&[][..], other, other, &[], &[], &[("DOCKER_HOST", "ftp://nowhere")], &[]] {
            entered.note(&prompt("docker volume ls", "", env), 2_000, &lines);
        }
        let elsewhere: Vec<bool> = lines.lock().unwrap().iter().map(|line| line.elsewhere).collect();
        assert_eq!(elsewhere, [false, true, true, true, false, true, true]);
    }

    #[test]
    fn a_socket_behind_a_link_is_the_same_engine() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("run")).expect("made");
        std::fs::write(at("run/docker.sock"), "").expect("made");
        std::os::unix::fs::symlink(at("run"), at("var-run")).expect("linked");
        let unix = |path: &str| Transport::Unix(at(path));
        assert!(is_same(&unix("run/docker.sock"), &unix("var-run/docker.sock")));
        assert!(!is_same(&unix("run/docker.sock"), &unix("run/other.sock")));
        assert!(is_same(&unix("gone.sock"), &unix("gone.sock")), "an engine that has stopped is still itself");
    }

    #[test]
    fn nothing_of_an_unread_line_is_kept() {
        let (entered, lines) = entered();
        assert_eq!(entered.note(&prompt("", "", &[]), 2_000, &lines), Noted::Nothing);
        assert!(lines.lock().unwrap().is_empty(), "an empty line is none");
        assert_eq!(entered.note(&prompt("secret", "space", &[]), 2_000, &lines), Noted::Unread);
        entered.note_lost("nested", 2_000, &lines);
        entered.note_lost("", 2_000, &lines);
        let lines = lines.lock().unwrap();
        let unread: Vec<_> = lines.iter().map(|line| (line.line.as_str(), line.unread)).collect();
        assert_eq!(unread, [("", Some(Unread::Space)), ("", Some(Unread::Nested))]);
    }

    #[test]
    fn entered_lines_take_limited_room() {
        let typed = |line: &str, at: i64| TypedLine { line: line.to_owned(), at, ..TypedLine::default() };
        let mut lines = Vec::new();
        (0..5_000).for_each(|at| remember(&mut lines, typed("ls", at)));
        assert_eq!((lines.len(), lines[0].at), (MAX_LINES, 3_000));
        let pasted = "x".repeat(MAX_TYPED / 4);
        (5_000..5_010).for_each(|at| remember(&mut lines, typed(&pasted, at)));
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [5_006, 5_007, 5_008, 5_009]);
        let functions = vec![("f".to_owned(), "x".repeat(MAX_TYPED))];
        remember(&mut lines, TypedLine { functions, ..typed("f", 5_900) });
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [5_900], "a function's text counts");
        remember(&mut lines, typed(&"x".repeat(2 * MAX_TYPED), 6_000));
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [6_000], "the newest is judged");
    }

    #[test]
    fn aliases_and_functions_are_taken_as_shells_show_them() {
        let shown = "alias d='docker'\nalias it='docker run -it '\\''x'\\'''\n";
        let pairs = [("d", "docker"), ("it", "docker run -it 'x'")];
        assert_eq!(aliases(shown), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(aliases("alias d='docker"), []);
        let shown = "f\u{1f}f () \n{ \n    docker ps\n}\u{1e}g\u{1f}g () { :; }\u{1e}";
        let names: Vec<String> = functions(shown).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["f", "g"]);
    }
}
