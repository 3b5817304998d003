//! The kinds of check, one a file.

mod after;
mod answer;
mod any;
mod container;
mod content;
mod exec;
mod file;
mod holders;
mod http;
mod if_seen;
mod image;
mod inspect;
mod labels;
mod location;
mod logs;
mod mount;
mod network;
mod port;
mod question;
mod removed;
mod run;
mod same_since;
mod target;
mod tmpfs;
mod typed;
mod volume;

pub use answer::Answer;
pub use any::Any;
pub use container::Container;
pub use exec::Exec;
pub use file::File;
pub use http::Http;
pub use if_seen::IfSeen;
pub use image::Image;
pub use inspect::Inspect;
pub use logs::Logs;
pub use mount::Mount;
pub use network::Network;
pub use port::Port;
pub use question::Question;
pub use removed::Removed;
pub use run::Run;
pub use typed::Typed;
pub use volume::Volume;

pub(crate) use inspect::lint_expression;
pub(crate) use target::{CONTAINER, IMAGE, NETWORK, VOLUME};
pub(crate) use target::{OBJECTS, fact_target, target};

use crate::verdict::{Feedback, Finding, Pass};

/// A pass since this event.
fn pass(at: Option<crate::Nanos>) -> Finding {
    Finding::Pass(Pass::since(at))
}

/// A fail; of something that is there, but not as wanted.
fn wrong(expected: impl Into<String>, seen: impl Into<String>, sentence: impl Into<String>) -> Finding {
    Finding::Fail(Feedback::wrong(expected, seen, sentence))
}

/// A fail; nothing of it is there yet.
fn not_begun(expected: impl Into<String>, seen: impl Into<String>) -> Finding {
    Finding::Fail(Feedback::not_begun(expected, seen))
}
