//! One request to an engine, with all of its answer: bollard's client leaves out the headers, and of `/system/df` what an
//! older engine tells. Over sockets and plain TCP only.

use std::io;

use bollard::errors::Error;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use labrun_graders::CannotLook;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::connect::trouble;
use super::endpoint::{Endpoint, Transport};

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its content.
    pub body: Bytes,
}

/// Asks for a path; `None` where the engine is reached in another way. The caller sets the deadline.
pub async fn get(endpoint: &Endpoint, path: &str) -> Option<Result<Answer, CannotLook>> {
    let answer = match &endpoint.transport {
        Transport::Unix(socket) => match UnixStream::connect(socket).await {
            Ok(stream) => ask(stream, path).await,
            Err(error) => Err(error),
        },
        Transport::Tcp { address, tls: None } => match TcpStream::connect(address).await {
            Ok(stream) => ask(stream, path).await,
            Err(error) => Err(error),
        },
        Transport::Tcp { .. } | Transport::Ssh(_) | Transport::NamedPipe(_) => return None,
    };
    Some(answer.map_err(|err| trouble(&Error::IOError { err }, &endpoint.describe())))
}

async fn ask(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, path: &str) -> io::Result<Answer> {
    let request = Request::get(path).header(header::HOST, "labrun").body(Empty::<Bytes>::new());
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let asking = async {
        let response = sender.send_request(request.map_err(io::Error::other)?).await.map_err(io::Error::other)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(io::Error::other)?.to_bytes();
        if !head.status.is_success() {
            return Err(io::Error::other(format!("{} {}", head.status, String::from_utf8_lossy(&body))));
        }
        Ok(Answer { headers: head.headers, body })
    };
    // The connection does the reading and writing; when it ends first, the request says why.
    let mut connection = std::pin::pin!(connection);
    let mut asking = std::pin::pin!(asking);
    tokio::select! {
        answer = &mut asking => answer,
        ended = &mut connection => match ended {
            Ok(()) => asking.await,
            Err(error) => Err(io::Error::other(error)),
        },
    }
}
