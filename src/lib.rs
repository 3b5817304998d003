//! labrun runs hands-on Docker labs in a terminal and grades them by looking at the real engine and the real host.
//!
//! The way through it has one direction: observe ([`probe`]), grade (the crate `labrun-graders`), record ([`store`]),
//! render ([`ui`]); [`engine`] is where these meet. The book's architecture chapter draws it.

mod app;
pub mod builtin;
mod cli;
pub mod command;
pub mod completion;
pub mod error;
pub mod exit;
pub mod front;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod plugin;
pub mod ui;

pub use app::main;
