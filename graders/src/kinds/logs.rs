//! `logs: { container, has_lines?, contains?, lacks?, stream? }`: what a container has written to its log.

use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{Ask, Facts, Log, Stream};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// Wants something in a container's log, or not in it.
#[derive(Debug)]
pub struct Logs {
    container: Name,
    lines: Vec<Text>,
    contains: Option<Text>,
    lacks: Option<Text>,
    stream: Option<Stream>,
}

const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `logs` check",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container, running or not."),
        Field::optional(
            "has_lines",
            Form::list(&Form::Text),
            "Lines that its log must have in this order. Others may stand before, between and after them; space at the end \
             of a line does not matter.",
        ),
        Field::optional("contains", Form::Text, "Text that its log must have anywhere."),
        Field::optional("lacks", Form::Text, "Text that its log must not have."),
        Field::optional(
            "stream",
            Form::Word(&STREAMS),
            "The stream that is looked at; without it, both. With a terminal (`-t`) all is `stdout`.",
        ),
    ],
)
.rules(&[Rule::SomeOf(&["has_lines", "contains", "lacks"])]);

impl Described for Logs {
    const ABOUT: &'static str =
        "A container wrote something, as `docker logs` shows it: of its last 1,000 lines, up to 256 KiB.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Logs {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let lines = fields.optional("has_lines").unwrap_or_default();
        let contains = fields.optional("contains");
        let lacks = fields.optional("lacks");
        let stream = fields.optional::<Text>("stream").and_then(|text| match text.text.as_str() {
            "stdout" => Some(Stream::Stdout),
            "stderr" => Some(Stream::Stderr),
            found => {
                let message = format!("a process has no stream `{text}`");
                unknown(fields.faults, "unknown-value", text.span, message, found, STREAMS);
                None
            }
        });
        fields.end();
        Some(Self { container: container?, lines, contains, lacks, stream })
    }
}

/// Whether a text has these lines, in this order, with others around them.
fn has_lines(text: &str, wanted: &[String]) -> bool {
    let mut rest = text.lines().map(str::trim_end);
    wanted.iter().all(|wanted| rest.any(|line| line == wanted))
}

/// The end of a log, short enough for a line.
fn shown(text: &str) -> String {
    let mut last: Vec<String> =
        text.lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .rev()
            .take(2)
            .map(|line| {
                if line.chars().count() > 60 { line.chars().take(59).chain(['…']).collect() } else { line.to_owned() }
            })
            .collect();
    last.reverse();
    if last.is_empty() { "its log is empty".to_owned() } else { format!("its log ends: {}", last.join(" / ")) }
}

impl Logs {
    /// What its log is called here.
    fn log(&self) -> String {
        match self.stream {
            None => format!("the log of {}", self.container),
            Some(stream) => format!("{} of {}", stream.word(), self.container),
        }
    }

    fn wanted_lines(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.text.trim_end().to_owned()).collect()
    }

    /// Whether a text has all that is wanted in it.
    fn has_all(&self, text: &str) -> bool {
        has_lines(text, &self.wanted_lines())
            && self.contains.as_ref().is_none_or(|wanted| text.replace("\r\n", "\n").contains(wanted.text.trim_end()))
    }

    /// The same, whatever is in upper and what in lower case.
    fn has_all_in_any_case(&self, text: &str) -> bool {
        let lines: Vec<String> = self.wanted_lines().iter().map(|line| line.to_lowercase()).collect();
        let text = text.to_lowercase();
        has_lines(&text, &lines)
            && self.contains.as_ref().is_none_or(|wanted| text.contains(&wanted.text.trim_end().to_lowercase()))
    }

    /// What is wrong where something is missing; nearest first.
    fn missing(&self, log: &Log, running: bool) -> Feedback {
        let text = log.of(self.stream);
        let told = |seen: String, sentence: &str| Feedback::wrong(self.wants(), seen, sentence);
        if let Some(stream) = self.stream
            && self.has_all(log.of(Some(stream.other())))
        {
            let seen = format!("it was written to {}", stream.other().word());
            let sentence = "A process has two streams. How does a shell send a text to the other one?";
            return told(seen, sentence).diagnosed("other-stream");
        }
        if text.trim().is_empty() {
            let sentence = if running {
                "Nothing was written yet. Does the program write to its output, or to a file?"
            } else {
                "It ended without a word. Does the program write to its output, or to a file?"
            };
            return told("its log is empty".to_owned(), sentence).diagnosed("empty-log");
        }
        if self.has_all_in_any_case(text) {
            let sentence = "It is there, and some letters are in upper or lower case that should not be.";
            return told(shown(text), sentence).diagnosed("wrong-case");
        }
        let lines = self.wanted_lines();
        if lines.len() > 1 && lines.iter().all(|wanted| text.lines().any(|line| line.trim_end() == wanted)) {
            let sentence = "Every line is there. Which of them was to come first?";
            return told(shown(text), sentence).diagnosed("wrong-order");
        }
        told(shown(text), "Compare it letter by letter with what the task asks for.").diagnosed("not-in-log")
    }
}

impl Grader for Logs {
    fn wants(&self) -> String {
        let lines = match self.wanted_lines().as_slice() {
            [] => None,
            [line] => Some(format!("has the line {line}")),
            lines => Some(format!("has the lines {}", lines.join(", "))),
        };
        let contains = self.contains.as_ref().map(|text| format!("contains {}", text.text.trim_end()));
        let lacks = self.lacks.as_ref().map(|text| format!("lacks {}", text.text.trim_end()));
        let wants: Vec<String> = [lines, contains, lacks].into_iter().flatten().collect();
        format!("{} {}", self.log(), wants.join(" and "))
    }

    fn asks(&self) -> Vec<Ask> {
        let container = &self.container.text;
        vec![Ask::Container(container.clone()), Ask::Log(container.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(container) = facts.container(&self.container.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.container)));
        };
        if container.started.is_none() {
            let seen = format!("{} was never started", self.container);
            let sentence = "What never ran has written nothing.";
            return Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("never-started")));
        }
        let Some(log) = facts.log(&self.container.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.container)));
        };
        let text = log.of(self.stream);
        if let Some(unwanted) = self.lacks.as_ref().map(|lacks| lacks.text.trim_end())
            && let Some(line) = text.lines().find(|line| line.contains(unwanted))
        {
            let sentence = "That was not to happen. The lines before it may say why it did.";
            let feedback = Feedback::wrong(self.wants(), shown(line), sentence);
            return Ok(Finding::Fail(feedback.diagnosed("unwanted-in-log")));
        }
        let holds = self.has_all(text);
        if log.cut && (!holds || self.lacks.is_some()) {
            let what = format!("the log of {} is longer than what is read of it", self.container);
            let remedy = "start the container anew, and check before it has written so much";
            return Err(CannotLook::new(Obstacle::TooLarge, what, remedy));
        }
        Ok(match holds {
            true => pass(container.started),
            false => Finding::Fail(self.missing(log, container.status == "running")),
        })
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        near::traces_asks(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        near::container::of_it(&self.container.text, &self.wants(), facts)
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        self.lines.iter_mut().chain(&mut self.contains).chain(&mut self.lacks).for_each(|text| visitor.text(text));
    }
}
