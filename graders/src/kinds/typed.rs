//! `typed: { wants, runs?, reads?, args?, shows?, fails?, after? }`: commands entered at the learner's own prompt that reach
//! no engine, or leave no event there.

mod nearest;
mod part;

use super::after::{self, After};
use super::file::several;
use super::target::must_be_absolute;
use super::{not_begun, pass, wrong};
use crate::arguments::Arguments;
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{TypedLine, Unread};
use crate::fact::{Ask, Facts, Nanos};
use crate::grader::Grader;
use crate::invocation::{runs_but_for_arguments, runs_but_for_options};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::trace::{Doubt, Trace};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};
use nearest::{Begin, Nearest, Recent};
use part::{Manner, Part};

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
    /// What must be among the arguments of each command.
    args: Vec<Text>,
    /// What a format that was given must have in it.
    shows: Vec<Text>,
    /// What must have happened before.
    after: Option<AfterEvent>,
}

/// What must have happened to a container before the commands were entered.
#[derive(Debug)]
struct AfterEvent {
    container: Name,
    event: After,
}

/// What stands under `after`.
const AFTER: Shape = Shape::new(
    "`after`",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container."),
        Field::required(
            "event",
            after::FORM,
            "The commands must be entered after the last of these events of the container, and the event must be of this \
             step. `restart` is any start of a container that ran before.",
        ),
    ],
);

impl Decode for AfterEvent {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &AFTER, faults)?;
        let container = fields.name("container", NameKind::Container);
        let event = fields.required("event");
        fields.end();
        Some(Self { container: container?, event: event? })
    }
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
            "args",
            Form::list(&Form::Text),
            "Words, options and paths that must be among the arguments of each command, in any order and form; others may \
             be there, too. What begins with `!` must not be among them.",
        )
        .with(&["runs"]),
        Field::optional(
            "shows",
            Form::Either(&[Form::Text, Form::list(&Form::Text)]),
            "A field or column that the learner must see: where a Docker command is given a `--format`, this, or one of \
             these, must be in it.",
        )
        .with(&["runs"]),
        Field::optional(
            "fails",
            Form::True,
            "The commands must end with another code than 0: for a refusal that is to be seen.",
        ),
        Field::optional("after", Form::Map(&AFTER), "What must have happened to a container before."),
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
        let has_runs = fields.node("runs").is_some();
        let runs = fields.optional("runs").unwrap_or_default();
        let args = if has_runs { fields.optional("args").unwrap_or_default() } else { Vec::new() };
        let shows = if has_runs { several(&mut fields, "shows").unwrap_or_default() } else { Vec::new() };
        let reads = fields.optional_name("reads", NameKind::Path);
        if let Some(path) = &reads {
            must_be_absolute(&path.text, path.span, fields.faults);
        }
        let fails = fields.flag("fails");
        let after = fields.optional("after");
        fields.end();
        Some(Self { wants: wants?, runs, reads, fails, args, shows, after })
    }
}

impl Typed {
    fn shows(&self) -> Vec<&str> {
        self.shows.iter().map(|text| text.text.as_str()).collect()
    }

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

