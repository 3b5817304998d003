//! Gathering facts: all at once, each only once.

use std::collections::{HashMap, HashSet};

use labrun_graders::evidence::{Entry, TypedLine};
use labrun_graders::fact::Moment;
use labrun_graders::fact::Volume;
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Fact, Facts, Nanos, Obstacle, Place};

use super::at_once::all;
use super::record::concern;
use super::session::Session;
use labrun_docker::{Engine, Snapshot};
use labrun_journal::{Fill, Known};
use labrun_store::{Sighting, Store, StoreError};

/// Why a typed line proves nothing where labrun sees no prompt.
pub const TYPED_UNSEEN: &str = "what you type at your own prompt can't be seen from here";

/// Where facts come from during one grading.
pub(super) struct World<'a> {
    pub(super) store: &'a mut Store,
    pub(super) engine: &'a Result<Engine, CannotLook>,
    /// The lines entered at the prompt; `None` where nobody listens to one.
    pub(super) typed: Option<&'a [TypedLine]>,
    /// The journal has been brought up to now: `Err` if it could not be.
    journal: Option<Result<(), CannotLook>>,
    /// A recorder hears every event at this moment.
    pub(super) followed: bool,
    /// The engine does not tell what was run in containers.
    pub(super) tells_less: bool,
    /// The steps that have passed in this grading, by their ids, and when: that is recorded at its end.
    pub(super) passed: HashMap<String, Nanos>,
    /// What was seen to exist, and is yet to be recorded: with the attempts, since each change waits for the disk.
    pub(super) sighted: Vec<Sighting>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        store: &'a mut Store,
        engine: &'a Result<Engine, CannotLook>,
        typed: Option<&'a [TypedLine]>,
        followed: bool,
    ) -> Self {
        Self {
            store,
            engine,
            typed,
            followed,
            journal: None,
            tells_less: false,
            passed: HashMap::new(),
            sighted: Vec::new(),
        }
    }

    /// Adds the answers to these questions, for the step with this id.
    pub(super) async fn gather(
        &mut self,
        asks: Vec<Ask>,
        facts: &mut Facts,
        session: &Session,
        step: &str,
    ) -> Result<(), StoreError> {
        let mut known = HashSet::new();
        let asks: Vec<Ask> = asks.into_iter().filter(|ask| !facts.has(ask) && known.insert(ask.clone())).collect();
        let wants_journal = asks.iter().any(|ask| matches!(ask, Ask::Journal | Ask::Lifetime(_)));
        let fill = self.start_fill(wants_journal, session)?;
        let looks = all(asks.iter().map(|ask| labrun_docker::look(ask, self.engine)));
        let (filled, looked) = tokio::join!(run_fill(self.engine, fill), looks);
        if let Some(filled) = filled {
            self.journal = Some(self.keep(filled, session)?);
        }
        let mut sighted = Vec::new();
        for (ask, seen) in asks.into_iter().zip(looked) {
            let seen = match seen {
                Some(seen) => seen,
                None => self.session_fact(&ask, facts, session, step)?,
            };
            let seen = seen.map(|fact| without_old_dates(fact, session));
            sighted.extend(sighting(&ask, &seen));
            facts.insert(ask, seen);
        }
        self.sighted.append(&mut sighted);
        Ok(())
    }

    /// Whether this was seen to exist during the session, and its identity where that is known.
    fn sighted(&self, session: i64, kind: NameKind, name: &str) -> Result<Option<Option<String>>, StoreError> {
        let alike = |(seen, known, _): &&Sighting| *seen == kind && known == name;
        let now = self.sighted.iter().filter(alike).max_by_key(|(_, _, identity)| identity.is_some());
        match now {
            Some((_, _, Some(identity))) => Ok(Some(Some(identity.clone()))),
            now => Ok(self.store.sighted(session, kind, name)?.or(now.map(|_| None))),
        }
    }

    /// What a fill needs to know, if one is due.
    fn start_fill(&self, wanted: bool, session: &Session) -> Result<Option<FillFrom>, StoreError> {
        if !wanted || self.journal.is_some() {
            return Ok(None);
        }
        let row = &session.row;
        let open = self.store.open_execs(&row.begin.engine, row.begin.started)?;
        let mut known = self.store.known(row)?;
        let concern = concern(self.store, row, &session.names_of_events(), &[])?;
        known.concern = concern.with_everything(session.keeps_everything);
        known.followed = self.followed;
        Ok(Some((known, open)))
    }

    fn keep(
        &mut self,
        filled: Result<Fill, CannotLook>,
        session: &Session,
    ) -> Result<Result<(), CannotLook>, StoreError> {
        let fill = match filled {
            Ok(fill) => fill,
            Err(reason) => return Ok(Err(reason)),
        };
        self.tells_less = fill.tells_less;
        // Where nothing has happened there is nothing to write.
        if !fill.is_empty() || fill.gap.is_some() || fill.anchor != session.row.begin.anchor {
            self.store.add(session.row.id, &session.row.begin.engine, &fill)?;
        }
        Ok(Ok(()))
    }

    fn session_fact(
        &self,
        ask: &Ask,
        facts: &Facts,
        session: &Session,
        step: &str,
    ) -> Result<Result<Fact, CannotLook>, StoreError> {
        let row = &session.row;
        let (engine, started) = (&row.begin.engine, row.begin.started);
        if let (Ask::Journal | Ask::Lifetime(_), Some(Err(reason))) = (ask, &self.journal) {
            return Ok(Err(reason.clone()));
        }
        Ok(Ok(match ask {
            Ask::Journal => Fact::Journal(self.store.journal(row.id, engine, started, facts.since)?),
            Ask::Lifetime(target) => {
                let sighted = self.sighted(row.id, target.kind, &target.name)?;
                Fact::Lifetime(labrun_graders::fact::Lifetime {
                    seen: sighted.is_some(),
                    identity: sighted.flatten(),
                    removed: self.store.removed(engine, started, target.kind, &target.name)?,
                })
            }
            Ask::Reached(Moment::Start) => super::reached::start(session),
            Ask::Reached(Moment::Step(id)) => super::reached::step(self.store, session, &self.passed, id)?,
            Ask::Sighted(target) if self.sighted(row.id, target.kind, &target.name)?.is_some() => Fact::Sighted(()),
            Ask::Sighted(_) => Fact::Absent,
            Ask::Answer => self.store.answer(row.id, step)?.map_or(Fact::Absent, Fact::Answer),
            Ask::Typed => match self.typed {
                Some(lines) => Fact::Typed(lines.to_vec()),
                None => {
                    return Ok(Err(CannotLook::new(
                        Obstacle::Unseen,
                        TYPED_UNSEEN,
                        "answer the step's question: labrun answer",
                    )));
                }
            },
            _ => {
                let what = format!("no probe looks at {ask:?}");
                return Ok(Err(CannotLook::new(Obstacle::Broken, what, "report this as a bug")));
            }
        }))
    }
}

