//! Contexts that the CLI has stored.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::address::parse_transport;
use super::{Ambient, ChosenBy, DEFAULT_CONTEXT, EndpointError, Tls, Transport, local_transport};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    name: String,
    #[serde(default)]
    endpoints: ContextEndpoints,
}

#[derive(Default, Deserialize)]
struct ContextEndpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

impl Ambient<'_> {
    /// A stored context's address, `contexts/meta/<id>/meta.json`, and TLS
    /// files, `contexts/tls/<id>/docker/` (`cli/context/store` in the CLI). The
    /// `DOCKER_TLS*` variables do not apply to it.
    pub(super) fn named_transport(&self, name: &str, by: ChosenBy) -> Result<Transport, EndpointError> {
        let Some(config_dir) = self.config_dir() else {
            return Err(EndpointError::NoConfigDirectory { name: name.into() });
        };
        let store = config_dir.join("contexts");
        let id: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = store.join("meta").join(&id).join("meta.json");
        let meta = read_meta(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => {
                EndpointError::MissingContext { name: name.into(), chosen_by: by, existing: context_names(&store) }
            }
            _ => EndpointError::DamagedContext { name: name.into(), path, source },
        })?;
        let Some(docker) = meta.endpoints.docker else {
            return Err(EndpointError::NoDockerEndpoint { name: name.into() });
        };
        if docker.host.is_empty() {
            return Ok(local_transport());
        }
        let tls = Tls::from_dir(&store.join("tls").join(id).join("docker"), docker.skip_tls_verify);
        let tls = Some(tls).filter(Tls::is_used);
        // The address of a context goes to the HTTP client as it is, hence HTTP's
        // ports and schemes; even for https:// the TLS files alone decide on TLS.
        let port = if tls.is_some() { 443 } else { 80 };
        let address = match docker.host.split_once("://") {
            Some(("http" | "https", rest)) => &format!("tcp://{rest}"),
            _ => &docker.host,
        };
        parse_transport(address, &format!("context {name}"), port, tls)
    }
}

fn read_meta(path: &Path) -> io::Result<ContextMeta> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// The names of the stored contexts, `default` first.
pub(super) fn context_names(store: &Path) -> Vec<String> {
    let entries = fs::read_dir(store.join("meta")).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.filter_map(|entry| read_meta(&entry.path().join("meta.json")).ok()).map(|meta| meta.name).collect();
    names.sort();
    names.insert(0, DEFAULT_CONTEXT.into());
    names
}
