//! Translates the client's errors into reasons why the engine can't be asked.

use std::error::Error as _;
use std::io;

use bollard::errors::Error;
use labrun_graders::{CannotLook, Obstacle};

use super::endpoint::Endpoint;
use super::named::{Named, NoHost};
use super::ssh::Refused;

/// An engine that cannot be reached from here.
pub(super) fn unreachable(endpoint: &Endpoint, why: &str) -> CannotLook {
    let what = format!("the engine at {} can't be reached: {why}", endpoint.describe());
    CannotLook::new(Obstacle::NoEngine, what, "use another context: docker context ls shows them")
}

/// Translates an error of the client's into a reason, with what to do about it.
pub(super) fn trouble(error: &Error, named: &Named) -> CannotLook {
    let endpoint = &named.describe;
    if let Error::SocketNotFoundError(_) = error {
        return no_engine(named, "there is no socket");
    }
    if let Error::RequestTimeoutError = error {
        return CannotLook::new(
            Obstacle::Timeout,
            format!("the engine did not answer ({endpoint})"),
            "see whether `docker ps` answers",
        );
    }
    if let Error::DockerResponseServerError { status_code, message } = error {
        let what = format!("the engine answered with an error ({status_code}): {message}");
        return CannotLook::new(Obstacle::Broken, what, "try again; the engine's own log may say more");
    }
    if let Some(Refused { said, by_hand }) = cause(error).and_then(io::Error::get_ref).and_then(|it| it.downcast_ref())
    {
        let what = format!("ssh does not get to the engine ({endpoint}): {said}");
        return CannotLook::new(Obstacle::NoEngine, what, without_a_question(by_hand));
    }
    let host = cause(error).and_then(io::Error::get_ref).and_then(|it| it.downcast_ref::<NoHost>());
    if let Some(NoHost { host }) = host {
        let what = format!("no engine answers ({endpoint}): there is no host {host}");
        return CannotLook::new(Obstacle::NoEngine, what, &named.correct);
    }
    match cause(error).map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => no_engine(named, "there is no socket"),
        Some(io::ErrorKind::ConnectionRefused) => no_engine(named, "nobody listens there"),
        Some(io::ErrorKind::TimedOut) => no_engine(named, "nothing answers there"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            no_engine(named, "the network does not lead there")
        }
        Some(io::ErrorKind::PermissionDenied) => CannotLook::new(
            Obstacle::Denied,
            format!("you may not use the engine's socket ({endpoint})"),
            "sudo usermod -aG docker $USER, then log in again; or run labrun as you run docker: with sudo",
        ),
        Some(io::ErrorKind::FileTooLarge) => CannotLook::new(
            Obstacle::TooLarge,
            format!("the engine's answer is too long to be read ({endpoint})"),
            "see whether `docker ps` works; something else may be answering at that address",
        ),
        _ => {
            let what = format!("the engine's answer could not be read ({endpoint}): {}", root_cause(error));
            CannotLook::new(Obstacle::Broken, what, "see whether `docker ps` works")
        }
    }
}

pub(super) fn no_engine(named: &Named, why: &str) -> CannotLook {
    CannotLook::new(Obstacle::NoEngine, format!("no engine answers ({}): {why}", named.describe), &named.start)
}

/// The trouble with the connection that is behind it.
fn cause(error: &Error) -> Option<&io::Error> {
    if let Error::IOError { err } = error {
        return Some(err);
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

/// labrun never lets ssh ask for a password: who has one makes a key do.
pub(super) fn without_a_question(by_hand: &str) -> String {
    format!("labrun lets ssh ask nothing: give it a key, or an agent that has one, until this works: {by_hand}")
}

fn root_cause(error: &Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = error.to_string();
        cause = error.source();
    }
    said
}
