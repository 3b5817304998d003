//! What can be known about the world: the questions ([`Ask`]) and the typed answers ([`Fact`]).
//!
//! "Absent" is a fact: a container that is not there is the learner's state, not somebody's trouble.

mod archive;
mod container;
mod log;
mod network;
mod tmpfs;
mod wider;

use std::collections::{BTreeMap, HashMap};

pub use crate::name::is_made_up_volume;
pub use archive::{Archive, Damage, Member, MemberKind};
pub use container::{Container, Mount};
pub use log::{Log, Stream};
pub use network::{Network, PublishedPort};
pub use tmpfs::{Tmpfs, TmpfsSize};
pub use wider::{Everything, HostPath, Listed, Scope};

use crate::evidence::{Journal, TypedLine};
use crate::name::NameKind;
use crate::verdict::{CannotLook, Obstacle};

pub use crate::nanos::Nanos;

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The learner's own file system.
    Host,
    /// A container's, seen through the engine.
    Container(String),
    /// A volume, whichever container uses it, or none.
    Volume(String),
}

/// Something that the engine can describe in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// A container, volume, network or image.
    pub kind: NameKind,
    /// Its name.
    pub name: String,
}

/// A moment of the session that a check refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The session began.
    Start,
    /// The step with this id was passed, or its state was made again since, or it was skipped.
    Step(String),
}

/// A question about the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// [`Fact::Container`].
    Container(String),
    /// [`Fact::Volume`].
    Volume(String),
    /// [`Fact::Image`].
    Image(String),
    /// [`Fact::File`].
    File {
        /// Where to look.
        place: Place,
        /// Absolute, or for a volume relative to its root.
        path: String,
    },
    /// [`Fact::Access`]: the mode and the owner of what is at a path.
    Access {
        /// Where to look.
        place: Place,
        /// As for [`Ask::File`].
        path: String,
    },
    /// [`Fact::Archive`]: the members of a file that is a tar archive.
    Archive {
        /// Where to look.
        place: Place,
        /// As for [`Ask::File`].
        path: String,
    },
    /// [`Fact::Digest`]: the checksums of a file.
    Digest {
        /// Where to look.
        place: Place,
        /// As for [`Ask::File`].
        path: String,
    },
    /// [`Fact::RealPath`]: where a path of the learner's own host leads.
    RealPath(String),
    /// [`Fact::Json`]: everything the engine says of it.
    Inspect(Target),
    /// [`Fact::Http`]: what a container serves at one of its ports.
    Http {
        /// The container.
        container: String,
        /// Its own port.
        port: u32,
        /// The path that is asked for.
        path: String,
    },
    /// [`Fact::Network`].
    Network(String),
    /// [`Fact::Log`]: the end of what a container wrote.
    Log(String),
    /// [`Fact::Journal`]: what the engine reported since the evidence began to count.
    Journal,
    /// [`Fact::Lifetime`]: whether it was there in this session, and when it went.
    Lifetime(Target),
    /// [`Fact::Reached`]: when the session came to this moment.
    Reached(Moment),
    /// [`Fact::Typed`]: the lines entered at the learner's prompt.
    Typed,
    /// [`Fact::Answer`]: the learner's answer to this step.
    Answer,
    /// [`Fact::Everything`]: what else is on the engine. Asked only after a fail.
    Everything,
    /// [`Fact::Networks`]: every network. Asked only after a fail.
    Networks,
    /// [`Fact::Changes`]: what was written to a container's own layer. Asked only after a fail.
    Changes(String),
    /// [`Fact::Sighted`]: whether it was seen in this session. Asked only after a fail.
    Sighted(Target),
    /// [`Fact::HostPath`]: who made a path of the host, and when. Asked only after a fail.
    HostPath(String),
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// There is no such thing.
    Absent,
    /// A container.
    Container(Box<Container>),
    /// A volume.
    Volume(Volume),
    /// An image.
    Image(Image),
    /// A file or what stands in its place.
    File(File),
    /// The mode and the owner of a file or directory.
    Access(Access),
    /// The members of an archive.
    Archive(Archive),
    /// The checksums of a regular file.
    Digest(Digest),
    /// A path of the host's without links in it.
    RealPath(String),
    /// The engine's own description.
    Json(serde_json::Value),
    /// An answer over HTTP.
    Http(HttpAnswer),
    /// A network.
    Network(Network),
    /// The end of a container's log.
    Log(Log),
    /// The journal.
    Journal(Journal),
    /// A lifetime within the session.
    Lifetime(Lifetime),
    /// A moment of the session that is past.
    Reached(Reached),
    /// Lines entered at the prompt, oldest first.
    Typed(Vec<TypedLine>),
    /// The learner's answer.
    Answer(Answered),
    /// What else is on the engine.
    Everything(Everything),
    /// Every network.
    Networks(Vec<Network>),
    /// The paths that were added to or changed in a container's own layer, as far as they were read.
    Changes(Vec<String>),
    /// A path of the host, without what it holds.
    HostPath(HostPath),
    /// It was there when labrun looked, some time in this session.
    Sighted(()),
}

