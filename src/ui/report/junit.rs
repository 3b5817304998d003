//! A report as JUnit XML, in the shape that Ant's schema asks for
//! (<https://github.com/windyroad/JUnit-Schema>): a suite a session, a case a step.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Report, Run, State, counted};
use crate::report::StepRun;

/// The report. What the learner did is a pass; what was made for them or passed over is skipped; what was tried and has
/// not passed is a failure, and in an exam all that has not.
///
/// # Errors
/// Never, as far as the writer knows: it writes to memory.
pub fn junit(report: &Report) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").write_inner_content(|writer| {
        for (run, id) in report.runs.iter().zip(0_usize..) {
            suite(writer, run, id)?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n")
}

fn suite(writer: &mut Writer<Vec<u8>>, run: &Run, id: usize) -> io::Result<()> {
    let ends = run.steps.iter().map(|step| end(run, step));
    let (failures, skipped) = ends.fold((0, 0), |(failures, skipped), end| match end {
        End::Failed(_) => (failures + 1, skipped),
        End::Skipped(_) => (failures, skipped + 1),
        End::Passed => (failures, skipped),
    });
    let learner = run.learner.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = if learner.is_empty() { run.lab.to_string() } else { format!("{} · {learner}", run.lab) };
    let numbers = [id, run.steps.len(), failures, skipped].map(|number| number.to_string());
    let [id, tests, failures, skipped] = &numbers;
    let (time, timestamp) = (run.seconds().to_string(), run.started.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    let attributes = [
        ("name", name.as_str()),
        ("package", run.lab.as_str()),
        ("id", id),
        ("timestamp", &timestamp),
        // The engine may be anywhere; the schema wants a name.
        ("hostname", "localhost"),
        ("tests", tests),
        ("failures", failures),
        ("errors", "0"),
        ("skipped", skipped),
        ("time", &time),
    ];
    let session = String::from(run.session);
    let (exam, reset) = (run.exam.to_string(), run.reset.to_string());
    let properties = [("learner", learner.as_str()), ("session", &session), ("exam", &exam), ("reset", &reset)];
    writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
        writer.create_element("properties").write_inner_content(|writer| {
            for (name, value) in properties {
                writer.create_element("property").with_attributes([("name", name), ("value", value)]).write_empty()?;
            }
            Ok(())
        })?;
        for (step, number) in run.steps.iter().zip(1_usize..) {
            case(writer, run, step, number)?;
        }
        writer.create_element("system-out").write_empty()?;
        writer.create_element("system-err").write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, run: &Run, step: &StepRun, number: usize) -> io::Result<()> {
    let name = format!("{number} {}", step.title);
    let (class, time) = (format!("{}.{}", run.lab, step.step), step.seconds.unwrap_or_default().to_string());
    let case = writer.create_element("testcase").with_attributes([
        ("name", name.as_str()),
        ("classname", &class),
        ("time", &time),
    ]);
    match end(run, step) {
        End::Passed => case.write_empty()?,
        End::Skipped(why) => case.write_inner_content(|writer| {
            writer.create_element("skipped").with_attribute(("message", why)).write_empty()?;
            Ok(())
        })?,
        End::Failed(why) => case.write_inner_content(|writer| {
            let most = step.diagnoses.iter().max_by_key(|(_, attempts)| **attempts);
            let kind = most.map_or("not-passed", |(name, _)| name.as_str());
            let said: Vec<_> = step.diagnoses.iter().map(|(name, attempts)| format!("{name}: {attempts}")).collect();
            let failure = writer.create_element("failure").with_attributes([("type", kind), ("message", &why)]);
            failure.write_text_content(BytesText::new(&said.join("\n")))?;
            Ok(())
        })?,
    };
    Ok(())
}

/// What a step is as a test.
enum End {
    Passed,
    /// And why.
    Skipped(&'static str),
    /// And how it stands.
    Failed(String),
}

fn end(run: &Run, step: &StepRun) -> End {
    match step.state {
        State::Passed => End::Passed,
        State::Given => End::Skipped("given: made by the solution or by catching up"),
        State::Skipped => End::Skipped("skipped by the learner"),
        State::Open if step.attempts > 0 => {
            End::Failed(format!("not passed after {}", counted(step.attempts, "attempt")))
        }
        State::Open if run.exam => End::Failed("not begun".to_owned()),
        State::Open => End::Skipped("open: not begun"),
    }
}