    /// The right command was entered before what it was to follow.
    fn too_early(&self, line: &TypedLine, begin: Begin<'_>) -> Finding {
        let Some(AfterEvent { container, event }) = &self.after else { return self.ended_otherwise(line) };
        let (line, noun) = (line.line.trim(), event.noun());
        let (seen, sentence) = match begin {
            Begin::Never => (
                format!("`{line}` was entered, and {container} has not been {} in this step", event.participle()),
                format!("The {noun} comes first. What does the command say after it?"),
            ),
            Begin::Step | Begin::Event(..) => (
                format!("`{line}` was entered before the last {noun} of {container}"),
                format!("That was before the {noun}. What does the command say after it? Enter it again."),
            ),
        };
        Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("too-early"))
    }

    /// From when a line counts.
    fn begin(&self, facts: &Facts) -> Result<Begin<'_>, CannotLook> {
        let Some(AfterEvent { container, event }) = &self.after else { return Ok(Begin::Step) };
        let journal = facts.journal()?;
        let newest = journal.and_then(|journal| event.newest(journal, &container.text, facts.since));
        match newest {
            Some(at) => Ok(Begin::Event(at, &container.text)),
            None if journal.is_some_and(|journal| journal.has_gap_after(facts.since)) => Err(CannotLook::new(
                Obstacle::Gap,
                format!("the engine no longer tells all that happened to {container}"),
                format!("do it again, the {} and then the command", event.noun()),
            )),
            None => Ok(Begin::Never),
        }
    }

    /// Nothing that is wanted was entered: perhaps the right command, but without an option that matters?
    fn nearest(&self, recent: &[&TypedLine]) -> Finding {
        let without_options =
            |line: &&&TypedLine| self.runs.iter().any(|it| runs_but_for_options(line.text(), &it.text));
        let other_arguments = |line: &&&TypedLine| {
            (!self.args.is_empty() || !self.shows.is_empty())
                && self.runs.iter().any(|it| runs_but_for_arguments(line.text(), &it.text))
        };
        if let Some(line) = recent.iter().rfind(other_arguments) {
            let seen = format!("`{}` was entered", line.line.trim());
            let sentence = "It is the right command. What does the task want it to look at, and how?";
            return Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("other-arguments"));
        }
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
        let events = self.after.is_some().then_some(Ask::Journal);
        [Ask::Typed].into_iter().chain(events).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let lines = facts.typed()?.map(Vec::as_slice).unwrap_or_default();
        let recent: Vec<&TypedLine> = lines.iter().filter(|line| line.at > facts.since).collect();
        let before = |at: usize| at.checked_sub(1).and_then(|at| lines.get(at)).map_or(Nanos::MIN, |line| line.at);
        let numbered = lines.iter().enumerate().filter(|(_, line)| line.at > facts.since);
        let in_order: Vec<Recent<'_>> = numbered.map(|(at, line)| Recent { line, before: before(at) }).collect();
        let args: Vec<&str> = self.args.iter().map(|text| text.text.as_str()).collect();
        let begin = self.begin(facts)?;
        let shows = self.shows();
        let nearest = |part: Part<'_>| {
            let arguments = if matches!(part, Part::Runs(_)) { Arguments::new(&args) } else { Arguments::default() };
            part.nearest(&in_order, Manner { fails: self.fails, arguments, shows: &shows, after: None }, begin)
        };
        let parts: Vec<Nearest<'_>> = self.parts().map(nearest).collect();
        let (mut done, mut unclear, mut otherwise) = (Vec::new(), None, None);
        for part in &parts {
            match part {
                Nearest::Done(line) => done.push(line.at),
                Nearest::Unclear(line, doubt) => unclear = Some((line, doubt)),
                Nearest::Otherwise(line) => otherwise = otherwise.or(Some((*line, self.ended_otherwise(line)))),
                Nearest::Early(line) => otherwise = otherwise.or(Some((*line, self.too_early(line, begin)))),
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
            (Some((_, finding)), None) => return Ok(finding),
            (Some((line, finding)), Some((at, _))) if line.at > at => return Ok(finding),
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

    fn is_unshown(&self, facts: &Facts) -> bool {
        let args: Vec<&str> = self.args.iter().map(|text| text.text.as_str()).collect();
        let shows = self.shows();
        let manner = Manner { fails: self.fails, arguments: Arguments::new(&args), shows: &shows, after: None };
        let lines = facts.typed().ok().flatten().map(Vec::as_slice).unwrap_or_default();
        let recent = lines.iter().filter(|line| line.at > facts.since);
        let is_hidden =
            |line: &TypedLine| self.parts().any(|part| part.done_by(line, manner) == Trace::Unclear(Doubt::Unseen));
        recent.into_iter().any(is_hidden)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let wants = self.wants();
        let near = |part| match part {
            Part::Runs(command) => near::typed::mistyped_name(&command.text, &wants, facts)
                .or_else(|| near::typed::other_arguments(&command.text, &wants, facts)),
            Part::Reads(file) => near::typed::mistyped_path(&file.text, &wants, facts)
                .or_else(|| near::typed::not_showing(&file.text, &wants, facts)),
        };
        self.parts().filter_map(near).collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(&mut self.wants);
        for command in &mut self.runs {
            visitor.text(command);
        }
        if let Some(file) = &mut self.reads {
            visitor.name(file);
        }
        for text in self.args.iter_mut().chain(&mut self.shows) {
            visitor.text(text);
        }
        if let Some(after) = &mut self.after {
            visitor.name(&mut after.container);
        }
    }
}
