//! Proving a lab on a real engine: each step fails before its solution, passes after it, passes again, and refuses each
//! of its authored mistakes. With names of its own, so that it runs beside a learner; and with names of its own for the
//! mistakes of each step, so that they are made side by side. If asked for, also in the practice shell.

mod claims;
mod foreign;
mod labs;
mod report;
mod round;
mod shell;
mod turns;
mod typist;
mod unfinished;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use super::error::EngineError;
use super::event::{Event, Listener};
use super::proof::LabReport;
use labrun_docker::{Endpoint, Engine, Tools};
use labrun_lab::{AsName, LoadError, Loaded, Permission, Step, load};
pub use labs::{Ended, ToVerify, verify_all};
use round::{Aim, Round};
pub use shell::Shell;
use turns::Turns;
pub use unfinished::{Notes, Unfinished};

/// How to verify.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// How many ways through the labs are gone side by side, at least one.
    pub jobs: usize,
    /// Only this step: its number or its id.
    pub step: Option<String>,
    /// Nothing else uses the engine: whatever else has changed on it, the lab changed.
    pub exclusive: bool,
    /// Also type the solutions into a practice shell of this kind.
    pub in_shell: Option<Shell>,
    /// Leave the authored mistakes out: each costs a reset and a replay.
    pub no_mistakes: bool,
}

/// Which of the labs one is that are verified, and what it has in common with the others.
struct Among {
    /// Its number, from 0.
    number: usize,
    turns: Turns,
    /// Says when to stop.
    stop: watch::Receiver<bool>,
    /// Where it is noted what may be left.
    notes: Notes,
}

/// Verifies a lab that was loaded with `learner`'s names. The report is there as far as it came, also when it ended early.
///
/// # Errors
/// When the lab can't begin, the engine stops answering, or bash can't be run; and for a step that the lab does not have.
#[allow(clippy::too_many_arguments)] // each is another thing that this verification has of its own
async fn verify(
    loaded: Loaded,
    permission: Permission,
    learner: &AsName,
    endpoint: &Endpoint,
    engine: Engine,
    options: &VerifyOptions,
    among: Among,
    listener: &mut dyn Listener,
) -> (LabReport, Result<(), EngineError>) {
    let began = Instant::now();
    let mut report = LabReport::unknown(&loaded.lab.id);
    let mut ended = match only(&loaded, options) {
        Ok(only) => {
            let verification =
                Verification { loaded, permission, only, learner, endpoint, engine: engine.clone(), options, among };
            let ended = verification.go(&mut report, listener).await;
            report.miss(&verification.loaded.lab, only);
            ended
        }
        Err(error) => Err(error),
    };
    if ended.is_ok() {
        match left_helpers(&engine).await {
            Ok(helpers) => report.left_behind.extend(helpers),
            Err(error) => ended = Err(error),
        }
    }
    report.took = began.elapsed();
    report.passed = ended.is_ok() && report.holds();
    if ended.is_ok() {
        listener.hear(&Event::VerifyEnds { report: &report });
    }
    (report, ended)
}

/// The only step that is to be proved, if there is one.
fn only(loaded: &Loaded, options: &VerifyOptions) -> Result<Option<usize>, EngineError> {
    let index = |step: &String| loaded.lab.step_index(step).ok_or_else(|| EngineError::NoSuchStep(step.clone()));
    options.step.as_ref().map(index).transpose()
}

/// Who goes the ways through a lab, and how.
struct Verification<'a> {
    loaded: Loaded,
    permission: Permission,
    only: Option<usize>,
    learner: &'a AsName,
    endpoint: &'a Endpoint,
    engine: Engine,
    options: &'a VerifyOptions,
    among: Among,
}

