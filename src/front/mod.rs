//! Where learners sit: the practice shell.
//!
//! `labrun start` becomes the *parent*: it keeps the engine's connection and the recorder, and grades. It runs the
//! learner's own shell with a hook in it. The *hook* hands every entered line to the parent over a socket and prints
//! what is new above the next prompt. Commands of labrun that are typed in that shell are *forwarded* to the parent.
//!
//! Beside it, what goes on until it is interrupted: `watch` for a second terminal, `lint --watch` for authors.

mod author;
mod entered;
mod folder;
pub mod forward;
pub mod hook;
mod narrator;
mod parent;
mod shells;
mod suspend;
mod watch;
mod wire;

pub use author::on_change;
pub use parent::practise;
pub use watch::watch;

use crate::variables::{SESSION, SOCKET};

/// Why a shell in which a command of labrun's was entered had not reported its lines: a word of the hooks.
const LOST: &str = "LABRUN_LOST";
