//! A session: one learner going through one lab on one engine.

use std::path::Path;

use bollard::models::SystemInfo;
use labrun_graders::name::{Name, NameKind};
use labrun_graders::{CannotLook, Obstacle};

use super::baseline::{self, Images};
use super::error::{EngineError, Taken};
use super::progress::Progress;
use labrun_docker::{Clock, Endpoint, Engine, Identity, Marks, Snapshot, newest_event};
use labrun_lab::{AsName, Loaded, Owns, load};
use labrun_store::{NewSession, SessionRow, Store, StoreError};

/// What to do where another engine answers than the lab's, as long as the way back is not known.
pub(super) const ANOTHER: &str = "go back to the lab's engine: docker context ls";

/// Why a session does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A part is done, and the room waits.
    Waits,
    /// It is an exam, and its time is up.
    TimeIsUp,
}

/// A session with its lab and progress.
#[derive(Debug)]
pub struct Session {
    /// As stored.
    pub row: SessionRow,
    /// The lab, with this learner's names.
    pub loaded: Loaded,
    /// How far the learner is.
    pub progress: Progress,
    /// The lab's files are not those that the session began with.
    pub changed: bool,
    /// The lab has the engine to itself: the journal keeps every change there, also of things that are not the lab's.
    pub keeps_everything: bool,
}

impl Session {
    /// The names that the lab owns, in this learner's form.
    #[must_use]
    pub fn owned_names(&self) -> Vec<String> {
        self.loaded.lab.owns.names.iter().map(|name| name.text.clone()).collect()
    }

    /// What was on the engine when the session began.
    ///
    /// # Errors
    /// When it can't be read: then nothing may be removed for this session.
    pub fn baseline(&self) -> Result<Snapshot, StoreError> {
        Ok(serde_json::from_str(&self.row.begin.baseline)?)
    }

    /// The names by which an engine's events concern the lab.
    #[must_use]
    pub fn names_of_events(&self) -> Vec<String> {
        self.loaded.lab.names_of_events()
    }

    /// The position of the step that is to be worked on: none when the lab is finished, waits at the end of a part, or
    /// is an exam whose time is up.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.progress.current().filter(|_| self.halt().is_none())
    }

    /// Why the session does not go on at the moment, although steps are open.
    #[must_use]
    pub fn halt(&self) -> Option<Halt> {
        let current = self.progress.current()?;
        let now = Clock { skew: self.row.begin.skew }.now();
        if self.row.exam.is_some_and(|until| now > until) {
            return Some(Halt::TimeIsUp);
        }
        self.row.pause.filter(|pause| current >= *pause).map(|_| Halt::Waits)
    }

    /// Sets the position before which it stops, or that it does not stop.
    ///
    /// # Errors
    /// When it can't be stored.
    pub fn pause(&mut self, store: &mut Store, before: Option<usize>) -> Result<(), StoreError> {
        store.pause(self.row.id, before)?;
        self.row.pause = before;
        Ok(())
    }

    fn of(store: &Store, row: SessionRow) -> Result<Self, EngineError> {
        let parse = |name: &String| name.parse::<AsName>().map_err(|_| EngineError::LostName(name.clone()));
        let learner = row.begin.learner.as_ref().map(parse).transpose()?;
        let loaded = load(&row.begin.address, learner)?;
        Self::with(store, row, loaded)
    }

    fn with(store: &Store, row: SessionRow, loaded: Loaded) -> Result<Self, EngineError> {
        let progress = Progress::derive(store, row.id, row.begin.started, &loaded.lab)?;
        let changed = loaded.hash != row.begin.hash;
        Ok(Self { row, loaded, progress, changed, keeps_everything: false })
    }

    /// Derives the progress anew, after something was recorded.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn refresh(&mut self, store: &Store) -> Result<(), StoreError> {
        self.progress = Progress::derive(store, self.row.id, self.row.begin.started, &self.loaded.lab)?;
        Ok(())
    }
}

/// The current session, of this learner if one is named.
///
/// # Errors
/// When the store or the lab can't be read.
pub fn current(store: &Store, learner: Option<&AsName>) -> Result<Option<Session>, EngineError> {
    let row = store.current(learner.map(AsName::as_str))?;
    row.map(|row| Session::of(store, row)).transpose()
}

/// The open session of a lab, of this learner if one is named; else whoever went on with it last.
///
/// # Errors
/// When the store or the lab can't be read.
pub fn current_of(store: &Store, lab: &str, learner: Option<&AsName>) -> Result<Option<Session>, EngineError> {
    let address = load(lab, None)?.source.address();
    let row = store.current_of(&address, learner.map(AsName::as_str))?;
    row.map(|row| Session::of(store, row)).transpose()
}

/// The sessions that are open, of this learner if one is named; those whose lab can no longer be loaded are left out.
///
/// # Errors
/// When the store can't be read.
pub fn all_open(store: &Store, learner: Option<&AsName>) -> Result<Vec<Session>, StoreError> {
    let mut rows = store.sessions()?;
    rows.retain(|row| row.ended.is_none());
    rows.retain(|row| learner.is_none_or(|name| row.begin.learner.as_deref() == Some(name.as_str())));
    Ok(rows.into_iter().filter_map(|row| Session::of(store, row).ok()).collect())
}

/// The open session of this row.
///
/// # Errors
/// When the store or the lab can't be read.
pub fn by_id(store: &Store, id: i64) -> Result<Option<Session>, EngineError> {
    store.session(id)?.map(|row| Session::of(store, row)).transpose()
}

