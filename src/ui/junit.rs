//! JUnit XML, in the shape that Ant's schema asks for (<https://github.com/windyroad/JUnit-Schema>): suites of cases.
//! What is a suite, and what a case, whoever reports says.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use labrun_lab::visible::visible;

/// A row of cases.
#[derive(Debug)]
pub struct Suite {
    /// What it is called.
    pub name: String,
    /// What its cases are of.
    pub package: String,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
    /// How long it took, in seconds.
    pub seconds: String,
    /// What else is known of it.
    pub properties: Vec<(&'static str, String)>,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// One test.
#[derive(Debug)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// What tells it from others, whatever it is called.
    pub class: String,
    /// How long it took, in seconds.
    pub seconds: String,
    /// What became of it.
    pub end: End,
}

/// What became of a test.
#[derive(Debug)]
pub enum End {
    /// It passed.
    Passed,
    /// It was not made, and why.
    Skipped(String),
    /// It failed.
    Failed(Reason),
    /// It could not be made.
    Broken(Reason),
}

/// Why a test did not pass.
#[derive(Debug)]
pub struct Reason {
    /// A name for such reasons.
    pub kind: String,
    /// In a line.
    pub message: String,
    /// All that is known, in lines.
    pub text: String,
}

/// The suites as a file. What is hidden in a text shows, as everywhere.
///
/// # Errors
/// Never, as far as the writer knows: it writes to memory.
pub fn junit(suites: &[Suite]) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").write_inner_content(|writer| {
        for (suite, id) in suites.iter().zip(0_usize..) {
            write_suite(writer, suite, id)?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n")
}

fn write_suite(writer: &mut Writer<Vec<u8>>, suite: &Suite, id: usize) -> io::Result<()> {
    let count = |is: fn(&End) -> bool| suite.cases.iter().filter(|case| is(&case.end)).count().to_string();
    let (name, package) = (clean(&suite.name), clean(&suite.package));
    let attributes = [
        ("name", name.as_str()),
        ("package", &package),
        ("id", &id.to_string()),
        ("timestamp", &suite.began.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        // The engine may be anywhere; the schema wants a name.
        ("hostname", "localhost"),
        ("tests", &suite.cases.len().to_string()),
        ("failures", &count(|end| matches!(end, End::Failed(_)))),
        ("errors", &count(|end| matches!(end, End::Broken(_)))),
        ("skipped", &count(|end| matches!(end, End::Skipped(_)))),
        ("time", &suite.seconds),
    ];
    writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
        writer.create_element("properties").write_inner_content(|writer| {
            for (name, value) in &suite.properties {
                let attributes = [("name", *name), ("value", &clean(value))];
                writer.create_element("property").with_attributes(attributes).write_empty()?;
            }
            Ok(())
        })?;
        for case in &suite.cases {
            write_case(writer, case)?;
        }
        writer.create_element("system-out").write_empty()?;
        writer.create_element("system-err").write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn write_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let (name, class) = (clean(&case.name), clean(&case.class));
    let attributes = [("name", name.as_str()), ("classname", &class), ("time", &case.seconds)];
    let element = writer.create_element("testcase").with_attributes(attributes);
    let (tag, reason) = match &case.end {
        End::Passed => {
            element.write_empty()?;
            return Ok(());
        }
        End::Skipped(why) => {
            element.write_inner_content(|writer| {
                writer.create_element("skipped").with_attribute(("message", clean(why).as_str())).write_empty()?;
                Ok(())
            })?;
            return Ok(());
        }
        End::Failed(reason) => ("failure", reason),
        End::Broken(reason) => ("error", reason),
    };
    element.write_inner_content(|writer| {
        let (kind, message) = (clean(&reason.kind), clean(&reason.message));
        let element = writer.create_element(tag).with_attributes([("type", kind.as_str()), ("message", &message)]);
        let lines: Vec<String> = reason.text.lines().map(clean).collect();
        element.write_text_content(BytesText::new(&lines.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

/// A line in which nothing is hidden, and no character that XML 1.0 cannot hold (<https://www.w3.org/TR/xml/#charsets>).
fn clean(text: &str) -> String {
    visible(text).replace('\n', " ").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
