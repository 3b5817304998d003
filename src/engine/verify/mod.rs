//! Proving a lab on a real engine: each step fails before its solution, passes after it, passes again, and refuses each
//! of its authored mistakes. With names of its own, so that it runs beside a learner; and with names of its own for the
//! mistakes of each step, so that they are made side by side.

mod foreign;
mod round;

use std::cell::Cell;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use super::event::{Event, Listener};
use super::session::EngineError;
use crate::lab::{AsName, LoadError, Loaded, load};
use crate::probe::{Endpoint, Engine};
use round::{Aim, Round};

/// How to verify.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// How many ways through the lab are gone side by side, at least one.
    pub jobs: usize,
    /// Only this step: its number or its id.
    pub step: Option<String>,
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
    /// Its position in the lab, from 0.
    pub index: usize,
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

impl LabReport {
    /// Takes in what one way through the lab has proved.
    fn add(&mut self, aim: Aim, round: Round) {
        self.left_behind.extend(round.left_behind);
        self.foreign_touched.extend(round.foreign_touched);
        let Aim::Mistakes(index) = aim else {
            self.steps = round.steps;
            return;
        };
        let Some(proof) = self.steps.iter_mut().find(|proof| proof.index == index) else { return };
        proof.mistakes = round.mistakes;
        if let Some(failed) = round.steps.first() {
            proof.repeatable = false;
            let title = &failed.title;
            proof.why =
                Some(format!("for its mistakes the steps before were done again, and then “{title}” did not pass"));
        }
    }
}

/// Verifies a lab that was loaded with `learner`'s names.
///
/// # Errors
/// When the lab can't begin, the engine stops answering, or bash can't be run; and for a step that the lab does not have.
pub async fn verify(
    loaded: Loaded,
    learner: &AsName,
    endpoint: &Endpoint,
    engine: Engine,
    options: &VerifyOptions,
    listener: &mut dyn Listener,
) -> Result<LabReport, EngineError> {
    let lab = &loaded.lab;
    let only = match &options.step {
        Some(step) => Some(lab.step_index(step).ok_or_else(|| EngineError::NoSuchStep(step.clone()))?),
        None => None,
    };
    let aims = aims(&loaded, only, options.no_mistakes);
    let steps_in_lab = if only.is_some() { 1 } else { lab.steps.len() };
    listener.hear(&Event::VerifyBegins { lab: &lab.id, rounds: aims.len() });
    let mut report = LabReport { lab: lab.id.clone(), steps_in_lab, ..LabReport::default() };
    let (address, hash) = (loaded.source.address(), loaded.hash.clone());
    // After one that fails, none begins; what has begun is waited for, since it has to clean up.
    let failed = Cell::new(false);
    let (stop, stopped) = watch::channel(false);
    // Behind a step that does not pass after its solution nothing can be proved.
    let reached = Cell::new(usize::MAX);
    let rounds = aims.iter().enumerate().map(|(number, aim)| {
        let (address, hash, failed, reached) = (&address, &hash, &failed, &reached);
        let (engine, stopped) = (engine.clone(), stopped.clone());
        async move {
            if failed.get() || *stopped.borrow() {
                return Err(EngineError::Interrupted);
            }
            if matches!(aim, Aim::Mistakes(index) if *index >= reached.get()) {
                return Ok(Round::default());
            }
            let learner = if number == 0 { learner.clone() } else { learner.numbered(number) };
            let loaded = load(address, Some(learner.clone()))?;
            if loaded.hash != *hash {
                return Err(LoadError::Changed.into());
            }
            let round = Round::go(*aim, loaded, &learner, endpoint, engine, options.exclusive, stopped).await;
            failed.set(failed.get() || round.is_err());
            if let (Aim::Steps, Ok(round)) = (aim, &round) {
                reached.set(round.steps.iter().take_while(|proof| proof.passes_after).count());
            }
            round
        }
    });
    // What a lab touches without owning it can be told only of one at a time.
    let side_by_side = if options.exclusive { 1 } else { options.jobs.max(1) };
    let mut rounds = stream::iter(rounds).buffered(side_by_side);
    let (mut done, mut told, mut ended) = (0, 0, Ok(()));
    let mut end = pin!(asked_to_end());
    loop {
        let round = tokio::select! {
            round = rounds.next() => round,
            () = &mut end, if !*stopped.borrow() => {
                stop.send_replace(true);
                continue;
            }
        };
        let Some(round) = round else { break };
        match round {
            Ok(round) => report.add(aims[done], round),
            // The first is the reason for the others.
            Err(error) => ended = ended.and(Err(error)),
        }
        done += 1;
        listener.hear(&Event::RoundEnds { done });
        let all_known_before = match aims.get(done) {
            Some(Aim::Mistakes(index)) => *index,
            _ => usize::MAX,
        };
        for proof in report.steps.iter().filter(|proof| ended.is_ok() && proof.index < all_known_before).skip(told) {
            listener.hear(&Event::StepProved { proof });
            told += 1;
        }
    }
    ended?;
    report.left_behind.extend(own_helpers(&engine).await?);
    report.passed = report.steps.len() == steps_in_lab
        && report.steps.iter().all(StepProof::holds)
        && report.left_behind.is_empty()
        && report.foreign_touched.is_empty();
    listener.hear(&Event::VerifyEnds { report: &report });
    Ok(report)
}

/// Ctrl-C, or a polite end from a job's runner.
pub async fn asked_to_end() {
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

/// The helper containers of this process that are still there.
async fn own_helpers(engine: &Engine) -> Result<Vec<String>, EngineError> {
    let now = engine.snapshot().await?;
    let own = format!("labrun-probe-{}-", std::process::id());
    let containers = now.objects.get("container").into_iter().flatten().map(|(name, _)| name);
    Ok(containers.filter(|name| name.starts_with(&own)).map(|name| format!("container {name}")).collect())
}

/// The ways to go through a lab: one for the steps, and one for each step with mistakes.
fn aims(loaded: &Loaded, only: Option<usize>, no_mistakes: bool) -> Vec<Aim> {
    let steps = loaded.lab.steps.iter().enumerate();
    let wanted = steps.filter(|(index, _)| only.is_none_or(|only| only == *index));
    let with_mistakes = wanted.filter(|(_, step)| !no_mistakes && !step.mistakes.is_empty());
    let mistakes = with_mistakes.map(|(index, _)| Aim::Mistakes(index));
    std::iter::once(only.map_or(Aim::Steps, Aim::Step)).chain(mistakes).collect()
}
