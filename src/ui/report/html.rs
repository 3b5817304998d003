//! A report as one page: no script, nothing from elsewhere, for a screen or for paper. How it looks is in `page.html`
//! and `page.css`; every text is escaped by the template engine.

use minijinja::{Environment, Error, Value, context};

use super::text::{mistake, pain};
use super::{Report, Run, State, cell, circumstances, counted, standing, took, took_about};
use labrun_engine::report::{Class, LabTotals, Line, StepTotals};

/// The page. The ending of the template's name is what switches escaping on.
const TEMPLATE: &str = "page.html";

/// How many of the steps that hurt are told of.
const MOST_HURT: usize = 5;

/// The page.
///
/// # Errors
/// Never, as far as the templates are right.
pub fn html(report: &Report) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("page.html"))?;
    let class = Class::of(&report.runs);
    let labs: Vec<Value> = class.labs.iter().map(lab).collect();
    let class_of_several = report.is_of_several();
    let runs: Vec<Value> = if class_of_several { vec![] } else { report.runs.iter().map(session).collect() };
    let learners: Vec<Value> = class.learners.iter().map(|learner| row(&class, *learner)).collect();
    environment.get_template(TEMPLATE)?.render(context! {
        style => Value::from_safe_string(include_str!("page.css").to_owned()),
        title => title(report, &class),
        made => report.made.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        class => class_of_several, learners, labs, runs,
    })
}

fn title(report: &Report, class: &Class) -> String {
    let learners = counted(class.learners.len() as u64, "learner");
    match class.learners.as_slice() {
        _ if report.is_of_several() => format!("{learners}, {}", counted(class.labs.len() as u64, "lab")),
        [Some(learner)] => learner.to_string(),
        _ => "What I did".to_owned(),
    }
}

/// A learner in the table of a class.
fn row(class: &Class, learner: Option<&Line>) -> Value {
    let cells = class.labs.iter().map(|lab| {
        let run = class.run(learner, lab)?;
        Some(context! { text => cell(run), share => share(run.count(State::Passed), run.steps.len()) })
    });
    context! { name => learner.map_or("(no name)", Line::as_str), cells => cells.collect::<Vec<_>>() }
}

fn session(run: &Run) -> Value {
    let longest = run.steps.iter().filter_map(|step| step.seconds).max().unwrap_or_default();
    let steps = run.steps.iter().zip(1_usize..).map(|(step, number)| {
        let seconds = step.seconds.unwrap_or_default();
        context! {
            number, title => step.title.as_str(), state => step.state.word(), attempts => step.attempts,
            hints => step.hints, solution => step.solution, why => step.passed_over.as_ref().map(ToString::to_string),
            time => step.seconds.map(|seconds| took(seconds.into())),
            share => share(seconds as usize, longest as usize),
        }
    });
    context! {
        title => run.title.as_str(), standing => standing(run), circumstances => circumstances(run).join(" · "),
        steps => steps.collect::<Vec<_>>(), hurt => LabTotals::of(vec![run]).map(|lab| hurt(&lab)),
    }
}

fn lab(lab: &LabTotals) -> Value {
    let longest = lab.steps.iter().filter_map(|step| step.median_seconds).fold(0.0, f64::max);
    let steps = lab.steps.iter().map(|step| {
        let states = [State::Passed, State::Given, State::Skipped, State::Open].map(|state| {
            let count = step.count(state);
            context! { word => state.word(), count, share => share(count, step.learners()) }
        });
        context! {
            number => step.number, title => step.title.as_str(), states,
            attempts => step.median_attempts, fails => step.fails, hints => step.hints,
            solutions => step.solutions, time => step.median_seconds.map(took_about),
            share => format!("{:.0}", step.median_seconds.unwrap_or_default() * 100.0 / longest.max(1.0)),
            diagnoses => step.diagnoses.iter().take(3).map(|found| mistake(step, found)).collect::<Vec<_>>(),
        }
    });
    context! {
        lab => lab.lab.as_str(), title => lab.title.as_str(), learners => lab.runs.len(), finished => lab.finished,
        time => lab.median_seconds.map(took_about), steps => steps.collect::<Vec<_>>(), hurt => hurt(lab),
    }
}

fn hurt(lab: &LabTotals) -> Vec<Value> {
    let told =
        |step: &&StepTotals| context! { number => step.number, title => step.title.as_str(), pain => pain(step) };
    lab.hurt().iter().take(MOST_HURT).map(told).collect()
}

/// So many hundredths of the whole.
fn share(part: usize, whole: usize) -> usize {
    part.saturating_mul(100) / whole.max(1)
}
