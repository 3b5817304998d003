//! What a way through a lab has made, and its removal: also when it is interrupted.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use labrun_graders::CannotLook;
use labrun_graders::name::{Name, NameKind};
use labrun_graders::node::Span;

use super::Proving;
use crate::error::EngineError;
use crate::ownership::OwnLabels;
use crate::removal::{Belonging, belongings, holders, of_names, remove};
use labrun_docker::{Engine, Snapshot};
use labrun_lab::Owns;

/// How long nothing new must come after an interruption, a third of it at least; on a busy engine it is as long as the
/// look itself took, twice.
const CALM: Duration = Duration::from_millis(150);

/// How often that is looked at, at most.
const CALM_TRIES: usize = 40;

/// What must be known to remove all that a mistake makes, also when it is interrupted.
pub(in crate::verify) struct UnderWay {
    /// What it says it leaves.
    pub(in crate::verify) leaves: Owns,
    /// What of that was there before.
    pub(in crate::verify) baseline: Snapshot,
    /// All that was there before.
    pub(in crate::verify) before: Snapshot,
}

impl Proving {
    /// All that is there by now: what the lab owns, and what the mistake that is under way made beside it.
    pub(in crate::verify) async fn made(&self, engine: &Engine) -> Result<Vec<Belonging>, EngineError> {
        let owned = belongings(&self.session, &self.store, engine).await?;
        let Some(UnderWay { leaves, baseline, before }) = &self.under_way else { return Ok(owned) };
        let mut made = self.unnamed(&owned, before, engine).await?;
        made.extend(owned);
        made.extend(of_names(leaves, &OwnLabels::of(&self.session.loaded.lab), baseline, engine).await?);
        // A volume is free only when its containers are gone.
        made.sort_by_key(|belonging| belonging.kind);
        Ok(made)
    }

    /// The containers that a mistake made without a name that anybody could list: they hold what the lab owns, and were
    /// not there before it.
    async fn unnamed(
        &self,
        owned: &[Belonging],
        before: &Snapshot,
        engine: &Engine,
    ) -> Result<Vec<Belonging>, CannotLook> {
        let holders = holders(owned, before, engine).await?.into_iter();
        let containers = holders.filter(|holder| holder.kind == NameKind::Container).map(|holder| holder.name);
        let names: HashSet<String> =
            containers.filter(|name| before.identity(NameKind::Container, name).is_none()).collect();
        let names = names.into_iter().map(|text| Name { kind: NameKind::Container, text, span: Span::default() });
        of_names(&Owns { names: names.collect() }, &OwnLabels::of(&self.session.loaded.lab), before, engine).await
    }

    /// Removes what the lab made until nothing more comes: the engine may still be at a request whose sender was ended.
    /// Returns true if nothing is left.
    pub(in crate::verify) async fn calm_down(&self, engine: &Engine) -> Result<bool, EngineError> {
        let mut calm = 0;
        for _ in 0..CALM_TRIES {
            let began = Instant::now();
            let made = self.made(engine).await?;
            let took = began.elapsed();
            calm = if made.is_empty() { calm + 1 } else { 0 };
            if calm >= 3 {
                return Ok(true);
            }
            remove(made, &self.session.baseline()?, engine).await;
            tokio::time::sleep(CALM.max(took * 2)).await;
        }
        Ok(false)
    }

    /// Removes what the lab made; what is still there then was left behind.
    pub(in crate::verify) async fn clean_up(&self, engine: &Engine) -> Result<Vec<String>, EngineError> {
        remove(self.made(engine).await?, &self.session.baseline()?, engine).await;
        let left = self.made(engine).await?;
        Ok(left.iter().map(|left| format!("{} {}", left.kind.word(), left.name)).collect())
    }
}
