//! `typed: { wants, runs?, reads?, fails? }`: commands entered at the learner's own prompt that reach no engine, or leave
//! no event there.

use super::target::must_be_absolute;
use super::{not_begun, pass, wrong};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::TypedLine;
use crate::fact::{Ask, Facts};
use crate::invocation::{Running, runs, runs_but_for_options};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::reading::{Reading, line_reads};
use crate::shape::{Described, Field, Form, Rule, Shape};
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
    fn done_by(&self, line: &TypedLine) -> Running {
        match self {
            Self::Runs(command) => runs(&line.line, &command.text),
            Self::Reads(file) => match line_reads(&line.line, &file.text, line.cwd.as_deref()) {
                Reading::Reads => Running::Runs,
                // In a shell within the shell anything can have been typed.
                Reading::May | Reading::ReadsRelative | Reading::Shell => Running::May,
                Reading::DoesNot => Running::DoesNot,
            },
        }
    }

    /// What came nearest to it: a line that did it and ended as wanted, one that may have, one that did it and ended
    /// otherwise. With `fails` it is to end with anything but 0.
    fn nearest<'l>(&self, lines: &[&'l TypedLine], fails: bool) -> Nearest<'l> {
        let those = |wanted| lines.iter().copied().filter(move |line| self.done_by(line) == wanted);
        let as_wanted = |line: &&TypedLine| (line.exit_code != 0) == fails;
        if let Some(line) = those(Running::Runs).find(as_wanted) {
            Nearest::Done(line)
        } else if let Some(line) = those(Running::May).find(as_wanted) {
            Nearest::Unclear(line)
        } else {
            those(Running::Runs).next_back().map_or(Nearest::Nothing, Nearest::Otherwise)
        }
    }
}

/// What came nearest to a part.
enum Nearest<'l> {
    Done(&'l TypedLine),
    Unclear(&'l TypedLine),
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
            |line: &&&TypedLine| self.runs.iter().any(|it| runs_but_for_options(&line.line, &it.text));
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
        let (mut done, mut unclear) = (Vec::new(), None);
        for part in &parts {
            match part {
                Nearest::Done(line) => done.push(line.at),
                Nearest::Unclear(line) => unclear = Some(line),
                Nearest::Otherwise(line) => return Ok(self.ended_otherwise(line)),
                Nearest::Nothing => {}
            }
        }
        if let Some(line) = unclear {
            let what = format!("whether `{}` did it cannot be told", line.line.trim());
            return Err(CannotLook::new(Obstacle::Unseen, what, "answer the step's question, or enter it by itself"));
        }
        Ok(match done.len() {
            0 => self.nearest(&recent),
            n if n == parts.len() => pass(done.into_iter().max()),
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
