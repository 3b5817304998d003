//! The way to an engine: a connection for each request, whatever it goes through, and no answer without an end.

use std::io;
use std::path::PathBuf;

use bollard::errors::Error;
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;

use super::bound::{Bound, Bounded};
use super::endpoint::Transport;
use super::named;
use super::pending;
use super::ssh::Destination;
#[cfg(feature = "tls")]
use super::tls::Guarded;
use labrun_process::sudo::AsRoot;

/// Where an engine listens, and how it is reached.
#[derive(Clone, Debug)]
pub(super) enum Wire {
    Unix(PathBuf),
    Tcp(String),
    #[cfg(feature = "tls")]
    Tls(Guarded),
    Ssh(Destination),
}

impl Wire {
    /// The way to an engine; where there is none from here, why.
    pub(super) fn to(transport: &Transport) -> Result<Self, String> {
        match transport {
            Transport::Unix(socket) => Ok(Self::Unix(socket.clone())),
            Transport::Tcp { address, tls: None } => Ok(Self::Tcp(address.clone())),
            #[cfg(feature = "tls")]
            Transport::Tcp { address, tls: Some(tls) } => Guarded::new(address, tls).map(Self::Tls),
            #[cfg(not(feature = "tls"))]
            Transport::Tcp { .. } => Err("this labrun was built without the feature `tls`".to_owned()),
            Transport::Ssh(url) => Destination::parse(url).map(Self::Ssh),
            Transport::NamedPipe(_) => Err("a named pipe is not for this machine".to_owned()),
        }
    }

    /// A command that shows what stands in its way, where ssh may.
    pub(super) fn by_hand(&self) -> Option<String> {
        match self {
            Self::Ssh(destination) => Some(destination.by_hand()),
            _ => None,
        }
    }

    /// Sends a request; of the answer only so much can be read as fits its path. The caller sets the deadline.
    pub(super) async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Error>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let sent = pending::sent(request.method().as_str(), request.uri().path());
        let answer = match self {
            // Under sudo only root may use the socket.
            Self::Unix(socket) => over(AsRoot::new(UnixStream::connect(socket)).await, request).await,
            Self::Tcp(address) => over(named::connect(address).await, request).await,
            #[cfg(feature = "tls")]
            Self::Tls(guarded) => over(guarded.connect().await, request).await,
            Self::Ssh(destination) => {
                let _until_the_head_of_the_answer = destination.turn().await.map_err(|err| Error::IOError { err })?;
                over(destination.connect(), request).await
            }
        };
        sent.answered();
        answer
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
