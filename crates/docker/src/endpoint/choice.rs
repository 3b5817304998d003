//! Which context is chosen, and the address of the one that is not stored.

use std::path::PathBuf;
use std::{fs, io};

use serde::Deserialize;

use super::address::{parse_transport, without_password};
use super::{Ambient, ChosenBy, DEFAULT_CONTEXT, EndpointError, Tls, Transport, local_transport};

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

impl Ambient<'_> {
    pub(super) fn choose(&self, warnings: &mut Vec<String>) -> Result<(String, ChosenBy), EndpointError> {
        let host = self.text("DOCKER_HOST");
        let context = self.text("DOCKER_CONTEXT");
        if let Some(name) = self.context_flag.as_ref().filter(|name| !name.is_empty()) {
            if self.host_flag.is_some() {
                return Err(EndpointError::HostAndContext);
            }
            if let Some(host) = host.filter(|_| name == DEFAULT_CONTEXT) {
                let host = without_password(&host);
                warnings.push(format!("The default context is where DOCKER_HOST says, {host}, not the local engine."));
            }
            return Ok((name.clone(), ChosenBy::ContextFlag));
        }
        if self.host_flag.is_some() {
            return Ok((DEFAULT_CONTEXT.into(), ChosenBy::HostFlag));
        }
        if host.is_some() {
            if let Some(name) = context {
                warnings.push(format!("DOCKER_HOST overrides DOCKER_CONTEXT ({name})."));
            }
            return Ok((DEFAULT_CONTEXT.into(), ChosenBy::DockerHost));
        }
        if let Some(name) = context {
            return Ok((name, ChosenBy::DockerContext));
        }
        Ok(match self.current_context(warnings) {
            Some(name) => (name, ChosenBy::ConfigFile),
            None => (DEFAULT_CONTEXT.into(), ChosenBy::Default),
        })
    }

    fn current_context(&self, warnings: &mut Vec<String>) -> Option<String> {
        let path = self.config_dir()?.join("config.json");
        let config = match fs::read(&path) {
            // The CLI reads one JSON value: nothing at all, or text after it, is no error.
            Ok(bytes) => {
                serde_json::Deserializer::from_slice(&bytes).into_iter::<ConfigFile>().next()?.map_err(io::Error::from)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => Err(error),
        };
        match config {
            Ok(config) => config.current_context.filter(|name| !name.is_empty()),
            Err(error) => {
                warnings.push(format!("Cannot read {} ({error}); using the default context.", path.display()));
                None
            }
        }
    }

    /// The default context is not stored: `--host`, else `DOCKER_HOST`, else the
    /// local socket is its address (`resolveDefaultDockerEndpoint` in the CLI).
    pub(super) fn default_transport(&self) -> Result<Transport, EndpointError> {
        let (address, origin) = match &self.host_flag {
            Some(host) => (host.clone(), ChosenBy::HostFlag),
            None => (self.text("DOCKER_HOST").unwrap_or_default(), ChosenBy::DockerHost),
        };
        let tls = self.default_tls()?;
        match (address.trim(), tls) {
            ("", None) => Ok(local_transport()),
            // Only where no address is given does TLS change the port.
            ("", tls) => Ok(Transport::Tcp { address: "localhost:2376".into(), tls }),
            (address, tls) => parse_transport(address, &origin.to_string(), 2375, tls),
        }
    }

    fn default_tls(&self) -> Result<Option<Tls>, EndpointError> {
        let verify = self.var("DOCKER_TLS_VERIFY").is_some();
        if !verify && self.var("DOCKER_TLS").is_none() {
            return Ok(None);
        }
        let dir = self.var("DOCKER_CERT_PATH").map(PathBuf::from);
        let dir = dir.or_else(|| self.config_dir()).unwrap_or_default();
        let tls = Tls::from_dir(&dir, !verify);
        match tls.ca {
            Some(_) => Ok(Some(tls)),
            None => Err(EndpointError::MissingCa { path: dir.join("ca.pem") }),
        }
    }
}
