//! The options of the Docker CLI: which take a value, which ask for help.
//!
//! Source: the "Options" that `docker COMMAND --help` of Docker 28.2 prints for
//! each command, and the flags that the source of docker/compose defines. An
//! option that has a value in any command of Docker is not in `LONG_SWITCHES`.

use crate::args::Flag;
use crate::matching::Match;

/// Long options that are also given by their first letter, in whichever command has both.
const BY_FIRST_LETTER: &[&str] = &[
    "--all",
    "--detach",
    "--driver",
    "--env",
    "--follow",
    "--force",
    "--format",
    "--hostname",
    "--interactive",
    "--label",
    "--memory",
    "--publish",
    "--quiet",
    "--signal",
    "--size",
    "--tag",
    "--tty",
    "--user",
    "--volume",
    "--volumes",
    "--workdir",
];

/// Whether a long and a short option of one command are the same.
pub(super) fn other_form(one: Flag<'_>, other: Flag<'_>) -> Match {
    match (one, other) {
        (Flag::Short(letter), Flag::Long(long)) | (Flag::Long(long), Flag::Short(letter)) => {
            let is_first = long.trim_start_matches('-').starts_with(letter);
            match is_first {
                true if BY_FIRST_LETTER.contains(&long) => Match::Yes,
                true => Match::Perhaps,
                false => Match::No,
            }
        }
        _ => Match::No,
    }
}

/// Commands whose first operand ends their options: the rest belongs to the
/// program that is run (docker/cli calls `SetInterspersed(false)` for them).
const RUNNING: &[&str] =
    &["container create", "container exec", "container run", "container top", "compose exec", "compose run"];

/// Long options without a value, wherever they are known.
const LONG_SWITCHES: &[&str] = &[
    "--abort-on-container-exit",
    "--abort-on-container-failure",
    "--all",
    "--all-resources",
    "--all-tags",
    "--always-recreate-deps",
    "--amend",
    "--app",
    "--archive",
    "--attach-dependencies",
    "--attachable",
    "--autolock",
    "--build",
    "--check",
    "--compatibility",
    "--compress",
    "--config-only",
    "--debug",
    "--detach",
    "--details",
    "--digests",
    "--disable",
    "--disable-content-trust",
    "--down-project",
    "--dry-run",
    "--environment",
    "--follow",
    "--follow-link",
    "--force",
    "--force-new-cluster",
    "--force-recreate",
    "--force-rm",
    "--grant-all-permissions",
    "--help",
    "--human",
    "--ignore-buildable",
    "--ignore-pull-failures",
    "--ignore-push-failures",
    "--images",
    "--include-deps",
    "--ingress",
    "--init",
    "--insecure",
    "--insecure-registry",
    "--interactive",
    "--internal",
    "--ipv4",
    "--ipv6",
    "--json",
    "--latest",
    "--load",
    "--local",
    "--lock-image-digests",
    "--menu",
    "--models",
    "--networks",
    "--no-build",
    "--no-cache",
    "--no-color",
    "--no-consistency",
    "--no-deps",
    "--no-env-resolution",
    "--no-healthcheck",
    "--no-interpolate",
    "--no-log-prefix",
    "--no-normalize",
    "--no-parallel",
    "--no-path-resolution",
    "--no-prune",
    "--no-recreate",
    "--no-resolve",
    "--no-resolve-image",
    "--no-rm",
    "--no-start",
    "--no-stdin",
    "--no-stream",
    "--no-task-ids",
    "--no-trunc",
    "--no-tty",
    "--no-up",
    "--oom-kill-disable",
    "--orphans",
    "--password-stdin",
    "--pause",
    "--ports",
    "--pretty",
    "--print",
    "--privileged",
    "--profiles",
    "--prune",
    "--publish-all",
    "--purge",
    "--push",
    "--quiet",
    "--quiet-build",
    "--quiet-pull",
    "--raw",
    "--read-only",
    "--remove-orphans",
    "--renew-anon-volumes",
    "--resolve-image-digests",
    "--rm",
    "--rollback",
    "--rotate",
    "--service-ports",
    "--services",
    "--short",
    "--sig-proxy",
    "--size",
    "--skip-interpolation",
    "--skip-remote-check",
    "--spaces",
    "--stop",
    "--timestamps",
    "--tls",
    "--tlsverify",
    "--tty",
    "--use-aliases",
    "--use-api-socket",
    "--variables",
    "--verbose",
    "--version",
    "--volumes",
    "--wait",
    "--watch",
    "--with-dependencies",
    "--with-env",
    "--with-registry-auth",
    "--yes",
];

