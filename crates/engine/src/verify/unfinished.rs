//! What ways through a lab may leave: noted before they make anything, forgotten when they have cleaned up, and otherwise
//! listed for the next run.

use std::path::{Path, PathBuf};

use labrun_graders::name::{Name, NameKind};
use labrun_graders::node::Span;

use crate::baseline::look_at_path;
use crate::error::EngineError;
use crate::lock::VerificationLock;
use crate::ownership::OwnLabels;
use crate::removal::{Belonging, Removal, holders, of_names, remove};
use crate::session::{Session, is_same};
use labrun_docker::{Endpoint, Engine, Presence, Snapshot, clock};
use labrun_lab::{AsName, Owns};
use labrun_process::sudo::Invoker;
use labrun_store::{NewVerification, Store, StoreError};

/// Where ways through a lab are noted: the folder with the progress file.
#[derive(Clone, Debug)]
pub struct Notes {
    folder: PathBuf,
    owner: Option<Invoker>,
    /// The name that labrun drew at random for this process, if it did.
    own_name: Option<String>,
}

/// A way through a lab that goes on.
pub(super) struct Noted {
    id: i64,
    lock: VerificationLock,
}

/// What an earlier way through a lab left.
#[derive(Debug)]
pub struct Unfinished {
    /// The lab's id.
    pub lab: String,
    /// When it began, in nanoseconds since 1970 by this machine's clock.
    pub started: i64,
    /// What is still there.
    pub left: Vec<Belonging>,
    id: i64,
    baseline: Snapshot,
    lock: VerificationLock,
}

impl Notes {
    /// Notes in this folder, whose files belong to `owner`, if there is one. Names that begin with `own_name` are this
    /// process's alone.
    #[must_use]
    pub fn new(folder: &Path, owner: Option<&Invoker>, own_name: Option<&str>) -> Self {
        Self { folder: folder.to_owned(), owner: owner.cloned(), own_name: own_name.map(str::to_owned) }
    }

    fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.folder, self.owner.as_ref())
    }

    /// Notes what a session may make.
    pub(super) fn begin(&self, session: &Session, learner: &AsName, endpoint: &Endpoint) -> Result<Noted, EngineError> {
        let lab = &session.loaded.lab;
        let leaves = lab.steps.iter().flat_map(|step| &step.mistakes).flat_map(|mistake| &mistake.leaves);
        let names = lab.owns.names.iter().chain(leaves);
        let mut baseline = session.baseline()?;
        // A session's own paths are free when it begins; those that a mistake leaves may be taken.
        for path in names.clone().filter(|name| name.kind == NameKind::Path) {
            if let Presence::There { identity, .. } = look_at_path(&path.text)? {
                baseline.insert(NameKind::Path, path.text.clone(), identity);
            }
        }
        let id = self.store()?.begin_verification(&NewVerification {
            lab: lab.id.clone(),
            learner: learner.to_string(),
            own_name: self.is_own(learner.as_str()),
            engine: session.row.begin.engine.clone(),
            endpoint: endpoint.url(),
            started: clock::ours(),
            baseline: serde_json::to_string(&baseline).map_err(StoreError::from)?,
            names: names.map(|name| (name.kind.word().to_owned(), name.text.clone())).collect(),
        })?;
        let lock = VerificationLock::take(&self.folder, id);
        let lock = lock.map_err(cannot_lock)?.ok_or(StoreError::Busy)?;
        Ok(Noted { id, lock })
    }

    /// Whether a name carries the one that labrun drew.
    fn is_own(&self, name: &str) -> bool {
        self.own_name.as_ref().is_some_and(|own| name.contains(own.as_str()))
    }

    /// Forgets a way through a lab that has cleaned up.
    pub(super) fn end(&self, noted: Noted) -> Result<(), EngineError> {
        self.store()?.end_verification(noted.id)?;
        noted.lock.forget(&self.folder, noted.id);
        Ok(())
    }

    /// Returns true if a way through a lab of this process has not cleaned up.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn is_pending(&self) -> Result<bool, EngineError> {
        let noted = self.store()?.verifications()?;
        Ok(noted.iter().any(|(_, noted)| self.is_own(&noted.learner)))
    }

    /// Lists what earlier ways through labs left on this engine and this machine. Those that left nothing are
    /// forgotten; those that still go on in another process are left out.
    ///
    /// # Errors
    /// Why the store or the engine cannot be asked.
    pub async fn unfinished(&self, endpoint: &Endpoint, engine: &Engine) -> Result<Vec<Unfinished>, EngineError> {
        let rows = self.store()?.verifications()?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let identity = engine.identify().await?;
        let mut unfinished = Vec::new();
        for (id, noted) in rows {
            let is_here = is_same(engine, &identity, &noted.engine, noted.endpoint == endpoint.url()).await;
            let lock = VerificationLock::take(&self.folder, id).map_err(cannot_lock)?;
            let (Some(lock), true) = (lock, is_here) else { continue };
            let baseline: Snapshot = serde_json::from_str(&noted.baseline).map_err(StoreError::from)?;
            let left = left(&noted, &baseline, engine).await?;
            let (lab, started) = (noted.lab, noted.started);
            let found = Unfinished { lab, started, left, id, baseline, lock };
            if found.left.is_empty() { self.forget(found)? } else { unfinished.push(found) }
        }
        Ok(unfinished)
    }

    /// Forgets what one left: the user wants to keep it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn keep(&self, unfinished: Unfinished) -> Result<(), EngineError> {
        self.forget(unfinished)
    }

    /// Removes what one left, as far as there is no doubt whose it is, and forgets it if nothing is left.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn clean_up(&self, mut unfinished: Unfinished, engine: &Engine) -> Result<Removal, EngineError> {
        let left = std::mem::take(&mut unfinished.left);
        let removal = remove(left, &unfinished.baseline, engine).await;
        if removal.failed.is_empty() {
            self.forget(unfinished)?;
        }
        Ok(removal)
    }

    fn forget(&self, unfinished: Unfinished) -> Result<(), EngineError> {
        self.store()?.end_verification(unfinished.id)?;
        unfinished.lock.forget(&self.folder, unfinished.id);
        Ok(())
    }
}

/// What of the noted names is there, and the containers without a name that hold some of it.
async fn left(noted: &NewVerification, baseline: &Snapshot, engine: &Engine) -> Result<Vec<Belonging>, EngineError> {
    let name = |kind, text| Name { kind, text, span: Span::default() };
    let names = noted.names.iter();
    let names = names.filter_map(|(kind, text)| Some(name(NameKind::from_word(kind)?, text.clone())));
    // A name that labrun drew at random leaves no doubt.
    let labels = if noted.own_name { OwnLabels::any() } else { OwnLabels::none() };
    let owns = Owns { names: names.collect() };
    let mut left = of_names(&owns, &labels, baseline, engine).await?;
    for belonging in &mut left {
        let doubt = match (noted.own_name, belonging.name.contains(&noted.learner)) {
            (true, true) => continue,
            (true, false) => "a mistake of this lab may have left it, and others may use the name",
            // The same name may have served again since: for a lab that was started, or on another account.
            (false, _) => "you chose its name, so it may have been made later",
        };
        belonging.doubt.get_or_insert_with(|| doubt.to_owned());
    }
    if noted.own_name {
        let holders = holders(&left, baseline, engine).await?.into_iter();
        let containers = holders.filter(|holder| holder.kind == NameKind::Container).map(|holder| holder.name);
        let mut names: Vec<_> = containers.map(|text| name(NameKind::Container, text)).collect();
        names.sort_by(|one, other| one.text.cmp(&other.text));
        names.dedup_by(|one, other| one.text == other.text);
        left.extend(of_names(&Owns { names }, &labels, baseline, engine).await?);
        left.sort_by_key(|belonging| belonging.kind);
    }
    Ok(left)
}

fn cannot_lock(error: std::io::Error) -> StoreError {
    StoreError::Open { path: "the lock of a verification".into(), why: error.to_string() }
}
