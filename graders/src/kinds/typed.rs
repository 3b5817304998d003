//! `typed: { wants, runs?, reads?, fails? }`: commands entered at the learner's own prompt that reach no engine, or leave
//! no event there.

use super::target::must_be_absolute;
use super::{not_begun, pass, wrong};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{TypedLine, Unread};
use crate::fact::{Ask, Facts};
use crate::invocation::{runs, runs_but_for_options};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::reading::{Reading, line_reads};
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::shell::{self, Ended};
use crate::trace::{Aim, Doubt, Trace};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// Wants commands to have been entered, and to have ended well; or, where it is to be seen that they are refused, badly.
#[derive(Debug)]
pub struct Typed {
    /// What the learner is told is wanted: the commands themselves would give the solution away.
    wants: Text,
    /// Each of these commands, in any order and form.
    runs: Vec<Text>,
    /// A file of the host's that was read.
    reads: Option<Name>,
    /// Whether they are to be refused: to end with anything but 0.
    fails: bool,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `typed` check",
    &[
        Field::required("wants", Form::Text, "What is wanted, in words: the commands would give the solution away."),
        Field::optional(
            "runs",
            Form::list(&Form::Shell),
            "Commands, each of which must have been entered, in any order and in any usual form.",
        ),
        Field::optional("reads", Form::HostPath, "A file of the host that was shown."),
        Field::optional(
            "fails",
            Form::True,
            "The commands must end with another code than 0: for a refusal that is to be seen.",
        ),
    ],
)
.rules(&[Rule::SomeOf(&["runs", "reads"])]);

impl Described for Typed {
    const ABOUT: &'static str = "Commands were entered at the learner's own prompt and ended with 0: for what leaves no event, such as `docker volume ls`, or `cat` on the host.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Typed {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let wants = fields.required("wants");
        let runs = fields.optional("runs").unwrap_or_default();
        let reads = fields.optional_name("reads", NameKind::Path);
        if let Some(path) = &reads {
            must_be_absolute(&path.text, path.span, fields.faults);
        }
        let fails = fields.flag("fails");
        fields.end();
        Some(Self { wants: wants?, runs, reads, fails })
    }
}

/// One thing that is to be entered.
enum Part<'a> {
    Runs(&'a Text),
    Reads(&'a Name),
}

impl Part<'_> {
    fn done_by(&self, line: &TypedLine, fails: bool) -> Trace {
        if line.unread.is_some() {
            return Trace::Absent;
        }
        let aim = Aim { refusal: fails, shown: true };
        let in_text = |text: &str, ended: &Ended| match self {
            Self::Runs(command) => runs(text, &command.text, ended, aim),
            Self::Reads(file) => match line_reads(text, &file.text, line.cwd.as_deref(), ended) {
                Reading::Reads if fails => Trace::Otherwise,
                Reading::Reads => Trace::Done,
                Reading::Failed if fails => Trace::Done,
                Reading::Failed => Trace::Otherwise,
                Reading::ReadsRelative => Trace::Unclear(Doubt::Unknowable),
                // In a shell within the shell anything can have been typed.
                Reading::Shell => Trace::Unclear(Doubt::Shell),
                Reading::May(doubt) => Trace::Unclear(doubt),
                Reading::DoesNot => Trace::Absent,
            },
        };
        let trace = in_text(line.text(), &line.ended());
        // What a function of the learner's own does, its name does not say.
        let is_function = match trace {
            Trace::Done | Trace::Otherwise => runs_functions(line, |name| self.program().is_none_or(|it| it == name)),
            // The definition, and a call of it.
            Trace::Absent => line
                .functions
                .iter()
                .any(|(name, body)| in_text(&format!("{body}\n{name}"), &Ended::default()) != Trace::Absent),
            Trace::Unclear(_) => false,
        };
        match trace {
            _ if is_function => Trace::Unclear(Doubt::Function),
            Trace::Done | Trace::Otherwise if line.elsewhere && self.asks_engine() => {
                Trace::Unclear(Doubt::OtherEngine)
            }
            trace => trace,
        }
    }

    /// The program that is wanted, where it is one.
    fn program(&self) -> Option<&str> {
        match self {
            Self::Runs(command) => command.text.split_whitespace().next(),
            Self::Reads(_) => None,
        }
    }

    fn asks_engine(&self) -> bool {
        matches!(self.program(), Some("docker" | "docker-compose"))
    }

    /// What came nearest to it: a line that did it and ended as wanted, one that may have, one that did it and ended
    /// otherwise. With `fails` it is to end with anything but 0.
    fn nearest<'l>(&self, lines: &[&'l TypedLine], fails: bool) -> Nearest<'l> {
        let mut nearest = Nearest::Nothing;
        for line in lines.iter().copied().rev() {
            match (self.done_by(line, fails), &nearest) {
                // The first that did it, since what came after it is of the next step.
                (Trace::Done, _) => nearest = Nearest::Done(line),
                (Trace::Unclear(doubt), Nearest::Nothing | Nearest::Otherwise(_)) => {
                    nearest = Nearest::Unclear(line, doubt);
                }
                (Trace::Otherwise, Nearest::Nothing) => nearest = Nearest::Otherwise(line),
                _ => {}
            }
        }
        nearest
    }
}

