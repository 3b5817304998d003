//! From a lab's name or folder to the lab, with every fault of its files.

use std::path::{Path, PathBuf};

use labrun_graders::decode::{Decode, Fault, Faults, is_id, nearest};
use labrun_graders::name::Text;
use labrun_graders::node::Span;
use sha2::{Digest, Sha256};

use super::decode::{LabFile, TrackFile};
use super::fault::{Faulty, LabFault};
use super::folder::{LabFolder, has_entry};
use super::lint::{lint, lint_text};
use super::model::{Lab, Track};
use super::names::{AsName, Names};
use super::parse::{MAX_BYTES, parse};
use super::shipped::Shipped;
use super::snapshot::FileHash;
use labrun_process::sudo::Invoker;

/// Where a lab comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built into the binary, in this folder below `labs/`.
    Shipped(String),
    /// A folder of the user's.
    Folder(PathBuf),
}

/// A lab that has been read, with its names in a learner's form.
#[derive(Debug)]
pub struct Loaded {
    /// The lab.
    pub lab: Lab,
    /// How its names are called.
    pub names: Names,
    /// Where it came from.
    pub source: Source,
    /// SHA-256 of its files, hexadecimal.
    pub hash: String,
    /// The files of its folder that it was read from, each with the hash of what was read; none for one that ships.
    pub(super) files: Vec<(String, FileHash)>,
}

impl Loaded {
    /// Whether both were read from the same bytes.
    #[must_use]
    pub fn has_files_of(&self, other: &Self) -> bool {
        self.hash == other.hash && self.files == other.files
    }
}

/// Why a lab could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No lab has this name.
    #[error("there is no lab called {name}")]
    Unknown {
        /// The name given.
        name: String,
        /// What to do.
        hint: String,
    },
    /// A file could not be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Its files were changed while it was worked with.
    #[error("the lab's files were changed meanwhile")]
    Changed,
    /// Its files have faults.
    #[error(transparent)]
    Faulty(#[from] Faulty),
}

/// The tracks that ship with labrun, with the ids of their labs.
///
/// # Errors
/// When a shipped `track.yaml` is faulty.
pub fn catalogue() -> Result<Vec<Track>, LoadError> {
    let mut tracks = Vec::new();
    for id in Shipped::tracks() {
        let file: TrackFile = shipped(&format!("{id}/track.yaml"))?;
        tracks.push(Track {
            id: id.to_owned(),
            title: file.title,
            summary: file.summary,
            labs: file.labs.into_iter().map(|lab| lab.text).collect(),
        });
    }
    Ok(tracks)
}

/// What a YAML file says that ships with labrun.
fn shipped<T: Decode>(path: &str) -> Result<T, LoadError> {
    let mut faults = Faults::default();
    let file = Shipped::tree(path).and_then(|tree| T::decode(&tree, &mut faults));
    match file {
        Some(file) if faults.0.is_empty() => Ok(file),
        _ => Err(Faulty { faults: LabFault::of_file(path, "", faults.0) }.into()),
    }
}

/// The faults of a folder's `track.yaml`: those of the file, and labs that it names and that are not there. A folder
/// without one has none.
///
/// # Errors
/// When the file can't be read.
pub fn lint_track(folder: &Path) -> Result<Vec<LabFault>, LoadError> {
    let label = folder.join("track.yaml").to_string_lossy().into_owned();
    let failed = |source| LoadError::Read { path: label.clone(), source };
    if !has_entry(folder, "track.yaml") {
        return Ok(Vec::new());
    }
    let folder = LabFolder::open(folder).map_err(failed)?;
    let text = folder.text("track.yaml", MAX_BYTES).map_err(failed)?;
    let mut faults = Faults::default();
    let file = decoded::<TrackFile>(&text, &mut faults);
    for lab in file.iter().flat_map(|file| &file.labs) {
        // What is no lab's id may lead anywhere.
        if !is_id(&lab.text) || !folder.has_file_below(&lab.text, "lab.yaml") {
            faults.add("unknown-lab", lab.span, format!("there is no lab `{lab}` in this track's folder"));
        }
    }
    Ok(LabFault::of_file(&label, &text, faults.0))
}

/// What a file holds, as far as it can be decoded.
fn decoded<T: Decode>(text: &str, faults: &mut Faults) -> Option<T> {
    match parse(text) {
        Ok(node) => T::decode(&node, faults),
        Err(fault) => {
            faults.0.push(fault);
            None
        }
    }
}

