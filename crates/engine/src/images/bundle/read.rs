//! Reading a bundle that somebody brought: nothing in it is believed before it is compared.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::super::event::{Event, Listener, Work};
use super::super::{ImagesError, Reference};
use super::inner::names_of;
use super::pieces::{Checked, PieceHasher, Pieces};
use super::{
    BLOCK, BundleFault, CHUNK, FOLDER, FORMAT, LIST, MAX_LIST, Manifest, Member, PROGRAM, Window, hex, padded,
};
use labrun_process::sudo::place;

/// A bundle whose list was read, and that is as long as the list says. Its members are not compared yet.
#[derive(Debug)]
pub struct Bundle {
    /// What it holds.
    pub manifest: Manifest,
    path: PathBuf,
    file: File,
    /// Where each member's header is.
    at: Vec<u64>,
}

/// Opens a bundle, and reads its list.
///
/// # Errors
/// When there is no such file, or it is no whole bundle by its list and its length.
pub fn open(path: &Path) -> Result<Bundle, ImagesError> {
    let reading = || ImagesError::reading(path);
    let wrong = |fault| ImagesError::Bundle { path: path.to_owned(), fault };
    // Opening a pipe must not wait for somebody who writes.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    // Under sudo a file may be where only root can read it, such as on a stick.
    let (placed, actor) = place(path);
    let opened = actor.act(|| OpenOptions::new().read(true).custom_flags(flags).open(placed));
    let file = opened.map_err(reading())?;
    let metadata = file.metadata().map_err(reading())?;
    if !metadata.is_file() {
        return Err(wrong(BundleFault::NotAFile));
    }
    let has = metadata.len();
    let manifest = list(&file, has).map_err(reading())?.map_err(wrong)?;
    let too_large = || wrong(BundleFault::List("its sizes are no sizes of files".to_owned()));
    let (at, whole) = layout(&manifest.0, manifest.1).ok_or_else(too_large)?;
    match has.checked_sub(whole) {
        None => Err(wrong(BundleFault::Part { has, whole })),
        Some(0) => {
            let bundle = Bundle { manifest: manifest.0, path: path.to_owned(), file, at };
            let is_blank = bundle.is_blank_between(manifest.1, whole).map_err(reading())?;
            is_blank.then_some(bundle).ok_or_else(|| wrong(BundleFault::Filled))
        }
        Some(more) => Err(wrong(BundleFault::Longer(more))),
    }
}

/// The list, and its size. The outer result is about the file, the inner one about what is in it.
fn list(file: &File, has: u64) -> io::Result<Result<(Manifest, u64), BundleFault>> {
    if has < BLOCK {
        return Ok(Err(BundleFault::Foreign));
    }
    let header = header_at(file, 0)?;
    let bytes = match header.entry_size() {
        Ok(bytes) if is(&header, LIST) && has_sum(&header) && bytes <= MAX_LIST => bytes,
        _ => return Ok(Err(BundleFault::Foreign)),
    };
    if has - BLOCK < bytes {
        return Ok(Err(BundleFault::Part { has, whole: BLOCK + bytes }));
    }
    let mut text = Vec::new();
    Window::new(file, BLOCK, bytes)?.take(bytes).read_to_end(&mut text)?;
    Ok(manifest(&text).map(|manifest| (manifest, bytes)))
}

fn manifest(text: &[u8]) -> Result<Manifest, BundleFault> {
    let unreadable = |error: serde_json::Error| BundleFault::List(error.to_string());
    let any: serde_json::Value = serde_json::from_slice(text).map_err(unreadable)?;
    let format = any.get("format").and_then(serde_json::Value::as_u64).unwrap_or_default();
    if format > u64::from(FORMAT) {
        let labrun = any.get("labrun").and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned();
        return Err(BundleFault::Newer { labrun, format: u32::try_from(format).unwrap_or(u32::MAX) });
    }
    // From the text and not from the value: that would take the last of repeated keys.
    let manifest: Manifest = serde_json::from_slice(text).map_err(unreadable)?;
    let mut names = BTreeSet::new();
    for Member { name, image, .. } in &manifest.members {
        if !names.insert(name) {
            return Err(BundleFault::List(format!("it names {name:?} twice")));
        }
        // Somebody may unpack it with tar.
        let plain =
            name == PROGRAM || name.strip_prefix(FOLDER).is_some_and(|file| !file.is_empty() && !file.contains('/'));
        if !plain {
            return Err(BundleFault::List(format!("it names {name:?}")));
        }
        if let Some(image) = image {
            let named: Result<Reference, _> = image.parse();
            named.map_err(|why| BundleFault::List(format!("{image:?} is no image's name: {why}")))?;
        }
    }
    Ok(manifest)
}

/// Where the members' headers are, and how long the file is.
fn layout(manifest: &Manifest, list_bytes: u64) -> Option<(Vec<u64>, u64)> {
    let mut next = BLOCK.checked_add(padded(list_bytes)?)?;
    let mut at = Vec::new();
    for member in &manifest.members {
        at.push(next);
        next = next.checked_add(BLOCK)?.checked_add(padded(member.bytes)?)?;
    }
    Some((at, next.checked_add(2 * BLOCK)?))
}

