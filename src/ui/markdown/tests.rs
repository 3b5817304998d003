//! Snapshots of a page that has everything, and what no input may break.

use insta::assert_snapshot;
use unicode_width::UnicodeWidthStr;

use super::{Style, render};
use labrun_lab::visible::visible;

const SAMPLE: &str = include_str!("sample.md");

fn plain(markdown: &str, width: usize) -> String {
    render(markdown, &Style { width, colour: false, indent: 0 })
}

/// Escapes show as `␛`, so that snapshots can be read and reviewed.
fn coloured(markdown: &str, width: usize) -> String {
    let page = render(markdown, &Style { width, colour: true, indent: 2 });
    visible(&page).into_owned()
}

/// Removes the styles, insisting that they are ours and closed on every line.
fn strip(page: &str) -> String {
    let mut text = String::new();
    for line in page.split_inclusive('\n') {
        let mut parts = line.split("\x1b[");
        text.push_str(parts.next().unwrap_or_default());
        let mut open = false;
        for part in parts {
            let (codes, rest) = part.split_once('m').expect("an SGR sequence");
            for code in codes.split(';') {
                assert!(["0", "1", "2", "3", "4", "36"].contains(&code), "{line:?}");
            }
            assert_eq!(open, codes == "0", "{line:?}");
            open = !open;
            text.push_str(rest);
        }
        assert!(!open, "{line:?}");
    }
    text
}

/// What must hold of every page.
fn check(markdown: &str, style: Style) -> String {
    let page = render(markdown, &style);
    let text = strip(&page);
    let start: String = markdown.chars().take(400).collect();
    assert!(visible(&text) == text, "{start:?}");
    assert!(text.is_empty() || text.ends_with('\n'), "{start:?}");
    assert!(!text.starts_with('\n') && !text.ends_with("\n\n"), "{start:?} {text:?}");
    assert!(style.colour || page == text, "{start:?}");
    text
}

#[test]
fn sample_in_40_columns() {
    assert_snapshot!(plain(SAMPLE, 40));
}

#[test]
fn sample_in_80_columns() {
    assert_snapshot!(plain(SAMPLE, 80));
}

#[test]
fn sample_in_120_columns() {
    assert_snapshot!(plain(SAMPLE, 120));
}

#[test]
fn sample_in_40_columns_with_colour() {
    assert_snapshot!(coloured(SAMPLE, 40));
}

#[test]
fn sample_in_80_columns_with_colour() {
    assert_snapshot!(coloured(SAMPLE, 80));
}

#[test]
fn sample_in_120_columns_with_colour() {
    assert_snapshot!(coloured(SAMPLE, 120));
}

#[test]
fn colour_changes_only_style() {
    // Without code and headings, which are marked in other ways without colour.
    let markdown = "A *b **c*** [d\ne](f) <g>\n\n> - h\n\n| i |\n|--|\n| *j* k |\n";
    for width in [0, 20, 40] {
        let [with, without] = [true, false].map(|colour| check(markdown, Style { width, colour, indent: 1 }));
        assert_eq!(with, without);
    }
}

