//! What a container serves, asked at the port of the engine's host that it is published at.

use std::time::Duration;

use bollard::errors::Error;
use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use labrun_graders::fact::HttpAnswer;
use labrun_graders::{CannotLook, Fact, Obstacle};

use super::MAX_CONTENT;
use super::connect::Engine;

/// How long the server may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Asks for a path; absent where the port is not published or nobody answers there.
pub(super) async fn get(engine: &Engine, container: &str, port: u32, path: &str) -> Result<Fact, CannotLook> {
    let Some(address) = published(engine, container, port).await? else { return Ok(Fact::Absent) };
    let cannot = |obstacle, why: &str| {
        let what = format!("http://{address}{path} could not be read: {why}");
        CannotLook::new(obstacle, what, "see what your browser or curl says to that address")
    };
    let uri: Uri = format!("http://{address}{path}").parse().map_err(|_| cannot(Obstacle::Lab, "it is no address"))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let asked = async {
        // A server that is not there, or not there yet, is the learner's state.
        let Ok(answer) = client.get(uri).await else { return Ok(Fact::Absent) };
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_CONTENT).collect().await;
        let body = body.map_err(|_| cannot(Obstacle::TooLarge, "its answer is too large, or broke off"))?.to_bytes();
        Ok(Fact::Http(HttpAnswer { status, body: String::from_utf8_lossy(&body).into_owned() }))
    };
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(cannot(Obstacle::Timeout, "it took too long")),
    }
}

/// Where a container's port can be reached from here: `address:port`.
async fn published(engine: &Engine, container: &str, port: u32) -> Result<Option<String>, CannotLook> {
    let seen = match engine.inspect_container(container).await {
        Ok(seen) => seen,
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
        Err(error) => return Err(engine.trouble(&error)),
    };
    let ports = seen.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
    let bindings = ports.get(&format!("{port}/tcp")).cloned().flatten().unwrap_or_default();
    Ok(bindings.into_iter().find_map(|binding| {
        let port = binding.host_port?;
        match binding.host_ip.as_deref() {
            // Published on every address of the engine's host.
            None | Some("" | "0.0.0.0" | "::") => Some(format!("{}:{port}", engine.host)),
            Some(address) if address.contains(':') => Some(format!("[{address}]:{port}")),
            Some(address) => Some(format!("{address}:{port}")),
        }
    }))
}
