//! labrun runs hands-on Docker labs in a terminal and grades them by looking at the real engine and the real host.
//!
//! This crate is the program: screens, the practice shell, the commands and the labs that ship. It stands on top: it
//! hands questions to `labrun-engine`, and decides nothing about a step itself. The way through all crates has one
//! direction: observe (`labrun-docker`), grade (`labrun-graders`), record (`labrun-store`), render ([`ui`]). The book's
//! architecture chapter draws it.

mod app;
pub mod builtin;
mod cli;
pub mod command;
pub mod completion;
mod context;
pub mod error;
pub mod exit;
pub mod front;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod plugin;
pub mod ui;
mod variables;

pub use app::main;
