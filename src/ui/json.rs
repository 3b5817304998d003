//! The JSON reports that have a shape of their own. A field is never renamed.

use std::time::Duration;

use labrun_graders::Verdict;
use serde_json::{Value, json};

use labrun_engine::doctor::Report;
use labrun_engine::{CheckReport, LabReport, Outcome, Session, StepProof};

/// The schema's version, in every report.
pub const SCHEMA: u32 = 1;

/// The steps that are passed over on this machine, in order, each with the reason.
#[must_use]
pub fn passed_over(session: &Session) -> Value {
    let steps = session.loaded.lab.steps.iter().zip(&session.progress.steps);
    let lacks = steps.filter_map(|(step, state)| Some(json!({"step": step.id, "why": state.lacks?.missing()})));
    json!(lacks.collect::<Vec<_>>())
}

/// What `check` and `answer` report.
///
/// `step` is the step that was current when the command began, and `verdict` and `checks` are its own; `passed_steps`
/// names all that passed, in order.
#[must_use]
pub fn outcome(session: &Session, outcome: &Outcome, elapsed: Duration) -> Value {
    let first = outcome.steps.first();
    let mut report = json!({
        "schema": SCHEMA,
        "lab": session.loaded.lab.id,
        "as": session.row.begin.learner,
        "step": first.map(|step| &step.step),
        "verdict": first.map(|step| step.verdict.word()),
        "elapsed_ms": (elapsed.as_secs_f64() * 10_000.0).round() / 10.0,
        "passed_steps": outcome.passed(),
        "passed_over": passed_over(session),
        "finished": outcome.finished,
        "checks": first.map(|step| step.checks.iter().map(check).collect::<Vec<_>>()),
    });
    if let (Some(Verdict::CannotCheck(reason)), Some(report)) =
        (first.map(|step| &step.verdict), report.as_object_mut())
    {
        report.insert(
            "reason".to_owned(),
            json!({"code": reason.obstacle.code(), "what": reason.what, "remedy": reason.remedy}),
        );
    }
    report
}

fn check(check: &CheckReport) -> Value {
    let (kind, wants) = (check.kind, &check.wants);
    match &check.verdict {
        Verdict::Pass(pass) => json!({"check": kind, "wants": wants, "verdict": "pass", "caveat": pass.caveat}),
        Verdict::Fail(feedback) => json!({
            "check": kind, "wants": wants, "verdict": "fail", "diagnosis": feedback.diagnosis, "begun": feedback.begun,
            "expected": feedback.expected, "seen": feedback.seen, "feedback": feedback.sentence,
        }),
        Verdict::CannotCheck(reason) => json!({
            "check": kind, "wants": wants, "verdict": "cannot-check",
            "reason": reason.obstacle.code(), "seen": reason.what, "feedback": reason.remedy,
        }),
    }
}

/// What `verify` reports of one lab.
#[must_use]
pub fn lab_report(report: &LabReport) -> Value {
    json!({
        "lab": report.lab,
        "passed": report.passed,
        "passed_over": report.passed_over(),
        "steps": report.steps.iter().map(proof).collect::<Vec<_>>(),
        "left_behind": report.left_behind,
        "foreign_touched": report.foreign_touched,
        "seconds": seconds(report.took),
    })
}

fn proof(proof: &StepProof) -> Value {
    let mistakes: Vec<_> = proof
        .mistakes
        .iter()
        .map(|mistake| json!({"run": mistake.run, "diagnosis": mistake.diagnosis, "refused": mistake.refused}))
        .collect();
    json!({
        "step": proof.step,
        "passed_over": proof.passed_over,
        "fails_before": proof.fails_before,
        "passes_after": proof.passes_after,
        "repeatable": proof.repeatable,
        "mistakes": mistakes,
        "passes_in_shell": proof.passes_in_shell,
        "seconds": seconds(proof.took),
        "why": proof.why,
    })
}

/// To a hundredth.
fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 100.0).round() / 100.0
}

/// What `doctor` reports; `summary` is its line to paste.
#[must_use]
pub fn doctor(labs: &[&str], report: &Report, summary: &str) -> Value {
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|checked| {
            let finding = &checked.finding;
            json!({
                "check": checked.check, "verdict": finding.word.word(), "seen": finding.seen, "about": finding.about,
                "remedy": finding.remedy.as_ref().map(|remedy| &remedy.text),
                "administrator": finding.remedy.as_ref().is_some_and(|remedy| remedy.administrator),
            })
        })
        .collect();
    let engine = report.engine.as_ref().map(
        |engine| json!({"product": engine.product, "version": engine.version, "platform": engine.platform, "via": report.via}),
    );
    json!({
        "schema": SCHEMA, "labrun": env!("CARGO_PKG_VERSION"), "labs": labs,
        "verdict": report.worst().word(), "engine": engine, "checks": checks, "summary": summary,
    })
}
