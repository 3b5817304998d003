//! What labrun does: it observes, grades, and records.
//!
//! Here the others meet: the probes of `labrun-docker`, the graders of `labrun-graders`, and `labrun-store`. Sessions,
//! verify, images, doctor and reports are in it. It shows nothing: a caller that wants to see progress passes a listener.

mod at_once;
mod baseline;
mod catchup;
mod changes;
mod compose_files;
pub mod doctor;
mod earlier;
mod environment;
mod error;
mod event;
mod facts;
mod grade;
pub mod images;
mod interrupt;
mod lock;
mod news;
mod ownership;
mod path_users;
mod progress;
mod proof;
mod reached;
mod recall;
mod record;
mod relay;
mod removal;
mod removal_path;
pub mod report;
mod session;
mod solve;
mod untagged;
mod verify;
mod way_back;

pub use baseline::{Images, preflight, taken};
pub use catchup::catch_up;
pub use changes::{Change, Difference, changes};
pub use error::{EngineError, Taken};
pub use event::{CheckReport, Event, Listener, StepReport};
pub use facts::TYPED_UNSEEN;
pub use grade::{Grader, Outcome};
pub use interrupt::asked_to_end;
pub use lock::{MakerLock, RecorderLock};
pub use news::{Novelty, is_deed};
pub use progress::{HelpCount, Progress, StepState};
pub use proof::{LabReport, MistakeReport, StepProof};
pub use record::{Activity, record, recorded};
pub use removal::{Belonging, Holder, Removal, belongings, made, remove};
pub use session::{
    Halt, Met, Session, all_open, begin, by_id, connect_for, connect_to_change, current, current_of, find,
};
pub use solve::{Ran, Solver};
pub use verify::{Ended, Notes, Shell, ToVerify, Unfinished, VerifyOptions, verify_all};
pub use way_back::way_back;