/// Loads a lab by its id, by `track/lab`, or from a folder (anything with a slash or that starts with a dot).
///
/// # Errors
/// When there is no such lab, its files can't be read, or they have faults.
pub fn load(name: &str, learner: Option<AsName>) -> Result<Loaded, LoadError> {
    let folder = Path::new(name);
    let tracks = catalogue()?;
    let shipped = tracks.iter().find_map(|track| {
        let lab = track.labs.iter().find(|lab| *lab == name || format!("{}/{lab}", track.id) == name)?;
        Some(format!("{}/{lab}", track.id))
    });
    if let Some(path) = shipped {
        return read(Source::Shipped(path), learner);
    }
    if name.starts_with('.') || name.contains('/') {
        if has_entry(folder, "lab.yaml") {
            return load_dir(folder, learner);
        }
        closed(folder)?;
        let hint = "a lab's folder has a lab.yaml in it".to_owned();
        return Err(LoadError::Unknown { name: name.to_owned(), hint });
    }
    let ids: Vec<&str> = tracks.iter().flat_map(|track| track.labs.iter().map(String::as_str)).collect();
    let hint = match nearest(name, ids.iter().copied()) {
        Some(near) => format!("did you mean {near}? `labrun list` shows all"),
        None => format!("there are: {}. A folder is given with a slash: ./{name}", ids.join(", ")),
    };
    Err(LoadError::Unknown { name: name.to_owned(), hint })
}

/// Says so where a folder is closed to the reader: that there is no lab in it is not known.
///
/// # Errors
/// [`LoadError::Read`] for a folder that may not be looked into.
pub fn closed(folder: &Path) -> Result<(), LoadError> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            let reader = labrun_process::sudo::invoker().map(Invoker::name);
            let why = reader.map_or_else(
                || error.to_string(),
                |name| format!("under sudo, labrun reads labs as {name}, to whom this folder is closed"),
            );
            let source = std::io::Error::new(error.kind(), why);
            Err(LoadError::Read { path: folder.display().to_string(), source })
        }
        _ => Ok(()),
    }
}

/// What comes after a lab in its track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This lab.
    Lab {
        /// Its id.
        id: String,
        /// How long it usually takes.
        minutes: u32,
    },
    /// Nothing: it was the last one of the track with this title.
    EndOfTrack(String),
}

/// What comes after a lab; `None` for one that is in no track.
#[must_use]
pub fn next_in_track(source: &Source) -> Option<Next> {
    let Source::Shipped(path) = source else { return None };
    let (track, lab) = path.split_once('/')?;
    let track = catalogue().ok()?.into_iter().find(|known| known.id == track)?;
    let position = track.labs.iter().position(|known| known == lab)?;
    let Some(next) = track.labs.get(position + 1) else { return Some(Next::EndOfTrack(track.title)) };
    let minutes = load(&format!("{}/{next}", track.id), None).ok()?.lab.minutes;
    Some(Next::Lab { id: next.clone(), minutes })
}

/// Loads the lab in a folder.
///
/// # Errors
/// When its files can't be read or have faults.
pub fn load_dir(folder: &Path, learner: Option<AsName>) -> Result<Loaded, LoadError> {
    let folder = fs_err::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    read(Source::Folder(folder), learner)
}

