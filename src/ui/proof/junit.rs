//! A verification as JUnit XML: a suite a lab, a case a step; and one more for what the lab as a whole is to blame for,
//! or for what ended its verification early.

use std::io;
use std::time::Duration;

use crate::ui::file::{Comment, sealed};
use crate::ui::junit::{Case, End, Reason, Suite, junit as suites_to_xml};
use labrun_engine::{LabReport, StepProof};

/// The verification of a lab, once.
#[derive(Debug)]
pub struct Verified {
    /// When it began.
    pub began: jiff::Timestamp,
    /// What was found, as far as it came.
    pub report: LabReport,
    /// What ended it early.
    pub error: Option<String>,
}

/// The verifications as a file. A step that is proved is a pass, one that does not hold a failure; one of which not all
/// is known is skipped, and then something else has failed.
///
/// # Errors
/// Never, as far as the writer knows: it writes to memory.
pub fn junit(verified: &[Verified]) -> io::Result<String> {
    let suites: Vec<Suite> = verified.iter().map(suite).collect();
    Ok(sealed(suites_to_xml(&suites)?, Comment("<!-- ", " -->")))
}

fn suite(verified: &Verified) -> Suite {
    let report = &verified.report;
    let steps = report.steps.iter().chain(&report.not_reached);
    let mut steps: Vec<&StepProof> = steps.collect();
    steps.sort_by_key(|proof| proof.index);
    let mut cases: Vec<Case> = steps.into_iter().map(|proof| case(&report.lab, proof)).collect();
    let whole =
        |name: &str, end: End| Case { name: name.to_owned(), class: report.lab.clone(), seconds: "0".to_owned(), end };
    let kept = [
        ("left-behind", "leaves nothing behind", &report.left_behind),
        ("foreign-touched", "touches only what it owns", &report.foreign_touched),
    ];
    for (kind, name, found) in kept.into_iter().filter(|(_, _, found)| !found.is_empty()) {
        let reason = Reason { kind: kind.to_owned(), message: found.join(", "), text: found.join("\n") };
        cases.push(whole(name, End::Failed(reason)));
    }
    if let Some(error) = &verified.error {
        let message = error.lines().next().unwrap_or_default().to_owned();
        let reason = Reason { kind: "ended-early".to_owned(), message, text: error.clone() };
        cases.push(whole("is verified to its end", End::Broken(reason)));
    }
    Suite {
        name: report.lab.clone(),
        package: report.lab.clone(),
        began: verified.began,
        seconds: seconds(report.took),
        properties: vec![("labrun", env!("CARGO_PKG_VERSION").to_owned())],
        cases,
    }
}

fn case(lab: &str, proof: &StepProof) -> Case {
    Case {
        name: format!("{} {}", proof.index + 1, proof.title),
        class: format!("{lab}.{}", proof.step),
        seconds: seconds(proof.took),
        end: end(proof),
    }
}

fn end(proof: &StepProof) -> End {
    if let Some(why) = proof.passed_over {
        return End::Skipped(format!("passed over: {why}"));
    }
    // Of one that nobody looked at nothing is known, and so nothing is wrong.
    if proof.mistakes.is_empty() && !proof.fails_before && proof.why.is_none() {
        return End::Skipped("not reached".to_owned());
    }
    let wrong = proof.contradicted();
    if let Some(kind) = wrong.first() {
        let mistakes = proof.mistakes.iter().filter(|mistake| !mistake.refused).map(|mistake| {
            let said = mistake.diagnosis.as_deref().unwrap_or("no diagnosis");
            format!("not refused as wanted ({said}): {}", mistake.run.trim_end())
        });
        let text: Vec<String> = proof.why.iter().cloned().chain(mistakes).collect();
        return End::Failed(Reason { kind: kind.replace(' ', "-"), message: wrong.join(", "), text: text.join("\n") });
    }
    if proof.is_whole() {
        End::Passed
    } else {
        let mut missing = Vec::new();
        if proof.mistakes.len() < proof.mistakes_wanted {
            missing.push(format!("{} of {} mistakes were made", proof.mistakes.len(), proof.mistakes_wanted));
        }
        if proof.passes_in_shell.is_none() && proof.shell_wanted {
            missing.push("its solution was not typed in the practice shell".to_owned());
        }
        End::Skipped(format!("not all of it is known: {}", missing.join(", ")))
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.2}", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use labrun_engine::MistakeReport;

    fn proved(index: usize, title: &str) -> StepProof {
        StepProof {
            index,
            step: format!("step-{}", index + 1),
            title: title.to_owned(),
            fails_before: true,
            passes_after: true,
            repeatable: true,
            took: Duration::from_millis(1_234),
            ..StepProof::default()
        }
    }

    fn mistake(run: &str, diagnosis: Option<&str>, refused: bool) -> MistakeReport {
        MistakeReport { run: run.to_owned(), diagnosis: diagnosis.map(str::to_owned), refused }
    }

    fn verified(report: LabReport, error: Option<&str>) -> Verified {
        let began = jiff::Timestamp::from_second(1_795_428_600).expect("a moment");
        Verified { began, report, error: error.map(str::to_owned) }
    }

    #[test]
    fn every_way_in_which_a_step_is_not_proved_is_told_and_nothing_hostile_is_obeyed() {
        let hostile = "<b>\"bold\"</b> & \u{1b}[2J\u{202e}]]>\u{ffff}\nline";
        let steps = vec![
            StepProof { mistakes: vec![mistake("a", Some("near"), true)], mistakes_wanted: 1, ..proved(0, "Fine") },
            StepProof {
                fails_before: false,
                passes_after: false,
                repeatable: false,
                why: Some("it passes before".into()),
                ..proved(1, "Too early")
            },
            StepProof {
                repeatable: false,
                passes_after: false,
                why: Some("wanted: x; seen: y".into()),
                ..proved(2, hostile)
            },
            StepProof { repeatable: false, passes_in_shell: Some(true), ..proved(3, "Only once") },
            StepProof {
                mistakes: vec![mistake("docker run x\n", None, false), mistake(hostile, Some("other"), false)],
                mistakes_wanted: 2,
                ..proved(4, "Not refused")
            },
            StepProof {
                passes_in_shell: Some(false),
                why: Some("it showed:\n$ no".into()),
                ..proved(5, "Not in the shell")
            },
            StepProof {
                mistakes: vec![mistake("a", Some("near"), true)],
                mistakes_wanted: 3,
                shell_wanted: true,
                ..proved(6, "Half known")
            },
        ];
        let not_reached =
            vec![StepProof { index: 7, title: "Behind".into(), step: "behind".into(), ..StepProof::default() }];
        let report = LabReport {
            lab: "a-lab".to_owned(),
            steps,
            steps_in_lab: 8,
            not_reached,
            left_behind: vec!["volume a".to_owned(), "container b".to_owned()],
            foreign_touched: vec!["network <c>".to_owned()],
            took: Duration::from_millis(65_432),
            passed: false,
        };
        let report = verified(report, Some("interrupted; what was made is removed"));
        let unread = verified(LabReport::unknown("./no-lab"), Some("there is no lab called <x>\nlook at the list"));
        let xml = junit(&[report, unread]).expect("made");
        insta::assert_snapshot!(xml);
        let mut reader = quick_xml::Reader::from_str(&xml);
        while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
        assert!(!xml.contains(['\u{1b}', '\u{202e}', '\u{ffff}']));
    }
}
