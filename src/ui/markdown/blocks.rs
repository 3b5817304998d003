//! Turns the parser's events into the blocks of a page: paragraphs, headings,
//! code, lists, quotes and tables.
//!
//! One pass with explicit stacks, so nesting costs no recursion.

use pulldown_cmark::{BlockQuoteKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Style;
use super::page::{Frame, Page};
use super::rich::{Face, Rich};
use super::table::Table;
use labrun_lab::visible::visible;

/// Columns that literal HTML is indented by at most.
const MAX_HTML_INDENT: usize = 8;

/// A list being laid out.
struct List {
    /// The next number, if the list is numbered.
    next: Option<u64>,
    /// Digits of the longest number.
    digits: usize,
    /// Bullet lists up to and including this one; sets its bullet.
    bullets: usize,
}

/// What is open where the parser stands.
pub(super) struct Blocks<'a> {
    page: Page,
    /// The inline text that is not yet written.
    text: Rich,
    bold: usize,
    italic: usize,
    /// Open links: where their text starts, and where they lead.
    links: Vec<(usize, CowStr<'a>)>,
    lists: Vec<List>,
    code: Option<String>,
    table: Option<Table>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(style: Style) -> Self {
        Self {
            page: Page::new(style),
            text: Rich::default(),
            bold: 0,
            italic: 0,
            links: Vec::new(),
            lists: Vec::new(),
            code: None,
            table: None,
        }
    }

    pub(super) fn render(mut self, markdown: &'a str) -> String {
        let options = Options::ENABLE_TABLES | Options::ENABLE_GFM;
        let events: Vec<_> = Parser::new_ext(markdown, options).collect();
        let mut digits = marker_digits(&events).into_iter();
        for event in events {
            match event {
                Event::Start(Tag::List(next)) => {
                    self.flush();
                    let outer = self.lists.last().map_or(0, |list| list.bullets);
                    self.lists.push(List {
                        next,
                        digits: digits.next().unwrap_or(1),
                        bullets: outer + usize::from(next.is_none()),
                    });
                }
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                event => self.inline(&event),
            }
        }
        self.flush();
        self.page.finish()
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Paragraph => self.page.loosen(),
            Tag::Heading { .. } => {
                self.flush_apart();
                self.bold += 1;
            }
            Tag::BlockQuote(kind) => {
                self.flush_apart();
                self.page.open(Frame::Quote);
                if let Some(kind) = kind {
                    self.text.push(alert_label(kind), Face::BOLD);
                    self.flush();
                }
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::HtmlBlock => self.flush_apart(),
            Tag::Item => self.start_item(),
            Tag::Table(alignments) => {
                self.flush_apart();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableHead => self.bold += 1,
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.start_row();
                }
            }
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((self.text.text().len(), dest_url));
            }
            // The rest belongs to extensions that are not enabled.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush_apart(),
            TagEnd::Heading(level) => {
                self.bold = self.bold.saturating_sub(1);
                let width = self.flush();
                let rule = heading_rule(level, self.page.colour());
                if let Some(rule) = rule.filter(|_| width > 0) {
                    self.page.rule(rule, width);
                }
                self.page.blank();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.flush();
                self.page.close();
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.page.code(&code);
            }
            TagEnd::List(_) => {
                self.lists.pop();
                // Within a tight item the next one follows at once.
                if !self.page.is_tight() {
                    self.page.blank();
                }
            }
            TagEnd::Table => {
                let table = self.table.take().unwrap_or_default();
                for line in table.lines(self.page.room(), self.page.colour()) {
                    self.page.line(&line);
                }
                self.page.blank();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(table) = &mut self.table {
                    table.push_cell(cell);
                }
            }
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong | TagEnd::TableHead => self.bold = self.bold.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn inline(&mut self, event: &Event<'a>) {
        let face = Face { bold: self.bold > 0, italic: self.italic > 0, link: !self.links.is_empty(), ..Face::PLAIN };
        match event {
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(text),
                None => self.text.push(text, face),
            },
            Event::Code(code) => self.text.push_code(code, face, !self.page.colour()),
            Event::InlineHtml(html) => self.text.push(html, face),
            Event::Html(html) => self.html(html),
            Event::SoftBreak => self.text.push(" ", face),
            Event::HardBreak => self.text.hard_break(),
            Event::Rule => {
                self.flush_apart();
                self.page.rule("─", self.page.room());
                self.page.blank();
            }
            _ => {}
        }
    }

    /// Adds lines of an HTML block as text, indented as they are.
    fn html(&mut self, html: &str) {
        for line in html.split_inclusive('\n') {
            let text = line.trim_start_matches(' ');
            if !text.trim().is_empty() {
                let indent = line.len() - text.len();
                self.text.push_indent(indent.min(MAX_HTML_INDENT));
            }
            self.text.push(text, Face::PLAIN);
            if line.ends_with('\n') {
                self.text.hard_break();
            }
        }
    }

    fn start_item(&mut self) {
        let marker = match self.lists.last_mut() {
            Some(List { next: Some(number), digits, .. }) => {
                let marker = format!("{number:>digits$}. ");
                *number = number.saturating_add(1);
                marker
            }
            list => {
                let depth = list.map_or(1, |list| list.bullets);
                format!("{} ", ["–", "•", "◦"][depth % 3])
            }
        };
        if !self.page.open(Frame::item(marker.clone())) {
            // Without a frame to show it, the marker starts the text.
            self.text.push(&marker, Face::PLAIN);
        }
    }

    /// Adds where a link leads, unless its text already says so.
    fn end_link(&mut self) {
        let Some((start, url)) = self.links.pop() else {
            return;
        };
        let url = visible(&url);
        let shown = url.strip_prefix("mailto:").unwrap_or(&url);
        let text = self.text.text().get(start..).unwrap_or_default().trim();
        if !url.is_empty() && text != url && text != shown {
            self.text.push(&format!(" ({url})"), Face::PLAIN);
        }
    }

    /// Writes the collected text and returns the width of its widest line.
    fn flush(&mut self) -> usize {
        self.page.text(&std::mem::take(&mut self.text))
    }

    /// Writes the collected text, apart from what follows.
    fn flush_apart(&mut self) {
        self.flush();
        self.page.blank();
    }
}

