//! Takes from a page of Markdown everything that could run where the page is opened.
//!
//! A handout holds text of a lab, which may be a stranger's, and it ends up in a browser: through a preview, a wiki or
//! pandoc. The whole page is cleaned at the end, and not each text by itself: a fence that one text leaves open makes code
//! of the next one, and the one after it closes the fence.
//!
//! Markdown has many readers. Only what is code in CommonMark as well as with the usual extensions stays as it is; a page
//! without HTML, unsafe links and attributes is not changed at all.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag};

/// How often a page is cleaned: what was inside of HTML is Markdown afterwards. Authors' pages need one time.
const MAX_PASSES: usize = 20;

/// The schemes that a link may have.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// How the page is read: as CommonMark, and with the extensions that change what is code.
fn readings() -> [Options; 2] {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM;
    [Options::empty(), extensions]
}

/// The page without HTML, without links to scripts, and without attributes. It looks the same where it is read as text.
pub(super) fn harmless(page: String) -> String {
    // Readers differ about a carriage return alone; on a screen it is shown as this sign, too.
    let mut page = page.replace("\r\n", "\n").replace('\r', "\u{240d}");
    for _ in 0..MAX_PASSES {
        let edits = edits(&page);
        if edits.is_empty() {
            return page;
        }
        page = edited(&page, edits);
    }
    // A page that is built to go on like that loses its markup.
    page.replace('<', "&lt;").replace('[', "&#91;").replace('{', "&#123;").replace('}', "&#125;")
}

/// A part of the page, and the text to put in its place.
type Edit = (Range<usize>, &'static str);

fn edits(page: &str) -> Vec<Edit> {
    let (mut code, mut autolinks, mut edits) = (vec![0; page.len()], vec![0; page.len()], Vec::new());
    let readings = readings();
    for options in readings {
        let parser = Parser::new_ext(page, options);
        let definitions = parser.reference_definitions().iter();
        let unsafe_ones = definitions.filter(|(_, definition)| !is_safe(&definition.dest));
        edits.extend(unsafe_ones.filter_map(|(_, definition)| bracket(page, &definition.span)));
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Code(_) => range.for_each(|at| code[at] += 1),
                Event::Start(Tag::CodeBlock(kind)) => {
                    if matches!(kind, CodeBlockKind::Fenced(info) if info.contains('{')) {
                        let line = page[range.clone()].split('\n').next().unwrap_or_default();
                        let braces = line.match_indices('{').map(|(at, _)| range.start + at);
                        edits.extend(braces.map(|at| (at..at + 1, "&#123;")));
                    }
                    range.for_each(|at| code[at] += 1);
                }
                Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, dest_url, .. })
                    if is_safe(&dest_url) =>
                {
                    range.for_each(|at| autolinks[at] += 1);
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe(&dest_url) => {
                    edits.extend(bracket(page, &range));
                }
                _ => {}
            }
        }
    }
    let stays = |at: usize| code[at] == readings.len() || autolinks[at] == readings.len();
    let mut folds_until = 0;
    for (at, sign) in page.match_indices(['<', '{', '}']).filter(|(at, _)| !stays(*at)) {
        let is_escaped = is_escaped(page, at);
        // With its backslash: some readers of attributes know no backslash, and some no code.
        let with_backslash = at - usize::from(is_escaped)..at + 1;
        match sign {
            "{" => edits.push((with_backslash, "&#123;")),
            "}" => edits.push((with_backslash, "&#125;")),
            _ => {}
        }
        if sign != "<" || is_escaped {
            continue;
        }
        folds_until = fold(page, at).map_or(folds_until, |length| at + length);
        let begins = page[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if begins && at >= folds_until {
            edits.push((at..at + 1, "&lt;"));
        }
    }
    edits
}

/// Takes the meaning from the first bracket of a link or a definition.
fn bracket(page: &str, range: &Range<usize>) -> Option<Edit> {
    let at = range.start + page.get(range.clone())?.find('[')?;
    Some((at..at, "\\"))
}

fn edited(page: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    edits.dedup();
    let (mut text, mut done) = (String::with_capacity(page.len() + edits.len() * 3), 0);
    for (range, with) in edits {
        text += &page[done..range.start];
        text += with;
        done = range.end;
    }
    text + &page[done..]
}

/// The length of what a [`Sheet`](super::sheet::Sheet) writes around folded text, if it is that: an HTML block of its own,
/// without attributes.
fn fold(page: &str, at: usize) -> Option<usize> {
    let rest = &page[at..];
    let is_alone = page[..at].is_empty() || page[..at].ends_with("\n\n");
    let begin = || {
        let summary = rest.strip_prefix("<details>\n<summary>")?.split_once("</summary>\n\n")?.0;
        let number = summary.strip_prefix("Hint ").is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
        let length = "<details>\n<summary></summary>\n".len() + summary.len();
        (summary == "Solution" || number).then_some(length)
    };
    let end = || {
        let after = rest.strip_prefix("</details>")?;
        (after == "\n" || after.starts_with("\n\n")).then_some("</details>".len())
    };
    is_alone.then(|| begin().or_else(end)).flatten()
}

