//! The course of a line: which of its commands ran, and how each ended, as far as the exit code of the whole proves it.
//!
//! A line ends with the exit code of its last command. So `a; b` proves nothing about `a`; `a && b` that ends with 0
//! proves that both succeeded; and `a || b` proves something only when it fails. Conditions, loops, functions that are
//! only defined, and commands in the background may not have run at all.

use std::collections::HashSet;

use super::tree::{AndOr, Arm, Item, List, Node, Pipeline, tree};
use super::{Command, Word};

/// The exit code of a command whose reader has closed the pipe.
const SIGPIPE: i64 = 128 + 13;

/// How a line ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Whether its exit code was 0; `None` where that is not known.
    well: Option<bool>,
    /// The exit codes of the last pipeline's commands, where the shell reported them.
    pipeline: Vec<i64>,
}

impl Ended {
    /// With this exit code.
    #[must_use]
    pub fn with(code: i64) -> Self {
        Self { well: Some(code == 0), pipeline: Vec::new() }
    }

    /// The same, with the exit codes of the last pipeline's commands, as bash's `PIPESTATUS` has them.
    #[must_use]
    pub fn of_pipeline(self, codes: &[i64]) -> Self {
        Self { pipeline: codes.to_vec(), ..self }
    }
}

/// Whether a command ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Surely not.
    No,
    /// Not known.
    Maybe,
    /// Surely.
    Yes,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// With 0.
    Succeeded,
    /// With another code.
    Failed,
    /// With another code, or it did not run.
    NotSucceeded,
    /// Not known.
    Unknown,
}

/// Where the output of a command goes, when it is not redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sink {
    /// To where the output of the whole line goes.
    Screen,
    /// Into the command of this index.
    Command(usize),
    /// Into something else, such as a loop.
    Elsewhere,
}

/// What became of one command of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) reach: Reach,
    pub(crate) exit: Exit,
    pub(crate) sink: Sink,
}

impl Fate {
    pub(super) const UNKNOWN: Self = Self { reach: Reach::Maybe, exit: Exit::Unknown, sink: Sink::Screen };

    /// Of a command that ran, and ended so.
    pub(crate) fn of(ended: &Ended) -> Self {
        let exit = match ended.well {
            Some(true) => Exit::Succeeded,
            Some(false) => Exit::Failed,
            None => Exit::Unknown,
        };
        Self { reach: Reach::Yes, exit, sink: Sink::Screen }
    }

    /// The same command, if nothing were known of its end.
    fn unproved(self) -> Self {
        Self { exit: Exit::Unknown, ..self }
    }

    /// The same command, if it may not have run either.
    fn perhaps(self) -> Self {
        Self { reach: self.reach.min(Reach::Maybe), ..self.unproved() }
    }

    fn never(self) -> Self {
        Self { reach: Reach::No, exit: Exit::NotSucceeded, ..self }
    }

    fn with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// How a script ended that is this command.
    pub(crate) fn ended(self) -> Ended {
        let well = match (self.reach, self.exit) {
            (Reach::Yes, Exit::Succeeded) => Some(true),
            (Reach::Yes, Exit::Failed) => Some(false),
            _ => None,
        };
        Ended { well, pipeline: Vec::new() }
    }
}

/// What became of each command of a line.
pub(super) fn fates(commands: &[Command], items: &[Item], ended: &Ended, directories: &[&str]) -> Vec<Fate> {
    let first = |command: &Command| command.words.first().map(|word| word.text.clone());
    let mut course = Course {
        commands,
        called: commands.iter().filter_map(first).collect(),
        fates: vec![Fate::UNKNOWN; commands.len()],
        pipeline: &ended.pipeline,
        directories,
    };
    course.list(&tree(items), Fate::of(ended), true);
    course.fates
}

struct Course<'a> {
    commands: &'a [Command],
    /// The first words of all commands: functions among them are called.
    called: HashSet<String>,
    fates: Vec<Fate>,
    /// What the shell reported of the pipeline that ran last.
    pipeline: &'a [i64],
    /// Directories that are there.
    directories: &'a [&'a str],
}

