//! What happens while images move, unformatted; and how it is broken off.

use std::future::Future;

use super::{Fate, ImagesError};
use crate::asked_to_end;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// An image comes from its registry.
    Pull,
    /// An image goes from the engine into a file.
    Save,
    /// The medium takes what was written: a stick can be slow.
    Settle,
    /// A file's content is compared with its list.
    Verify,
    /// An image goes from a file to the engine.
    Load,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Work on this begins.
    Begins {
        /// What is done.
        work: Work,
        /// To which image or file.
        what: &'a str,
        /// How many bytes it is about, where that is known; for a save, what the engine says of the image.
        bytes: Option<u64>,
    },
    /// So many bytes of it have moved.
    Moved(u64),
    /// A layer of the image that is being pulled.
    Layer {
        /// Its short id.
        id: &'a str,
        /// The engine's word for what it does with it.
        doing: &'a str,
        /// Bytes that have moved, and how many it has; where the engine says so.
        bytes: Option<(u64, u64)>,
    },
    /// All bytes are with the engine, which unpacks them.
    Unpacks,
    /// The work is done.
    Ends,
    /// An image's turn is over.
    Came {
        /// The image.
        image: &'a str,
        /// What became of it.
        fate: Fate,
        /// How large it is on the engine.
        bytes: u64,
    },
}

/// Somebody who listens.
pub trait Listener {
    /// Is told of an event.
    fn hear(&mut self, event: Event<'_>);
}

/// Does the work until it is done, or somebody wants it to end. The work is then dropped, and with it what it had half
/// made.
///
/// # Errors
/// Those of the work, and [`ImagesError::Interrupted`].
pub async fn interruptible<T>(work: impl Future<Output = Result<T, ImagesError>>) -> Result<T, ImagesError> {
    tokio::select! {
        biased;
        () = asked_to_end() => Err(ImagesError::Interrupted),
        done = work => done,
    }
}
