//! A page of Markdown that is written block by block, and the care that foreign Markdown needs in it.

use pulldown_cmark::{Event, Parser, Tag};

use super::harmless::harmless;

/// A page so far.
#[derive(Debug, Default)]
pub(super) struct Sheet(String);

impl Sheet {
    pub(super) fn heading(&mut self, level: usize, title: &str) {
        self.block(&format!("{} {}", "#".repeat(level), plain(title.trim())));
    }

    /// A paragraph, list or table of our own.
    pub(super) fn block(&mut self, text: &str) {
        self.0 += text.trim_end();
        self.0 += "\n\n";
    }

    /// Markdown of a lab, under a heading of this level.
    pub(super) fn markdown(&mut self, level: usize, text: &str) {
        self.block(&demoted(text, level));
    }

    /// Code in a fence that nothing in it can close.
    pub(super) fn code(&mut self, language: &str, code: &str) {
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        self.block(&format!("{fence}{language}\n{}\n{fence}", code.trim_end()));
    }

    /// What is shown when it is opened.
    pub(super) fn folded(&mut self, summary: &str, inside: impl FnOnce(&mut Self)) {
        self.block(&format!("<details>\n<summary>{summary}</summary>"));
        inside(self);
        self.block("</details>");
    }

    /// The page, with nothing in it that could run where it is opened.
    pub(super) fn end(self) -> String {
        harmless(self.0.trim_end().to_owned() + "\n")
    }
}

/// Text that is no Markdown but may have code in backticks, written so that it stays what it is.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for (at, c) in text.char_indices() {
        in_code ^= c == '`';
        // Between letters an underscore is an underscore.
        let in_word = c == '_'
            && text[..at].ends_with(char::is_alphanumeric)
            && text[at + 1..].starts_with(char::is_alphanumeric);
        if !in_code && !in_word && "\\*_<[]".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c == '\n' { ' ' } else { c });
    }
    escaped
}

/// The text with its headings that much lower, so that they stay below the heading that they stand under.
fn demoted(markdown: &str, by: usize) -> String {
    let mut lowered = String::with_capacity(markdown.len());
    let mut told = 0;
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        let Event::Start(Tag::Heading { level, .. }) = event else { continue };
        let heading = markdown[range.clone()].trim_end();
        lowered += &markdown[told..range.start];
        lowered += &"#".repeat((level as usize + by).min(6));
        lowered.push(' ');
        lowered += &match heading.trim_start_matches('#') {
            // Underlined with `=` or `-`.
            text if text.len() == heading.len() => {
                heading.rsplit_once('\n').map_or(heading, |(title, _)| title).replace('\n', " ")
            }
            text => text.trim().to_owned(),
        };
        told = range.start + heading.len();
    }
    lowered + &markdown[told..]
}

#[cfg(test)]
mod tests {
    use super::{demoted, plain};

    #[test]
    fn headings_of_a_lab_stay_below_the_one_that_they_stand_under() {
        let text =
            "# Why\n\nText\n\nWhat\nelse\n----\n\n    # code\n\n```sh\n# code\n```\n\n###### Deep\n\n#### x #\nend";
        let lowered =
            "### Why\n\nText\n\n#### What else\n\n    # code\n\n```sh\n# code\n```\n\n###### Deep\n\n###### x #\nend";
        assert_eq!(demoted(text, 2), lowered);
        assert_eq!(demoted("no heading\n", 3), "no heading\n");
    }

    #[test]
    fn plain_text_stays_what_it_is() {
        assert_eq!(plain("a_b *c* <d> `e_ *` _f [g]"), "a_b \\*c\\* \\<d> `e_ *` \\_f \\[g\\]");
    }
}
