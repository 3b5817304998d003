//! Details that events leave out, asked of the engine while it still knows them.

use bollard::models::ContainerInspectResponse;
use labrun_graders::Nanos;
use labrun_graders::evidence::{Detail, Entry, MountSeen};

use super::connect::Engine;
use super::container;
use super::entry::short;
use super::pending::DEADLINE;

/// The longest arguments that are kept, in bytes. Of longer ones the journal has the start, as the event gives it.
const MAX_ARGV: usize = 64 * 1024;

/// The engine creates and starts the command of a health check within this time, in nanoseconds: measured were 15,000 to
/// 125,000 on a busy machine. A client needs a request for each, which took 340,000 at least.
const AT_ONCE: Nanos = 150_000;

/// How an exec went. The engine forgets it some minutes after its end: then the event's own words must do.
pub(super) async fn exec(engine: &Engine, entry: &Entry) -> Option<Detail> {
    let id = entry.attributes.get("execID")?;
    let seen = tokio::time::timeout(DEADLINE, engine.docker.inspect_exec(id)).await.ok()?.ok()?;
    let process = seen.process_config?;
    let argv = process.entrypoint.into_iter().chain(process.arguments.unwrap_or_default());
    let argv: Vec<String> = argv.collect();
    let is_long = argv.iter().map(String::len).sum::<usize>() > MAX_ARGV;
    let exit_code = seen.exit_code.filter(|_| seen.running != Some(true));
    let detached = seen.open_stdout == Some(false) && seen.open_stderr == Some(false);
    let argv = if is_long { Vec::new() } else { argv };
    Some(Detail { argv, exit_code, detached, ..Detail::default() })
}

/// A container, as far as events about it need it.
#[derive(Clone, Debug, Default)]
pub(super) struct Inspected {
    /// Its command, mounts and image.
    pub(super) detail: Detail,
    pub(super) health_check: HealthCheck,
}

/// What is known of a container's health check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum HealthCheck {
    /// The container could not be looked at: it is gone, or the engine did not answer in time.
    #[default]
    Unknown,
    /// It has none.
    None,
    /// It runs this command, joined by spaces as events have it.
    Runs(String),
}

/// Looks at a container; `None` if it is gone, or the engine does not answer.
pub(super) async fn inspect(engine: &Engine, id: &str) -> Option<Inspected> {
    let seen = tokio::time::timeout(DEADLINE, container::described(engine, id)).await.ok()?.ok()??;
    let health_check = health_check(&seen);
    let auto_remove = seen.host_config.as_ref().is_some_and(|host| host.auto_remove == Some(true));
    let seen = container::convert(seen);
    let detail = Detail {
        argv: seen.argv,
        mounts: seen.mounts.iter().map(MountSeen::from).collect(),
        image_id: seen.image_id,
        working_dir: seen.working_dir,
        auto_remove,
        ..Detail::default()
    };
    Some(Inspected { detail, health_check })
}

/// The command that the engine runs to see how a container is.
///
/// Source: moby's `daemon/health.go`.
fn health_check(seen: &ContainerInspectResponse) -> HealthCheck {
    command_of_health_check(seen).map_or(HealthCheck::None, HealthCheck::Runs)
}

fn command_of_health_check(seen: &ContainerInspectResponse) -> Option<String> {
    let config = seen.config.as_ref()?;
    let test = config.healthcheck.as_ref()?.test.as_deref()?;
    let words: Vec<&str> = match test.split_first()? {
        (kind, words) if kind == "CMD" => words.iter().map(String::as_str).collect(),
        (kind, [script, ..]) if kind == "CMD-SHELL" => {
            let shell = config.shell.as_deref().filter(|shell| !shell.is_empty());
            let shell = shell.map(|shell| shell.iter().map(String::as_str).collect());
            let mut words: Vec<&str> = shell.unwrap_or_else(|| vec!["/bin/sh", "-c"]);
            words.push(script);
            words
        }
        _ => return None,
    };
    Some(words.join(" ").trim_end().to_owned())
}

