//! The register of near misses: each with its stable name, what proves it, and how near it is.
//!
//! When several fit, the nearest is given: the one that stands first in [`DIAGNOSES`]. An author's own come before all
//! of these, since whoever wrote the step knows best what it is about.

use crate::verdict::Feedback;

/// How far a mistake is from what was wanted: the nearer, the less is left to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// What was done last is right, and something older stands in its way.
    InTheWay,
    /// The command that was to do it shows by itself why it did not.
    Command,
    /// What is wanted is there, and one thing about it is off.
    OneOff,
    /// Something else stands where it should.
    Substitute,
    /// It was done, but elsewhere.
    Elsewhere,
    /// It was there, and is gone.
    Gone,
    /// It was done where labrun does not look.
    OtherEngine,
    /// The step's question was answered, and not rightly.
    Answer,
}

impl Distance {
    /// In words, as the book has it.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::InTheWay => "What was done last is right, and something older stands in its way.",
            Self::Command => "The command that was to do it shows by itself why it did not.",
            Self::OneOff => "What is wanted is there, and one thing about it is off.",
            Self::Substitute => "Something else stands where it should.",
            Self::Elsewhere => "It was done, but elsewhere.",
            Self::Gone => "It was there, and is gone.",
            Self::OtherEngine => "It was done where labrun does not look.",
            Self::Answer => "The step's question was answered, and not rightly.",
        }
    }
}

/// A near miss that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Kebab-case; it stands in reports and labs, and is never changed.
    pub name: &'static str,
    /// How near it is.
    pub distance: Distance,
    /// The facts that prove it.
    pub proof: &'static str,
}

const fn diagnosis(distance: Distance, name: &'static str, proof: &'static str) -> Diagnosis {
    Diagnosis { name, distance, proof }
}

use Distance::{Answer, Command, Elsewhere, Gone, InTheWay, OneOff, OtherEngine, Substitute};

