//! The way to an engine on a socket or at a TCP port: a connection for each request, and no answer without an end.

use std::io;
use std::path::PathBuf;

use bollard::errors::Error;
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::bound::{Bound, Bounded};
use super::endpoint::Transport;

/// Where an engine listens.
#[derive(Clone, Debug)]
pub(super) enum Wire {
    Unix(PathBuf),
    Tcp(String),
}

impl Wire {
    /// `None` where an engine is reached in another way.
    pub(super) fn to(transport: &Transport) -> Option<Self> {
        match transport {
            Transport::Unix(socket) => Some(Self::Unix(socket.clone())),
            Transport::Tcp { address, tls: None } => Some(Self::Tcp(address.clone())),
            Transport::Tcp { .. } | Transport::Ssh(_) | Transport::NamedPipe(_) => None,
        }
    }

    /// Sends a request; of the answer only so much can be read as fits its path. The caller sets the deadline.
    pub(super) async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Error>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        match self {
            Self::Unix(socket) => over(UnixStream::connect(socket).await, request).await,
            Self::Tcp(address) => over(TcpStream::connect(address).await, request).await,
        }
    }
}

async fn over<S, B>(connected: io::Result<S>, mut request: Request<B>) -> Result<Response<Incoming>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let stream = connected.map_err(|err| Error::IOError { err })?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let bound = Bound::of(&path);
    *request.uri_mut() = path.parse::<Uri>().map_err(|error| Error::IOError { err: io::Error::other(error) })?;
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("labrun"));
    let (mut sender, connection) = handshake(TokioIo::new(Bounded { stream, bound, so_far: 0 })).await?;
    // It ends with the answer, or when nobody waits for that any more.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}
