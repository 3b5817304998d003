//! What must hold before a lab begins, and what is noted then: so that nothing that was there is ever removed.

use std::path::Path;

use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Obstacle};

use super::at_once::all;
use super::error::{EngineError, Taken};
use labrun_docker::{Engine, Presence, Snapshot, presence};
use labrun_lab::{Lab, Owns};

/// Images that are there, each with its architecture as the engine calls it.
pub type Images = Vec<(String, String)>;

/// Sees that the images are there and the names are free, and lists what is on the engine.
///
/// # Errors
/// [`EngineError::MissingImage`], [`EngineError::Taken`] with all names that are, or why the engine can't be asked.
pub async fn preflight(lab: &Lab, engine: &Engine) -> Result<(Snapshot, Images), EngineError> {
    let asked = lab.images.iter().map(async |image| {
        let ask = Ask::Image(image.clone());
        engine.within(&ask, engine.architecture(image)).await
    });
    let mut images = Images::new();
    for (image, architecture) in lab.images.iter().zip(all(asked).await) {
        let architecture = architecture?.ok_or_else(|| EngineError::MissingImage(image.clone()))?;
        images.push((image.clone(), architecture));
    }
    let (snapshot, taken) = tokio::try_join!(engine.snapshot(), taken(&lab.owns, engine))?;
    if taken.is_empty() { Ok((snapshot, images)) } else { Err(EngineError::Taken(taken)) }
}

/// The owned names that something has.
///
/// # Errors
/// Why the engine or the host can't be asked.
pub async fn taken(owns: &Owns, engine: &Engine) -> Result<Vec<Taken>, CannotLook> {
    let looks = owns.names.iter().map(async |name| {
        let there = identity(engine, name.kind, &name.text).await?.is_some();
        Ok::<_, CannotLook>(there.then(|| Taken { kind: name.kind, name: name.text.clone() }))
    });
    let looked: Result<Vec<_>, _> = all(looks).await.into_iter().collect();
    Ok(looked?.into_iter().flatten().collect())
}

/// What tells a thing, on the engine or the host, from another one of the same name; `None` if there is none.
pub(super) async fn identity(engine: &Engine, kind: NameKind, name: &str) -> Result<Option<String>, CannotLook> {
    if kind != NameKind::Path {
        return engine.identity(kind, name).await;
    }
    match look_at_path(name)? {
        Presence::Absent => Ok(None),
        Presence::There { identity, .. } => Ok(Some(identity)),
    }
}

/// What is at a path of the host's.
pub(super) fn look_at_path(path: &str) -> Result<Presence, CannotLook> {
    presence(Path::new(path)).map_err(|error| {
        let what = format!("{path} cannot be looked at: {error}");
        CannotLook::new(Obstacle::Denied, what, "see who owns the folder above it")
    })
}