fn header_at(file: &File, at: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    Window::new(file, at, BLOCK)?.read_exact(header.as_mut_bytes())?;
    Ok(header)
}

/// Whether it is the header of a regular file of this name.
fn is(header: &tar::Header, name: &str) -> bool {
    header.entry_type() == tar::EntryType::Regular && *header.path_bytes() == *name.as_bytes()
}

/// Whether the header is whole, by its own sum.
fn has_sum(header: &tar::Header) -> bool {
    let mut again = header.clone();
    again.set_cksum();
    again.cksum().ok() == header.cksum().ok()
}

/// What a header is of, in words.
fn words(header: &tar::Header) -> String {
    let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
    let kind = match header.entry_type() {
        tar::EntryType::Regular => return name,
        tar::EntryType::Directory => "a folder",
        tar::EntryType::Symlink | tar::EntryType::Link => "a link",
        _ => "no regular file",
    };
    format!("{name} ({kind})")
}

impl Bundle {
    /// The images in it: each with its name and its place among the members.
    pub fn images(&self) -> impl Iterator<Item = (usize, &str, &Member)> {
        let members = self.manifest.members.iter().enumerate();
        members.filter_map(|(index, member)| Some((index, member.image.as_deref()?, member)))
    }

    /// A member's content, by the hashes that [`check`] took of its pieces.
    ///
    /// # Errors
    /// When the file can't be opened again.
    pub fn checked(&self, index: usize, pieces: &[Pieces]) -> Result<Checked, ImagesError> {
        let bytes = self.manifest.members.get(index).map(|member| member.bytes).unwrap_or_default();
        let pieces = pieces.get(index).cloned().unwrap_or_default();
        Ok(Checked::new(self.content(index)?, bytes, pieces))
    }

    /// Whether nothing is between the members and behind the last one, where a tar has nothing but zeros.
    fn is_blank_between(&self, list_bytes: u64, whole: u64) -> io::Result<bool> {
        let member_ends = self.at.iter().zip(&self.manifest.members).map(|(at, member)| at + BLOCK + member.bytes);
        let ends = std::iter::once(BLOCK + list_bytes).chain(member_ends);
        let nexts = self.at.iter().copied().chain([whole]);
        for (end, next) in ends.zip(nexts) {
            let mut between = Vec::new();
            Window::new(&self.file, end, next - end)?.read_to_end(&mut between)?;
            if between.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Why a member could not be read after it was checked.
    pub fn unreadable(&self, error: io::Error) -> ImagesError {
        match error.kind() {
            io::ErrorKind::InvalidData => self.wrong(BundleFault::Changed),
            _ => ImagesError::reading(&self.path)(error),
        }
    }

    fn content(&self, index: usize) -> Result<Window, ImagesError> {
        let (at, bytes) = (self.at.get(index), self.manifest.members.get(index).map(|member| member.bytes));
        let (at, bytes) = (at.copied().unwrap_or_default(), bytes.unwrap_or_default());
        Window::new(&self.file, at + BLOCK, bytes).map_err(ImagesError::reading(&self.path))
    }

    fn wrong(&self, fault: BundleFault) -> ImagesError {
        ImagesError::Bundle { path: self.path.clone(), fault }
    }
}

/// Compares every member with the list: its name, kind, size and SHA-256, and for an image the names that its export would
/// give to images. Gives the hashes of each member's pieces: a later read is compared with them.
///
/// # Errors
/// The first that is not as the list says, or the file can't be read.
pub async fn check(bundle: &Bundle, listener: &mut dyn Listener) -> Result<Vec<Pieces>, ImagesError> {
    let reading = || ImagesError::reading(&bundle.path);
    let whole = bundle.manifest.members.iter().map(|member| member.bytes).sum();
    let name = bundle.path.to_string_lossy();
    listener.hear(Event::Begins { work: Work::Verify, what: &name, bytes: Some(whole) });
    let (mut moved, mut buffer, mut pieces) = (0, vec![0; CHUNK], Vec::new());
    for (index, member) in bundle.manifest.members.iter().enumerate() {
        let header = header_at(&bundle.file, bundle.at.get(index).copied().unwrap_or_default()).map_err(reading())?;
        if !is(&header, &member.name) || !has_sum(&header) || header.entry_size().ok() != Some(member.bytes) {
            let listed = member.name.clone();
            return Err(bundle.wrong(BundleFault::Unlisted { found: words(&header), listed }));
        }
        let (mut content, mut hash, mut hasher) = (bundle.content(index)?, Sha256::new(), PieceHasher::default());
        loop {
            let read = content.read(&mut buffer).map_err(reading())?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            hasher.update(&buffer[..read]);
            moved += read as u64;
            listener.hear(Event::Moved(moved));
            // Lets Ctrl-C through.
            tokio::task::yield_now().await;
        }
        if hex(hash.finalize()) != member.sha256 {
            return Err(bundle.wrong(BundleFault::Damaged(member.name.clone())));
        }
        pieces.push(hasher.finish());
        if let Some(image) = &member.image {
            let content = bundle.checked(index, &pieces)?;
            names_of(content, &member.name, image).map_err(|fault| bundle.wrong(fault))?;
        }
    }
    listener.hear(Event::Ends);
    Ok(pieces)
}
