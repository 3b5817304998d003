//! One request to an engine, with all of its answer: bollard's client leaves out the headers, and of `/system/df` what an
//! older engine tells.

use std::io;

use bollard::errors::Error;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty};
use labrun_graders::CannotLook;
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::named::Named;
use super::trouble::{trouble, unreachable};
use super::wire::Wire;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its content.
    pub body: Bytes,
}

/// What an engine says of a request that it does not fulfil.
#[derive(Deserialize)]
struct Message {
    message: String,
}

/// Asks for a path. The caller sets the deadline.
///
/// # Errors
/// Why there is no answer.
pub async fn get(endpoint: &Endpoint, path: &str) -> Result<Answer, CannotLook> {
    let wire = Wire::to(&endpoint.transport).map_err(|why| unreachable(endpoint, &why))?;
    ask(&wire, path).await.map_err(|error| trouble(&error, &Named::of(endpoint)))
}

pub(super) async fn ask(wire: &Wire, path: &str) -> Result<Answer, Error> {
    let request = Request::get(path).body(Empty::<Bytes>::new());
    let request = request.map_err(|error| Error::IOError { err: io::Error::other(error) })?;
    let (head, body) = wire.send(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if !head.status.is_success() {
        let told: Option<Message> = serde_json::from_slice(&body).ok();
        let message = told.map_or_else(|| String::from_utf8_lossy(&body).into_owned(), |told| told.message);
        return Err(Error::DockerResponseServerError { status_code: head.status.as_u16(), message });
    }
    Ok(Answer { headers: head.headers, body })
}
