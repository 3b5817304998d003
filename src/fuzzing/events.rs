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
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut, "in pieces of {size}"),
        // The client's decoder takes a number that is cut behind its sign or point for none; no engine sends such.
        (whole, cut) => assert!(whole.is_err() == cut.is_err() || is_odd(events), "in pieces of {size}: {cut:?}"),
    }
    let mut heard = Heard::default();
    let told = telling(pieces(events, *size));
    let _ = wait(follow(&told, 0, &mut heard));
    if let Ok(entries) = whole {
        assert!(entries.is_sorted_by_key(|entry| entry.at));
        let others = entries.iter().filter(|entry| !entry.is_our_own()).count();
        assert!(heard.moments.len() == others || is_odd(events), "what is followed is what is told");
    }
}

/// Whether there is anything outside texts that no engine sends: a sign, a point, an exponent, or a return.
fn is_odd(events: &[u8]) -> bool {
    let (mut within, mut escaped) = (false, false);
    events.iter().any(|byte| {
        within ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        !within && matches!(byte, b'-' | b'+' | b'.' | b'E' | b'e' | b'\r')
    })
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