/// An answer of the learner's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// As it was given.
    pub text: String,
    /// When, by the engine's clock.
    pub at: Nanos,
}

/// A volume as the engine describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its driver, `local` unless told otherwise.
    pub driver: String,
    /// When it was created, in whole seconds: the engine keeps no more.
    pub created: Option<Nanos>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its driver's options.
    pub options: BTreeMap<String, String>,
}

/// An image as the engine describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Names it is known by, `busybox:latest`.
    pub tags: Vec<String>,
    /// When it was last tagged or pulled here, if the engine says.
    pub created: Option<Nanos>,
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Its status code.
    pub status: u16,
    /// Its body, as text.
    pub body: String,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// When it was last modified.
    pub modified: Option<Nanos>,
    /// What it holds, for a regular file that was small enough to read.
    pub content: Option<String>,
}

/// Who may use a file or directory, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The permission bits with setuid, setgid and the sticky bit: at most 0o7777.
    pub mode: u32,
    /// The numbers of its user and group as a container sees them; `None` where the file system does not keep them.
    pub owner: Option<Owner>,
}

/// The owner of a file, by number: the names are each container's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its user.
    pub user: u64,
    /// Its group.
    pub group: u64,
}

/// The checksums of a regular file, in lower-case hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256, 64 digits.
    pub sha256: String,
    /// SHA-512, 128 digits.
    pub sha512: String,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A pipe, a device, a socket, or a link that leads nowhere.
    Other,
}

impl FileKind {
    /// In words: "a file", "a directory".
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Regular => "a file",
            Self::Directory => "a directory",
            Self::Other => "neither a file nor a directory",
        }
    }
}

/// Whether an object was there in this session, and when it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// It was seen since the session began.
    pub seen: bool,
    /// What told it from others of its name when it was last seen: a container's id. An engine may not tell that one got
    /// another name.
    pub identity: Option<String>,
    /// When it was last removed, if that was reported.
    pub removed: Option<Nanos>,
}

/// A moment of the session that is past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// When it was, by the engine's clock: for a step when labrun saw that it had passed.
    pub at: Nanos,
    /// The step's number, counted from 1; `None` for the session's beginning.
    pub step: Option<usize>,
    /// The step was skipped: what it makes may have been made after that.
    pub skipped: bool,
}

/// The answers to a set of questions.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Evidence counts when it ended after this moment.
    pub since: Nanos,
    /// The learner has just answered, whatever the clocks say.
    pub answering: bool,
    /// Whose they are.
    pub scope: Scope,
    seen: HashMap<Ask, Result<Fact, CannotLook>>,
}

/// The accessor of one kind of fact: `None` is absent.
macro_rules! accessor {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) asks $ask:expr, gives $variant:ident($out:ty)) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// Why it could not be looked at.
        pub fn $name(&self, $($arg: $type),*) -> Result<Option<&$out>, CannotLook> {
            let ask = $ask;
            match self.get(&ask)? {
                Fact::$variant(fact) => Ok(Some(fact)),
                Fact::Absent => Ok(None),
                _ => Err(CannotLook::new(Obstacle::Broken, format!("{ask:?} was answered with another kind of fact"), "report this as a bug")),
            }
        }
    };
}

