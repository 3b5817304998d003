//! What people and scripts see. Everything is rendered into a `String`; only [`Ui`] writes.

mod author;
mod catalogue;
mod doctor;
pub mod file;
mod handout;
mod images;
pub mod json;
pub mod junit;
pub mod markdown;
mod moving;
mod outcome;
mod page;
pub mod proof;
pub mod report;
mod reset;
mod screen;
mod status;
pub mod streams;
mod task;
mod theme;
mod watched;
mod when;

pub use catalogue::{LabLine, TrackLines};
pub use handout::{Help, handout, track};
pub use images::ImageLine;
pub use page::Page;
pub use screen::{Ui, ended, report_panic};
pub use theme::{Role, Theme};
pub use when::When;