/// Every diagnosis, nearest first.
pub const DIAGNOSES: &[Diagnosis] = &[
    diagnosis(InTheWay, "name-taken", "a second `run` or `create` with this `--name` ended with 125; the first has it"),
    diagnosis(InTheWay, "second-container", "a newer container has the mount, the one with the name has not"),
    diagnosis(InTheWay, "stopped-not-removed", "the container is there, and exited or paused"),
    diagnosis(InTheWay, "volume-in-use", "a container still has the volume mounted"),
    diagnosis(InTheWay, "renamed-not-removed", "the engine reported another name for the same container"),
    diagnosis(
        InTheWay,
        "volume-left-behind",
        "an anonymous volume is there, and its container was removed in this step",
    ),
    diagnosis(
        InTheWay,
        "volume-removed-by-hand",
        "the engine reported the removal of an anonymous volume after that of its container",
    ),
    diagnosis(InTheWay, "left-behind", "a container that did it all was not removed"),
    diagnosis(Command, "script-not-quoted", "`sh -c` got a single word, and more words after it"),
    diagnosis(Command, "redirected-by-host", "in the typed line, `>` stands outside the quotes of `docker exec`"),
    diagnosis(Command, "quoted-as-one-word", "an exec of one word with blanks in it ended with 126 or 127"),
    diagnosis(Command, "quotes-swallowed", "an exec printed a text with `>` in it, and ended with 0"),
    diagnosis(
        Command,
        "fields-swapped",
        "a mount's source and its place in the container are swapped, as typed or as the engine made it",
    ),
    diagnosis(Command, "command-cannot-start", "exit code 126 or 127, or the engine's own error of the start"),
    diagnosis(
        Command,
        "other-arguments",
        "the wanted program ran, or the wanted command was typed, without the arguments that are wanted",
    ),
    diagnosis(
        Command,
        "too-early",
        "the wanted command ran before the container's event that it was to follow, or without one",
    ),
    diagnosis(
        Command,
        "output-not-shown",
        "the wanted command ran in the background, or its output went where the learner could not read it",
    ),
    diagnosis(Command, "missing-option", "the wanted command was typed, without the options that are wanted"),
    diagnosis(Command, "not-refused", "a command that was to be refused ended with 0"),
    diagnosis(OneOff, "wrong-driver", "the volume's or network's driver is another one"),
    diagnosis(OneOff, "wrong-label", "a label of the volume or network is missing, or has another value"),
    diagnosis(OneOff, "wrong-internal", "the network is internal, or is not"),
    diagnosis(OneOff, "wrong-image", "the container's image is another one"),
    diagnosis(OneOff, "never-started", "state `created`, no start, no error"),
    diagnosis(OneOff, "exited-at-once", "ended with 0 within a second, its input closed"),
    diagnosis(OneOff, "other-state", "the container is paused, restarting, or in another state than the wanted one"),
    diagnosis(OneOff, "not-running", "the container has ended, in another way than at once"),
    diagnosis(OneOff, "wrong-destination", "the right source, at another destination"),
    diagnosis(OneOff, "read-only-mount", "the mount's access is read-only"),
    diagnosis(OneOff, "writable-mount", "the mount's access is read-write"),
    diagnosis(OneOff, "no-mount", "nothing is mounted in the container"),
    diagnosis(OneOff, "hidden-by-mount", "another mount of the container lies over the file that was to be read"),
    diagnosis(OneOff, "no-limit", "the memory that is mounted has no limit of the wanted sort"),
    diagnosis(OneOff, "other-limit", "the memory that is mounted has another limit than the wanted one"),
    diagnosis(OneOff, "unwanted-mount", "something is mounted in a container that is to have nothing mounted"),
    diagnosis(OneOff, "restarted", "the container ended since the step began, and was started again"),
    diagnosis(
        OneOff,
        "not-restarted",
        "the engine reported a signal to the container or a pause, and no end of its process",
    ),
    diagnosis(OneOff, "not-on-network", "the network is there, the container is, and is not on it"),
    diagnosis(OneOff, "wrong-host-port", "the port is published, at another port of the host"),
    diagnosis(OneOff, "wrong-address", "the port is published, on another address of the host"),
    diagnosis(OneOff, "wrong-protocol", "the port of that number is published, of another protocol"),
    diagnosis(OneOff, "ports-swapped", "the wanted port is the host's, and another one the container's"),
    diagnosis(OneOff, "wrong-port", "another port of the container is published"),
    diagnosis(OneOff, "exposed-not-published", "the port is among the exposed ones, and nothing is published"),
    diagnosis(OneOff, "not-published", "the container is there, and publishes no port"),
    diagnosis(OneOff, "nobody-listens", "the port is published by a running container, and nothing answers there"),
    diagnosis(OneOff, "wrong-case", "the log has it, in other upper and lower case"),
    diagnosis(OneOff, "other-stream", "the other stream of the log has it"),
    diagnosis(OneOff, "empty-log", "the container was started, and its log holds no text"),
    diagnosis(OneOff, "unwanted-in-log", "the log has what it was to lack"),
    diagnosis(OneOff, "not-in-log", "the log holds another text"),
    diagnosis(OneOff, "lines-joined", "one line holds all of the wanted ones"),
    diagnosis(OneOff, "wrong-order", "all lines are there, in another order"),
    diagnosis(OneOff, "overwritten", "only the last of the wanted lines is there"),
    diagnosis(OneOff, "empty-file", "the file holds no text"),
    diagnosis(OneOff, "other-content", "the file holds another text"),
    diagnosis(OneOff, "written-since", "the file was written to after the moment since which it was to stay as it is"),
    diagnosis(
        OneOff,
        "unwanted-text",
        "the file has a text that it was to lack, or lines beside all that it was to have",
    ),
    diagnosis(OneOff, "key-mistyped", "the document has a key like the wanted one, and not that"),
    diagnosis(OneOff, "misplaced-key", "the document has the wanted key and value, below another key"),
    diagnosis(OneOff, "commented-out", "a comment of the document has what is wanted, and nothing else of it has"),
    diagnosis(OneOff, "other-value", "the place in the document has another value"),
    diagnosis(OneOff, "missing-entry", "the list or mapping in the document lacks a wanted entry"),
    diagnosis(OneOff, "unwanted-value", "the list or mapping in the document has an entry that it was to lack"),
    diagnosis(OneOff, "other-algorithm", "the sum has the length of another algorithm's"),
    diagnosis(OneOff, "sum-without-name", "the sum's name is `-`: it was made of what came through a pipe"),
    diagnosis(OneOff, "listed-with-folder", "the sums list the file with another folder in front of its name"),
    diagnosis(OneOff, "sum-differs", "the sum listed is not that of the file as it is now"),
    diagnosis(OneOff, "not-in-sums", "the sums list other names"),
    diagnosis(OneOff, "packed-with-folder", "a member's name is the wanted one with a folder in front"),
    diagnosis(OneOff, "packed-without-folder", "a member's name is the wanted one without its folder"),
    diagnosis(OneOff, "empty-archive", "the archive has no members"),
    diagnosis(OneOff, "not-in-archive", "the archive has other members"),
    diagnosis(OneOff, "wrong-compression", "the archive is compressed, or is not"),
    diagnosis(OneOff, "unwanted-in-archive", "the archive has a member that it was to lack"),
    diagnosis(OneOff, "wrong-mode", "the permission bits are others"),
    diagnosis(OneOff, "wrong-owner", "the number of the user or group is another one"),
    diagnosis(
        OneOff,
        "file-name-mistyped",
        "a file of nearly the wanted name is there, or a command names a path like the wanted one, and not that",
    ),
    diagnosis(
        OneOff,
        "wrong-path",
        "an exec in the right container names the file at another path, or the file is there at one",
    ),
    diagnosis(Substitute, "name-mistyped", "a name like it was made or typed since, and it is not there itself"),
    diagnosis(Substitute, "path-mistyped", "a path like it was typed, or was made by the engine: new, empty, root's"),
    diagnosis(Substitute, "other-directory", "a bind mount whose source ends with the same name"),
    diagnosis(Substitute, "different-volumes", "another container has the volume, this one has another volume"),
    diagnosis(Substitute, "bind-instead-of-volume", "the mount is of type `bind`"),
    diagnosis(Substitute, "volume-instead-of-bind", "the mount is of type `volume`, with a name"),
    diagnosis(Substitute, "anonymous-volume", "the volume's name is 64 hexadecimal digits"),
    diagnosis(Substitute, "source-taken-for-destination", "an anonymous volume at a place called as the wanted source"),
    diagnosis(Substitute, "wrong-mount-type", "a tmpfs in place of a volume, or the reverse"),
    diagnosis(Substitute, "file-or-directory", "a directory where a file was meant, or the reverse"),
    diagnosis(Substitute, "not-restorable", "the file is no tar archive, or a damaged one"),
    diagnosis(Substitute, "not-yaml", "the file cannot be read as YAML"),
    diagnosis(Substitute, "not-json", "the file cannot be read as JSON"),
    diagnosis(Substitute, "no-sums", "no line of the file has a sum and a name"),
    diagnosis(Substitute, "wrong-source", "another source is mounted at the place"),
    diagnosis(Substitute, "other-page", "the server answers with another text"),
    diagnosis(Substitute, "command-failed", "the wanted command ended with another code than 0"),
    diagnosis(Substitute, "other-command", "another command was run where the wanted one should have been"),
    diagnosis(
        Substitute,
        "missing-mount",
        "the container has other mounts, none of the wanted source and none at the wanted place",
    ),
    diagnosis(Elsewhere, "made-by-compose", "compose's labels; the name has the project's in front"),
    diagnosis(Elsewhere, "name-forgotten", "a new container of that image or with that mount, its name made up"),
    diagnosis(
        Elsewhere,
        "folder-not-shared",
        "the container has the file where the host's folder is mounted, and the host's folder has not",
    ),
    diagnosis(Elsewhere, "wrong-container", "the same command ran, or the file is, in another container"),
    diagnosis(Elsewhere, "not-from-inside", "it was done on the host, or by `docker cp`, and not in the container"),
    diagnosis(
        Elsewhere,
        "data-in-container-layer",
        "the container's changes list the file, and nothing is mounted there",
    ),
    diagnosis(Elsewhere, "written-beside-mount", "the container's changes list the file at a path outside its mounts"),
    diagnosis(
        Gone,
        "made-again",
        "the container or volume was removed, or gave its name away, and another one has that name",
    ),
    diagnosis(Gone, "file-deleted", "the newest command about the file removed it"),
    diagnosis(Gone, "volume-deleted-too", "the volume was seen, and went together with its containers"),
    diagnosis(
        Gone,
        "earlier-step-undone",
        "the step needs a container, volume or network of the lab that an earlier one makes, and it is not there",
    ),
    diagnosis(Gone, "tmpfs-emptied", "it was written below a tmpfs, and the container was started again after that"),
    diagnosis(
        OtherEngine,
        "another-users-engine",
        "a line with `sudo` ended well, and this engine reported nothing of it",
    ),
    diagnosis(OtherEngine, "other-engine", "a line ended well, and this engine reported nothing of it"),
    diagnosis(Answer, "unreadable-answer", "the answer is no letter of a choice, or no number"),
    diagnosis(Answer, "incomplete-answer", "the answer names some of the right choices, and no wrong one"),
    diagnosis(Answer, "wrong-answer", "the answer is not the right one"),
];

/// The diagnosis of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Diagnosis> {
    DIAGNOSES.iter().find(|diagnosis| diagnosis.name == name)
}

/// The place of a feedback in the order of nearness, smaller is nearer: an author's own, then those of [`DIAGNOSES`],
/// then what has no name.
#[must_use]
pub fn rank(feedback: &Feedback) -> usize {
    match &feedback.diagnosis {
        None => usize::MAX,
        Some(name) => DIAGNOSES.iter().position(|diagnosis| diagnosis.name == *name).map_or(0, |place| place + 1),
    }
}

/// Of several, the nearest; of two that are as near, the first.
#[must_use]
pub fn nearest(judged: Feedback, others: impl IntoIterator<Item = Feedback>) -> Feedback {
    others.into_iter().fold(judged, |best, other| if rank(&other) < rank(&best) { other } else { best })
}
