//! Images for the labs: which are needed, which are there, and how they come to an engine, from a registry or from a file
//! in a room without a network.
//!
//! It never uses `ui`: whoever shows what happens listens. Nothing here removes an image.

mod bundle;
mod error;
mod event;
mod fault;
mod load;
mod login;
mod pull;
mod reference;
mod registry;
mod required;
mod save;
mod seen;

pub use bundle::{Manifest, Member};
pub use error::ImagesError;
pub use event::{Event, Listener, Work, interruptible};
pub use fault::BundleFault;
pub use load::{Loaded, load};
pub use pull::{Pulled, pull};
pub use reference::{NotAReference, Reference};
pub use required::{Required, required};
pub use save::{Order, Saved, save};
pub use seen::{Seen, Standing, see, stand};

/// What became of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was there before.
    Already,
    /// It came from its registry.
    Pulled,
    /// It came from a file.
    Loaded,
    /// Another image has the name; it was left as it is.
    Kept,
}

impl Fate {
    /// The word for it, in reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Already => "already",
            Self::Pulled => "pulled",
            Self::Loaded => "loaded",
            Self::Kept => "kept",
        }
    }
}