impl Facts {
    /// No facts yet; evidence counts after `since`.
    #[must_use]
    pub fn since(since: Nanos) -> Self {
        Self { since, ..Self::default() }
    }

    /// The same, gathered for this session.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Notes what a probe saw.
    pub fn insert(&mut self, ask: Ask, seen: Result<Fact, CannotLook>) {
        self.seen.insert(ask, seen);
    }

    /// Whether this question has its answer.
    #[must_use]
    pub fn has(&self, ask: &Ask) -> bool {
        self.seen.contains_key(ask)
    }

    /// Forgets an answer, so that it is asked again.
    pub fn forget(&mut self, ask: &Ask) {
        self.seen.remove(ask);
    }

    /// Everything seen.
    pub fn iter(&self) -> impl Iterator<Item = (&Ask, &Result<Fact, CannotLook>)> {
        self.seen.iter()
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// Why it could not be looked at; also when nobody looked.
    pub fn get(&self, ask: &Ask) -> Result<&Fact, CannotLook> {
        match self.seen.get(ask) {
            Some(Ok(fact)) => Ok(fact),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(CannotLook::new(Obstacle::Broken, format!("nobody looked at {ask:?}"), "report this as a bug")),
        }
    }

    accessor!(/** A container. */ container(name: &str) asks Ask::Container(name.to_owned()), gives Container(Container));
    accessor!(/** A volume. */ volume(name: &str) asks Ask::Volume(name.to_owned()), gives Volume(Volume));
    accessor!(/** An image. */ image(name: &str) asks Ask::Image(name.to_owned()), gives Image(Image));
    accessor!(/** A file. */ file(place: &Place, path: &str) asks Ask::File { place: place.clone(), path: path.to_owned() }, gives File(File));
    accessor!(/** A mode and an owner. */ access(place: &Place, path: &str) asks Ask::Access { place: place.clone(), path: path.to_owned() }, gives Access(Access));
    accessor!(/** An archive. */ archive(place: &Place, path: &str) asks Ask::Archive { place: place.clone(), path: path.to_owned() }, gives Archive(Archive));
    accessor!(/** A file's checksums. */ digest(place: &Place, path: &str) asks Ask::Digest { place: place.clone(), path: path.to_owned() }, gives Digest(Digest));
    accessor!(/** A path with its links followed. */ real_path(path: &str) asks Ask::RealPath(path.to_owned()), gives RealPath(String));
    accessor!(/** The engine's description. */ json(target: &Target) asks Ask::Inspect(target.clone()), gives Json(serde_json::Value));
    accessor!(/** An answer over HTTP. */ http(container: &str, port: u32, path: &str) asks Ask::Http { container: container.to_owned(), port, path: path.to_owned() }, gives Http(HttpAnswer));
    accessor!(/** A network. */ network(name: &str) asks Ask::Network(name.to_owned()), gives Network(Network));
    accessor!(/** A container's log. */ log(container: &str) asks Ask::Log(container.to_owned()), gives Log(Log));
    accessor!(/** Every network. */ networks() asks Ask::Networks, gives Networks(Vec<Network>));
    accessor!(/** The journal. */ journal() asks Ask::Journal, gives Journal(Journal));
    accessor!(/** A lifetime. */ lifetime(target: &Target) asks Ask::Lifetime(target.clone()), gives Lifetime(Lifetime));
    accessor!(/** A moment of the session. */ reached(moment: &Moment) asks Ask::Reached(moment.clone()), gives Reached(Reached));
    accessor!(/** The lines typed. */ typed() asks Ask::Typed, gives Typed(Vec<TypedLine>));
    accessor!(/** The answer. */ answer() asks Ask::Answer, gives Answer(Answered));
    accessor!(/** What else is there. */ everything() asks Ask::Everything, gives Everything(Everything));
    accessor!(/** A container's own layer. */ changes(container: &str) asks Ask::Changes(container.to_owned()), gives Changes(Vec<String>));
    accessor!(/** Whether it was ever seen. */ sighted(target: &Target) asks Ask::Sighted(target.clone()), gives Sighted(()));
    accessor!(/** A path of the host. */ host_path(path: &str) asks Ask::HostPath(path.to_owned()), gives HostPath(HostPath));
}
