//! What learners did, as somebody else reads it: gathered from the store, carried in a receipt or a file, joined to a
//! class. Formats belong to `ui::report`.

mod class;
mod csv;
mod gather;
mod line;
mod merge;
mod model;
mod read;
mod receipt;

pub use class::{Class, LabTotals, StepTotals};
pub use csv::csv;
pub use gather::{gather, receipt_of};
pub use line::Line;
pub use merge::{Merged, merge};
pub use model::{Report, Run, SessionId, State, StepRun};
pub use read::{Found, MAX_INPUT, Place, Problem, Reading, read_files, read_text};
pub use receipt::{Receipt, ReceiptError};

#[cfg(test)]
mod tests;
