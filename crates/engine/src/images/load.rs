//! Images from a file to an engine.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bollard::errors::Error;
use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::bundle::{Bundle, Checked, Manifest, check, open};
use super::event::{Event, Listener, Work};
use super::seen::{Seen, see};
use super::{Fate, ImagesError};
use labrun_docker::Engine;

/// How often is looked how many bytes have gone.
const TICK: Duration = Duration::from_millis(100);

/// The limit for the headers of the answer, which come when the engine has most of the image. What counts is whether
/// bytes move.
const HEADERS: Duration = Duration::from_secs(24 * 3600);

/// What came of a bundle.
#[derive(Debug)]
pub struct Loaded {
    /// What is in it.
    pub manifest: Manifest,
    /// Its images: name, what became of it, how it is on the engine.
    pub images: Vec<(String, Fate, Seen)>,
}

/// Loads what is in a bundle and not on the engine. All of the bundle is compared with its list before.
///
/// # Errors
/// When the file is no whole bundle, or for another architecture; then nothing is loaded. When the engine fails, or what
/// it has afterwards is not what was saved.
pub async fn load(
    engine: &Engine,
    path: &Path,
    patience: Duration,
    listener: &mut dyn Listener,
) -> Result<Loaded, ImagesError> {
    let bundle = open(path)?;
    let here = engine.machine().await?;
    let theirs = &bundle.manifest.architecture;
    if *theirs != here && theirs != "unknown" {
        return Err(ImagesError::Architecture { bundle: theirs.clone(), engine: here });
    }
    let pieces = check(&bundle, listener).await?;
    let mut images = Vec::new();
    for (index, image, member) in bundle.images() {
        let there = see(engine, image).await?;
        let runs = |seen: &Seen| seen.architecture.is_empty() || seen.architecture == here;
        let (fate, seen) = match there.filter(runs) {
            Some(seen) if seen.layers == member.layers => (Fate::Already, seen),
            // Somebody's own: a load would take its name away.
            Some(seen) => (Fate::Kept, seen),
            None => {
                listener.hear(Event::Begins { work: Work::Load, what: image, bytes: Some(member.bytes) });
                let (content, sent) = (bundle.checked(index, &pieces)?, Sent::default());
                let ended = send(engine, image, content, &sent, member.bytes, patience, listener).await;
                // Where the file could not be read on, the engine only knows that the rest did not come.
                sent.error().map_or(ended, |error| Err(bundle.unreadable(error)))?;
                listener.hear(Event::Ends);
                (Fate::Loaded, arrived(engine, image, &member.layers).await?)
            }
        };
        listener.hear(Event::Came { image, fate, bytes: seen.bytes });
        images.push((image.to_owned(), fate, seen));
    }
    let Bundle { manifest, .. } = bundle;
    Ok(Loaded { manifest, images })
}

/// The image as it is on the engine now. Its id may be another one than where it was saved; its layers may not.
async fn arrived(engine: &Engine, image: &str, layers: &[String]) -> Result<Seen, ImagesError> {
    let other = || ImagesError::OtherLayers { image: image.to_owned() };
    see(engine, image).await?.filter(|seen| seen.layers == layers).ok_or_else(other)
}

async fn send(
    engine: &Engine,
    image: &str,
    content: Checked,
    sent: &Sent,
    whole: u64,
    patience: Duration,
    listener: &mut dyn Listener,
) -> Result<(), ImagesError> {
    let docker = engine.docker.clone().with_timeout(HEADERS);
    let options = ImportImageOptionsBuilder::new().build();
    let mut answers = docker.import_image_stream(options, body(content, sent.clone()), None);
    let (mut known, mut moved_at) = (0, Instant::now());
    loop {
        let answer = tokio::time::timeout(TICK, answers.next()).await;
        let now = sent.bytes.load(Ordering::Relaxed);
        if now != known {
            (known, moved_at) = (now, Instant::now());
            listener.hear(Event::Moved(now));
            if now == whole {
                listener.hear(Event::Unpacks);
            }
        }
        match answer {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(_))) => moved_at = Instant::now(),
            Ok(Some(Err(Error::DockerStreamError { error: message }))) => {
                return Err(engine.trouble(&Error::DockerResponseServerError { status_code: 500, message }).into());
            }
            Ok(Some(Err(error))) => return Err(engine.trouble(&error).into()),
            Err(_) if moved_at.elapsed() > patience => {
                return Err(ImagesError::Stalled {
                    what: format!("loading {image}"),
                    seconds: patience.as_secs(),
                    remedy: "see whether docker ps answers; the engine's disk may be full or slow: --patience 600 waits longer",
                });
            }
            Err(_) => {}
        }
    }
}

/// How the sending of a member goes: shared with the request that takes its content.
#[derive(Clone, Debug, Default)]
struct Sent {
    /// How many bytes were taken.
    bytes: Arc<AtomicU64>,
    /// Why the content ended early, if it did.
    error: Arc<Mutex<Option<io::Error>>>,
}

impl Sent {
    fn error(&self) -> Option<io::Error> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        kind.into()
    }
}

/// The content in pieces. After an error it ends without its end: the engine takes nothing of what it has by then.
fn body(content: Checked, sent: Sent) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::unfold((content, sent, false), async |(mut content, sent, failed)| {
        if failed {
            return None;
        }
        match content.next_piece() {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => {
                sent.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
                Some((Ok(piece), (content, sent, false)))
            }
            Err(error) => Some((Err(sent.fail(error)), (content, sent, true))),
        }
    })
}
