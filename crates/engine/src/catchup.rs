//! Catching up: the state in which a step begins, made by the solutions before it.
//!
//! What the lab made so far is removed first, so that it does not matter how far somebody came, nor whether an earlier
//! try was interrupted. Steps that the learner had not passed are then given, not passed.

use labrun_graders::evidence::TypedLine;

use super::baseline::taken;
use super::error::EngineError;
use super::event::{Event, Listener};
use super::grade::Grader;
use super::removal::{Belonging, remove};
use super::session::Session;
use super::solve::Solver;
use labrun_docker::Engine;
use labrun_store::Store;

/// Rebuilds the state in which the step of this index begins; `made` is what the lab made so far.
///
/// # Errors
/// When something can't be removed, a solution does not bring its step about, or progress can't be kept. It can then be
/// run again.
pub async fn catch_up(
    store: &mut Store,
    session: &mut Session,
    engine: &Engine,
    solver: &Solver,
    made: Vec<Belonging>,
    index: usize,
    listener: &mut dyn Listener,
) -> Result<(), EngineError> {
    let baseline = session.baseline()?;
    if let Some((belonging, why)) = remove(made, &baseline, engine).await.failed.into_iter().next() {
        return Err(EngineError::NotRemoved { name: belonging.name, why });
    }
    // The solutions would work on what has one of the names now, and it is not the lab's.
    let taken = taken(&session.loaded.lab.owns, engine).await?;
    if !taken.is_empty() {
        return Err(EngineError::Taken(taken));
    }
    let answering = Ok(engine.clone());
    let mut typed: Vec<TypedLine> = Vec::new();
    for index in 0..index.min(session.loaded.lab.steps.len()) {
        let Some(step) = session.loaded.lab.steps.get(index) else { break };
        // What can't be done here can't be made here.
        if session.progress.steps.get(index).is_some_and(|state| state.lacks.is_some()) {
            continue;
        }
        listener.hear(&Event::StepBegins { index, title: &step.title.text });
        let (id, solution) = (step.id.clone(), step.solution.text.clone());
        let ran = solver.run(&solution).await?;
        let exit_code = ran.exit_code.map_or(-1, i64::from);
        typed.push(TypedLine { line: solution, exit_code, cwd: None, at: engine.clock.now(), ..TypedLine::default() });
        let mut looked = Grader::new(store, &answering, Some(&typed)).look(session, index).await?;
        // What is asked of the learner is answered by what was made.
        if let Some((report, Some(answer))) = &looked
            && !report.verdict.is_pass()
        {
            store.keep_answer(session.row.id, &id, answer, engine.clock.now())?;
            looked = Grader::new(store, &answering, Some(&typed)).look(session, index).await?;
        }
        if looked.is_none_or(|(report, _)| !report.verdict.is_pass()) {
            let why = ran.output.lines().last().unwrap_or("its solution did not bring it about").to_owned();
            return Err(EngineError::CatchUp { step: index + 1, why });
        }
        store.note_made_again(session.row.id, &[&id], engine.clock.now())?;
        session.refresh(store)?;
    }
    Ok(())
}
