//! The page as it is written: lines, each behind the prefixes of the lists and
//! quotes it is in, and the empty lines between blocks.

use super::Style;
use super::rich::{Face, Rich};
use labrun_lab::visible::visible;

/// Frames that are indented; what nests deeper stays in the innermost.
const MAX_DEPTH: usize = 8;

/// Columns that frames leave for text.
const MIN_ROOM: usize = 8;

const CODE_INDENT: &str = "    ";

/// Something that prefixes the lines within it.
pub(super) enum Frame {
    /// A block quote: a bar.
    Quote,
    /// A list item: its marker, and then as many spaces.
    Item {
        marker: String,
        /// Whether the marker is still to be shown, on the item's first line.
        pending: bool,
        /// Whether empty lines separate this item from its neighbours.
        loose: bool,
    },
}

impl Frame {
    pub(super) fn item(marker: String) -> Self {
        Self::Item { marker, pending: true, loose: false }
    }

    fn width(&self) -> usize {
        match self {
            Self::Quote => 2,
            // Markers are digits and single-width bullets.
            Self::Item { marker, .. } => marker.chars().count(),
        }
    }
}

/// A page being written.
pub(super) struct Page {
    style: Style,
    out: String,
    frames: Vec<Frame>,
    /// Open items and quotes that are nested too deeply for a frame. A count,
    /// since hostile text can nest hundreds of thousands.
    hidden: usize,
    /// An empty line due before the next one, within this many frames.
    gap: Option<usize>,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { style, out: String::new(), frames: Vec::new(), hidden: 0, gap: None }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn colour(&self) -> bool {
        self.style.colour
    }

    /// Columns left for text within the open frames.
    pub(super) fn room(&self) -> usize {
        let frames: usize = self.frames.iter().map(Frame::width).sum();
        let used = self.style.indent + frames;
        self.style.width.saturating_sub(used)
    }

    /// Opens a frame, if there is room for it. Close it in either case.
    pub(super) fn open(&mut self, frame: Frame) -> bool {
        let fits = self.hidden == 0 && self.frames.len() < MAX_DEPTH && self.room() >= frame.width() + MIN_ROOM;
        if fits {
            self.frames.push(frame);
        } else {
            self.hidden += 1;
        }
        fits
    }

    /// Closes the innermost frame, and separates it from what follows: a quote
    /// always, an item if it is loose.
    pub(super) fn close(&mut self) {
        if self.hidden > 0 {
            self.hidden -= 1;
            return;
        }
        if let Some(Frame::Item { pending: true, .. }) = self.frames.last() {
            self.line("");
        }
        let frame = self.frames.pop();
        self.gap = self.gap.map(|gap| gap.min(self.frames.len()));
        if let Some(Frame::Quote | Frame::Item { loose: true, .. }) = frame {
            self.blank();
        }
    }

    /// Notes a paragraph: an item that has one, rather than bare text, is loose.
    pub(super) fn loosen(&mut self) {
        if self.hidden == 0
            && let Some(Frame::Item { loose, .. }) = self.frames.last_mut()
        {
            *loose = true;
        }
    }

    /// Whether the innermost frame is an item without empty lines around it.
    pub(super) fn is_tight(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Item { loose: false, .. }))
    }

    /// Asks for an empty line before the next one, unless that is where an item
    /// starts: nothing comes between a marker and what it marks.
    pub(super) fn blank(&mut self) {
        if !self.marker_pending() {
            let depth = self.frames.len();
            self.gap = Some(self.gap.map_or(depth, |gap| gap.min(depth)));
        }
    }

    fn marker_pending(&self) -> bool {
        let pending = |frame: &Frame| matches!(frame, Frame::Item { pending: true, .. });
        self.frames.iter().any(pending)
    }

    /// Writes one line of painted text.
    pub(super) fn line(&mut self, painted: &str) {
        self.start_line(true);
        self.out.push_str(painted);
        self.end_line();
    }

    /// Writes text, wrapped, and returns the width of its widest line.
    pub(super) fn text(&mut self, text: &Rich) -> usize {
        let mut widest = 0;
        for range in text.wrap(self.room()) {
            widest = widest.max(text.line_width(&range));
            self.start_line(true);
            text.paint(&range, &mut self.out, self.style.colour);
            self.end_line();
        }
        widest
    }

    /// Writes a rule of `width` times `stroke`, as far as there is room.
    pub(super) fn rule(&mut self, stroke: &str, width: usize) {
        let rule = stroke.repeat(width.min(self.room()));
        self.start_line(true);
        Face::FAINT.paint(&rule, &mut self.out, self.style.colour);
        self.end_line();
    }

    /// Writes code: apart, indented, and otherwise as it is.
    pub(super) fn code(&mut self, code: &str) {
        // A marker beside code would be copied along.
        if self.marker_pending() {
            self.line("");
        }
        self.blank();
        let code = visible(code);
        let lines = code.split('\n').map(|line| line.trim_end_matches(' '));
        let lines: Vec<_> = lines.collect();
        let first = lines.iter().position(|line| !line.is_empty());
        let last = lines.iter().rposition(|line| !line.is_empty());
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        for line in &lines[first..=last] {
            self.start_line(false);
            self.out.push_str(CODE_INDENT);
            Face::CODE.paint(line, &mut self.out, self.style.colour);
            self.end_line();
        }
        self.blank();
    }

    /// Starts a line: the gap due before it, then the prefixes of its frames.
    fn start_line(&mut self, prose: bool) {
        if let Some(depth) = self.gap.take().filter(|_| !self.out.is_empty()) {
            self.prefix(depth, true);
            self.end_line();
        }
        self.prefix(self.frames.len(), prose);
    }

    /// Writes the prefixes of the outer `depth` frames. Beside code they are
    /// blank, since a bar would be copied along.
    fn prefix(&mut self, depth: usize, prose: bool) {
        self.out.push_str(&" ".repeat(self.style.indent));
        for frame in self.frames.iter_mut().take(depth) {
            match frame {
                Frame::Quote if prose => {
                    Face::FAINT.paint("│", &mut self.out, self.style.colour);
                    self.out.push(' ');
                }
                Frame::Item { marker, pending, .. } if *pending => {
                    self.out.push_str(marker);
                    *pending = false;
                }
                frame => self.out.push_str(&" ".repeat(frame.width())),
            }
        }
    }

    /// Ends a line, without trailing spaces.
    fn end_line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}
