//! One way through a lab, under names of its own: the steps from the first to the last, the mistakes of one, or what a
//! learner types.

mod in_shell;
mod leftovers;
mod mistake;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use labrun_graders::evidence::TypedLine;
use labrun_graders::{CannotLook, Verdict};
use tokio::sync::watch;

use super::foreign::foreign;
use super::shell::Shell;
use super::unfinished::Notes;
use crate::error::EngineError;
use crate::event::StepReport;
use crate::grade::Grader;
use crate::proof::{MistakeReport, StepProof};
use crate::record::recorded;
use crate::session::{Session, begin};
use crate::solve::Solver;
use in_shell::AtShell;
pub(super) use in_shell::TypedStep;
use labrun_docker::{Endpoint, Engine};
use labrun_lab::{AsName, Loaded, Permission, Tool};
use labrun_store::Store;
pub(super) use leftovers::UnderWay;

/// How long it may take to find out which mistake was made: on a busy engine longer than learners would wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one way through a lab is to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// That every step fails before its solution and passes after it.
    Steps,
    /// The same of this step alone.
    Step(usize),
    /// That each mistake of this step is refused.
    Mistakes(usize),
    /// That the solutions pass their steps where learners type them, up to this step.
    InShell { shell: Shell, until: usize },
}

impl Aim {
    /// Of steps from this one on, it has something to tell.
    pub(super) fn tells_from(self) -> usize {
        match self {
            Self::Mistakes(index) => index,
            Self::Steps | Self::Step(_) | Self::InShell { .. } => 0,
        }
    }
}

/// What one way through a lab has proved.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) steps: Vec<StepProof>,
    pub(super) mistakes: Vec<MistakeReport>,
    /// How long the mistakes took, the steps before them left out.
    pub(super) took_for_mistakes: Duration,
    /// What was typed at the practice shell.
    pub(super) in_shell: Vec<TypedStep>,
    pub(super) left_behind: Vec<String>,
    pub(super) foreign_touched: Vec<String>,
}

impl Round {
    /// Goes through a lab that was loaded with `learner`'s names, until somebody says `stop`; nothing else uses the engine
    /// if it is `exclusive`. What it has proved by then is here, also when it ends early.
    ///
    /// # Errors
    /// When the lab can't begin, the engine stops answering, bash can't be run, or somebody interrupts.
    #[allow(clippy::too_many_arguments)] // each is another thing that this way through the lab has of its own
    pub(super) async fn go(
        &mut self,
        aim: Aim,
        loaded: Loaded,
        permission: Permission,
        learner: &AsName,
        endpoint: &Endpoint,
        mut engine: Engine,
        exclusive: bool,
        notes: &Notes,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), EngineError> {
        let mut store = Store::in_memory()?;
        engine.helper_image = loaded.lab.images.first().cloned().unwrap_or_default();
        let (mut session, _) = begin(&mut store, loaded, Some(learner), endpoint, &mut engine).await?;
        session.keeps_everything = exclusive;
        let noted = notes.begin(&session, learner, endpoint)?;
        let baseline = session.baseline()?;
        let solver = Solver::new(endpoint, &session.loaded.lab.owns, permission);
        let mut proving = Proving {
            store,
            session,
            engine: Ok(engine.clone()),
            solver,
            typed: Vec::new(),
            at_shell: None,
            under_way: None,
        };
        // Whatever happens, what was made is removed: also when the work is interrupted.
        let interrupted = tokio::select! {
            proved = proving.prove(aim, learner, self) => proved.map(|()| false),
            _ = stop.wait_for(|stop| *stop) => Ok(true),
        };
        proving.leave_shell().await;
        if matches!(interrupted, Ok(true)) {
            let is_gone = proving.calm_down(&engine).await?;
            if is_gone {
                notes.end(noted)?;
            }
            return Err(EngineError::Interrupted);
        }
        let left_behind = proving.clean_up(&engine).await;
        if let Err(error) = interrupted {
            // The note stays where it is not known that nothing is left.
            if left_behind.is_ok_and(|left| left.is_empty()) {
                notes.end(noted)?;
            }
            return Err(error);
        }
        self.left_behind = left_behind?;
        if self.left_behind.is_empty() {
            notes.end(noted)?;
        }
        if exclusive {
            self.foreign_touched = foreign(&proving.store, &proving.session, &baseline, &engine).await?;
        }
        Ok(())
    }
}

/// One way through a lab, under way.
pub(super) struct Proving {
    pub(super) store: Store,
    pub(super) session: Session,
    pub(super) engine: Result<Engine, CannotLook>,
    pub(super) solver: Solver,
    /// The texts run so far, as if they had been typed.
    typed: Vec<TypedLine>,
    /// The practice shell that is being typed at.
    pub(super) at_shell: Option<AtShell>,
    /// The mistake that is being made.
    pub(super) under_way: Option<UnderWay>,
}

