//! `api`: whether labrun, the `docker` command and the engine speak a common version of the engine's API.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

/// The oldest API with all that labrun asks for: mounts at the creation of a container came with Docker 17.06.
const OLDEST: Api = Api(1, 30);

/// The oldest API that labrun is tested with: Docker 20.10.
const TESTED: Api = Api(1, 41);

/// A version of the engine's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Api(u32, u32);

impl Api {
    fn of(text: Option<&str>) -> Option<Self> {
        let (major, minor) = text?.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let version = seen.told(&seen.version)?;
    let Some(newest) = Api::of(version.api_version.as_deref()) else {
        return Ok(Finding::warn("the engine does not say which API it speaks", "docker version tells more"));
    };
    if newest < OLDEST {
        let what = format!("the engine speaks API {newest}; labrun needs {OLDEST}");
        return Ok(Finding::fail(what, "upgrade the engine").for_administrator());
    }
    let wanted = Api::of(version.min_api_version.as_deref());
    if let Ok(Some(command)) = &seen.command
        && let (Some(wanted), Some(spoken)) = (wanted, Api::of(Some(&command.api)))
        && spoken < wanted
    {
        let what = format!(
            "the engine wants API {wanted} or newer; the docker command {} speaks {spoken} at most",
            command.version
        );
        return Ok(
            Finding::fail(what, "upgrade the docker command: docker-ce-cli, or Docker Desktop").for_administrator()
        );
    }
    if newest < TESTED {
        let what = format!("the engine speaks API {newest}; labrun is tested with {TESTED} and newer");
        return Ok(Finding::warn(what, "upgrade the engine").for_administrator());
    }
    Ok(Finding::ok(match &seen.command {
        Ok(Some(command)) if !command.version.is_empty() => {
            format!("{newest}, and the docker command is {}", command.version)
        }
        _ => newest.to_string(),
    }))
}
