//! What a file is to hold, some lines or a text, and what comes nearest to that.

use crate::decode::Fields;
use crate::name::{Text, Visitor};
use crate::shape::{Field, Form};
use crate::verdict::Feedback;

pub(super) const HAS_LINES: Field = Field::optional(
    "has_lines",
    Form::list(&Form::Text),
    "Lines that it must have in this order. Others may stand before, between and after them; space at the end of a line \
     does not matter.",
);

pub(super) const LINES: Field = Field::optional(
    "lines",
    Form::list(&Form::Text),
    "The lines that it must have, in this order, and no others. Blank lines and space at the end of a line do not matter.",
);

pub(super) const CONTAINS: Field = Field::optional("contains", Form::Text, "Text that it must have anywhere.");

pub(super) const LACKS: Field = Field::optional(
    "lacks",
    Form::Either(&[Form::Text, Form::list(&Form::Text)]),
    "Text that it must not have anywhere, or a list of such texts.",
);

/// What is wanted of a file's text.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// These lines, in this order; others may stand before, between and after them.
    lines: Vec<Text>,
    /// There must be no others.
    exact: bool,
    /// This text, anywhere.
    contains: Option<Text>,
}

impl Content {
    /// Reads `has_lines`, `lines` and `contains`.
    pub(super) fn read(fields: &mut Fields) -> Self {
        let (some, all) = (fields.optional("has_lines"), fields.optional("lines"));
        let exact = all.is_some();
        Self { lines: all.or(some).unwrap_or_default(), exact, contains: fields.optional("contains") }
    }

    /// The texts that are wanted.
    pub(super) fn texts(&self) -> Vec<&str> {
        self.lines.iter().chain(&self.contains).map(|text| text.text.as_str()).collect()
    }

    /// Whether any text will do.
    pub(super) fn is_anything(&self) -> bool {
        self.lines.is_empty() && self.contains.is_none()
    }

    /// What is wanted of the file called `at`.
    pub(super) fn wants(&self, at: &str) -> String {
        let wants = self.predicates();
        if wants.is_empty() { format!("{at} exists") } else { format!("{at} {}", wants.join(" and ")) }
    }

