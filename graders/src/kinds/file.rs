//! `file: { in, path, is?, has_lines?, contains? }`: what stands at a path on the host, in a container or in a volume.

use super::target::Location;
use super::{not_begun, pass};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{Ask, Facts, FileKind};
use crate::name::{Text, Visitor};
use crate::node::Node;
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// What can be wanted at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    File,
    Directory,
    Absent,
}

const IS: [(&str, Is); 3] = [("file", Is::File), ("directory", Is::Directory), ("absent", Is::Absent)];

/// Wants a file, perhaps with some content.
#[derive(Debug)]
pub struct File {
    location: Location,
    is: Is,
    /// These lines, in this order; others may stand before, between and after them.
    has_lines: Vec<Text>,
    contains: Option<Text>,
}

impl Decode for File {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "a `file` check", faults)?;
        let location = Location::read(&mut fields);
        let is = fields.optional::<Text>("is").map(|text| match IS.iter().find(|(word, _)| *word == text.text) {
            Some((_, is)) => Some(*is),
            None => {
                let message = format!("a path is never `{text}`");
                unknown(
                    fields.faults,
                    "unknown-value",
                    text.span,
                    message,
                    &text.text,
                    IS.iter().map(|(word, _)| *word),
                );
                None
            }
        });
        let has_lines = fields.optional("has_lines").unwrap_or_default();
        let contains = fields.optional("contains");
        fields.end();
        Some(Self { location: location?, is: is.unwrap_or(Some(Is::File))?, has_lines, contains })
    }
}

impl File {
    fn judge_content(&self, content: &str) -> Option<Feedback> {
        let lines: Vec<&str> = content.lines().map(str::trim_end).collect();
        let mut rest = lines.iter();
        // A blank or Windows line end more is no other content.
        let missing = self.has_lines.iter().find(|wanted| !rest.any(|line| *line == wanted.text.trim_end()));
        if let Some(missing) = missing {
            return Some(self.missing_line(missing, &lines));
        }
        match &self.contains {
            Some(wanted) if !content.contains(&wanted.text) => {
                Some(Feedback::wrong(self.wants(), shown(&lines), "Compare what it holds with what the task asks for."))
            }
            _ => None,
        }
    }

    fn missing_line(&self, missing: &Text, lines: &[&str]) -> Feedback {
        let expected = format!("the line {missing} in {}", self.location.describe());
        let feedback = |sentence: &str| Feedback::wrong(expected.clone(), shown(lines), sentence);
        let has = |wanted: &Text| lines.contains(&wanted.text.trim_end());
        let joined = lines.iter().any(|line| {
            self.has_lines.len() > 1 && self.has_lines.iter().all(|wanted| line.contains(wanted.text.trim_end()))
        });
        if joined {
            return feedback("Both texts stand in one line. Where did the first line end?").diagnosed("lines-joined");
        }
        let only_the_last = self.has_lines.last().is_some_and(has);
        if only_the_last && self.has_lines.first() == Some(missing) && self.has_lines.len() > 1 {
            return feedback("What was there before is gone. Two ways to redirect into a file differ in just that.")
                .diagnosed("overwritten");
        }
        match lines {
            [] => feedback("The file is there, and empty.").diagnosed("empty-file"),
            _ => feedback("Compare it letter by letter with what the task asks for.").diagnosed("other-content"),
        }
    }
}

/// What a file holds, short enough for a line.
fn shown(lines: &[&str]) -> String {
    let mut parts: Vec<String> = lines.iter().take(3).map(|line| clipped(line)).collect();
    if lines.len() > 3 {
        parts.push(format!("and {} more lines", lines.len() - 3));
    }
    if parts.is_empty() { "it is empty".to_owned() } else { format!("it holds: {}", parts.join(" / ")) }
}

fn clipped(line: &str) -> String {
    let mut chars = line.chars();
    let short: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}

impl Grader for File {
    fn wants(&self) -> String {
        let at = self.location.describe();
        match (self.is, self.has_lines.as_slice(), &self.contains) {
            (Is::Absent, ..) => format!("{at} is gone"),
            (Is::Directory, ..) => format!("{at} is a directory"),
            (Is::File, [], None) => format!("{at} exists"),
            (Is::File, [], Some(text)) => format!("{at} contains {text}"),
            (Is::File, [line], _) => format!("{at} has the line {line}"),
            (Is::File, lines, _) => {
                let lines: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
                format!("{at} has the lines {}", lines.join(", "))
            }
        }
    }

    fn asks(&self) -> Vec<Ask> {
        vec![self.location.ask()]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let at = self.location.describe();
        let file = facts.file(&self.location.place(), self.location.path())?;
        let Some(file) = file else {
            return Ok(match self.is {
                Is::Absent => pass(None),
                _ => not_begun(self.wants(), format!("there is no {at}")),
            });
        };
        match (self.is, file.kind) {
            (Is::Absent, _) => Ok(not_begun(self.wants(), format!("{at} is still there"))),
            (Is::Directory, FileKind::Directory) => Ok(pass(None)),
            (Is::File, FileKind::Regular) if self.has_lines.is_empty() && self.contains.is_none() => {
                Ok(pass(file.modified))
            }
            (Is::File, FileKind::Regular) => match &file.content {
                Some(content) => Ok(self.judge_content(content).map_or_else(|| pass(file.modified), Finding::Fail)),
                None => Err(CannotLook::new(
                    Obstacle::TooLarge,
                    format!("{at} has {} bytes; so much is not read", file.size),
                    "make it smaller: the task needs a few lines",
                )),
            },
            (_, kind) => {
                let sentence = "What should stand at this path: a file or a directory?";
                let seen = format!("{at} is {}", kind.describe());
                Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("file-or-directory")))
            }
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.location.visit(visitor);
        for line in &mut self.has_lines {
            visitor.text(line);
        }
        if let Some(contains) = &mut self.contains {
            visitor.text(contains);
        }
    }
}