#[test]
fn styles_close_on_every_line() {
    let markdown = "**Strong words that go on *and on and on* for [some lines](u)**";
    assert_snapshot!(coloured(markdown, 24), @r"
    ␛[1mStrong words that go␛[0m
    ␛[1mon ␛[0m␛[1;3mand on and on␛[0m␛[1m for␛[0m
    ␛[1;4msome lines␛[0m (u)
    ");
}

#[test]
fn wide_table_becomes_a_list() {
    let markdown = "\
| Option | Default | Type | What it does |
|---|---|---|---|
| `--memory` | none | bytes | Limits memory; the kernel kills what goes above |
| `--memory-swappiness` |  | 0-100 | *How eagerly* to swap |
";
    assert_snapshot!(plain(markdown, 40));
    assert_snapshot!(plain(markdown, 60));
}

#[test]
fn tables_without_head_or_rows() {
    assert_snapshot!(plain("| | |\n|-|-|\n| a | b |\n| | c |", 40), @r"
    a  b
       c
    ");
    assert_snapshot!(plain("| a | b |\n|-|-|\n", 40), @r"
    a  b
    ─  ─
    ");
    let long = "| averyveryverylongheader | anotherverylongheader |\n|-|-|\n";
    assert_snapshot!(plain(long, 40), @r"
    • averyveryverylongheader
      anotherverylongheader
    ");
    assert_snapshot!(plain(&format!("{long}| x | y |"), 20), @r"
    • averyvery…: x
      anotherve…: y
    ");
}

#[test]
fn rows_without_text_leave_no_gap() {
    let page = plain("| a |\n|---|\n||\n| some words that have to wrap |\n||\n", 20);
    assert_eq!(page, "a\n────────────────────\nsome words that have\nto wrap\n");
}

#[test]
fn control_characters_show_wherever_they_are() {
    let evil = "\x1b]0;t\x07\u{9b}2J\u{202e}x\u{200b}";
    let markdown = format!(
        "# H {evil}\n\n*a* {evil} `{evil}` <b {evil}> [l](<u{evil}>) &#27;[2J &#x202e;\n\n\
         <div>{evil}\n\n```{evil}\n{evil}\n```\n\n| {evil} |\n|-|\n| `{evil}` |\n\n1. {evil}\n"
    );
    for colour in [true, false] {
        let text = check(&markdown, Style { width: 40, colour, indent: 0 });
        assert!(text.contains("␛]0;t␇\\u{9b}2J\\u{202e}x\\u{200b}"));
        assert!(text.contains("␛[2J"));
    }
    assert_snapshot!(plain("a\r\nb\rc\td", 40), @"a b c d");
}

#[test]
fn code_is_copied_as_it_is() {
    let line = format!("echo {}", "word ".repeat(40));
    let markdown = format!("> - x\n>\n>   ```\n>   {line}\\\n>\n>     b\n>   ```\n\n`{line}z`");
    let page = plain(&markdown, 30);
    assert!(page.contains(&format!("\n        {line}\\\n\n          b\n")), "{page}");
    assert!(page.contains(&format!("`{line}z`")), "{page}");
    assert_snapshot!(plain("`` a`b `` and `` `c` `` and ``` `` ```", 40), @"``a`b`` and `` `c` `` and ``` `` ```");
}

#[test]
fn code_starts_on_its_own_line() {
    assert_snapshot!(plain("1. ```\n   a\n   ```\n2. b\n   ```\n   c\n   ```\n   d", 40), @r"
    1.

           a

    2. b

           c

       d
    ");
    assert_eq!(plain("```\n\n \n```", 40), "");
}

#[test]
fn empty_blocks_keep_their_markers_together() {
    assert_snapshot!(plain("1. #\n2. >\n3. > ```\n   > a\n   > ```\n4. - -\n5. - b\n", 40), @r"
    1.
    2.
    3. │
       │
             a

    4. • ◦
    5. • b
    ");
}

#[test]
fn links_show_where_they_lead_once() {
    let markdown = "<http://a.b> [c](http://d) [http://e](http://e) [](f) [g]() <h@i> [j](mailto:j)";
    assert_snapshot!(plain(markdown, 80), @"http://a.b c (http://d) http://e (f) g h@i j");
}

#[test]
fn wide_characters_count_by_columns() {
    assert_snapshot!(plain("漢字漢字漢字漢字漢字漢字「漢字」、漢字 👍🏽👍🏽👍🏽👍🏽👍🏽 ❤\u{fe0f}", 20));
    assert_snapshot!(plain("| 漢字 | b |\n|-|-|\n| c | 👍🏽 |\n| dddd | e |", 40), @r"
    漢字  b
    ────  ──
    c     👍🏽
    dddd  e
    ");
}

#[test]
fn deep_nesting_stops_at_the_room_there_is() {
    let item = |depth| format!("{}- level {depth} and some more\n", "  ".repeat(depth));
    let lists: String = (0..14).map(item).collect();
    assert_snapshot!(plain(&lists, 24));
    assert_snapshot!(plain(&format!("{} deep words that wrap", ">".repeat(30)), 36), @"│ │ │ │ │ │ │ │ deep words that wrap");
}

#[test]
fn tiny_widths_and_huge_indents_leave_room() {
    for width in (0..=24).chain([usize::MAX]) {
        for indent in [0, 2, 17, usize::MAX] {
            for colour in [true, false] {
                check(SAMPLE, Style { width, colour, indent });
            }
        }
    }
    assert_eq!(check("a", Style { width: 0, colour: false, indent: 99 }), "    a\n");
}

#[test]
fn long_input_is_no_problem() {
    const SIZE: usize = 1 << 17;
    let style = Style { width: 40, colour: true, indent: 2 };
    for unit in ["x", "word ", "漢"] {
        check(&unit.repeat((1 << 20) / unit.len()), style);
    }
    for unit in [
        "*", "`", "[", "![a](b", ">", "- a", "- b ", "1. ", "|", "<", "&", "\\\n", "\t", "a\n", "- a\n", "*a ", "**a",
        "\x1b", "[a](b)", "<b>", "~~~\n", "#\n", "e\u{301}",
    ] {
        check(&unit.repeat(SIZE / unit.len()), style);
    }
    let head = "h".repeat(SIZE / 2);
    let wide = format!("|{head}|\n|-|\n{}", "|a\n".repeat(SIZE / 8));
    let broad = format!("{0}|\n{1}|\n{0}\n{0}", "|a".repeat(SIZE / 8), "|-".repeat(SIZE / 8));
    let lazy = format!("{}\n{}", ">".repeat(SIZE / 2), "a\n".repeat(SIZE / 4));
    for markdown in [wide, broad, lazy] {
        check(&markdown, style);
    }
}

/// Random pages from pieces of Markdown. Without code or long words, so that
/// every line has to fit.
#[test]
fn random_pages_fit() {
    const PIECES: [&str; 32] = [
        "a",
        "bc ",
        "word",
        " ",
        " ",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
        "  ",
        "- ",
        "1. ",
        "99. ",
        "> ",
        "# ",
        "*",
        "**",
        "_",
        "[x](y)",
        "![",
        "]",
        "|",
        "|-|-|\n",
        "| a | b b b |\n",
        "---\n",
        "\\\n",
        "<br>",
        "<div>\n",
        "漢字",
        "&amp;",
        "\x1b",
        "> [!NOTE]\n",
    ];
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..4000 {
        let length = random(60);
        let markdown: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
        let width = 20 + random(60);
        let style = Style { width, colour: random(2) == 0, indent: random(4) };
        // Indented by chance, what follows is code.
        let markdown = markdown.replace("    ", " ");
        for line in check(&markdown, style).lines() {
            let text = line.trim_start_matches([' ', '│', '•', '◦', '–', '.', '9', '1']);
            let breakable = text.contains(' ') && !line.starts_with(&" ".repeat(style.indent + 4));
            assert!(!breakable || line.width() <= width, "{width} {line:?}\n{markdown:?}");
        }
    }
}
