//! The mistakes that a lab's author wrote down: each is made from the state in which its step begins, and has to be refused.

use labrun_graders::name::Name;
use labrun_graders::{CannotLook, Verdict};

use super::Proving;
use super::leftovers::UnderWay;
use crate::baseline;
use crate::error::EngineError;
use crate::proof::MistakeReport;
use crate::removal::remove;
use labrun_docker::{Engine, Snapshot};
use labrun_lab::{Mistake, Owns};

impl Proving {
    /// Makes a mistake from the state in which the step begins, sees what is said of it, and removes all that was made.
    pub(in crate::verify) async fn mistake(
        &mut self,
        index: usize,
        mistake: &Mistake,
    ) -> Result<MistakeReport, EngineError> {
        let engine = self.engine.clone()?;
        let leaves = Owns { names: mistake.leaves.clone() };
        let baseline = self.baseline_with(&leaves.names, &engine).await?;
        // Of several commands Podman does not tell which came first: those before are told apart from the mistake's.
        if engine.is_podman().await {
            self.look(index).await?;
        }
        // What other mistakes and the solutions before did is no part of this one.
        self.session.progress.cursor = engine.clock.now();
        let before = engine.snapshot().await?;
        self.under_way = Some(UnderWay { leaves, baseline, before });
        self.run(&mistake.run.text).await?;
        let seen = self.look(index).await?;
        let first = seen.as_ref().and_then(|(report, _)| report.nearest());
        let diagnosis = first.and_then(|feedback| feedback.diagnosis.as_deref()).map(str::to_owned);
        let failed = seen.is_some_and(|(report, _)| matches!(report.verdict, Verdict::Fail(_)));
        let refused = failed && diagnosis.as_deref() == Some(mistake.diagnosis.text.as_str());
        remove(self.made(&engine).await?, &self.session.baseline()?, &engine).await;
        self.under_way = None;
        Ok(MistakeReport { run: mistake.run.text.clone(), diagnosis, refused })
    }

    /// What was there before a mistake, of what it says it leaves.
    async fn baseline_with(&self, leaves: &[Name], engine: &Engine) -> Result<Snapshot, CannotLook> {
        let mut baseline = Snapshot::default();
        for name in leaves {
            if let Some(identity) = baseline::identity(engine, name.kind, &name.text).await? {
                baseline.insert(name.kind, name.text.clone(), identity);
            }
        }
        Ok(baseline)
    }

    /// Runs the solutions of the steps before this one again.
    pub(in crate::verify) async fn replay(&mut self, index: usize) -> Result<(), EngineError> {
        let before = self.session.loaded.lab.steps.iter().take(index).enumerate();
        let before = before.filter(|(index, _)| self.lacks(*index).is_none());
        let (ids, texts): (Vec<String>, Vec<String>) =
            before.map(|(_, step)| (step.id.clone(), step.solution.text.clone())).unzip();
        for text in texts {
            self.run(&text).await?;
        }
        let now = self.engine.clone()?.clock.now();
        self.store.note_made_again(self.session.row.id, &ids.iter().map(String::as_str).collect::<Vec<_>>(), now)?;
        Ok(())
    }
}
