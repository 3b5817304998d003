//! Can this machine run a lab? What the lab needs, what is looked at for that, and what the checks make of it.
//!
//! `look` looks and judges nothing; each check is a pure function of what was [`Seen`]. So what can't be made here (Docker
//! Desktop, SELinux, WSL) is tested on recorded answers.

mod checks;
mod finding;
mod look;
mod needs;
mod seen;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;

use bollard::models::SystemVersion;
use labrun_graders::CannotLook;

use crate::{EngineError, Met, asked_to_end};
pub use checks::{CHECKS, Check};
pub use finding::{Finding, Remedy, Word};
use labrun_docker::{Ambient, Endpoint, EndpointError, Engine, Marks, is_podman};
pub use needs::{LabNeeds, Needs};
pub use seen::Seen;

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check's id.
    pub check: &'static str,
    /// What it came to.
    pub finding: Finding,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.seen)?;
        match &self.finding.remedy {
            Some(remedy) => write!(f, "; try: {}", remedy.text),
            None => Ok(()),
        }
    }
}

/// What an examination came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every check, in the order of the table.
    pub checks: Vec<Checked>,
    /// The engine's version and platform, where one answered.
    pub engine: Option<Answering>,
    /// The context's name or the address that was given; nothing where that could not be found out.
    pub via: Option<String>,
}

/// An engine that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// `Docker` or `Podman`.
    pub product: &'static str,
    /// Its version.
    pub version: String,
    /// Its operating system and architecture: `linux/amd64`.
    pub platform: String,
}

impl Answering {
    fn of(version: &SystemVersion) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Self {
            product: if is_podman(version) { "Podman" } else { "Docker" },
            version: text(&version.version),
            platform: format!("{}/{}", text(&version.os), text(&version.arch)),
        }
    }
}

impl Report {
    /// How it ended as a whole: as its worst check.
    #[must_use]
    pub fn worst(&self) -> Word {
        self.checks.iter().map(|checked| checked.finding.word).max().unwrap_or(Word::Ok)
    }
}

/// This machine's operating system and architecture, as engines call them.
#[must_use]
pub fn host_platform() -> String {
    format!("{}/{}", std::env::consts::OS, checks::canonical(std::env::consts::ARCH))
}

/// Examines this machine for what the labs need, all checks at once; a few seconds at most, whatever hangs. `home` is where
/// progress is kept. The containers that it makes carry a mark that is noted first.
///
/// # Errors
/// [`EngineError::Interrupted`] on Ctrl-C, when what was made is removed.
pub async fn examine(
    needs: &Needs,
    ambient: &Ambient<'_>,
    resolved: Result<Endpoint, EndpointError>,
    home: Result<PathBuf, (String, String)>,
    marks: Marks,
) -> Result<Report, EngineError> {
    let interrupted = Cell::new(false);
    let heed = async {
        asked_to_end().await;
        interrupted.set(true);
        std::future::pending::<Infallible>().await
    };
    // The looks end by themselves, the sooner when they hear of it, too: none is dropped before it has tidied up.
    let seen = tokio::select! {
        seen = look::all(needs, ambient, resolved, home, marks) => seen,
        never = heed => match never {},
    };
    if interrupted.get() {
        return Err(EngineError::Interrupted);
    }
    let engine = seen.version.as_ref().ok().map(Answering::of);
    let via = seen.endpoint.as_ref().ok().map(seen::short_name);
    Ok(Report { checks: judge(&seen, needs, |_| true), engine, via })
}

/// Asks the engine for its version: all that [`in_passing`] must know and that beginning a lab does not ask.
///
/// # Errors
/// Why it does not answer.
pub async fn version(endpoint: &Endpoint, engine: &Engine) -> Result<SystemVersion, CannotLook> {
    look::version(endpoint, engine).await
}

/// What beginning a lab should warn of, with what is looked at in passing. What is as it should be, or can't be seen, is
/// left out.
pub async fn in_passing(
    needs: &Needs,
    endpoint: &Endpoint,
    engine: &Engine,
    met: Met,
    version: Result<SystemVersion, CannotLook>,
) -> Vec<Checked> {
    let seen = look::in_passing(needs, endpoint, engine, met, version).await;
    let mut checks = judge(&seen, needs, |check| check.in_passing);
    checks.retain(|checked| matches!(checked.finding.word, Word::Warn | Word::Fail));
    checks
}

fn judge(seen: &Seen, needs: &Needs, which: impl Fn(&Check) -> bool) -> Vec<Checked> {
    let hangs = seen.hanging().is_some();
    let finding = |check: &Check| match hangs && check.asks_engine {
        true => Finding::skip("the engine hangs; see engine"),
        false => (check.judge)(seen, needs).unwrap_or_else(|finding| finding),
    };
    let chosen = CHECKS.iter().filter(|check| which(check));
    chosen.map(|check| Checked { check: check.id, finding: finding(check) }).collect()
}
