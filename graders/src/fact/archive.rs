//! What a tar archive holds, as far as it was read.

/// A file read as a tar archive, plain or compressed with gzip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// Its members, in its order.
    pub members: Vec<Member>,
    /// Why it cannot be restored, if so; then `members` are those before the damage.
    pub damage: Option<Damage>,
    /// There are more members than were read.
    pub more: bool,
    /// It is compressed.
    pub compressed: bool,
}

/// Why a file cannot be restored as an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It has no bytes.
    Empty,
    /// It is no tar archive, compressed or not.
    NoArchive,
    /// It is compressed in a way that is not read: `xz`, `zip`.
    Format(&'static str),
    /// It ends in the middle of a member.
    Truncated,
    /// It begins as an archive, and goes on as something else.
    Corrupt,
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, as the archive has it: `./tally.txt`.
    pub name: String,
    /// What it is.
    pub kind: MemberKind,
    /// Its size in bytes.
    pub size: u64,
    /// What a regular file holds, where that was small enough to be kept.
    pub content: Option<String>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A link, a device, a pipe.
    Other,
}
