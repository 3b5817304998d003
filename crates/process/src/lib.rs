//! The process itself: for which user it acts under sudo, what other users may have put in its way, and how it starts
//! itself with another environment.
//!
//! It knows nothing of labs, engines or screens, and every other crate of labrun but `labrun-graders` may use it.

pub mod again;
mod ledger;
pub mod planted;
pub mod sudo;

pub use ledger::Ledger;