/// Options without a value only in some commands, named by their last word or
/// in full (`""` is `docker` itself). `*` is every command.
const SWITCHES: &[(&str, &[&str])] = &[
    ("--attach", &["start"]),
    ("--link", &["container rm"]),
    ("--pull", &["image build", "compose build"]),
    ("-D", &["*"]),
    ("-H", &["history"]),
    ("-L", &["*"]),
    ("-P", &["*"]),
    ("-T", &["compose exec", "compose run"]),
    ("-V", &["compose up"]),
    ("-w", &["compose up"]),
    ("-a", &["ls", "pull", "push", "prune", "cp", "start", "stats", "manifest create", "ps", "images"]),
    (
        "-d",
        &[
            "run",
            "exec",
            "up",
            "deploy",
            "stack rm",
            "service create",
            "rollback",
            "scale",
            "service update",
            "swarm ca",
        ],
    ),
    ("-f", &["prune", "logs", "rm", "disconnect", "disable", "leave"]),
    ("-i", &["run", "exec", "container create", "start"]),
    ("-l", &["container ls", "container rm"]),
    ("-p", &["commit", "push"]),
    ("-q", &["*"]),
    ("-s", &["ls", "inspect", "compose rm"]),
    ("-t", &["run", "exec", "container create", "logs", "service create", "service update"]),
    ("-v", &["", "rm", "inspect", "df", "down"]),
    ("-y", &["*"]),
];

/// Whether an option of a canonical command takes a value. One that is not in
/// the tables does: of Docker's options, most do.
pub(super) fn takes_value(command: &str, flag: Flag<'_>) -> bool {
    let mut letters = [0; 4];
    let is_switch_here = |option: &str| {
        let option = option.strip_prefix("--").unwrap_or(option);
        let verb = command.rsplit(' ').next().unwrap_or(command);
        SWITCHES.iter().any(|(name, commands)| {
            name.trim_start_matches('-') == option
                && commands.iter().any(|it| *it == "*" || *it == verb || *it == command)
        })
    };
    match flag {
        Flag::Short('h') => !asks_help(command, flag),
        Flag::Short(letter) => !is_switch_here(letter.encode_utf8(&mut letters)),
        Flag::Long(name) => !LONG_SWITCHES.contains(&name) && !is_switch_here(name),
    }
}

/// Whether an option makes the command print help, or `docker` its version.
/// `-h` is an old form of `--help`, but the host name for a new container.
pub(super) fn asks_help(command: &str, flag: Flag<'_>) -> bool {
    match flag {
        Flag::Long("--help") => true,
        Flag::Short('h') => !matches!(command, "container run" | "container create"),
        Flag::Short('v') | Flag::Long("--version") => command.is_empty(),
        _ => false,
    }
}

/// An option that a lab may want, by its long name: what lists objects is narrowed by `--filter`, or `-f`; elsewhere `-f` is
/// the format.
pub(super) fn spelled_out<'a>(command: &str, flag: Flag<'a>) -> Flag<'a> {
    match flag {
        Flag::Short('f') if command.ends_with(" ls") => Flag::Long("--filter"),
        Flag::Short('f') if command.ends_with("inspect") || ["system info", "version"].contains(&command) => {
            Flag::Long("--format")
        }
        Flag::Short('v') if command == "system df" => Flag::Long("--verbose"),
        _ => flag,
    }
}

/// Whether a command without an operand tells of all that there is.
pub(super) fn tells_of_all(command: &str) -> bool {
    command == "container stats"
}

/// Whether two options ask for the same: the engine takes `dangling=1` and `dangling=true` alike.
///
/// Source: moby's `api/types/filters`.
pub(super) fn are_alike(one: &(Flag<'_>, Option<&str>), other: &(Flag<'_>, Option<&str>)) -> bool {
    let plain = |value: Option<&str>| match value.and_then(|value| value.split_once('=')) {
        Some(("dangling", "1")) => Some("dangling=true".to_owned()),
        Some(("dangling", "0")) => Some("dangling=false".to_owned()),
        _ => value.map(str::to_owned),
    };
    one == other || (one.0 == other.0 && one.0 == Flag::Long("--filter") && plain(one.1) == plain(other.1))
}

pub(super) fn operands_end_options(command: &str) -> bool {
    RUNNING.contains(&command)
}
