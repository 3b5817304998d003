//! Proving a lab on a real engine: each step fails before its solution, passes after it, passes again, and refuses each
//! of its authored mistakes. With names of its own, so that it runs beside a learner.

use std::collections::HashSet;
use std::time::Duration;

use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::name::{Name, NameKind};
use labrun_graders::node::Span;
use labrun_graders::{CannotLook, Verdict};

use super::event::{Event, Listener, StepReport};
use super::grade::Grader;
use super::removal::{Belonging, belongings, holders, of_names, remove};
use super::session::{EngineError, Session, begin};
use super::solve::Solver;
use crate::lab::{AsName, Loaded, Mistake, Owns};
use crate::probe::{Endpoint, Engine, Snapshot};
use crate::store::Store;

/// How long nothing new must come after an interruption, a third of it.
const CALM: Duration = Duration::from_millis(150);

/// How often that is looked at, at most.
const CALM_TRIES: usize = 40;

/// How to verify.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions {
    /// Nothing else uses the engine: whatever else has changed on it, the lab changed.
    pub exclusive: bool,
    /// Leave the authored mistakes out: each costs a reset and a replay.
    pub no_mistakes: bool,
}

/// What was found about one authored mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MistakeReport {
    /// The shell text.
    pub run: String,
    /// The diagnosis that was given first, if any.
    pub diagnosis: Option<String>,
    /// It was refused, with the diagnosis that the lab names.
    pub refused: bool,
}

/// What was found about one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepProof {
    /// Its id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// It did not pass before its solution ran.
    pub fails_before: bool,
    /// It passed afterwards.
    pub passes_after: bool,
    /// Graded again, it passed again.
    pub repeatable: bool,
    /// Its mistakes.
    pub mistakes: Vec<MistakeReport>,
    /// Why it is not proved, as far as anything tells.
    pub why: Option<String>,
}

impl StepProof {
    /// Whether all of it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.fails_before && self.passes_after && self.repeatable && self.mistakes.iter().all(|mistake| mistake.refused)
    }
}

/// What was found about a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabReport {
    /// Its id.
    pub lab: String,
    /// All of it holds, and nothing was left behind or touched.
    pub passed: bool,
    /// Its steps, as far as it came: a step that does not pass after its solution ends it.
    pub steps: Vec<StepProof>,
    /// How many steps the lab has.
    pub steps_in_lab: usize,
    /// What it owns and is still there, and helper containers.
    pub left_behind: Vec<String>,
    /// What it changed without owning it; known when the engine was its own.
    pub foreign_touched: Vec<String>,
}

/// Verifies a lab that was loaded with `learner`'s names.
///
/// # Errors
/// When the lab can't begin, the engine stops answering, or bash can't be run.
pub async fn verify(
    loaded: Loaded,
    learner: &AsName,
    endpoint: &Endpoint,
    mut engine: Engine,
    options: VerifyOptions,
    listener: &mut dyn Listener,
) -> Result<LabReport, EngineError> {
    let mut store = Store::in_memory()?;
    engine.helper_image = loaded.lab.images.first().cloned().unwrap_or_default();
    let (session, _) = begin(&mut store, loaded, Some(learner), endpoint, &mut engine).await?;
    let baseline: Snapshot = serde_json::from_str(&session.row.begin.baseline).unwrap_or_default();
    let solver = Solver::new(endpoint);
    let steps_in_lab = session.loaded.lab.steps.len();
    listener.hear(&Event::VerifyBegins { lab: &session.loaded.lab.id, steps: steps_in_lab });
    let lab = session.loaded.lab.id.clone();
    let mut proving = Proving { store, session, engine: Ok(engine.clone()), solver, typed: Vec::new(), options };
    let mut steps = Vec::new();
    // Whatever happens, what was made is removed: also when the work is interrupted.
    let interrupted = tokio::select! {
        proved = proving.steps(&mut steps, listener) => proved.map(|()| false),
        _ = asked_to_end() => Ok(true),
    };
    if matches!(interrupted, Ok(true)) {
        proving.calm_down(&engine).await?;
        return Err(EngineError::Interrupted);
    }
    let left_behind = proving.clean_up(&engine).await;
    interrupted?;
    let left_behind = left_behind?;
    let foreign_touched = if options.exclusive { proving.foreign(&baseline, &engine).await? } else { Vec::new() };
    let passed = steps.len() == steps_in_lab
        && steps.iter().all(StepProof::holds)
        && left_behind.is_empty()
        && foreign_touched.is_empty();
    let report = LabReport { lab, passed, steps, steps_in_lab, left_behind, foreign_touched };
    listener.hear(&Event::VerifyEnds { report: &report });
    Ok(report)
}

/// Ctrl-C, or a polite end from a job's runner.
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        },
        // Without handlers these signals end the process by themselves.
        _ => std::future::pending().await,
    }
}

