//! What a container wrote, as the engine kept it.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::StreamExt;
use labrun_graders::fact::Log;
use labrun_graders::{CannotLook, Fact, Nanos, Obstacle};

use super::connect::Engine;
use super::container;

/// The lines that are read: the last ones.
const LINES: usize = 1_000;

/// The most bytes that are read, of both streams together.
const MAX_LOG: usize = 256 * 1024;

/// How long a program that has just been started may take for its first word, and how often it is looked for.
const FIRST_WORD: Nanos = 1_000_000_000;
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 10;

/// The end of a container's log. That of one which has only just started is not called empty before it had time to speak.
pub(super) async fn log(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    let Some(seen) = container::inspect(engine, name).await? else { return Ok(Fact::Absent) };
    let mut looks = 1;
    loop {
        let Some(log) = read(engine, name).await? else { return Ok(Fact::Absent) };
        let age = seen.started.map_or(FIRST_WORD, |started| engine.clock.now() - started);
        if !log.text.is_empty() || seen.status != "running" || age >= FIRST_WORD || looks >= LOOKS {
            return Ok(Fact::Log(log));
        }
        tokio::time::sleep(LOOK).await;
        looks += 1;
    }
}

/// What is there now; `None` if the container has gone.
async fn read(engine: &Engine, name: &str) -> Result<Option<Log>, CannotLook> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&LINES.to_string()).build();
    let mut chunks = std::pin::pin!(engine.docker.logs(name, Some(options)));
    let (mut text, mut stdout, mut stderr) = (Vec::new(), Vec::new(), Vec::new());
    let mut cut = false;
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(LogOutput::StdErr { message }) => {
                text.extend_from_slice(&message);
                stderr.extend_from_slice(&message);
            }
            Ok(LogOutput::StdOut { message } | LogOutput::Console { message } | LogOutput::StdIn { message }) => {
                text.extend_from_slice(&message);
                stdout.extend_from_slice(&message);
            }
            Err(error) => return unread(engine, name, &error),
        }
        if text.len() > MAX_LOG {
            cut = true;
            break;
        }
    }
    let in_words = |mut bytes: Vec<u8>| {
        bytes.truncate(MAX_LOG);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let text = in_words(text);
    // So many were asked for: whether there are more is not said.
    cut |= text.lines().count() >= LINES;
    Ok(Some(Log { text, stdout: in_words(stdout), stderr: in_words(stderr), cut }))
}

/// Why it could not be read. A log driver that hands everything on, or drops it as `none` does, keeps nothing to read: the
/// engine answers 501 (Not Implemented), or with the words of `ErrReadLogsNotSupported` (`daemon/logger` in moby).
fn unread(engine: &Engine, name: &str, error: &Error) -> Result<Option<Log>, CannotLook> {
    let not_kept = || {
        let what = format!("the log of {name} can't be read: its log driver keeps nothing that could be");
        let remedy = "make the container anew without --log-driver, or with --log-driver local";
        Err(CannotLook::new(Obstacle::Denied, what, remedy))
    };
    match error {
        Error::DockerResponseServerError { status_code: 404, .. } => Ok(None),
        Error::DockerResponseServerError { status_code: 501, .. } => not_kept(),
        error if error.to_string().contains("does not support reading") => not_kept(),
        error => Err(engine.trouble(error)),
    }
}
