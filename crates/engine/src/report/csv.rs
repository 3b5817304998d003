//! A report as a sheet: one row a session and step.

use super::{Line, Report, Run, StepRun};

const HEAD: [&str; 13] = [
    "learner", "lab", "step", "title", "state", "attempts", "hints", "solution", "seconds", "number", "exam",
    "session", "started",
];

/// The sheet, as RFC 4180 has it.
///
/// # Errors
/// Never, as far as the writer knows: it writes to memory.
pub fn csv(report: &Report) -> Result<String, ::csv::Error> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEAD)?;
    for run in &report.runs {
        for (step, number) in run.steps.iter().zip(1_usize..) {
            writer.write_record(row(run, step, number))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(run: &Run, step: &StepRun, number: usize) -> [String; HEAD.len()] {
    [
        run.learner.as_ref().map(cell).unwrap_or_default(),
        cell(&run.lab),
        cell(&step.step),
        cell(&step.title),
        step.state.word().to_owned(),
        step.attempts.to_string(),
        step.hints.to_string(),
        step.solution.to_string(),
        step.seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        number.to_string(),
        run.exam.to_string(),
        run.session.into(),
        run.started.to_string(),
    ]
}

/// A text that no spreadsheet takes for a formula: they obey what begins with one of these, some also in their full-width
/// forms. Source: <https://owasp.org/www-community/attacks/CSV_Injection>.
fn cell(text: &Line) -> String {
    let text = text.as_str();
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}
