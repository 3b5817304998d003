//! An engine's address as messages name it, and what to do where nothing answers there: that depends on who chose it.

use std::path::Path;

use tokio::net::{TcpStream, lookup_host};

use super::endpoint::{ChosenBy, Endpoint, Transport};

/// An address for messages.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The engine in a few words: `context colima`.
    pub(super) describe: String,
    /// What to do where no engine answers.
    pub(super) start: String,
    /// What to do where the address itself is wrong.
    pub(super) correct: String,
}

impl Named {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let correct = correct(endpoint);
        let is_usual = matches!(endpoint.chosen_by, ChosenBy::Default) || endpoint.context == "default";
        let start = match endpoint.chosen_by {
            ChosenBy::HostFlag | ChosenBy::DockerHost => correct.clone(),
            _ if is_usual && cfg!(target_os = "linux") => "start it: sudo systemctl start docker".to_owned(),
            _ if is_usual => "start it: start Docker Desktop or Colima".to_owned(),
            _ => format!(
                "start the engine of context {}, or use another one: docker context ls shows them",
                endpoint.context
            ),
        };
        Self { describe: endpoint.describe(), start, correct }
    }

    /// For the tests of what is asked.
    #[cfg(any(test, fuzzing, feature = "testing"))]
    pub(super) fn for_tests() -> Self {
        Self { describe: "an engine of the tests".to_owned(), start: String::new(), correct: String::new() }
    }
}

/// What to do about an address that leads nowhere.
fn correct(endpoint: &Endpoint) -> String {
    let usual = match endpoint.chosen_by {
        ChosenBy::HostFlag => "leave --host out for the usual engine",
        ChosenBy::DockerHost => "use the usual engine: unset DOCKER_HOST",
        _ => return "see whether the context is right: docker context inspect".to_owned(),
    };
    let by = endpoint.chosen_by;
    match &endpoint.transport {
        Transport::Unix(path) if path.is_relative() => {
            let whole = Path::new("/").join(path.to_string_lossy().trim());
            format!("correct {by}: a socket's path begins with a slash, unix://{}; or {usual}", whole.display())
        }
        Transport::Unix(_) => format!("see whether {by} is right, and an engine runs there; or {usual}"),
        _ => {
            let written = "unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST";
            format!("see whether {by} is right ({written}), and an engine runs there; or {usual}")
        }
    }
}

/// A host's name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("there is no host {host}")]
pub(super) struct NoHost {
    pub(super) host: String,
}

/// Connects, and tells a name that has no address from an address where nothing listens.
pub(super) async fn connect(address: &str) -> std::io::Result<TcpStream> {
    let found = lookup_host(address).await.map(Iterator::collect::<Vec<_>>);
    match found {
        Ok(addresses) if !addresses.is_empty() => TcpStream::connect(addresses.as_slice()).await,
        _ => {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host).to_owned();
            Err(std::io::Error::new(std::io::ErrorKind::HostUnreachable, NoHost { host }))
        }
    }
}
