use super::{Document, Format, Path, line_in_yaml, parse};

fn at(text: &str, path: &str) -> Option<Document> {
    let path = Path::parse(path).expect("a path");
    parse(Format::Yaml, text).expect("YAML").at(&path).ok().cloned()
}

#[test]
fn a_value_is_the_same_however_it_is_written() {
    for text in [
        "user: 1000:1000\n",
        "user: \"1000:1000\"\n",
        "user: '1000:1000' # who\n",
        "{user: 1000:1000}",
        "{\"user\": \"1000:1000\"}",
        "x: &it 1000:1000\nuser: *it\n",
        "\u{feff}user: 1000:1000\r\n",
    ] {
        assert_eq!(at(text, "user"), Some(Document::Scalar("1000:1000".to_owned())), "{text}");
    }
    for (written, kept) in [
        ("0750", "0750"),
        ("1.10", "1.10"),
        ("22:22", "22:22"),
        ("0x1F", "0x1F"),
        ("True", "True"),
        ("~", ""),
        ("", ""),
    ] {
        assert_eq!(at(&format!("größe: x\na: {written}\n"), "a"), Some(Document::Scalar(kept.to_owned())), "{written}");
    }
    assert!(at("a: True\n", "a").expect("there").is("true"));
    assert!(!at("a: 1.10\n", "a").expect("there").is("1.1"));
}

#[test]
fn merge_keys_bring_their_entries() {
    let text = "x-base: &base\n  image: busybox\nservices:\n  app:\n    <<: *base\n    user: 7\n";
    assert!(at(text, "services.app.image").expect("merged").is("busybox"));
}

#[test]
fn entries_are_found_in_lists_and_mappings() {
    for text in ["l: [a=1, b]", "l:\n- a=1\n- b\n", "l:\n    a: 1\n    b:\n", "l: {a: \"1\", b: null}"] {
        let found = at(text, "l").expect("there");
        assert!(["a=1", "a", "b"].iter().all(|wanted| found.has(wanted)), "{text}");
        assert!(!["a=2", "c", "a=", "1", "=1"].iter().any(|wanted| found.has(wanted)), "{text}");
    }
}

#[test]
fn a_path_may_quote_a_key_and_number_an_item() {
    let text = "a:\n  b.c:\n    - x\n    - {y: 1}\n";
    for (path, found) in
        [("a.\"b.c\".0", Some("x")), ("a.'b.c'.1.y", Some("1")), ("a.b.c", None), ("a.\"b.c\".2", None)]
    {
        assert_eq!(at(text, path), found.map(|found| Document::Scalar(found.to_owned())), "{path}");
    }
    assert_eq!(Path::parse("a.\"b.c\".0").expect("a path").to_string(), "a.\"b.c\".0");
    for path in ["", ".", "a.", ".a", "a..b", "a.\"b"] {
        assert_eq!(Path::parse(path), None, "{path}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    for (format, text, line, word) in [
        (Format::Yaml, "a: 1\nb: [\n", 2, "bracket"),
        (Format::Yaml, "a: 1\nb: c: d\n", 2, "mapping values"),
        (Format::Yaml, "a: 1\na: 2\n", 2, "duplicate"),
        (Format::Yaml, "a:\n\tb: 1\n", 2, ""),
        (Format::Json, "{\"a\": 1,\n \"b\": }", 2, "expected value"),
        (Format::Json, "{\"a\": 1,\n \"a\": 2}", 2, "twice"),
        (Format::Json, "{\"a\": 1", 1, "EOF"),
    ] {
        let error = parse(format, text).expect_err("it cannot be read");
        assert_eq!(error.line, Some(line), "{text}: {}", error.why);
        assert!(error.why.contains(word) && !error.why.contains(" at line "), "{text}: {}", error.why);
    }
    assert!(parse(Format::Yaml, &format!("a: {}{}", "[".repeat(500), "]".repeat(500))).is_err());
    assert!(parse(Format::Json, &format!("{}{}", "[".repeat(500), "]".repeat(500))).is_err());
}

#[test]
fn a_part_is_in_the_line_of_its_key_or_item() {
    let text = "# first\nservices:\n  app:\n    image: busybox\n    volumes:\n      - a:/a\n      - \"b:/b\"\n  web: {image: x}\n";
    let line = |path: &str| line_in_yaml(text, &Path::parse(path).expect("a path"));
    for (path, expected) in [
        ("services", Some(2)),
        ("services.app", Some(3)),
        ("services.app.image", Some(4)),
        ("services.app.volumes.1", Some(7)),
        ("services.web.image", Some(8)),
        ("services.db", None),
        ("services.app.image.tag", None),
    ] {
        assert_eq!(line(path), expected, "{path}");
    }
    assert_eq!(line_in_yaml("a: [", &Path::parse("a").expect("a path")), None);
}