/// The rule under a heading. In colour bold sets headings apart, and only the
/// title needs one.
fn heading_rule(level: HeadingLevel, colour: bool) -> Option<&'static str> {
    match level {
        HeadingLevel::H1 => Some("═"),
        _ if colour => None,
        HeadingLevel::H2 => Some("─"),
        _ => Some("┄"),
    }
}

fn alert_label(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note:",
        BlockQuoteKind::Tip => "Tip:",
        BlockQuoteKind::Important => "Important:",
        BlockQuoteKind::Warning => "Warning:",
        BlockQuoteKind::Caution => "Caution:",
    }
}

/// For each list, in order, the digits of its longest number: items hang
/// aligned from the first on, so the last must be known by then.
fn marker_digits(events: &[Event<'_>]) -> Vec<usize> {
    let mut lasts: Vec<u64> = Vec::new();
    let mut open = Vec::new();
    for event in events {
        match event {
            Event::Start(Tag::List(first)) => {
                open.push(lasts.len());
                // One too low until the first item counts.
                lasts.push(first.unwrap_or(0).saturating_sub(1));
            }
            Event::Start(Tag::Item) => {
                if let Some(last) = open.last().and_then(|list| lasts.get_mut(*list)) {
                    *last = last.saturating_add(1);
                }
            }
            Event::End(TagEnd::List(_)) => {
                open.pop();
            }
            _ => {}
        }
    }
    lasts.iter().map(|last| last.to_string().len()).collect()
}