    /// What is wanted, to follow the name of the file.
    pub(super) fn predicates(&self) -> Vec<String> {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text.trim_end()).collect();
        let lines = match lines.as_slice() {
            [] => None,
            [line] if self.exact => Some(format!("has only the line {line}")),
            lines if self.exact => Some(format!("has only the lines {}", lines.join(", "))),
            [line] => Some(format!("has the line {line}")),
            lines => Some(format!("has the lines {}", lines.join(", "))),
        };
        let contains = self.contains.as_ref().map(|text| format!("contains {}", quoted(&text.text)));
        [lines, contains].into_iter().flatten().collect()
    }

    /// Whether nothing was added after what is wanted: only then is the file's time the time when it came to be right.
    pub(super) fn is_last_in(&self, text: &str) -> bool {
        let last = text.lines().map(str::trim_end).rfind(|line| !line.is_empty());
        self.lines.last().is_some_and(|wanted| last == Some(wanted.text.trim_end()))
    }

    /// What is wrong with the text of the file called `at`, if anything is.
    pub(super) fn judge(&self, text: &str, at: &str) -> Option<Feedback> {
        // A blank at the end, or a Windows line end, is no other content.
        let found: Vec<&str> = text.lines().map(str::trim_end).collect();
        let mut rest = found.iter();
        let missing = self.lines.iter().position(|wanted| !rest.any(|line| *line == wanted.text.trim_end()));
        if let Some(missing) = missing {
            return Some(self.missing_line(missing, &found, at));
        }
        if let Some(more) = self.further_line(&found, at) {
            return Some(more);
        }
        let wanted = self.contains.as_ref()?;
        let holds = text.replace("\r\n", "\n").contains(&wanted.text);
        let expected = || format!("{at} contains {}", quoted(&wanted.text));
        let (sentence, diagnosis) = match is_blank(&found) {
            true => (EMPTY_FILE, "empty-file"),
            false if is_no_text(&found) => (OTHER_DATA, "other-content"),
            false => (OTHER_CONTENT, "other-content"),
        };
        (!holds).then(|| Feedback::wrong(expected(), shown(&found), sentence).diagnosed(diagnosis))
    }

    /// All lines are there, and others that are not wanted.
    fn further_line(&self, found: &[&str], at: &str) -> Option<Feedback> {
        let lines = found.iter().filter(|line| !line.is_empty()).count();
        (self.exact && lines > self.lines.len()).then(|| {
            let sentence =
                "What the task asks for is in it, and more. Which line is too much, and how did it get there?";
            Feedback::wrong(self.wants(at), shown(found), sentence).diagnosed("unwanted-text")
        })
    }

    /// Nearest first. The line of this index could not be found after those before it.
    fn missing_line(&self, missing: usize, found: &[&str], at: &str) -> Feedback {
        let wanted: Vec<&str> = self.lines.iter().map(|line| line.text.trim_end()).collect();
        let expected = match wanted.get(missing) {
            Some(line) => format!("the line {line} in {at}"),
            None => self.wants(at),
        };
        let feedback = |sentence: &str| Feedback::wrong(expected.clone(), shown(found), sentence);
        let several = wanted.len() > 1;
        let so_far: Vec<&str> = found.iter().copied().filter(|line| !line.is_empty()).collect();
        if missing > 0 && wanted.get(..missing) == Some(so_far.as_slice()) {
            // What an earlier step wanted, and nothing else: this one has not been begun.
            return Feedback::not_begun(expected, shown(found));
        }
        if several && found.iter().any(|line| holds_in_turn(line, &wanted)) {
            return feedback("Both texts stand in one line. Where did the first line end?").diagnosed("lines-joined");
        }
        if several && wanted.iter().all(|line| count(found, line) >= count(&wanted, line)) {
            return Feedback::wrong(
                format!("{}, in this order", self.wants(at)),
                shown(found),
                "Every line is there. Which of them was to come first?",
            )
            .diagnosed("wrong-order");
        }
        if several && missing == 0 && wanted.last().is_some_and(|last| found.contains(last)) {
            return feedback("What was there before is gone. Two ways to redirect into a file differ in just that.")
                .diagnosed("overwritten");
        }
        if is_blank(found) {
            return feedback(EMPTY_FILE).diagnosed("empty-file");
        }
        feedback(OTHER_CONTENT).diagnosed("other-content")
    }

    /// Shows its texts.
    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        for text in self.lines.iter_mut().chain(&mut self.contains) {
            visitor.text(text);
        }
    }
}

const EMPTY_FILE: &str = "The file is there, but the text never got into it. Which of your words did the command get?";

const OTHER_CONTENT: &str = "Compare it letter by letter with what the task asks for.";

const OTHER_DATA: &str = "The text is nowhere in it. What was it made from?";

/// Whether a line holds all of these, one after the other.
fn holds_in_turn(line: &str, wanted: &[&str]) -> bool {
    let mut rest = line;
    wanted.iter().all(|wanted| match rest.split_once(wanted) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn count(lines: &[&str], line: &str) -> usize {
    lines.iter().filter(|found| **found == line).count()
}

fn is_blank(lines: &[&str]) -> bool {
    lines.iter().all(|line| line.is_empty())
}

/// An archive or a program: nobody can compare its letters.
fn is_no_text(lines: &[&str]) -> bool {
    lines.iter().any(|line| line.contains('\0'))
}

/// What a file holds, short enough for a line.
pub(super) fn shown(lines: &[&str]) -> String {
    if is_blank(lines) {
        return if lines.is_empty() { "it is empty".to_owned() } else { "it holds no text".to_owned() };
    }
    if is_no_text(lines) {
        return "it holds data that is no text".to_owned();
    }
    let mut parts: Vec<String> = lines.iter().take(3).map(|line| clipped(line)).collect();
    match lines.len() - parts.len() {
        0 => {}
        1 => parts.push("and 1 more line".to_owned()),
        more => parts.push(format!("and {more} more lines")),
    }
    format!("it holds: {}", parts.join(" / "))
}

/// The beginning and the end of a line that is too long.
fn clipped(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    match (chars.get(..40), chars.get(chars.len().saturating_sub(20)..)) {
        (Some(first), Some(last)) if chars.len() > 60 => first.iter().chain(&['…']).chain(last).collect(),
        _ => line.to_owned(),
    }
}

/// A text that is wanted: in quotes where it begins with a blank, which would not be seen.
pub(super) fn quoted(text: &str) -> String {
    let text = text.trim_end();
    if text.starts_with(' ') { format!("`{text}`") } else { text.to_owned() }
}
