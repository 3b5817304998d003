//! What has changed on the engine while nobody practised: a reboot stops containers, somebody cleans up.

use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Fact, Facts, Nanos, Target};

use super::facts::World;
use super::session::Session;
use labrun_docker::Engine;
use labrun_store::{Store, StoreError};

/// How something of the lab's differs from how it was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was running, and has ended.
    Stopped,
    /// It was there, and is gone.
    Gone,
}

/// Something of the lab's that is not as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub kind: NameKind,
    /// Its name.
    pub name: String,
    /// What has become of it.
    pub difference: Difference,
}

/// Compares what the lab owns with what was last known of it.
///
/// # Errors
/// When progress can't be read; an engine that can't be asked is the inner error.
pub async fn changes(
    store: &mut Store,
    session: &Session,
    engine: &Result<Engine, CannotLook>,
) -> Result<Result<Vec<Change>, CannotLook>, StoreError> {
    let left = session.row.reached;
    let owned: Vec<(Ask, Target)> = session
        .loaded
        .lab
        .owns
        .names
        .iter()
        .filter_map(|name| {
            let ask = match name.kind {
                NameKind::Container => Ask::Container(name.text.clone()),
                NameKind::Volume => Ask::Volume(name.text.clone()),
                NameKind::Network | NameKind::Image | NameKind::Path => return None,
            };
            Some((ask, Target { kind: name.kind, name: name.text.clone() }))
        })
        .collect();
    let asks = owned.iter().flat_map(|(ask, target)| [ask.clone(), Ask::Lifetime(target.clone())]).collect();
    let mut facts = Facts::since(session.progress.cursor);
    let mut world = World::new(store, engine, None, false);
    world.gather(asks, &mut facts, session, "").await?;
    let sighted = world.sighted;
    store.record(session.row.id, &[], &sighted)?;
    let changed = owned.into_iter().map(|(ask, target)| {
        let difference = difference(&facts, &ask, &target, left)?;
        Ok(difference.map(|difference| Change { kind: target.kind, name: target.name, difference }))
    });
    Ok(changed.collect::<Result<Vec<_>, CannotLook>>().map(|changes| changes.into_iter().flatten().collect()))
}

fn difference(facts: &Facts, ask: &Ask, target: &Target, left: Nanos) -> Result<Option<Difference>, CannotLook> {
    Ok(match facts.get(ask)? {
        Fact::Container(container) if container.status == "exited" => {
            container.finished.filter(|finished| *finished > left).map(|_| Difference::Stopped)
        }
        Fact::Absent => {
            let lifetime = facts.lifetime(target)?.cloned().unwrap_or_default();
            // What the learner removed while somebody recorded is no news.
            let was_there = lifetime.seen && lifetime.removed.is_none_or(|removed| removed > left);
            was_there.then_some(Difference::Gone)
        }
        _ => None,
    })
}