/// Whether a backslash takes the meaning from the sign at this place.
fn is_escaped(page: &str, at: usize) -> bool {
    let before = &page.as_bytes()[..at];
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Whether a browser follows this without running it: it is relative, or has a scheme that only leads somewhere.
fn is_safe(destination: &str) -> bool {
    // Browsers drop these before they look at the scheme.
    let destination: String = destination.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    match destination.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
            SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        }
        _ => true,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The parts of a page that could run, by this parser with these extensions.
    pub(in crate::ui::handout) fn running(page: &str, options: Options) -> Vec<String> {
        let mut found = Vec::new();
        for (event, range) in Parser::new_ext(page, options).into_offset_iter() {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    let html = html.trim();
                    let summary = html.strip_prefix("<summary>").and_then(|html| html.strip_suffix("</summary>"));
                    let folds = summary.is_some_and(|text| text.chars().all(|c| c.is_alphanumeric() || c == ' '));
                    if !html.is_empty() && !folds && html != "<details>" && html != "</details>" {
                        found.push(html.to_owned());
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe(&dest_url) => {
                    found.push(page[range].to_owned());
                }
                Event::Start(Tag::Heading { attrs, .. }) if !attrs.is_empty() => found.push(page[range].to_owned()),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if page[range.clone()].contains("{=") => {
                    let line = page[range].lines().next().unwrap_or_default();
                    if line.contains("{=") {
                        found.push(info.into_string());
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn assert_harmless(page: &str) {
        let clean = harmless(page.to_owned());
        let [plain, extended] = readings();
        for options in [plain, extended, extended | Options::ENABLE_HEADING_ATTRIBUTES, Options::ENABLE_TABLES] {
            let found = running(&clean, options);
            assert!(found.is_empty(), "{page:?} became {clean:?}: {found:?}");
        }
        assert_eq!(harmless(clean.clone()), clean, "{page:?}: a second time changes nothing");
    }

    #[test]
    fn nothing_in_a_page_runs() {
        for page in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<svg/onload=alert(1)>",
            "<!-- a --><script>x</script>",
            "<![CDATA[<script>x</script>]]>",
            "<?php x ?>",
            "<iframe srcdoc=\"<script>x</script>\">",
            "<div>\n```\n\n```\n<script>x</script>\n```\n",
            "<details>\n\\<script>x</script>\n</details>\n",
            "<details open ontoggle=alert(1)>\n",
            "<details>\n<summary>Hint <script>x</script></summary>\n\nx",
            "x\n<details>\n<summary>Hint 1</summary>\n<script>x</script>\n\n",
            "[x](javascript:alert(1))",
            "[x](JavaScript:alert(1))",
            "[x](java&#115;cript:alert(1))",
            "[x](&#1;javascript:alert(1))",
            "[x](<java\tscript:alert(1)>)",
            "[x](vbscript:x) [y](data:text/html;base64,PHNjcmlwdD4=) [z](file:///etc/passwd)",
            "![x](javascript:alert(1))",
            "[![x](javascript:alert(1))](https://example.org)",
            "[[[x](javascript:a)](javascript:b)](javascript:c)",
            "[x][a]\n\n[a]: javascript:alert(1)\n",
            "[a]\n\n> [a]: javascript:alert(1) 'title'\n",
            "<javascript:alert(1)> <vbscript:x>",
            "# Title {onclick=alert(1)}",
            "# `{` onclick=alert(1)}",
            "[x](https://example.org){onclick=\"alert(1)\"}",
            "`<script>x</script>`{=html}",
            "```{=html}\n<script>x</script>\n```\n",
            "``` {.html onclick=x}\nx\n```\n",
            // Code for one reader, and none for another.
            "| a | b |\n| - | - |\n| ` | <script>x</script> ` |\n",
            "a[^1]\n\n[^1]: x\n\n        <script>x</script>\n",
            "a\n: b\n\n    <script>x</script>\n",
            "` <script>x</script>",
            "`` ` <script>x</script>",
            "- a\n\n    <script>x</script>\n",
            "~~~\ncode\n~~~~\n<script>x</script>\n",
            "# \r```\n<script>x</script>",
        ] {
            assert_harmless(page);
        }
        assert_harmless(&format!("{}x{}", "[".repeat(200), "](javascript:x)".repeat(200)));
    }

    #[test]
    fn a_page_without_html_is_not_changed() {
        for page in [
            "# Title\n\n1 < 2, `<b>` and ``<c> ` ``\n",
            "```html\n<script>alert('{{.Name}}')</script>\n```\n",
            "Write:\n\n    <h1>Soup</h1>\n",
            "- [ ] the line \\<h1>Soup\\</h1> is there\n",
            "[a](other.md) [b](https://example.org/a:b) [c](#d) <https://example.org/{x}> <a@example.org>\n",
            "| a | b |\n| - | - |\n| `<b>` | `{c}` |\n",
            "<details>\n<summary>Hint 12</summary>\n\n```sh\necho ${x}\n```\n\n</details>\n\n<details>\n<summary>Solution</summary>\n\nx\n\n</details>\n",
        ] {
            assert_eq!(harmless(page.to_owned()), page);
        }
    }

    proptest! {
        #[test]
        fn pages_of_hostile_parts_run_nothing(parts in proptest::collection::vec(proptest::sample::select(vec![
            "<script>", "</script>", "<b onclick=x>", "<!--", "-->", "<div>\n", "<details>\n", "`", "``", "```\n", "~~~\n",
            "\n", "\n\n", "    ", "  ", "\t", "[", "]", "](javascript:x)", "](https://x.org)", "[a]: javascript:x\n", "![",
            "\\", "{", "{=html}", "{onclick=x}\n", "- ", "1. ", "> ", "| ", "|-|\n", "[^1]: ", ": ", "# ", "&lt;", "a ", "<",
            "$", "<javascript:x>", "<summary>Hint 1</summary>\n\n", "</details>\n\n", "---\n", "\r", "\u{b}", "\u{c}", "\0", "\u{85}", "\u{2028}", "*", "&#123;", "<?", "?>", "<![CDATA[",
        ]), 0..30)) {
            assert_harmless(&parts.concat());
        }
    }
}
