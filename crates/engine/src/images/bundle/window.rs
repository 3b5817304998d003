//! A part of a file, read as if it were a file of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// So many bytes of a file, from one of them on.
#[derive(Debug)]
pub struct Window {
    file: File,
    from: u64,
    bytes: u64,
    at: u64,
}

impl Window {
    /// A part of a file; its own place in the file stays where it is.
    ///
    /// # Errors
    /// When the file can't be opened a second time.
    pub fn new(file: &File, from: u64, bytes: u64) -> io::Result<Self> {
        Ok(Self { file: file.try_clone()?, from, bytes, at: 0 })
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..left], self.from + self.at)?;
        if read == 0 && left > 0 {
            // Its length was looked at before.
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
        }
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "outside the part of the file");
        self.at = at.filter(|at| *at <= self.bytes).ok_or_else(outside)?;
        Ok(self.at)
    }
}
