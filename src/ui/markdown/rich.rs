//! Styled text: collecting, measuring, wrapping and painting it.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use labrun_lab::visible::visible;

/// What a stretch of text means, and so how it looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) bold: bool,
    pub(super) faint: bool,
    pub(super) italic: bool,
    pub(super) link: bool,
    /// Code is also never broken across lines.
    pub(super) code: bool,
}

impl Face {
    pub(super) const PLAIN: Self = Self { bold: false, faint: false, italic: false, link: false, code: false };
    pub(super) const BOLD: Self = Self { bold: true, ..Self::PLAIN };
    pub(super) const CODE: Self = Self { code: true, ..Self::PLAIN };
    pub(super) const FAINT: Self = Self { faint: true, ..Self::PLAIN };

    /// Appends `text` to `out`, opening and closing the styles around it.
    pub(super) fn paint(self, text: &str, out: &mut String, colour: bool) {
        if !colour || self == Self::PLAIN || text.trim().is_empty() {
            out.push_str(text);
            return;
        }
        let codes = [(self.bold, "1"), (self.faint, "2"), (self.italic, "3"), (self.link, "4"), (self.code, "36")];
        let mut lead = "\x1b[";
        for (_, code) in codes.iter().filter(|(on, _)| *on) {
            out.push_str(lead);
            out.push_str(code);
            lead = ";";
        }
        out.push('m');
        out.push_str(text);
        out.push_str("\x1b[0m");
    }
}

/// A stretch of one face, from the end of the run before it.
#[derive(Clone, Copy, Debug)]
struct Run {
    end: usize,
    face: Face,
}

/// A stretch of text that stays on one line.
struct Word {
    range: Range<usize>,
    width: usize,
    before: Before,
}

/// What separates a word from the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Space,
    Line,
}

/// Text with faces. Spaces are single and a newline is a hard break.
#[derive(Debug, Default)]
pub(super) struct Rich {
    text: String,
    runs: Vec<Run>,
}

impl Rich {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text so far, without its faces.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Appends prose, made visible and with its white space collapsed.
    pub(super) fn push(&mut self, text: &str, face: Face) {
        for ch in visible(text).chars() {
            let ch = if ch == '\n' { ' ' } else { ch };
            if ch != ' ' || !(self.text.is_empty() || self.text.ends_with([' ', '\n'])) {
                self.text.push(ch);
            }
        }
        self.end_run(face);
    }

    /// Appends inline code: verbatim, within backticks if `quoted`, or if
    /// it is blank and colour would not show.
    pub(super) fn push_code(&mut self, code: &str, face: Face, quoted: bool) {
        let code = visible(code).replace('\n', " ");
        if quoted || code.trim().is_empty() {
            // As in Markdown: a fence longer than any in the code, and a space
            // where a backtick of the code would touch it.
            let longest = code.split(|ch| ch != '`').map(str::len).max();
            let fence = "`".repeat(longest.unwrap_or(0) + 1);
            let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
            self.text.extend([&fence, pad, &code, pad, &fence]);
        } else {
            self.text.push_str(&code);
        }
        self.end_run(Face { code: true, ..face });
    }

    /// Indents the line that starts here. Like code, the spaces are kept.
    pub(super) fn push_indent(&mut self, columns: usize) {
        self.text.push_str(&" ".repeat(columns));
        self.end_run(Face::CODE);
    }

    pub(super) fn hard_break(&mut self) {
        self.text.push('\n');
        self.end_run(Face::PLAIN);
    }

    /// The text cut to `max` columns, the cut marked.
    pub(super) fn clipped(&self, max: usize) -> Self {
        let mut clip = Self::default();
        if self.text.width() <= max {
            clip.push_rich(self);
            return clip;
        }
        let mut used = 1; // the mark
        let cut = self.text.char_indices().find(|(_, ch)| {
            used += ch.width().unwrap_or(0);
            used > max
        });
        clip.push_range(self, 0..cut.map_or(0, |(at, _)| at));
        clip.text.push('…');
        clip.end_run(Face::PLAIN);
        clip
    }

    /// Appends all of `other`.
    pub(super) fn push_rich(&mut self, other: &Self) {
        self.push_range(other, 0..other.text.len());
    }

    fn push_range(&mut self, other: &Self, range: Range<usize>) {
        for (text, face) in other.pieces(range) {
            self.text.push_str(text);
            self.end_run(face);
        }
    }

