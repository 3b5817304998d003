//! The kinds of check, one a file. The table [`KINDS`] lists all.

mod after;
mod answer;
mod any;
mod check;
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
pub use check::Check;
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

use crate::decode::{Decode, Faults};
use crate::grader::Grader;
use crate::node::Node;
use crate::shape::{Described, Form};
use crate::verdict::{Feedback, Finding, Pass};

/// One kind of check.
pub struct Kind {
    /// Its key in a lab file.
    pub name: &'static str,
    /// What it wants, in a sentence.
    pub about: &'static str,
    /// What stands under the key.
    pub form: Form,
    decode: fn(&Node, &mut Faults) -> Option<Box<dyn Grader>>,
}

/// Reads a check of the kind `G`.
fn read<G: Decode + Grader + 'static>(node: &Node, faults: &mut Faults) -> Option<Box<dyn Grader>> {
    G::decode(node, faults).map(|grader| Box::new(grader) as Box<dyn Grader>)
}

/// A line of the table.
const fn kind<G: Decode + Described + Grader + 'static>(name: &'static str) -> Kind {
    Kind { name, about: G::ABOUT, form: G::FORM, decode: read::<G> }
}

/// Every kind of check: a new one is a file here and a line in this table.
pub static KINDS: &[Kind] = &[
    kind::<Volume>("volume"),
    kind::<Container>("container"),
    kind::<Mount>("mount"),
    kind::<Image>("image"),
    kind::<File>("file"),
    kind::<Exec>("exec"),
    kind::<Run>("run"),
    kind::<Typed>("typed"),
    kind::<Removed>("removed"),
    kind::<Inspect>("inspect"),
    kind::<Answer>("answer"),
    kind::<Question>("question"),
    kind::<Http>("http"),
    kind::<Port>("port"),
    kind::<Network>("network"),
    kind::<Logs>("logs"),
    kind::<Any>("any"),
    kind::<IfSeen>("if_seen"),
];

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