/// Whose an exec is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starter {
    /// A client of the engine.
    Client,
    /// The engine, for a health check.
    Engine,
    /// One of the two: the command is that of the health check, or it began like one.
    Unknown,
}

/// Finds the starter of an exec in a container with this health check; `created` is when the engine reported its creation.
pub(super) fn starter(start: &Entry, created: Option<Nanos>, health_check: &HealthCheck) -> Starter {
    let command = start.attributes.get("command").map_or("", String::as_str);
    let is_at_once = created.is_some_and(|created| (0..AT_ONCE).contains(&(start.at - created)));
    match health_check {
        HealthCheck::Runs(check) if short(check) == command => {
            if is_at_once {
                Starter::Engine
            } else {
                Starter::Unknown
            }
        }
        // No client is so fast; that the container has a health check was not seen.
        HealthCheck::Unknown if is_at_once => Starter::Unknown,
        _ => Starter::Client,
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{ContainerConfig, ContainerInspectResponse, HealthConfig};
    use labrun_graders::evidence::Entry;

    use super::{HealthCheck, Starter, health_check, short, starter};

    fn with(test: &[&str], shell: Option<&[&str]>) -> ContainerInspectResponse {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let healthcheck = HealthConfig { test: Some(owned(test)), ..HealthConfig::default() };
        let config =
            ContainerConfig { healthcheck: Some(healthcheck), shell: shell.map(owned), ..ContainerConfig::default() };
        ContainerInspectResponse { config: Some(config), ..ContainerInspectResponse::default() }
    }

    #[test]
    fn the_command_of_a_health_check_is_known_in_every_form() {
        for (test, shell, command) in [
            (["CMD", "cat", "/x"].as_slice(), None, Some("cat /x")),
            (&["CMD-SHELL", "cat /x || exit 1"], None, Some("/bin/sh -c cat /x || exit 1")),
            (&["CMD-SHELL", "cat /x"], Some(["/bin/bash", "-lc"].as_slice()), Some("/bin/bash -lc cat /x")),
            (&["CMD-SHELL", "true"], Some(&[]), Some("/bin/sh -c true")),
            (&["NONE"], None, None),
            (&[], None, None),
        ] {
            let command = command.map_or(HealthCheck::None, |command| HealthCheck::Runs(command.to_owned()));
            assert_eq!(health_check(&with(test, shell)), command, "{test:?}");
        }
        assert_eq!(health_check(&ContainerInspectResponse::default()), HealthCheck::None);
    }

    #[test]
    fn the_engine_starts_a_health_check_at_once() {
        let start = |at, command: &str| Entry {
            at,
            attributes: [("command".to_owned(), command.to_owned())].into(),
            ..Entry::default()
        };
        let check = HealthCheck::Runs("cat /x".to_owned());
        assert_eq!(starter(&start(50_000, "cat /x"), Some(0), &check), Starter::Engine);
        assert_eq!(starter(&start(2_000_000, "cat /x"), Some(0), &check), Starter::Unknown);
        assert_eq!(starter(&start(50_000, "cat /x"), None, &check), Starter::Unknown);
        assert_eq!(starter(&start(50_000, "cat /y"), Some(0), &check), Starter::Client);
        assert_eq!(starter(&start(50_000, "cat /x"), Some(0), &HealthCheck::None), Starter::Client);
        let long = "x".repeat(1_000_000);
        assert_eq!(starter(&start(50_000, short(&long)), Some(0), &HealthCheck::Runs(long)), Starter::Engine);
    }

    #[test]
    fn where_a_container_could_not_be_looked_at_a_command_that_began_at_once_may_be_a_health_check() {
        let start = |at| Entry { at, ..Entry::default() };
        assert_eq!(starter(&start(50_000), Some(0), &HealthCheck::Unknown), Starter::Unknown);
        assert_eq!(starter(&start(400_000), Some(0), &HealthCheck::Unknown), Starter::Client);
        assert_eq!(starter(&start(50_000), None, &HealthCheck::Unknown), Starter::Client);
    }
}