struct Proving {
    store: Store,
    session: Session,
    engine: Result<Engine, CannotLook>,
    solver: Solver,
    /// The texts run so far, as if they had been typed.
    typed: Vec<TypedLine>,
    options: VerifyOptions,
}

impl Proving {
    async fn steps(&mut self, proofs: &mut Vec<StepProof>, listener: &mut dyn Listener) -> Result<(), EngineError> {
        for index in 0..self.session.loaded.lab.steps.len() {
            let Some(step) = self.session.loaded.lab.steps.get(index) else { break };
            listener.hear(&Event::StepBegins { index, title: &step.title.text });
            let proof = self.step(index).await?;
            listener.hear(&Event::StepProved { index, proof: &proof });
            // Without this step's state the next one cannot be proved.
            let goes_on = proof.passes_after;
            proofs.push(proof);
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    async fn step(&mut self, index: usize) -> Result<StepProof, EngineError> {
        let Some(step) = self.session.loaded.lab.steps.get(index) else { return Ok(StepProof::default()) };
        let mut proof = StepProof { step: step.id.clone(), title: step.title.text.clone(), ..StepProof::default() };
        let solution = step.solution.text.clone();
        let mistakes = if self.options.no_mistakes { Vec::new() } else { step.mistakes.clone() };
        let Some((before, _)) = self.look(index).await? else { return Ok(proof) };
        proof.fails_before = !before.verdict.is_pass();
        if !proof.fails_before {
            proof.why = Some("it passes before anything was done".to_owned());
            return Ok(proof);
        }
        for mistake in mistakes {
            proof.mistakes.push(self.mistake(index, &mistake).await?);
        }
        let said = self.run(&solution).await?;
        let mut after = self.look(index).await?;
        if let Some((report, Some(answer))) = &after
            && !report.verdict.is_pass()
        {
            self.store.keep_answer(self.session.row.id, &proof.step, answer, 0)?;
            after = self.look(index).await?;
        }
        let again = self.look(index).await?;
        proof.passes_after = after.as_ref().is_some_and(|(report, _)| report.verdict.is_pass());
        proof.repeatable = proof.passes_after && again.is_some_and(|(report, _)| report.verdict.is_pass());
        if let Some((report, _)) = after {
            proof.why = why_not(&report, &said);
        }
        if proof.passes_after {
            self.close().await?;
        }
        Ok(proof)
    }

    /// Makes a mistake from the state in which the step begins, sees what is said of it, and goes back to that state.
    async fn mistake(&mut self, index: usize, mistake: &Mistake) -> Result<MistakeReport, EngineError> {
        let leaves = Owns { names: mistake.leaves.clone() };
        let engine = self.engine.clone()?;
        let baseline = self.baseline_with(&leaves.names, &engine).await?;
        // What other mistakes and the solutions before did is no part of this one.
        self.session.progress.cursor = engine.clock.now();
        let before = engine.snapshot().await?;
        self.run(&mistake.run.text).await?;
        let seen = self.look(index).await?;
        let first = seen.as_ref().and_then(|(report, _)| report.nearest());
        let diagnosis = first.and_then(|feedback| feedback.diagnosis.as_deref()).map(str::to_owned);
        let failed = seen.is_some_and(|(report, _)| matches!(report.verdict, Verdict::Fail(_)));
        let refused = failed && diagnosis.as_deref() == Some(mistake.diagnosis.text.as_str());
        let mut made = self.unnamed(&before, &engine).await?;
        made.extend(belongings(&self.session, &engine).await?);
        made.extend(of_names(&leaves, &baseline, &engine).await?);
        remove(made, &engine).await;
        self.replay(index).await?;
        Ok(MistakeReport { run: mistake.run.text.clone(), diagnosis, refused })
    }

    /// The containers that a mistake made without a name that anybody could list: they hold what the lab owns, and were
    /// not there before it.
    async fn unnamed(&self, before: &Snapshot, engine: &Engine) -> Result<Vec<Belonging>, CannotLook> {
        let owned = belongings(&self.session, engine).await?;
        let holders = holders(&owned, engine).await?.into_iter().map(|holder| holder.container);
        let names: HashSet<String> =
            holders.filter(|name| before.identity(NameKind::Container, name).is_none()).collect();
        let names = names.into_iter().map(|text| Name { kind: NameKind::Container, text, span: Span::default() });
        of_names(&Owns { names: names.collect() }, before, engine).await
    }

    /// What was there before a mistake, of what it says it leaves.
    async fn baseline_with(&self, leaves: &[Name], engine: &Engine) -> Result<Snapshot, CannotLook> {
        let mut baseline = Snapshot::default();
        for name in leaves {
            if let Some(identity) = super::baseline::identity(engine, name.kind, &name.text).await? {
                baseline.insert(name.kind, name.text.clone(), identity);
            }
        }
        Ok(baseline)
    }

    /// Runs the solutions of the steps before this one again.
    async fn replay(&mut self, index: usize) -> Result<(), EngineError> {
        let before = self.session.loaded.lab.steps.iter().take(index);
        let texts: Vec<String> = before.map(|step| step.solution.text.clone()).collect();
        for text in texts {
            self.run(&text).await?;
        }
        Ok(())
    }

    async fn run(&mut self, text: &str) -> Result<String, EngineError> {
        let ran = self.solver.run(text).await?;
        let at = self.engine.as_ref().map(|engine| engine.clock.now()).unwrap_or_default();
        let exit_code = ran.exit_code.map_or(-1, i64::from);
        self.typed.push(TypedLine { line: text.to_owned(), exit_code, cwd: None, at });
        Ok(if ran.exit_code == Some(0) { String::new() } else { ran.output })
    }

    async fn look(&mut self, index: usize) -> Result<Option<(StepReport, Option<String>)>, EngineError> {
        Ok(Grader::new(&mut self.store, &self.engine, Some(&self.typed)).look(&self.session, index).await?)
    }

    /// Records the pass, so that evidence for the next step counts from there.
    async fn close(&mut self) -> Result<(), EngineError> {
        Grader::new(&mut self.store, &self.engine, Some(&self.typed)).check(&mut self.session).await?;
        Ok(())
    }

    /// Removes what the lab made until nothing more comes: the engine may still be at a request whose sender was ended.
    async fn calm_down(&self, engine: &Engine) -> Result<(), EngineError> {
        let mut calm = 0;
        for _ in 0..CALM_TRIES {
            let made = belongings(&self.session, engine).await?;
            calm = if made.is_empty() { calm + 1 } else { 0 };
            if calm >= 3 {
                break;
            }
            remove(made, engine).await;
            tokio::time::sleep(CALM).await;
        }
        Ok(())
    }

    /// Removes what the lab made; what is still there then was left behind.
    async fn clean_up(&self, engine: &Engine) -> Result<Vec<String>, EngineError> {
        remove(belongings(&self.session, engine).await?, engine).await;
        let owned = belongings(&self.session, engine).await?;
        let mut left: Vec<String> = owned.iter().map(|left| format!("{} {}", left.kind.word(), left.name)).collect();
        let now = engine.snapshot().await?;
        let helper = format!("labrun-probe-{}-", std::process::id());
        let containers = now.objects.get("container").into_iter().flatten().map(|(name, _)| name);
        left.extend(containers.filter(|name| name.starts_with(&helper)).map(|name| format!("container {name}")));
        Ok(left)
    }

    /// What has changed on the engine and is not the lab's: objects that came or went, and old ones that were acted on.
    async fn foreign(&mut self, baseline: &Snapshot, engine: &Engine) -> Result<Vec<String>, EngineError> {
        let row = &self.session.row;
        let journal = self.store.journal(row.id, &row.begin.engine, row.begin.started, row.begin.started)?;
        let owned: HashSet<&str> = self.session.loaded.lab.owns.names.iter().map(|name| name.text.as_str()).collect();
        let now = engine.snapshot().await?;
        let mut touched: Vec<String> = Vec::new();
        for (kind, ids) in &now.objects {
            let before = baseline.objects.get(kind);
            for (name, id) in ids {
                if before.and_then(|before| before.get(name)) != Some(id) && !owned.contains(name.as_str()) {
                    touched.push(format!("{kind} {name}"));
                }
            }
        }
        for (kind, ids) in &baseline.objects {
            let gone = ids.keys().filter(|name| !now.objects.get(kind).is_some_and(|now| now.contains_key(*name)));
            touched.extend(gone.map(|name| format!("{kind} {name}")));
        }
        touched.extend(journal.entries.iter().filter_map(|entry| acted_on(entry, baseline)));
        touched.sort();
        touched.dedup();
        Ok(touched)
    }
}

/// An object of the baseline that an event says was changed.
fn acted_on(entry: &Entry, baseline: &Snapshot) -> Option<String> {
    const CHANGES: [&str; 12] =
        ["start", "stop", "kill", "die", "pause", "unpause", "restart", "rename", "update", "destroy", "tag", "untag"];
    if !CHANGES.contains(&entry.action.as_str()) {
        return None;
    }
    let (name, id) = match entry.kind.as_str() {
        "volume" => (&entry.actor, None),
        _ => (entry.attributes.get("name")?, Some(&entry.actor)),
    };
    let known = baseline.objects.get(&entry.kind)?.get(name)?;
    id.is_none_or(|id| id == known).then(|| format!("{} {name}", entry.kind))
}

fn why_not(report: &StepReport, said: &str) -> Option<String> {
    let why = match &report.verdict {
        Verdict::Pass(_) => return None,
        Verdict::Fail(feedback) => format!("wanted: {}; seen: {}", feedback.expected, feedback.seen),
        Verdict::CannotCheck(reason) => reason.what.clone(),
    };
    let said = said.trim();
    Some(if said.is_empty() { why } else { format!("{why}\nthe solution said: {said}") })
}
