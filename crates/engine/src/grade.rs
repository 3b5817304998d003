//! Grading: the current step, and those after it for as long as they pass.

use std::time::Duration;

use labrun_graders::evidence::TypedLine;
use labrun_graders::fact::Scope;
use labrun_graders::{Ask, CannotLook, Facts, Nanos, Obstacle, Pass, Target, Verdict, all, asks_when_wrong, diagnose};
use serde_json::json;

use super::earlier::look_back;
use super::event::{CheckReport, StepReport};
use super::facts::World;
use super::recall::recall;
use super::session::Session;
use labrun_docker::Engine;
use labrun_lab::Step;
use labrun_store::{AttemptRow, Mark, Store, StoreError};

/// Grades a session's steps.
pub struct Grader<'a> {
    /// Where attempts are recorded.
    pub store: &'a mut Store,
    /// The engine, or why there is none.
    pub engine: &'a Result<Engine, CannotLook>,
    /// The lines entered at the prompt; `None` where nobody listens to one.
    pub typed: Option<&'a [TypedLine]>,
    /// The current step was solved by labrun: when it passes, it is given.
    pub given: bool,
    /// The learner has just answered the current step's question.
    pub answering: bool,
    /// A recorder hears every event at this moment: an event that the engine has forgotten is not missing.
    pub followed: bool,
    /// How long it may take to find out which mistake was made: the verdict is known already, and somebody waits for it.
    pub patience: Duration,
}

/// What a grading came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every step that was graded, in order: all but the last passed.
    pub steps: Vec<StepReport>,
    /// The last step of the lab is closed.
    pub finished: bool,
}

impl Outcome {
    /// The ids of the steps that passed.
    #[must_use]
    pub fn passed(&self) -> Vec<&str> {
        self.steps.iter().filter(|step| step.verdict.is_pass()).map(|step| step.step.as_str()).collect()
    }
}

impl<'a> Grader<'a> {
    /// One for what the learner did.
    pub fn new(store: &'a mut Store, engine: &'a Result<Engine, CannotLook>, typed: Option<&'a [TypedLine]>) -> Self {
        Self { store, engine, typed, given: false, answering: false, followed: false, patience: PATIENCE }
    }

    /// Grades the current step, and after each pass the next one; records what is new.
    ///
    /// # Errors
    /// When progress can't be read or written.
    pub async fn check(&mut self, session: &mut Session) -> Result<Outcome, StoreError> {
        let mut facts = facts_for(session);
        facts.answering = self.answering;
        let mut steps = Vec::new();
        let mut attempts = Vec::new();
        // Where the clock was set back, a line may be newer than now: its order counts.
        let newest = self.typed.iter().copied().flatten().map(|line| line.at).max().unwrap_or_default();
        let sighted = {
            let mut world = World::new(self.store, self.engine, self.typed, self.followed);
            let mut next = session.current();
            while let Some(index) = next
                && let Some(step) = session.loaded.lab.steps.get(index)
            {
                let mut report = grade(&mut world, &mut facts, session, index, step).await?;
                let first = steps.is_empty();
                // One that was not yet shown has not been tried: there is no mistake to find, and no failure to keep.
                if first {
                    explain(&mut report, &mut world, &mut facts, session, step, self.patience).await?;
                    look_back(&mut report, &mut world, &mut facts, session, step).await?;
                }
                if first || report.verdict.is_pass() {
                    attempts.extend(attempt(&report, self.given && first, self.engine, session, newest));
                }
                let Verdict::Pass(pass) = &report.verdict else {
                    steps.push(report);
                    break;
                };
                world.passed.insert(step.id.clone(), now(self.engine, session));
                // What counts for the next step came after what completed this one; its own answers are its own.
                facts.since = facts.since.max(completed(pass, self.engine, session, newest).unwrap_or(facts.since));
                for ask in [Ask::Journal, Ask::Answer, Ask::Typed] {
                    facts.forget(&ask);
                }
                facts.answering = false;
                steps.push(report);
                let end = session.row.pause.unwrap_or(usize::MAX).min(session.progress.steps.len());
                next = (index + 1..end).find(|next| session.progress.steps[*next].closed.is_none());
            }
            world.sighted
        };
        self.store.record(session.row.id, &attempts, &sighted)?;
        session.refresh(self.store)?;
        for report in steps.iter_mut().filter(|report| report.verdict.is_pass()) {
            report.predictions = recall(self.store, session, report.index)?;
        }
        Ok(Outcome { steps, finished: session.progress.current().is_none() })
    }

    /// Grades one step by itself and records nothing. With it the right answer, where the step asks a question.
    ///
    /// # Errors
    /// When progress can't be read.
    pub async fn look(
        &mut self,
        session: &Session,
        index: usize,
    ) -> Result<Option<(StepReport, Option<String>)>, StoreError> {
        let Some(step) = session.loaded.lab.steps.get(index) else { return Ok(None) };
        let mut facts = facts_for(session);
        let mut world = World::new(self.store, self.engine, self.typed, self.followed);
        let mut report = grade(&mut world, &mut facts, session, index, step).await?;
        explain(&mut report, &mut world, &mut facts, session, step, self.patience).await?;
        look_back(&mut report, &mut world, &mut facts, session, step).await?;
        let truth = step.checks.iter().flat_map(|check| check.truth_asks()).collect();
        world.gather(truth, &mut facts, session, &step.id).await?;
        let answer = step.checks.iter().find_map(|check| check.right_answer(&facts));
        let sighted = world.sighted;
        self.store.record(session.row.id, &[], &sighted)?;
        Ok(Some((report, answer)))
    }
}