impl Course<'_> {
    /// A list ends as its last part does. With `last`, nothing runs after it.
    fn list(&mut self, list: &List, fate: Fate, last: bool) {
        let mut reach = fate.reach;
        for (index, and_or) in list.iter().enumerate() {
            let is_last = index + 1 == list.len() && !and_or.in_background;
            let own = Fate { reach, ..fate };
            self.and_or(and_or, if is_last { own } else { own.unproved() }, last && is_last);
            let pipelines = std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, right)| right));
            if pipelines.into_iter().any(|pipeline| self.leaves(pipeline, fate.exit)) {
                reach = reach.min(Reach::Maybe);
            }
        }
    }

    /// `a && b || c`, which associates to the left: from the right to the left, since only the end of the whole is known.
    fn and_or(&mut self, and_or: &AndOr, mut fate: Fate, mut last: bool) {
        let mut before = vec![self.constant(&and_or.first)];
        let mut leaves = vec![self.leaves(&and_or.first, fate.exit)];
        for (is_and, right) in &and_or.rest {
            let (so_far, right_constant) = (before.last().copied().flatten(), self.constant(right));
            before.push(match (so_far, right_constant) {
                (Some(known), right) if known == *is_and => right,
                (Some(known), _) => Some(known),
                (None, Some(right)) if right != *is_and => Some(right),
                (None, _) => None,
            });
            leaves.push(leaves.last() == Some(&true) || self.leaves(right, fate.exit));
        }
        for (index, (is_and, right)) in and_or.rest.iter().enumerate().rev() {
            let left_constant = before.get(index).copied().flatten();
            let (left_fate, mut right_fate) = halves(*is_and, left_constant, self.constant(right), fate);
            let mut left_fate = left_fate;
            if leaves.get(index) == Some(&true) {
                (left_fate, right_fate) = (left_fate.unproved(), right_fate.perhaps());
            }
            self.pipeline(right, right_fate, last && right_fate.reach == Reach::Yes);
            last = last && right_fate.reach == Reach::No;
            fate = left_fate;
        }
        self.pipeline(&and_or.first, fate, last);
    }

    fn pipeline(&mut self, pipeline: &Pipeline, fate: Fate, last: bool) {
        let exit = match (pipeline.negated, fate.exit) {
            (true, Exit::Succeeded) => Exit::Failed,
            (true, Exit::Failed) => Exit::Succeeded,
            (true, _) => Exit::Unknown,
            (false, exit) => exit,
        };
        let count = pipeline.stages.len();
        let reported = last && count > 1 && self.pipeline.len() == count && fate.reach == Reach::Yes;
        for (index, stage) in pipeline.stages.iter().enumerate() {
            let is_last = index + 1 == count;
            let code = self.pipeline.get(index).filter(|_| reported);
            let exit = match code {
                Some(0) => Exit::Succeeded,
                Some(&SIGPIPE) => Exit::Unknown,
                Some(_) => Exit::Failed,
                None if is_last => exit,
                None => Exit::Unknown,
            };
            let sink = match pipeline.stages.get(index + 1) {
                None => fate.sink,
                Some(Node::Simple(next)) => Sink::Command(*next),
                Some(_) => Sink::Elsewhere,
            };
            self.node(stage, Fate { exit, sink, ..fate });
        }
    }

    fn node(&mut self, node: &Node, fate: Fate) {
        match node {
            Node::Simple(index) => {
                if let Some(place) = self.fates.get_mut(*index) {
                    *place = fate;
                }
            }
            Node::Subshell(list) | Node::Braces(list) => self.list(list, fate, false),
            Node::If(arms) => self.arms(arms, fate),
            Node::Loop { until, condition, body } => {
                let reads = matches!(fate.exit, Exit::Succeeded) && self.is_read(condition);
                self.list(condition, if reads { fate } else { fate.unproved() }, false);
                let skips = self.constant_list(condition) == Some(*until);
                self.list(body, if skips { fate.never() } else { fate.perhaps() }, false);
            }
            Node::For { turns, header, body } => {
                self.list(header, Fate { sink: Sink::Elsewhere, ..fate.unproved() }, false);
                // A loop ends as its last turn does.
                self.list(body, if *turns { fate } else { fate.perhaps() }, false);
            }
            Node::Case(list) => {
                for and_or in list {
                    self.and_or(and_or, fate.perhaps(), false);
                }
            }
            Node::Function(name, body) => {
                let is_called = self.called.contains(name);
                self.list(body, if is_called { fate.perhaps() } else { fate.never() }, false);
            }
        }
    }

    fn arms(&mut self, arms: &[Arm], fate: Fate) {
        let mut now = fate;
        for arm in arms {
            let Some(condition) = &arm.condition else {
                self.list(&arm.body, now, false);
                continue;
            };
            self.list(condition, now.unproved(), false);
            let (body, after) = match self.constant_list(condition) {
                Some(true) => (now, now.never()),
                Some(false) => (now.never(), now),
                None => (now.perhaps(), now.perhaps()),
            };
            self.list(&arm.body, body, false);
            now = after;
        }
    }

    /// How a pipeline ends whatever happens.
    fn constant(&self, pipeline: &Pipeline) -> Option<bool> {
        let [Node::Simple(index)] = pipeline.stages.as_slice() else { return None };
        match self.word(*index, 0)? {
            "true" | ":" => Some(!pipeline.negated),
            "false" => Some(pipeline.negated),
            "cd" => {
                let is_there = self.word(*index, 1).is_some_and(|path| self.has_directory(path));
                (is_there && self.word(*index, 2).is_none()).then_some(!pipeline.negated)
            }
            _ => None,
        }
    }

    fn has_directory(&self, path: &str) -> bool {
        path.starts_with('/') && self.directories.contains(&crate::path::clean(path).as_str())
    }

    fn constant_list(&self, list: &List) -> Option<bool> {
        match list.as_slice() {
            [AndOr { first, rest, in_background: false }] if rest.is_empty() => self.constant(first),
            _ => None,
        }
    }

    /// Whether a condition is nothing but `read`, which has read its input also when it ends with 1.
    fn is_read(&self, list: &List) -> bool {
        match list.as_slice() {
            [AndOr { first: Pipeline { stages, .. }, rest, .. }] if rest.is_empty() => {
                matches!(stages.as_slice(), [Node::Simple(index)] if self.word(*index, 0) == Some("read"))
            }
            _ => false,
        }
    }

    /// Whether nothing may run after a pipeline of a line that ended so: it may have left the shell, or the loop.
    fn leaves(&self, pipeline: &Pipeline, exit: Exit) -> bool {
        let lists = |lists: &[&List]| lists.iter().any(|list| self.list_leaves(list, exit));
        pipeline.stages.iter().any(|stage| match stage {
            Node::Simple(index) => self.command_leaves(*index, exit),
            Node::Subshell(_) | Node::Function(..) => false,
            Node::Braces(list) | Node::Case(list) => lists(&[list]),
            Node::If(arms) => arms.iter().any(|arm| lists(&[&arm.body])),
            Node::Loop { condition, body, .. } => lists(&[condition, body]),
            Node::For { body, .. } => lists(&[body]),
        })
    }

    fn list_leaves(&self, list: &List, exit: Exit) -> bool {
        list.iter().any(|and_or| {
            self.leaves(&and_or.first, exit) || and_or.rest.iter().any(|(_, right)| self.leaves(right, exit))
        })
    }

    fn command_leaves(&self, index: usize, exit: Exit) -> bool {
        match self.word(index, 0) {
            Some("exit" | "return" | "logout") => {
                // A line that ended well did not leave with another code.
                let code = self.word(index, 1).and_then(|code| code.parse::<i64>().ok());
                !(exit == Exit::Succeeded && code.is_some_and(|code| code != 0))
            }
            Some("break" | "continue") => true,
            Some("exec") => self.commands.get(index).is_some_and(|command| command.words.len() > 1),
            _ => false,
        }
    }

    fn word(&self, index: usize, at: usize) -> Option<&str> {
        self.commands.get(index)?.words.get(at).and_then(Word::known)
    }
}

/// What is known of the two sides of `&&` or `||`, from what is known of the whole. `before` and `after` tell of a side
/// that always ends in the same way.
fn halves(is_and: bool, before: Option<bool>, after: Option<bool>, fate: Fate) -> (Fate, Fate) {
    // `a || b` is `! (! a && ! b)`: a side *holds* when the operator goes on after it.
    let holds = if is_and { Exit::Succeeded } else { Exit::Failed };
    let opposite = if is_and { Exit::Failed } else { Exit::Succeeded };
    match before {
        Some(constant) if constant == is_and => return (fate.unproved(), fate),
        Some(_) => return (fate, fate.never()),
        None => {}
    }
    if fate.exit == holds {
        return (fate, fate);
    }
    if fate.exit == opposite && after == Some(is_and) {
        // The right side holds always, so the left one did not.
        return (fate, fate.never());
    }
    let missed = is_and && matches!(fate.exit, Exit::Failed | Exit::NotSucceeded);
    let right = fate.perhaps();
    (fate.unproved(), if missed { right.with(Exit::NotSucceeded) } else { right })
}
