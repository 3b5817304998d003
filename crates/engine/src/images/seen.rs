//! Images as the engine has them.

use bollard::errors::Error;
use labrun_graders::{Ask, CannotLook};

use super::Required;
use labrun_docker::Engine;

/// An image on an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its id there. Engines with another image store give the same image another one.
    pub id: String,
    /// How large it is there, in bytes.
    pub bytes: u64,
    /// What it was built for, as Go calls it (`amd64`); empty where nobody said.
    pub architecture: String,
    /// What its layers are, by the hash of what is in them: the same in every store.
    pub layers: Vec<String>,
}

/// Whether an image is there, and can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Here(Seen),
    /// It is, and was built for another architecture than the engine's.
    OtherArchitecture(Seen),
    /// It is not.
    Missing,
}

impl Standing {
    /// The word for it, in reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Here(_) => "here",
            Self::OtherArchitecture(_) => "other-architecture",
            Self::Missing => "missing",
        }
    }

    /// The image, where there is one of any kind.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Here(seen) | Self::OtherArchitecture(seen) => Some(seen),
            Self::Missing => None,
        }
    }
}

/// Looks for an image by its name.
///
/// # Errors
/// Why the engine does not answer.
pub async fn see(engine: &Engine, image: &str) -> Result<Option<Seen>, CannotLook> {
    let asked = async {
        match engine.docker.inspect_image(image).await {
            Ok(seen) => Ok(Some(Seen {
                id: seen.id.unwrap_or_default(),
                bytes: seen.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                architecture: seen.architecture.unwrap_or_default(),
                layers: seen.root_fs.and_then(|root_fs| root_fs.layers).unwrap_or_default(),
            })),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(engine.trouble(&error)),
        }
    };
    engine.within(&Ask::Image(image.to_owned()), asked).await
}

/// How it stands with a required image on an engine of this architecture.
///
/// # Errors
/// Why the engine does not answer.
pub async fn stand(engine: &Engine, required: &Required, architecture: &str) -> Result<Standing, CannotLook> {
    Ok(match see(engine, &required.reference.to_string()).await? {
        None => Standing::Missing,
        Some(seen) if seen.architecture.is_empty() || seen.architecture == architecture => Standing::Here(seen),
        Some(seen) => Standing::OtherArchitecture(seen),
    })
}