    /// Gives the text since the last run this face.
    fn end_run(&mut self, face: Face) {
        let end = self.text.len();
        match self.runs.last_mut() {
            Some(run) if run.end == end => {}
            Some(run) if run.face == face => run.end = end,
            _ if end == 0 => {}
            _ => self.runs.push(Run { end, face }),
        }
    }

    /// The text of `range`, cut where the face changes.
    fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Face)> {
        let mut start = range.start;
        let first = self.runs.partition_point(|run| run.end <= start);
        let mut runs = self.runs.iter().skip(first);
        std::iter::from_fn(move || {
            let run = runs.next().filter(|_| start < range.end)?;
            let end = run.end.min(range.end);
            let text = &self.text[start..end];
            start = end;
            Some((text, run.face))
        })
    }

    /// Breaks the text into lines of at most `width` columns, by byte range.
    /// Only a word that is wider on its own makes a line wider.
    pub(super) fn wrap(&self, width: usize) -> Vec<Range<usize>> {
        let mut lines: Vec<Range<usize>> = Vec::new();
        let mut used = 0;
        for word in self.words() {
            let space = usize::from(word.before == Before::Space);
            match lines.last_mut() {
                Some(line) if word.before != Before::Line && used + space + word.width <= width => {
                    line.end = word.range.end;
                    used += space + word.width;
                }
                _ => {
                    used = word.width;
                    lines.push(word.range);
                }
            }
        }
        lines
    }

    /// The columns a line from [`Rich::wrap`] takes.
    pub(super) fn line_width(&self, line: &Range<usize>) -> usize {
        self.text[line.clone()].width()
    }

    /// The columns needed to show the text unwrapped.
    pub(super) fn width(&self) -> usize {
        let lines = self.wrap(usize::MAX);
        lines.iter().map(|line| self.line_width(line)).max().unwrap_or(0)
    }

    /// The columns needed to show the text without breaking a word.
    pub(super) fn min_width(&self) -> usize {
        self.words().iter().map(|word| word.width).max().unwrap_or(0)
    }

    /// Appends a line from [`Rich::wrap`] to `out`.
    pub(super) fn paint(&self, line: &Range<usize>, out: &mut String, colour: bool) {
        for (text, face) in self.pieces(line.clone()) {
            face.paint(text, out, colour);
        }
    }

    fn words(&self) -> Vec<Word> {
        let mut words = Vec::new();
        let mut open: Option<usize> = None;
        let mut before = Before::Line;
        let mut last = (' ', false);
        let mut runs = self.runs.iter().peekable();
        let mut close = |range: Range<usize>, before| {
            let width = self.text[range.clone()].width();
            words.push(Word { range, width, before });
        };
        for (at, ch) in self.text.char_indices() {
            while runs.next_if(|run| run.end <= at).is_some() {}
            let code = runs.peek().is_some_and(|run| run.face.code);
            let blank = ch == '\n' || (ch == ' ' && !code);
            let split = blank || (!(code && last.1) && may_break(last.0, ch));
            if split && let Some(start) = open.take() {
                close(start..at, before);
                before = Before::Nothing;
            }
            match ch {
                '\n' => before = Before::Line,
                // A hard break outlasts the spaces around it.
                ' ' if blank && before != Before::Line => before = Before::Space,
                _ if blank => {}
                _ => {
                    open.get_or_insert(at);
                }
            }
            last = (ch, code);
        }
        if let Some(start) = open {
            close(start..self.text.len(), before);
        }
        words
    }
}

/// Whether a line may end between two characters that no space separates.
/// Chinese and Japanese are written without spaces; only there it may, and not
/// so that punctuation is left on the wrong line.
fn may_break(left: char, right: char) -> bool {
    const CLOSING: &str = "、。，．：；！？）」』】〉》〕々ー…,.:;!?)]}'\"";
    const OPENING: &str = "（「『【〈《〔([{'\"";
    (is_ideographic(left) || is_ideographic(right))
        && !CLOSING.contains(right)
        && !OPENING.contains(left)
        && right.width().unwrap_or(0) > 0
}

fn is_ideographic(ch: char) -> bool {
    matches!(ch,
        '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff60}' | '\u{20000}'..='\u{3fffd}')
}
