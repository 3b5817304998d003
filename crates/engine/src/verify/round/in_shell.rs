//! One way through a lab at the practice shell: each solution is typed there, and has to pass its step there.

use std::time::{Duration, Instant};

use super::Proving;
use crate::error::EngineError;
use crate::progress::Progress;
use crate::relay::Relay;
use crate::verify::shell::Shell;
use crate::verify::typist::Typist;
use labrun_lab::AsName;
use labrun_store::{Mark, Store};

/// How long a step may take to pass after its solution's last prompt.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a question is left open, since what was typed may answer it.
const GRACE: Duration = Duration::from_secs(2);

/// How often it is looked whether it has passed.
const LOOK: Duration = Duration::from_millis(50);

/// How often Enter is pressed meanwhile: a verdict that missed its prompt comes at the next one.
const NUDGE: Duration = Duration::from_millis(500);

/// What became of a step whose solution was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::verify) struct TypedStep {
    /// Its position in the lab, from 0.
    pub(in crate::verify) index: usize,
    /// It passed.
    pub(in crate::verify) passed: bool,
    /// Why not, with the end of the screen.
    pub(in crate::verify) why: Option<String>,
}

/// The progress that the practice shell keeps.
struct Kept<'a> {
    store: Store,
    learner: &'a AsName,
}

impl Proving {
    /// Types the solutions up to this step, until one does not pass.
    ///
    /// # Errors
    /// When there is no such shell and no terminal, or progress can't be read.
    pub(in crate::verify) async fn in_shell(
        &mut self,
        shell: Shell,
        learner: &AsName,
        until: usize,
        steps: &mut Vec<TypedStep>,
    ) -> Result<(), EngineError> {
        if shell.program().is_none() {
            return Err(EngineError::NoShell(shell.name()));
        }
        let home = home().map_err(EngineError::Terminal)?;
        let kept = Kept { store: Store::open(&home.path().join("labrun"), None)?, learner };
        let address = self.session.loaded.source.address();
        let arguments = ["start", &address, "--as", learner.as_str()];
        let (environment, relay) = self.solver.way().map_err(EngineError::Terminal)?;
        let typist = Typist::begin(shell, home.path(), &arguments, environment);
        // It is kept where whoever interrupts this finds it.
        let at = self.at_shell.insert(AtShell {
            typist: typist.map_err(EngineError::Terminal)?,
            _home: home,
            _relay: relay,
        });
        let mut trouble = at.typist.ready().await.err();
        let solutions = self.session.loaded.lab.steps.iter().map(|step| step.solution.text.clone());
        let solutions: Vec<String> =
            solutions.enumerate().take_while(|(index, _)| *index <= until).map(|(_, text)| text).collect();
        for (index, solution) in solutions.iter().enumerate() {
            if self.lacks(index).is_some() {
                continue;
            }
            let why = match trouble.take() {
                Some(trouble) => Some(trouble),
                None => self.type_step(shell, index, solution, &kept).await?,
            };
            let why =
                why.map(|why| format!("in the practice shell ({}): {why}; it showed:\n{}", shell.name(), self.tail()));
            let passed = why.is_none();
            steps.push(TypedStep { index, passed, why });
            if !passed {
                break;
            }
        }
        Ok(())
    }

    /// Types a step's solution, and where that is not enough the answer to its question. Gives why it has not passed.
    async fn type_step(
        &mut self,
        shell: Shell,
        index: usize,
        solution: &str,
        kept: &Kept<'_>,
    ) -> Result<Option<String>, EngineError> {
        self.solver.permission().still_holds()?;
        if let Some(trouble) = self.enter(solution).await {
            return Ok(Some(trouble));
        }
        let (began, mut nudged, mut answered) = (Instant::now(), Instant::now(), false);
        while began.elapsed() < PATIENCE {
            if self.has_passed(index, kept)? {
                return Ok(None);
            }
            if !answered && began.elapsed() > GRACE {
                answered = true;
                if let Some(answer) = self.look(index).await?.and_then(|(_, answer)| answer) {
                    let line = format!("lab answer -- {}", shell.quoted(&answer));
                    if let Some(trouble) = self.enter(&line).await {
                        return Ok(Some(trouble));
                    }
                }
            } else if nudged.elapsed() > NUDGE {
                nudged = Instant::now();
                if let Some(trouble) = self.enter("").await {
                    return Ok(Some(trouble));
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(Some(format!("its solution did not pass within {} seconds", PATIENCE.as_secs())))
    }

    /// Whether the practice shell has recorded that this step passed.
    fn has_passed(&self, index: usize, kept: &Kept<'_>) -> Result<bool, EngineError> {
        let Some(row) = kept.store.current(Some(kept.learner.as_str()))? else { return Ok(false) };
        let progress = Progress::derive(&kept.store, row.id, row.begin.started, &self.session.loaded.lab)?;
        Ok(progress.steps.get(index).is_some_and(|step| step.closed == Some(Mark::Pass)))
    }

    /// Types a text. Gives what went wrong.
    async fn enter(&mut self, text: &str) -> Option<String> {
        match &mut self.at_shell {
            Some(at) => at.typist.enter(text).await.err(),
            None => Some("there is no shell any more".to_owned()),
        }
    }

    fn tail(&self) -> String {
        self.at_shell.as_ref().map(|at| at.typist.tail()).unwrap_or_default()
    }

    /// Leaves the practice shell, if there is one, and removes its home.
    pub(in crate::verify) async fn leave_shell(&mut self) {
        if let Some(at) = self.at_shell.take() {
            at.typist.end().await;
        }
    }
}

/// A practice shell, and the home that goes with it.
pub(in crate::verify) struct AtShell {
    typist: Typist,
    _home: tempfile::TempDir,
    /// The way to the engine for the user who ran sudo.
    _relay: Option<Relay>,
}

/// A home for nobody else.
fn home() -> std::io::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let ours = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix("labrun-typist-").permissions(ours).tempdir()
}
