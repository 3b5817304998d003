//! JSON reports in a text: one, several, a list of them, or one in the middle of a chat.

use serde::Deserialize;

use super::{Place, Reading};
use crate::report::line::Line;
use crate::report::model::Run;

/// The version of the JSON reports that is read.
const SCHEMA: u64 = 1;

/// What is left of a text without its reports.
pub(super) struct Rest {
    /// The text around the reports, its lines where they were.
    pub(super) text: String,
    /// What is wrong with the text as JSON, and in which line: for when nothing else is found in it.
    pub(super) trouble: Option<(Option<usize>, String)>,
}

#[derive(Deserialize)]
struct Input {
    schema: Option<u64>,
    sessions: Option<Vec<Run>>,
}

/// The version alone: another one's fields need not be ours.
#[derive(Deserialize)]
struct Head {
    schema: Option<u64>,
}

/// The line of a byte of a text, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Reads the reports in a text into `reading`, and gives back what is around them.
pub(super) fn read(source: &str, called: &str, text: &str, reading: &mut Reading) -> Rest {
    let mut rest = Rest { text: String::new(), trouble: None };
    let (mut at, mut number, mut line, mut counted) = (0, 0_usize, 1, 0);
    while let Some(begin) = text[at..].find('{').map(|brace| at + brace) {
        rest.text += &text[at..begin];
        line += text[counted..begin].matches('\n').count();
        counted = begin;
        let (end, whole) = match document(&text[begin..]) {
            Document::Report { runs, length } => {
                number += 1;
                let called = if number == 1 { called.to_owned() } else { format!("{called} {number}") };
                reading.push(&Place { source: Line::new(source), line: Some(line) }, &Line::new(&called), runs);
                (begin + length, true)
            }
            Document::Newer { schema, length } => {
                let what = format!("a newer labrun wrote it (schema {schema}; this one reads {SCHEMA})");
                reading.problem(source, Some(line), what);
                (begin + length, true)
            }
            Document::Other { reports } => {
                let is_start = text[..begin].trim_matches(['[', ' ', '\n', '\r', '\t']).is_empty();
                if reports || is_start {
                    let what = "it is JSON, but no report; labrun report --format json makes one";
                    rest.trouble.get_or_insert((Some(line), what.to_owned()));
                }
                (begin + 1, false)
            }
            Document::Broken { at, what, reports } => {
                let place = at.map(|below| line + below - 1);
                if reports {
                    reading.problem(source, place, what);
                } else if text.trim_start().starts_with(['{', '[']) {
                    rest.trouble.get_or_insert((place, what));
                }
                (begin + 1, false)
            }
        };
        if whole {
            // A report's own words are no receipts; its lines still count.
            rest.text.extend(text[begin..end].chars().filter(|ch| *ch == '\n'));
            rest.text.push(' ');
        } else {
            rest.text.push('{');
        }
        at = end;
    }
    rest.text += &text[at..];
    rest
}

/// What begins at a brace.
enum Document {
    /// A report, and how many bytes it has.
    Report { runs: Vec<Run>, length: usize },
    /// A report of a newer labrun.
    Newer { schema: u64, length: usize },
    /// Other JSON; whether labrun wrote it.
    Other { reports: bool },
    /// No JSON, or no report; in which line below, counted from 1, and whether it was meant to be a report.
    Broken { at: Option<usize>, what: String, reports: bool },
}

fn document(text: &str) -> Document {
    // How a report of labrun's begins: those who break one break its end.
    let start: String = text.chars().take(200).filter(|ch| !ch.is_whitespace()).collect();
    let reports =
        ["{\"schema\":", "{\"made\":", "{\"class\":", "{\"sessions\":"].iter().any(|key| start.starts_with(key));
    let mut heads = serde_json::Deserializer::from_str(text).into_iter::<Head>();
    if let Some(Ok(Head { schema: Some(schema) })) = heads.next()
        && schema > SCHEMA
    {
        return Document::Newer { schema, length: heads.byte_offset() };
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Input>();
    match documents.next() {
        Some(Ok(Input { sessions: Some(runs), .. })) => Document::Report { runs, length: documents.byte_offset() },
        Some(Ok(Input { schema, .. })) => Document::Other { reports: schema.is_some() },
        Some(Err(error)) => {
            Document::Broken { at: Some(error.line()).filter(|line| *line > 0), what: reason(&error), reports }
        }
        None => Document::Broken { at: None, what: "it is no report of labrun's".to_owned(), reports },
    }
}

/// What is wrong, without the place, which is named beside it.
fn reason(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    format!("it is no report of labrun's: {}", Line::new(what))
}
