//! The rows of a few steps of one lab, gone through by one learner; and what happens when that goes wrong.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;

use super::engine_care::{Health, generation, revive};
use super::judgement::{Judged, Place};
use super::pupil::Pupil;
use super::report::Report;
use super::say;
use super::table::StepTable;
use super::things::Things;
use super::trial::Trial;

/// How many rows in a row may fail to be judged before a share is given up.
const MAX_TROUBLE: usize = 3;

/// Steps of one lab, in its order.
#[derive(Clone, Debug)]
pub struct Share {
    pub lab: String,
    pub steps: Vec<StepTable>,
}

impl Share {
    pub fn rows(&self) -> usize {
        self.steps.iter().map(|step| step.rows.len()).sum()
    }

    /// Goes through it. What could not be judged since the engine had locked up is tried again.
    pub fn go(&self, report: &Mutex<Report>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (mut done, mut trouble) = (Done::default(), 0);
        while trouble < MAX_TROUBLE {
            let (before, engine) = (done, generation());
            let mut pupil = None;
            let went = runtime.block_on(self.go_on(&mut pupil, &mut done, engine, report));
            // After an engine that has come back, since one that has locked up removes nothing.
            let health = if went.is_err() { revive(engine) } else { Health::Fine };
            if let Some(pupil) = pupil {
                let _ = runtime.block_on(pupil.remove_beside(&Things::default()));
            }
            let Err(why) = went else { return };
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            if health == Health::Revived {
                continue;
            }
            report.trouble.push((self.name(done), why));
            done.row += 1;
            trouble = if done.step == before.step && done.row <= before.row + 1 { trouble + 1 } else { 1 };
            if health == Health::Lost {
                break;
            }
        }
        let left = format!("given up; {} rows were left", self.left(done));
        report.lock().unwrap_or_else(PoisonError::into_inner).trouble.push((self.name(done), left));
    }

    fn left(&self, done: Done) -> usize {
        self.steps.iter().skip(done.step).map(|step| step.rows.len()).sum::<usize>().saturating_sub(done.row)
    }

    fn name(&self, done: Done) -> String {
        let Some(step) = self.steps.get(done.step) else { return self.lab.clone() };
        let row =
            done.row.checked_sub(1).map_or(super::trial::IDLE, |row| step.rows.get(row).map_or("", |row| &row.what));
        format!("{} · {} · {row}", self.lab, step.step)
    }

    /// Goes on with a new learner from where it stands.
    async fn go_on(
        &self,
        pupil: &mut Option<Pupil>,
        done: &mut Done,
        engine: u64,
        report: &Mutex<Report>,
    ) -> Result<(), String> {
        let began = AssertUnwindSafe(Pupil::begin(&self.lab)).catch_unwind().await;
        let pupil = pupil.insert(began.unwrap_or_else(|panic| Err(words(&*panic)))?);
        let went = AssertUnwindSafe(self.steps(pupil, done, engine, report)).catch_unwind().await;
        went.unwrap_or_else(|panic| Err(words(&*panic)))
    }

    async fn steps(&self, pupil: &Pupil, done: &mut Done, engine: u64, report: &Mutex<Report>) -> Result<(), String> {
        let mut is_there = false;
        while let Some(table) = self.steps.get(done.step) {
            // From one step to the next by a solution; but from nothing, all at once.
            if is_there || table.index == 0 {
                pupil.reach(table.index).await?;
            } else {
                pupil.rebuild(table.index).await?;
            }
            let mut trial = Trial::of(pupil, table).await?;
            while done.row <= table.rows.len() {
                let row = done.row.checked_sub(1).map(|row| &table.rows[row]);
                let place =
                    Place { lab: self.lab.clone(), index: table.index, step: table.step.clone(), row: done.row };
                let mut rebuilt = Vec::new();
                let judged = match row {
                    None => trial.idle(place).await?,
                    Some(row) => trial.row(row, place, &mut rebuilt).await?,
                };
                if let Some(why) = judged.iter().find_map(Judged::engine_trouble) {
                    return Err(why);
                }
                if judged.iter().any(|judged| !judged.is_as_expected()) && generation() != engine {
                    return Err("its containers have ended with the engine".to_owned());
                }
                let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                report.judged.extend(judged);
                report.rebuilt.extend(rebuilt.into_iter().map(|why| (self.name(*done), why)));
                done.row += 1;
            }
            is_there = trial.is_as_it_began();
            say(&format!("{} · {}: {} rows", self.lab, table.step, table.rows.len()));
            *done = Done { step: done.step + 1, row: 0 };
        }
        Ok(())
    }
}

/// How far it is: a step by its place in the share; row 0 is that nothing is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    step: usize,
    row: usize,
}

/// What a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default()
}
