//! The engine's events. However the bytes are cut into pieces, they mean the same, and what follows events as they come
//! hears of each.

use labrun_graders::evidence::Entry;
use labrun_graders::{CannotLook, Nanos};

use super::engine::{Answer, engine, pieces, wait};
use crate::probe::{Engine, Keeper, follow, past};

/// The first byte says how large the pieces are; the rest are the events.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let Some((size, events)) = bytes.split_first() else { return };
    let whole = read(events, pieces(events, u8::MAX));
    let cut = read(events, pieces(events, *size));
    // What is wrong in a number may be found in a part of it, and told so.
    assert_eq!(
        whole.as_ref().map_err(|why| why.obstacle),
        cut.as_ref().map_err(|why| why.obstacle),
        "pieces of {size}"
    );
    let mut heard = Heard::default();
    let told = telling(pieces(events, *size));
    let _ = wait(follow(&told, 0, &mut heard));
    if let Ok(entries) = whole {
        assert!(entries.is_sorted_by_key(|entry| entry.at));
        let others = entries.iter().filter(|entry| !entry.is_our_own()).count();
        assert_eq!(heard.moments.len(), others, "what is followed is what is told");
    }
}

/// An engine that tells these events, and of everything else that it is not there.
fn telling(pieces: Vec<Vec<u8>>) -> Engine {
    engine(move |_, path| {
        path.ends_with("/events")
            .then(|| -> Answer { ("Content-Type: application/json\r\n".to_owned(), pieces.clone()) })
    })
}

fn read(events: &[u8], pieces: Vec<Vec<u8>>) -> Result<Vec<Entry>, CannotLook> {
    let entries = wait(past(&telling(pieces), 0, Nanos::MAX));
    let lines = events.split(|byte| *byte == b'{').count();
    assert!(entries.as_ref().map_or(0, Vec::len) < lines.max(1), "more entries than there are objects");
    entries
}

#[derive(Default)]
struct Heard {
    moments: Vec<Nanos>,
}

impl Keeper for Heard {
    fn heard(&mut self, at: Nanos) {
        self.moments.push(at);
    }

    fn keep(&mut self, _: Entry) {}

    fn waiting(&mut self, _: usize) {}
}
