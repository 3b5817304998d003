//! The commands of the Docker CLI and their other names.
//!
//! Source: the Docker CLI reference, and the "Aliases" that
//! `docker COMMAND --help` of Docker 28.2 prints for each command.

/// Commands that only group others.
const GROUPS: &[&str] = &[
    "builder",
    "buildx",
    "compose",
    "config",
    "container",
    "context",
    "image",
    "machine",
    "manifest",
    "network",
    "node",
    "plugin",
    "pod",
    "secret",
    "service",
    "stack",
    "swarm",
    "system",
    "trust",
    "volume",
];

/// Commands with another name; the second is the canonical one.
const ALIASES: &[(&str, &str)] = &[
    ("attach", "container attach"),
    ("build", "image build"),
    ("builder build", "image build"),
    ("buildx build", "image build"),
    ("commit", "container commit"),
    ("container ps", "container ls"),
    ("cp", "container cp"),
    ("create", "container create"),
    ("diff", "container diff"),
    ("events", "system events"),
    ("exec", "container exec"),
    ("export", "container export"),
    ("history", "image history"),
    ("images", "image ls"),
    ("import", "image import"),
    ("info", "system info"),
    ("kill", "container kill"),
    ("load", "image load"),
    ("logs", "container logs"),
    ("pause", "container pause"),
    ("port", "container port"),
    ("ps", "container ls"),
    ("pull", "image pull"),
    ("push", "image push"),
    ("rename", "container rename"),
    ("restart", "container restart"),
    ("rm", "container rm"),
    ("rmi", "image rm"),
    ("run", "container run"),
    ("save", "image save"),
    ("stack down", "stack rm"),
    ("stack up", "stack deploy"),
    ("start", "container start"),
    ("stats", "container stats"),
    ("stop", "container stop"),
    ("tag", "image tag"),
    ("top", "container top"),
    ("unpause", "container unpause"),
    ("update", "container update"),
    ("wait", "container wait"),
];

/// The commands `docker inspect` stands for.
const INSPECTABLE: &[&str] =
    &["config", "container", "image", "network", "node", "plugin", "secret", "service", "volume"];

pub(super) fn is_group(command: &str) -> bool {
    GROUPS.contains(&command)
}

/// The canonical form of `word` as a command of `group`, which may be empty.
pub(super) fn canonical(group: &str, word: &str) -> String {
    let word = match word {
        "list" if !group.is_empty() => "ls",
        "remove" if !group.is_empty() => "rm",
        _ => word,
    };
    let full = if group.is_empty() { word.to_owned() } else { format!("{group} {word}") };
    let alias = ALIASES.iter().find(|(other, _)| *other == full);
    alias.map_or(full, |(_, canonical)| (*canonical).to_owned())
}

/// Whether one command inspects what the other does: `docker inspect` stands
/// for `docker KIND inspect`, unless its `--type` is another kind.
pub(super) fn inspects(command: &str, kind: Option<&str>, wanted: &str, wanted_kind: Option<&str>) -> bool {
    let (general, asked, special) = match (command, wanted) {
        ("inspect", special) => (command, kind, special),
        (special, "inspect") => (wanted, wanted_kind, special),
        _ => return false,
    };
    let Some(of) = special.strip_suffix(" inspect") else {
        // Both are `docker inspect`: without a type, any will do.
        return special == general && (kind.is_none() || wanted_kind.is_none());
    };
    INSPECTABLE.contains(&of) && asked.is_none_or(|asked| asked == of)
}
