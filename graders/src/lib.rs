//! Judging: facts in, verdict out.
//!
//! This crate knows what a right state looks like and how to say what is missing. It never looks at anything itself:
//! a [`Grader`] lists what it must know ([`Ask`]), somebody else finds that out, and the grader judges the [`Facts`].
//! So it has no runtime, no Docker client, no database and no terminal, and its tests need no engine.

mod args;
mod arguments;
pub mod decode;
mod diagnose;
pub mod diagnosis;
mod document;
pub mod evidence;
pub mod expression;
pub mod fact;
mod grader;
pub mod invocation;
pub mod kinds;
mod matching;
pub mod name;
mod nanos;
mod near;
pub mod node;
mod own;
pub mod path;
mod prediction;
mod readers;
pub mod reading;
pub mod shape;
pub mod shell;
mod size;
mod trace;
mod verdict;
mod wrappers;
mod writing;

pub use diagnose::{asks_when_wrong, diagnose};
pub use fact::{Ask, Fact, Facts, Nanos, Place, Target};
pub use grader::Grader;
pub use invocation::runs;
pub use kinds::{Check, KINDS, Kind};
pub use near::deed::asks_labrun;
pub use near::spelling::is_slip;
pub use near::undone::undone;
pub use own::Own;
pub use prediction::Prediction;
pub use trace::{Aim, Doubt, Trace};
pub use verdict::{CannotLook, Feedback, Finding, Obstacle, Pass, Verdict, all, any};