/// The open session of a lab that has been loaded.
///
/// # Errors
/// When the store can't be read.
pub fn find(store: &Store, loaded: Loaded, learner: Option<&AsName>) -> Result<Result<Session, Loaded>, EngineError> {
    match store.open_session(&loaded.source.address(), learner.map(AsName::as_str))? {
        Some(row) => Session::with(store, row, loaded).map(Ok),
        None => Ok(Err(loaded)),
    }
}

/// An engine as it was met when a session began on it: what was asked then need not be asked again.
#[derive(Clone, Debug)]
pub struct Met {
    /// Who it is.
    pub identity: Identity,
    /// All that it says of itself.
    pub info: SystemInfo,
    /// The lab's images.
    pub images: Images,
}

/// Begins a session, and tells on which engine, after seeing that the engine answers, the images are there and the names
/// are free.
///
/// # Errors
/// When one of these does not hold, or the session can't be stored.
pub async fn begin(
    store: &mut Store,
    loaded: Loaded,
    learner: Option<&AsName>,
    endpoint: &Endpoint,
    engine: &mut Engine,
) -> Result<(Session, Met), EngineError> {
    let ((identity, info), _) = tokio::try_join!(engine.meet(), engine.sweep())?;
    engine.clock = identity.clock;
    shares_nothing(store, &loaded.lab.owns, &identity.id)?;
    let (baseline, anchor) = tokio::join!(baseline::preflight(&loaded.lab, engine), newest_event(engine));
    let (mut baseline, images) = baseline.map_err(|error| match (error, learner) {
        (EngineError::Taken(taken), Some(learner)) => EngineError::TakenAs(taken, learner.clone()),
        (error, _) => error,
    })?;
    let owned = loaded.lab.owns.names.iter().map(|name| (name.kind.word().to_owned(), name.text.clone()));
    baseline.owned = Some(owned.collect());
    let row = store.begin(NewSession {
        lab: loaded.lab.id.clone(),
        address: loaded.source.address(),
        hash: loaded.hash.clone(),
        learner: learner.map(ToString::to_string),
        engine: identity.id.clone(),
        endpoint: endpoint.url(),
        skew: identity.clock.skew,
        started: engine.clock.now(),
        baseline: serde_json::to_string(&baseline).map_err(StoreError::from)?,
        anchor: anchor?,
    })?;
    Ok((Session::with(store, row, loaded)?, Met { identity, info, images }))
}

/// Sees that no lab that was started on this engine and not ended owns one of these names, or a path above or below one.
///
/// # Errors
/// [`EngineError::Shared`], or when the store can't be read.
fn shares_nothing(store: &Store, owns: &Owns, engine: &str) -> Result<(), EngineError> {
    let open = store.sessions()?.into_iter().filter(|row| row.ended.is_none() && row.begin.engine == engine);
    for row in open {
        // Sessions of earlier versions noted none.
        let noted = serde_json::from_str::<Snapshot>(&row.begin.baseline).ok().and_then(|baseline| baseline.owned);
        for (kind, text) in noted.unwrap_or_default() {
            let meets = |path: &str| Path::new(path).starts_with(&text) || Path::new(&text).starts_with(path);
            let is_shared = |name: &&Name| {
                name.kind.word() == kind && (name.text == text || (name.kind == NameKind::Path && meets(&name.text)))
            };
            if let Some(name) = owns.names.iter().find(is_shared) {
                let learner = row.begin.learner.iter().map(|learner| format!(" --as {learner}"));
                let lab = std::iter::once(row.begin.lab.clone()).chain(learner).collect();
                return Err(EngineError::Shared { lab, name: Taken { kind: name.kind, name: name.text.clone() } });
            }
        }
    }
    Ok(())
}

/// Connects to the engine of a session, to look at it. At the address that the session began with, the engine is not
/// asked who it is: a check would wait for that.
///
/// # Errors
/// When there is none, or it is another one than the session's.
pub async fn connect_for(session: &Session, endpoint: &Endpoint, marks: Marks) -> Result<Engine, CannotLook> {
    let is_known = endpoint.url() == session.row.begin.endpoint;
    connect(session, endpoint, marks, is_known).await
}

/// Connects to the engine of a session, to change something on it or on this machine: it is asked who it is. A home that
/// several machines share holds sessions of other engines at the same address.
///
/// # Errors
/// When there is none, or it is another one than the session's.
pub async fn connect_to_change(session: &Session, endpoint: &Endpoint, marks: Marks) -> Result<Engine, CannotLook> {
    connect(session, endpoint, marks, false).await
}

/// Whether an engine is the one with this id. Podman makes up another id for each answer; there the address has to do.
pub(super) async fn is_same(engine: &Engine, found: &Identity, id: &str, is_same_address: bool) -> bool {
    found.id == id || (is_same_address && engine.is_podman().await)
}

async fn connect(session: &Session, endpoint: &Endpoint, marks: Marks, is_known: bool) -> Result<Engine, CannotLook> {
    let mut engine = Engine::connect(endpoint)?;
    engine.marks = marks;
    let begin = &session.row.begin;
    engine.clock = Clock { skew: begin.skew };
    engine.helper_image = session.loaded.lab.images.first().cloned().unwrap_or_default();
    if !is_known {
        let identity = engine.identify().await?;
        if !is_same(&engine, &identity, &begin.engine, endpoint.url() == begin.endpoint).await {
            let what = format!("{} is another engine than the lab's", endpoint.describe());
            return Err(CannotLook::new(Obstacle::NoEngine, what, ANOTHER));
        }
        engine.clock = identity.clock;
    }
    Ok(engine)
}
