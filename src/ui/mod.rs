//! What people and scripts see. Everything is rendered into a `String`; only [`Ui`] writes.

pub mod json;
pub mod markdown;
mod proof;
mod screen;
pub mod text;
mod theme;
pub mod visible;

pub use screen::{Ui, report_panic};
pub use text::Page;
pub use theme::{Role, Theme};
