//! A member of a bundle, read again after it was checked: each piece is compared before any of it is used.
//!
//! Another process may write into the file between check and load. The hash of a whole member would show that too late: an
//! engine may act on the first bytes that it gets. A private copy of the file would need the same room again.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{CHUNK, Window};

/// The SHA-256 of each [`CHUNK`] bytes of a member: 128 bytes of memory for each MiB.
#[derive(Clone, Debug, Default)]
pub struct Pieces(Arc<[[u8; 32]]>);

/// Takes the hashes while a member is read from its beginning to its end.
#[derive(Debug, Default)]
pub(super) struct PieceHasher {
    done: Vec<[u8; 32]>,
    hash: Sha256,
    /// How many bytes of the current piece there are.
    bytes: usize,
}

impl PieceHasher {
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(CHUNK - self.bytes));
            self.hash.update(now);
            self.bytes += now.len();
            bytes = rest;
            if self.bytes == CHUNK {
                self.end_piece();
            }
        }
    }

    fn end_piece(&mut self) {
        self.done.push(self.hash.finalize_reset().into());
        self.bytes = 0;
    }

    pub(super) fn finish(mut self) -> Pieces {
        if self.bytes > 0 {
            self.end_piece();
        }
        Pieces(self.done.into())
    }
}

/// A member whose bytes are those that were checked. Where the file has others by now, a read ends with
/// [`io::ErrorKind::InvalidData`].
#[derive(Debug)]
pub struct Checked {
    window: Window,
    pieces: Pieces,
    /// The member's size, in bytes.
    bytes: u64,
    at: u64,
    /// The piece that was read last, and its number.
    piece: Option<(u64, Bytes)>,
}

impl Checked {
    pub(super) fn new(window: Window, bytes: u64, pieces: Pieces) -> Self {
        Self { window, pieces, bytes, at: 0, piece: None }
    }

    /// The rest of the piece at this place; empty at the end.
    ///
    /// # Errors
    /// When the file can't be read, or has other bytes there than were checked.
    pub fn next_piece(&mut self) -> io::Result<Bytes> {
        if self.at >= self.bytes {
            return Ok(Bytes::new());
        }
        let number = self.at / CHUNK as u64;
        let piece = match &self.piece {
            Some((known, piece)) if *known == number => piece.clone(),
            _ => self.read_piece(number)?,
        };
        let rest = piece.slice(usize::try_from(self.at % CHUNK as u64).unwrap_or_default()..);
        self.at += rest.len() as u64;
        Ok(rest)
    }

    fn read_piece(&mut self, number: u64) -> io::Result<Bytes> {
        let changed = || io::Error::new(io::ErrorKind::InvalidData, "the file was changed after it was checked");
        let start = number * CHUNK as u64;
        let mut piece = vec![0; usize::try_from(self.bytes - start).unwrap_or(CHUNK).min(CHUNK)];
        self.window.seek(SeekFrom::Start(start))?;
        self.window.read_exact(&mut piece).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(),
            _ => error,
        })?;
        let known = usize::try_from(number).ok().and_then(|number| self.pieces.0.get(number));
        if known.is_none_or(|known| Sha256::digest(&piece)[..] != known[..]) {
            return Err(changed());
        }
        let piece = Bytes::from(piece);
        self.piece = Some((number, piece.clone()));
        Ok(piece)
    }
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let piece = self.next_piece()?;
        let read = piece.len().min(buffer.len());
        buffer[..read].copy_from_slice(&piece[..read]);
        self.at -= (piece.len() - read) as u64;
        Ok(read)
    }
}

impl Seek for Checked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "outside the member");
        self.at = at.filter(|at| *at <= self.bytes).ok_or_else(outside)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file of this size with a member from byte 512 on, and what is in it.
    fn member(bytes: usize) -> (std::fs::File, Vec<u8>, Checked) {
        let content: Vec<u8> = (0..251).cycle().take(bytes).collect();
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&[&[0; 512], content.as_slice()].concat()).expect("written");
        let mut hasher = PieceHasher::default();
        // In steps that meet no boundary of a piece.
        content.chunks(1000).for_each(|part| hasher.update(part));
        let window = Window::new(&file, 512, bytes as u64).expect("a window");
        let checked = Checked::new(window, bytes as u64, hasher.finish());
        (file, content, checked)
    }

    fn write_at(file: &std::fs::File, at: usize, bytes: &[u8]) {
        std::os::unix::fs::FileExt::write_all_at(file, bytes, 512 + at as u64).expect("written");
    }

    #[test]
    fn an_unchanged_member_is_read_whole() {
        for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7] {
            let (_file, content, mut checked) = member(bytes);
            let mut read = Vec::new();
            checked.read_to_end(&mut read).expect("read");
            assert_eq!(read, content, "{bytes}");
            checked.seek(SeekFrom::Start(bytes as u64 / 2)).expect("sought");
            let mut sent = Vec::new();
            while let Some(piece) = Some(checked.next_piece().expect("read")).filter(|piece| !piece.is_empty()) {
                sent.extend_from_slice(&piece);
            }
            assert_eq!(sent, content[bytes / 2..], "{bytes}");
        }
    }

    #[test]
    fn a_changed_piece_is_never_given_out() {
        let size = 2 * CHUNK + 100;
        for at in [0, CHUNK - 1, CHUNK, 2 * CHUNK + 99] {
            let (file, content, mut checked) = member(size);
            write_at(&file, at, &[content[at] ^ 1]);
            let mut read = Vec::new();
            let error = checked.read_to_end(&mut read).expect_err("it was changed");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert_eq!(read, content[..at / CHUNK * CHUNK], "what comes before it is as it was");
        }
        // Changed, and changed back behind the reader's back; and cut short.
        let (file, content, mut checked) = member(size);
        assert_eq!(checked.next_piece().expect("read"), content[..CHUNK]);
        write_at(&file, 5, b"other");
        checked.seek(SeekFrom::Start(0)).expect("sought");
        assert_eq!(checked.next_piece().expect("kept"), content[..CHUNK], "a piece in memory is a checked one");
        file.set_len(512 + 2 * CHUNK as u64).expect("cut");
        checked.next_piece().expect("whole");
        assert_eq!(checked.next_piece().expect_err("it is cut").kind(), io::ErrorKind::InvalidData);
    }
}
