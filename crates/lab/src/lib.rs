//! Labs as data: reading them, finding what is wrong with them, and giving their names a learner's form.
//!
//! Nothing here runs anything or looks at an engine. It stands on `labrun-graders`, which knows the kinds of check.

mod decode;
mod fault;
mod folder;
mod lint;
mod load;
mod model;
mod names;
mod parse;
mod risk;
mod schema;
mod shapes;
mod shipped;
mod snapshot;
mod template;
mod tool;
mod trust;
pub mod visible;
mod yaml;

pub use fault::{Faulty, LabFault};
pub use folder::has_entry;
pub use load::{
    LoadError, Loaded, Next, Source, catalogue, closed, lint_track, load, load_dir, next_in_track, read_text,
};
pub use model::{Lab, Mistake, Owns, Step, Track};
pub use names::{AsName, Names, mentions};
pub use shapes::{File, LAB_FILE, TRACK_FILE};
pub use shipped::provide;
pub use snapshot::Untrustable;
pub use template::new_lab;
pub use tool::Tool;
pub use trust::{Permission, Refused, digest_of};