async fn grade(
    world: &mut World<'_>,
    facts: &mut Facts,
    session: &Session,
    index: usize,
    step: &Step,
) -> Result<StepReport, StoreError> {
    let asks = step.checks.iter().flat_map(|check| check.asks()).collect();
    world.gather(asks, facts, session, &step.id).await?;
    let then: Vec<Ask> = step.checks.iter().flat_map(|check| check.asks_then(facts)).collect();
    if !then.is_empty() {
        world.gather(then, facts, session, &step.id).await?;
    }
    let checks: Vec<CheckReport> = step
        .checks
        .iter()
        .map(|check| {
            let verdict = remedied(check.judge(facts), world.tells_less);
            CheckReport { kind: check.kind, wants: check.wants(), verdict }
        })
        .collect();
    let verdict = all(checks.iter().map(|check| &check.verdict));
    let asks_outright = step.checks.iter().any(|check| check.asks_outright());
    Ok(StepReport { index, step: step.id.clone(), asks_outright, verdict, checks, predictions: Vec::new() })
}

/// What to do where an engine will never tell what was run in containers: to run it again would change nothing.
fn remedied(verdict: Verdict, tells_less: bool) -> Verdict {
    match verdict {
        Verdict::CannotCheck(reason) if tells_less && reason.obstacle == Obstacle::Gap => {
            let what = "Podman does not tell what was run in containers";
            let remedy =
                "answer the step's question instead: labrun answer; where it has none, pass over it: labrun skip";
            Verdict::CannotCheck(CannotLook::new(Obstacle::Gap, what, remedy))
        }
        verdict => verdict,
    }
}

/// No facts yet; whose they will be.
fn facts_for(session: &Session) -> Facts {
    let begin = &session.row.begin;
    let owned = session.loaded.lab.owns.names.iter();
    let owned = owned.map(|name| Target { kind: name.kind, name: name.text.clone() }).collect();
    let prefix = begin.learner.as_ref().map(|learner| format!("{learner}-")).unwrap_or_default();
    let scope = Scope { began: begin.started, prefix, owned };
    Facts::since(session.progress.cursor).within(scope)
}

/// How often it is asked what else there is: what was typed may lead to the journal, that to containers, and these to files.
const ROUNDS: usize = 4;

/// How long a learner waits for that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells of a step that failed which mistakes were made; only now is it looked at what else there is.
async fn explain(
    report: &mut StepReport,
    world: &mut World<'_>,
    facts: &mut Facts,
    session: &Session,
    step: &Step,
    patience: Duration,
) -> Result<(), StoreError> {
    if !matches!(report.verdict, Verdict::Fail(_)) {
        return Ok(());
    }
    let verdicts: Vec<Verdict> = report.checks.iter().map(|check| check.verdict.clone()).collect();
    let looking = async {
        for _ in 0..ROUNDS {
            let asks = asks_when_wrong(&step.checks, &step.diagnoses, &verdicts, facts);
            world.gather(asks, facts, session, &step.id).await?;
        }
        Ok(())
    };
    // What is not known by then proves nothing.
    tokio::time::timeout(patience, looking).await.unwrap_or(Ok::<_, StoreError>(()))?;
    let diagnosed = diagnose(&step.checks, &step.diagnoses, verdicts, facts);
    for (check, verdict) in report.checks.iter_mut().zip(diagnosed) {
        check.verdict = verdict;
    }
    report.verdict = all(report.checks.iter().map(|check| &check.verdict));
    Ok(())
}

/// What is kept of a grading. That nobody could look is no attempt, and neither is a step that has not been begun.
fn attempt(
    report: &StepReport,
    given: bool,
    engine: &Result<Engine, CannotLook>,
    session: &Session,
    newest: Nanos,
) -> Option<AttemptRow> {
    let at = now(engine, session);
    let (mark, since) = match &report.verdict {
        Verdict::Pass(pass) => (if given { Mark::Given } else { Mark::Pass }, completed(pass, engine, session, newest)),
        Verdict::Fail(_) if report.begun() => (Mark::Fail, None),
        Verdict::Fail(_) | Verdict::CannotCheck(_) => return None,
    };
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| match &check.verdict {
            Verdict::Fail(feedback) => {
                json!({"check": check.kind, "verdict": "fail", "diagnosis": feedback.diagnosis, "seen": feedback.seen})
            }
            verdict => json!({"check": check.kind, "verdict": verdict.word()}),
        })
        .collect();
    Some(AttemptRow { step: report.step.clone(), mark, at, since, report: json!(checks).to_string() })
}

/// When what passed had come about; a file's time can be set to the future, and then nothing after it would count.
/// `newest` is when the newest line was entered.
fn completed(pass: &Pass, engine: &Result<Engine, CannotLook>, session: &Session, newest: Nanos) -> Option<Nanos> {
    pass.at.map(|at| at.min(now(engine, session).max(newest)))
}

fn now(engine: &Result<Engine, CannotLook>, session: &Session) -> Nanos {
    match engine {
        Ok(engine) => engine.clock.now(),
        Err(_) => labrun_docker::Clock { skew: session.row.begin.skew }.now(),
    }
}