/// Whether a line names a function of the learner's own for which this holds, in place of a program.
fn runs_functions(line: &TypedLine, is_it: impl Fn(&str) -> bool) -> bool {
    let names = line.functions.iter().map(|(name, _)| name.as_str()).filter(|name| is_it(name));
    let names: Vec<&str> = names.collect();
    let is_called =
        |command: &shell::Command| command.words.first().is_some_and(|it| names.contains(&it.text.as_str()));
    !names.is_empty() && shell::commands(line.text()).iter().any(is_called)
}

/// What came nearest to a part.
enum Nearest<'l> {
    Done(&'l TypedLine),
    Unclear(&'l TypedLine, Doubt),
    Otherwise(&'l TypedLine),
    Nothing,
}

impl Typed {
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.runs.iter().map(Part::Runs).chain(self.reads.iter().map(Part::Reads))
    }

    /// The right command ended in the wrong way.
    fn ended_otherwise(&self, line: &TypedLine) -> Finding {
        let seen = format!("`{}` ended with {}", line.line.trim(), line.exit_code);
        let (sentence, diagnosis) = match self.fails {
            false => ("It was the right kind of command. Read what it said.", "command-failed"),
            true => ("It was to be refused, and it went through. What should have stood in its way?", "not-refused"),
        };
        Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed(diagnosis))
    }

    /// Nothing that is wanted was entered: perhaps the right command, but without an option that matters?
    fn nearest(&self, recent: &[&TypedLine]) -> Finding {
        let without_options =
            |line: &&&TypedLine| self.runs.iter().any(|it| runs_but_for_options(line.text(), &it.text));
        match recent.iter().rfind(without_options) {
            Some(line) => {
                let seen = format!("`{}` was entered", line.line.trim());
                let sentence = "It is the right command. Which option makes it tell just what the task asks for?";
                Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("missing-option"))
            }
            None => not_begun(self.wants(), "nothing you have entered was for this step"),
        }
    }
}

impl Grader for Typed {
    fn wants(&self) -> String {
        self.wants.text.clone()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Typed]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let lines = facts.typed()?.map(Vec::as_slice).unwrap_or_default();
        let recent: Vec<&TypedLine> = lines.iter().filter(|line| line.at > facts.since).collect();
        let parts: Vec<Nearest<'_>> = self.parts().map(|part| part.nearest(&recent, self.fails)).collect();
        let (mut done, mut unclear, mut otherwise) = (Vec::new(), None, None);
        for part in &parts {
            match part {
                Nearest::Done(line) => done.push(line.at),
                Nearest::Unclear(line, doubt) => unclear = Some((line, doubt)),
                Nearest::Otherwise(line) => otherwise = otherwise.or(Some(*line)),
                Nearest::Nothing => {}
            }
        }
        if done.len() == parts.len() {
            return Ok(pass(done.into_iter().max()));
        }
        let is_open = parts.iter().any(|part| matches!(part, Nearest::Nothing));
        let unclear_whole = unclear.filter(|_| !is_open);
        let tells_nothing = |(line, doubt): (&&TypedLine, &Doubt)| {
            let what = format!("labrun can't tell whether `{}` did it: {doubt}", line.line.trim());
            CannotLook::new(Obstacle::Unseen, what, "answer the step's question, or enter it by itself")
        };
        // A line that is not known may have been the one that is missing.
        let unread = recent.iter().rev().find_map(|line| Some((line.at, line.unread?)));
        match (otherwise, unread) {
            (Some(line), None) => return Ok(self.ended_otherwise(line)),
            (Some(line), Some((at, _))) if line.at > at => return Ok(self.ended_otherwise(line)),
            // The newest line is the one that the learner wants to hear about.
            (_, Some((at, why))) => {
                if let Some(newer) = unclear_whole.filter(|(line, _)| line.at > at) {
                    return Err(tells_nothing(newer));
                }
                let remedy = match why {
                    Unread::Space => "enter it again without the space, or answer the step's question",
                    _ => "answer the step's question, or enter it by itself",
                };
                let what = format!("labrun can't tell whether it was done: {why}");
                return Err(CannotLook::new(Obstacle::Unseen, what, remedy));
            }
            (None, None) => {}
        }
        if let Some(unclear) = unclear_whole {
            return Err(tells_nothing(unclear));
        }
        Ok(match done.len() {
            0 if unclear.is_none() => self.nearest(&recent),
            _ => wrong(self.wants(), "a part of it has been entered", "One part is done; another is still open."),
        })
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let wants = self.wants();
        let mistyped = |part| match part {
            Part::Runs(command) => near::typed::mistyped_name(&command.text, &wants, facts),
            Part::Reads(file) => near::typed::mistyped_path(&file.text, &wants, facts),
        };
        self.parts().filter_map(mistyped).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(&mut self.wants);
        for command in &mut self.runs {
            visitor.text(command);
        }
        if let Some(file) = &mut self.reads {
            visitor.name(file);
        }
    }
}
