//! Images from their registries, through the engine.

use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use http::HeaderValue;

use super::event::{Event, Listener, Work};
use super::login::login;
use super::registry::refused;
use super::seen::{Seen, Standing, see, stand};
use super::{Fate, ImagesError, Required};
use labrun_docker::Engine;

/// The header that a login goes to the engine in.
const LOGIN: &str = "x-registry-auth";

/// What became of each image; or what the registry said, with what to do about it, and [`ImagesError::Stalled`] where
/// nothing came for the time of `patience`.
pub type Pulled = Vec<Result<(Fate, Seen), ImagesError>>;

/// Pulls the images that are required and not there, one after the other; one that does not come is no reason to leave out
/// the others. `warn` hears of logins that can't be used; the pull goes on without.
///
/// # Errors
/// Why the engine can't be asked.
pub async fn pull(
    engine: &Engine,
    architecture: &str,
    required: &[Required],
    config_dir: Option<&Path>,
    patience: Duration,
    listener: &mut dyn Listener,
    warn: &mut dyn FnMut(&str),
) -> Result<Pulled, ImagesError> {
    let mut pulled = Pulled::new();
    for image in required {
        let came = match stand(engine, image, architecture).await? {
            Standing::Here(seen) => Ok((Fate::Already, seen)),
            Standing::Missing | Standing::OtherArchitecture(_) => {
                let credentials = login(config_dir, &image.reference).await.unwrap_or_else(|why| {
                    warn(&format!("pulling without a login: {why}"));
                    None
                });
                match one(engine, image, credentials, patience, listener).await {
                    Ok(()) => found(engine, image, architecture).await.map(|seen| (Fate::Pulled, seen)),
                    Err(error) => Err(error),
                }
            }
        };
        match &came {
            Ok((fate, seen)) => listener.hear(Event::Came { image: &image.image, fate: *fate, bytes: seen.bytes }),
            // Without the engine no other one comes, either.
            Err(ImagesError::Engine(reason)) => return Err(reason.clone().into()),
            Err(_) => listener.hear(Event::Ends),
        }
        pulled.push(came);
    }
    Ok(pulled)
}

async fn one(
    engine: &Engine,
    image: &Required,
    credentials: Option<bollard::auth::DockerCredentials>,
    patience: Duration,
    listener: &mut dyn Listener,
) -> Result<(), ImagesError> {
    listener.hear(Event::Begins { work: Work::Pull, what: &image.image, bytes: None });
    // The engine reads the URL alphabet (`encoding/base64.URLEncoding`); bollard writes the other one, which differs where
    // a password has a `>`, a `?` or a `~`, and the engine would then drop the login without a word.
    let docker = engine.docker.clone().with_timeout(patience).with_request_modifier(|mut request| {
        if let Some(login) = request.headers_mut().get_mut(LOGIN)
            && let Ok(text) = login.to_str()
            && let Ok(rewritten) = HeaderValue::from_str(&text.replace('+', "-").replace('/', "_"))
        {
            *login = rewritten;
        }
        request
    });
    let reference = &image.reference;
    let from =
        CreateImageOptionsBuilder::new().from_image(&reference.repository()).tag(reference.tag_or_digest()).build();
    let mut coming = docker.create_image(Some(from), None, credentials);
    let stalled = || ImagesError::Stalled {
        what: format!("pulling {} from {}", image.image, reference.registry()),
        seconds: patience.as_secs(),
        remedy: "a slow network may need more: --patience 300; or use no registry: labrun images load FILE",
    };
    loop {
        match tokio::time::timeout(patience, coming.next()).await {
            Err(_) | Ok(Some(Err(Error::RequestTimeoutError))) => return Err(stalled()),
            Ok(Some(Err(
                Error::DockerStreamError { error: said } | Error::DockerResponseServerError { message: said, .. },
            ))) => return Err(refused(reference, &said)),
            Ok(Some(Err(error))) => return Err(engine.trouble(&error).into()),
            Ok(Some(Ok(said))) => layer(&said, listener),
            Ok(None) => break,
        }
    }
    listener.hear(Event::Ends);
    Ok(())
}

/// Hands on what the engine says of a layer. What is about the whole image names the tag instead of a layer.
fn layer(said: &CreateImageInfo, listener: &mut dyn Listener) {
    let (Some(id), Some(doing)) = (&said.id, &said.status) else { return };
    if doing.starts_with("Pulling from") {
        return;
    }
    let bytes = said.progress_detail.as_ref().and_then(|detail| {
        let whole = u64::try_from(detail.total?).ok().filter(|whole| *whole > 0)?;
        Some((u64::try_from(detail.current?).ok()?, whole))
    });
    listener.hear(Event::Layer { id, doing, bytes });
}

/// The image that a pull has brought: podman's errors do not always come as errors, so it is looked at.
async fn found(engine: &Engine, image: &Required, architecture: &str) -> Result<Seen, ImagesError> {
    let seen = see(engine, &image.reference.to_string()).await?;
    let seen =
        seen.ok_or_else(|| refused(&image.reference, "the engine said that it was pulled, and it is not there"))?;
    if seen.architecture.is_empty() || seen.architecture == architecture {
        return Ok(seen);
    }
    let said =
        format!("no match for platform: it is for {}, and the engine's machine is {architecture}", seen.architecture);
    Err(refused(&image.reference, &said))
}
