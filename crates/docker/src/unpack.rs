//! Bytes as a tar archive: its members, and whether it can be restored whole. Nothing is written anywhere.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use labrun_graders::fact::{Archive, Damage, Member, MemberKind};
use tar::EntryType;

/// The most bytes that a compressed archive may unpack to.
const MAX_UNPACKED: u64 = 16 * 1024 * 1024;

/// The most members that are listed.
const MAX_MEMBERS: usize = 1_000;

/// The longest name that is kept, in bytes.
const MAX_NAME: usize = 4_096;

/// The most bytes of one member that are kept, and of all.
const MAX_CONTENT: u64 = 64 * 1024;
const MAX_CONTENTS: u64 = 512 * 1024;

const BLOCK: usize = 512;

/// How a file begins that is compressed, or packed by another tool.
const FORMATS: [(&[u8], &str); 5] = [
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
];

/// Reads an archive; `None` where it unpacks to more than is read.
pub(super) fn archive(bytes: &[u8]) -> Option<Archive> {
    let damaged = |damage| Some(Archive { damage: Some(damage), ..Archive::default() });
    if bytes.is_empty() {
        return damaged(Damage::Empty);
    }
    if let Some((_, format)) = FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return damaged(Damage::Format(format));
    }
    if !bytes.starts_with(b"\x1f\x8b") {
        return Some(plain(bytes));
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(MAX_UNPACKED + 1).read_to_end(&mut unpacked);
    if unpacked.len() as u64 > MAX_UNPACKED {
        return None;
    }
    let archive = plain(&unpacked);
    let damage = match read {
        Ok(_) => archive.damage.map(|damage| if unpacked.is_empty() { Damage::NoArchive } else { damage }),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(Damage::Truncated),
        Err(_) => Some(Damage::Corrupt),
    };
    Some(Archive { damage, compressed: true, ..archive })
}

fn plain(bytes: &[u8]) -> Archive {
    let mut found = Archive::default();
    if bytes.is_empty() {
        return Archive { damage: Some(Damage::NoArchive), ..found };
    }
    if bytes.iter().all(|byte| *byte == 0) {
        // Two blocks of zeros are the end of an archive, and here all of it.
        let damage = (bytes.len() < 2 * BLOCK).then_some(Damage::NoArchive);
        return Archive { damage, ..found };
    }
    if let Err(damage) = list(bytes, &mut found) {
        let nothing = found.members.is_empty() && !has_header(bytes);
        found.damage = Some(if nothing { Damage::NoArchive } else { damage });
    }
    found
}

/// Whether the first block is a header whose checksum is right.
fn has_header(bytes: &[u8]) -> bool {
    let Some(block) = bytes.get(..BLOCK) else { return false };
    let Ok(wanted) = tar::Header::from_byte_slice(block).cksum() else { return false };
    let sum = |at: usize, byte: u8| if (148..156).contains(&at) { 32 } else { u32::from(byte) };
    block.iter().enumerate().map(|(at, byte)| sum(at, *byte)).sum::<u32>() == wanted
}

/// Lists the members up to the first damage.
fn list(bytes: &[u8], found: &mut Archive) -> Result<(), Damage> {
    let damage = |error: io::Error| {
        if error.kind() == io::ErrorKind::UnexpectedEof { Damage::Truncated } else { Damage::Corrupt }
    };
    let mut kept = 0;
    let mut archive = tar::Archive::new(bytes);
    for entry in archive.entries().map_err(damage)? {
        let mut entry = entry.map_err(|error| if ends_early(&error) { Damage::Truncated } else { damage(error) })?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        let kind = match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => MemberKind::File,
            EntryType::Directory => MemberKind::Directory,
            _ => MemberKind::Other,
        };
        let keep = kind == MemberKind::File && size <= MAX_CONTENT && kept + size <= MAX_CONTENTS;
        let mut content = Vec::new();
        let read = if keep {
            entry.read_to_end(&mut content).map(|read| read as u64)
        } else {
            io::copy(&mut entry, &mut io::sink())
        };
        if read.map_err(damage)? < size {
            return Err(Damage::Truncated);
        }
        if found.members.len() >= MAX_MEMBERS || name.len() > MAX_NAME {
            found.more = true;
            continue;
        }
        kept += content.len() as u64;
        let content = keep.then(|| String::from_utf8_lossy(&content).into_owned());
        found.members.push(Member { name, kind, size, content });
    }
    Ok(())
}

