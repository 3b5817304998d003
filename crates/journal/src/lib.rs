//! The journal of an engine's events: which of them it keeps and for which lab, and how far it has come.
//!
//! All here is decided from the events alone. The crate `labrun-docker` reads them from an engine, and `labrun-store` keeps
//! them; this one stands below both.

mod bounded;
mod concern;
mod fill;
mod known;
mod others;
pub mod podman;

pub use bounded::Bounded;
pub use concern::{Concern, Share, Weight};
pub use fill::Fill;
pub use known::{Known, key};