impl Source {
    /// The name that the lab is known by: its folder's.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Shipped(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
            Self::Folder(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        }
    }

    /// What to give to [`load`] to get the same lab again.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Shipped(path) => path.clone(),
            Self::Folder(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// What a user types for it: the name of one that ships, or the folder.
    #[must_use]
    pub fn argument(&self) -> String {
        match self {
            Self::Shipped(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
            Self::Folder(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// How a file of the lab is named in messages.
    fn label(&self, file: &str) -> String {
        match self {
            Self::Shipped(path) => format!("labs/{path}/{file}"),
            // As short as it can be said from here.
            Self::Folder(path) => {
                let here = std::env::current_dir().ok();
                let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
                below.as_ref().unwrap_or(path).join(file).to_string_lossy().into_owned()
            }
        }
    }
}

/// A lab as its files say it, with the texts that it names and the hash of all.
struct Files {
    lab: LabFile,
    briefing: Text,
    wrap_up: Text,
    hash: String,
    files: Vec<(String, FileHash)>,
}

fn read(source: Source, learner: Option<AsName>) -> Result<Loaded, LoadError> {
    let files = match &source {
        Source::Shipped(path) => built_in(path)?,
        Source::Folder(folder) => {
            let failed = |error| LoadError::Read { path: source.label("lab.yaml"), source: error };
            let folder = LabFolder::open(folder).map_err(failed)?;
            let text = folder.text("lab.yaml", MAX_BYTES).map_err(failed)?;
            linted(&source, &text, |name| markdown(&source, &folder, name))?
        }
    };
    Ok(loaded(files, source, learner))
}

/// Reads a lab from the text of its `lab.yaml`; `markdown` reads the files that it names.
///
/// # Errors
/// Its faults.
pub fn read_text(
    source: Source,
    text: &str,
    markdown: impl Fn(&Text) -> Result<String, Fault>,
    learner: Option<AsName>,
) -> Result<Loaded, Faulty> {
    Ok(loaded(linted(&source, text, markdown)?, source, learner))
}

/// The lab with a learner's names.
fn loaded(files: Files, source: Source, learner: Option<AsName>) -> Loaded {
    let Files { lab: file, briefing, wrap_up, hash, files } = files;
    let names = Names::new(&file.owns, learner);
    let mut lab = Lab {
        id: source.id(),
        title: file.title,
        summary: file.summary,
        level: file.level,
        minutes: file.minutes,
        exam_minutes: file.exam_minutes,
        images: file.images.into_iter().map(|name| name.text).collect(),
        owns: file.owns,
        briefing,
        wrap_up,
        steps: file.steps,
    };
    names.apply(&mut lab);
    Loaded { lab, names, source, hash, files }
}

/// A lab that ships with labrun: it was linted before it was built in.
fn built_in(path: &str) -> Result<Files, LoadError> {
    let lab: LabFile = shipped(&format!("{path}/lab.yaml"))?;
    let text = |name: &Option<Text>| {
        let text = name.as_ref().and_then(|name| Shipped::text(&format!("{path}/{name}")));
        Text { text: text.unwrap_or_default().to_owned(), span: Span::default() }
    };
    let hash = Shipped::hash(path).unwrap_or_default().to_owned();
    Ok(Files { briefing: text(&lab.briefing), wrap_up: text(&lab.wrap_up), lab, hash, files: Vec::new() })
}

/// A lab of somebody's, when nothing in it is faulty.
fn linted(source: &Source, text: &str, markdown: impl Fn(&Text) -> Result<String, Fault>) -> Result<Files, Faulty> {
    let path = source.label("lab.yaml");
    let mut faults = Faults::default();
    let mut file = decoded::<LabFile>(text, &mut faults);
    let mut hash = Sha256::new();
    hash.update(text);
    let file_hash = |name: &str, text: &str| (name.to_owned(), Sha256::digest(text).into());
    let mut files = vec![file_hash("lab.yaml", text)];
    let (mut found, mut texts) = (Vec::new(), Vec::new());
    if let Some(file) = &mut file {
        lint(file, text, &mut faults);
        for name in [&file.briefing, &file.wrap_up].into_iter().flatten() {
            match markdown(name) {
                Ok(markdown) => {
                    hash.update(&markdown);
                    files.push(file_hash(&name.text, &markdown));
                    let label = source.label(&name.text);
                    found.extend(LabFault::of_file(&label, &markdown, lint_text(&file.owns, &markdown)));
                    texts.push(Text { text: markdown, span: Span::default() });
                }
                Err(fault) => faults.0.push(fault),
            }
        }
    }
    found.splice(0..0, LabFault::of_file(&path, text, faults.0));
    let Some(lab) = file.filter(|_| found.is_empty()) else {
        return Err(Faulty { faults: found });
    };
    let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut texts = texts.into_iter();
    let (briefing, wrap_up) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    Ok(Files { lab, briefing, wrap_up, hash, files })
}

/// A Markdown file that `lab.yaml` names: a plain name beside it.
fn markdown(source: &Source, folder: &LabFolder, name: &Text) -> Result<String, Fault> {
    let fault = |message: String| Fault { code: "missing-file", message, span: name.span, help: None };
    if name.text.contains(['/', '\\']) || name.text.starts_with('.') {
        return Err(fault(format!("`{name}` is not a plain file name beside lab.yaml")));
    }
    let label = source.label(&name.text);
    let text = folder.text(&name.text, MAX_BYTES).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fault(format!("there is no {label}")),
        _ => fault(format!("{label} cannot be read: {error}")),
    })?;
    if text.len() > MAX_BYTES {
        return Err(fault(format!("{name} has more than {MAX_BYTES} bytes")));
    }
    Ok(text)
}
