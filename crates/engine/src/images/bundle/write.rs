//! Writing a bundle: beside its place first, and into it when it is whole.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::super::ImagesError;
use super::{BLOCK, LIST, Manifest, hex, padded};
use labrun_process::sudo::{Actor, invoker, place};

/// A bundle that is being written. Dropped before it is finished, it leaves nothing.
pub struct Writer {
    file: File,
    /// Where it is written.
    part: PathBuf,
    /// Where it will be.
    path: PathBuf,
    manifest: Manifest,
    /// How many members are whole.
    done: usize,
    /// The member that is being written.
    hash: Sha256,
    bytes: u64,
    /// Where that member's header is.
    header_at: u64,
    /// How much room the list has.
    list_bytes: u64,
    finished: bool,
    /// Who writes under sudo.
    actor: Actor,
}

impl Writer {
    /// Begins a bundle at a path where nothing is yet. The list's sizes and hashes are found while it is written.
    ///
    /// # Errors
    /// When something is there, or nothing can be written there.
    pub fn create(path: &Path, mut manifest: Manifest) -> Result<Self, ImagesError> {
        let (placed, actor) = place(path);
        if actor.act(|| placed.symlink_metadata()).is_ok() {
            return Err(ImagesError::Exists(path.to_owned()));
        }
        let path = placed.as_path();
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = actor.act(|| File::options().read(true).write(true).create_new(true).open(&part));
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ImagesError::Exists(part.clone()),
            _ => ImagesError::writing(path)(error),
        })?;
        // The longest that the list can become; what it does not need is filled with line ends.
        for member in &mut manifest.members {
            (member.bytes, member.sha256) = (u64::MAX, "0".repeat(64));
        }
        let writing = ImagesError::writing(path);
        let hash = Sha256::new();
        let mut writer = Self {
            file,
            part,
            path: path.to_owned(),
            manifest,
            done: 0,
            hash,
            bytes: 0,
            header_at: 0,
            list_bytes: 0,
            finished: false,
            actor,
        };
        if let Some(invoker) = invoker() {
            // A stick may know no owners.
            let _ = actor.act(|| invoker.give(&writer.file));
        }
        writer.reserve().map_err(writing)?;
        Ok(writer)
    }

    fn list(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec_pretty(&self.manifest)?)
    }

    fn reserve(&mut self) -> io::Result<()> {
        self.list_bytes = self.list()?.len() as u64 + 1;
        self.file.write_all(header(LIST, self.list_bytes, false)?.as_bytes())?;
        let room = padded(self.list_bytes).unwrap_or_default();
        self.header_at = BLOCK + room;
        self.begin_member()
    }

    /// Leaves room for the header of the next member, whose size is not known yet.
    fn begin_member(&mut self) -> io::Result<()> {
        (self.hash, self.bytes) = (Sha256::new(), 0);
        self.file.seek(SeekFrom::Start(self.header_at + BLOCK)).map(drop)
    }

    /// Writes a part of the current member.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ImagesError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(ImagesError::writing(&self.path))
    }

    /// Ends the current member: the next bytes are of the one after it.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn end_member(&mut self) -> Result<(), ImagesError> {
        let path = self.path.clone();
        self.close_member().map_err(ImagesError::writing(path))
    }

    fn close_member(&mut self) -> io::Result<()> {
        let end = self.header_at + BLOCK + padded(self.bytes).unwrap_or_default();
        let Some(member) = self.manifest.members.get_mut(self.done) else { return Ok(()) };
        member.bytes = self.bytes;
        member.sha256 = hex(self.hash.clone().finalize());
        let header = header(&member.name, member.bytes, member.image.is_none())?;
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(self.header_at))?;
        self.file.write_all(header.as_bytes())?;
        self.done += 1;
        self.header_at = end;
        self.begin_member()
    }

    /// The part of the file that the last whole member has.
    ///
    /// # Errors
    /// When it can't be read again.
    pub fn last_member(&self) -> Result<super::Window, ImagesError> {
        let bytes =
            self.done.checked_sub(1).and_then(|last| self.manifest.members.get(last)).map_or(0, |last| last.bytes);
        let from = self.header_at - padded(bytes).unwrap_or_default();
        super::Window::new(&self.file, from, bytes).map_err(ImagesError::reading(&self.path))
    }

    /// Makes it whole: the list, the end, all of it on the medium, and then its name. Gives the list and the file's size.
    ///
    /// # Errors
    /// When it can't be written, or something has come to its place.
    pub fn finish(mut self) -> Result<(Manifest, u64), ImagesError> {
        let path = self.path.clone();
        let bytes = self.complete().map_err(ImagesError::writing(&path))?;
        self.actor.act(|| rename_to_new(&self.part, &path)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ImagesError::Exists(path.clone()),
            _ => ImagesError::writing(&path)(error),
        })?;
        self.finished = true;
        // The name is on the medium when its folder is.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok((self.manifest.clone(), bytes))
    }

    fn complete(&mut self) -> io::Result<u64> {
        let mut list = self.list()?;
        list.resize(usize::try_from(self.list_bytes).unwrap_or_default(), b'\n');
        self.file.seek(SeekFrom::Start(BLOCK))?;
        self.file.write_all(&list)?;
        // Two empty blocks are a tar's end.
        let bytes = self.header_at + 2 * BLOCK;
        self.file.set_len(bytes)?;
        self.file.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            let _ = self.actor.act(|| std::fs::remove_file(&self.part));
        }
    }
}

/// Renames a file to a name that nothing has. A file system that can't refuse a taken name in the same step, such as a
/// stick's, is asked for it before.
fn rename_to_new(part: &Path, path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, part, CWD, path, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            renamed => return Ok(renamed?),
        }
    }
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(part, path)
}

fn header(name: &str, bytes: u64, program: bool) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(if program { 0o755 } else { 0o644 });
    header.set_mtime(u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default());
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(header)
}