/// What the journal has, and the commands whose end it does not have.
type FillFrom = (Known, Vec<Entry>);

async fn run_fill(engine: &Result<Engine, CannotLook>, from: Option<FillFrom>) -> Option<Result<Fill, CannotLook>> {
    let (known, open) = from?;
    let reached = known.reached;
    let mut engine = match engine {
        Ok(engine) => engine.clone(),
        Err(reason) => return Some(Err(reason.clone())),
    };
    // A clock that was set back since the journal was last filled shows at once, one that was set forward by an engine
    // that waits for the time it was asked up to. Only then is it worth asking what the time is there.
    // An engine with a clock of its own is asked each time: a smaller step of ours would hide what was done last.
    if is_before(&engine, reached) || engine.clock.skew != 0 {
        if let Err(reason) = take_its_time(&mut engine, reached).await {
            return Some(Err(reason));
        }
        return Some(labrun_docker::fill(&engine, &known, open).await);
    }
    let told = engine.clock;
    match labrun_docker::fill(&engine, &known, open.clone()).await {
        Err(reason) if matches!(reason.obstacle, Obstacle::Timeout | Obstacle::Broken) => {
            match take_its_time(&mut engine, reached).await {
                Ok(()) if engine.clock.skew.abs_diff(told.skew) > STEP.unsigned_abs() => {
                    Some(labrun_docker::fill(&engine, &known, open).await)
                }
                _ => Some(Err(reason)),
            }
        }
        filled => Some(filled),
    }
}

/// A difference of clocks that no answer's way explains, in nanoseconds.
const STEP: labrun_graders::Nanos = 1_000_000_000;

/// Whether it is earlier there than it has been already.
fn is_before(engine: &Engine, reached: labrun_graders::Nanos) -> bool {
    engine.clock.now() + STEP < reached
}

/// Compares the clocks anew.
///
/// # Errors
/// Why the engine does not tell, or that its own clock was set back.
async fn take_its_time(engine: &mut Engine, reached: labrun_graders::Nanos) -> Result<(), CannotLook> {
    engine.clock = engine.identify().await?.clock;
    if !is_before(engine, reached) {
        return Ok(());
    }
    let minutes = (reached - engine.clock.now()) / 60_000_000_000 + 1;
    let what =
        format!("the engine's clock was set back by some {minutes} minutes, so that what is new seems to be old");
    Err(CannotLook::new(Obstacle::Gap, what, "set the clock right; or wait so long; or begin anew: labrun reset"))
}

/// The date of a volume that was there before the session tells nothing: it moves with what is written.
fn without_old_dates(mut fact: Fact, session: &Session) -> Fact {
    if let Fact::Everything(all) = &mut fact {
        let before: Snapshot = serde_json::from_str(&session.row.begin.baseline).unwrap_or_default();
        let old = |volume: &&mut Volume| before.identity(NameKind::Volume, &volume.name).is_some();
        all.volumes.iter_mut().filter(old).for_each(|volume| volume.created = None);
    }
    fact
}

/// That something exists is worth keeping: its later absence means that it was removed.
fn sighting(ask: &Ask, seen: &Result<Fact, CannotLook>) -> Option<Sighting> {
    if !matches!(seen, Ok(fact) if *fact != Fact::Absent) {
        return None;
    }
    match ask {
        Ask::Container(name) => match seen {
            // It was asked for by its id.
            Ok(Fact::Container(container)) if container.id == *name => None,
            Ok(Fact::Container(container)) => Some((NameKind::Container, name.clone(), Some(container.id.clone()))),
            _ => Some((NameKind::Container, name.clone(), None)),
        },
        Ask::File { place, .. }
        | Ask::Access { place, .. }
        | Ask::Archive { place, .. }
        | Ask::Digest { place, .. } => match place {
            Place::Container(name) => Some((NameKind::Container, name.clone(), None)),
            Place::Volume(name) => Some((NameKind::Volume, name.clone(), None)),
            Place::Host => None,
        },
        Ask::Volume(name) => Some((NameKind::Volume, name.clone(), None)),
        Ask::Image(name) => Some((NameKind::Image, name.clone(), None)),
        Ask::Inspect(target) => Some((target.kind, target.name.clone(), None)),
        Ask::Network(name) => Some((NameKind::Network, name.clone(), None)),
        _ => None,
    }
}