/// The reader of archives says this without a kind of its own.
fn ends_early(error: &io::Error) -> bool {
    let said = error.to_string();
    said.contains("unexpected EOF") || said.contains("failed to read entire block")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, content.as_bytes()).expect("packed");
        }
        archive.into_inner().expect("packed")
    }

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        zip.write_all(bytes).expect("compressed");
        zip.finish().expect("compressed")
    }

    fn seen(bytes: &[u8]) -> (Vec<(String, Option<String>)>, Option<Damage>) {
        let archive = archive(bytes).expect("it is small");
        (archive.members.into_iter().map(|member| (member.name, member.content)).collect(), archive.damage)
    }

    #[test]
    fn members_are_listed_with_what_they_hold() {
        let long = "x/".repeat(100) + "tally.txt";
        let bytes = packed(&[("tally.txt", "3\n"), (&long, "")]);
        let members = vec![("tally.txt".to_owned(), Some("3\n".to_owned())), (long, Some(String::new()))];
        assert_eq!(seen(&bytes), (members.clone(), None));
        assert_eq!(seen(&zipped(&bytes)), (members, None));
        let compressed = |bytes: &[u8]| archive(bytes).expect("it is small").compressed;
        assert!(compressed(&zipped(&bytes)) && !compressed(&bytes));
        // Without the blocks at its end, GNU tar and BusyBox restore it all the same.
        let (members, damage) = seen(&bytes[..bytes.len() - 1024]);
        assert_eq!((members.len(), damage), (2, None));
        assert_eq!(seen(&[0; 10_240]), (Vec::new(), None), "an archive of nothing");
    }

    #[test]
    fn what_cannot_be_restored_is_told_apart() {
        let bytes = packed(&[("tally.txt", "3\n"), ("log", &"line\n".repeat(500))]);
        let zip = zipped(&bytes);
        let mut flipped = bytes.clone();
        flipped[1024 + 3] ^= 1;
        let mut wrong_sum = zip.clone();
        let last = wrong_sum.len() - 6;
        wrong_sum[last] ^= 1;
        for (bytes, damage) in [
            (&b""[..], Damage::Empty),
            (b"tally.txt\n", Damage::NoArchive),
            ("tally.txt\n".repeat(1_000).as_bytes(), Damage::NoArchive),
            (&[0; 700], Damage::NoArchive),
            (&bytes[..300], Damage::NoArchive),
            (&bytes[..bytes.len() - 2_000], Damage::Truncated),
            (&bytes[..513], Damage::Truncated),
            (&bytes[..1_300], Damage::Truncated),
            (&flipped, Damage::Corrupt),
            (&zipped(b"tally.txt\n"), Damage::NoArchive),
            (&zipped(b""), Damage::NoArchive),
            (&zip[..zip.len() / 2], Damage::Truncated),
            (&wrong_sum, Damage::Corrupt),
            (b"PK\x03\x04....", Damage::Format("zip")),
            (b"\xfd7zXZ\0..", Damage::Format("xz")),
        ] {
            assert_eq!(seen(bytes).1, Some(damage), "{:?} of {} bytes", &bytes[..bytes.len().min(9)], bytes.len());
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many: Vec<String> = (0..1_100).map(|number| format!("f{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        let listed = archive(&packed(&many)).expect("it is small");
        assert_eq!((listed.members.len(), listed.more, listed.damage), (MAX_MEMBERS, true, None));
        let large = "x".repeat(65 * 1024);
        let files: Vec<(&str, &str)> = vec![("large", &large), ("a", "1")];
        assert_eq!(seen(&packed(&files)).0, [("large".to_owned(), None), ("a".to_owned(), Some("1".to_owned()))]);
        let filling = "x".repeat(60 * 1024);
        let kept = seen(&packed(&vec![("f", filling.as_str()); 20])).0.into_iter().filter_map(|(_, content)| content);
        assert!(kept.map(|content| content.len()).sum::<usize>() <= 512 * 1024);
        assert_eq!(archive(&zipped(&vec![0; 17 * 1024 * 1024])), None, "a bomb");
    }
}
