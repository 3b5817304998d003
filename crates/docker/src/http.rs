//! What a container serves, asked at the port of the engine's host that it is published at.

use std::time::Duration;

use bollard::errors::Error;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use labrun_graders::fact::HttpAnswer;
use labrun_graders::{CannotLook, Fact, Obstacle};
use tokio::net::TcpStream;

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
    let path: PathAndQuery = path.parse().map_err(|_| cannot(Obstacle::Lab, "it is no address"))?;
    let request = Request::get(path.as_str()).header(header::HOST, &address).body(Empty::<Bytes>::new());
    let request = request.map_err(|_| cannot(Obstacle::Lab, "it is no address"))?;
    let asked = async {
        // A server that is not there, or not there yet, is the learner's state.
        let Some(answer) = answered(&address, request).await else { return Ok(Fact::Absent) };
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

/// The answer to a request; `None` where nobody gives one.
async fn answered(address: &str, request: Request<Empty<Bytes>>) -> Option<http::Response<Incoming>> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    // It ends with the answer, or when nobody waits for that any more.
    tokio::spawn(connection);
    sender.send_request(request).await.ok()
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
