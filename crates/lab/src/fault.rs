//! Faults shown beside the words that they are about.

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use labrun_graders::decode::Fault;

use crate::visible::visible;

/// So many faults of a file are told: nobody reads more at once, and each takes its time to show.
const MAX_FAULTS: usize = 100;

/// A fault, the file that it is in, and the file's text.
#[derive(Clone, Debug)]
pub struct LabFault {
    /// The file, as the user would name it.
    pub path: String,
    /// What is wrong and where.
    pub fault: Fault,
    text: std::sync::Arc<str>,
}

/// A lab that can't be used: everything that is wrong with it, in the order of its files.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} {}", faults.len(), if faults.len() == 1 { "fault" } else { "faults" })]
pub struct Faulty {
    /// At least one.
    pub faults: Vec<LabFault>,
}

impl LabFault {
    /// The faults of one file, the first of them.
    pub(super) fn of_file(path: &str, text: &str, faults: Vec<Fault>) -> Vec<Self> {
        let text: std::sync::Arc<str> = text.into();
        let mut faults = faults;
        faults.sort_by_key(|fault| fault.span.start);
        let untold = faults.len().saturating_sub(MAX_FAULTS);
        faults.truncate(MAX_FAULTS);
        if let (1.., Some(last)) = (untold, faults.last()) {
            let message = format!("the file has {untold} more; mend these first");
            faults.push(Fault { code: "too-many-faults", message, span: last.span, help: None });
        }
        faults.into_iter().map(|fault| Self { path: path.to_owned(), fault, text: text.clone() }).collect()
    }

    /// The line, counted from 1, and the column in characters, counted from 1.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.start()).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The offset where it begins, moved to a character's edge.
    fn start(&self) -> usize {
        floor(&self.text, self.fault.span.start)
    }

    /// As a compiler shows it, in colour or without.
    #[must_use]
    pub fn render(&self, colour: bool, width: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(width.max(40)).decor_style(DecorStyle::Ascii);
        let start = self.start();
        // A long text is pointed at by its first line: the rest would fill the screen.
        let end = self.fault.span.end.clamp(start, self.text.len());
        let first_line = self.text.get(start..end).unwrap_or_default();
        let first_line = first_line.split('\n').next().unwrap_or_default().len();
        let end = start + first_line.max(usize::from(start < self.text.len()));
        let end = (end..=self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len());
        let text = shown(&self.text);
        let moved = |at: usize| floor(&text, shown(&self.text[..at]).len());
        let mut annotation = AnnotationKind::Primary.span(moved(start)..moved(end));
        let help = self.fault.help.as_deref().map(visible);
        if let Some(help) = &help {
            annotation = annotation.label(help.as_ref());
        }
        let (path, message) = (visible(&self.path), visible(&self.fault.message));
        let snippet = Snippet::source(text.as_ref()).path(path.as_ref()).annotation(annotation);
        let title = Level::ERROR.primary_title(message.as_ref()).id(self.fault.code);
        renderer.render(&[title.element(snippet)])
    }
}

/// The last edge between characters up to an offset.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A file's text with what is hidden made visible: the renderer knows some of it, and not all. Its lines may end in two
/// characters.
fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains("\r\n") {
        return visible(text);
    }
    let lines: Vec<_> = text.split("\r\n").map(visible).collect();
    Cow::Owned(lines.join("\r\n"))
}

#[cfg(test)]
mod tests {
    use labrun_graders::node::Span;

    use super::*;

    #[test]
    fn what_is_hidden_in_a_file_shows_beside_its_fault() {
        let text = "a: 1\r\n\u{202e}b\u{200b}: \u{9b}31m\tx # \u{feff}\u{2028}\r\n";
        let start = text.find('x').expect("it is there");
        let span = Span { start, end: start + 1 };
        let fault = Fault { code: "c", message: "m\u{9b}".to_owned(), span, help: Some("h\u{200b}".to_owned()) };
        let faults = LabFault::of_file("p\u{202e}/lab.yaml", text, vec![fault]);
        let screen = faults.iter().map(|fault| fault.render(false, 120)).collect::<String>();
        let expected = "error[c]: m\\u{9b}\n --> p\\u{202e}/lab.yaml:2:33\n";
        assert!(screen.starts_with(expected), "{screen}");
        assert!(screen.contains("2 | \\u{202e}b\\u{200b}: \\u{9b}31m"), "{screen}");
        assert!(screen.contains("^ h\\u{200b}") && !screen.contains('\u{240d}'), "{screen}");
        assert_eq!(visible(&screen), screen);
    }
}