impl Proving {
    async fn prove(&mut self, aim: Aim, learner: &AsName, round: &mut Round) -> Result<(), EngineError> {
        if let Aim::InShell { shell, until } = aim {
            return self.in_shell(shell, learner, until, &mut round.in_shell).await;
        }
        let steps = self.session.loaded.lab.steps.len();
        let to_prove = match aim {
            Aim::Steps => 0..steps,
            Aim::Step(index) => index..index + 1,
            Aim::Mistakes(_) | Aim::InShell { .. } => 0..0,
        };
        // What the look at one step's end told of the next one.
        let mut before = None;
        for index in 0..to_prove.end {
            let began = Instant::now();
            let (mut proof, next) = self.step(index, before).await?;
            before = next;
            proof.took = began.elapsed();
            // Without this step's state the next one cannot be proved.
            let goes_on = proof.goes_on();
            if to_prove.contains(&index) || !goes_on {
                round.steps.push(proof);
            }
            if !goes_on {
                return Ok(());
            }
        }
        if let Aim::Mistakes(index) = aim {
            for before in 0..index {
                if let Some(failed) = self.reach_behind(before).await? {
                    round.steps.push(failed);
                    return Ok(());
                }
            }
            let began = Instant::now();
            let step = self.session.loaded.lab.steps.get(index);
            let mistakes = step.map(|step| step.mistakes.clone()).unwrap_or_default();
            for (number, mistake) in mistakes.iter().enumerate() {
                // What the one before left is gone, and what the steps before made with it.
                if number > 0 {
                    self.replay(index).await?;
                }
                round.mistakes.push(self.mistake(index, mistake).await?);
                round.took_for_mistakes = began.elapsed();
            }
        }
        Ok(())
    }

    /// Proves a step. `before` is its verdict before its solution, where the look at the step before has told it; with
    /// the proof comes the next step's.
    async fn step(
        &mut self,
        index: usize,
        before: Option<Verdict>,
    ) -> Result<(StepProof, Option<Verdict>), EngineError> {
        let Some(step) = self.session.loaded.lab.steps.get(index) else { return Ok((StepProof::default(), None)) };
        let mut proof = StepProof::of(index, step);
        proof.passed_over = self.lacks(index).map(Tool::missing);
        if proof.passed_over.is_some() {
            return Ok((proof, None));
        }
        let solution = step.solution.text.clone();
        let before = match before {
            None => self.look(index).await?.map(|(report, _)| report.verdict),
            told => told,
        };
        proof.fails_before = before.is_some_and(|before| !before.is_pass());
        if !proof.fails_before {
            proof.why = Some("it passes before anything was done".to_owned());
            return Ok((proof, None));
        }
        let said = self.run(&solution).await?;
        let mut after = self.look(index).await?;
        if let Some((report, Some(answer))) = &after
            && !report.verdict.is_pass()
        {
            self.store.keep_answer(self.session.row.id, &proof.step, answer, 0)?;
            after = self.look(index).await?;
        }
        proof.passes_after = after.as_ref().is_some_and(|(report, _)| report.verdict.is_pass());
        if let Some((report, _)) = after {
            proof.why = why_not(&report, &said);
        }
        if !proof.passes_after {
            return Ok((proof, None));
        }
        let mut again = self.check().await?;
        proof.repeatable = match again.remove(&index) {
            Some(verdict) => verdict.is_pass(),
            // A step before this one did not pass again, and is looked at in its place.
            None => self.look(index).await?.is_some_and(|(report, _)| report.verdict.is_pass()),
        };
        Ok((proof, again.remove(&(index + 1))))
    }

    /// Does a step that another way through the lab proves. Gives what is known of it when it does not pass.
    async fn reach_behind(&mut self, index: usize) -> Result<Option<StepProof>, EngineError> {
        let Some(step) = self.session.loaded.lab.steps.get(index).filter(|_| self.lacks(index).is_none()) else {
            return Ok(None);
        };
        let (proof, solution) = (StepProof::of(index, step), step.solution.text.clone());
        self.run(&solution).await?;
        let passes = |verdicts: HashMap<usize, Verdict>| verdicts.get(&index).is_some_and(Verdict::is_pass);
        if passes(self.check().await?) {
            return Ok(None);
        }
        if let Some((_, Some(answer))) = self.look(index).await? {
            self.store.keep_answer(self.session.row.id, &proof.step, &answer, 0)?;
        }
        Ok(if passes(self.check().await?) { None } else { Some(proof) })
    }

    /// What a step takes and is not here.
    pub(super) fn lacks(&self, index: usize) -> Option<Tool> {
        self.session.progress.steps.get(index).and_then(|state| state.lacks)
    }

    pub(super) async fn run(&mut self, text: &str) -> Result<String, EngineError> {
        let ran = match &self.engine {
            Ok(engine) => recorded(&mut self.store, &self.session, engine, self.solver.run(text)).await?,
            Err(_) => self.solver.run(text).await?,
        };
        let at = self.engine.as_ref().map(|engine| engine.clock.now()).unwrap_or_default();
        let exit_code = ran.exit_code.map_or(-1, i64::from);
        self.typed.push(TypedLine { line: text.to_owned(), exit_code, cwd: None, at, ..TypedLine::default() });
        Ok(if ran.exit_code == Some(0) { String::new() } else { ran.output })
    }

    pub(super) async fn look(&mut self, index: usize) -> Result<Option<(StepReport, Option<String>)>, EngineError> {
        self.know_the_journal()?;
        let grader = Grader::new(&mut self.store, &self.engine, Some(&self.typed));
        Ok(Grader { patience: PATIENCE, ..grader }.look(&self.session, index).await?)
    }

    /// Takes over up to where the journal is complete: what it holds need not be asked for again.
    fn know_the_journal(&mut self) -> Result<(), EngineError> {
        if let Some(row) = self.store.session(self.session.row.id)? {
            self.session.row = row;
        }
        Ok(())
    }

    /// Grades as a learner's `check` does: the current step, and with its pass recorded, so that evidence counts from
    /// there, the next one. Gives the verdicts by the steps' positions.
    async fn check(&mut self) -> Result<HashMap<usize, Verdict>, EngineError> {
        self.know_the_journal()?;
        let outcome = Grader::new(&mut self.store, &self.engine, Some(&self.typed)).check(&mut self.session).await?;
        Ok(outcome.steps.into_iter().map(|report| (report.index, report.verdict)).collect())
    }
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
