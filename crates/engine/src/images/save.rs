//! Images from an engine into a file.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::errors::Error;
use futures_util::StreamExt;
use labrun_graders::CannotLook;

use super::bundle::{CHUNK, Manifest, Writer, names_of};
use super::event::{Event, Listener, Work};
use super::seen::{Seen, see};
use super::{ImagesError, Required};
use labrun_docker::Engine;
use labrun_process::sudo::as_root;

/// How long an engine may prepare an export before the first byte comes: older ones write all of it to their own disk
/// first.
const PREPARES: Duration = Duration::from_secs(3600);

/// What to save.
#[derive(Debug)]
pub struct Order<'a> {
    /// The track or lab that it is for.
    pub labs: &'a str,
    /// The images.
    pub images: &'a [Required],
    /// The file; in a folder it gets a name that says what it is for, and for which architecture.
    pub path: &'a Path,
    /// The program to put beside the images.
    pub program: Option<&'a Path>,
    /// How long to wait while no byte comes.
    pub patience: Duration,
}

/// A file that was written.
#[derive(Debug)]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What is in it.
    pub manifest: Manifest,
}

/// Saves images in one file. It has its name only when it is whole.
///
/// # Errors
/// When an image is not there, they are for several architectures, the engine fails, or the file can't be written.
pub async fn save(engine: &Engine, order: &Order<'_>, listener: &mut dyn Listener) -> Result<Saved, ImagesError> {
    let seen = all_there(engine, order).await?;
    let architecture = one_architecture(order.images, &seen)?;
    let mut manifest = Manifest::new(order.labs, &architecture);
    for (required, seen) in order.images.iter().zip(&seen) {
        manifest.add_image(&required.reference, seen.layers.clone());
    }
    if order.program.is_some() {
        manifest.add_program();
    }
    let path = if order.path.is_dir() {
        order.path.join(format!("labrun-{}-{architecture}.tar", order.labs))
    } else {
        order.path.to_owned()
    };
    let mut writer = Writer::create(&path, manifest)?;
    for (required, seen) in order.images.iter().zip(&seen) {
        listener.hear(Event::Begins { work: Work::Save, what: &required.image, bytes: Some(seen.bytes) });
        export(engine, required, order.patience, &mut writer, listener).await?;
        listener.hear(Event::Ends);
    }
    if let Some(program) = order.program {
        copy(program, &mut writer).await?;
    }
    let name = path.to_string_lossy().into_owned();
    listener.hear(Event::Begins { work: Work::Settle, what: &name, bytes: None });
    let (manifest, bytes) = writer.finish()?;
    listener.hear(Event::Ends);
    Ok(Saved { path, bytes, manifest })
}

async fn all_there(engine: &Engine, order: &Order<'_>) -> Result<Vec<Seen>, ImagesError> {
    if order.images.is_empty() {
        return Err(ImagesError::Nothing(order.labs.to_owned()));
    }
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for required in order.images {
        if required.reference.has_digest() {
            return Err(ImagesError::Digest(required.image.clone()));
        }
        match see(engine, &required.reference.to_string()).await? {
            Some(seen) => there.push(seen),
            None => missing.push(required.image.clone()),
        }
    }
    if missing.is_empty() { Ok(there) } else { Err(ImagesError::Missing(missing)) }
}

/// What all the images were built for.
fn one_architecture(images: &[Required], seen: &[Seen]) -> Result<String, ImagesError> {
    let mut architectures: Vec<&str> = seen.iter().map(|seen| seen.architecture.as_str()).collect();
    architectures.dedup();
    match architectures[..] {
        [one] => Ok(if one.is_empty() { "unknown" } else { one }.to_owned()),
        _ => {
            let each = images.iter().zip(seen).map(|(image, seen)| format!("{} ({})", image.image, seen.architecture));
            Err(ImagesError::Mixed(each.collect()))
        }
    }
}

async fn export(
    engine: &Engine,
    required: &Required,
    patience: Duration,
    writer: &mut Writer,
    listener: &mut dyn Listener,
) -> Result<(), ImagesError> {
    let docker = engine.docker.clone().with_timeout(PREPARES);
    let name = required.reference.to_string();
    let mut coming = docker.export_image(&name).boxed();
    let (mut moved, mut waits) = (0, PREPARES);
    loop {
        match tokio::time::timeout(waits, coming.next()).await {
            Err(_) | Ok(Some(Err(Error::RequestTimeoutError))) => {
                return Err(ImagesError::Stalled {
                    what: format!("saving {}", required.image),
                    seconds: waits.as_secs(),
                    remedy: "see whether docker ps answers; the engine's disk may be full or slow",
                });
            }
            Ok(Some(Err(error))) => return Err(engine.trouble(&error).into()),
            Ok(Some(Ok(bytes))) => {
                writer.write(&bytes)?;
                moved += bytes.len() as u64;
                listener.hear(Event::Moved(moved));
                waits = patience;
            }
            Ok(None) => break,
        }
    }
    writer.end_member()?;
    // Whoever loads it will ask the same.
    names_of(writer.last_member()?, &name, &name).map_err(|fault| {
        let what = format!("the engine's export of {} cannot be used: it {fault}", required.image);
        ImagesError::Engine(CannotLook::new(labrun_graders::Obstacle::Broken, what, "see whether docker save works"))
    })
}

/// Opens labrun's own program. Under sudo it may be where only root can read it; then the program that runs is opened, and
/// not what has its name by now.
fn open(program: &Path) -> io::Result<std::fs::File> {
    match std::fs::File::open(program) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && cfg!(target_os = "linux") => {
            as_root(|| std::fs::File::open("/proc/self/exe"))
        }
        opened => opened,
    }
}

async fn copy(program: &Path, writer: &mut Writer) -> Result<(), ImagesError> {
    let reading = || ImagesError::reading(program);
    let mut file = open(program).map_err(reading())?;
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return writer.end_member(),
            Ok(read) => writer.write(&buffer[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(reading()(error)),
        }
        // Lets Ctrl-C through.
        tokio::task::yield_now().await;
    }
}
