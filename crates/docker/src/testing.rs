//! An engine in memory that answers with given bytes, in given pieces. All between them and the facts is the real thing:
//! HTTP, the client library, the decoders.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "what fails in a test has to end it")]

use std::cell::OnceCell;
use std::future::Future;

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::{Builder, Runtime};

use crate::Engine;

/// What is answered: the head's lines after the status, and the body in pieces.
pub type Answer = (String, Vec<Vec<u8>>);

/// An engine that answers so to a method and a path; to `None` with "not found".
pub fn engine(answer: impl Fn(&str, &str) -> Option<Answer> + Send + Sync + 'static) -> Engine {
    let transport = move |request: BollardRequest| {
        let answer = answer(request.method().as_str(), request.uri().path());
        async move {
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            tokio::spawn(serve(theirs, answer));
            let (mut sender, connection) = handshake(TokioIo::new(ours)).await?;
            tokio::spawn(connection);
            sender.send_request(request).await.map_err(Error::from)
        }
    };
    let docker = Docker::connect_with_custom_transport(transport, Some("http://engine"), 10, API_DEFAULT_VERSION);
    Engine::over(docker.expect("a client"))
}

async fn serve(mut stream: DuplexStream, answer: Option<Answer>) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await?);
    }
    let Some((head, pieces)) = answer else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\n{\"message\":\"\"}").await;
    };
    stream.write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n").as_bytes()).await?;
    for piece in pieces {
        stream.write_all(&piece).await?;
        stream.flush().await?;
        // What was written is read before the next piece.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Bytes in pieces of so many.
pub fn pieces(bytes: &[u8], size: u8) -> Vec<Vec<u8>> {
    bytes.chunks(usize::from(size).max(1)).map(<[u8]>::to_vec).collect()
}

/// Waits for a future.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    thread_local!(static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() });
    RUNTIME.with(|runtime| {
        let runtime = runtime.get_or_init(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
        runtime.block_on(future)
    })
}