impl Verification<'_> {
    /// Goes all of them, as many side by side as it gets turns for, and tells what is known as soon as it is.
    async fn go(&self, report: &mut LabReport, listener: &mut dyn Listener) -> Result<(), EngineError> {
        let aims = self.aims();
        listener.hear(&Event::VerifyBegins { lab: &self.loaded.lab.id, rounds: aims.len() });
        // After one that fails, none begins; what has begun is waited for, since it has to clean up.
        let failed = Cell::new(false);
        // Behind a step that does not pass after its solution nothing can be proved.
        let reached = Cell::new(usize::MAX);
        let rounds = aims.iter().enumerate().map(|(number, aim)| {
            let (failed, reached, mut stop) = (&failed, &reached, self.among.stop.clone());
            async move {
                let mut round = Round::default();
                let turn = tokio::select! {
                    turn = self.among.turns.take((self.among.number, number)) => Some(turn),
                    _ = stop.wait_for(|stop| *stop) => None,
                };
                if turn.is_none() || failed.get() || *stop.borrow() {
                    return (round, Err(EngineError::Interrupted));
                }
                if matches!(aim, Aim::Mistakes(index) if *index >= reached.get()) {
                    return (round, Ok(()));
                }
                let ended = self.round(number, *aim, &mut round, stop).await;
                failed.set(failed.get() || ended.is_err());
                if *aim == Aim::Steps && ended.is_ok() {
                    reached.set(round.steps.iter().take_while(|proof| proof.goes_on()).count());
                }
                (round, ended)
            }
        });
        let mut rounds = stream::iter(rounds).buffered(self.options.jobs.max(1));
        let (mut done, mut told, mut ended) = (0, 0, Ok(()));
        while let Some((round, round_ended)) = rounds.next().await {
            report.add(aims[done], round, &self.loaded.lab, self.options);
            // The first is the reason for the others.
            ended = ended.and(round_ended);
            done += 1;
            listener.hear(&Event::RoundEnds { done });
            let all_known_before = aims.get(done).map_or(usize::MAX, |aim| aim.tells_from());
            for proof in report.steps.iter().filter(|proof| ended.is_ok() && proof.index < all_known_before).skip(told)
            {
                listener.hear(&Event::StepProved { proof });
                told += 1;
            }
        }
        ended
    }

    /// Goes one of them, under names of its own.
    async fn round(
        &self,
        number: usize,
        aim: Aim,
        round: &mut Round,
        stop: watch::Receiver<bool>,
    ) -> Result<(), EngineError> {
        let learner = if number == 0 { self.learner.clone() } else { self.learner.numbered(number) };
        let loaded = load(&self.loaded.source.address(), Some(learner.clone()))?;
        if !loaded.has_files_of(&self.loaded) {
            return Err(LoadError::Changed.into());
        }
        let notes = &self.among.notes;
        round
            .go(
                aim,
                loaded,
                self.permission.clone(),
                &learner,
                self.endpoint,
                self.engine.clone(),
                self.options.exclusive,
                notes,
                stop,
            )
            .await
    }

    /// The ways to go through a lab: one for the steps, one for each step with mistakes, and between them one at the
    /// practice shell.
    fn aims(&self) -> Vec<Aim> {
        let steps = self.loaded.lab.steps.iter().enumerate();
        let wanted = steps.filter(|(index, _)| self.only.is_none_or(|only| only == *index));
        let tools = Tools::here();
        let can_be_made = |step: &Step| step.needs.is_none_or(|tool| tools.has(tool)) && !self.options.no_mistakes;
        let with_mistakes = wanted.filter(|(_, step)| can_be_made(step) && !step.mistakes.is_empty());
        let mistakes = with_mistakes.map(|(index, _)| Aim::Mistakes(index));
        let until = self.only.unwrap_or(usize::MAX);
        let in_shell = self.options.in_shell.map(|shell| Aim::InShell { shell, until });
        std::iter::once(self.only.map_or(Aim::Steps, Aim::Step)).chain(in_shell).chain(mistakes).collect()
    }
}

/// How long a helper container of another lab, which is verified at the same time, is waited for: each lives for a look.
const HELPERS_LIFE: Duration = Duration::from_secs(10);

/// The helper containers of this process that are there and stay.
async fn left_helpers(engine: &Engine) -> Result<Vec<String>, EngineError> {
    let began = Instant::now();
    let mut left = own_helpers(engine).await?;
    while !left.is_empty() && began.elapsed() < HELPERS_LIFE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // No two of them have the same name.
        let now = own_helpers(engine).await?;
        left.retain(|name| now.contains(name));
    }
    Ok(left.into_iter().map(|name| format!("container {name}")).collect())
}

async fn own_helpers(engine: &Engine) -> Result<BTreeSet<String>, EngineError> {
    let Some(mark) = engine.marks.used() else { return Ok(BTreeSet::new()) };
    let now = engine.snapshot().await?;
    let own = format!("labrun-probe-{mark}-");
    let containers = now.objects.get("container").into_iter().flatten().map(|(name, _)| name);
    Ok(containers.filter(|name| name.starts_with(&own)).cloned().collect())
}
